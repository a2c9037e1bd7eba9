-- +goose Up
-- create "processing_purposes" table
CREATE TABLE "processing_purposes" ("id" uuid NOT NULL, "created_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "code" character varying NOT NULL, "name" character varying NOT NULL, "legal_basis" character varying NOT NULL, "retention_days" bigint NOT NULL, "recipients" jsonb NULL, "active" boolean NOT NULL DEFAULT true, PRIMARY KEY ("id"));
-- create index "processing_purposes_code_key" to table: "processing_purposes"
CREATE UNIQUE INDEX "processing_purposes_code_key" ON "processing_purposes" ("code");
-- create "consent_texts" table
CREATE TABLE "consent_texts" ("id" uuid NOT NULL, "version" character varying NOT NULL, "text" text NOT NULL, "hash" character varying NOT NULL, "recipients" jsonb NULL, "valid_days" bigint NULL, "published_at" timestamptz NOT NULL, "author_id" uuid NULL, "purpose_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "consent_texts_processing_purposes_texts" FOREIGN KEY ("purpose_id") REFERENCES "processing_purposes" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "consent_texts_users_author" FOREIGN KEY ("author_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "consent_text_hash" CHECK (length((hash)::text) = 64));
-- create index "consenttext_author_id" to table: "consent_texts"
CREATE INDEX "consenttext_author_id" ON "consent_texts" ("author_id");
-- create index "consenttext_purpose_id_version" to table: "consent_texts"
CREATE UNIQUE INDEX "consenttext_purpose_id_version" ON "consent_texts" ("purpose_id", "version");
-- the purposes that every base is born with; "deduplication" stands for the keyed hashes of contacts, which have their own end
INSERT INTO "processing_purposes" ("id", "created_at", "updated_at", "code", "name", "legal_basis", "retention_days", "recipients") VALUES
('01990000-0000-7000-8000-000000000001', '2026-09-01 00:00:00', '2026-09-01 00:00:00', 'lead', 'Рассмотрение заявки и передача её дистрибьютору', 'CONSENT', 1095, '["Дистрибьюторы оператора, которым передаётся заявка"]'),
('01990000-0000-7000-8000-000000000002', '2026-09-01 00:00:00', '2026-09-01 00:00:00', 'advertising', 'Реклама по телефону, в сообщениях и по электронной почте', 'CONSENT', 1095, '[]'),
('01990000-0000-7000-8000-000000000003', '2026-09-01 00:00:00', '2026-09-01 00:00:00', 'deduplication', 'Поиск повторных заявок и чёрный список по хешам с ключом', 'LEGITIMATE_INTEREST', 1825, '[]');
-- the first texts
INSERT INTO "consent_texts" ("id", "version", "text", "hash", "recipients", "valid_days", "published_at", "purpose_id") VALUES
('01990000-0000-7000-8000-000000000011', '2026-09', 'Я свободно, своей волей и в своём интересе даю оператору, наименование и адрес которого указаны на этой странице, согласие на обработку моих персональных данных: имени, фамилии, номера телефона, адреса электронной почты, IP-адреса и сведений о рекламе, по которой оставлена заявка. Цель обработки: рассмотреть мою заявку и передать её партнёру оператора (дистрибьютору), который свяжется со мной. Перечень действий: сбор, запись, систематизация, накопление, хранение, уточнение, извлечение, использование, передача (предоставление, доступ) дистрибьютору, блокирование, удаление и уничтожение, с использованием средств автоматизации и без него. Согласие действует три года со дня, когда оно дано, или до отзыва. Отозвать его можно в любое время, направив оператору обращение по адресу, указанному на этой странице. Это согласие не распространяется на получение рекламы.', 'a08035640f1c0672afecd161fc72f92f4446eddfa51ecb8f2a0d382fe5ab9224', '["Дистрибьюторы оператора, которым передаётся заявка"]', 1095, '2026-09-01 00:00:00', '01990000-0000-7000-8000-000000000001'),
('01990000-0000-7000-8000-000000000012', '2026-09', 'Я даю оператору, наименование и адрес которого указаны на этой странице, согласие на получение рекламы его товаров и услуг и товаров и услуг его партнёров по телефону, в сообщениях и по электронной почте (статья 18 Федерального закона «О рекламе») и на обработку для этой цели моих имени, номера телефона и адреса электронной почты. Согласие действует три года со дня, когда оно дано, или до отзыва. Отозвать его можно в любое время, направив оператору обращение по адресу, указанному на этой странице, или отказавшись от рекламы в ответ на сообщение. Отказ дать это согласие не влияет на рассмотрение моей заявки.', '10d12ec49ec729f8f42e5663d29535ae3ed14e76a299cba22db1bcf84f9bab0c', '[]', 1095, '2026-09-01 00:00:00', '01990000-0000-7000-8000-000000000002');
-- modify "lead_sources" table
ALTER TABLE "lead_sources" ADD COLUMN "legal_basis" character varying NULL, ADD COLUMN "form_consent_text_id" uuid NULL, ADD COLUMN "purpose_id" uuid NOT NULL DEFAULT '01990000-0000-7000-8000-000000000001', ADD CONSTRAINT "lead_sources_consent_texts_form_sources" FOREIGN KEY ("form_consent_text_id") REFERENCES "consent_texts" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, ADD CONSTRAINT "lead_sources_processing_purposes_sources" FOREIGN KEY ("purpose_id") REFERENCES "processing_purposes" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION;
-- existing sources got the purpose "lead"; new ones name theirs
ALTER TABLE "lead_sources" ALTER COLUMN "purpose_id" DROP DEFAULT;
-- create index "leadsource_form_consent_text_id" to table: "lead_sources"
CREATE INDEX "leadsource_form_consent_text_id" ON "lead_sources" ("form_consent_text_id");
-- create index "leadsource_purpose_id" to table: "lead_sources"
CREATE INDEX "leadsource_purpose_id" ON "lead_sources" ("purpose_id");
-- modify "leads" table
ALTER TABLE "leads" ADD COLUMN "legal_basis" character varying NULL, ADD COLUMN "basis_note" text NULL, ADD COLUMN "restricted_at" timestamptz NULL, ADD COLUMN "restriction" character varying NULL, ADD COLUMN "destroy_by" timestamptz NULL;
-- create index "lead_destroy_by" to table: "leads"
CREATE INDEX "lead_destroy_by" ON "leads" ("destroy_by") WHERE (destroy_by IS NOT NULL);
-- create index "lead_restricted" to table: "leads"
CREATE INDEX "lead_restricted" ON "leads" ("received_at", "id") WHERE (restricted_at IS NOT NULL);
-- create "consents" table
CREATE TABLE "consents" ("id" uuid NOT NULL, "is_basis" boolean NOT NULL, "text_version" character varying NOT NULL, "text_hash" character varying NOT NULL, "given_at" timestamptz NOT NULL, "recorded_at" timestamptz NOT NULL, "how" character varying NOT NULL, "form" character varying NULL, "ip" character varying NULL, "user_agent" character varying NULL, "recipients" jsonb NULL, "valid_until" timestamptz NULL, "withdrawn_at" timestamptz NULL, "withdrawal_channel" character varying NULL, "withdrawal_comment" text NULL, "recorded_by_id" uuid NULL, "withdrawn_by_id" uuid NULL, "text_id" uuid NOT NULL, "lead_id" uuid NOT NULL, "source_id" uuid NOT NULL, "purpose_id" uuid NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "consents_leads_consents" FOREIGN KEY ("lead_id") REFERENCES "leads" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "consents_users_recorded_by" FOREIGN KEY ("recorded_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL, CONSTRAINT "consents_users_withdrawn_by" FOREIGN KEY ("withdrawn_by_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE SET NULL);
-- create index "consent_lead_id_given_at_id" to table: "consents"
CREATE INDEX "consent_lead_id_given_at_id" ON "consents" ("lead_id", "given_at", "id");
-- sources that asked for no consent stand on a contract that the person asks for
UPDATE "lead_sources" SET "legal_basis" = 'CONTRACT' WHERE NOT "require_consent";
-- leads from before this release: those that came with a consent or were let in stand on it, the others on their source's basis;
-- what was held back or turned away without one has none
UPDATE "leads" SET "legal_basis" = CASE WHEN "leads"."consent" IS NOT NULL OR "lead_sources"."require_consent" THEN 'CONSENT' ELSE 'CONTRACT' END,
"basis_note" = CASE WHEN "leads"."consent" IS NOT NULL THEN 'Указано при обновлении: согласие прислал источник, записи о нём нет.'
WHEN "lead_sources"."require_consent" THEN 'Указано при обновлении: лид выпустил администратор, записи о согласии нет.' ELSE 'Указано при обновлении по источнику.' END
FROM "lead_sources" WHERE "lead_sources"."id" = "leads"."source_id" AND "leads"."status" <> 'QUARANTINED'
AND ("leads"."consent" IS NOT NULL OR NOT "lead_sources"."require_consent" OR "leads"."status" NOT IN ('DUPLICATE', 'BLOCKED'));
-- a published text never changes and never goes
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION refuse_consent_text_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a published consent text never changes: publish another version';
END $$;
-- +goose StatementEnd
CREATE TRIGGER consent_texts_never_change BEFORE UPDATE OR DELETE ON "consent_texts" FOR EACH ROW EXECUTE FUNCTION refuse_consent_text_change();
CREATE TRIGGER consent_texts_never_go BEFORE TRUNCATE ON "consent_texts" FOR EACH STATEMENT EXECUTE FUNCTION refuse_consent_text_change();
-- what proves a consent never changes; its withdrawal is added
-- +goose StatementBegin
CREATE FUNCTION refuse_consent_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what proves a consent never changes';
END $$;
-- +goose StatementEnd
CREATE TRIGGER consents_never_change BEFORE UPDATE OF "id", "lead_id", "purpose_id", "is_basis", "text_id", "text_version", "text_hash", "given_at", "recorded_at", "source_id", "how", "recipients", "valid_until" ON "consents" FOR EACH ROW EXECUTE FUNCTION refuse_consent_change();
