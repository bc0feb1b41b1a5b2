-- Refusals of contact for at most seven days (Children Act 1989 s34(6)). Who is refused contact, and why, is in the
-- envelope; `until_day` is its seventh day.
CREATE TABLE contact_refusal (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    child_id {uuid} NOT NULL REFERENCES child (id),
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('running', 'resumed', 'ordered', 'mistaken')),
    created_at {int} NOT NULL,
    until_day {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX contact_refusal_by_child ON contact_refusal (child_id, state);
