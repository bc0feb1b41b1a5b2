-- Under which key of the index tokens are stored, and the one under which some may still be; no row as long as there was only
-- the first. One row.
CREATE TABLE index_state (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    key_now {int} NOT NULL,
    key_before {int}
){strict};
