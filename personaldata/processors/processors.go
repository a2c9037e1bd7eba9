// Package processors is the register of those who carry messages for us, and with them personal data (152-FZ art. 6 p. 3): who they
// are, in which country, which data may be sent to them, and whether any is sent at all. A channel that is switched off makes no
// call.
package processors

import (
	"context"
	"fmt"
	"slices"
	"time"

	"channelbook/ent"
	"channelbook/internal/db"
)

// Data is a category of personal data.
type Data string

// The categories that a message may hold, or its address may be.
const (
	ClientName   Data = "CLIENT_NAME"
	ClientEmail  Data = "CLIENT_EMAIL"
	ClientPhone  Data = "CLIENT_PHONE"
	EmployeeName Data = "EMPLOYEE_NAME" // of users
)

// Entry is what the register says of a channel.
type Entry struct {
	Channel   string // EMAIL or WHATSAPP
	Enabled   bool
	Processor string // the legal entity
	Country   string
	Data      []Data
}

// Allows tells whether data of a category may be sent.
func (e Entry) Allows(d Data) bool { return slices.Contains(e.Data, d) }

// entries are what holds where nobody has said otherwise: e-mail is on, as soon as it is set up, and WhatsApp is off: it is a
// transfer abroad (152-FZ art. 12). Neither may carry data of clients.
var entries = map[string]Entry{
	"EMAIL":    {Channel: "EMAIL", Enabled: true},
	"WHATSAPP": {Channel: "WHATSAPP", Processor: "Meta Platforms, Inc.", Country: "US"},
}

// Register is all entries by their channels.
type Register map[string]Entry

// Read reads the register, by the system.
func Read(ctx context.Context, from *ent.ChannelClient) (Register, error) {
	rows, err := from.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the register of processors: %w", err)
	}
	r := make(Register, len(entries))
	for name, e := range entries {
		r[name] = e
	}
	for _, row := range rows {
		e := Entry{Channel: row.Channel.String(), Enabled: row.Enabled, Processor: row.Processor, Country: row.Country}
		for _, d := range row.PersonalData {
			e.Data = append(e.Data, Data(d))
		}
		r[e.Channel] = e
	}
	return r, nil
}

// Service keeps the register. DB and Now are required.
type Service struct {
	DB  *db.DB
	Now func() time.Time
	// SetUp are the channels that this server can send by.
	SetUp []string
}
