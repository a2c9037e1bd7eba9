-- +goose Up
-- create index "goalrollover_starts_on" to table: "goal_rollovers"
CREATE INDEX `goalrollover_starts_on` ON `goal_rollovers` (`starts_on`);
