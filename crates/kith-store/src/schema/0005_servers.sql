-- How far the signed tree of each server went, by the first of its lanes: a list as JSON; nothing before there could be several.
ALTER TABLE ledger_state ADD COLUMN trees TEXT;
