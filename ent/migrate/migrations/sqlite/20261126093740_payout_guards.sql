-- +goose Up
-- create index "ledgerentry_corrections" to table: "ledger_entries"
CREATE INDEX `ledgerentry_corrections` ON `ledger_entries` (`day`, `id`) WHERE correction;
-- INSERT OR REPLACE takes a row away without asking the triggers on deletion; a migration that rebuilds these tables makes the
-- triggers anew
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_sale_never_replaced BEFORE INSERT ON `ledger_entries`
WHEN EXISTS (SELECT 1 FROM `ledger_entries` WHERE `lead_id` = NEW.`lead_id` AND `kind` = NEW.`kind` AND `sale_number` = NEW.`sale_number`)
  OR EXISTS (SELECT 1 FROM `ledger_entries` WHERE `reverses_id` = NEW.`reverses_id`) BEGIN
  SELECT RAISE(ABORT, 'a line of ledger_entries never changes and never goes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_statements_paid_never_replaced BEFORE INSERT ON `payout_statements`
WHEN EXISTS (SELECT 1 FROM `payout_statements` WHERE `id` = NEW.`id` AND `status` = 'PAID')
  OR EXISTS (SELECT 1 FROM `payout_statements` WHERE `distributor_id` = NEW.`distributor_id` AND `period_kind` = NEW.`period_kind`
    AND `starts_on` = NEW.`starts_on` AND `status` = 'PAID') BEGIN
  SELECT RAISE(ABORT, 'a statement that is paid never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_lines_paid_never_replaced BEFORE INSERT ON `statement_lines`
WHEN EXISTS (SELECT 1 FROM `statement_lines` JOIN `payout_statements` ON `payout_statements`.`id` = `statement_lines`.`statement_id`
  WHERE (`statement_lines`.`entry_id` = NEW.`entry_id` OR `statement_lines`.`id` = NEW.`id`) AND `payout_statements`.`status` = 'PAID') BEGIN
  SELECT RAISE(ABORT, 'the lines of a statement that is paid never change');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER goal_changes_never_replaced BEFORE INSERT ON `goal_changes`
WHEN EXISTS (SELECT 1 FROM `goal_changes` WHERE `id` = NEW.`id`) BEGIN
  SELECT RAISE(ABORT, 'a line of goal_changes never changes and never goes');
END;
-- +goose StatementEnd
