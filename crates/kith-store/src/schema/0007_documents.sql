-- Documents that people added: a PDF, a Word document, a picture. What is in one lies sealed in pieces where the authority keeps
-- such things, by `object_id`; `digest` is the SHA-256 of those sealed bytes. The key of the pieces, the name and what it is are
-- in the envelope. A document belongs to a referral, to an order, or to a child's file alone, and is in the file of each child. Of
-- one that was taken off nothing lies there any more, and its envelope has no key.
CREATE TABLE document (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    author_id {uuid} NOT NULL REFERENCES account (id),
    referral_id {uuid} REFERENCES referral (id),
    order_id {uuid} REFERENCES contact_order (id),
    state TEXT NOT NULL CHECK (state IN ('kept', 'taken_off')),
    object_id {uuid} NOT NULL UNIQUE,
    digest {bytes} NOT NULL,
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX document_by_referral ON document (referral_id);
CREATE INDEX document_by_order ON document (order_id);

CREATE TABLE document_child (
    document_id {uuid} NOT NULL REFERENCES document (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    PRIMARY KEY (document_id, child_id)
){strict_keyed};
CREATE INDEX document_child_by_child ON document_child (child_id);
