package preferences

import (
	"slices"
	"time"

	"channelbook/ent/notice"
	"channelbook/notify/channel"
)

// What holds for whoever has said nothing else. There are no quiet hours then, and the time zone is the business's.
const (
	DefaultDigest        = 15 * time.Minute
	DefaultFallbackAfter = 30 * time.Minute
)

// Channels are all ways, in the order in which a person is reached who has said nothing else.
var Channels = []string{channel.Web, channel.Email, channel.WhatsApp}

// catalogue is what holds of each kind by the channels that leave the house, in the order in which people see the kinds. What
// somebody has to act on, or should know of soon, goes after those who have not read it; the rest can wait in the feed, where
// everything comes.
var catalogue = []struct {
	kind    notice.Kind
	outside Mode
}{
	{notice.KindLEAD_ASSIGNED, Fallback},
	{notice.KindLEAD_WITHDRAWN, Fallback},
	{notice.KindLEAD_TAKEN, Never},
	{notice.KindLEAD_DECLINED, Fallback},
	{notice.KindLEAD_UNASSIGNED, Fallback},
	{notice.KindLEAD_RESTRICTED, Fallback},
	{notice.KindSALE_REGISTERED, Never},
	{notice.KindSALE_REVERSED, Never},
	{notice.KindGOAL_SET, Fallback},
	{notice.KindGOAL_REMOVED, Never},
	{notice.KindGOAL_MILESTONE, Never},
	{notice.KindPERIOD_CLOSED, Fallback},
	{notice.KindPERIOD_REOPENED, Fallback},
	{notice.KindSTATEMENT_DRAWN_UP, Fallback},
	{notice.KindSTATEMENT_APPROVED, Fallback},
	{notice.KindSTATEMENT_PAID, Fallback},
	{notice.KindMESSAGE, Fallback},
	{notice.KindCHANNEL_STOPPED, Fallback},
	{notice.KindCHANNEL_RESUMED, Never},
	{notice.KindWEBHOOK_STOPPED, Fallback},
	{notice.KindREPORT_READY, Never},
	{notice.KindREPORT_FAILED, Never},
}

// Kinds are all kinds of notices, in the order in which people see them.
func Kinds() []string {
	kinds := make([]string, len(catalogue))
	for i, of := range catalogue {
		kinds[i] = of.kind.String()
	}
	return kinds
}

// Default is what holds of a kind by a channel where a person has said nothing.
func Default(kind, by string) Mode {
	if by == channel.Web {
		return Always
	}
	for _, of := range catalogue {
		if of.kind.String() == kind && slices.Contains(channel.Outside, by) {
			return of.outside
		}
	}
	return Never
}
