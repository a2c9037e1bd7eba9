-- +goose Up
-- drop index "delivery_user_id_channel_kind_sent_at" from table: "deliveries"
DROP INDEX "delivery_user_id_channel_kind_sent_at";
-- create index "delivery_user_id_channel_kind_begun_at" to table: "deliveries"
CREATE INDEX "delivery_user_id_channel_kind_begun_at" ON "deliveries" ("user_id", "channel", "kind", "begun_at");
