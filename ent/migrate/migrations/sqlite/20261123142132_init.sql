-- +goose Up
-- create "blacklist_entries" table
CREATE TABLE `blacklist_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `value` text NOT NULL, `reason` text NULL, `origin` text NOT NULL DEFAULT ('MANUAL'), `created_at` datetime NOT NULL, `expires_at` datetime NULL, `author_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `blacklist_entries_users_author` FOREIGN KEY (`author_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "blacklistentry_kind_value" to table: "blacklist_entries"
CREATE UNIQUE INDEX `blacklistentry_kind_value` ON `blacklist_entries` (`kind`, `value`);
-- create index "blacklistentry_value" to table: "blacklist_entries"
CREATE INDEX `blacklistentry_value` ON `blacklist_entries` (`value`);
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
-- create "contact_locks" table
CREATE TABLE `contact_locks` (`id` text NOT NULL, PRIMARY KEY (`id`));
-- create "distributors" table
CREATE TABLE `distributors` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `company_name` text NOT NULL, `company_name_fold` text NOT NULL, `status` text NOT NULL DEFAULT ('ACTIVE'), `inn` text NULL, `kpp` text NULL, `ogrn` text NULL, `legal_address` text NULL, `email` text NULL, `phone` text NULL, `website` text NULL, `description` text NULL, `region` text NULL, `contract_number` text NULL, `contract_signed_on` text NULL, `bank_name` text NULL, `bank_account` text NULL, `bank_correspondent_account` text NULL, `bank_bik` text NULL, `last_turn` integer NOT NULL DEFAULT (0), PRIMARY KEY (`id`));
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
-- create "hand_outs" table
CREATE TABLE `hand_outs` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `turn` integer NOT NULL DEFAULT (0));
-- create "intake_attempts" table
CREATE TABLE `intake_attempts` (`id` uuid NOT NULL, `received_at` datetime NOT NULL, `outcome` text NOT NULL, `http_status` integer NOT NULL, `remote_address` text NOT NULL, `request_id` text NOT NULL, `error_codes` json NULL, `raw_body` text NULL, `lead_id` uuid NULL, `source_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `intake_attempts_leads_attempts` FOREIGN KEY (`lead_id`) REFERENCES `leads` (`id`) ON DELETE SET NULL, CONSTRAINT `intake_attempts_lead_sources_attempts` FOREIGN KEY (`source_id`) REFERENCES `lead_sources` (`id`) ON DELETE SET NULL);
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
-- create index "intakeattempt_raw_body" to table: "intake_attempts"
CREATE INDEX `intakeattempt_raw_body` ON `intake_attempts` (`received_at`) WHERE raw_body IS NOT NULL;
-- create index "intakeattempt_lead_id" to table: "intake_attempts"
CREATE INDEX `intakeattempt_lead_id` ON `intake_attempts` (`lead_id`);
-- create "leads" table
CREATE TABLE `leads` (`id` uuid NOT NULL, `received_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `status` text NOT NULL, `outcome` text NOT NULL, `is_test` bool NOT NULL DEFAULT (false), `external_id` text NULL, `idempotency_key` text NULL, `body_hash` blob NOT NULL, `first_name` text NOT NULL, `first_name_fold` text NOT NULL, `last_name` text NOT NULL DEFAULT (''), `last_name_fold` text NOT NULL DEFAULT (''), `phone` text NULL, `phone_last4` text NULL, `email` text NULL, `ip` text NULL, `decision_trace` json NOT NULL, `consent` json NULL, `assigned_at` datetime NULL, `taken_at` datetime NULL, `closed_at` datetime NULL, `sold_on` text NULL, `payout` integer NOT NULL DEFAULT (0), `sale_amount` integer NULL, `sub_ids` json NULL, `funnel` text NULL, `subid` text NULL, `utm_source` text NULL, `utm_medium` text NULL, `utm_campaign` text NULL, `utm_term` text NULL, `campaign_id` text NULL, `campaign_name` text NULL, `banner_id` text NULL, `advertiser_id` text NULL, `region` text NULL, `gender` text NULL, `age` text NULL, `random` text NULL, `impression_weekday` text NULL, `impression_hour` text NULL, `user_timezone` text NULL, `placement` text NULL, `device_type` text NULL, `position` text NULL, `distributor_id` uuid NULL, `duplicate_of_id` uuid NULL, `source_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `leads_distributors_leads` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL, CONSTRAINT `leads_leads_duplicates` FOREIGN KEY (`duplicate_of_id`) REFERENCES `leads` (`id`) ON DELETE SET NULL, CONSTRAINT `leads_lead_sources_leads` FOREIGN KEY (`source_id`) REFERENCES `lead_sources` (`id`) ON DELETE NO ACTION);
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
-- create index "lead_last_name_fold_prefix" to table: "leads"
CREATE INDEX `lead_last_name_fold_prefix` ON `leads` (`last_name_fold`);
-- create index "lead_first_name_fold_prefix" to table: "leads"
CREATE INDEX `lead_first_name_fold_prefix` ON `leads` (`first_name_fold`);
-- create index "lead_phone_received_at" to table: "leads"
CREATE INDEX `lead_phone_received_at` ON `leads` (`phone`, `received_at`);
-- create index "lead_phone_last4_received_at" to table: "leads"
CREATE INDEX `lead_phone_last4_received_at` ON `leads` (`phone_last4`, `received_at`);
-- create index "lead_email_received_at" to table: "leads"
CREATE INDEX `lead_email_received_at` ON `leads` (`email`, `received_at`);
-- create index "lead_ip_received_at" to table: "leads"
CREATE INDEX `lead_ip_received_at` ON `leads` (`ip`, `received_at`);
-- create index "lead_external_id" to table: "leads"
CREATE INDEX `lead_external_id` ON `leads` (`external_id`);
-- create index "lead_duplicate_of_id" to table: "leads"
CREATE INDEX `lead_duplicate_of_id` ON `leads` (`duplicate_of_id`);
-- create "lead_events" table
CREATE TABLE `lead_events` (`id` uuid NOT NULL, `at` datetime NOT NULL, `kind` text NOT NULL, `text` text NOT NULL, `lead_id` uuid NOT NULL, `actor_id` uuid NULL, `distributor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `lead_events_leads_events` FOREIGN KEY (`lead_id`) REFERENCES `leads` (`id`) ON DELETE NO ACTION, CONSTRAINT `lead_events_users_actor` FOREIGN KEY (`actor_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `lead_events_distributors_distributor` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL);
-- create index "leadevent_lead_id_at_id" to table: "lead_events"
CREATE INDEX `leadevent_lead_id_at_id` ON `lead_events` (`lead_id`, `at`, `id`);
-- create index "leadevent_distributor_id" to table: "lead_events"
CREATE INDEX `leadevent_distributor_id` ON `lead_events` (`distributor_id`);
-- create index "leadevent_actor_id" to table: "lead_events"
CREATE INDEX `leadevent_actor_id` ON `lead_events` (`actor_id`);
-- create "lead_sources" table
CREATE TABLE `lead_sources` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, `kind` text NOT NULL DEFAULT ('GENERIC'), `status` text NOT NULL DEFAULT ('ACTIVE'), `key_hash` blob NOT NULL, `key_hint` text NOT NULL, `allowed_distributor_ids` json NULL, `require_consent` bool NOT NULL DEFAULT (true), `disclose_payouts` bool NOT NULL DEFAULT (false), `daily_cap` integer NULL, `rate_per_minute` integer NULL, `vk_secret` text NULL, `vk_confirmation` text NULL, `google_key` text NULL, `duplicate_fields` json NOT NULL, `duplicate_match` text NOT NULL DEFAULT ('ANY'), `duplicate_window_days` integer NOT NULL DEFAULT (30), `duplicate_scope` text NOT NULL DEFAULT ('BASE'), `distributor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `lead_sources_distributors_sources` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL);
-- create index "lead_sources_key_hash_key" to table: "lead_sources"
CREATE UNIQUE INDEX `lead_sources_key_hash_key` ON `lead_sources` (`key_hash`);
-- create index "leadsource_name_id" to table: "lead_sources"
CREATE INDEX `leadsource_name_id` ON `lead_sources` (`name`, `id`);
-- create index "leadsource_distributor_id" to table: "lead_sources"
CREATE INDEX `leadsource_distributor_id` ON `lead_sources` (`distributor_id`);
-- create "refresh_tokens" table
CREATE TABLE `refresh_tokens` (`id` uuid NOT NULL, `hash` blob NOT NULL, `expires_at` datetime NOT NULL, `used_at` datetime NULL, `session_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `refresh_tokens_sessions_refresh_tokens` FOREIGN KEY (`session_id`) REFERENCES `sessions` (`id`) ON DELETE NO ACTION);
-- create index "refreshtoken_hash" to table: "refresh_tokens"
CREATE UNIQUE INDEX `refreshtoken_hash` ON `refresh_tokens` (`hash`);
-- create index "refreshtoken_session_id" to table: "refresh_tokens"
CREATE INDEX `refreshtoken_session_id` ON `refresh_tokens` (`session_id`);
-- create index "refreshtoken_expires_at" to table: "refresh_tokens"
CREATE INDEX `refreshtoken_expires_at` ON `refresh_tokens` (`expires_at`);
-- create "sessions" table
CREATE TABLE `sessions` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `expires_at` datetime NOT NULL, `revoked_at` datetime NULL, `user_agent` text NULL, `remote_address` text NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `sessions_users_sessions` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "session_user_id_revoked_at" to table: "sessions"
CREATE INDEX `session_user_id_revoked_at` ON `sessions` (`user_id`, `revoked_at`);
-- create index "session_revoked_at" to table: "sessions"
CREATE INDEX `session_revoked_at` ON `sessions` (`revoked_at`);
-- create index "session_expires_at" to table: "sessions"
CREATE INDEX `session_expires_at` ON `sessions` (`expires_at`);
-- create "source_days" table
CREATE TABLE `source_days` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `day` text NOT NULL, `accepted` integer NOT NULL DEFAULT (0), `source_id` uuid NOT NULL, CONSTRAINT `source_days_lead_sources_days` FOREIGN KEY (`source_id`) REFERENCES `lead_sources` (`id`) ON DELETE NO ACTION);
-- create index "sourceday_source_id_day" to table: "source_days"
CREATE UNIQUE INDEX `sourceday_source_id_day` ON `source_days` (`source_id`, `day`);
-- create "users" table
CREATE TABLE `users` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `login` text NOT NULL, `password_hash` text NOT NULL, `role` text NOT NULL, `name` text NULL, `email` text NULL, `phone` text NULL, `disabled_at` datetime NULL, `distributor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `users_distributors_users` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL);
-- create index "users_login_key" to table: "users"
CREATE UNIQUE INDEX `users_login_key` ON `users` (`login`);
-- create index "user_distributor_id_login" to table: "users"
CREATE INDEX `user_distributor_id_login` ON `users` (`distributor_id`, `login`);
-- create index "user_role_login" to table: "users"
CREATE INDEX `user_role_login` ON `users` (`role`, `login`);
-- the one row of "hand_outs"
INSERT INTO `hand_outs` (`id`, `turn`) VALUES (1, 0);
