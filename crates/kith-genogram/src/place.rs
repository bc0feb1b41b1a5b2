//! Where everything stands.

use crate::family::{Family, Sex, TieKind, Union, Unsound};
use crate::lines::{Drawn, Plan};
use crate::measure::{LINE, width, wrap};
use crate::order::Rows;

/// Width and height of a shape.
pub(crate) const SHAPE: i32 = 48;
/// Between two who stand beside each other; lines between the rows pass there.
pub(crate) const GAP: i32 = 56;
/// Widest that words beneath somebody are.
const COLUMN: i32 = 156;
/// Around the whole.
const MARGIN: i32 = 24;
/// From a shape to the line of a couple, and from one such line to the next.
pub(crate) const COUPLE: i32 = 10;
/// From what is in a home to its boundary.
const HOME: i32 = 10;
/// How much it counts where those want to stand who hang from nobody.
const LITTLE: f64 = 0.000_1;
/// How often rows are drawn towards each other.
const SWEEPS: usize = 10;

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Left edge.
    pub x: i32,
    /// Upper edge.
    pub y: i32,
    /// Width.
    pub w: i32,
    /// Height.
    pub h: i32,
}

impl Rect {
    /// Whether it and another have any of their insides in common.
    pub fn meets(self, other: Rect) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    /// Whether another lies in it.
    pub fn holds(self, other: Rect) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.w <= self.x + self.w
            && other.y + other.h <= self.y + self.h
    }
}

/// The shape of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Who: their place among the people of the family.
    pub person: usize,
    /// Where.
    pub at: Rect,
    /// Square, circle or diamond.
    pub sex: Sex,
    /// A triangle instead.
    pub unborn: bool,
    /// Crossed through.
    pub dead: bool,
    /// With a double border.
    pub index: bool,
}

/// What a line of words says, which decides how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// The name.
    Name,
    /// What else is known.
    Note,
    /// How often the child sees them.
    Sees,
    /// That they must not attend.
    Barred,
    /// From whom they are kept apart.
    Apart,
}

/// One line of words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// How it looks.
    pub tone: Tone,
    /// The words.
    pub text: String,
}

/// The words beneath somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Who.
    pub person: usize,
    /// Where.
    pub at: Rect,
    /// The lines, each in the middle.
    pub words: Vec<Word>,
}

/// The boundary around people who live together and stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosure {
    /// Which home: its place among the homes of the family.
    pub home: usize,
    /// Where.
    pub at: Rect,
    /// Where or with whom they live.
    pub caption: Caption,
}

/// Words of no person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// Where.
    pub at: Rect,
    /// The lines, each in the middle.
    pub words: Vec<String>,
}

/// A family with a place for everything, in CSS pixels from the upper left corner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Width of the whole.
    pub width: i32,
    /// Height of the whole.
    pub height: i32,
    /// Everybody's shape, in the order of the family.
    pub shapes: Vec<Shape>,
    /// Everybody's words, in the order of the family.
    pub labels: Vec<Label>,
    /// Who lives together.
    pub homes: Vec<Enclosure>,
    /// What joins them.
    pub drawn: Drawn,
}

/// The measures of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Band {
    /// Upper edge of the shapes.
    pub(crate) shapes: i32,
    /// Upper edge of the words.
    pub(crate) words: i32,
    /// Height of the words.
    pub(crate) high: i32,
    /// Lower edge with the boundaries of homes.
    pub(crate) end: i32,
}

/// In which gap the children of a couple hang.
#[derive(Clone, Copy)]
pub(crate) enum Hangs {
    /// Between these two, who stand beside each other.
    Between(usize, usize),
    /// On the right of somebody.
    After(usize),
    /// On the left of somebody.
    Before(usize),
}

impl Family {
    /// A place for everything. [`Unsound`] when the family contradicts itself.
    pub fn picture(&self) -> Result<Picture, Unsound> {
        self.sound()?;
        let Some(index) = self.index() else { return Err(Unsound::Index) };
        let rows = self.rows();
        let words: Vec<Vec<Word>> = (0..self.people.len()).map(|person| self.words(person)).collect();
        let wide: Vec<i32> = words.iter().map(|words| column(words)).collect();
        let mut x = self.across(&rows, &wide, index);
        let left = (0..x.len()).map(|of| x[of] - wide[of] / 2).min().unwrap_or(0);
        // Room for a line beyond the first and the last.
        for of in &mut x {
            *of += MARGIN + GAP - left;
        }
        let plan = Plan::new(self, &rows, &x, &wide, index);
        let mut runs = self.runs(&rows, &x, &wide);
        let bands = bands(&rows, &plan, &words, &runs);
        let mut shapes = Vec::with_capacity(x.len());
        let mut labels = Vec::with_capacity(x.len());
        for (person, words) in words.into_iter().enumerate() {
            let band = bands[rows.row_of[person]];
            let of = &self.people[person];
            let at = Rect { x: x[person] - SHAPE / 2, y: band.shapes, w: SHAPE, h: SHAPE };
            shapes.push(Shape { person, at, sex: of.sex, unborn: of.unborn, dead: of.dead, index: of.index });
            let high = LINE * i32::try_from(words.len()).unwrap_or(0);
            let broad = broadest(&words);
            labels.push(Label {
                person,
                at: Rect { x: x[person] - broad / 2, y: band.words, w: broad, h: high },
                words,
            });
        }
        for (row, of) in &mut runs {
            let band = bands[*row];
            of.at.y = band.shapes - HOME - 2;
            of.at.h = band.words + band.high + 4 + of.caption.at.h + HOME / 2 - of.at.y;
            of.caption.at.y = band.words + band.high + 4;
        }
        let drawn = plan.draw(&bands);
        let right = (0..x.len()).map(|of| x[of] + wide[of] / 2 + GAP).max().unwrap_or(0);
        let (from, to) = drawn.edges();
        let bottom = bands.last().map_or(0, |band| band.end);
        let mut picture = Picture {
            width: right.max(to) + MARGIN,
            height: bottom + MARGIN / 2,
            shapes,
            labels,
            homes: runs.into_iter().map(|(_, of)| of).collect(),
            drawn,
        };
        if from < MARGIN / 2 {
            picture.shift(MARGIN / 2 - from);
        }
        Ok(picture)
    }

    /// What stands beneath somebody.
    fn words(&self, person: usize) -> Vec<Word> {
        let of = &self.people[person];
        let mut words = Vec::new();
        let mut add = |tone: Tone, text: &str, lines: usize| {
            let bold = tone != Tone::Note && tone != Tone::Sees;
            words.extend(wrap(text, bold, COLUMN, lines).into_iter().map(|text| Word { tone, text }));
        };
        add(Tone::Name, &of.name, 3);
        for note in &of.notes {
            add(Tone::Note, note, 2);
        }
        for tie in self.ties.iter().filter(|tie| tie.person == person) {
            let tone = if tie.kind == TieKind::Sees { Tone::Sees } else { Tone::Barred };
            add(tone, &tie.words, 4);
        }
        for apart in &self.apart {
            let from = match person {
                _ if person == apart.one => apart.other,
                _ if person == apart.other => apart.one,
                _ => continue,
            };
            add(Tone::Apart, &format!("Kept apart from {}", self.people[from].name), 3);
        }
        words
    }

    /// The middle of everybody from left to right.
    fn across(&self, rows: &Rows, wide: &[i32], index: usize) -> Vec<i32> {
        let people = self.people.len();
        let mut x = vec![0.0_f64; people];
        for row in &rows.all {
            let wants = vec![(0.0, LITTLE); row.len()];
            settle(row, wide, &wants, &mut x);
        }
        let generations = rows.all.iter().filter(|row| row.iter().all(|of| self.generation(*of).is_some())).count();
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 1;
            let order: Vec<usize> = if down { (0..generations).collect() } else { (0..generations).rev().collect() };
            for row in order {
                let row = &rows.all[row];
                let mut wants: Vec<(f64, f64)> = row.iter().map(|_| (x[index], LITTLE)).collect();
                for union in self.unions.iter().filter(|union| !union.children.is_empty()) {
                    let parents: Vec<usize> = [Some(union.one), union.other].into_iter().flatten().collect();
                    let drop = self.drop_of(union.one, union.other, rows, wide, &x);
                    let children: Vec<f64> = union.children.iter().map(|child| x[child.person]).collect();
                    let least = children.iter().copied().fold(f64::INFINITY, f64::min);
                    let most = children.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                    let off = f64::midpoint(least, most) - drop;
                    let moved: Vec<usize> =
                        if down { union.children.iter().map(|child| child.person).collect() } else { parents };
                    for (at, person) in row.iter().enumerate().filter(|(_, of)| moved.contains(of)) {
                        let wanted = if down { x[*person] - off } else { x[*person] + off };
                        let (sum, weight) = if wants[at].1 < 1.0 { (0.0, 0.0) } else { wants[at] };
                        let total = weight + 1.0;
                        wants[at] = ((sum * weight + wanted) / total, total);
                    }
                }
                settle(row, wide, &wants, &mut x);
            }
        }
        // Those of no generation stand in the middle beneath.
        let of_family = || rows.all[..generations].iter().flatten().map(|of| x[*of]);
        let middle =
            f64::midpoint(of_family().fold(f64::INFINITY, f64::min), of_family().fold(f64::NEG_INFINITY, f64::max));
        let middle = if middle.is_finite() { middle } else { 0.0 };
        for row in &rows.all[generations..] {
            let wants = vec![(middle, LITTLE); row.len()];
            settle(row, wide, &wants, &mut x);
        }
        whole(rows, wide, &x)
    }

    /// From where the children of a couple hang: between the two; where others stand between, beside the one on the right, or
    /// that on the left if another couple's children hang there.
    fn drop_of(&self, one: usize, other: Option<usize>, rows: &Rows, wide: &[i32], x: &[f64]) -> f64 {
        let right = |of: usize| x[of] + f64::from(wide[of]) / 2.0;
        let left = |of: usize| x[of] - f64::from(wide[of]) / 2.0;
        let half = f64::from(GAP) / 2.0;
        match self.hangs(one, other, rows) {
            Hangs::Between(one, other) => f64::midpoint(right(one), left(other)),
            Hangs::After(person) => right(person) + half,
            Hangs::Before(person) => left(person) - half,
        }
    }

    /// In which gap the children of a couple hang.
    pub(crate) fn hangs(&self, one: usize, other: Option<usize>, rows: &Rows) -> Hangs {
        let Some(other) = other else { return Hangs::After(one) };
        let (first, last) = if rows.place[one] < rows.place[other] { (one, other) } else { (other, one) };
        if rows.place[first] + 1 == rows.place[last] {
            return Hangs::Between(first, last);
        }
        let before = rows.all[rows.row_of[last]][rows.place[last] - 1];
        let couple = |union: &Union| {
            let pair = (Some(union.one), union.other);
            pair == (Some(before), Some(last)) || pair == (Some(last), Some(before))
        };
        if self.unions.iter().any(couple) { Hangs::After(first) } else { Hangs::Before(last) }
    }

    /// Those of each home who stand beside each other, with their row; how high they are is not known yet.
    fn runs(&self, rows: &Rows, x: &[i32], wide: &[i32]) -> Vec<(usize, Enclosure)> {
        let mut runs = Vec::new();
        let mut taken = vec![false; self.people.len()];
        for (home, of) in self.homes.iter().enumerate() {
            for (row, people) in rows.all.iter().enumerate() {
                let lives = |person: &usize| of.people.contains(person) && !taken[*person];
                let there: Vec<&[usize]> =
                    people.chunk_by(|a, b| lives(a) == lives(b)).filter(|run| run.first().is_some_and(lives)).collect();
                for run in &there {
                    let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
                    let from = x[*first] - wide[*first] / 2 - HOME;
                    let to = x[*last] + wide[*last] / 2 + HOME;
                    let words = wrap(&of.words, false, to - from - 8, 4);
                    let high = LINE * i32::try_from(words.len()).unwrap_or(0);
                    let broad = words.iter().map(|line| width(line, false)).max().unwrap_or(0);
                    let at = Rect { x: i32::midpoint(from, to) - broad / 2, y: 0, w: broad, h: high };
                    let caption = Caption { at, words };
                    runs.push((row, Enclosure { home, at: Rect { x: from, y: 0, w: to - from, h: 0 }, caption }));
                }
                for person in there.concat() {
                    taken[person] = true;
                }
            }
        }
        runs
    }
}

impl Picture {
    fn shift(&mut self, by: i32) {
        self.width += by;
        for shape in &mut self.shapes {
            shape.at.x += by;
        }
        for label in &mut self.labels {
            label.at.x += by;
        }
        for home in &mut self.homes {
            home.at.x += by;
            home.caption.at.x += by;
        }
        self.drawn.shift(by);
    }
}

fn broadest(words: &[Word]) -> i32 {
    words.iter().map(|word| width(&word.text, word.tone != Tone::Note && word.tone != Tone::Sees)).max().unwrap_or(0)
}

/// How wide the column of somebody is.
fn column(words: &[Word]) -> i32 {
    let broad = broadest(words).max(SHAPE);
    // Even, so that both halves are alike.
    broad + broad % 2
}

/// How far the middles of two neighbours are apart at least.
fn apart(wide: &[i32], one: usize, other: usize) -> i32 {
    wide[one] / 2 + wide[other] / 2 + GAP
}

/// Puts a row where it wants to be, as near as can be (least squares) without two being too near: isotonic regression by
/// pooling (R. Barlow and others, 1972). A want is a place and how much it counts.
fn settle(row: &[usize], wide: &[i32], wants: &[(f64, f64)], x: &mut [f64]) {
    let mut offset = 0.0;
    let mut offsets = Vec::with_capacity(row.len());
    // Sum of weighted wants, weight, how many.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for (at, person) in row.iter().enumerate() {
        if let Some(before) = at.checked_sub(1) {
            offset += f64::from(apart(wide, row[before], *person));
        }
        offsets.push(offset);
        let (want, weight) = wants[at];
        let mut pool = ((want - offset) * weight, weight, 1);
        while let Some(last) = pools.last().filter(|last| last.0 / last.1 > pool.0 / pool.1) {
            pool = (last.0 + pool.0, last.1 + pool.1, last.2 + pool.2);
            pools.pop();
        }
        pools.push(pool);
    }
    let settled = pools.iter().flat_map(|(sum, weight, many)| std::iter::repeat_n(sum / weight, *many));
    for ((person, offset), at) in row.iter().zip(offsets).zip(settled) {
        x[*person] = at + offset;
    }
}

/// The same in whole pixels, still with nobody too near.
fn whole(rows: &Rows, wide: &[i32], x: &[f64]) -> Vec<i32> {
    let mut whole = vec![0; x.len()];
    for row in &rows.all {
        let mut before: Option<usize> = None;
        for person in row {
            #[expect(clippy::cast_possible_truncation, reason = "a picture is some thousand pixels wide")]
            let near = x[*person].round() as i32;
            whole[*person] = before.map_or(near, |last: usize| near.max(whole[last] + apart(wide, last, *person)));
            before = Some(*person);
        }
    }
    whole
}

/// How high each row is, and where.
fn bands(rows: &Rows, plan: &Plan, words: &[Vec<Word>], runs: &[(usize, Enclosure)]) -> Vec<Band> {
    let mut y = MARGIN / 2;
    let mut bands = Vec::with_capacity(rows.all.len());
    for (row, people) in rows.all.iter().enumerate() {
        let shapes = y + plan.channel_height(row);
        let levels = plan.couple_levels(row);
        let below = if levels == 0 { 4 } else { COUPLE * (levels + 1) };
        let lines = people.iter().map(|person| words[*person].len()).max().unwrap_or(0);
        let words = shapes + SHAPE + below;
        let high = LINE * i32::try_from(lines).unwrap_or(0);
        let captions = runs.iter().filter(|(of, _)| *of == row).map(|(_, run)| run.caption.at.h);
        let end = words + high + captions.max().map_or(4, |caption| caption + HOME);
        bands.push(Band { shapes, words, high, end });
        y = end;
    }
    bands
}
