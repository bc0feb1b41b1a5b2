-- Days by which something in a child's case is due and that stand in no column elsewhere: the first session, the end of an order,
-- hearings to come. Lists go by them. A row for what sealed bodies say, written with them; `kind` is a code, `subject_id` what
-- it is about. See docs/decisions/0031.
CREATE TABLE clock (
    child_id {uuid} NOT NULL REFERENCES child (id),
    kind TEXT NOT NULL,
    subject_id {uuid} NOT NULL,
    due_day {int} NOT NULL,
    PRIMARY KEY (child_id, kind, subject_id, due_day)
){strict_keyed};
CREATE INDEX clock_by_due ON clock (due_day);
CREATE INDEX clock_by_subject ON clock (subject_id, kind);
-- The days that stand in columns are looked for by them.
CREATE INDEX risk_assessment_by_end ON risk_assessment (state, valid_until);
CREATE INDEX contact_plan_by_review ON contact_plan (state, review_due);
