-- +goose Up
-- disable the enforcement of foreign-keys constraints
PRAGMA foreign_keys = off;
-- create "new_distributors" table
CREATE TABLE `new_distributors` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `company_name` text NOT NULL, `company_name_fold` text NOT NULL, `status` text NOT NULL DEFAULT ('ACTIVE'), `inn` text NULL, `kpp` text NULL, `ogrn` text NULL, `legal_address` text NULL, `email_sealed` blob NULL, `phone_sealed` blob NULL, `website` text NULL, `description` text NULL, `region` text NULL, `contract_number` text NULL, `contract_signed_on` text NULL, `bank_name` text NULL, `bank_account` text NULL, `bank_correspondent_account` text NULL, `bank_bik` text NULL, `last_turn` integer NOT NULL DEFAULT (0), `payout_rule` text NOT NULL DEFAULT ('MANUAL'), `payout_fixed` integer NULL, `payout_percent` integer NULL, `holding_days` integer NOT NULL DEFAULT (0), `payout_minimum` integer NOT NULL DEFAULT (0), `acceptance_hours` integer NULL, `daily_lead_cap` integer NULL, `monthly_lead_cap` integer NULL, `open_lead_cap` integer NULL, `timezone` text NULL, `working_hours` json NULL, `logo_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `distributors_pictures_logo` FOREIGN KEY (`logo_id`) REFERENCES `pictures` (`id`) ON DELETE SET NULL);
-- copy rows from old table "distributors" to new temporary table "new_distributors"
INSERT INTO `new_distributors` (`id`, `created_at`, `updated_at`, `company_name`, `company_name_fold`, `status`, `inn`, `kpp`, `ogrn`, `legal_address`, `email_sealed`, `phone_sealed`, `website`, `description`, `region`, `contract_number`, `contract_signed_on`, `bank_name`, `bank_account`, `bank_correspondent_account`, `bank_bik`, `last_turn`, `payout_rule`, `payout_fixed`, `payout_percent`, `holding_days`, `acceptance_hours`, `daily_lead_cap`, `monthly_lead_cap`, `open_lead_cap`, `timezone`, `working_hours`, `logo_id`) SELECT `id`, `created_at`, `updated_at`, `company_name`, `company_name_fold`, `status`, `inn`, `kpp`, `ogrn`, `legal_address`, `email_sealed`, `phone_sealed`, `website`, `description`, `region`, `contract_number`, `contract_signed_on`, `bank_name`, `bank_account`, `bank_correspondent_account`, `bank_bik`, `last_turn`, `payout_rule`, `payout_fixed`, `payout_percent`, `holding_days`, `acceptance_hours`, `daily_lead_cap`, `monthly_lead_cap`, `open_lead_cap`, `timezone`, `working_hours`, `logo_id` FROM `distributors`;
-- drop "distributors" table after copying rows
DROP TABLE `distributors`;
-- rename temporary table "new_distributors" to "distributors"
ALTER TABLE `new_distributors` RENAME TO `distributors`;
-- create index "distributor_company_name_fold_id" to table: "distributors"
CREATE INDEX `distributor_company_name_fold_id` ON `distributors` (`company_name_fold`, `id`);
-- create index "distributor_company_name_fold_prefix" to table: "distributors"
CREATE INDEX `distributor_company_name_fold_prefix` ON `distributors` (`company_name_fold`);
-- create index "distributor_created_at_id" to table: "distributors"
CREATE INDEX `distributor_created_at_id` ON `distributors` (`created_at`, `id`);
-- create index "distributor_status_last_turn" to table: "distributors"
CREATE INDEX `distributor_status_last_turn` ON `distributors` (`status`, `last_turn`);
-- create index "distributor_inn" to table: "distributors"
CREATE INDEX `distributor_inn` ON `distributors` (`inn`);
-- create index "distributor_logo_id" to table: "distributors"
CREATE INDEX `distributor_logo_id` ON `distributors` (`logo_id`);
-- create "goals" table
CREATE TABLE `goals` (`id` uuid NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `period_kind` text NOT NULL, `starts_on` text NOT NULL, `metric` text NOT NULL, `target` integer NOT NULL, `closed_at` datetime NULL, `closed_actual` integer NULL, `distributor_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `goals_distributors_goals` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION);
-- create index "goal_distributor_id_period_kind_starts_on_metric" to table: "goals"
CREATE UNIQUE INDEX `goal_distributor_id_period_kind_starts_on_metric` ON `goals` (`distributor_id`, `period_kind`, `starts_on`, `metric`);
-- create index "goal_starts_on_id" to table: "goals"
CREATE INDEX `goal_starts_on_id` ON `goals` (`starts_on`, `id`);
-- create index "goal_period_kind_starts_on" to table: "goals"
CREATE INDEX `goal_period_kind_starts_on` ON `goals` (`period_kind`, `starts_on`);
-- create index "goal_distributor_id_starts_on_id" to table: "goals"
CREATE INDEX `goal_distributor_id_starts_on_id` ON `goals` (`distributor_id`, `starts_on`, `id`);
-- create "goal_changes" table
CREATE TABLE `goal_changes` (`id` uuid NOT NULL, `goal_id` uuid NOT NULL, `period_kind` text NOT NULL, `starts_on` text NOT NULL, `metric` text NOT NULL, `kind` text NOT NULL, `at` datetime NOT NULL, `from_target` integer NULL, `to_target` integer NULL, `reason` text NULL, `distributor_id` uuid NOT NULL, `actor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `goal_changes_distributors_distributor` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION, CONSTRAINT `goal_changes_users_actor` FOREIGN KEY (`actor_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "goalchange_goal_id_at_id" to table: "goal_changes"
CREATE INDEX `goalchange_goal_id_at_id` ON `goal_changes` (`goal_id`, `at`, `id`);
-- create index "goalchange_at_id" to table: "goal_changes"
CREATE INDEX `goalchange_at_id` ON `goal_changes` (`at`, `id`);
-- create index "goalchange_distributor_id_at_id" to table: "goal_changes"
CREATE INDEX `goalchange_distributor_id_at_id` ON `goal_changes` (`distributor_id`, `at`, `id`);
-- create index "goalchange_actor_id" to table: "goal_changes"
CREATE INDEX `goalchange_actor_id` ON `goal_changes` (`actor_id`);
-- create "goal_milestones" table
CREATE TABLE `goal_milestones` (`id` uuid NOT NULL, `goal_id` uuid NOT NULL, `milestone` text NOT NULL, `at` datetime NOT NULL, `target` integer NOT NULL, `actual` integer NOT NULL, `told_at` datetime NULL, `distributor_id` uuid NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `goal_milestones_distributors_distributor` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION);
-- create index "goalmilestone_goal_id_milestone" to table: "goal_milestones"
CREATE UNIQUE INDEX `goalmilestone_goal_id_milestone` ON `goal_milestones` (`goal_id`, `milestone`);
-- create index "goalmilestone_distributor_id" to table: "goal_milestones"
CREATE INDEX `goalmilestone_distributor_id` ON `goal_milestones` (`distributor_id`);
-- create index "goalmilestone_untold" to table: "goal_milestones"
CREATE INDEX `goalmilestone_untold` ON `goal_milestones` (`at`, `id`) WHERE told_at IS NULL;
-- create "goal_rollovers" table
CREATE TABLE `goal_rollovers` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `starts_on` text NOT NULL, `at` datetime NOT NULL, `distributor_id` uuid NOT NULL, CONSTRAINT `goal_rollovers_distributors_distributor` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION);
-- create index "goalrollover_distributor_id_starts_on" to table: "goal_rollovers"
CREATE UNIQUE INDEX `goalrollover_distributor_id_starts_on` ON `goal_rollovers` (`distributor_id`, `starts_on`);
-- create "lead_days" table
CREATE TABLE `lead_days` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `day` text NOT NULL, `whole` bool NOT NULL, `distributor_id` uuid NULL, `restricted` bool NOT NULL, `dimension` text NOT NULL, `value` text NOT NULL, `label` text NULL, `leads` integer NOT NULL, `converted` integer NOT NULL, `sales` integer NOT NULL, `payout` integer NOT NULL);
-- create index "leadday_dimension_whole_day" to table: "lead_days"
CREATE INDEX `leadday_dimension_whole_day` ON `lead_days` (`dimension`, `whole`, `day`);
-- create index "leadday_dimension_whole_distributor_id_day" to table: "lead_days"
CREATE INDEX `leadday_dimension_whole_distributor_id_day` ON `lead_days` (`dimension`, `whole`, `distributor_id`, `day`);
-- create index "leadday_day" to table: "lead_days"
CREATE INDEX `leadday_day` ON `lead_days` (`day`);
-- create "lead_deltas" table
CREATE TABLE `lead_deltas` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `day` text NOT NULL, `distributor_id` uuid NULL, `restricted` bool NOT NULL, `status` text NOT NULL, `source_id` uuid NOT NULL, `utm_source` text NULL, `campaign_id` text NULL, `campaign_name` text NULL, `region` text NULL, `funnel` text NULL, `leads` integer NOT NULL, `converted` integer NOT NULL, `sales` integer NOT NULL, `payout` integer NOT NULL);
-- create index "leaddelta_day_distributor_id" to table: "lead_deltas"
CREATE INDEX `leaddelta_day_distributor_id` ON `lead_deltas` (`day`, `distributor_id`);
-- create "lead_rollups" table
CREATE TABLE `lead_rollups` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `through` text NULL, `through_end` datetime NOT NULL, `timezone` text NOT NULL);
-- create "ledger_entries" table
CREATE TABLE `ledger_entries` (`id` uuid NOT NULL, `kind` text NOT NULL, `sale_number` integer NOT NULL, `day` text NOT NULL, `amount` integer NOT NULL, `sale_amount` integer NULL, `available_on` text NOT NULL, `correction` bool NOT NULL DEFAULT (false), `reason` text NULL, `created_at` datetime NOT NULL, `distributor_id` uuid NOT NULL, `lead_id` uuid NOT NULL, `reverses_id` uuid NULL, `actor_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `ledger_entries_distributors_distributor` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION, CONSTRAINT `ledger_entries_leads_lead` FOREIGN KEY (`lead_id`) REFERENCES `leads` (`id`) ON DELETE NO ACTION, CONSTRAINT `ledger_entries_ledger_entries_reversal` FOREIGN KEY (`reverses_id`) REFERENCES `ledger_entries` (`id`) ON DELETE SET NULL, CONSTRAINT `ledger_entries_users_actor` FOREIGN KEY (`actor_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "ledger_entries_reverses_id_key" to table: "ledger_entries"
CREATE UNIQUE INDEX `ledger_entries_reverses_id_key` ON `ledger_entries` (`reverses_id`);
-- create index "ledgerentry_lead_id_kind_sale_number" to table: "ledger_entries"
CREATE UNIQUE INDEX `ledgerentry_lead_id_kind_sale_number` ON `ledger_entries` (`lead_id`, `kind`, `sale_number`);
-- create index "ledgerentry_day_id" to table: "ledger_entries"
CREATE INDEX `ledgerentry_day_id` ON `ledger_entries` (`day`, `id`);
-- create index "ledgerentry_distributor_id_day_id" to table: "ledger_entries"
CREATE INDEX `ledgerentry_distributor_id_day_id` ON `ledger_entries` (`distributor_id`, `day`, `id`);
-- create index "ledgerentry_kind_day_id" to table: "ledger_entries"
CREATE INDEX `ledgerentry_kind_day_id` ON `ledger_entries` (`kind`, `day`, `id`);
-- create index "ledgerentry_actor_id" to table: "ledger_entries"
CREATE INDEX `ledgerentry_actor_id` ON `ledger_entries` (`actor_id`);
-- create "payout_statements" table
CREATE TABLE `payout_statements` (`id` uuid NOT NULL, `period_kind` text NOT NULL, `starts_on` text NOT NULL, `status` text NOT NULL DEFAULT ('DRAFT'), `revision` integer NOT NULL DEFAULT (1), `total` integer NOT NULL, `entry_count` integer NOT NULL, `drawn_up_at` datetime NOT NULL, `approved_at` datetime NULL, `paid_at` datetime NULL, `paid_on` text NULL, `payment_reference` text NULL, `distributor_id` uuid NOT NULL, `drawn_up_by_id` uuid NULL, `approved_by_id` uuid NULL, `paid_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `payout_statements_distributors_statements` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION, CONSTRAINT `payout_statements_users_drawn_up_by` FOREIGN KEY (`drawn_up_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `payout_statements_users_approved_by` FOREIGN KEY (`approved_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `payout_statements_users_paid_by` FOREIGN KEY (`paid_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "payoutstatement_distributor_id_period_kind_starts_on" to table: "payout_statements"
CREATE UNIQUE INDEX `payoutstatement_distributor_id_period_kind_starts_on` ON `payout_statements` (`distributor_id`, `period_kind`, `starts_on`);
-- create index "payoutstatement_starts_on_id" to table: "payout_statements"
CREATE INDEX `payoutstatement_starts_on_id` ON `payout_statements` (`starts_on`, `id`);
-- create index "payoutstatement_distributor_id_starts_on_id" to table: "payout_statements"
CREATE INDEX `payoutstatement_distributor_id_starts_on_id` ON `payout_statements` (`distributor_id`, `starts_on`, `id`);
-- create index "payoutstatement_status_starts_on_id" to table: "payout_statements"
CREATE INDEX `payoutstatement_status_starts_on_id` ON `payout_statements` (`status`, `starts_on`, `id`);
-- create "periods" table
CREATE TABLE `periods` (`id` uuid NOT NULL, `kind` text NOT NULL, `starts_on` text NOT NULL, `status` text NOT NULL, `closed_at` datetime NULL, `reopened_at` datetime NULL, `reopen_reason` text NULL, `closed_by_id` uuid NULL, `reopened_by_id` uuid NULL, PRIMARY KEY (`id`), CONSTRAINT `periods_users_closed_by` FOREIGN KEY (`closed_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL, CONSTRAINT `periods_users_reopened_by` FOREIGN KEY (`reopened_by_id`) REFERENCES `users` (`id`) ON DELETE SET NULL);
-- create index "period_kind_starts_on" to table: "periods"
CREATE UNIQUE INDEX `period_kind_starts_on` ON `periods` (`kind`, `starts_on`);
-- create "period_facts" table
CREATE TABLE `period_facts` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `payout` integer NOT NULL, `revenue` integer NOT NULL, `sale_count` integer NOT NULL, `lead_count` integer NOT NULL, `converted_count` integer NOT NULL, `period_id` uuid NOT NULL, `distributor_id` uuid NOT NULL, CONSTRAINT `period_facts_periods_facts` FOREIGN KEY (`period_id`) REFERENCES `periods` (`id`) ON DELETE NO ACTION, CONSTRAINT `period_facts_distributors_distributor` FOREIGN KEY (`distributor_id`) REFERENCES `distributors` (`id`) ON DELETE NO ACTION);
-- create index "periodfact_period_id_distributor_id" to table: "period_facts"
CREATE UNIQUE INDEX `periodfact_period_id_distributor_id` ON `period_facts` (`period_id`, `distributor_id`);
-- create index "periodfact_distributor_id" to table: "period_facts"
CREATE INDEX `periodfact_distributor_id` ON `period_facts` (`distributor_id`);
-- create "statement_lines" table
CREATE TABLE `statement_lines` (`id` integer NOT NULL PRIMARY KEY AUTOINCREMENT, `entry_id` uuid NOT NULL, `statement_id` uuid NOT NULL, CONSTRAINT `statement_lines_ledger_entries_line` FOREIGN KEY (`entry_id`) REFERENCES `ledger_entries` (`id`) ON DELETE NO ACTION, CONSTRAINT `statement_lines_payout_statements_lines` FOREIGN KEY (`statement_id`) REFERENCES `payout_statements` (`id`) ON DELETE NO ACTION);
-- create index "statement_lines_entry_id_key" to table: "statement_lines"
CREATE UNIQUE INDEX `statement_lines_entry_id_key` ON `statement_lines` (`entry_id`);
-- create index "statementline_statement_id" to table: "statement_lines"
CREATE INDEX `statementline_statement_id` ON `statement_lines` (`statement_id`);
-- sales from before this release are owed as they stand; the line has the lead's own id
INSERT INTO `ledger_entries` (`id`, `distributor_id`, `lead_id`, `kind`, `sale_number`, `day`, `amount`, `sale_amount`, `available_on`, `created_at`)
SELECT `leads`.`id`, `leads`.`distributor_id`, `leads`.`id`, 'ACCRUAL', 1, `leads`.`sold_on`, `leads`.`payout`, `leads`.`sale_amount`,
date(`leads`.`sold_on`, '+' || `distributors`.`holding_days` || ' days'), COALESCE(`leads`.`closed_at`, `leads`.`updated_at`)
FROM `leads` JOIN `distributors` ON `distributors`.`id` = `leads`.`distributor_id`
WHERE `leads`.`status` = 'SALE' AND `leads`.`sold_on` IS NOT NULL AND NOT `leads`.`is_test`;
-- lines of the ledger and the history of targets never change and never go; a migration that rebuilds these tables makes the
-- triggers anew
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_change BEFORE UPDATE ON `ledger_entries` BEGIN
  SELECT RAISE(ABORT, 'a line of ledger_entries never changes and never goes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_go BEFORE DELETE ON `ledger_entries` BEGIN
  SELECT RAISE(ABORT, 'a line of ledger_entries never changes and never goes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_entries_never_replaced BEFORE INSERT ON `ledger_entries`
WHEN EXISTS (SELECT 1 FROM `ledger_entries` WHERE `id` = NEW.`id`) BEGIN
  SELECT RAISE(ABORT, 'a line of ledger_entries never changes and never goes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER goal_changes_never_change BEFORE UPDATE ON `goal_changes` BEGIN
  SELECT RAISE(ABORT, 'a line of goal_changes never changes and never goes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER goal_changes_never_go BEFORE DELETE ON `goal_changes` BEGIN
  SELECT RAISE(ABORT, 'a line of goal_changes never changes and never goes');
END;
-- +goose StatementEnd
-- a statement that is paid never changes, nor do its lines
-- +goose StatementBegin
CREATE TRIGGER payout_statements_paid_never_change BEFORE UPDATE ON `payout_statements` WHEN OLD.`status` = 'PAID' BEGIN
  SELECT RAISE(ABORT, 'a statement that is paid never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_statements_paid_never_go BEFORE DELETE ON `payout_statements` WHEN OLD.`status` = 'PAID' BEGIN
  SELECT RAISE(ABORT, 'a statement that is paid never changes');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_lines_never_change BEFORE UPDATE ON `statement_lines` BEGIN
  SELECT RAISE(ABORT, 'the lines of a statement never change');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_lines_paid_never_added BEFORE INSERT ON `statement_lines`
WHEN EXISTS (SELECT 1 FROM `payout_statements` WHERE `id` = NEW.`statement_id` AND `status` = 'PAID') BEGIN
  SELECT RAISE(ABORT, 'the lines of a statement that is paid never change');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER statement_lines_paid_never_go BEFORE DELETE ON `statement_lines`
WHEN EXISTS (SELECT 1 FROM `payout_statements` WHERE `id` = OLD.`statement_id` AND `status` = 'PAID') BEGIN
  SELECT RAISE(ABORT, 'the lines of a statement that is paid never change');
END;
-- +goose StatementEnd
-- enable back the enforcement of foreign-keys constraints
PRAGMA foreign_keys = on;
