-- The ground of the house. One text for both engines; words in braces are replaced per engine:
-- {uuid} {bytes} {int} {bool} {serial} {strict} {end_of_id}, and {strict_keyed} for rows kept in the order of their key. Instants are
-- UTC milliseconds, days are days since 1970-01-01 of the civil calendar, text is only ever a code or an ISO date that
-- identifies nobody.
-- What identifies or describes a person is in `sealed`, bound to its table, row and version.

-- Whose data this is: one row. Its code is bound into every seal; `key_check` is a MAC under the blind-index key,
-- so that a database is never opened beside the key store of another.
CREATE TABLE authority (
    only_row {int} PRIMARY KEY CHECK (only_row = 1),
    code TEXT NOT NULL,
    key_check {bytes} NOT NULL
){strict};

-- Items of the catalogue of which anything was ever stored, by key: a register that drops one is refused at start.
CREATE TABLE item_in_use (
    item TEXT PRIMARY KEY
){strict_keyed};

CREATE TABLE account (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    role TEXT NOT NULL,
    area TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'closed')),
    login_token {bytes} NOT NULL UNIQUE,
    totp_last_step {int} NOT NULL DEFAULT 0,
    failed_attempts {int} NOT NULL DEFAULT 0,
    locked_until {int} NOT NULL DEFAULT 0,
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX account_by_role ON account (role, state);

-- A signed-in browser. `secret_hash` is a keyed hash of the cookie's secret, `mac` a keyed hash of the whole row: who writes
-- to the database past Kith signs nobody in. The row outlives sign-out for a day so that a form sent from a stale tab can
-- be given back to the person who typed it.
CREATE TABLE sign_in (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    secret_hash {bytes} NOT NULL UNIQUE,
    created_at {int} NOT NULL,
    last_seen_at {int} NOT NULL,
    ended_at {int},
    mac {bytes} NOT NULL
){strict};
CREATE INDEX sign_in_by_account ON sign_in (account_id);

CREATE TABLE venue (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    name TEXT NOT NULL,
    area TEXT NOT NULL,
    open TEXT NOT NULL,
    closed_at {int}
){strict};

CREATE TABLE room (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    venue_id {uuid} NOT NULL REFERENCES venue (id),
    name TEXT NOT NULL,
    features TEXT NOT NULL,
    closed_at {int}
){strict};
CREATE INDEX room_by_venue ON room (venue_id);

-- Weekly working hours of a supervisor; weekday 1 is Monday; minutes from midnight, end exclusive.
CREATE TABLE shift (
    account_id {uuid} NOT NULL REFERENCES account (id),
    weekday {int} NOT NULL CHECK (weekday BETWEEN 1 AND 6),
    start_minute {int} NOT NULL,
    end_minute {int} NOT NULL CHECK (end_minute > start_minute),
    PRIMARY KEY (account_id, weekday)
){strict_keyed};

-- The child's file. `retention_month` (YYYY-MM) is when retention is next looked at: the day would give
-- away the birthday.
CREATE TABLE child (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('referred', 'open', 'closed', 'joined')),
    area TEXT NOT NULL,
    social_worker_id {uuid} NOT NULL REFERENCES account (id),
    retention_month TEXT NOT NULL,
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX child_by_worker ON child (social_worker_id);
CREATE INDEX child_by_area ON child (area, state);
-- What people read aloud for a file is the end of its id: no two files share one.
CREATE UNIQUE INDEX child_by_reference ON child ({end_of_id});

-- To whom a child's file is allocated, as what, from when to when, by whom; the reason is sealed. Rows are only added: what
-- ends early has a row that ends it. `child.area` is the team's allocation, `child.social_worker_id` says again who is
-- the social worker now. By these rows it is decided who may, so `mac` is a keyed hash of each.
CREATE TABLE allocation (
    id {uuid} PRIMARY KEY,
    child_id {uuid} NOT NULL REFERENCES child (id),
    account_id {uuid} NOT NULL REFERENCES account (id),
    capacity TEXT NOT NULL CHECK (capacity IN ('social_worker', 'cover', 'refused')),
    from_at {int} NOT NULL,
    until_at {int} CHECK (until_at > from_at),
    created_at {int} NOT NULL,
    created_by {uuid},
    sealed {bytes},
    mac {bytes} NOT NULL
){strict};
CREATE INDEX allocation_by_account ON allocation (account_id, child_id);
CREATE INDEX allocation_by_child ON allocation (child_id, account_id);

CREATE TABLE allocation_end (
    allocation_id {uuid} PRIMARY KEY REFERENCES allocation (id),
    ended_at {int} NOT NULL,
    ended_by {uuid}
){strict_keyed};

-- A member of the family or other person the child sees, and how they stand to one child. Rows of one human being
-- share `canonical_id`, the smallest of their ids: it follows from `person_link` and is kept here so that occupancy and
-- lists need not ask.
CREATE TABLE person (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    canonical_id {uuid} NOT NULL,
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX person_by_canonical ON person (canonical_id);

CREATE TABLE relationship (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    sealed {bytes} NOT NULL,
    UNIQUE (child_id, person_id)
){strict};
CREATE INDEX relationship_by_person ON relationship (person_id);

-- Whether two rows are of one human being: decisions are only added, the last one about a pair stands.
CREATE TABLE person_link (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    person_id {uuid} NOT NULL REFERENCES person (id),
    other_id {uuid} NOT NULL REFERENCES person (id),
    decision TEXT NOT NULL CHECK (decision IN ('same', 'another', 'undecided')),
    author_id {uuid} NOT NULL REFERENCES account (id),
    decided_at {int} NOT NULL,
    sealed {bytes} NOT NULL,
    CHECK (person_id < other_id)
){strict};
CREATE INDEX person_link_by_person ON person_link (person_id);
CREATE INDEX person_link_by_other ON person_link (other_id);

-- What was said of a child, of a person, or of how a person stands to a child: rows are only added. What stands now is
-- folded from them into the rows of child, person and relationship.
CREATE TABLE statement (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    about TEXT NOT NULL CHECK (about IN ('child', 'person', 'relationship')),
    child_id {uuid} REFERENCES child (id),
    person_id {uuid} REFERENCES person (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    recorded_at {int} NOT NULL,
    sealed {bytes} NOT NULL,
    CHECK ((child_id IS NULL) = (about = 'person')),
    CHECK ((person_id IS NULL) = (about = 'child'))
){strict};
CREATE INDEX statement_by_child ON statement (child_id);
CREATE INDEX statement_by_person ON statement (person_id);

CREATE TABLE referral (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    referrer_id {uuid} NOT NULL REFERENCES account (id),
    area TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'submitted', 'being_verified', 'returned', 'accepted', 'declined', 'withdrawn')),
    created_at {int} NOT NULL,
    submitted_at {int},
    decided_at {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX referral_by_referrer ON referral (referrer_id, state);
CREATE INDEX referral_by_area ON referral (area, state);
CREATE INDEX referral_by_child ON referral (child_id);

CREATE TABLE verification (
    referral_id {uuid} PRIMARY KEY REFERENCES referral (id),
    version {int} NOT NULL,
    verifier_id {uuid} NOT NULL REFERENCES account (id),
    started_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};

-- What is said of one child of a referral alone, on the form and in the phone call: sealed under that child's key, while
-- what is said of all is sealed for each of them. A child who was taken off keeps the rows.
CREATE TABLE referral_child (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    referral_id {uuid} NOT NULL REFERENCES referral (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    part TEXT NOT NULL CHECK (part IN ('form', 'call')),
    state TEXT NOT NULL CHECK (state IN ('referred', 'taken_off')),
    sealed {bytes} NOT NULL,
    UNIQUE (referral_id, child_id, part)
){strict};
CREATE INDEX referral_child_by_child ON referral_child (child_id);

CREATE TABLE risk_assessment (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    approver_id {uuid} REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'awaiting_approval', 'returned', 'approved', 'void', 'replaced')),
    created_at {int} NOT NULL,
    valid_from {int},
    valid_until {int},
    sealed {bytes} NOT NULL,
    CHECK (approver_id IS NULL OR approver_id <> author_id)
){strict};
CREATE INDEX risk_assessment_by_child ON risk_assessment (child_id, person_id, state);

-- An order of a court about contact, and the children whom it is about. The children are sealed in it too.
CREATE TABLE contact_order (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('standing', 'ended')),
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};

CREATE TABLE order_child (
    order_id {uuid} NOT NULL REFERENCES contact_order (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    PRIMARY KEY (order_id, child_id)
){strict_keyed};
CREATE INDEX order_child_by_child ON order_child (child_id);

CREATE TABLE contact_plan (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'agreed', 'active', 'suspended', 'ended')),
    created_at {int} NOT NULL,
    review_due {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX contact_plan_by_child ON contact_plan (child_id, state);
-- `write_up_until` is until which day a manager lets a session be written up that was never started, if longer than usual.
CREATE TABLE session (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    room_id {uuid} NOT NULL REFERENCES room (id),
    supervisor_id {uuid} NOT NULL REFERENCES account (id),
    second_id {uuid},
    day {int} NOT NULL,
    start_minute {int} NOT NULL,
    end_minute {int} NOT NULL CHECK (end_minute > start_minute),
    state TEXT NOT NULL CHECK (state IN ('planned', 'confirmed', 'in_progress', 'completed', 'ended_early', 'did_not_attend', 'cancelled', 'void')),
    flagged TEXT,
    write_up_until {int},
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX session_by_day ON session (day, start_minute);
CREATE INDEX session_by_supervisor ON session (supervisor_id, day);
CREATE INDEX session_by_second ON session (second_id, day) WHERE second_id IS NOT NULL;

-- The children of a session, each under their own plan. A row for what the session's seal says: to find by, and to decide by
-- who may, so `mac` is a keyed hash of the whole row. A child who was taken off keeps the row, so that their file still shows what was booked.
CREATE TABLE session_child (
    session_id {uuid} NOT NULL REFERENCES session (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    plan_id {uuid} NOT NULL REFERENCES contact_plan (id),
    arrangement_id {uuid} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('expected', 'added', 'taken_off')),
    mac {bytes} NOT NULL,
    PRIMARY KEY (session_id, child_id)
){strict_keyed};
CREATE INDEX session_child_by_child ON session_child (child_id);
CREATE INDEX session_child_by_plan ON session_child (plan_id);

-- On which days a session stood before it was moved: such a day counts as used. A row for what the session's seal says.
CREATE TABLE session_moved (
    session_id {uuid} NOT NULL REFERENCES session (id),
    number {int} NOT NULL,
    day {int} NOT NULL,
    start_minute {int} NOT NULL,
    PRIMARY KEY (session_id, number)
){strict_keyed};
CREATE INDEX session_moved_by_day ON session_moved (day);

-- Who is in the room beside the children.
CREATE TABLE session_person (
    session_id {uuid} NOT NULL REFERENCES session (id),
    person_id {uuid} NOT NULL REFERENCES person (id),
    PRIMARY KEY (session_id, person_id)
){strict_keyed};
CREATE INDEX session_person_by_person ON session_person (person_id);

-- One row for each quarter-hour of each resource (room, supervisor, child, person): double booking is
-- refused by the engine itself, whichever server asks.
CREATE TABLE occupancy (
    resource_id {uuid} NOT NULL,
    day {int} NOT NULL,
    quarter {int} NOT NULL CHECK (quarter BETWEEN 0 AND 95),
    session_id {uuid} NOT NULL REFERENCES session (id),
    PRIMARY KEY (resource_id, day, quarter)
){strict_keyed};
CREATE INDEX occupancy_by_session ON occupancy (session_id);

CREATE TABLE record (
    session_id {uuid} PRIMARY KEY REFERENCES session (id),
    version {int} NOT NULL,
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('open', 'signed', 'returned', 'accepted', 'released')),
    opened_at {int} NOT NULL,
    due_at {int} NOT NULL,
    signed_at {int},
    reviewed_at {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX record_by_state ON record (state, due_at);
CREATE INDEX record_by_author ON record (author_id, state);

-- What is written into a record, only ever added. Ids are made where it is typed, so sending twice changes nothing.
-- `root_id` is the entry that this one is about: itself, the observation of which it is another text (`number` among its
-- texts, from 1), or what it strikes out (`number` -1, so once). `words` is a keyed digest, by which the same words sent again are known.
CREATE TABLE entry (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    session_id {uuid} NOT NULL REFERENCES record (session_id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL CHECK (kind IN ('observation', 'revision', 'struck_out', 'arrival', 'leaving', 'not_come', 'start', 'end', 'concern', 'addendum')),
    root_id {uuid} NOT NULL,
    number {int} NOT NULL CHECK (number >= -1),
    words {bytes},
    received_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX entry_by_session ON entry (session_id, received_at);
CREATE UNIQUE INDEX entry_by_root ON entry (root_id, number);
CREATE INDEX entry_by_words ON entry (session_id, words) WHERE words IS NOT NULL;

CREATE TABLE report (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('draft', 'signed')),
    from_day {int} NOT NULL,
    to_day {int} NOT NULL,
    created_at {int} NOT NULL,
    signed_at {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX report_by_child ON report (child_id);

-- Blind index: keyed tokens of names, dates and identifiers. They go when the file goes.
CREATE TABLE token (
    token {bytes} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    subject_id {uuid} NOT NULL,
    PRIMARY KEY (token, child_id, subject_id)
){strict_keyed};
CREATE INDEX token_by_subject ON token (subject_id);

-- Something a person should know, shown on their home page. Text is made from `kind` and the subject when shown.
CREATE TABLE notice (
    id {uuid} PRIMARY KEY,
    account_id {uuid} NOT NULL REFERENCES account (id),
    kind TEXT NOT NULL,
    subject_id {uuid} NOT NULL,
    created_at {int} NOT NULL,
    read_at {int}
){strict};
CREATE INDEX notice_by_account ON notice (account_id, read_at);

-- Work that waits, written with the change that caused it.
CREATE TABLE outbox (
    id {uuid} PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    due_at {int} NOT NULL,
    attempts {int} NOT NULL DEFAULT 0,
    leased_until {int} NOT NULL DEFAULT 0,
    done_at {int},
    failed_at {int}
){strict};
CREATE INDEX outbox_by_due ON outbox (done_at, due_at);

-- The access log before and after it is sequenced: `leaf` is its place in the Merkle tree. `at`, `actor_id` and `refused`
-- (1 or 0) say again what the body says, to find it by.
CREATE TABLE ledger_entry (
    id {serial},
    leaf {int} UNIQUE,
    at {int} NOT NULL,
    actor_id {uuid},
    refused {int} NOT NULL CHECK (refused IN (0, 1)),
    body TEXT NOT NULL
){strict};
CREATE INDEX ledger_entry_by_actor ON ledger_entry (actor_id, id);
CREATE INDEX ledger_entry_by_refused ON ledger_entry (refused, id);
CREATE INDEX ledger_entry_by_time ON ledger_entry (at);

-- Which records an entry is about: a person's own access history is a query on this.
CREATE TABLE ledger_subject (
    entry_id {int} NOT NULL REFERENCES ledger_entry (id),
    subject_id {uuid} NOT NULL,
    PRIMARY KEY (entry_id, subject_id)
){strict_keyed};
CREATE INDEX ledger_subject_by_subject ON ledger_subject (subject_id, entry_id);
