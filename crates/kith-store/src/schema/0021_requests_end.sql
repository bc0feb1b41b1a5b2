-- Requests of people end, and what was collected to answer them before. `gone_at` says when what was collected was taken away, `ended_at` when
-- the request itself ended, UTC milliseconds: then nobody can read it, and its right and the year in which it came stay, to be counted.
-- They are columns beside `state` and no states: how it was closed stays known, and the rows that others refer to are not made anew. See
-- docs/decisions/0042.
ALTER TABLE rights_request ADD COLUMN ended_at {int};
ALTER TABLE rights_request ADD COLUMN ended_right TEXT;
ALTER TABLE rights_request ADD COLUMN ended_year {int};
ALTER TABLE pack ADD COLUMN gone_at {int};
