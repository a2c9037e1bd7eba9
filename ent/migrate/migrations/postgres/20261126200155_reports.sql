-- +goose Up
-- create "document_templates" table
CREATE TABLE "document_templates" ("id" uuid NOT NULL, "kind" character varying NOT NULL, "content" bytea NOT NULL, "size" bigint NOT NULL, "uploaded_at" timestamptz NOT NULL, "uploaded_by_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "document_templates_users_uploaded_by" FOREIGN KEY ("uploaded_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "documenttemplate_kind" to table: "document_templates"
CREATE UNIQUE INDEX "documenttemplate_kind" ON "document_templates" ("kind");
-- create "report_schedules" table
CREATE TABLE "report_schedules" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "name" character varying NOT NULL, "kind" character varying NOT NULL, "format" character varying NOT NULL, "every" character varying NOT NULL, "parameters_sealed" bytea NOT NULL, "recipient_ids" jsonb NOT NULL, "active" boolean NOT NULL DEFAULT true, "next_on" date NULL, "created_by_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "report_schedules_users_created_by" FOREIGN KEY ("created_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "reportschedule_active_next_on" to table: "report_schedules"
CREATE INDEX "reportschedule_active_next_on" ON "report_schedules" ("active", "next_on");
-- create "reports" table
CREATE TABLE "reports" ("id" uuid NOT NULL, "distributor_id" uuid NULL, "due_on" date NULL, "kind" character varying NOT NULL, "format" character varying NOT NULL, "parameters_sealed" bytea NOT NULL, "status" character varying NOT NULL DEFAULT 'QUEUED', "attempt" bigint NOT NULL DEFAULT 0, "rows" bigint NOT NULL DEFAULT 0, "rows_expected" bigint NULL, "file_name" character varying NULL, "size" bigint NULL, "failure" character varying NULL, "requested_at" timestamptz NOT NULL, "started_at" timestamptz NULL, "seen_at" timestamptz NULL, "as_of" timestamptz NULL, "finished_at" timestamptz NULL, "expires_at" timestamptz NULL, "user_id" uuid NOT NULL, "schedule_id" uuid NULL, PRIMARY KEY ("id"), CONSTRAINT "reports_report_schedules_reports" FOREIGN KEY ("schedule_id") REFERENCES "report_schedules" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "reports_users_user" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
-- create index "report_schedule_id_user_id_due_on" to table: "reports"
CREATE UNIQUE INDEX "report_schedule_id_user_id_due_on" ON "reports" ("schedule_id", "user_id", "due_on");
-- create index "report_status_expires_at" to table: "reports"
CREATE INDEX "report_status_expires_at" ON "reports" ("status", "expires_at");
-- create index "report_user_id_finished_at" to table: "reports"
CREATE INDEX "report_user_id_finished_at" ON "reports" ("user_id", "finished_at");
-- create index "report_user_id_id" to table: "reports"
CREATE INDEX "report_user_id_id" ON "reports" ("user_id", "id");
