package notify

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"channelbook/internal/db"
	"channelbook/internal/fault"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// ways checks the channels that a message is to go by, and whether they may carry its texts. By the channels that its recipients have
// chosen it goes without what may not be carried; where the sender has chosen them the sender is told.
func (s *Service) ways(ctx context.Context, tx *db.Tx, p Post) error {
	outside := slices.ContainsFunc(p.Channels, func(name string) bool { return name != channel.Web })
	if !outside {
		return nil
	}
	register, err := processors.Read(ctx, tx.Channel)
	if err != nil {
		return err
	}
	var wrong faults
	refused := map[string]bool{} // fields
	for i, name := range p.Channels {
		field := fmt.Sprintf("channels[%d]", i)
		switch {
		case name == channel.Web:
		case !slices.Contains(s.Channels, name):
			wrong.add(fault.Coded(fault.Conflict, "CHANNEL_NOT_SET_UP", field, "This server sends nothing by "+name+"."))
		case !register[name].Enabled:
			wrong.add(fault.Coded(fault.Conflict, "CHANNEL_OFF", field, "Nothing is sent by "+name+" now: it is switched off in the register of processors."))
		default:
			for _, at := range p.heldBack(register[name]) {
				refused[at] = true
			}
		}
	}
	for _, field := range []string{"title", "text", "url"} {
		if refused[field] {
			wrong.add(fault.Coded(fault.Conflict, "PERSONAL_DATA", field, "This holds a phone or an e-mail address, which a channel that is named may not carry."))
		}
	}
	return wrong.join()
}

// heldBack are the fields of a message that hold what a channel may not carry.
func (p Post) heldBack(by processors.Entry) (fields []string) {
	forbidden := func(text string) bool {
		return slices.ContainsFunc(processors.Holds(text), func(d processors.Data) bool { return !by.Allows(d) })
	}
	address := p.URL
	if plain, err := url.QueryUnescape(address); err == nil { // such as anna%40example.ru
		address += "\n" + plain
	}
	for field, text := range map[string]string{"title": p.Title, "text": p.Text, "url": address} {
		if forbidden(text) {
			fields = append(fields, field)
		}
	}
	return fields
}
