-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_distributors" table
CREATE TABLE `new_distributors` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `company_name` text NOT NULL, `company_name_fold` text NOT NULL, `status` text NOT NULL DEFAULT ('ACTIVE'), `inn` text NULL, `kpp` text NULL, `ogrn` text NULL, `legal_address` text NULL, `email` text NULL, `phone` text NULL, `website` text NULL, `description` text NULL, `region` text NULL, `contract_number` text NULL, `contract_signed_on` text NULL, `bank_name` text NULL, `bank_account` text NULL, `bank_correspondent_account` text NULL, `bank_bik` text NULL, `last_turn` integer NOT NULL DEFAULT (0), `payout_rule` text NOT NULL DEFAULT ('MANUAL'), `payout_fixed` integer NULL, `payout_percent` integer NULL, `holding_days` integer NOT NULL DEFAULT (0), `acceptance_hours` integer NULL, `daily_lead_cap` integer NULL, `monthly_lead_cap` integer NULL, `open_lead_cap` integer NULL, `timezone` text NULL, `working_hours` json NULL, `logo_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `distributors_pictures_logo` FOREIGN KEY (`logo_id`) REFERENCES `pictures` (`id`) ON DELETE SET NULL);
-- copy rows from old table "distributors" to new temporary table "new_distributors"
INSERT INTO `new_distributors` (`id`, `created_at`, `updated_at`, `company_name`, `company_name_fold`, `status`, `inn`, `kpp`, `ogrn`, `legal_address`, `email`, `phone`, `website`, `description`, `region`, `contract_number`, `contract_signed_on`, `bank_name`, `bank_account`, `bank_correspondent_account`, `bank_bik`, `last_turn`) SELECT `id`, `created_at`, `updated_at`, `company_name`, `company_name_fold`, `status`, `inn`, `kpp`, `ogrn`, `legal_address`, `email`, `phone`, `website`, `description`, `region`, `contract_number`, `contract_signed_on`, `bank_name`, `bank_account`, `bank_correspondent_account`, `bank_bik`, `last_turn` FROM `distributors`;
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
-- drop index "lead_last_name_fold_prefix" from table: "leads"
DROP INDEX `lead_last_name_fold_prefix`;
-- drop index "lead_first_name_fold_prefix" from table: "leads"
DROP INDEX `lead_first_name_fold_prefix`;
-- create index "lead_last_name_fold_received_at_id" to table: "leads"
CREATE INDEX `lead_last_name_fold_received_at_id` ON `leads` (`last_name_fold`, `received_at`, `id`);
-- create index "lead_first_name_fold_received_at_id" to table: "leads"
CREATE INDEX `lead_first_name_fold_received_at_id` ON `leads` (`first_name_fold`, `received_at`, `id`);
-- create "new_users" table
CREATE TABLE `new_users` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `login` text NOT NULL, `password_hash` text NOT NULL, `role` text NOT NULL, `name` text NULL, `email` text NULL, `phone` text NULL, `disabled_at` datetime NULL, `distributor_id` uuid NULL, `avatar_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `users_distributors_users` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL, CONSTRAINT `users_pictures_avatar` FOREIGN KEY (`avatar_id`) REFERENCES `pictures` (`id`) ON DELETE SET NULL);
-- copy rows from old table "users" to new temporary table "new_users"
INSERT INTO `new_users` (`id`, `created_at`, `updated_at`, `login`, `password_hash`, `role`, `name`, `email`, `phone`, `disabled_at`, `distributor_id`) SELECT `id`, `created_at`, `updated_at`, `login`, `password_hash`, `role`, `name`, `email`, `phone`, `disabled_at`, `distributor_id` FROM `users`;
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
-- create "absences" table
CREATE TABLE `absences` (`id` uuid NOT NULL, `starts_on` text NOT NULL, `ends_on` text NOT NULL, `reason` text NULL, `created_at` datetime NOT NULL, `distributor_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `absences_distributors_absences` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION);
-- create index "absence_distributor_id_ends_on_id" to table: "absences"
CREATE INDEX `absence_distributor_id_ends_on_id` ON `absences` (`distributor_id`, `ends_on`, `id`);
-- create "companies" table
CREATE TABLE `companies` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` text NULL, `inn` text NULL, `kpp` text NULL, `ogrn` text NULL, `address` text NULL, `city` text NULL, `signatory` text NULL, `signatory_position` text NULL, `information_system` text NULL, `bank_name` text NULL, `bank_account` text NULL, `bank_correspondent_account` text NULL, `bank_bik` text NULL, `updated_at` datetime NULL);
-- create "pictures" table
CREATE TABLE `pictures` (`id` uuid NOT NULL, `digest` text NOT NULL, `media_type` text NOT NULL, `size` integer NOT NULL, `width` integer NOT NULL, `height` integer NOT NULL, `created_at` datetime NOT NULL, `released_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "picture_created_at" to table: "pictures"
CREATE INDEX `picture_created_at` ON `pictures` (`created_at`);
-- the one row of "companies"
INSERT INTO `companies` (`id`) VALUES (1);
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
