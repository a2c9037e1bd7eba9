package db_test

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"

	"channelbook/ent"
	"channelbook/ent/distributor"
	"channelbook/ent/lead"
	"channelbook/ent/leadsource"
	"channelbook/ent/values"
	"channelbook/internal/calendar"
	"channelbook/internal/db"
	"channelbook/internal/dbtest"
	"channelbook/internal/gid"
)

var now = dbtest.Clock("2026-03-01T09:00:00Z")().Add(123456 * time.Microsecond)

func newDistributor(c *ent.DistributorClient, name string) *ent.DistributorCreate {
	return c.Create().SetCompanyName(name).SetCompanyNameFold(name).SetCreatedAt(now).SetUpdatedAt(now)
}

func newSource(c *ent.LeadSourceClient, key string) *ent.LeadSourceCreate {
	return c.Create().SetName(key).SetKeyHash([]byte(key)).SetKeyHint("hint").SetDuplicateFields([]string{"PHONE"}).
		SetCreatedAt(now).SetUpdatedAt(now)
}

func newLead(c *ent.LeadClient, source gid.ID, at time.Time) *ent.LeadCreate {
	return c.Create().SetSourceID(source).SetReceivedAt(at).SetUpdatedAt(at).SetStatus(lead.StatusNEW).SetOutcome(lead.OutcomeACCEPTED).
		SetBodyHash([]byte{0, 255}).SetFirstName("Анна").SetFirstNameFold("анна").SetDecisionTrace([]values.Check{{Step: "a", Outcome: "OK"}})
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := system()
		day, err := calendar.ParseDate("2026-02-28")
		if err != nil {
			t.Fatal(err)
		}
		company := newDistributor(d.Distributor, "one").SetContractSignedOn(&day).SaveX(ctx)
		other := newDistributor(d.Distributor, "two").SaveX(ctx)
		allowed := []gid.ID{company.ID, other.ID}
		source := newSource(d.LeadSource, "key").SetAllowedDistributorIds(allowed).SetDistributorID(company.ID).SaveX(ctx)
		row := newLead(d.Lead, source.ID, now).SetConsent(&values.Consent{Purpose: "lead"}).SetDistributorID(company.ID).SetPayout(123).SaveX(ctx)

		company = d.Distributor.Query().Where(distributor.CompanyName("one")).WithSources().WithLeads().OnlyX(ctx)
		if company.ContractSignedOn == nil || *company.ContractSignedOn != day {
			t.Errorf("a day: got %v, want %v", company.ContractSignedOn, day)
		}
		if n := d.Distributor.Query().Where(distributor.ContractSignedOn(&day)).CountX(ctx); n != 1 {
			t.Errorf("rows of a day: got %d, want 1", n)
		}
		if other = d.Distributor.GetX(ctx, other.ID); other.ContractSignedOn != nil && !other.ContractSignedOn.IsZero() {
			t.Errorf("no day: got %v, want none", other.ContractSignedOn)
		}
		if !company.CreatedAt.Equal(now) || company.CreatedAt.Location() != time.UTC {
			t.Errorf("an instant: got %v, want %v in UTC", company.CreatedAt, now)
		}
		if len(company.Edges.Leads) != 1 || company.Edges.Leads[0].ID != row.ID {
			t.Errorf("an edge: got %v, want %s", company.Edges.Leads, row.ID)
		}
		if got := company.Edges.Sources[0].AllowedDistributorIds; !reflect.DeepEqual(got, allowed) {
			t.Errorf("ids in JSON: got %v, want %v", got, allowed)
		}
		row = d.Lead.GetX(ctx, row.ID)
		if row.DistributorID == nil || *row.DistributorID != company.ID || row.DuplicateOfID != nil {
			t.Errorf("ids: got %v and %v, want %s and none", row.DistributorID, row.DuplicateOfID, company.ID)
		}
		if string(row.BodyHash) != "\x00\xff" || row.Consent.Purpose != "lead" || row.DecisionTrace[0].Step != "a" || row.Payout != 123 {
			t.Errorf("got %v, %v, %v, %d, want what was stored", row.BodyHash, row.Consent, row.DecisionTrace, row.Payout)
		}
	})
}

func TestInstantsAndIDsAreOrderedAlike(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := system()
		source := newSource(d.LeadSource, "key").SaveX(ctx)
		moscow := time.FixedZone("MSK", 3*60*60)
		first := newLead(d.Lead, source.ID, now.In(moscow)).SaveX(ctx)
		second := newLead(d.Lead, source.ID, now.Add(time.Microsecond)).SaveX(ctx)
		third := newLead(d.Lead, source.ID, now.Add(time.Microsecond)).SaveX(ctx)
		got := d.Lead.Query().Order(lead.ByReceivedAt(), lead.ByID()).IDsX(ctx)
		if want := []gid.ID{first.ID, second.ID, third.ID}; !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if n := d.Lead.Query().Where(lead.ReceivedAtGT(now.In(moscow))).CountX(ctx); n != 2 {
			t.Errorf("after the first: got %d, want 2", n)
		}
	})
}

func TestEntWorksInATransaction(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := system()
		var company gid.ID
		err := db.WithTx(ctx, d, func(tx *db.Tx) error {
			made, err := tx.Distributor.CreateBulk(newDistributor(tx.Distributor, "one"), newDistributor(tx.Distributor, "two")).Save(ctx)
			if err != nil {
				return err
			}
			company = made[0].ID
			source, err := newSource(tx.LeadSource, "key").SetDistributorID(made[1].ID).Save(ctx)
			if err != nil {
				return err
			}
			if err := tx.LeadSource.UpdateOneID(source.ID).ClearDistributor().Exec(ctx); err != nil {
				return err
			}
			return tx.Distributor.UpdateOneID(company).AddSourceIDs(source.ID).Exec(ctx) // an edge's update
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := d.LeadSource.Query().Where(leadsource.DistributorID(company)).CountX(ctx); n != 1 {
			t.Errorf("sources of the first: got %d, want 1", n)
		}
		err = db.WithTx(ctx, d, func(tx *db.Tx) error {
			source := tx.LeadSource.Query().OnlyX(ctx)
			for i := range 2 {
				err := newLead(tx.Lead, source.ID, now).SetExternalID("same").
					OnConflict(entsql.ConflictColumns(lead.FieldSourceID, lead.FieldExternalID), entsql.DoNothing()).Exec(ctx)
				if (i == 0) != (err == nil) || i == 1 && !errors.Is(err, sql.ErrNoRows) {
					return fmt.Errorf("lead %d: got %w", i, err)
				}
			}
			return nil
		})
		if n := d.Lead.Query().CountX(ctx); err != nil || n != 1 {
			t.Errorf("a duplicate: got %d leads, %v, want 1", n, err)
		}
		err = newSource(d.LeadSource, "key").Exec(ctx)
		if !sqlgraph.IsUniqueConstraintError(err) || sqlgraph.IsForeignKeyConstraintError(err) {
			t.Errorf("a key twice: got %v, want a unique constraint", err)
		}
		err = newLead(d.Lead, gid.New(), now).Exec(ctx)
		if !sqlgraph.IsForeignKeyConstraintError(err) || sqlgraph.IsUniqueConstraintError(err) {
			t.Errorf("a lead of no source: got %v, want a foreign key constraint", err)
		}
	})
}
