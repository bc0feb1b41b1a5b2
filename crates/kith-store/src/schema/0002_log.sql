-- Entries of the access log are authenticated and gapless when they are written: `lane` and `number` say which one it is of those
-- that are written one after the other, `after` which one it follows on, `mac` is a keyed hash of the whole row but its place. Rows of before get theirs when
-- they were compared with the signed log, at the first start with this schema.
ALTER TABLE ledger_entry ADD COLUMN lane {int};
ALTER TABLE ledger_entry ADD COLUMN number {int};
ALTER TABLE ledger_entry ADD COLUMN after {int};
ALTER TABLE ledger_entry ADD COLUMN mac {bytes};
CREATE UNIQUE INDEX ledger_entry_by_lane ON ledger_entry (lane, number);

-- Few are of what was refused: the others need no place in an index.
DROP INDEX ledger_entry_by_refused;
CREATE INDEX ledger_entry_of_refused ON ledger_entry (id) WHERE refused = 1;

-- That a log was begun, and how far it went: one row under a keyed hash. `placed` entries have their place; when that was
-- written the signed tree had `signed` of them and the root hash `root`; `lanes` is how far each lane is placed, in JSON.
CREATE TABLE ledger_state (
    only_row {int} PRIMARY KEY CHECK (only_row = 1),
    logs {int} NOT NULL,
    begun_at {int} NOT NULL,
    placed {int} NOT NULL,
    signed {int} NOT NULL,
    root {bytes} NOT NULL,
    lanes TEXT NOT NULL,
    mac {bytes} NOT NULL
){strict};
