-- +goose Up
-- create "audit_checkpoints" table
CREATE TABLE `audit_checkpoints` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `place` integer NOT NULL, `hash` blob NOT NULL, `dropped` integer NOT NULL, `at` datetime NOT NULL, `mac` blob NOT NULL);
-- create index "auditcheckpoint_place" to table: "audit_checkpoints"
CREATE INDEX `auditcheckpoint_place` ON `audit_checkpoints` (`place`);
-- create "audit_heads" table
CREATE TABLE `audit_heads` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `count` integer NOT NULL, `hash` blob NOT NULL, `mac` blob NOT NULL);
-- create "audit_links" table
CREATE TABLE `audit_links` (`place` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `record_id` uuid NOT NULL, `record_hash` blob NOT NULL, `hash` blob NOT NULL);
-- create index "audit_links_record_id_key" to table: "audit_links"
CREATE UNIQUE INDEX `audit_links_record_id_key` ON `audit_links` (`record_id`);
-- create "audit_records" table
CREATE TABLE `audit_records` (`id` uuid NOT NULL, `at` datetime NOT NULL, `actor_kind` text NOT NULL, `actor_id` uuid NULL, `actor_role` text NULL, `task` text NULL, `action` text NOT NULL, `outcome` text NOT NULL, `object_type` text NULL, `object_id` uuid NULL, `reason` text NULL, `details` text NULL, `remote_addr` text NULL, `user_agent` text NULL, `request_id` text NULL, PRIMARY KEY (`id`));
-- create index "auditrecord_at_id" to table: "audit_records"
CREATE INDEX `auditrecord_at_id` ON `audit_records` (`at`, `id`);
-- create index "auditrecord_actor_id_at_id" to table: "audit_records"
CREATE INDEX `auditrecord_actor_id_at_id` ON `audit_records` (`actor_id`, `at`, `id`);
-- create index "auditrecord_object_id_at_id" to table: "audit_records"
CREATE INDEX `auditrecord_object_id_at_id` ON `audit_records` (`object_id`, `at`, `id`);
-- create index "auditrecord_action_at_id" to table: "audit_records"
CREATE INDEX `auditrecord_action_at_id` ON `audit_records` (`action`, `at`, `id`);
-- create index "auditrecord_not_done" to table: "audit_records"
CREATE INDEX `auditrecord_not_done` ON `audit_records` (`at`, `id`) WHERE outcome <> 'DONE';
-- the one row of "audit_heads"
INSERT INTO `audit_heads` (`id`, `count`, `hash`, `mac`) VALUES (1, 0, x'', x'');
-- what the audit holds is only added to: the triggers below refuse everything else, whoever asks; INSERT OR REPLACE would
-- delete without asking a trigger of deletes
-- +goose StatementBegin
CREATE TRIGGER `audit_records_update` BEFORE UPDATE ON `audit_records`
BEGIN
  SELECT RAISE(ABORT, 'UPDATE on audit_records is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_records_replace` BEFORE INSERT ON `audit_records` WHEN EXISTS (SELECT 1 FROM `audit_records` WHERE `id` = NEW.`id`)
BEGIN
  SELECT RAISE(ABORT, 'REPLACE on audit_records is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_links_update` BEFORE UPDATE ON `audit_links`
BEGIN
  SELECT RAISE(ABORT, 'UPDATE on audit_links is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_links_replace` BEFORE INSERT ON `audit_links` WHEN EXISTS (SELECT 1 FROM `audit_links` WHERE `place` = NEW.`place` OR `record_id` = NEW.`record_id`)
BEGIN
  SELECT RAISE(ABORT, 'REPLACE on audit_links is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_records_delete` BEFORE DELETE ON `audit_records` WHEN NOT EXISTS (SELECT 1 FROM `audit_links` WHERE `record_id` = OLD.`id` AND `place` <= (SELECT max(`place`) FROM `audit_checkpoints`))
BEGIN
  SELECT RAISE(ABORT, 'DELETE on audit_records is refused: no checkpoint has let this record go');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_links_delete` BEFORE DELETE ON `audit_links` WHEN OLD.`place` > COALESCE((SELECT max(`place`) FROM `audit_checkpoints`), 0)
BEGIN
  SELECT RAISE(ABORT, 'DELETE on audit_links is refused: no checkpoint has let this link go');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_checkpoints_update` BEFORE UPDATE ON `audit_checkpoints`
BEGIN
  SELECT RAISE(ABORT, 'UPDATE on audit_checkpoints is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_checkpoints_delete` BEFORE DELETE ON `audit_checkpoints`
BEGIN
  SELECT RAISE(ABORT, 'DELETE on audit_checkpoints is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_heads_update` BEFORE UPDATE ON `audit_heads` WHEN NEW.`count` < OLD.`count` OR NEW.`id` <> OLD.`id`
BEGIN
  SELECT RAISE(ABORT, 'UPDATE on audit_heads is refused: the audit does not get shorter');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_heads_delete` BEFORE DELETE ON `audit_heads`
BEGIN
  SELECT RAISE(ABORT, 'DELETE on audit_heads is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_checkpoints_replace` BEFORE INSERT ON `audit_checkpoints` WHEN EXISTS (SELECT 1 FROM `audit_checkpoints` WHERE `id` = NEW.`id`)
BEGIN
  SELECT RAISE(ABORT, 'REPLACE on audit_checkpoints is refused: the audit is only added to');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER `audit_heads_replace` BEFORE INSERT ON `audit_heads` WHEN EXISTS (SELECT 1 FROM `audit_heads` WHERE `id` = NEW.`id`)
BEGIN
  SELECT RAISE(ABORT, 'REPLACE on audit_heads is refused: the audit is only added to');
END;
-- +goose StatementEnd
