-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_blacklist_entries" table
CREATE TABLE `new_blacklist_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `value` text NULL, `value_sealed` blob NULL, `value_index` blob NULL, `reason` text NULL, `origin` text NOT NULL DEFAULT ('MANUAL'), `created_at` datetime NOT NULL, `expires_at` datetime NULL, `author_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `blacklist_entries_users_author` FOREIGN KEY (`author_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- copy rows from old table "blacklist_entries" to new temporary table "new_blacklist_entries"
INSERT INTO `new_blacklist_entries` (`id`, `kind`, `value`, `reason`, `origin`, `created_at`, `expires_at`, `author_id`) SELECT `id`, `kind`, `value`, `reason`, `origin`, `created_at`, `expires_at`, `author_id` FROM `blacklist_entries`;
-- drop "blacklist_entries" table after copying rows
DROP TABLE `blacklist_entries`;
-- rename temporary table "new_blacklist_entries" to "blacklist_entries"
ALTER TABLE `new_blacklist_entries` RENAME TO `blacklist_entries`;
-- create index "blacklistentry_kind_value" to table: "blacklist_entries"
CREATE UNIQUE INDEX `blacklistentry_kind_value` ON `blacklist_entries` (`kind`, `value`);
-- create index "blacklistentry_value" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_value` ON `blacklist_entries` (`value`);
-- create index "blacklistentry_kind_value_index" to table: "blacklist_entries"
CREATE UNIQUE INDEX `blacklistentry_kind_value_index` ON `blacklist_entries` (`kind`, `value_index`);
-- create index "blacklistentry_value_index" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_value_index` ON `blacklist_entries` (`value_index`);
-- create index "blacklistentry_created_at_id" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_created_at_id` ON `blacklist_entries` (`created_at`, `id`);
-- create index "blacklistentry_kind_created_at_id" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_kind_created_at_id` ON `blacklist_entries` (`kind`, `created_at`, `id`);
-- create index "blacklistentry_origin_created_at_id" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_origin_created_at_id` ON `blacklist_entries` (`origin`, `created_at`, `id`);
-- create index "blacklistentry_reason" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_reason` ON `blacklist_entries` (`reason`);
-- create index "blacklistentry_author_id" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_author_id` ON `blacklist_entries` (`author_id`);
-- locks are made anew by whoever needs them
DELETE FROM `contact_locks`;
-- create "new_contact_locks" table
CREATE TABLE `new_contact_locks` (`id` text NOT NULL, `made_at` datetime NOT NULL, PRIMARY KEY (`id`));
-- copy rows from old table "contact_locks" to new temporary table "new_contact_locks"
INSERT INTO `new_contact_locks` (`id`) SELECT `id` FROM `contact_locks`;
-- drop "contact_locks" table after copying rows
DROP TABLE `contact_locks`;
-- rename temporary table "new_contact_locks" to "contact_locks"
ALTER TABLE `new_contact_locks` RENAME TO `contact_locks`;
-- add column "raw_body_sealed" to table: "intake_attempts"
ALTER TABLE `intake_attempts` ADD COLUMN `raw_body_sealed` blob NULL;
-- create index "intakeattempt_raw_body_sealed" to table: "intake_attempts"
CREATE INDEX `intakeattempt_raw_body_sealed` ON `intake_attempts` (`received_at`) WHERE raw_body_sealed IS NOT NULL;
-- create "new_leads" table
CREATE TABLE `new_leads` (`id` uuid NOT NULL, `received_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `status` text NOT NULL, `outcome` text NOT NULL, `is_test` bool NOT NULL DEFAULT (false), `external_id` text NULL, `idempotency_key` text NULL, `body_hash` blob NOT NULL, `first_name` text NOT NULL, `first_name_fold` text NOT NULL, `last_name` text NOT NULL DEFAULT (''), `last_name_fold` text NOT NULL DEFAULT (''), `phone` text NULL, `phone_last4` text NULL, `email` text NULL, `phone_sealed` blob NULL, `phone_index` blob NULL, `phone_last4_index` blob NULL, `email_sealed` blob NULL, `email_index` blob NULL, `ip` text NULL, `decision_trace` json NOT NULL, `consent` json NULL, `assigned_at` datetime NULL, `taken_at` datetime NULL, `closed_at` datetime NULL, `sold_on` text NULL, `payout` integer NOT NULL DEFAULT (0), `sale_amount` integer NULL, `sub_ids` json NULL, `funnel` text NULL, `subid` text NULL, `utm_source` text NULL, `utm_medium` text NULL, `utm_campaign` text NULL, `utm_term` text NULL, `campaign_id` text NULL, `campaign_name` text NULL, `banner_id` text NULL, `advertiser_id` text NULL, `region` text NULL, `gender` text NULL, `age` text NULL, `random` text NULL, `impression_weekday` text NULL, `impression_hour` text NULL, `user_timezone` text NULL, `placement` text NULL, `device_type` text NULL, `position` text NULL, `distributor_id` uuid NULL, `duplicate_of_id` uuid NULL, `source_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `leads_distributors_leads` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL, CONSTRAINT `leads_leads_duplicates` FOREIGN KEY (`duplicate_of_id`) REFERENCES `leads` (`id`) ON DELETE SET NULL, CONSTRAINT `leads_lead_sources_leads` FOREIGN KEY (`source_id`) REFERENCES `lead_sources` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "leads" to new temporary table "new_leads"
INSERT INTO `new_leads` (`id`, `received_at`, `updated_at`, `status`, `outcome`, `is_test`, `external_id`, `idempotency_key`, `body_hash`, `first_name`, `first_name_fold`, `last_name`, `last_name_fold`, `phone`, `phone_last4`, `email`, `ip`, `decision_trace`, `consent`, `assigned_at`, `taken_at`, `closed_at`, `sold_on`, `payout`, `sale_amount`, `sub_ids`, `funnel`, `subid`, `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `campaign_id`, `campaign_name`, `banner_id`, `advertiser_id`, `region`, `gender`, `age`, `random`, `impression_weekday`, `impression_hour`, `user_timezone`, `placement`, `device_type`, `position`, `distributor_id`, `duplicate_of_id`, `source_id`) SELECT `id`, `received_at`, `updated_at`, `status`, `outcome`, `is_test`, `external_id`, `idempotency_key`, `body_hash`, `first_name`, `first_name_fold`, `last_name`, `last_name_fold`, `phone`, `phone_last4`, `email`, `ip`, `decision_trace`, `consent`, `assigned_at`, `taken_at`, `closed_at`, `sold_on`, `payout`, `sale_amount`, `sub_ids`, `funnel`, `subid`, `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `campaign_id`, `campaign_name`, `banner_id`, `advertiser_id`, `region`, `gender`, `age`, `random`, `impression_weekday`, `impression_hour`, `user_timezone`, `placement`, `device_type`, `position`, `distributor_id`, `duplicate_of_id`, `source_id` FROM `leads`;
-- drop "leads" table after copying rows
DROP TABLE `leads`;
-- rename temporary table "new_leads" to "leads"
ALTER TABLE `new_leads` RENAME TO `leads`;
-- create index "lead_source_id_external_id" to table: "leads"
CREATE UNIQUE INDEX `lead_source_id_external_id` ON `leads` (`source_id`, `external_id`);
-- create index "lead_source_id_idempotency_key" to table: "leads"
CREATE UNIQUE INDEX `lead_source_id_idempotency_key` ON `leads` (`source_id`, `idempotency_key`);
-- create index "lead_received_at_id" to table: "leads"
CREATE INDEX `lead_received_at_id` ON `leads` (`received_at`, `id`);
-- create index "lead_distributor_id_received_at_id" to table: "leads"
CREATE INDEX `lead_distributor_id_received_at_id` ON `leads` (`distributor_id`, `received_at`, `id`);
-- create index "lead_status_received_at_id" to table: "leads"
CREATE INDEX `lead_status_received_at_id` ON `leads` (`status`, `received_at`, `id`);
-- create index "lead_distributor_id_status_received_at_id" to table: "leads"
CREATE INDEX `lead_distributor_id_status_received_at_id` ON `leads` (`distributor_id`, `status`, `received_at`, `id`);
-- create index "lead_source_id_received_at_id" to table: "leads"
CREATE INDEX `lead_source_id_received_at_id` ON `leads` (`source_id`, `received_at`, `id`);
-- create index "lead_test" to table: "leads"
CREATE INDEX `lead_test` ON `leads` (`received_at`, `id`) WHERE is_test;
-- create index "lead_payout_id" to table: "leads"
CREATE INDEX `lead_payout_id` ON `leads` (`payout`, `id`);
-- create index "lead_distributor_id_payout_id" to table: "leads"
CREATE INDEX `lead_distributor_id_payout_id` ON `leads` (`distributor_id`, `payout`, `id`);
-- create index "lead_sold_on" to table: "leads"
CREATE INDEX `lead_sold_on` ON `leads` (`sold_on`);
-- create index "lead_last_name_fold_id" to table: "leads"
CREATE INDEX `lead_last_name_fold_id` ON `leads` (`last_name_fold`, `id`);
-- create index "lead_distributor_id_last_name_fold_id" to table: "leads"
CREATE INDEX `lead_distributor_id_last_name_fold_id` ON `leads` (`distributor_id`, `last_name_fold`, `id`);
-- create index "lead_last_name_fold_received_at_id" to table: "leads"
CREATE INDEX `lead_last_name_fold_received_at_id` ON `leads` (`last_name_fold`, `received_at`, `id`);
-- create index "lead_first_name_fold_received_at_id" to table: "leads"
CREATE INDEX `lead_first_name_fold_received_at_id` ON `leads` (`first_name_fold`, `received_at`, `id`);
-- create index "lead_phone_received_at" to table: "leads"
CREATE INDEX `lead_phone_received_at` ON `leads` (`phone`, `received_at`);
-- create index "lead_phone_last4_received_at" to table: "leads"
CREATE INDEX `lead_phone_last4_received_at` ON `leads` (`phone_last4`, `received_at`);
-- create index "lead_email_received_at" to table: "leads"
CREATE INDEX `lead_email_received_at` ON `leads` (`email`, `received_at`);
-- create index "lead_phone_index_received_at" to table: "leads"
CREATE INDEX `lead_phone_index_received_at` ON `leads` (`phone_index`, `received_at`);
-- create index "lead_phone_last4_index_received_at" to table: "leads"
CREATE INDEX `lead_phone_last4_index_received_at` ON `leads` (`phone_last4_index`, `received_at`);
-- create index "lead_email_index_received_at" to table: "leads"
CREATE INDEX `lead_email_index_received_at` ON `leads` (`email_index`, `received_at`);
-- create index "lead_ip_received_at" to table: "leads"
CREATE INDEX `lead_ip_received_at` ON `leads` (`ip`, `received_at`);
-- create index "lead_external_id" to table: "leads"
CREATE INDEX `lead_external_id` ON `leads` (`external_id`);
-- create index "lead_duplicate_of_id" to table: "leads"
CREATE INDEX `lead_duplicate_of_id` ON `leads` (`duplicate_of_id`);
-- add column "email_sealed" to table: "distributors"
ALTER TABLE `distributors` ADD COLUMN `email_sealed` blob NULL;
-- add column "phone_sealed" to table: "distributors"
ALTER TABLE `distributors` ADD COLUMN `phone_sealed` blob NULL;
-- add column "email_sealed" to table: "users"
ALTER TABLE `users` ADD COLUMN `email_sealed` blob NULL;
-- add column "phone_sealed" to table: "users"
ALTER TABLE `users` ADD COLUMN `phone_sealed` blob NULL;
-- create "sealing_keys" table
CREATE TABLE `sealing_keys` (`id` text NOT NULL, `fingerprint` blob NOT NULL, `first_used_at` datetime NOT NULL, `last_used_at` datetime NOT NULL, `retired_at` datetime NULL, PRIMARY KEY (`id`));
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
