package templates

import (
	"time"

	"channelbook/ent"
	"channelbook/ent/goal"
	"channelbook/ent/goalmilestone"
	"channelbook/ent/notice"
	"channelbook/internal/calendar"
	"channelbook/internal/gid"
	"channelbook/notify"
	"channelbook/notify/channel"
	"channelbook/personaldata/processors"
)

// sampleFacts are made up: what a preview and a test message of a kind tell.
func (s *Service) sampleFacts(kind string, by processors.Entry) facts {
	f := facts{company: "ООО «Пример»", recipient: "Ольга", client: "Мария"}
	f.distributor.name, f.distributor.phone = "ООО «Дистрибьютор»", "+74955550100"
	f.distributor.email, f.distributor.website = "info@distributor.example", "https://distributor.example/"
	if of, known := samples[notice.Kind(kind)]; known {
		e := of(s.TimeZone)
		f.notices = []told{s.told(&ent.Notice{Title: e.Title, Text: e.Text, URL: e.URL, At: sampleAt}, by)}
	}
	return f
}

// The moment and the things that samples tell of.
var (
	sampleAt     = time.Date(2026, time.November, 26, 9, 0, 0, 0, time.UTC)
	sampleID     = gid.ID{0x01, 0x93, 0x66, 0xb2, 0x5c, 0x00, 0x70, 0x00, 0x80}
	sampleDay    = calendar.DateOf(sampleAt, time.UTC)
	sampleMonth  = calendar.Period{Kind: calendar.Month, StartsOn: calendar.DateOf(sampleAt.AddDate(0, 0, -25), time.UTC)}
	sampleTarget = notify.Target{Goal: sampleID, Period: sampleMonth, Metric: goal.MetricPAYOUT, To: 5_000_000}
)

const (
	sampleCompany = "ООО «Дистрибьютор»"
	samplePayout  = 1_234_560 // kopecks
)

func sampleLead(zone *time.Location) notify.Lead {
	return notify.Lead{ID: sampleID, ReceivedAt: sampleAt.In(zone)}
}

// samples are an event of each kind, as its cause would tell it.
var samples = map[notice.Kind]func(zone *time.Location) notify.Event{
	notice.KindLEAD_ASSIGNED:  func(z *time.Location) notify.Event { return notify.LeadAssigned(sampleLead(z)) },
	notice.KindLEAD_WITHDRAWN: func(z *time.Location) notify.Event { return notify.LeadWithdrawn(sampleLead(z)) },
	notice.KindLEAD_TAKEN:     func(z *time.Location) notify.Event { return notify.LeadTaken(sampleLead(z)) },
	notice.KindLEAD_DECLINED: func(z *time.Location) notify.Event {
		return notify.LeadDeclinedBy(sampleCompany, sampleLead(z), true, "")
	},
	notice.KindLEAD_UNASSIGNED: func(z *time.Location) notify.Event { return notify.LeadUnassigned(sampleLead(z)) },
	notice.KindLEAD_RESTRICTED: func(z *time.Location) notify.Event { return notify.LeadRestricted(sampleLead(z)) },
	notice.KindSALE_REGISTERED: func(z *time.Location) notify.Event {
		return notify.SaleRegistered(sampleLead(z), sampleDay, samplePayout)
	},
	notice.KindSALE_REVERSED: func(z *time.Location) notify.Event {
		return notify.SaleReversed(sampleLead(z), sampleDay, samplePayout)
	},
	notice.KindGOAL_SET:     func(*time.Location) notify.Event { return notify.GoalsSet([]notify.Target{sampleTarget}) },
	notice.KindGOAL_REMOVED: func(*time.Location) notify.Event { return notify.GoalRemoved(sampleTarget) },
	notice.KindGOAL_MILESTONE: func(*time.Location) notify.Event {
		return notify.GoalMilestone(notify.Milestone{Goal: sampleID, Period: sampleMonth, Metric: goal.MetricPAYOUT, Kind: goalmilestone.MilestoneHALF, Target: 5_000_000, Actual: 2_500_000})
	},
	notice.KindPERIOD_CLOSED:   func(*time.Location) notify.Event { return notify.PeriodClosed(sampleMonth) },
	notice.KindPERIOD_REOPENED: func(*time.Location) notify.Event { return notify.PeriodReopened(sampleMonth) },
	notice.KindSTATEMENT_DRAWN_UP: func(*time.Location) notify.Event {
		return notify.StatementDrawnUp(sampleID, sampleCompany, sampleMonth, samplePayout)
	},
	notice.KindSTATEMENT_APPROVED: func(*time.Location) notify.Event {
		return notify.StatementApproved(sampleID, sampleMonth, samplePayout)
	},
	notice.KindSTATEMENT_PAID: func(*time.Location) notify.Event {
		return notify.StatementPaid(sampleID, sampleMonth, samplePayout, sampleDay, "№ 17")
	},
	notice.KindMESSAGE: func(*time.Location) notify.Event {
		return notify.Message("Встреча в пятницу", "Собираемся в 15:00.\nПовестка — по ссылке.", "/notifications")
	},
	notice.KindCHANNEL_STOPPED: func(z *time.Location) notify.Event {
		return notify.ChannelStopped(channel.Email, "401", sampleAt.Add(time.Hour).In(z))
	},
	notice.KindCHANNEL_RESUMED: func(*time.Location) notify.Event { return notify.ChannelResumed(channel.Email) },
	notice.KindWEBHOOK_STOPPED: func(*time.Location) notify.Event {
		return notify.WebhookStopped(sampleID, "CRM", 20)
	},
	notice.KindREPORT_READY: func(z *time.Location) notify.Event {
		return notify.ReportReady(sampleID, "Лиды за "+sampleMonth.Name(), sampleAt.Add(7*24*time.Hour).In(z))
	},
	notice.KindREPORT_FAILED: func(*time.Location) notify.Event {
		return notify.ReportFailed(sampleID, "Лиды за "+sampleMonth.Name(), "На нашей стороне произошла ошибка. Запросите отчёт ещё раз.")
	},
}
