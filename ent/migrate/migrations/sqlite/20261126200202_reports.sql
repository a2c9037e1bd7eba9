-- +goose Up
-- create "document_templates" table
CREATE TABLE `document_templates` (`id` uuid NOT NULL, `kind` text NOT NULL, `content` blob NOT NULL, `size` integer NOT NULL, `uploaded_at` datetime NOT NULL, `uploaded_by_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `document_templates_users_uploaded_by` FOREIGN KEY (`uploaded_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "documenttemplate_kind" to table: "document_templates"
CREATE UNIQUE INDEX `documenttemplate_kind` ON `document_templates` (`kind`);
-- create "reports" table
CREATE TABLE `reports` (`id` uuid NOT NULL, `distributor_id` uuid NULL, `due_on` text NULL, `kind` text NOT NULL, `format` text NOT NULL, `parameters_sealed` blob NOT NULL, `status` text NOT NULL DEFAULT ('QUEUED'), `attempt` integer NOT NULL DEFAULT (0), `rows` integer NOT NULL DEFAULT (0), `rows_expected` integer NULL, `file_name` text NULL, `size` integer NULL, `failure` text NULL, `requested_at` datetime NOT NULL, `started_at` datetime NULL, `seen_at` datetime NULL, `as_of` datetime NULL, `finished_at` datetime NULL, `expires_at` datetime NULL, `user_id` uuid NOT NULL, `schedule_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `reports_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION, CONSTRAINT `reports_report_schedules_reports` FOREIGN KEY (`schedule_id`) REFERENCES `report_schedules` (`id`) ON DELETE SET NULL);
-- create index "report_user_id_id" to table: "reports"
CREATE INDEX `report_user_id_id` ON `reports` (`user_id`, `id`);
-- create index "report_schedule_id_user_id_due_on" to table: "reports"
CREATE UNIQUE INDEX `report_schedule_id_user_id_due_on` ON `reports` (`schedule_id`, `user_id`, `due_on`);
-- create index "report_status_expires_at" to table: "reports"
CREATE INDEX `report_status_expires_at` ON `reports` (`status`, `expires_at`);
-- create index "report_user_id_finished_at" to table: "reports"
CREATE INDEX `report_user_id_finished_at` ON `reports` (`user_id`, `finished_at`);
-- create "report_schedules" table
CREATE TABLE `report_schedules` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, `kind` text NOT NULL, `format` text NOT NULL, `every` text NOT NULL, `parameters_sealed` blob NOT NULL, `recipient_ids` json NOT NULL, `active` bool NOT NULL DEFAULT (true), `next_on` text NULL, `created_by_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `report_schedules_users_created_by` FOREIGN KEY (`created_by_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "reportschedule_active_next_on" to table: "report_schedules"
CREATE INDEX `reportschedule_active_next_on` ON `report_schedules` (`active`, `next_on`);
