-- When the social worker of a referral is to be called back, as the last attempt said: lists go by it, and it names nobody.
ALTER TABLE verification ADD COLUMN call_back_at {int};
-- Lists of referrals are in the order in which they were sent.
CREATE INDEX referral_by_sent ON referral (submitted_at, id);
