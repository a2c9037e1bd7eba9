-- +goose Up
-- create "recovery_codes" table
CREATE TABLE "recovery_codes" ("id" uuid NOT NULL, "hash" bytea NOT NULL, "created_at" timestamptz NOT NULL, "used_at" timestamptz NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "recovery_codes_users_recovery_codes" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "recoverycode_user_id_hash" to table: "recovery_codes"
CREATE UNIQUE INDEX "recoverycode_user_id_hash" ON "recovery_codes" ("user_id", "hash");
-- create "second_factors" table
CREATE TABLE "second_factors" ("id" uuid NOT NULL, "secret_sealed" bytea NULL, "confirmed_at" timestamptz NULL, "pending_sealed" bytea NULL, "pending_at" timestamptz NULL, "last_step" bigint NOT NULL DEFAULT 0, "wrong_codes" bigint NOT NULL DEFAULT 0, "wrong_at" timestamptz NULL, "created_at" timestamptz NOT NULL, "user_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "second_factors_users_second_factor" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "second_factors_user_id_key" to table: "second_factors"
CREATE UNIQUE INDEX "second_factors_user_id_key" ON "second_factors" ("user_id");
