-- The key store: a database of its own, so that it has backups of its own and a destroyed key is soon in none.
-- Every key is wrapped by the authority's master key.

-- A key destroyed leaves its row, without the key: the same file is never given a new one.
CREATE TABLE file_key (
    file_id {uuid} PRIMARY KEY,
    wrapped {bytes}
){strict};

CREATE TABLE named_key (
    name TEXT PRIMARY KEY,
    wrapped {bytes} NOT NULL
){strict};
