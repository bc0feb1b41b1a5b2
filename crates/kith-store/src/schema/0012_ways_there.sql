-- Where a venue is and how to get there: families read it on the agreement.
ALTER TABLE venue ADD COLUMN address TEXT;
ALTER TABLE venue ADD COLUMN directions TEXT;
