//! Tables of counts with their totals, and which of the counts can be shown.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::net::{Arc, Net};
use crate::{FEWEST, SPREAD};

/// Totals are withheld only if nothing else helps: how many counts they are worth.
const TOTAL_DEAR: u64 = 1 << 20;
/// And what all comes to is withheld last.
const ALL_DEAR: u64 = 1 << 40;

/// A place in a table. A table of one column is a list: it has cells and what all comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// In a row and a column, from 0.
    Cell(usize, usize),
    /// The total of a row.
    Row(usize),
    /// The total of a column.
    Column(usize),
    /// What all comes to.
    All,
}

/// How many things there are, and of how many different people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// The things.
    pub number: u64,
    /// The people whose they are.
    pub people: u64,
}

impl Count {
    /// Whether it would give somebody away.
    pub const fn is_few(self) -> bool {
        self.number < FEWEST || self.people < FEWEST
    }
}

/// A table of true counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    rows: usize,
    columns: usize,
    all: Vec<Count>,
}

impl Counts {
    /// Counts things: each by its row, its column (0 in a list) and whose it is. Things outside the table are not counted.
    pub fn of<W: Ord + Clone>(
        rows: usize,
        columns: usize,
        things: impl IntoIterator<Item = (usize, usize, W)>,
    ) -> Self {
        let places = places(rows, columns);
        let mut numbers = vec![0; places.len()];
        let mut people: Vec<BTreeSet<W>> = vec![BTreeSet::new(); places.len()];
        for (row, column, whose) in things {
            if row >= rows || column >= columns {
                continue;
            }
            let mut seen = BTreeSet::new();
            for at in [At::Cell(row, column), At::Row(row), At::Column(column), At::All] {
                if let Some(place) = place(rows, columns, at).filter(|place| seen.insert(*place)) {
                    numbers[place] += 1;
                    people[place].insert(whose.clone());
                }
            }
        }
        let people = people.iter().map(|whose| u64::try_from(whose.len()).unwrap_or(u64::MAX));
        let all = numbers.into_iter().zip(people).map(|(number, people)| Count { number, people }).collect();
        Self { rows, columns, all }
    }

    /// The places of the table, row by row, then the totals.
    pub fn places(&self) -> Vec<At> {
        places(self.rows, self.columns)
    }

    /// The true count at a place; of a place outside the table none.
    pub fn at(&self, at: At) -> Count {
        place(self.rows, self.columns, at).and_then(|place| self.all.get(place).copied()).unwrap_or_default()
    }

    /// What of it can be shown: nothing that is few, nothing for which `too_telling` says so (of its place and its number), and none of
    /// what these could be worked out from.
    pub fn safe(&self, too_telling: impl Fn(At, u64) -> bool) -> Safe {
        let places = self.places();
        let mut net = self.net(&places);
        let hidden: Vec<usize> = places
            .iter()
            .enumerate()
            .filter(|(place, at)| {
                let count = self.all[*place];
                count.is_few() || too_telling(**at, count.number)
            })
            .map(|(place, _)| place)
            .collect();
        for place in &hidden {
            net.open(*place);
        }
        for place in &hidden {
            if !net.hide(*place, SPREAD) {
                // There is always a way by the total of all; were there none, nothing would be shown.
                for every in 0..places.len() {
                    net.open(every);
                }
            }
        }
        Safe { rows: self.rows, columns: self.columns, net }
    }

    /// The counts as arcs between the sums that they are part of. Rows, columns, the row of totals and the column of totals are nodes; a
    /// cell goes from its row to its column, a total of a row from the column of totals to its row, and so round.
    fn net(&self, places: &[At]) -> Net {
        let (rows, columns) = (self.rows, self.columns);
        let (row_of_totals, column_of_totals) = (rows + columns, rows + columns + 1);
        let arc = |(at, count): (&At, &Count)| {
            let (from, to, dear) = match *at {
                At::Cell(row, column) if columns > 1 => (row, rows + column, 0),
                At::Row(row) => (column_of_totals, row, TOTAL_DEAR),
                At::Column(column) => (rows + column, row_of_totals, TOTAL_DEAR),
                // A list is one sum.
                At::Cell(..) => (column_of_totals, row_of_totals, 0),
                At::All => (row_of_totals, column_of_totals, ALL_DEAR),
            };
            Arc { from, to, value: count.number, dear: dear + 1 + count.number, open: false }
        };
        Net::new(rows + columns + 2, places.iter().zip(&self.all).map(arc).collect())
    }
}

/// A table in which nothing is shown that gives somebody away.
#[derive(Clone, Debug)]
pub struct Safe {
    rows: usize,
    columns: usize,
    net: Net,
}

impl Safe {
    /// The places of the table, row by row, then the totals.
    pub fn places(&self) -> Vec<At> {
        places(self.rows, self.columns)
    }

    /// The count at a place; `None` if it is withheld, or if there is no such place.
    pub fn shown(&self, at: At) -> Option<u64> {
        let arc = self.net.arc(place(self.rows, self.columns, at)?);
        (!arc.open).then_some(arc.value)
    }

    /// The lowest and the highest that a reader of the table can make out of a count: all of them, by solving. `None` if there is no such
    /// place.
    pub fn made_out(&self, at: At) -> Option<RangeInclusive<u64>> {
        Some(self.net.range(place(self.rows, self.columns, at)?))
    }
}

fn places(rows: usize, columns: usize) -> Vec<At> {
    let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| At::Cell(row, column)));
    let mut places: Vec<At> = cells.collect();
    if columns > 1 {
        places.extend((0..rows).map(At::Row));
        places.extend((0..columns).map(At::Column));
    }
    places.push(At::All);
    places
}

/// Where a place is in the order of [`places`].
fn place(rows: usize, columns: usize, at: At) -> Option<usize> {
    let cells = rows * columns;
    let totals = if columns > 1 { rows + columns } else { 0 };
    match at {
        At::Cell(row, column) => (row < rows && column < columns).then_some(row * columns + column),
        At::Row(row) => (columns > 1 && row < rows).then_some(cells + row),
        At::Column(column) => (columns > 1 && column < columns).then_some(cells + rows + column),
        At::All => Some(cells + totals),
    }
}

#[cfg(test)]
mod tests;
