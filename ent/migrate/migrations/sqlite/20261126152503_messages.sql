-- +goose Up
-- add column "channels" to table: "notices"
ALTER TABLE `notices` ADD COLUMN `channels` json NULL;
-- create "channels" table
CREATE TABLE `channels` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `channel` text NOT NULL, `enabled` bool NOT NULL, `processor` text NOT NULL, `country` text NOT NULL, `personal_data` json NOT NULL, `updated_at` datetime NOT NULL);
-- create index "channel_channel" to table: "channels"
CREATE UNIQUE INDEX `channel_channel` ON `channels` (`channel`);
-- create "channel_states" table
CREATE TABLE `channel_states` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `channel` text NOT NULL, `state` text NOT NULL, `failures` integer NOT NULL DEFAULT (0), `stops` integer NOT NULL DEFAULT (0), `code` text NULL, `since` datetime NOT NULL, `retry_at` datetime NULL);
-- create index "channelstate_channel" to table: "channel_states"
CREATE UNIQUE INDEX `channelstate_channel` ON `channel_states` (`channel`);
-- create "deliveries" table
CREATE TABLE `deliveries` (`id` uuid NOT NULL, `purpose` text NOT NULL, `channel` text NOT NULL, `kind` text NULL, `user_id` uuid NULL, `lead_id` uuid NULL, `distributor_id` uuid NULL, `fallback` bool NOT NULL DEFAULT (false), `template_id` uuid NULL, `status` text NOT NULL DEFAULT ('SCHEDULED'), `created_at` datetime NOT NULL, `due_at` datetime NOT NULL, `round` integer NOT NULL DEFAULT (0), `attempts` integer NOT NULL DEFAULT (0), `unclear` integer NOT NULL DEFAULT (0), `begun_at` datetime NULL, `repeated` bool NOT NULL DEFAULT (false), `provider_id` text NULL, `transaction_id` text NULL, `error_code` text NULL, `error` text NULL, `sent_at` datetime NULL, `delivered_at` datetime NULL, `read_at` datetime NULL, `ended_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "delivery_gathers" to table: "deliveries"
CREATE UNIQUE INDEX `delivery_gathers` ON `deliveries` (`user_id`, `channel`, `kind`, `fallback`) WHERE status = 'SCHEDULED' AND purpose = 'NOTICE';
-- create index "delivery_welcome" to table: "deliveries"
CREATE UNIQUE INDEX `delivery_welcome` ON `deliveries` (`lead_id`, `channel`) WHERE purpose = 'WELCOME';
-- create index "delivery_user_id_channel_kind_sent_at" to table: "deliveries"
CREATE INDEX `delivery_user_id_channel_kind_sent_at` ON `deliveries` (`user_id`, `channel`, `kind`, `sent_at`);
-- create index "delivery_user_id_id" to table: "deliveries"
CREATE INDEX `delivery_user_id_id` ON `deliveries` (`user_id`, `id`);
-- create index "delivery_distributor_id_id" to table: "deliveries"
CREATE INDEX `delivery_distributor_id_id` ON `deliveries` (`distributor_id`, `id`);
-- create index "delivery_lead_id_id" to table: "deliveries"
CREATE INDEX `delivery_lead_id_id` ON `deliveries` (`lead_id`, `id`);
-- create index "delivery_status_id" to table: "deliveries"
CREATE INDEX `delivery_status_id` ON `deliveries` (`status`, `id`);
-- create index "delivery_status_due_at" to table: "deliveries"
CREATE INDEX `delivery_status_due_at` ON `deliveries` (`status`, `due_at`);
-- create index "delivery_channel_id" to table: "deliveries"
CREATE INDEX `delivery_channel_id` ON `deliveries` (`channel`, `id`);
-- create index "delivery_channel_provider_id" to table: "deliveries"
CREATE INDEX `delivery_channel_provider_id` ON `deliveries` (`channel`, `provider_id`);
-- create index "delivery_created_at" to table: "deliveries"
CREATE INDEX `delivery_created_at` ON `deliveries` (`created_at`);
-- create "delivery_items" table
CREATE TABLE `delivery_items` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `delivery_id` uuid NOT NULL, `notice_id` uuid NOT NULL, `user_id` uuid NOT NULL);
-- create index "deliveryitem_delivery_id_notice_id" to table: "delivery_items"
CREATE UNIQUE INDEX `deliveryitem_delivery_id_notice_id` ON `delivery_items` (`delivery_id`, `notice_id`);
-- create index "deliveryitem_user_id_notice_id" to table: "delivery_items"
CREATE INDEX `deliveryitem_user_id_notice_id` ON `delivery_items` (`user_id`, `notice_id`);
-- create index "deliveryitem_notice_id" to table: "delivery_items"
CREATE INDEX `deliveryitem_notice_id` ON `delivery_items` (`notice_id`);
-- create "delivery_reports" table
CREATE TABLE `delivery_reports` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `delivery_id` uuid NOT NULL, `provider_id` text NOT NULL, `status` text NOT NULL, `code` text NULL, `at` datetime NOT NULL, `came_at` datetime NOT NULL);
-- create index "deliveryreport_delivery_id_provider_id_status" to table: "delivery_reports"
CREATE UNIQUE INDEX `deliveryreport_delivery_id_provider_id_status` ON `delivery_reports` (`delivery_id`, `provider_id`, `status`);
-- create "message_templates" table
CREATE TABLE `message_templates` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `distributor_id` uuid NULL, `kind` text NOT NULL, `channel` text NOT NULL, `enabled` bool NOT NULL, `subject` text NULL, `text` text NULL, `provider_template` text NULL, `language` text NULL, `parameters` json NULL, PRIMARY KEY (`id`));
-- create index "messagetemplate_distributor_id_kind_channel" to table: "message_templates"
CREATE UNIQUE INDEX `messagetemplate_distributor_id_kind_channel` ON `message_templates` (`distributor_id`, `kind`, `channel`);
-- create index "messagetemplate_of_all" to table: "message_templates"
CREATE UNIQUE INDEX `messagetemplate_of_all` ON `message_templates` (`kind`, `channel`) WHERE distributor_id IS NULL;
-- create "notification_preferences" table
CREATE TABLE `notification_preferences` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `user_id` uuid NOT NULL, `kind` text NOT NULL, `channel` text NOT NULL, `mode` text NOT NULL);
-- create index "notificationpreference_user_id_kind_channel" to table: "notification_preferences"
CREATE UNIQUE INDEX `notificationpreference_user_id_kind_channel` ON `notification_preferences` (`user_id`, `kind`, `channel`);
-- create "notification_settings" table
CREATE TABLE `notification_settings` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `user_id` uuid NOT NULL, `time_zone` text NULL, `quiet_from` integer NULL, `quiet_to` integer NULL, `digest_minutes` integer NOT NULL, `fallback_minutes` integer NOT NULL, `fallback_order` json NOT NULL, `updated_at` datetime NOT NULL);
-- create index "notification_settings_user_id_key" to table: "notification_settings"
CREATE UNIQUE INDEX `notification_settings_user_id_key` ON `notification_settings` (`user_id`);
-- create "paces" table
CREATE TABLE `paces` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `channel` text NOT NULL, `subject` text NOT NULL, `not_before` datetime NOT NULL, `steps` integer NOT NULL DEFAULT (0));
-- create index "pace_channel_subject" to table: "paces"
CREATE UNIQUE INDEX `pace_channel_subject` ON `paces` (`channel`, `subject`);
-- create index "pace_not_before" to table: "paces"
CREATE INDEX `pace_not_before` ON `paces` (`not_before`);
-- create "regular_runs" table
CREATE TABLE `regular_runs` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `name` text NOT NULL, `every_seconds` integer NOT NULL, `begun_at` datetime NOT NULL, `ended_at` datetime NULL, `succeeded_at` datetime NULL, `error` text NULL);
-- create index "regular_runs_name_key" to table: "regular_runs"
CREATE UNIQUE INDEX `regular_runs_name_key` ON `regular_runs` (`name`);
-- create "suppressions" table
CREATE TABLE `suppressions` (`id` uuid NOT NULL, `channel` text NOT NULL, `address_index` blob NOT NULL, `reason` text NOT NULL, `delivery_id` uuid NULL, `user_id` uuid NULL, `lead_id` uuid NULL, `at` datetime NOT NULL, PRIMARY KEY (`id`));
-- create index "suppression_channel_address_index" to table: "suppressions"
CREATE UNIQUE INDEX `suppression_channel_address_index` ON `suppressions` (`channel`, `address_index`);
-- create "webhooks" table
CREATE TABLE `webhooks` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, `url` text NOT NULL, `events` json NOT NULL, `distributor_id` uuid NULL, `secret_sealed` blob NOT NULL, `former_secret_sealed` blob NULL, `former_until` datetime NULL, `enabled` bool NOT NULL DEFAULT (true), PRIMARY KEY (`id`));
-- create index "webhook_distributor_id" to table: "webhooks"
CREATE INDEX `webhook_distributor_id` ON `webhooks` (`distributor_id`);
-- create "webhook_attempts" table
CREATE TABLE `webhook_attempts` (`id` uuid NOT NULL, `delivery_id` uuid NOT NULL, `at` datetime NOT NULL, `milliseconds` integer NOT NULL, `http_status` integer NULL, `error_code` text NULL, `answer` text NULL, PRIMARY KEY (`id`));
-- create index "webhookattempt_delivery_id_id" to table: "webhook_attempts"
CREATE INDEX `webhookattempt_delivery_id_id` ON `webhook_attempts` (`delivery_id`, `id`);
-- create "webhook_deliveries" table
CREATE TABLE `webhook_deliveries` (`id` uuid NOT NULL, `webhook_id` uuid NOT NULL, `event` text NOT NULL, `kind` text NOT NULL, `body` text NOT NULL, `status` text NOT NULL DEFAULT ('QUEUED'), `created_at` datetime NOT NULL, `due_at` datetime NOT NULL, `round` integer NOT NULL DEFAULT (0), `round_at` datetime NOT NULL, `attempts` integer NOT NULL DEFAULT (0), `error_code` text NULL, `delivered_at` datetime NULL, `ended_at` datetime NULL, PRIMARY KEY (`id`));
-- create index "webhookdelivery_webhook_id_event" to table: "webhook_deliveries"
CREATE UNIQUE INDEX `webhookdelivery_webhook_id_event` ON `webhook_deliveries` (`webhook_id`, `event`);
-- create index "webhookdelivery_webhook_id_id" to table: "webhook_deliveries"
CREATE INDEX `webhookdelivery_webhook_id_id` ON `webhook_deliveries` (`webhook_id`, `id`);
-- create index "webhookdelivery_webhook_id_status_id" to table: "webhook_deliveries"
CREATE INDEX `webhookdelivery_webhook_id_status_id` ON `webhook_deliveries` (`webhook_id`, `status`, `id`);
-- create index "webhookdelivery_status_due_at" to table: "webhook_deliveries"
CREATE INDEX `webhookdelivery_status_due_at` ON `webhook_deliveries` (`status`, `due_at`);
-- create index "webhookdelivery_created_at" to table: "webhook_deliveries"
CREATE INDEX `webhookdelivery_created_at` ON `webhook_deliveries` (`created_at`);
-- create "webhook_states" table
CREATE TABLE `webhook_states` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `webhook_id` uuid NOT NULL, `failures` integer NOT NULL DEFAULT (0), `stopped_at` datetime NULL, `succeeded_at` datetime NULL);
-- create index "webhook_states_webhook_id_key" to table: "webhook_states"
CREATE UNIQUE INDEX `webhook_states_webhook_id_key` ON `webhook_states` (`webhook_id`);
