package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/leads/figures"
)

const (
	distributors = 50
	sources      = 20
	bulk         = 500 // rows of a statement
	changed      = 2000
)

// filling is a base of a year's leads.
type filling struct {
	d              *db.DB
	zone           *time.Location
	now            time.Time
	random         *rand.Rand
	distributors   []gid.ID
	sources        []gid.ID
	figures, plain *figures.Service
}

// fill makes distributors, sources and the leads of a year, in the order in which they came.
func fill(ctx context.Context, o db.Options, n int) (f *filling, err error) {
	d, err := db.Open(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	ctx = db.Unaudited(auth.AsSystem(ctx, "benchmark"), "a base of a benchmark's own")
	f = &filling{d: d, now: time.Now().UTC().Truncate(time.Microsecond), random: rand.New(rand.NewPCG(1, 2))} // #nosec G404 -- invented leads are to be the same each time
	if f.zone, err = time.LoadLocation("Europe/Moscow"); err != nil {
		return nil, err
	}
	if err := f.parties(ctx); err != nil {
		return nil, err
	}
	for i := 0; i < n; i += bulk {
		rows := db.Rows{Table: lead.Table, Columns: columns}
		for j := i; j < min(i+bulk, n); j++ {
			rows.Values = append(rows.Values, f.lead(j, n))
		}
		if err := db.WithTx(ctx, d, func(tx *db.Tx) error { return tx.Insert(ctx, rows) }); err != nil {
			return nil, err
		}
	}
	return f, f.settle(ctx)
}

// count has figures kept over a base, and counts the same anew each time.
func (f *filling) count(d *db.DB, log *slog.Logger) error {
	same, err := time.LoadLocation("Etc/GMT-3") // the same days under another name: of these no figures are kept
	if err != nil {
		return err
	}
	clock := func() time.Time { return f.now }
	f.d = d
	f.figures = &figures.Service{DB: d, Now: clock, TimeZone: f.zone, Log: log}
	f.plain = &figures.Service{DB: d, Now: clock, TimeZone: same, Log: log}
	return nil
}

// settle lets the base count what it has, as it does by itself after a while.
func (f *filling) settle(ctx context.Context) error {
	statement := "VACUUM ANALYZE"
	if f.d.Dialect() == dialect.SQLite {
		statement = "PRAGMA wal_checkpoint(TRUNCATE)"
	}
	_, err := f.d.ExecContext(ctx, statement)
	return err
}

func (f *filling) parties(ctx context.Context) error {
	for i := range distributors {
		row, err := f.d.Distributor.Create().SetCompanyName(fmt.Sprintf("ООО «Партнёр %02d»", i)).SetCompanyNameFold(fmt.Sprintf("партнёр %02d", i)).
			SetCreatedAt(f.now).SetUpdatedAt(f.now).Save(ctx)
		if err != nil {
			return err
		}
		f.distributors = append(f.distributors, row.ID)
	}
	for i := range sources {
		row, err := f.d.LeadSource.Create().SetName(fmt.Sprintf("Источник %02d", i)).SetKind(leadsource.KindGENERIC).SetKeyHash([]byte{byte(i)}).SetKeyHint("0000").
			SetDuplicateFields([]string{"PHONE"}).SetCreatedAt(f.now).SetUpdatedAt(f.now).Save(ctx)
		if err != nil {
			return err
		}
		f.sources = append(f.sources, row.ID)
	}
	return nil
}

var columns = []string{
	lead.FieldID, lead.FieldReceivedAt, lead.FieldUpdatedAt, lead.FieldSourceID, lead.FieldDistributorID, lead.FieldStatus, lead.FieldOutcome, lead.FieldIsTest,
	lead.FieldBodyHash, lead.FieldFirstName, lead.FieldFirstNameFold, lead.FieldLastName, lead.FieldLastNameFold, lead.FieldDecisionTrace, lead.FieldRestrictedAt,
	lead.FieldSoldOn, lead.FieldPayout, lead.FieldUtmSource, lead.FieldCampaignID, lead.FieldCampaignName, lead.FieldRegion, lead.FieldFunnel,
}

var (
	channels = []string{"vk", "yandex", "telegram", "google"}
	funnels  = []string{"quiz", "spring", "landing"}
	statuses = []lead.Status{lead.StatusSALE, lead.StatusREJECTED, lead.StatusREJECTED, lead.StatusREJECTED, lead.StatusIN_PROGRESS, lead.StatusNEW, lead.StatusDUPLICATE}
)

// lead is the i-th of n: 100 campaigns, 80 regions, one sale in seven some days after.
func (f *filling) lead(i, n int) []any {
	at := f.now.Add(-time.Duration(float64(n-i) / float64(n) * 365 * 24 * float64(time.Hour))).Truncate(time.Microsecond)
	status, campaign := statuses[f.random.IntN(len(statuses))], f.random.IntN(100)
	var whose, restricted, sold any
	payout := int64(0)
	if f.random.IntN(200) > 0 { // else nobody was left to get it
		whose = f.distributors[f.random.IntN(distributors)]
	}
	if f.random.IntN(200) == 0 {
		restricted = at
	}
	if status == lead.StatusSALE {
		day := calendar.DateOf(at.Add(time.Duration(f.random.IntN(20*24))*time.Hour), f.zone)
		if today := calendar.DateOf(f.now, f.zone); day.After(today) {
			day = today
		}
		sold, payout = day, int64(f.random.IntN(500_000))
	}
	return []any{
		gid.New(), at, at, f.sources[f.random.IntN(sources)], whose, string(status), "ACCEPTED", i%1000 == 0,
		[]byte{0}, "Анна", "анна", "Иванова", "иванова", "[]", restricted,
		sold, payout, channels[f.random.IntN(len(channels))], fmt.Sprintf("c%02d", campaign), fmt.Sprintf("Кампания %02d", campaign),
		fmt.Sprintf("Регион %02d", f.random.IntN(80)), funnels[f.random.IntN(len(funnels))],
	}
}

// change has leads of all days change after their figures were made, as people do.
func (f *filling) change(ctx context.Context) error {
	ctx = db.Unaudited(auth.AsSystem(ctx, "benchmark"), "a base of a benchmark's own")
	rows, err := f.d.Lead.Query().Where(lead.StatusEQ(lead.StatusIN_PROGRESS)).Order(lead.ByRegion(), lead.ByID()).Limit(changed).All(ctx)
	if err != nil {
		return err
	}
	return db.WithTx(ctx, f.d, func(tx *db.Tx) error {
		for _, was := range rows {
			is := *was
			is.Status = lead.StatusREJECTED
			if err := tx.Lead.Update().Where(lead.ID(was.ID)).SetStatus(is.Status).Exec(ctx); err != nil {
				return err
			}
			if err := f.figures.Changed(ctx, tx, was, &is); err != nil {
				return err
			}
		}
		return nil
	})
}
