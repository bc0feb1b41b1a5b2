-- Requests of people about what is held of them, and what may have happened to personal data. Who asks, about whom and what was
-- done is in the envelope, under a key of its own; lists go by the state and by when something is due: a day number, and UTC
-- milliseconds.
CREATE TABLE rights_request (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'waiting', 'ready', 'answered', 'refused', 'not_held', 'withdrawn', 'joined')),
    created_at {int} NOT NULL,
    due_day {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX rights_request_by_due ON rights_request (state, due_day);
CREATE TABLE breach (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    reporter_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('suspected', 'in_hand', 'nothing', 'closed')),
    created_at {int} NOT NULL,
    due_at {int},
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX breach_by_due ON breach (state, due_at);
