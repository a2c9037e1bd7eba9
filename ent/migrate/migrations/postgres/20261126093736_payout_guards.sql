-- +goose Up
-- create index "ledgerentry_corrections" to table: "ledger_entries"
CREATE INDEX "ledgerentry_corrections" ON "ledger_entries" ("day", "id") WHERE correction;
-- what was paid does not go with all the rest of its table either
CREATE TRIGGER payout_statements_never_emptied BEFORE TRUNCATE ON "payout_statements" FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER statement_lines_never_emptied BEFORE TRUNCATE ON "statement_lines" FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
