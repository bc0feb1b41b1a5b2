-- Whole papers that went beside the facts of a disclosure, byte for byte, each in parts so that none is too long for a row: see
-- docs/decisions/0043. `number` is a paper's place among those that went, `part` the place of the bytes in it; both from 1.
CREATE TABLE disclosure_enclosed (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    disclosure_id {uuid} NOT NULL REFERENCES disclosure (id),
    child_id {uuid} NOT NULL REFERENCES child (id),
    number {int} NOT NULL,
    part {int} NOT NULL,
    sealed {bytes} NOT NULL
){strict};
CREATE UNIQUE INDEX disclosure_enclosed_by_number ON disclosure_enclosed (disclosure_id, number, part);
