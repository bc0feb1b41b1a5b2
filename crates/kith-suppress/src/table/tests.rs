//! Handbook section 12: "counts under 5 are suppressed together with what would give them away". What would is found a second way here:
//! by trying every table there could be.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Each count of people of a table, row by row.
fn counts(rows: &[&[u64]]) -> Counts {
    let mut things = Vec::new();
    for (row, of) in rows.iter().enumerate() {
        for (column, number) in of.iter().enumerate() {
            things.extend((0..*number).map(|_| (row, column)));
        }
    }
    let columns = rows.first().map_or(0, |row| row.len());
    Counts::of(rows.len(), columns, things.into_iter().enumerate().map(|(who, (row, column))| (row, column, who)))
}

fn safe(rows: &[&[u64]]) -> Safe {
    counts(rows).safe(|_, _| false)
}

/// Every range of a count, by trying each table of whole numbers that agrees with what is shown. The totals of rows are, so that there is
/// an end.
fn tried(safe: &Safe) -> BTreeMap<At, (u64, u64)> {
    let cells: Vec<At> = safe.places().into_iter().filter(|at| matches!(at, At::Cell(..))).collect();
    let mut found: BTreeMap<At, (u64, u64)> = BTreeMap::new();
    let mut table: BTreeMap<At, u64> = BTreeMap::new();
    try_next(safe, &cells, &mut table, &mut found);
    found
}

fn total(table: &BTreeMap<At, u64>, at: At) -> u64 {
    let within = |cell: &At| match (at, *cell) {
        (At::Row(row), At::Cell(of, _)) => row == of,
        (At::Column(column), At::Cell(_, of)) => column == of,
        (At::All, At::Cell(..)) => true,
        (at, cell) => at == cell,
    };
    table.iter().filter(|(cell, _)| within(cell)).map(|(_, number)| number).sum()
}

fn try_next(safe: &Safe, cells: &[At], table: &mut BTreeMap<At, u64>, found: &mut BTreeMap<At, (u64, u64)>) {
    let Some((cell, rest)) = cells.split_first() else {
        let agrees = safe.places().iter().all(|at| safe.shown(*at).is_none_or(|shown| shown == total(table, *at)));
        if agrees {
            for at in safe.places() {
                let number = total(table, at);
                let range = found.entry(at).or_insert((number, number));
                *range = (range.0.min(number), range.1.max(number));
            }
        }
        return;
    };
    let At::Cell(row, _) = *cell else { return };
    let left = safe.shown(At::Row(row)).unwrap_or(0).saturating_sub(total(table, At::Row(row)));
    let possible = match safe.shown(*cell) {
        Some(number) => number..=number,
        None => 0..=left,
    };
    for number in possible {
        table.insert(*cell, number);
        try_next(safe, rest, table, found);
    }
    table.remove(cell);
}

#[test]
fn a_list_of_counts_of_which_none_is_few_is_shown_whole() {
    let safe = safe(&[&[12], &[7], &[5]]);
    let shown: Vec<_> = safe.places().into_iter().map(|at| safe.shown(at)).collect();
    assert_eq!(shown, [Some(12), Some(7), Some(5), Some(24)]);
}

#[test]
fn one_few_count_of_a_list_takes_another_with_it() {
    // 12 + 3 + 7 = 22: the three could be had from the total, so the next smallest goes too.
    let safe = safe(&[&[12], &[3], &[7]]);
    assert_eq!([0, 1, 2].map(|row| safe.shown(At::Cell(row, 0))), [Some(12), None, None]);
    assert_eq!(safe.shown(At::All), Some(22));
    assert_eq!(safe.made_out(At::Cell(1, 0)), Some(0..=10));
}

#[test]
fn nought_is_few() {
    let safe = safe(&[&[9], &[0], &[6]]);
    assert_eq!([0, 1, 2].map(|row| safe.shown(At::Cell(row, 0))), [Some(9), None, None]);
}

#[test]
fn what_all_comes_to_goes_when_it_is_few_or_nothing_else_is_left() {
    assert!(safe(&[&[2], &[1]]).places().iter().all(|at| safe(&[&[2], &[1]]).shown(*at).is_none()));
    // One count alone is its total.
    let one = safe(&[&[3]]);
    assert_eq!((one.shown(At::Cell(0, 0)), one.shown(At::All)), (None, None));
}

#[test]
fn many_things_of_few_people_are_few() {
    // Forty sessions of two children say how often these two were seen.
    let things = (0..40).map(|n| (0, 0, n % 2)).chain((0..40).map(|n| (1, 0, 10 + n % 9)));
    let counts = Counts::of(2, 1, things);
    assert_eq!(counts.at(At::Cell(0, 0)), Count { number: 40, people: 2 });
    let safe = counts.safe(|_, _| false);
    assert_eq!(safe.shown(At::Cell(0, 0)), None);
    assert_ne!(safe.shown(At::Cell(1, 0)).is_some(), safe.shown(At::All).is_some(), "one of them is enough");
}

#[test]
fn a_few_in_a_table_takes_three_more_so_that_neither_its_row_nor_its_column_gives_it_away() {
    let table: &[&[u64]] = &[&[3, 20, 30], &[11, 12, 13], &[40, 50, 60]];
    let safe = safe(table);
    let withheld: Vec<At> = safe.places().into_iter().filter(|at| safe.shown(*at).is_none()).collect();
    assert_eq!(withheld, [At::Cell(0, 0), At::Cell(0, 1), At::Cell(1, 0), At::Cell(1, 1)]);
    assert_eq!(safe.made_out(At::Cell(0, 0)), Some(0..=14));
}

#[test]
fn two_in_one_row_and_column_each_are_not_enough_by_themselves() {
    // 1 and 2 in a row hide each other from the row's total, 3; each column still gives its own away.
    let table: &[&[u64]] = &[&[1, 2, 20], &[10, 10, 10], &[10, 10, 10]];
    let safe = safe(table);
    for at in [At::Cell(0, 0), At::Cell(0, 1)] {
        let range = safe.made_out(at).unwrap();
        assert!(range.end() - range.start() >= SPREAD, "{at:?} {range:?}");
    }
}

#[test]
fn what_is_too_telling_for_another_reason_goes_like_what_is_few() {
    let safe = counts(&[&[12], &[13], &[14]]).safe(|at, number| at == At::Cell(1, 0) && number == 13);
    assert_eq!([0, 1, 2].map(|row| safe.shown(At::Cell(row, 0))), [None, None, Some(14)]);
}

fn any_table(rows: usize, columns: usize, most: u64) -> impl Strategy<Value = Vec<Vec<u64>>> {
    prop::collection::vec(prop::collection::vec(0..=most, columns), rows)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// What the network says can be made out is what trying every table finds.
    #[test]
    fn what_can_be_made_out_is_what_every_possible_table_says(table in any_table(2, 3, 8)) {
        let rows: Vec<&[u64]> = table.iter().map(Vec::as_slice).collect();
        let safe = safe(&rows);
        let withheld = |cells: bool| {
            let of = safe.places().into_iter().filter(move |at| matches!(at, At::Cell(..)) == cells);
            of.filter(|at| safe.shown(*at).is_none()).count()
        };
        prop_assume!(withheld(false) == 0 && withheld(true) <= 5);
        for (at, (low, high)) in tried(&safe) {
            prop_assert_eq!(safe.made_out(at), Some(low..=high), "{:?}", at);
        }
    }

    /// No count that is few is shown, and none can be made out nearer than the spread.
    #[test]
    fn nothing_that_is_few_can_be_made_out(table in any_table(5, 4, 30)) {
        let rows: Vec<&[u64]> = table.iter().map(Vec::as_slice).collect();
        let (counts, safe) = (counts(&rows), safe(&rows));
        for at in counts.places() {
            let (count, range) = (counts.at(at), safe.made_out(at).unwrap());
            prop_assert!(range.contains(&count.number), "the truth is always possible");
            if count.is_few() {
                prop_assert_eq!(safe.shown(at), None);
                prop_assert!(range.end() - range.start() >= SPREAD, "{:?} {:?}", at, range);
            } else if safe.shown(at).is_none() {
                prop_assert!(range.end() > range.start(), "what goes with it cannot be worked out either: {:?}", at);
            }
        }
    }
}
