package whatsapp

import (
	"net/http"
	"strconv"
	"time"

	"channelbook/notify/channel"
)

// pairPause is at least how long a recipient gets nothing after too much (code 131056).
const pairPause = 6 * time.Second

// meaning is the class of a code, and the code in words for where Meta has none that may be kept.
type meaning struct {
	class channel.Class
	words string
}

// codes are Meta's. What a failure means is decided by them, and not by the status of HTTP, a title or a sub-code.
var codes = map[int]meaning{
	1: {channel.Passing, "unknown error"}, 2: {channel.Passing, "the service is away"}, 4: {channel.Passing, "too many calls of the app"},
	80007: {channel.Passing, "too many calls of the account"}, 130429: {channel.Passing, "too many messages of the number"},
	131000: {channel.Passing, "something went wrong"}, 131016: {channel.Passing, "the service is away"},
	131057: {channel.Passing, "the account is in maintenance"}, 133016: {channel.Passing, "too many registrations of the number"},

	131056: {channel.Crowded, "too many messages to this recipient"},

	131048: {channel.Held, "the number is held for spam"}, 131064: {channel.Held, "the number is held for the quality of its messages"},
	132015: {channel.TemplateHeld, "the template is paused"},

	131049: {channel.NotToday, "this recipient gets no more of such messages today"}, 130472: {channel.NotToday, "this recipient is part of an experiment"},

	131026: {channel.Unreachable, "the recipient cannot get it"}, 131030: {channel.Unreachable, "the recipient is not on the list of those allowed"},
	131021: {channel.Unreachable, "the recipient is the sender"}, 131047: {channel.Unreachable, "more than a day since the recipient has written"},
	131050: {channel.Unwanted, "the recipient wants no such messages"},

	100: {channel.Unfit, "a parameter is wrong"}, 131008: {channel.Unfit, "a parameter is missing"}, 131009: {channel.Unfit, "a parameter's value is wrong"},
	131051: {channel.Unfit, "the type of message is not supported"}, 131053: {channel.Unfit, "the media cannot be used"},
	132000: {channel.Unfit, "the template has another number of parameters"}, 132001: {channel.Unfit, "there is no such template in this language"},
	132005: {channel.Unfit, "the text is too long"}, 132007: {channel.Unfit, "the template breaks a policy"}, 132008: {channel.Unfit, "a value does not fit the template"},
	132012: {channel.Unfit, "a parameter's format does not fit the template"}, 132016: {channel.Unfit, "the template is disabled"},

	0: {channel.Refused, "the sign-in failed"}, 3: {channel.Refused, "the app may not do that"}, 10: {channel.Refused, "the permission is missing"},
	190: {channel.Refused, "the token is no longer valid"}, 33: {channel.Refused, "there is no such number"}, 368: {channel.Refused, "the account is blocked"},
	131005: {channel.Refused, "access is denied"}, 131031: {channel.Refused, "the account is locked"}, 131037: {channel.Refused, "the number has no display name that is approved"},
	131042: {channel.Refused, "something is wrong with the payment"}, 131045: {channel.Refused, "the number is not registered"},
	130497: {channel.Refused, "the account may not send to this country"},
}

// ofCode is what a code means; false for one that is not known.
func ofCode(code int) (meaning, bool) {
	if code >= 200 && code <= 299 {
		return meaning{channel.Refused, "a permission is missing"}, true
	}
	m, known := codes[code]
	return m, known
}

// failureOf is the failure of a code that was told with a status; one that is not known is for a person to look at.
func failureOf(code int) *channel.Failure {
	m, known := ofCode(code)
	if !known {
		m = meaning{channel.Unfit, "a code that is not known"}
	}
	f := &channel.Failure{Class: m.class, Code: strconv.Itoa(code), Text: m.words}
	if m.class == channel.Crowded {
		f.After = pairPause
	}
	return f
}

// ofStatus is the class of an answer whose code is not known or that has none.
func ofStatus(status int) channel.Class {
	switch {
	case status == http.StatusGatewayTimeout:
		return channel.Unclear
	case status >= 500, status == http.StatusTooManyRequests, status == http.StatusRequestTimeout:
		return channel.Passing
	}
	return channel.Unfit
}
