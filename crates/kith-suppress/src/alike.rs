//! Lines about single people, shown as far as enough of them are alike.

use std::collections::BTreeMap;

use crate::FEWEST;

/// How much of a line is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Alike {
    /// So many of its values, the first ones; in these at least [`FEWEST`] lines are alike.
    First(usize),
    /// It is left out: too few are left to stand beside it.
    LeftOut,
}

/// How much of each line can be shown, in their order. The values of a line stand in the order of what is wanted most: the last go first.
///
/// Each line is shown with as many of its first values as at least [`FEWEST`] lines share that are shown with just as many; `too_telling`
/// says of such values, and how many lines share them, that they must not be shown for another reason.
pub fn alike<V: Ord>(lines: &[Vec<V>], too_telling: impl Fn(&[V], u64) -> bool) -> Vec<Alike> {
    let longest = lines.iter().map(Vec::len).max().unwrap_or(0);
    let mut shown = vec![Alike::LeftOut; lines.len()];
    let mut left: Vec<usize> = (0..lines.len()).collect();
    for many in (0..=longest).rev() {
        let mut together: BTreeMap<&[V], Vec<usize>> = BTreeMap::new();
        for line in left.drain(..) {
            together.entry(&lines[line][..many.min(lines[line].len())]).or_default().push(line);
        }
        for (values, of) in together {
            let number = u64::try_from(of.len()).unwrap_or(u64::MAX);
            if number >= FEWEST && !too_telling(values, number) {
                for line in of {
                    shown[line] = Alike::First(values.len());
                }
            } else {
                left.extend(of);
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_that_is_alone_loses_its_last_values_until_it_is_not() {
        let mut lines = vec![vec!["10-15", "boy", "welsh"]; 5];
        lines.extend(vec![vec!["10-15", "girl", "english"]; 3]);
        lines.extend(vec![vec!["10-15", "girl", "polish"]; 2]);
        lines.push(vec!["1-4", "boy", "english"]);
        let shown = alike(&lines, |_, _| false);
        assert_eq!(shown[..5], [Alike::First(3); 5]);
        assert_eq!(shown[5..10], [Alike::First(2); 5], "five girls, of whom no language is said");
        assert_eq!(shown[10], Alike::LeftOut, "alone to the end");
    }

    #[test]
    fn what_is_too_telling_goes_further() {
        let lines = vec![vec![1, 1]; 6];
        assert_eq!(alike(&lines, |values, number| values.len() == 2 && number == 6), [Alike::First(1); 6]);
        assert_eq!(alike(&lines, |_, _| true), [Alike::LeftOut; 6]);
        assert!(alike::<u8>(&[], |_, _| false).is_empty());
    }

    proptest! {
        /// Whatever is shown of a line is shown of at least five.
        #[test]
        fn whoever_is_shown_is_among_five(lines in prop::collection::vec(prop::collection::vec(0..3_u8, 3), 0..60)) {
            let shown = alike(&lines, |_, _| false);
            let mut together: BTreeMap<&[u8], u64> = BTreeMap::new();
            for (line, shown) in lines.iter().zip(&shown) {
                if let Alike::First(many) = shown {
                    *together.entry(&line[..*many]).or_default() += 1;
                }
            }
            prop_assert!(together.values().all(|number| *number >= FEWEST));
        }
    }
}
