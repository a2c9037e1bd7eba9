-- +goose Up
-- create "recovery_codes" table
CREATE TABLE `recovery_codes` (`id` uuid NOT NULL, `hash` blob NOT NULL, `created_at` datetime NOT NULL, `used_at` datetime NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `recovery_codes_users_recovery_codes` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "recoverycode_user_id_hash" to table: "recovery_codes"
CREATE UNIQUE INDEX `recoverycode_user_id_hash` ON `recovery_codes` (`user_id`, `hash`);
-- create "second_factors" table
CREATE TABLE `second_factors` (`id` uuid NOT NULL, `secret_sealed` blob NULL, `confirmed_at` datetime NULL, `pending_sealed` blob NULL, `pending_at` datetime NULL, `last_step` integer NOT NULL DEFAULT (0), `wrong_codes` integer NOT NULL DEFAULT (0), `wrong_at` datetime NULL, `created_at` datetime NOT NULL, `user_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `second_factors_users_second_factor` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "second_factors_user_id_key" to table: "second_factors"
CREATE UNIQUE INDEX `second_factors_user_id_key` ON `second_factors` (`user_id`);
