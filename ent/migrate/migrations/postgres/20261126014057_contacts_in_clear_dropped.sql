-- +goose Up
-- modify "blacklist_entries" table
ALTER TABLE "blacklist_entries" DROP COLUMN "value", ALTER COLUMN "value_sealed" SET NOT NULL, ALTER COLUMN "value_index" SET NOT NULL;
-- modify "distributors" table
ALTER TABLE "distributors" DROP COLUMN "email", DROP COLUMN "phone";
-- drop index "intakeattempt_raw_body" from table: "intake_attempts"
DROP INDEX "intakeattempt_raw_body";
-- modify "intake_attempts" table
ALTER TABLE "intake_attempts" DROP COLUMN "raw_body";
-- modify "leads" table
ALTER TABLE "leads" DROP COLUMN "phone", DROP COLUMN "phone_last4", DROP COLUMN "email";
-- modify "users" table
ALTER TABLE "users" DROP COLUMN "email", DROP COLUMN "phone";
