-- Figures for planning and research: what was asked and decided, and what was made. See docs/decisions/0039.

-- What somebody asked. It names nobody, and stays when what was made is gone. `expires_day` is a day number.
CREATE TABLE research_request (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    author_id {uuid} NOT NULL REFERENCES account (id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'approved', 'refused', 'ready', 'ended')),
    created_at {int} NOT NULL,
    expires_day {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE INDEX research_request_by_time ON research_request (created_at);

-- What was made for it, sealed with a key of its own, which is destroyed when it ends. Its id is the request's.
CREATE TABLE research_extract (
    id {uuid} PRIMARY KEY REFERENCES research_request (id),
    version {int} NOT NULL,
    created_at {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
