//! Chance that can be told again: the same seed, the same story.

/// `SplitMix64` (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let many = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.next() % many).unwrap_or(0)
    }

    /// Whether it is so, once in so many times.
    pub(crate) fn one_in(&mut self, many: i64) -> bool {
        self.between(1, many) == 1
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(of.len()).unwrap_or(0) - 1;
        if last < 0 { None } else { of.get(usize::try_from(self.between(0, last)).unwrap_or(0)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_says_the_same() {
        // The first numbers of SplitMix64 for the seed 1234567, as its authors' C code prints them.
        let mut chance = Chance::new(1_234_567);
        assert_eq!([chance.next(), chance.next()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
        let all: Vec<i64> = (0..200).map(|_| chance.between(3, 5)).collect();
        assert!((3..=5).all(|number| all.contains(&number)) && all.iter().all(|number| (3..=5).contains(number)));
        assert_eq!(chance.pick::<u8>(&[]), None);
    }
}
