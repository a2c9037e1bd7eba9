package distributors_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"channelbook/distributors"
	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/sealed"
	"channelbook/internal/auth"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/fault"
	"channelbook/internal/gid"
)

var admin = auth.With(context.Background(), auth.Viewer{Role: auth.Admin, UserID: gid.New()})

const clock, later = "2026-03-01T09:00:00Z", "2026-03-02T10:00:00Z"

func service(d *db.DB) *distributors.Service {
	return &distributors.Service{DB: d, Now: dbtest.Clock(clock), TimeZone: time.UTC, Keys: dbtest.Keys()}
}

func day(t *testing.T, s string) *calendar.Date {
	t.Helper()
	d, err := calendar.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// whole is a company with every field, each as people write it.
func whole(t *testing.T) distributors.Input {
	return distributors.Input{
		CompanyName: "  ООО «Ёлка»  Плюс ", INN: " 7707083893 ", KPP: "773601001", OGRN: "1027700132195",
		LegalAddress: "117312, Москва, ул. Вавилова, 19", Email: "Sales@Пример.РФ", Phone: "8 (912) 345-67-89",
		Website: "https://example.ru/о-нас?x=1", Description: "Первая строка\r\n\tвторая", Region: "Москва",
		ContractNumber: "№ 12/3", ContractSignedOn: day(t, "2025-12-31"),
		BankDetails: distributors.BankDetails{
			BankName: "ПАО Сбербанк", Account: "40702810438000060473", CorrespondentAccount: "30101810400000000225", BIK: "044525225",
		},
	}
}

func create(t *testing.T, s *distributors.Service) *ent.Distributor {
	t.Helper()
	row, err := s.Create(admin, whole(t))
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	return row
}

func read(t *testing.T, s *distributors.Service, id gid.ID) *ent.Distributor {
	t.Helper()
	row, err := s.DB.Distributor.Get(admin, id)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	return row
}

// texts are all texts of a company, by column.
func texts(t *testing.T, row *ent.Distributor) map[string]string {
	m := map[string]string{
		"company_name": row.CompanyName, "company_name_fold": row.CompanyNameFold, "status": row.Status.String(),
		"inn": row.Inn, "kpp": row.Kpp, "ogrn": row.Ogrn, "legal_address": row.LegalAddress,
		"email":   dbtest.Opened(t, sealed.DistributorEmail, row.ID, row.EmailSealed),
		"phone":   dbtest.Opened(t, sealed.DistributorPhone, row.ID, row.PhoneSealed),
		"website": row.Website, "description": row.Description,
		"region": row.Region, "contract_number": row.ContractNumber, "contract_signed_on": "",
		"bank_name": row.BankName, "bank_account": row.BankAccount,
		"bank_correspondent_account": row.BankCorrespondentAccount, "bank_bik": row.BankBik,
	}
	if row.ContractSignedOn != nil {
		m["contract_signed_on"] = row.ContractSignedOn.String()
	}
	return m
}

var wholeTexts = map[string]string{
	"company_name": "ООО «Ёлка»  Плюс", "company_name_fold": "ооо «елка» плюс", "status": "ACTIVE",
	"inn": "7707083893", "kpp": "773601001", "ogrn": "1027700132195", "legal_address": "117312, Москва, ул. Вавилова, 19",
	"email": "sales@пример.рф", "phone": "+79123456789", "website": "https://example.ru/о-нас?x=1",
	"description": "Первая строка\n\tвторая", "region": "Москва", "contract_number": "№ 12/3", "contract_signed_on": "2025-12-31",
	"bank_name": "ПАО Сбербанк", "bank_account": "40702810438000060473",
	"bank_correspondent_account": "30101810400000000225", "bank_bik": "044525225",
}

func compare(t *testing.T, what string, got, want map[string]string) {
	t.Helper()
	for column, w := range want {
		if got[column] != w {
			t.Errorf("%s: %s: got %q, want %q", what, column, got[column], w)
		}
	}
}

// found are the faults of err, each as "KIND CODE field", in order.
func found(err error) []string {
	faults, ok := fault.All(err)
	if !ok {
		return []string{"no faults: " + errorText(err)}
	}
	var list []string
	for _, f := range faults {
		list = append(list, string(f.Kind)+" "+f.Code+" "+f.Field)
	}
	slices.Sort(list)
	return list
}

func errorText(err error) string {
	if err == nil {
		return "nil"
	}
	return err.Error()
}

func wantFaults(t *testing.T, what string, err error, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := found(err); !slices.Equal(got, want) {
		t.Errorf("%s: got\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestCreate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		t.Run("every field is stored in its normal form", func(t *testing.T) {
			row := create(t, s)
			compare(t, "returned", texts(t, row), wholeTexts)
			row = read(t, s, row.ID)
			compare(t, "stored", texts(t, row), wholeTexts)
			if now := s.Now(); !row.CreatedAt.Equal(now) || !row.UpdatedAt.Equal(now) {
				t.Errorf("got created %s, updated %s, want %s", row.CreatedAt, row.UpdatedAt, now)
			}
		})
		t.Run("a name is enough", func(t *testing.T) {
			row, err := s.Create(admin, distributors.Input{CompanyName: "ИП Иванов", INN: "  "})
			if err != nil {
				t.Fatalf("got %v, want a distributor", err)
			}
			if n, err := d.Distributor.Query().Where(distributor.ID(row.ID), distributor.InnIsNil(), distributor.EmailSealedIsNil(),
				distributor.BankBikIsNil(), distributor.ContractSignedOnIsNil()).Count(admin); n != 1 || err != nil {
				t.Errorf("got %d rows, %v, want one without the rest", n, err)
			}
		})
		t.Run("all faults come at once", func(t *testing.T) {
			_, err := s.Create(admin, distributors.Input{
				INN: "12345", KPP: "12345678a", OGRN: "10277001321951", LegalAddress: strings.Repeat("ы", 501),
				Email: "anna", Phone: "112", Website: "javascript:alert(1)", Description: "a\x00b", Region: "a\nb",
				ContractNumber: "\xff", BankDetails: distributors.BankDetails{
					BankName: strings.Repeat("x", 256), Account: "٤٠٧٠٢٨١٠٩٣٨٠٠٠٠٦٠٤٧٣", CorrespondentAccount: "1", BIK: "04452522",
				},
			})
			wantFaults(t, "create", err, "INVALID REQUIRED companyName", "INVALID INVALID_INN inn", "INVALID INVALID_KPP kpp",
				"INVALID INVALID_OGRN ogrn", "INVALID TOO_LONG legalAddress", "INVALID INVALID_EMAIL email", "INVALID INVALID_PHONE phone",
				"INVALID INVALID_WEBSITE website", "INVALID INVALID_CHARACTERS description", "INVALID INVALID_CHARACTERS region",
				"INVALID INVALID_CHARACTERS contractNumber", "INVALID TOO_LONG bankDetails.bankName",
				"INVALID INVALID_ACCOUNT bankDetails.account", "INVALID INVALID_ACCOUNT bankDetails.correspondentAccount",
				"INVALID INVALID_BIK bankDetails.bik")
		})
		t.Run("a sole proprietor's numbers are longer", func(t *testing.T) {
			row, err := s.Create(admin, distributors.Input{CompanyName: "ИП Иванов", INN: "500100732259", OGRN: "304500116000157"})
			if err != nil || row.Inn != "500100732259" || row.Ogrn != "304500116000157" {
				t.Errorf("got %+v, %v, want both numbers", row, err)
			}
		})
		t.Run("a name has a letter or a digit", func(t *testing.T) {
			_, err := s.Create(admin, distributors.Input{CompanyName: "«»"})
			wantFaults(t, "create", err, "INVALID INVALID_NAME companyName")
		})
		t.Run("a website is a page of a named host", func(t *testing.T) {
			row, err := s.Create(admin, distributors.Input{CompanyName: "A", Website: "example.ru/о-нас"})
			if err != nil || row.Website != "https://example.ru/о-нас" {
				t.Errorf("got %v, %v, want https added", row, err)
			}
			for _, site := range []string{"ftp://example.ru", "https://", "https://u:p@example.ru", "https://localhost", "//example.ru", "https://exa mple.ru"} {
				_, err := s.Create(admin, distributors.Input{CompanyName: "A", Website: site})
				wantFaults(t, site, err, "INVALID INVALID_WEBSITE website")
			}
		})
	})
}

func TestUpdate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		t.Run("what is not given stays", func(t *testing.T) {
			row := create(t, s)
			s := &distributors.Service{DB: d, Now: dbtest.Clock(later), TimeZone: time.UTC, Keys: dbtest.Keys()}
			got, err := s.Update(admin, row.ID, distributors.Patch{
				CompanyName: new(" Берёза "), BankDetails: distributors.BankDetailsPatch{BankName: new("Сбербанк")},
			})
			if err != nil {
				t.Fatalf("got %v, want the distributor", err)
			}
			want := copyOf(wholeTexts)
			want["company_name"], want["company_name_fold"], want["bank_name"] = "Берёза", "береза", "Сбербанк"
			compare(t, "returned", texts(t, got), want)
			stored := read(t, s, row.ID)
			compare(t, "stored", texts(t, stored), want)
			if !stored.CreatedAt.Equal(row.CreatedAt) || !stored.UpdatedAt.Equal(s.Now()) {
				t.Errorf("got created %s, updated %s, want %s, %s", stored.CreatedAt, stored.UpdatedAt, row.CreatedAt, s.Now())
			}
		})
		t.Run("an empty text takes away what was there", func(t *testing.T) {
			row := create(t, s)
			empty := ""
			_, err := s.Update(admin, row.ID, distributors.Patch{
				INN: &empty, KPP: &empty, OGRN: &empty, LegalAddress: &empty, Email: new("  "), Phone: &empty, Website: &empty,
				Description: &empty, Region: &empty, ContractNumber: &empty, ContractSignedOn: &calendar.Date{},
				BankDetails: distributors.BankDetailsPatch{BankName: &empty, Account: &empty, CorrespondentAccount: &empty, BIK: &empty},
			})
			if err != nil {
				t.Fatalf("got %v, want the distributor", err)
			}
			want := map[string]string{}
			for column := range wholeTexts {
				want[column] = ""
			}
			for _, column := range []string{"company_name", "company_name_fold", "status"} {
				want[column] = wholeTexts[column]
			}
			compare(t, "stored", texts(t, read(t, s, row.ID)), want)
		})
		t.Run("all faults come at once and nothing is changed", func(t *testing.T) {
			row := create(t, s)
			_, err := s.Update(admin, row.ID, distributors.Patch{
				CompanyName: new(" "), INN: new("1"), Region: new("Тверь"), BankDetails: distributors.BankDetailsPatch{BIK: new("x")},
			})
			wantFaults(t, "update", err, "INVALID REQUIRED companyName", "INVALID INVALID_INN inn", "INVALID INVALID_BIK bankDetails.bik")
			compare(t, "stored", texts(t, read(t, s, row.ID)), wholeTexts)
		})
		t.Run("the caller's patch is left as it is", func(t *testing.T) {
			name := " Берёза "
			if _, err := s.Update(admin, create(t, s).ID, distributors.Patch{CompanyName: &name}); err != nil || name != " Берёза " {
				t.Errorf("got %q, %v, want the text as it was", name, err)
			}
		})
		t.Run("an unknown id is not found", func(t *testing.T) {
			_, err := s.Update(admin, gid.New(), distributors.Patch{Region: new("Тверь")})
			wantFaults(t, "update", err, "NOT_FOUND NOT_FOUND id")
		})
	})
}

func copyOf(m map[string]string) map[string]string {
	c := map[string]string{}
	for k, v := range m {
		c[k] = v
	}
	return c
}

func TestSuspendAndActivate(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		t.Run("there and back", func(t *testing.T) {
			id := create(t, s).ID
			s := &distributors.Service{DB: d, Now: dbtest.Clock(later), TimeZone: time.UTC, Keys: dbtest.Keys()}
			row, err := s.Suspend(admin, id)
			if err != nil || row.Status != distributor.StatusSUSPENDED || !row.UpdatedAt.Equal(s.Now()) {
				t.Fatalf("suspend: got %v, %v, want it suspended now", row, err)
			}
			_, err = s.Suspend(admin, id)
			wantFaults(t, "suspend again", err, "CONFLICT ALREADY_SUSPENDED id")
			row, err = s.Activate(admin, id)
			if err != nil || row.Status != distributor.StatusACTIVE {
				t.Fatalf("activate: got %v, %v, want it active", row, err)
			}
			_, err = s.Activate(admin, id)
			wantFaults(t, "activate again", err, "CONFLICT ALREADY_ACTIVE id")
		})
		t.Run("an unknown id is not found", func(t *testing.T) {
			_, err := s.Suspend(admin, gid.New())
			wantFaults(t, "suspend", err, "NOT_FOUND NOT_FOUND id")
			_, err = s.Activate(admin, gid.New())
			wantFaults(t, "activate", err, "NOT_FOUND NOT_FOUND id")
		})
		t.Run("of many at once one wins", func(t *testing.T) {
			id := create(t, s).ID
			errs := make([]error, 16)
			var all sync.WaitGroup
			for i := range errs {
				all.Go(func() { _, errs[i] = s.Suspend(admin, id) })
			}
			all.Wait()
			won := 0
			for _, err := range errs {
				if err == nil {
					won++
				} else if !fault.HasCode(err, "ALREADY_SUSPENDED") {
					t.Errorf("got %v, want ALREADY_SUSPENDED", err)
				}
			}
			if won != 1 {
				t.Errorf("got %d that suspended, want 1", won)
			}
		})
	})
}

func TestOnlyAdministratorsWrite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		row := create(t, s)
		for name, who := range map[string]struct {
			ctx  context.Context
			kind fault.Kind
		}{
			"nobody":                     {context.Background(), fault.Unauthenticated},
			"a user of that distributor": {auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: row.ID}), fault.Forbidden},
			"a user of another":          {auth.With(context.Background(), auth.Viewer{Role: auth.Distributor, UserID: gid.New(), Distributor: gid.New()}), fault.Forbidden},
			"a source":                   {auth.With(context.Background(), auth.Viewer{Role: auth.Source, SourceID: gid.New()}), fault.Forbidden},
		} {
			for act, err := range map[string]error{
				"create":         second(s.Create(who.ctx, distributors.Input{CompanyName: "A"})),
				"update":         second(s.Update(who.ctx, row.ID, distributors.Patch{Region: new("Тверь")})),
				"suspend":        second(s.Suspend(who.ctx, row.ID)),
				"activate":       second(s.Activate(who.ctx, row.ID)),
				"set terms":      second(s.SetTerms(who.ctx, row.ID, distributors.Terms{HoldingDays: 1})),
				"add absence":    second(s.AddAbsence(who.ctx, distributors.Absence{DistributorID: row.ID, StartsOn: *day(t, "2026-05-01"), EndsOn: *day(t, "2026-05-02")})),
				"remove absence": s.RemoveAbsence(who.ctx, gid.New()),
				"update company": second(s.UpdateCompany(who.ctx, distributors.CompanyPatch{Name: new("Наша")})),
			} {
				if !fault.Is(err, who.kind) {
					t.Errorf("%s by %s: got %v, want %s", act, name, err, who.kind)
				}
			}
		}
		compare(t, "afterwards", texts(t, read(t, s, row.ID)), wholeTexts)
		if n, err := d.Distributor.Query().Count(admin); n != 1 || err != nil {
			t.Errorf("got %d distributors, %v, want 1", n, err)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestAFailureIsNoFault(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		s := service(d)
		ctx, cancel := context.WithDeadline(admin, time.Now())
		defer cancel()
		if _, err := s.Suspend(ctx, gid.New()); err == nil || len(found(err)) != 1 || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
	})
}
