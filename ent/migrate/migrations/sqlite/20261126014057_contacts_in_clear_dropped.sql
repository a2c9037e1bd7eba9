-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_intake_attempts" table
CREATE TABLE `new_intake_attempts` (`id` uuid NOT NULL, `received_at` datetime NOT NULL, `outcome` text NOT NULL, `http_status` integer NOT NULL, `remote_address` text NOT NULL, `request_id` text NOT NULL, `error_codes` json NULL, `raw_body_sealed` blob NULL, `lead_id` uuid NULL, `source_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `intake_attempts_leads_attempts` FOREIGN KEY (`lead_id`) REFERENCES `leads` (`id`) ON DELETE SET NULL, CONSTRAINT `intake_attempts_lead_sources_attempts` FOREIGN KEY (`source_id`) REFERENCES `lead_sources` (`id`) ON DELETE SET NULL);
-- copy rows from old table "intake_attempts" to new temporary table "new_intake_attempts"
INSERT INTO `new_intake_attempts` (`id`, `received_at`, `outcome`, `http_status`, `remote_address`, `request_id`, `error_codes`, `raw_body_sealed`, `lead_id`, `source_id`) SELECT `id`, `received_at`, `outcome`, `http_status`, `remote_address`, `request_id`, `error_codes`, `raw_body_sealed`, `lead_id`, `source_id` FROM `intake_attempts`;
-- drop "intake_attempts" table after copying rows
DROP TABLE `intake_attempts`;
-- rename temporary table "new_intake_attempts" to "intake_attempts"
ALTER TABLE `new_intake_attempts` RENAME TO `intake_attempts`;
-- create index "intakeattempt_received_at_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_received_at_id` ON `intake_attempts` (`received_at`, `id`);
-- create index "intakeattempt_source_id_received_at_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_source_id_received_at_id` ON `intake_attempts` (`source_id`, `received_at`, `id`);
-- create index "intakeattempt_outcome_received_at_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_outcome_received_at_id` ON `intake_attempts` (`outcome`, `received_at`, `id`);
-- create index "intakeattempt_http_status_received_at_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_http_status_received_at_id` ON `intake_attempts` (`http_status`, `received_at`, `id`);
-- create index "intakeattempt_remote_address_received_at_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_remote_address_received_at_id` ON `intake_attempts` (`remote_address`, `received_at`, `id`);
-- create index "intakeattempt_raw_body_sealed" to table: "intake_attempts"
CREATE INDEX `intakeattempt_raw_body_sealed` ON `intake_attempts` (`received_at`) WHERE raw_body_sealed IS NOT NULL;
-- create index "intakeattempt_lead_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_lead_id` ON `intake_attempts` (`lead_id`);
-- create "new_distributors" table
CREATE TABLE `new_distributors` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `company_name` text NOT NULL, `company_name_fold` text NOT NULL, `status` text NOT NULL DEFAULT ('ACTIVE'), `inn` text NULL, `kpp` text NULL, `ogrn` text NULL, `legal_address` text NULL, `email_sealed` blob NULL, `phone_sealed` blob NULL, `website` text NULL, `description` text NULL, `region` text NULL, `contract_number` text NULL, `contract_signed_on` text NULL, `bank_name` text NULL, `bank_account` text NULL, `bank_correspondent_account` text NULL, `bank_bik` text NULL, `last_turn` integer NOT NULL DEFAULT (0), `payout_rule` text NOT NULL DEFAULT ('MANUAL'), `payout_fixed` integer NULL, `payout_percent` integer NULL, `holding_days` integer NOT NULL DEFAULT (0), `acceptance_hours` integer NULL, `daily_lead_cap` integer NULL, `monthly_lead_cap` integer NULL, `open_lead_cap` integer NULL, `timezone` text NULL, `working_hours` json NULL, `logo_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `distributors_pictures_logo` FOREIGN KEY (`logo_id`) REFERENCES `pictures` (`id`) ON DELETE SET NULL);
-- copy rows from old table "distributors" to new temporary table "new_distributors"
INSERT INTO `new_distributors` (`id`, `created_at`, `updated_at`, `company_name`, `company_name_fold`, `status`, `inn`, `kpp`, `ogrn`, `legal_address`, `email_sealed`, `phone_sealed`, `website`, `description`, `region`, `contract_number`, `contract_signed_on`, `bank_name`, `bank_account`, `bank_correspondent_account`, `bank_bik`, `last_turn`, `payout_rule`, `payout_fixed`, `payout_percent`, `holding_days`, `acceptance_hours`, `daily_lead_cap`, `monthly_lead_cap`, `open_lead_cap`, `timezone`, `working_hours`, `logo_id`) SELECT `id`, `created_at`, `updated_at`, `company_name`, `company_name_fold`, `status`, `inn`, `kpp`, `ogrn`, `legal_address`, `email_sealed`, `phone_sealed`, `website`, `description`, `region`, `contract_number`, `contract_signed_on`, `bank_name`, `bank_account`, `bank_correspondent_account`, `bank_bik`, `last_turn`, `payout_rule`, `payout_fixed`, `payout_percent`, `holding_days`, `acceptance_hours`, `daily_lead_cap`, `monthly_lead_cap`, `open_lead_cap`, `timezone`, `working_hours`, `logo_id` FROM `distributors`;
-- drop "distributors" table after copying rows
DROP TABLE `distributors`;
-- rename temporary table "new_distributors" to "distributors"
ALTER TABLE `new_distributors` RENAME TO `distributors`;
-- create index "distributor_company_name_fold_id" to table: "distributors"
CREATE INDEX `distributor_company_name_fold_id` ON `distributors` (`company_name_fold`, `id`);
-- create index "distributor_company_name_fold_prefix" to table: "distributors"
CREATE INDEX `distributor_company_name_fold_prefix` ON `distributors` (`company_name_fold`);
-- create index "distributor_created_at_id" to table: "distributors"
CREATE INDEX `distributor_created_at_id` ON `distributors` (`created_at`, `id`);
-- create index "distributor_status_last_turn" to table: "distributors"
CREATE INDEX `distributor_status_last_turn` ON `distributors` (`status`, `last_turn`);
-- create index "distributor_inn" to table: "distributors"
CREATE INDEX `distributor_inn` ON `distributors` (`inn`);
-- create index "distributor_logo_id" to table: "distributors"
CREATE INDEX `distributor_logo_id` ON `distributors` (`logo_id`);
-- create "new_users" table
CREATE TABLE `new_users` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `login` text NOT NULL, `password_hash` text NOT NULL, `role` text NOT NULL, `name` text NULL, `email_sealed` blob NULL, `phone_sealed` blob NULL, `disabled_at` datetime NULL, `distributor_id` uuid NULL, `avatar_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `users_distributors_users` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL, CONSTRAINT `users_pictures_avatar` FOREIGN KEY (`avatar_id`) REFERENCES `pictures` (`id`) ON DELETE SET NULL);
-- copy rows from old table "users" to new temporary table "new_users"
INSERT INTO `new_users` (`id`, `created_at`, `updated_at`, `login`, `password_hash`, `role`, `name`, `email_sealed`, `phone_sealed`, `disabled_at`, `distributor_id`, `avatar_id`) SELECT `id`, `created_at`, `updated_at`, `login`, `password_hash`, `role`, `name`, `email_sealed`, `phone_sealed`, `disabled_at`, `distributor_id`, `avatar_id` FROM `users`;
-- drop "users" table after copying rows
DROP TABLE `users`;
-- rename temporary table "new_users" to "users"
ALTER TABLE `new_users` RENAME TO `users`;
-- create index "users_login_key" to table: "users"
CREATE UNIQUE INDEX `users_login_key` ON `users` (`login`);
-- create index "user_distributor_id_login" to table: "users"
CREATE INDEX `user_distributor_id_login` ON `users` (`distributor_id`, `login`);
-- create index "user_role_login" to table: "users"
CREATE INDEX `user_role_login` ON `users` (`role`, `login`);
-- create index "user_avatar_id" to table: "users"
CREATE INDEX `user_avatar_id` ON `users` (`avatar_id`);
-- create "new_blacklist_entries" table
CREATE TABLE `new_blacklist_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `value_sealed` blob NOT NULL, `value_index` blob NOT NULL, `reason` text NULL, `origin` text NOT NULL DEFAULT ('MANUAL'), `created_at` datetime NOT NULL, `expires_at` datetime NULL, `author_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `blacklist_entries_users_author` FOREIGN KEY (`author_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- copy rows from old table "blacklist_entries" to new temporary table "new_blacklist_entries"
INSERT INTO `new_blacklist_entries` (`id`, `kind`, `value_sealed`, `value_index`, `reason`, `origin`, `created_at`, `expires_at`, `author_id`) SELECT `id`, `kind`, `value_sealed`, `value_index`, `reason`, `origin`, `created_at`, `expires_at`, `author_id` FROM `blacklist_entries`;
-- drop "blacklist_entries" table after copying rows
DROP TABLE `blacklist_entries`;
-- rename temporary table "new_blacklist_entries" to "blacklist_entries"
ALTER TABLE `new_blacklist_entries` RENAME TO `blacklist_entries`;
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
-- create "new_leads" table
CREATE TABLE `new_leads` (`id` uuid NOT NULL, `received_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `status` text NOT NULL, `outcome` text NOT NULL, `is_test` bool NOT NULL DEFAULT (false), `external_id` text NULL, `idempotency_key` text NULL, `body_hash` blob NOT NULL, `first_name` text NOT NULL, `first_name_fold` text NOT NULL, `last_name` text NOT NULL DEFAULT (''), `last_name_fold` text NOT NULL DEFAULT (''), `phone_sealed` blob NULL, `phone_index` blob NULL, `phone_last4_index` blob NULL, `email_sealed` blob NULL, `email_index` blob NULL, `ip` text NULL, `decision_trace` json NOT NULL, `consent` json NULL, `assigned_at` datetime NULL, `taken_at` datetime NULL, `closed_at` datetime NULL, `sold_on` text NULL, `payout` integer NOT NULL DEFAULT (0), `sale_amount` integer NULL, `sub_ids` json NULL, `funnel` text NULL, `subid` text NULL, `utm_source` text NULL, `utm_medium` text NULL, `utm_campaign` text NULL, `utm_term` text NULL, `campaign_id` text NULL, `campaign_name` text NULL, `banner_id` text NULL, `advertiser_id` text NULL, `region` text NULL, `gender` text NULL, `age` text NULL, `random` text NULL, `impression_weekday` text NULL, `impression_hour` text NULL, `user_timezone` text NULL, `placement` text NULL, `device_type` text NULL, `position` text NULL, `distributor_id` uuid NULL, `duplicate_of_id` uuid NULL, `source_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `leads_distributors_leads` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL, CONSTRAINT `leads_leads_duplicates` FOREIGN KEY (`duplicate_of_id`) REFERENCES `leads` (`id`) ON DELETE SET NULL, CONSTRAINT `leads_lead_sources_leads` FOREIGN KEY (`source_id`) REFERENCES `lead_sources` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "leads" to new temporary table "new_leads"
INSERT INTO `new_leads` (`id`, `received_at`, `updated_at`, `status`, `outcome`, `is_test`, `external_id`, `idempotency_key`, `body_hash`, `first_name`, `first_name_fold`, `last_name`, `last_name_fold`, `phone_sealed`, `phone_index`, `phone_last4_index`, `email_sealed`, `email_index`, `ip`, `decision_trace`, `consent`, `assigned_at`, `taken_at`, `closed_at`, `sold_on`, `payout`, `sale_amount`, `sub_ids`, `funnel`, `subid`, `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `campaign_id`, `campaign_name`, `banner_id`, `advertiser_id`, `region`, `gender`, `age`, `random`, `impression_weekday`, `impression_hour`, `user_timezone`, `placement`, `device_type`, `position`, `distributor_id`, `duplicate_of_id`, `source_id`) SELECT `id`, `received_at`, `updated_at`, `status`, `outcome`, `is_test`, `external_id`, `idempotency_key`, `body_hash`, `first_name`, `first_name_fold`, `last_name`, `last_name_fold`, `phone_sealed`, `phone_index`, `phone_last4_index`, `email_sealed`, `email_index`, `ip`, `decision_trace`, `consent`, `assigned_at`, `taken_at`, `closed_at`, `sold_on`, `payout`, `sale_amount`, `sub_ids`, `funnel`, `subid`, `utm_source`, `utm_medium`, `utm_campaign`, `utm_term`, `campaign_id`, `campaign_name`, `banner_id`, `advertiser_id`, `region`, `gender`, `age`, `random`, `impression_weekday`, `impression_hour`, `user_timezone`, `placement`, `device_type`, `position`, `distributor_id`, `duplicate_of_id`, `source_id` FROM `leads`;
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
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
