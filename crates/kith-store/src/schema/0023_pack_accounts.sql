-- What is held of somebody as a member of staff, in the pack that answers their request: volumes as they are handed over, with the same as
-- data. Nothing of anybody else is in them, so there is nothing to take out. Each is sealed under the key of the request. `number` goes on
-- where the volumes from files end. See docs/decisions/0044.
CREATE TABLE pack_account (
    id {uuid} PRIMARY KEY,
    version {int} NOT NULL,
    pack_id {uuid} NOT NULL REFERENCES pack (id),
    account_id {uuid} NOT NULL REFERENCES account (id),
    number {int} NOT NULL,
    sealed {bytes} NOT NULL,
    UNIQUE (pack_id, number)
){strict};
