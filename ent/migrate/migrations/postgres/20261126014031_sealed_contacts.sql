-- +goose Up
-- modify "blacklist_entries" table
ALTER TABLE "blacklist_entries" ALTER COLUMN "value" DROP NOT NULL, ADD COLUMN "value_sealed" bytea NULL, ADD COLUMN "value_index" bytea NULL;
-- create index "blacklistentry_kind_value_index" to table: "blacklist_entries"
CREATE UNIQUE INDEX "blacklistentry_kind_value_index" ON "blacklist_entries" ("kind", "value_index");
-- create index "blacklistentry_value_index" to table: "blacklist_entries"
CREATE INDEX "blacklistentry_value_index" ON "blacklist_entries" ("value_index");
-- locks are made anew by whoever needs them
DELETE FROM "contact_locks";
-- modify "contact_locks" table
ALTER TABLE "contact_locks" ADD COLUMN "made_at" timestamptz NOT NULL;
-- modify "distributors" table
ALTER TABLE "distributors" ADD COLUMN "email_sealed" bytea NULL, ADD COLUMN "phone_sealed" bytea NULL;
-- modify "intake_attempts" table
ALTER TABLE "intake_attempts" ADD COLUMN "raw_body_sealed" bytea NULL;
-- create index "intakeattempt_raw_body_sealed" to table: "intake_attempts"
CREATE INDEX "intakeattempt_raw_body_sealed" ON "intake_attempts" ("received_at") WHERE (raw_body_sealed IS NOT NULL);
-- modify "leads" table
ALTER TABLE "leads" ADD COLUMN "phone_sealed" bytea NULL, ADD COLUMN "phone_index" bytea NULL, ADD COLUMN "phone_last4_index" bytea NULL, ADD COLUMN "email_sealed" bytea NULL, ADD COLUMN "email_index" bytea NULL;
-- create index "lead_email_index_received_at" to table: "leads"
CREATE INDEX "lead_email_index_received_at" ON "leads" ("email_index", "received_at");
-- create index "lead_phone_index_received_at" to table: "leads"
CREATE INDEX "lead_phone_index_received_at" ON "leads" ("phone_index", "received_at");
-- create index "lead_phone_last4_index_received_at" to table: "leads"
CREATE INDEX "lead_phone_last4_index_received_at" ON "leads" ("phone_last4_index", "received_at");
-- modify "users" table
ALTER TABLE "users" ADD COLUMN "email_sealed" bytea NULL, ADD COLUMN "phone_sealed" bytea NULL;
-- create "sealing_keys" table
CREATE TABLE "sealing_keys" ("id" character varying NOT NULL, "fingerprint" bytea NOT NULL, "first_used_at" timestamptz NOT NULL, "last_used_at" timestamptz NOT NULL, "retired_at" timestamptz NULL, PRIMARY KEY ("id"));
