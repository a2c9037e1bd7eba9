package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/bench/bed"
	"channelbook/ent"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/sealed"
	"channelbook/ent/values"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/fold"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

// sample is some of what the base holds, to ask for.
type sample struct {
	distributors []gid.ID
	sources      []gid.ID
	leads        []*ent.Lead
}

const (
	sources    = 20
	bulk       = 500 // rows of a statement
	sampleSize = 2000
)

// fill makes a base of distributors and leads that came over a year, each with its timeline and its line of the intake log.
func fill(ctx context.Context, url string, distributors, leads int) (s *sample, err error) {
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	d, err := db.Open(ctx, db.Options{URL: url, Log: quiet, Unsafe: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return nil, err
	}
	ctx = db.Unaudited(auth.AsSystem(ctx, "benchmark"), "a base of a benchmark's own")
	keys, err := seal.ParseKeys(bed.PersonalDataKeys)
	if err != nil {
		return nil, err
	}
	f := &filling{d: d, keys: keys, random: rand.New(rand.NewPCG(1, 2)), now: time.Now().UTC().Truncate(time.Microsecond), sample: &sample{}} // #nosec G404 -- invented leads are to be the same each time
	if err := f.parties(ctx, distributors); err != nil {
		return nil, err
	}
	for n := 0; n < leads; n += bulk {
		if err := f.leads(ctx, n, min(bulk, leads-n), leads); err != nil {
			return nil, err
		}
	}
	if err := f.traces(ctx); err != nil {
		return nil, err
	}
	return f.sample, nil
}

type filling struct {
	*sample
	d      *db.DB
	keys   seal.Keys
	random *rand.Rand
	now    time.Time
}

func (f *filling) parties(ctx context.Context, distributors int) error {
	for i := range distributors {
		name := fmt.Sprintf("ООО «Партнёр %03d»", i)
		row, err := f.d.Distributor.Create().SetCompanyName(name).SetCompanyNameFold(fold.Name(name)).SetInn(fmt.Sprintf("77%08d", i)).
			SetCreatedAt(f.now).SetUpdatedAt(f.now).Save(ctx)
		if err != nil {
			return err
		}
		f.sample.distributors = append(f.sample.distributors, row.ID)
	}
	for i := range sources {
		row, err := f.d.LeadSource.Create().SetName(fmt.Sprintf("Источник %02d", i)).SetKind(leadsource.KindGENERIC).SetKeyHash([]byte{byte(i)}).SetKeyHint("0000").
			SetDuplicateFields([]string{"PHONE", "EMAIL"}).SetCreatedAt(f.now).SetUpdatedAt(f.now).Save(ctx)
		if err != nil {
			return err
		}
		f.sources = append(f.sources, row.ID)
	}
	return nil
}

var (
	names    = []string{"Анна", "Мария", "Елена", "Ольга", "Иван", "Сергей", "Дмитрий", "Павел"}
	surnames = []string{"Иванова", "Петрова", "Смирнов", "Кузнецов", "Соколова", "Морозов", "Волкова", "Зайцев", "Орлов", "Лебедева", "Новиков", "Фёдорова"}
	channels = []string{"vk", "yandex", "telegram", "google"}
)

// leads writes n leads from the given one on, in the order in which they came.
func (f *filling) leads(ctx context.Context, from, n, all int) error {
	rows := make([]*ent.LeadCreate, n)
	for i := range rows {
		rows[i] = f.lead(from+i, all)
	}
	saved, err := f.d.Lead.CreateBulk(rows...).Save(ctx)
	if err != nil {
		return err
	}
	if every := max(1, all/sampleSize/bulk); from/bulk%every == 0 {
		f.sample.leads = append(f.sample.leads, saved[:max(1, min(n, sampleSize*bulk/all))]...)
	}
	return nil
}

func (f *filling) lead(i, all int) *ent.LeadCreate {
	at := f.now.Add(-365 * 24 * time.Hour).Add(time.Duration(float64(i) / float64(all) * 365 * 24 * float64(time.Hour))).Truncate(time.Microsecond)
	surname, name := surnames[f.random.IntN(len(surnames))]+fmt.Sprint(f.random.IntN(3000)), names[f.random.IntN(len(names))]
	phone := fmt.Sprintf("+79%09d", i)
	email := fmt.Sprintf("lead%d@example.ru", i)
	id := gid.New()
	create := f.d.Lead.Create().SetID(id).SetReceivedAt(at).SetUpdatedAt(at).SetSourceID(f.sources[f.random.IntN(sources)]).
		SetOutcome(lead.OutcomeACCEPTED).SetLegalBasis(lead.LegalBasisCONTRACT).SetIsTest(i%1000 == 0).SetExternalID(fmt.Sprintf("ext-%d", i)).SetBodyHash([]byte{0}).
		SetFirstName(name).SetFirstNameFold(fold.Name(name)).SetLastName(surname).SetLastNameFold(fold.Name(surname)).
		SetPhoneSealed(sealed.LeadPhone.Seal(f.keys, id, phone)).SetPhoneIndex(sealed.LeadPhoneIndex.Of(f.keys, phone)).
		SetPhoneLast4Index(sealed.LeadPhoneLast4Index.Of(f.keys, phone)).
		SetEmailSealed(sealed.LeadEmail.Seal(f.keys, id, email)).SetEmailIndex(sealed.LeadEmailIndex.Of(f.keys, email)).SetIP(fmt.Sprintf("203.0.%d.%d", i/256%256, i%256)).
		SetDecisionTrace([]values.Check{{Step: "HAND_OUT", Outcome: "ASSIGNED", Rule: "round robin"}}).SetFunnel("quiz").
		SetUtmSource(channels[f.random.IntN(len(channels))]).SetUtmMedium("cpc").SetUtmCampaign(fmt.Sprintf("c%d", f.random.IntN(100))).
		SetCampaignName(fmt.Sprintf("Кампания %d", f.random.IntN(100))).SetRegion(fmt.Sprintf("Регион %d", f.random.IntN(80))).SetDeviceType("mobile").
		SetSubIds([]string{fmt.Sprintf("s%d", f.random.IntN(500))})
	if f.random.IntN(200) == 0 {
		return create.SetStatus(lead.StatusNEW) // nobody was left to get it
	}
	create.SetDistributorID(f.sample.distributors[f.random.IntN(len(f.sample.distributors))]).SetAssignedAt(at)
	switch chance := f.random.IntN(100); {
	case chance < 15:
		day := calendar.DateOf(at, time.UTC)
		return create.SetStatus(lead.StatusSALE).SetSoldOn(&day).SetPayout(int64(f.random.IntN(500_000))).SetSaleAmount(10_000_000)
	case chance < 60:
		return create.SetStatus(lead.StatusREJECTED)
	case chance < 80:
		return create.SetStatus(lead.StatusIN_PROGRESS)
	}
	return create.SetStatus(lead.StatusNEW)
}

// traces writes two lines of each lead's timeline and one of the intake log, by the base itself, and lets it count what
// it then has, as it does by itself after a while.
func (f *filling) traces(ctx context.Context) error {
	id, rest := "gen_random_uuid()", []string{"VACUUM ANALYZE"}
	if f.d.Dialect() == dialect.SQLite {
		id = "lower(printf('%s-%s-4%s-8%s-%s', hex(randomblob(4)), hex(randomblob(2)), substr(hex(randomblob(2)), 2), substr(hex(randomblob(2)), 2), hex(randomblob(6))))"
		rest = []string{"PRAGMA wal_checkpoint(TRUNCATE)"}
	}
	event := func(kind string) string {
		return "INSERT INTO lead_events (id, lead_id, at, kind, distributor_id, text) SELECT " + id + ", id, received_at, '" + kind + "', distributor_id, 'Заявка' FROM leads"
	}
	for _, statement := range append([]string{
		event("RECEIVED"), event("ASSIGNED"),
		"INSERT INTO intake_attempts (id, received_at, source_id, lead_id, outcome, http_status, remote_address, request_id) SELECT " + id +
			", received_at, source_id, id, 'ACCEPTED', 201, '203.0.113.7', 'benchmark' FROM leads",
	}, rest...) {
		if _, err := f.d.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%.40s…: %w", statement, err)
		}
	}
	return nil
}
