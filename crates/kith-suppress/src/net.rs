//! What can be made out of the counts that are withheld: a network in which every count is an arc and every sum a node.

use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;

/// No bound.
const ENDLESS: u64 = u64::MAX / 4;

/// A count that goes from one sum into another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arc {
    /// The sum that it is part of on the one side.
    pub(crate) from: usize,
    /// The sum that it is part of on the other side.
    pub(crate) to: usize,
    /// What it is in truth.
    pub(crate) value: u64,
    /// How dear it is to withhold.
    pub(crate) dear: u64,
    /// Whether it is withheld.
    pub(crate) open: bool,
}

/// Counts and the sums that bind them: at each node what comes in is what goes out.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    nodes: usize,
    arcs: Vec<Arc>,
}

/// A step along an arc, with or against it.
#[derive(Clone, Copy)]
struct Step {
    arc: usize,
    against: bool,
}

impl Net {
    /// A network of so many sums.
    pub(crate) fn new(nodes: usize, arcs: Vec<Arc>) -> Self {
        Self { nodes, arcs }
    }

    pub(crate) fn arc(&self, of: usize) -> &Arc {
        &self.arcs[of]
    }

    /// Withholds a count.
    pub(crate) fn open(&mut self, of: usize) {
        self.arcs[of].open = true;
    }

    /// The lowest and the highest that a count can be for somebody who knows every other that is shown. Of one that is shown, what
    /// it is.
    pub(crate) fn range(&self, of: usize) -> RangeInclusive<u64> {
        let arc = self.arcs[of];
        if !arc.open {
            return arc.value..=arc.value;
        }
        let (up, _) = self.most(of, arc.to, arc.from);
        let (down, _) = self.most(of, arc.from, arc.to);
        let highest = if up >= ENDLESS { u64::MAX } else { arc.value + up };
        arc.value.saturating_sub(down)..=highest
    }

    /// Withholds what it costs least to withhold until what can be made out of a count reaches at least `spread` from its lowest to its
    /// highest. Returns whether that could be had.
    pub(crate) fn hide(&mut self, of: usize, spread: u64) -> bool {
        loop {
            let arc = self.arcs[of];
            let (down, _) = self.most(of, arc.from, arc.to);
            let (up, flow) = self.most(of, arc.to, arc.from);
            if up.saturating_add(down.min(arc.value)) >= spread {
                return true;
            }
            let Some(path) = self.cheapest(of, arc.to, arc.from, &flow) else { return false };
            for step in path {
                self.open(step.arc);
            }
        }
    }

    /// How much more can go from a node to another through withheld counts other than `without`, and how it goes: the change of each
    /// count. Shortest paths first (J. Edmonds, R. M. Karp, 1972).
    fn most(&self, without: usize, source: usize, sink: usize) -> (u64, Vec<i64>) {
        let mut flow = vec![0_i64; self.arcs.len()];
        let mut total = 0;
        loop {
            let mut came: Vec<Option<Step>> = vec![None; self.nodes];
            let mut next = VecDeque::from([source]);
            while let Some(node) = next.pop_front() {
                for (step, to) in self.steps(without, node, &flow, false) {
                    if to != source && came[to].is_none() {
                        came[to] = Some(step);
                        next.push_back(to);
                    }
                }
            }
            let Some(path) = self.path(&came, source, sink) else { return (total, flow) };
            let room = path.iter().map(|step| self.room(*step, &flow)).min().unwrap_or(0);
            if room >= ENDLESS || total >= ENDLESS {
                return (ENDLESS, flow);
            }
            for step in path {
                let change = i64::try_from(room).unwrap_or(i64::MAX);
                flow[step.arc] += if step.against { -change } else { change };
            }
            total += room;
        }
    }

    /// The way from a node to another that costs least, counting what is not withheld yet.
    fn cheapest(&self, without: usize, source: usize, sink: usize, flow: &[i64]) -> Option<Vec<Step>> {
        let mut cost = vec![u64::MAX; self.nodes];
        let mut came: Vec<Option<Step>> = vec![None; self.nodes];
        let mut next = BTreeSet::from([(0, source)]);
        cost[source] = 0;
        while let Some((so_far, node)) = next.pop_first() {
            if so_far > cost[node] {
                continue;
            }
            for (step, to) in self.steps(without, node, flow, true) {
                let arc = &self.arcs[step.arc];
                let all = so_far.saturating_add(if arc.open { 0 } else { arc.dear });
                if all < cost[to] {
                    cost[to] = all;
                    came[to] = Some(step);
                    next.insert((all, to));
                }
            }
        }
        self.path(&came, source, sink)
    }

    /// How much more can go along a step: with a count as much as one likes, against it until it is nought.
    fn room(&self, step: Step, flow: &[i64]) -> u64 {
        if step.against {
            let value = i64::try_from(self.arcs[step.arc].value).unwrap_or(i64::MAX);
            u64::try_from(value.saturating_add(flow[step.arc])).unwrap_or(0)
        } else {
            ENDLESS
        }
    }

    /// The steps that can be taken from a node, with where each leads: through what is withheld, or also through what could be.
    fn steps<'a>(
        &'a self,
        without: usize,
        node: usize,
        flow: &'a [i64],
        also_shown: bool,
    ) -> impl Iterator<Item = (Step, usize)> + 'a {
        let usable = move |(number, arc): &(usize, &Arc)| *number != without && (arc.open || also_shown);
        self.arcs.iter().enumerate().filter(usable).flat_map(move |(number, arc)| {
            let along = (arc.from == node).then_some((Step { arc: number, against: false }, arc.to));
            let against = (arc.to == node).then_some((Step { arc: number, against: true }, arc.from));
            along.into_iter().chain(against).filter(move |(step, _)| self.room(*step, flow) > 0)
        })
    }

    fn path(&self, came: &[Option<Step>], source: usize, sink: usize) -> Option<Vec<Step>> {
        let (mut path, mut at) = (Vec::new(), sink);
        while at != source {
            let step = came[at]?;
            path.push(step);
            let arc = self.arcs[step.arc];
            at = if step.against { arc.to } else { arc.from };
        }
        Some(path)
    }
}
