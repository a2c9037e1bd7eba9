-- +goose Up
-- create index "session_user_id_created_at_id" to table: "sessions"
CREATE INDEX "session_user_id_created_at_id" ON "sessions" ("user_id", "created_at", "id") WHERE (revoked_at IS NULL);
-- create "guess_limits" table
CREATE TABLE "guess_limits" ("id" character varying NOT NULL, "clears_at" timestamptz NOT NULL, "closed_until" timestamptz NOT NULL, "told_at" timestamptz NULL, "known_until" timestamptz NULL, PRIMARY KEY ("id"));
