-- Which marks (kith-linkage's MARKS) every file is found by; NULL as long as some may be found by those of an earlier Kith.
ALTER TABLE index_state ADD COLUMN marks {int};
