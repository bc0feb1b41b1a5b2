-- What is said of the keys as a whole.
CREATE TABLE key_state (
    only_row {int} PRIMARY KEY CHECK (only_row = 1),
    -- The master key that wraps: a key is put in under this one, or not at all.
    master TEXT NOT NULL,
    -- How many keys were destroyed: whoever keeps unwrapped keys in memory forgets them when it is more than it was.
    destroyed {int} NOT NULL
){strict};

-- Every master key there was, and since when it wraps; not known of the first where there were keys before this table.
CREATE TABLE master_key (
    id TEXT PRIMARY KEY,
    since {int}
){strict};

-- What was done beside a serving Kith, or is asked of it, until it is done and in the access log.
CREATE TABLE key_note (
    id {serial},
    what TEXT NOT NULL,
    about TEXT NOT NULL,
    at {int} NOT NULL,
    done_at {int}
){strict};
