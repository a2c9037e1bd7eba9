-- +goose Up
-- create index "session_user_id_created_at_id" to table: "sessions"
CREATE INDEX `session_user_id_created_at_id` ON `sessions` (`user_id`, `created_at`, `id`) WHERE revoked_at IS NULL;
-- create "guess_limits" table
CREATE TABLE `guess_limits` (`id` text NOT NULL, `clears_at` datetime NOT NULL, `closed_until` datetime NOT NULL, `told_at` datetime NULL, `known_until` datetime NULL, PRIMARY KEY (`id`));
