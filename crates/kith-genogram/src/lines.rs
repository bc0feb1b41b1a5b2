//! What joins people: couples, descent, who sees the child, who must not, who is kept apart.
//!
//! Lines run along channels between the rows and through the gaps beside people, so that none goes through words.

mod ties;

use crate::family::{Bond, By, Family, TieKind};
use crate::order::Rows;
use crate::place::{Band, COUPLE, GAP, Hangs, Rect, SHAPE};

/// From the middle of a gap: where the lines of each kind pass.
const SEES: i32 = 9;
const BARRED: i32 = -9;
const APART: i32 = 18;
/// From the middle of a shape: where lines of each kind come down to it.
const SEES_PORT: i32 = 12;
const BARRED_PORT: i32 = -12;
const APART_PORTS: [i32; 4] = [19, -19, 22, -22];
/// Heights in a channel.
const APART_TRACK: i32 = 26;
const TIE_TRACK: i32 = 14;
const BAR_TRACK: i32 = 12;
const CHANNEL_TOP: i32 = 12;
const CHANNEL_END: i32 = 24;

/// A line through these points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Corners from one end to the other.
    pub points: Vec<(i32, i32)>,
}

/// A mark at the end of a line, or on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its middle.
    pub at: (i32, i32),
    /// Whether the line that it is on goes from left to right there.
    pub level: bool,
}

/// Everything that joins people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// Couples, and children of birth.
    pub family: Vec<Line>,
    /// Children adopted or fostered: dashed.
    pub placed: Vec<Line>,
    /// Slashes of couples who are not together any more.
    pub slashes: Vec<Mark>,
    /// From the child to whom it sees.
    pub sees: Vec<Line>,
    /// A dot at everybody whom the child sees.
    pub dots: Vec<Mark>,
    /// From the child to who must not attend.
    pub barred: Vec<Line>,
    /// A bar at everybody who must not attend.
    pub bars: Vec<Mark>,
    /// Between two who are kept apart.
    pub apart: Vec<Line>,
    /// Where the words “kept apart” stand on each of these.
    pub apart_words: Vec<Rect>,
}

impl Drawn {
    fn lines(&self) -> impl Iterator<Item = &Line> {
        [&self.family, &self.placed, &self.sees, &self.barred, &self.apart].into_iter().flatten()
    }

    /// From where to where it reaches.
    pub(crate) fn edges(&self) -> (i32, i32) {
        let lines = self.lines().flat_map(|line| &line.points).map(|(x, _)| (*x, *x));
        let words = self.apart_words.iter().map(|of| (of.x, of.x + of.w));
        lines.chain(words).fold((i32::MAX, 0), |(from, to), (left, right)| (from.min(left), to.max(right)))
    }

    pub(crate) fn shift(&mut self, by: i32) {
        let lines = [&mut self.family, &mut self.placed, &mut self.sees, &mut self.barred, &mut self.apart];
        for point in lines.into_iter().flatten().flat_map(|line| &mut line.points) {
            point.0 += by;
        }
        for mark in [&mut self.slashes, &mut self.dots, &mut self.bars].into_iter().flatten() {
            mark.at.0 += by;
        }
        for words in &mut self.apart_words {
            words.x += by;
        }
    }
}

/// A couple with its children.
struct Couple {
    union: usize,
    row: usize,
    /// Where the line comes down from each, from left to right; one for one alone.
    stems: Vec<i32>,
    /// Where the children hang from it.
    drop: i32,
    /// Which of the lines beneath the row, 0 the uppermost.
    level: i32,
    /// Which of the bars above the children, 0 the lowest.
    track: i32,
}

/// Two who are kept apart.
struct Pair {
    /// The upper, or the left of two in one row.
    one: usize,
    other: usize,
    /// From the middle of each: where the line comes to them.
    ports: (i32, i32),
    /// In each channel that it passes, which track.
    tracks: Vec<(usize, i32)>,
}

/// What joins people, as far as it is known before the heights are.
pub(crate) struct Plan<'a> {
    family: &'a Family,
    rows: &'a Rows,
    x: &'a [i32],
    wide: &'a [i32],
    index: usize,
    couples: Vec<Couple>,
    pairs: Vec<Pair>,
    /// In each channel, how many tracks there are for pairs and for children.
    apart_tracks: Vec<i32>,
    bar_tracks: Vec<i32>,
    /// Couple lines beneath each row.
    levels: Vec<i32>,
}

/// The first of the levels in which a span meets none of those there.
fn free(taken: &[(i32, (i32, i32))], span: (i32, i32)) -> i32 {
    let meets = |level: i32| taken.iter().any(|(of, (from, to))| *of == level && span.0 < *to && *from < span.1);
    // Of so many spans each is on one level, so that one more is always free.
    (0..).take(taken.len() + 1).find(|level| !meets(*level)).unwrap_or(0)
}

impl<'a> Plan<'a> {
    pub(crate) fn new(family: &'a Family, rows: &'a Rows, x: &'a [i32], wide: &'a [i32], index: usize) -> Plan<'a> {
        let many = rows.all.len();
        let none = vec![0; many];
        let mut plan = Plan {
            family,
            rows,
            x,
            wide,
            index,
            couples: Vec::new(),
            pairs: Vec::new(),
            apart_tracks: none.clone(),
            bar_tracks: none.clone(),
            levels: none,
        };
        plan.couples();
        plan.sibships();
        plan.pairs();
        plan
    }

    fn right(&self, person: usize) -> i32 {
        self.x[person] + self.wide[person] / 2
    }

    fn left(&self, person: usize) -> i32 {
        self.x[person] - self.wide[person] / 2
    }

    /// The middle of the gap on the right of somebody.
    fn gap(&self, person: usize) -> i32 {
        self.right(person) + GAP / 2
    }

    fn couples(&mut self) {
        let place = |person: usize| self.rows.place[person];
        let mut drops: Vec<i32> = Vec::new();
        let mut taken: Vec<Vec<(i32, (i32, i32))>> = vec![Vec::new(); self.rows.all.len()];
        let mut couples: Vec<Couple> = Vec::new();
        // Short lines lie above long ones.
        let mut order: Vec<usize> = (0..self.family.unions.len()).collect();
        order.sort_by_key(|at| {
            let union = &self.family.unions[*at];
            (union.other.map_or(0, |other| place(union.one).abs_diff(place(other))), *at)
        });
        for at in order {
            let union = &self.family.unions[at];
            let row = self.rows.row_of[union.one];
            let mut ends: Vec<usize> = [Some(union.one), union.other].into_iter().flatten().collect();
            ends.sort_by_key(|person| place(*person));
            let (first, last) = (ends[0], ends[ends.len() - 1]);
            let mut drop = match self.family.hangs(union.one, union.other, self.rows) {
                Hangs::Between(one, other) => i32::midpoint(self.right(one), self.left(other)),
                Hangs::After(person) => self.gap(person),
                Hangs::Before(person) => self.left(person) - GAP / 2,
            };
            while drops.contains(&drop) {
                drop -= 3;
            }
            drops.push(drop);
            let span = (self.x[first], if ends.len() == 2 { self.x[last] } else { drop });
            let level = free(&taken[row], span);
            taken[row].push((level, span));
            let several = |person: usize| {
                let of = self.family.unions.iter().filter(|of| of.one == person || of.other == Some(person));
                of.count() > 1
            };
            let stem = |person: usize, towards: i32| {
                let aside = if several(person) { 7 + 4 * level.min(3) } else { 0 };
                self.x[person] + aside * towards
            };
            let stems = match ends[..] {
                [one] => vec![stem(one, 1)],
                _ => vec![stem(first, 1), stem(last, -1)],
            };
            couples.push(Couple { union: at, row, stems, drop, level, track: 0 });
        }
        self.levels = taken.iter().map(|of| of.iter().map(|(level, _)| level + 1).max().unwrap_or(0)).collect();
        self.couples = couples;
    }

    fn sibships(&mut self) {
        let mut taken: Vec<Vec<(i32, (i32, i32))>> = vec![Vec::new(); self.rows.all.len()];
        let spans: Vec<Option<(i32, i32)>> = self.couples.iter().map(|couple| self.span(couple)).collect();
        for (couple, span) in self.couples.iter_mut().zip(spans) {
            let (Some((from, to)), below) = (span, couple.row + 1) else { continue };
            couple.track = free(&taken[below], (from - 4, to + 4));
            taken[below].push((couple.track, (from - 4, to + 4)));
        }
        self.bar_tracks = taken.iter().map(|of| of.iter().map(|(track, _)| track + 1).max().unwrap_or(0)).collect();
    }

    /// From where to where the bar above a couple's children reaches.
    fn span(&self, couple: &Couple) -> Option<(i32, i32)> {
        let union = &self.family.unions[couple.union];
        let ends = union.children.iter().map(|child| self.x[child.person]);
        let (from, to) = ends.clone().min().zip(ends.max())?;
        Some((from.min(couple.drop), to.max(couple.drop)))
    }

    fn pairs(&mut self) {
        let place = |person: usize| (self.rows.row_of[person], self.rows.place[person]);
        let mut pairs = Vec::new();
        let mut used = vec![0; self.x.len()];
        for apart in &self.family.apart {
            let (one, other) = (apart.one.min(apart.other), apart.one.max(apart.other));
            let (one, other) = if place(one) <= place(other) { (one, other) } else { (other, one) };
            let (upper, lower) = (self.rows.row_of[one], self.rows.row_of[other]);
            let channels = if upper == lower { upper..=upper } else { upper + 1..=lower };
            let mut tracks = Vec::new();
            for channel in channels {
                tracks.push((channel, self.apart_tracks[channel]));
                self.apart_tracks[channel] += 1;
            }
            // Who is kept apart from several has a line for each.
            let mut port = |person: usize| {
                used[person] += 1;
                APART_PORTS[(used[person] - 1) % APART_PORTS.len()]
            };
            let ports = (if upper == lower { port(one) } else { 0 }, port(other));
            pairs.push(Pair { one, other, ports, tracks });
        }
        self.pairs = pairs;
    }

    /// Whether a line of this kind passes along a channel.
    fn passes(&self, kind: TieKind, channel: usize) -> bool {
        let own = self.rows.row_of[self.index];
        let rows = self.family.ties.iter().filter(|tie| tie.kind == kind && tie.person != self.index);
        let mut rows = rows.map(|tie| self.rows.row_of[tie.person]);
        if channel <= own {
            // Whoever stands above is reached from the channel beneath.
            rows.any(|row| row < channel || (row >= own && channel == own))
        } else {
            rows.any(|row| row >= channel)
        }
    }

    /// How high the channel above a row is.
    pub(crate) fn channel_height(&self, row: usize) -> i32 {
        let ties = [TieKind::Sees, TieKind::Barred].into_iter().filter(|kind| self.passes(*kind, row)).count();
        let tracks = self.apart_tracks[row] * APART_TRACK
            + i32::try_from(ties).unwrap_or(0) * TIE_TRACK
            + self.bar_tracks[row] * BAR_TRACK;
        if tracks == 0 { if row == 0 { 12 } else { CHANNEL_END } } else { CHANNEL_TOP + tracks + CHANNEL_END }
    }

    /// How many lines of couples lie beneath a row.
    pub(crate) fn couple_levels(&self, row: usize) -> i32 {
        self.levels[row]
    }

    /// Everything, now that the heights are known.
    pub(crate) fn draw(&self, bands: &[Band]) -> Drawn {
        let mut drawn = Drawn::default();
        for couple in &self.couples {
            self.draw_couple(couple, bands, &mut drawn);
        }
        self.draw_ties(TieKind::Sees, bands, &mut drawn);
        self.draw_ties(TieKind::Barred, bands, &mut drawn);
        for pair in &self.pairs {
            self.draw_pair(pair, bands, &mut drawn);
        }
        drawn
    }

    /// Height of the lowest bar above the children of a row, and from there up.
    fn bar(row: usize, track: i32, bands: &[Band]) -> i32 {
        bands[row].shapes - CHANNEL_END - track * BAR_TRACK
    }

    fn tie(&self, row: usize, kind: TieKind, bands: &[Band]) -> i32 {
        let above = if kind == TieKind::Sees && self.passes(TieKind::Barred, row) { TIE_TRACK } else { 0 };
        Self::bar(row, self.bar_tracks[row], bands) - above - if self.bar_tracks[row] > 0 { 2 } else { 0 }
    }

    fn apart(&self, row: usize, track: i32, bands: &[Band]) -> i32 {
        let ties = [TieKind::Sees, TieKind::Barred].into_iter().filter(|kind| self.passes(*kind, row)).count();
        let ties = i32::try_from(ties).unwrap_or(0) * TIE_TRACK;
        let above = if ties + self.bar_tracks[row] > 0 { 8 } else { 0 };
        Self::bar(row, self.bar_tracks[row], bands) - ties - above - track * APART_TRACK
    }

    fn draw_couple(&self, couple: &Couple, bands: &[Band], drawn: &mut Drawn) {
        let union = &self.family.unions[couple.union];
        let band = bands[couple.row];
        let middle = band.shapes + SHAPE / 2;
        let beneath = band.shapes + SHAPE + COUPLE + couple.level * COUPLE - COUPLE / 2;
        let first = couple.stems[0];
        let mut points = vec![(first, middle), (first, beneath)];
        match couple.stems.get(1) {
            Some(last) => points.extend([(*last, beneath), (*last, middle)]),
            None if union.children.is_empty() => points.clear(),
            None => points.push((couple.drop, beneath)),
        }
        if !points.is_empty() {
            drawn.family.push(Line { points });
        }
        let slashes: &[i32] = match union.bond {
            Bond::NotSaid => &[],
            Bond::Separated => &[-14],
            Bond::Divorced => &[-18, -10],
        };
        if couple.stems.len() == 2 {
            let from = couple.drop.clamp(first + 18, couple.stems[1].max(first + 18));
            drawn.slashes.extend(slashes.iter().map(|by| Mark { at: (from + by, beneath), level: true }));
        }
        if union.children.is_empty() {
            return;
        }
        let bar = Self::bar(couple.row + 1, couple.track, bands);
        let top = bands[couple.row + 1].shapes + SHAPE / 2;
        drawn.family.push(Line { points: vec![(couple.drop, beneath), (couple.drop, bar)] });
        let mut from = couple.drop;
        let mut to = couple.drop;
        for child in &union.children {
            let x = self.x[child.person];
            let twins: Vec<i32> = union
                .children
                .iter()
                .filter(|of| of.twins.is_some() && of.twins == child.twins)
                .map(|of| self.x[of.person])
                .collect();
            // Twins hang from one point.
            let hangs =
                twins.iter().min().zip(twins.iter().max()).map_or(x, |(least, most)| i32::midpoint(*least, *most));
            let points = if hangs == x {
                vec![(x, bar), (x, top)]
            } else {
                vec![(hangs, bar), (x, bands[couple.row + 1].shapes - 2), (x, top)]
            };
            match child.by {
                By::Birth => drawn.family.push(Line { points }),
                By::Adoption | By::Fostering => drawn.placed.push(Line { points }),
            }
            (from, to) = (from.min(hangs), to.max(hangs));
        }
        if from < to {
            drawn.family.push(Line { points: vec![(from, bar), (to, bar)] });
        }
    }
}
