//! Who sees the child, who must not, who is kept apart from whom.

use super::{APART, BARRED, BARRED_PORT, Drawn, Line, Mark, Pair, Plan, SEES, SEES_PORT};
use crate::family::TieKind;
use crate::measure::width;
use crate::place::{Band, GAP, Rect, SHAPE};

impl Plan<'_> {
    /// The gap of a row that is nearest to a place; the middle of it.
    fn nearest_gap(&self, row: usize, x: i32) -> i32 {
        let people = &self.rows.all[row];
        let before = people.first().map(|first| self.left(*first) - GAP / 2);
        let gaps = before.into_iter().chain(people.iter().map(|person| self.gap(*person)));
        // Through a home that is not the end of its row no line passes.
        let inside = |gap: i32| {
            self.family.homes.iter().any(|home| {
                let lives = |person: &&usize| home.people.contains(person);
                people.iter().filter(lives).any(|of| self.x[*of] < gap)
                    && people.iter().filter(lives).any(|of| self.x[*of] > gap)
            })
        };
        gaps.min_by_key(|gap| (inside(*gap), (gap - x).abs(), *gap)).unwrap_or(x)
    }

    pub(super) fn draw_ties(&self, kind: TieKind, bands: &[Band], drawn: &mut Drawn) {
        let (aside, port) = match kind {
            TieKind::Sees => (SEES, SEES_PORT),
            TieKind::Barred => (BARRED, BARRED_PORT),
        };
        let own = self.rows.row_of[self.index];
        let mut people: Vec<usize> =
            self.family.ties.iter().filter(|tie| tie.kind == kind).map(|tie| tie.person).collect();
        people.retain(|person| *person != self.index);
        people.sort_unstable();
        people.dedup();
        if people.is_empty() {
            return;
        }
        let (mut lines, mut marks) = (Vec::new(), Vec::new());
        let start = self.x[self.index] + port;
        let middle = |row: usize| bands[row].shapes + SHAPE / 2;
        // Upwards: along the channel beneath each row, then beside who stands in it.
        let mut along: Vec<(usize, Vec<i32>)> = vec![(own, vec![start])];
        let home = self.tie(own, kind, bands);
        lines.push(vec![(start, middle(own)), (start, home)]);
        let mut trunk = start;
        for channel in (1..=own).rev().filter(|channel| self.passes(kind, *channel)) {
            let y = self.tie(channel, kind, bands);
            if channel < own {
                let through = self.nearest_gap(channel, trunk) + aside;
                let below = self.tie(channel + 1, kind, bands);
                lines.push(vec![(through, below), (through, y)]);
                along.push((channel, vec![through]));
                for (of, ends) in &mut along {
                    if *of == channel + 1 {
                        ends.push(through);
                    }
                }
                trunk = through;
            }
            for person in people.iter().filter(|of| self.rows.row_of[**of] + 1 == channel) {
                let (x, to) = (self.gap(*person) + aside, middle(channel - 1) + aside / 2);
                lines.push(vec![(x, y), (x, to), (self.x[*person], to)]);
                marks.push(Mark { at: (self.x[*person] + SHAPE / 2 + 8, to), level: true });
                for (of, ends) in &mut along {
                    if *of == channel {
                        ends.push(x);
                    }
                }
            }
        }
        // Beside the child, and downwards: along the channel above each row, then down to who stands in it.
        trunk = start;
        for channel in (own..self.rows.all.len()).filter(|channel| self.passes(kind, *channel)) {
            let y = self.tie(channel, kind, bands);
            let mut ends = Vec::new();
            if channel > own {
                let through = self.nearest_gap(channel - 1, trunk) + aside;
                lines.push(vec![(through, self.tie(channel - 1, kind, bands)), (through, y)]);
                ends.push(through);
                for (of, before) in &mut along {
                    if *of == channel - 1 {
                        before.push(through);
                    }
                }
                trunk = through;
            }
            for person in people.iter().filter(|of| self.rows.row_of[**of] == channel) {
                let x = self.x[*person] + port;
                lines.push(vec![(x, y), (x, middle(channel))]);
                marks.push(Mark { at: (x, bands[channel].shapes - 8), level: false });
                ends.push(x);
            }
            along.push((channel, ends));
        }
        for channel in 0..self.rows.all.len() {
            let ends = || along.iter().filter(|(of, _)| *of == channel).flat_map(|(_, ends)| ends);
            if let (Some(from), Some(to)) = (ends().min(), ends().max())
                && from < to
            {
                let y = self.tie(channel, kind, bands);
                lines.push(vec![(*from, y), (*to, y)]);
            }
        }
        let lines = lines.into_iter().map(|points| Line { points });
        match kind {
            TieKind::Sees => {
                drawn.sees.extend(lines);
                drawn.dots.extend(marks);
            }
            TieKind::Barred => {
                drawn.barred.extend(lines);
                drawn.bars.extend(marks);
            }
        }
    }

    pub(super) fn draw_pair(&self, pair: &Pair, bands: &[Band], drawn: &mut Drawn) {
        let (upper, lower) = (self.rows.row_of[pair.one], self.rows.row_of[pair.other]);
        let middle = |row: usize| bands[row].shapes + SHAPE / 2;
        let end = self.x[pair.other] + pair.ports.1;
        let mut points = Vec::new();
        let mut words = None;
        let mut x = if upper == lower {
            let x = self.x[pair.one] + pair.ports.0;
            points.push((x, middle(upper)));
            x
        } else {
            let x = self.gap(pair.one) + APART;
            points.extend([(self.x[pair.one], middle(upper) + 12), (x, middle(upper) + 12)]);
            x
        };
        for (channel, track) in &pair.tracks {
            let y = self.apart(*channel, *track, bands);
            let to = if *channel == lower { end } else { self.nearest_gap(*channel, end) + APART };
            points.extend([(x, y), (to, y)]);
            let w = width("kept apart", true) + 8;
            words.get_or_insert(Rect { x: i32::midpoint(x, to) - w / 2, y: y - 10, w, h: 20 });
            x = to;
        }
        points.push((end, middle(lower)));
        drawn.apart.push(Line { points });
        drawn.apart_words.extend(words);
    }
}
