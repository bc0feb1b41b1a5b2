-- Files that go to an archive before they are destroyed. See docs/decisions/0040.

-- That a file on a list goes to an archive first: who asked, what was made, what went, what the archive says that it has. Sealed with
-- the authority's own key, since it stays when the file is gone; it names nobody whom the file was about.
CREATE TABLE archive_transfer (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    item_id {uuid} NOT NULL UNIQUE REFERENCES destruction_item (id),
    list_id {uuid} NOT NULL REFERENCES destruction_list (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'making', 'made', 'received', 'stopped')),
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX archive_transfer_by_list ON archive_transfer (list_id);
CREATE INDEX archive_transfer_by_child ON archive_transfer (child_id, state);
CREATE INDEX archive_transfer_by_state ON archive_transfer (state, created_at);

-- A bag that was made: where its sealed bytes lie, their digest, and in its envelope the key of its pieces. The envelope is sealed with
-- a key of the bag's own, whose name is its id, and which is destroyed when the bag has ended.
CREATE TABLE archive_bag (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    transfer_id {uuid} NOT NULL REFERENCES archive_transfer (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    state TEXT NOT NULL CHECK (state IN ('kept', 'ended')),
    object_id {uuid} NOT NULL UNIQUE,
    digest {bytes} NOT NULL,
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX archive_bag_by_transfer ON archive_bag (transfer_id, state);
CREATE INDEX archive_bag_by_child ON archive_bag (child_id, state);
