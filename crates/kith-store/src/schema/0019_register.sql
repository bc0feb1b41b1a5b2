-- Versions of the authority's register. See docs/decisions/0041.

-- One version. The first is what the file said at the first start, and has no author. `from_day` is the day number from which it is to
-- be, or was, in force.
CREATE TABLE register_version (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    number {int} NOT NULL UNIQUE,
    author_id {uuid} REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'proposed', 'refused', 'approved', 'in_force', 'ended', 'withdrawn', 'stopped')),
    created_at {int} NOT NULL,
    from_day {int},
    sealed {bytes} NOT NULL
){strict};
-- One is in force, whichever servers put it there.
CREATE UNIQUE INDEX register_version_in_force ON register_version (state) WHERE state = 'in_force';
