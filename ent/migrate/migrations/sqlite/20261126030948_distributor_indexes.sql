-- +goose Up
-- drop index "lead_distributor_id_received_at_id" from table: "leads"
DROP INDEX `lead_distributor_id_received_at_id`;
-- drop index "lead_distributor_id_status_received_at_id" from table: "leads"
DROP INDEX `lead_distributor_id_status_received_at_id`;
-- create index "lead_distributor_id_received_at_id_restricted_at" to table: "leads"
CREATE INDEX `lead_distributor_id_received_at_id_restricted_at` ON `leads` (`distributor_id`, `received_at`, `id`, `restricted_at`);
-- create index "lead_distributor_id_status_received_at_id_restricted_at" to table: "leads"
CREATE INDEX `lead_distributor_id_status_received_at_id_restricted_at` ON `leads` (`distributor_id`, `status`, `received_at`, `id`, `restricted_at`);
