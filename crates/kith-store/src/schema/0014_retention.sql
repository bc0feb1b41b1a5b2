-- What must not be destroyed, what is proposed for destruction, and what was destroyed. See docs/decisions/0035.

-- A legal hold. What it keeps is worked out whenever it is asked, from `kind` and `subject_id` (a child, a person, a referral;
-- none of a theme), so that a file of later is kept too. `review_day` is a day number. Never taken away: one that was lifted says when.
CREATE TABLE legal_hold (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('file', 'family', 'person', 'referral', 'theme')),
    subject_id {uuid},
    author_id {uuid} NOT NULL REFERENCES account (id),
    set_at {int} NOT NULL,
    review_day {int} NOT NULL,
    lifted_at {int},
    sealed {bytes} NOT NULL,
    CHECK ((subject_id IS NULL) = (kind = 'theme'))
){strict};
CREATE INDEX legal_hold_by_review ON legal_hold (lifted_at, review_day);

-- The files that were added to a theme. A row for what the log says of it: they are only added.
CREATE TABLE hold_file (
    hold_id {uuid} NOT NULL REFERENCES legal_hold (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    added_at {int} NOT NULL,
    added_by {uuid} NOT NULL REFERENCES account (id),
    PRIMARY KEY (hold_id, child_id)
){strict_keyed};
CREATE INDEX hold_file_by_child ON hold_file (child_id);

-- A list of files proposed for destruction; who approved is sealed in it. No author: Kith proposed it on the first of a month.
CREATE TABLE destruction_list (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    author_id {uuid} REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'approved', 'done', 'withdrawn')),
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX destruction_list_by_state ON destruction_list (state, created_at);

-- A file on a list. Its date and rule are sealed under its own key: of one that was destroyed nobody reads them again.
CREATE TABLE destruction_item (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    list_id {uuid} NOT NULL REFERENCES destruction_list (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    state TEXT NOT NULL CHECK (state IN ('listed', 'taken_off', 'held', 'not_due', 'destroyed')),
    sealed {bytes} NOT NULL,
    UNIQUE (list_id, child_id)
){strict};
CREATE INDEX destruction_item_by_child ON destruction_item (child_id, state);

-- That a file was destroyed. Written before its key is destroyed, in the transaction that takes the file out of every list: whoever
-- finds one beside a key that is there still destroys the key again. `gone_day`: from when no backup of the keys brings it back.
CREATE TABLE certificate (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL UNIQUE REFERENCES child (id),
    list_id {uuid} REFERENCES destruction_list (id),
    state TEXT NOT NULL CHECK (state IN ('begun', 'done')),
    destroyed_at {int} NOT NULL,
    gone_day {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX certificate_by_time ON certificate (destroyed_at);
