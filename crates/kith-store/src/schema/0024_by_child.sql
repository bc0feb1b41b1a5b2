-- What belongs to a file is found by the file: without these each save of somebody's names read the whole blind index, and the
-- destruction of a file every part of every pack.
DROP INDEX token_by_subject;
CREATE INDEX token_by_child ON token (child_id, subject_id);
CREATE INDEX pack_file_by_child ON pack_file (child_id);
CREATE INDEX pack_part_by_child ON pack_part (child_id);
CREATE INDEX pack_volume_by_child ON pack_volume (child_id);
CREATE INDEX disclosure_paper_by_child ON disclosure_paper (child_id);
CREATE INDEX disclosure_enclosed_by_child ON disclosure_enclosed (child_id);
CREATE INDEX hand_over_by_child ON hand_over (child_id);
