//! Who stands in which row, and in which order: couples beside each other, brothers and sisters beneath their parents with the
//! eldest on the left.

use crate::family::{Family, Sex, Union};

/// How often rows are put in order by those above and beneath; families are small, and it settles at once.
const SWEEPS: usize = 6;
/// Most people of no generation in one row, unless a generation is wider.
const BESIDE: usize = 5;

/// The rows from top to bottom.
pub(crate) struct Rows {
    pub(crate) all: Vec<Vec<usize>>,
    /// Row of each person.
    pub(crate) row_of: Vec<usize>,
    /// Place in the row of each person.
    pub(crate) place: Vec<usize>,
}

impl Family {
    /// What brothers and sisters are put in order by: who is the eldest comes first, whose birth is not known last.
    pub(crate) fn age_order(&self, person: usize) -> (bool, i64, usize) {
        let born = self.people[person].born;
        (born.is_none(), born.unwrap_or(0), person)
    }

    /// Everybody in rows.
    pub(crate) fn rows(&self) -> Rows {
        let mut generations: Vec<i8> = (0..self.people.len()).filter_map(|person| self.generation(person)).collect();
        generations.sort_unstable();
        generations.dedup();
        let mut rows: Vec<Vec<Vec<usize>>> = generations.iter().map(|of| self.clusters(*of)).collect();
        for _ in 0..SWEEPS {
            for row in 0..rows.len() {
                self.by_neighbours(&mut rows, row);
            }
        }
        for union in &self.unions {
            families_in_order(&mut rows, &self.by_age(union));
        }
        let mut rows: Vec<Vec<usize>> = rows.into_iter().map(|row| row.concat()).collect();
        for union in &self.unions {
            eldest_left(&mut rows, &self.by_age(union));
        }
        let widest = rows.iter().map(Vec::len).max().unwrap_or(0).max(BESIDE);
        let beside: Vec<usize> = (0..self.people.len()).filter(|of| self.generation(*of).is_none()).collect();
        rows.extend(beside.chunks(widest).map(<[usize]>::to_vec));
        let (mut row_of, mut place) = (vec![0; self.people.len()], vec![0; self.people.len()]);
        for (row, people) in rows.iter().enumerate() {
            for (at, person) in people.iter().enumerate() {
                (row_of[*person], place[*person]) = (row, at);
            }
        }
        Rows { all: rows, row_of, place }
    }

    /// Partners of somebody, by the age of the eldest child they have together.
    fn partners(&self, person: usize) -> Vec<usize> {
        let of = self.unions.iter().enumerate().filter_map(|(at, union)| {
            let other = union.other?;
            let partner = match person {
                _ if person == union.one => other,
                _ if person == other => union.one,
                _ => return None,
            };
            let eldest = union.children.iter().map(|child| self.age_order(child.person)).min();
            Some((eldest.is_none(), eldest, at, partner))
        });
        let mut of: Vec<_> = of.collect();
        of.sort_unstable();
        let mut partners: Vec<usize> = Vec::new();
        for (.., partner) in of {
            if !partners.contains(&partner) {
                partners.push(partner);
            }
        }
        partners
    }

    /// The people of a generation, those who hang together as couples in one piece each.
    fn clusters(&self, generation: i8) -> Vec<Vec<usize>> {
        let people: Vec<usize> =
            (0..self.people.len()).filter(|person| self.generation(*person) == Some(generation)).collect();
        let mut taken = vec![false; self.people.len()];
        let mut clusters = Vec::new();
        for first in people {
            if taken[first] {
                continue;
            }
            let mut together = vec![first];
            taken[first] = true;
            let mut next = 0;
            while next < together.len() {
                for partner in self.partners(together[next]) {
                    if !std::mem::replace(&mut taken[partner], true) {
                        together.push(partner);
                    }
                }
                next += 1;
            }
            clusters.push(self.in_a_row(&together));
        }
        clusters
    }

    /// People who hang together as couples, in a row in which as many as can be stand beside each other: whoever has most
    /// partners between them.
    fn in_a_row(&self, together: &[usize]) -> Vec<usize> {
        let most = |person: &usize| (self.partners(*person).len(), std::cmp::Reverse(*person));
        let Some(hub) = together.iter().copied().max_by_key(most) else { return Vec::new() };
        let partners = self.partners(hub);
        if let [partner] = partners[..] {
            // A man stands on the left of a woman.
            let swap = self.people[hub].sex == Sex::Female && self.people[partner].sex != Sex::Female
                || self.people[hub].sex == Sex::NotKnown && self.people[partner].sex == Sex::Male;
            return if swap { vec![partner, hub] } else { vec![hub, partner] };
        }
        let mut row = vec![hub];
        let mut seen = row.clone();
        let left = partners.len() / 2;
        for (at, partner) in partners.iter().enumerate() {
            // Those of a partner stand on the partner's other side.
            let mut arm = Vec::new();
            self.arm(*partner, &mut seen, &mut arm);
            if at < left {
                arm.reverse();
                row.splice(0..0, arm);
            } else {
                row.extend(arm);
            }
        }
        row
    }

    fn arm(&self, person: usize, seen: &mut Vec<usize>, arm: &mut Vec<usize>) {
        if seen.contains(&person) {
            return;
        }
        seen.push(person);
        arm.push(person);
        for partner in self.partners(person) {
            self.arm(partner, seen, arm);
        }
    }

    /// Puts what hangs together in a row where parents and children are; who has neither comes last.
    fn by_neighbours(&self, rows: &mut [Vec<Vec<usize>>], row: usize) {
        let at = |row: &Vec<Vec<usize>>| -> Vec<(usize, i64)> {
            let people = row.concat();
            let middle = i64::try_from(people.len()).unwrap_or(0) * 500;
            let place = |at: usize| i64::try_from(at).unwrap_or(0) * 1_000 - middle;
            people.iter().enumerate().map(|(at_, person)| (*person, place(at_))).collect()
        };
        let mut known: Vec<(usize, i64)> = Vec::new();
        if let Some(above) = row.checked_sub(1).and_then(|above| rows.get(above)) {
            known.extend(at(above));
        }
        if let Some(below) = rows.get(row + 1) {
            known.extend(at(below));
        }
        let place = |person: usize| known.iter().find(|(of, _)| *of == person).map(|(_, at)| *at);
        let key = |cluster: &Vec<usize>| {
            let mut near: Vec<i64> = Vec::new();
            for union in &self.unions {
                let parents = [Some(union.one), union.other];
                if cluster.iter().any(|of| union.children.iter().any(|child| child.person == *of)) {
                    let above: Vec<i64> = parents.iter().flatten().filter_map(|of| place(*of)).collect();
                    near.extend(mean(&above));
                }
                if parents.iter().flatten().any(|of| cluster.contains(of)) {
                    let below: Vec<i64> = union.children.iter().filter_map(|child| place(child.person)).collect();
                    near.extend(mean(&below));
                }
            }
            let eldest = cluster.iter().map(|person| self.age_order(*person)).min();
            (near.is_empty(), mean(&near), eldest)
        };
        rows[row].sort_by_cached_key(key);
    }

    /// The children of a couple whose birth is known, the eldest first.
    fn by_age(&self, union: &Union) -> Vec<usize> {
        let mut children: Vec<usize> = union.children.iter().map(|child| child.person).collect();
        children.retain(|child| self.people[*child].born.is_some());
        children.sort_by_key(|child| self.age_order(*child));
        children.dedup();
        children
    }
}

/// Puts brothers and sisters in order of age, each with those who hang together with them, where each has their own.
fn families_in_order(rows: &mut [Vec<Vec<usize>>], children: &[usize]) {
    for row in rows {
        let of = |cluster: &Vec<usize>| children.iter().filter(|child| cluster.contains(child)).count();
        let places: Vec<usize> = (0..row.len()).filter(|at| of(&row[*at]) == 1).collect();
        let mut clusters: Vec<Vec<usize>> = places.iter().map(|at| row[*at].clone()).collect();
        clusters.sort_by_key(|cluster| children.iter().position(|child| cluster.contains(child)));
        for (at, cluster) in places.into_iter().zip(clusters) {
            row[at] = cluster;
        }
    }
}

/// Puts brothers and sisters into the places that they have between them, the eldest on the left.
fn eldest_left(rows: &mut [Vec<usize>], children: &[usize]) {
    for row in rows {
        let places: Vec<usize> = (0..row.len()).filter(|at| children.contains(&row[*at])).collect();
        for (at, child) in places.into_iter().zip(children) {
            row[at] = *child;
        }
    }
}

fn mean(of: &[i64]) -> Option<i64> {
    Some(of.iter().sum::<i64>() / i64::try_from(of.len()).ok().filter(|many| *many > 0)?)
}
