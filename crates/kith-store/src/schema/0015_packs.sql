-- The pack that answers a request for access: one for a request, with the files that it is made from, part by part. What is held is
-- in the envelopes of its files, parts and volumes, each under the key of the file that it comes from, so that it ends with it.
-- `undecided` is how many decisions are still to be made about a part. See docs/decisions/0036.
CREATE TABLE pack (
    id {uuid} PRIMARY KEY REFERENCES rights_request (id),
    version {int} NOT NULL,
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('collecting', 'deciding', 'setting', 'ready', 'released')),
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};

CREATE TABLE pack_file (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    pack_id {uuid} NOT NULL REFERENCES pack (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    sealed {bytes} NOT NULL,
    UNIQUE (pack_id, child_id)
){strict};

-- `number` is its place in the pack, from 1; `source_id` the row that it comes from, by which two packs of one family are held
-- against each other.
CREATE TABLE pack_part (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    pack_id {uuid} NOT NULL REFERENCES pack (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    number {int} NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('facts', 'referral', 'call', 'risk', 'order', 'refusal', 'plan', 'session', 'report', 'document', 'sharing', 'staff', 'looks')),
    source_id {uuid} NOT NULL,
    undecided {int} NOT NULL,
    sealed {bytes} NOT NULL,
    UNIQUE (pack_id, number)
){strict};
CREATE INDEX pack_part_by_source ON pack_part (source_id);

-- A volume as it is handed over: one PDF.
CREATE TABLE pack_volume (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    pack_id {uuid} NOT NULL REFERENCES pack (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    number {int} NOT NULL,
    sealed {bytes} NOT NULL,
    UNIQUE (pack_id, number)
){strict};

-- A way to take a pack without signing in: whoever has the address and the code, once, until `expires_at`. The code is in no row;
-- how often a wrong one was typed, and when the right one was, is in the envelope.
CREATE TABLE hand_over (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    pack_id {uuid} NOT NULL REFERENCES pack (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'opened', 'locked', 'taken_back')),
    created_at {int} NOT NULL,
    expires_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX hand_over_by_pack ON hand_over (pack_id, created_at);
