-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "processing_purposes" table
CREATE TABLE `processing_purposes` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `code` text NOT NULL, `name` text NOT NULL, `legal_basis` text NOT NULL, `retention_days` integer NOT NULL, `recipients` json NULL, `active` bool NOT NULL DEFAULT (true), PRIMARY KEY (`id`));
-- create index "processing_purposes_code_key" to table: "processing_purposes"
CREATE UNIQUE INDEX `processing_purposes_code_key` ON `processing_purposes` (`code`);
-- create "consent_texts" table
CREATE TABLE `consent_texts` (`id` uuid NOT NULL, `version` text NOT NULL, `text` text NOT NULL, `hash` text NOT NULL, `recipients` json NULL, `valid_days` integer NULL, `published_at` datetime NOT NULL, `author_id` uuid NULL, `purpose_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `consent_texts_users_author` FOREIGN KEY (`author_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `consent_texts_processing_purposes_texts` FOREIGN KEY (`purpose_id`) REFERENCES `processing_purposes` (`id`) ON DELETE NO ACTION, CONSTRAINT `consent_text_hash` CHECK (length(hash) = 64));
-- create index "consenttext_purpose_id_version" to table: "consent_texts"
CREATE UNIQUE INDEX `consenttext_purpose_id_version` ON `consent_texts` (`purpose_id`, `version`);
-- create index "consenttext_author_id" to table: "consent_texts"
CREATE INDEX `consenttext_author_id` ON `consent_texts` (`author_id`);
-- the purposes that every base is born with; "deduplication" stands for the keyed hashes of contacts, which have their own end
INSERT INTO `processing_purposes` (`id`, `created_at`, `updated_at`, `code`, `name`, `legal_basis`, `retention_days`, `recipients`) VALUES
('01990000-0000-7000-8000-000000000001', '2026-09-01 00:00:00', '2026-09-01 00:00:00', 'lead', 'Рассмотрение заявки и передача её дистрибьютору', 'CONSENT', 1095, '["Дистрибьюторы оператора, которым передаётся заявка"]'),
('01990000-0000-7000-8000-000000000002', '2026-09-01 00:00:00', '2026-09-01 00:00:00', 'advertising', 'Реклама по телефону, в сообщениях и по электронной почте', 'CONSENT', 1095, '[]'),
('01990000-0000-7000-8000-000000000003', '2026-09-01 00:00:00', '2026-09-01 00:00:00', 'deduplication', 'Поиск повторных заявок и чёрный список по хешам с ключом', 'LEGITIMATE_INTEREST', 1825, '[]');
-- the first texts
INSERT INTO `consent_texts` (`id`, `version`, `text`, `hash`, `recipients`, `valid_days`, `published_at`, `purpose_id`) VALUES
('01990000-0000-7000-8000-000000000011', '2026-09', 'Я свободно, своей волей и в своём интересе даю оператору, наименование и адрес которого указаны на этой странице, согласие на обработку моих персональных данных: имени, фамилии, номера телефона, адреса электронной почты, IP-адреса и сведений о рекламе, по которой оставлена заявка. Цель обработки: рассмотреть мою заявку и передать её партнёру оператора (дистрибьютору), который свяжется со мной. Перечень действий: сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, передача (предоставление, доступ) дистрибьютору, блокирование, удаление и уничтожение, с использованием средств автоматизации и без него. Согласие действует три года со дня, когда оно дано, или до отзыва. Отозвать его можно в любое время, направив оператору обращение по адресу, указанному на этой странице. Это согласие не распространяется на получение рекламы.', 'a08035640f1c0672afecd161fc72f92f4446eddfa51ecb8f2a0d382fe5ab9224', '["Дистрибьюторы оператора, которым передаётся заявка"]', 1095, '2026-09-01 00:00:00', '01990000-0000-7000-8000-000000000001'),
('01990000-0000-7000-8000-000000000012', '2026-09', 'Я даю оператору, наименование и адрес которого указаны на этой странице, согласие на получение рекламы его товаров и услуг и товаров и услуг его партнёров по телефону, в сообщениях и по электронной почте (статья 18 Федерального закона «О рекламе») и на обработку для этой цели моих имени, номера телефона и адреса электронной почты. Согласие действует три года со дня, когда оно дано, или до отзыва. Отозвать его можно в любое время, направив оператору обращение по адресу, указанному на этой странице, или отказавшись от рекламы в ответ на сообщение. Отказ дать это согласие не влияет на рассмотрение моей заявки.', '10d12ec49ec729f8f42e5663d29535ae3ed14e76a299cba22db1bcf84f9bab0c', '[]', 1095, '2026-09-01 00:00:00', '01990000-0000-7000-8000-000000000002');
-- add columns to table: "leads"
ALTER TABLE `leads` ADD COLUMN `legal_basis` text NULL;
ALTER TABLE `leads` ADD COLUMN `basis_note` text NULL;
ALTER TABLE `leads` ADD COLUMN `restricted_at` datetime NULL;
ALTER TABLE `leads` ADD COLUMN `restriction` text NULL;
ALTER TABLE `leads` ADD COLUMN `destroy_by` datetime NULL;
-- create index "lead_restricted" to table: "leads"
CREATE INDEX `lead_restricted` ON `leads` (`received_at`, `id`) WHERE restricted_at IS NOT NULL;
-- create index "lead_destroy_by" to table: "leads"
CREATE INDEX `lead_destroy_by` ON `leads` (`destroy_by`) WHERE destroy_by IS NOT NULL;
-- create "new_lead_sources" table
CREATE TABLE `new_lead_sources` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `name` text NOT NULL, `kind` text NOT NULL DEFAULT ('GENERIC'), `status` text NOT NULL DEFAULT ('ACTIVE'), `key_hash` blob NOT NULL, `key_hint` text NOT NULL, `allowed_distributor_ids` json NULL, `require_consent` bool NOT NULL DEFAULT (true), `legal_basis` text NULL, `disclose_payouts` bool NOT NULL DEFAULT (false), `daily_cap` integer NULL, `rate_per_minute` integer NULL, `vk_secret` text NULL, `vk_confirmation` text NULL, `google_key` text NULL, `duplicate_fields` json NOT NULL, `duplicate_match` text NOT NULL DEFAULT ('ANY'), `duplicate_window_days` integer NOT NULL DEFAULT (30), `duplicate_scope` text NOT NULL DEFAULT ('BASE'), `form_consent_text_id` uuid NULL, `distributor_id` uuid NULL, `purpose_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `lead_sources_consent_texts_form_sources` FOREIGN KEY (`form_consent_text_id`) REFERENCES `consent_texts` (`id`) ON DELETE SET NULL, CONSTRAINT `lead_sources_distributors_sources` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE SET NULL, CONSTRAINT `lead_sources_processing_purposes_sources` FOREIGN KEY (`purpose_id`) REFERENCES `processing_purposes` (`id`) ON DELETE NO ACTION);
-- copy rows from old table "lead_sources" to new temporary table "new_lead_sources"
INSERT INTO `new_lead_sources` (`id`, `created_at`, `updated_at`, `name`, `kind`, `status`, `key_hash`, `key_hint`, `allowed_distributor_ids`, `require_consent`, `disclose_payouts`, `daily_cap`, `rate_per_minute`, `vk_secret`, `vk_confirmation`, `google_key`, `duplicate_fields`, `duplicate_match`, `duplicate_window_days`, `duplicate_scope`, `distributor_id`, `purpose_id`) SELECT `id`, `created_at`, `updated_at`, `name`, `kind`, `status`, `key_hash`, `key_hint`, `allowed_distributor_ids`, `require_consent`, `disclose_payouts`, `daily_cap`, `rate_per_minute`, `vk_secret`, `vk_confirmation`, `google_key`, `duplicate_fields`, `duplicate_match`, `duplicate_window_days`, `duplicate_scope`, `distributor_id`, '01990000-0000-7000-8000-000000000001' FROM `lead_sources`;
-- drop "lead_sources" table after copying rows
DROP TABLE `lead_sources`;
-- rename temporary table "new_lead_sources" to "lead_sources"
ALTER TABLE `new_lead_sources` RENAME TO `lead_sources`;
-- create index "lead_sources_key_hash_key" to table: "lead_sources"
CREATE UNIQUE INDEX `lead_sources_key_hash_key` ON `lead_sources` (`key_hash`);
-- create index "leadsource_name_id" to table: "lead_sources"
CREATE INDEX `leadsource_name_id` ON `lead_sources` (`name`, `id`);
-- create index "leadsource_distributor_id" to table: "lead_sources"
CREATE INDEX `leadsource_distributor_id` ON `lead_sources` (`distributor_id`);
-- create index "leadsource_purpose_id" to table: "lead_sources"
CREATE INDEX `leadsource_purpose_id` ON `lead_sources` (`purpose_id`);
-- create index "leadsource_form_consent_text_id" to table: "lead_sources"
CREATE INDEX `leadsource_form_consent_text_id` ON `lead_sources` (`form_consent_text_id`);
-- create "consents" table
CREATE TABLE `consents` (`id` uuid NOT NULL, `is_basis` bool NOT NULL, `text_version` text NOT NULL, `text_hash` text NOT NULL, `given_at` datetime NOT NULL, `recorded_at` datetime NOT NULL, `how` text NOT NULL, `form` text NULL, `ip` text NULL, `user_agent` text NULL, `recipients` json NULL, `valid_until` datetime NULL, `withdrawn_at` datetime NULL, `withdrawal_channel` text NULL, `withdrawal_comment` text NULL, `recorded_by_id` uuid NULL, `withdrawn_by_id` uuid NULL, `text_id` uuid NOT NULL, `lead_id` uuid NOT NULL, `source_id` uuid NOT NULL, `purpose_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `consents_users_recorded_by` FOREIGN KEY (`recorded_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `consents_users_withdrawn_by` FOREIGN KEY (`withdrawn_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `consents_leads_consents` FOREIGN KEY (`lead_id`) REFERENCES `leads` (`id`) ON DELETE NO ACTION);
-- create index "consent_lead_id_given_at_id" to table: "consents"
CREATE INDEX `consent_lead_id_given_at_id` ON `consents` (`lead_id`, `given_at`, `id`);
-- sources that asked for no consent stand on a contract that the person asks for
UPDATE `lead_sources` SET `legal_basis` = 'CONTRACT' WHERE NOT `require_consent`;
-- leads from before this release: those that came with a consent or were let in stand on it, the others on their source's basis;
-- what was held back or turned away without one has none
UPDATE `leads` SET `legal_basis` = CASE WHEN `leads`.`consent` IS NOT NULL OR `lead_sources`.`require_consent` THEN 'CONSENT' ELSE 'CONTRACT' END,
`basis_note` = CASE WHEN `leads`.`consent` IS NOT NULL THEN 'Указано при обновлении: согласие прислал источник, записи о нём нет.'
WHEN `lead_sources`.`require_consent` THEN 'Указано при обновлении: лид выпустил администратор, записи о согласии нет.' ELSE 'Указано при обновлении по источнику.' END
FROM `lead_sources` WHERE `lead_sources`.`id` = `leads`.`source_id` AND `leads`.`status` <> 'QUARANTINED'
AND (`leads`.`consent` IS NOT NULL OR NOT `lead_sources`.`require_consent` OR `leads`.`status` NOT IN ('DUPLICATE', 'BLOCKED'));
-- a published text never changes and never goes; a migration that rebuilds the table makes these anew
-- +goose StatementBegin
CREATE TRIGGER consent_texts_never_change BEFORE UPDATE ON `consent_texts` BEGIN
  SELECT RAISE(ABORT, 'a published consent text never changes: publish another version');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER consent_texts_never_go BEFORE DELETE ON `consent_texts` BEGIN
  SELECT RAISE(ABORT, 'a published consent text never goes: consents refer to it');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER consent_texts_never_replaced BEFORE INSERT ON `consent_texts`
WHEN EXISTS (SELECT 1 FROM `consent_texts` WHERE `id` = NEW.`id` OR `purpose_id` = NEW.`purpose_id` AND `version` = NEW.`version`) BEGIN
  SELECT RAISE(ABORT, 'a published consent text never changes: publish another version');
END;
-- +goose StatementEnd
-- what proves a consent never changes; its withdrawal is added
-- +goose StatementBegin
CREATE TRIGGER consents_never_change BEFORE UPDATE OF `id`, `lead_id`, `purpose_id`, `is_basis`, `text_id`, `text_version`, `text_hash`, `given_at`, `recorded_at`, `source_id`, `how`, `recipients`, `valid_until` ON `consents` BEGIN
  SELECT RAISE(ABORT, 'what proves a consent never changes');
END;
-- +goose StatementEnd
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
