-- Sharing: what people consented to, agreements with those who get information, what went to whom. See docs/decisions/0037.

-- What somebody said to a question of consent. A row is never changed: what was said last counts. Whose and what is sealed.
CREATE TABLE consent (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX consent_by_child ON consent (child_id, created_at);

-- A version of an information sharing agreement; `line_id` is the id of its first version. Days are day numbers. It is never taken
-- away: one that was ended or replaced says so.
CREATE TABLE sharing_agreement (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    line_id {uuid} NOT NULL,
    author_id {uuid} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'signed', 'ended', 'replaced')),
    created_at {int} NOT NULL,
    from_day {int} NOT NULL,
    until_day {int} NOT NULL,
    review_day {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX sharing_agreement_by_kind ON sharing_agreement (kind, state, until_day);
CREATE INDEX sharing_agreement_by_line ON sharing_agreement (line_id, created_at);

-- What an authority demands by law, and whether a manager approved.
CREATE TABLE statutory_demand (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'answered')),
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX statutory_demand_by_child ON statutory_demand (child_id, created_at);

-- Something that went to a recipient: which items, on what basis, the digest of the paper; never what the items said.
CREATE TABLE disclosure (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    agreement_id {uuid} REFERENCES sharing_agreement (id),
    demand_id {uuid} REFERENCES statutory_demand (id),
    kind TEXT NOT NULL,
    created_at {int} NOT NULL,
    recalled_at {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX disclosure_by_child ON disclosure (child_id, created_at);
CREATE INDEX disclosure_by_kind ON disclosure (kind, created_at);
CREATE INDEX disclosure_by_agreement ON disclosure (agreement_id);

-- The paper that went, byte for byte; a row of its own, so that a list of disclosures opens no paper. Its id is the disclosure's.
CREATE TABLE disclosure_paper (
    id {uuid} PRIMARY KEY REFERENCES disclosure (id),
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    sealed {bytes} NOT NULL
){strict};
