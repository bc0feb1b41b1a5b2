-- What an administrator asks for an account waits until a second person agrees: since when. What is asked, and by whom, is sealed.
ALTER TABLE account ADD COLUMN proposed_at {int};
CREATE INDEX account_by_proposal ON account (proposed_at);
-- When the password was last asked for again in this sign-in, and with what kind of browser it was made (`firefox.windows`).
ALTER TABLE sign_in ADD COLUMN stepped_up_at {int};
ALTER TABLE sign_in ADD COLUMN browser TEXT;
-- What was told of one subject is put away together when it is over.
CREATE INDEX notice_by_subject ON notice (subject_id);
