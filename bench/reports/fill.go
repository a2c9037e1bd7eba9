package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"entgo.io/ent/dialect"

	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/gid"
	"channelbook/internal/seal"
)

const (
	distributors = 50
	sources      = 20
	bulk         = 500 // rows of a statement
	zoneName     = "Europe/Moscow"
)

// newest is when the last lead came in; before it one came every minute.
func newest() time.Time { return time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC) }

// received is when the i-th lead from the end, -1 being the last, came in.
func received(i int) time.Time { return newest().Add(time.Duration(i+1) * time.Minute) }

// keys are those under which the invented contacts are sealed.
func keys() seal.Keys {
	k, err := seal.ParseKeys("bench:" + strings.Repeat("0", 64))
	if err != nil {
		panic(err) // a constant
	}
	return k
}

// filling is a base that is being filled.
type filling struct {
	d                     *db.DB
	zone                  *time.Location
	random                *rand.Rand
	keys                  seal.Keys
	distributors, sources []gid.ID
}

// fill makes distributors, sources and leads, in the order in which they came.
func fill(ctx context.Context, o db.Options, n int) (err error) {
	d, err := db.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	ctx = db.Unaudited(auth.AsSystem(ctx, "benchmark"), "a base of a benchmark's own")
	f := &filling{d: d, keys: keys(), random: rand.New(rand.NewPCG(1, 2))} // #nosec G404 -- invented leads are to be the same each time
	if f.zone, err = time.LoadLocation(zoneName); err != nil {
		return err
	}
	if err := f.parties(ctx); err != nil {
		return err
	}
	for i := 0; i < n; i += bulk {
		rows := db.Rows{Table: lead.Table, Columns: columns}
		for j := i; j < min(i+bulk, n); j++ {
			rows.Values = append(rows.Values, f.lead(j-n))
		}
		if err := db.WithTx(ctx, d, func(tx *db.Tx) error { return tx.Insert(ctx, rows) }); err != nil {
			return err
		}
	}
	settle := "VACUUM ANALYZE"
	if d.Dialect() == dialect.SQLite {
		settle = "PRAGMA wal_checkpoint(TRUNCATE)"
	}
	_, err = d.ExecContext(ctx, settle)
	return err
}

func (f *filling) parties(ctx context.Context) error {
	for i := range distributors {
		row, err := f.d.Distributor.Create().SetCompanyName(fmt.Sprintf("ООО «Партнёр %02d»", i+1)).SetCompanyNameFold(fmt.Sprintf("партнёр %02d", i+1)).
			SetCreatedAt(newest()).SetUpdatedAt(newest()).Save(ctx)
		if err != nil {
			return err
		}
		f.distributors = append(f.distributors, row.ID)
	}
	for i := range sources {
		row, err := f.d.LeadSource.Create().SetName(fmt.Sprintf("Источник %02d", i+1)).SetKind(leadsource.KindGENERIC).SetKeyHash([]byte{byte(i)}).SetKeyHint("0000").
			SetDuplicateFields([]string{"PHONE"}).SetCreatedAt(newest()).SetUpdatedAt(newest()).Save(ctx)
		if err != nil {
			return err
		}
		f.sources = append(f.sources, row.ID)
	}
	return nil
}

var columns = []string{
	lead.FieldID, lead.FieldReceivedAt, lead.FieldUpdatedAt, lead.FieldSourceID, lead.FieldDistributorID, lead.FieldStatus, lead.FieldOutcome, lead.FieldIsTest, lead.FieldExternalID,
	lead.FieldBodyHash, lead.FieldFirstName, lead.FieldFirstNameFold, lead.FieldLastName, lead.FieldLastNameFold, lead.FieldPhoneSealed, lead.FieldEmailSealed, lead.FieldIP,
	lead.FieldDecisionTrace, lead.FieldConsent, lead.FieldLegalBasis, lead.FieldAssignedAt, lead.FieldTakenAt, lead.FieldClosedAt, lead.FieldSoldOn, lead.FieldPayout, lead.FieldSaleAmount,
	lead.FieldFunnel, lead.FieldSubid, lead.FieldUtmSource, lead.FieldUtmMedium, lead.FieldUtmCampaign, lead.FieldUtmTerm, lead.FieldCampaignID, lead.FieldCampaignName, lead.FieldBannerID,
	lead.FieldAdvertiserID, lead.FieldRegion, lead.FieldGender, lead.FieldAge, lead.FieldRandom, lead.FieldImpressionWeekday, lead.FieldImpressionHour, lead.FieldUserTimezone,
	lead.FieldPlacement, lead.FieldDeviceType, lead.FieldPosition, lead.FieldSubIds,
}

var (
	statuses  = []lead.Status{lead.StatusSALE, lead.StatusREJECTED, lead.StatusREJECTED, lead.StatusREJECTED, lead.StatusIN_PROGRESS, lead.StatusNEW, lead.StatusDUPLICATE}
	firsts    = []string{"Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор"}
	lasts     = []string{"Смирнова", "Кузнецов", "Попова", "Соколов", "Лебедева", "Козлов"}
	channels  = []string{"vk", "yandex", "telegram", "google"}
	regions   = []string{"Москва", "Санкт-Петербург", "Казань", "Новосибирск", "Екатеринбург", "Тверская область"}
	weekdays  = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	devices   = []string{"mobile", "desktop", "tablet"}
	brackets  = []string{"18-24", "25-34", "35-44", "45-54"}
	distances = []float64{0.28, 0.21, 0.14, 0.1, 0.07, 0.05, 0.04} // the shares of the first distributors and sources
)

// weighted is one of n, the first ones more often.
func (f *filling) weighted(n int) int {
	at := f.random.Float64()
	for i, share := range distances {
		if at -= share; at < 0 {
			return i
		}
	}
	return f.random.IntN(n)
}

func (f *filling) some(values []string) string { return values[f.random.IntN(len(values))] }

// lead is the i-th from the end, with all that a lead may have.
func (f *filling) lead(i int) []any {
	id, at := gid.New(), received(i)
	status, campaign := statuses[f.random.IntN(len(statuses))], f.random.IntN(100)
	first, last := f.some(firsts), f.some(lasts)
	outcome := lead.OutcomeACCEPTED
	var whose, assigned, taken, closed, sold, amount any
	payout := int64(0)
	if status == lead.StatusDUPLICATE {
		outcome = lead.OutcomeDUPLICATE
	} else {
		whose, assigned = f.distributors[f.weighted(distributors)], at.Add(time.Second)
	}
	if status != lead.StatusNEW && status != lead.StatusDUPLICATE {
		taken = at.Add(time.Hour)
	}
	if status == lead.StatusSALE || status == lead.StatusREJECTED {
		closed = at.Add(30 * time.Hour)
	}
	if status == lead.StatusSALE {
		sold, payout, amount = calendar.DateOf(at.Add(30*time.Hour), f.zone), int64(50_000+f.random.IntN(500_000)), int64(1_000_000+f.random.IntN(9_000_000))
	}
	given, err := json.Marshal(map[string]string{"purpose": "lead", "textVersion": "2026-09", "givenAt": at.Format(time.RFC3339)})
	if err != nil {
		panic(err) // of texts
	}
	return []any{
		id, at, at, f.sources[f.weighted(sources)], whose, string(status), string(outcome), i%1000 == 0, fmt.Sprintf("ext-%08d", -i),
		[]byte{0}, first, strings.ToLower(first), last, strings.ToLower(last),
		sealed.LeadPhone.Seal(f.keys, id, fmt.Sprintf("+7912%07d", -i)), sealed.LeadEmail.Seal(f.keys, id, fmt.Sprintf("lead%d@example.ru", -i)), fmt.Sprintf("203.0.113.%d", f.random.IntN(256)),
		"[]", string(given), string(lead.LegalBasisCONSENT), assigned, taken, closed, sold, payout, amount,
		"quiz", fmt.Sprintf("click-%d", -i), f.some(channels), "cpc", "осень", "окна купить", fmt.Sprintf("c%02d", campaign), fmt.Sprintf("Кампания %02d", campaign), fmt.Sprintf("b%d", f.random.IntN(1000)),
		"a1", f.some(regions), "ж", f.some(brackets), fmt.Sprint(f.random.IntN(1_000_000)), f.some(weekdays), fmt.Sprint(f.random.IntN(24)), zoneName,
		"feed", f.some(devices), fmt.Sprint(1 + f.random.IntN(5)), `["один","два","три"]`,
	}
}
