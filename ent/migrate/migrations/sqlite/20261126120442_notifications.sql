-- +goose Up
-- create "lead_changes" table
CREATE TABLE `lead_changes` (`id` uuid NOT NULL, `at` datetime NOT NULL, `lead_id` uuid NOT NULL, `distributor_id` uuid NULL, `place` integer NULL, PRIMARY KEY (`id`));
-- create index "lead_changes_place_key" to table: "lead_changes"
CREATE UNIQUE INDEX `lead_changes_place_key` ON `lead_changes` (`place`);
-- create index "lead_changes_waiting" to table: "lead_changes"
CREATE INDEX `lead_changes_waiting` ON `lead_changes` (`id`) WHERE place IS NULL;
-- create "lines" table
CREATE TABLE `lines` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` text NOT NULL, `last` integer NOT NULL);
-- create index "lines_name_key" to table: "lines"
CREATE UNIQUE INDEX `lines_name_key` ON `lines` (`name`);
-- create "notices" table
CREATE TABLE `notices` (`id` uuid NOT NULL, `at` datetime NOT NULL, `kind` text NOT NULL, `title` text NOT NULL, `text` text NOT NULL, `url` text NULL, `object` text NULL, `distributor_id` uuid NULL, `admins` bool NOT NULL DEFAULT (false), `everyone` bool NOT NULL DEFAULT (false), `user_ids` json NULL, `except_id` uuid NULL, `place` integer NULL, PRIMARY KEY (`id`));
-- create index "notices_place_key" to table: "notices"
CREATE UNIQUE INDEX `notices_place_key` ON `notices` (`place`);
-- create index "notices_waiting" to table: "notices"
CREATE INDEX `notices_waiting` ON `notices` (`id`) WHERE place IS NULL;
-- create "notifications" table
CREATE TABLE `notifications` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `distributor_id` uuid NULL, `kind` text NOT NULL, `place` integer NOT NULL, `read_at` datetime NULL, `notice_id` uuid NOT NULL, `user_id` uuid NOT NULL, CONSTRAINT `notifications_notices_notifications` FOREIGN KEY (`notice_id`) REFERENCES `notices` (`id`) ON DELETE CASCADE, CONSTRAINT `notifications_users_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE NO ACTION);
-- create index "notification_notice_id_user_id" to table: "notifications"
CREATE UNIQUE INDEX `notification_notice_id_user_id` ON `notifications` (`notice_id`, `user_id`);
-- create index "notification_user_id_place" to table: "notifications"
CREATE UNIQUE INDEX `notification_user_id_place` ON `notifications` (`user_id`, `place`);
-- create index "notification_user_id_kind_place" to table: "notifications"
CREATE INDEX `notification_user_id_kind_place` ON `notifications` (`user_id`, `kind`, `place`);
-- create index "notification_unread" to table: "notifications"
CREATE INDEX `notification_unread` ON `notifications` (`user_id`, `place`) WHERE read_at IS NULL;
