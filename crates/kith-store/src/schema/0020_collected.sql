-- A disclosure can be taken with an address and a code like a pack: a way is to one of the two. The table is made anew, since what was
-- required is not any more. See docs/decisions/0037.
CREATE TABLE hand_over_of_both (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    pack_id {uuid} REFERENCES pack (id),
    disclosure_id {uuid} REFERENCES disclosure (id),
    child_id {uuid} REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'opened', 'locked', 'taken_back')),
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    sealed {bytes} NOT NULL,
    CHECK ((pack_id IS NULL) <> (disclosure_id IS NULL)),
    CHECK ((disclosure_id IS NULL) = (child_id IS NULL))
){strict};
INSERT INTO hand_over_of_both (id, version, pack_id, author_id, state, created_at, expires_at, sealed)
    SELECT id, version, pack_id, author_id, state, created_at, expires_at, sealed FROM hand_over;
DROP TABLE hand_over;
ALTER TABLE hand_over_of_both RENAME TO hand_over;
CREATE INDEX hand_over_by_pack ON hand_over (pack_id, created_at);
CREATE INDEX hand_over_by_disclosure ON hand_over (disclosure_id, created_at);
