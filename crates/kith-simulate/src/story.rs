//! What will happen: families, each with a day on which they come to the service, and from then on whatever chance brings.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use kith_domain::ids::AccountId;

use crate::World;
use crate::chance::Chance;
use crate::notes::Born;
use crate::promise::{last_day, plus};

/// The first day: a Monday.
pub(crate) const BEGINS: Date = date(2027, 1, 4);

/// How a referral ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Accepted,
    Declined(Option<bool>),
    Withdrawn(Option<bool>),
}

/// Children who are referred together.
#[derive(Clone, Debug)]
pub(crate) struct Family {
    pub(crate) area: usize,
    pub(crate) children: Vec<Born>,
    /// Legal status of them all; `L3`, a child assessment order, is of a child who is not looked after.
    pub(crate) status: &'static str,
    pub(crate) fate: Fate,
}

/// Something that happens on a day. Numbers are those of the notes.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    Refer(usize),
    Decide {
        files: Vec<usize>,
        fate: Fate,
    },
    BirthKnown {
        file: usize,
        day: Date,
    },
    Move(usize),
    NewOrder(usize),
    NewAdult(usize),
    Dies(usize),
    DeathWasWrong(usize),
    Restrict(usize),
    LiftRestriction(usize),
    Consent(usize),
    Ask {
        file: usize,
        how: Asking,
    },
    Step {
        request: usize,
        step: Next,
    },
    Hold(usize),
    Review(usize),
    Lift(usize),
    LastDay(usize),
    DayAfter(usize),
    Approve(usize),
    Leaves(AccountId),
    SomebodyLeaves,
    Register,
    /// Nothing but the checks.
    Look,
    /// The same, of every file.
    LookAtAll,
}

/// How a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Answered in time.
    Plain,
    /// Answered after its last day.
    Late,
    /// Extended within the first month.
    Extended,
    /// What is in the file is collected; they withdraw it in the end.
    Packed,
}

/// What is done next about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Asked,
    Settled,
    Extend,
    Pack,
    Answer,
    Withdraw,
}

/// What is to come, by its day.
#[derive(Default)]
pub(crate) struct Agenda(BTreeMap<Date, Vec<Event>>);

impl Agenda {
    pub(crate) fn on(&mut self, day: Date, event: Event) {
        self.0.entry(day).or_default().push(event);
    }

    /// The first day on which something is to come.
    pub(crate) fn next_day(&self) -> Option<Date> {
        self.0.keys().next().copied()
    }

    /// What is to come until a day.
    pub(crate) fn take(&mut self, until: Date) -> Vec<Event> {
        let later = self.0.split_off(&plus(until, 1));
        std::mem::replace(&mut self.0, later).into_values().flatten().collect()
    }
}

/// A birthday of somebody of an age on a day; some are born on 29 February.
fn born(chance: &mut Chance, on: Date, age: i64) -> Date {
    let year = on.year() - i16::try_from(age).unwrap_or(0);
    let day = plus(Date::constant(year, 1, 1), chance.between(0, 364));
    let day = if day > on { Date::constant(year - 1, day.month(), day.day().min(28)) } else { day };
    if day.in_leap_year() && chance.one_in(9) && Date::constant(day.year(), 2, 29) <= on {
        return Date::constant(day.year(), 2, 29);
    }
    day
}

impl World {
    /// The families of so many children, each with the day of the referral. The first few are of every kind there is, so that a
    /// short story has every end.
    pub(crate) fn write_families(&mut self) {
        let (mut children, mut at) = (0, 0);
        while children < self.plan.children {
            let (day, family) = self.family(at);
            let room = self.plan.children - children;
            let family = Family { children: family.children.into_iter().take(room).collect(), ..family };
            children += family.children.len();
            self.agenda.on(day, Event::Refer(self.families.len()));
            self.families.push(family);
            at += 1;
        }
        let years = self.plan.years;
        for year in 1..years {
            let day = plus(Date::constant(BEGINS.year() + year, 3, 1), self.chance.between(0, 200));
            if self.chance.one_in(3) {
                self.agenda.on(day, Event::SomebodyLeaves);
            }
            if year % 12 == 7 {
                self.agenda.on(day, Event::Register);
            }
            self.agenda.on(Date::constant(BEGINS.year() + year, 2, 28), Event::LookAtAll);
        }
    }

    fn family(&mut self, at: usize) -> (Date, Family) {
        let chance = &mut self.chance;
        let area = at % self.town.areas.len().max(1);
        let of = |children, status, fate| Family { area, children, status, fate };
        // Three of four come early enough to see their 75th birthday within the story.
        let year = if at < 6 || !chance.one_in(4) { chance.between(0, 14) } else { chance.between(0, 70) };
        let year = year.min(i64::from(self.plan.years) - 4).max(0);
        let day = plus(BEGINS, year * 365 + chance.between(0, 300));
        let day = (0..14).map(|more| plus(day, more)).find(|day| crate::promise::works(*day, &[])).unwrap_or(day);
        let age = if year <= 15 { chance.between((year - 1).max(0), 16) } else { chance.between(0, 16) };
        let first = born(chance, day, age);
        match at {
            0 => return (day, of(vec![Born::On(first)], "C1", Fate::Declined(Some(false)))),
            1 => return (day, of(vec![Born::On(first)], "L3", Fate::Accepted)),
            2 => {
                let second = born(chance, day, chance_age(age));
                return (day, of(vec![Born::On(first), Born::On(second)], "C2", Fate::Accepted));
            }
            3 => return (day, of(vec![Born::Expected(plus(day, 90))], "C1", Fate::Accepted)),
            4 => return (day, of(vec![Born::Between(first, plus(first, 200).min(day))], "C2", Fate::Accepted)),
            _ => {}
        }
        let status = *chance.pick(&["C1", "C2", "C2", "E1", "V2", "L3", "L3"]).unwrap_or(&"C2");
        let fate = match chance.between(1, 10) {
            1 => Fate::Declined(Some(false)),
            2 => Fate::Declined(*chance.pick(&[Some(true), None]).unwrap_or(&None)),
            3 => Fate::Withdrawn(*chance.pick(&[Some(false), Some(true)]).unwrap_or(&None)),
            _ => Fate::Accepted,
        };
        let mut children = vec![match chance.between(1, 12) {
            1 => Born::Expected(plus(day, chance.between(20, 200))),
            2 => Born::Between(first, plus(first, 300).min(day)),
            _ => Born::On(first),
        }];
        while chance.one_in(4) && children.len() < 3 {
            let age = chance.between(0, 15);
            children.push(Born::On(born(chance, day, age)));
        }
        (day, of(children, status, fate))
    }

    /// What will happen to a child who was accepted, as far as chance says so today.
    pub(crate) fn write_life(&mut self, file: usize) {
        let today = self.today;
        let chance = &mut self.chance;
        let mut on = |day: Date, event: Event| self.agenda.on(day, event);
        for _ in 0..chance.between(0, 2) {
            on(plus(today, chance.between(20, 2_000)), Event::Move(file));
        }
        if chance.one_in(3) {
            on(plus(today, chance.between(30, 900)), Event::NewOrder(file));
        }
        if chance.one_in(3) {
            on(plus(today, chance.between(30, 900)), Event::NewAdult(file));
        }
        if chance.one_in(2) {
            on(plus(today, chance.between(5, 3_000)), Event::Restrict(file));
        }
        if chance.one_in(4) {
            on(plus(today, chance.between(40, 1_200)), Event::Consent(file));
        }
        let of = &self.notes.files[file];
        let assessed = of.status == "L3";
        let grown = crate::promise::anniversary(of.born.latest(), 18);
        let days_to_grow = today.until(grown).map_or(0, |span| i64::from(span.get_days())).max(60);
        if file == 1 || (assessed && chance.one_in(2)) || chance.one_in(10) {
            // Some of them after the eighteenth birthday, some on it.
            let day = match chance.between(1, 6) {
                1 if file != 1 => plus(grown, chance.between(1, 15_000)),
                2 if file != 1 => plus(grown, 3),
                _ => plus(today, chance.between(40, days_to_grow)),
            };
            on(day, Event::Dies(file));
        }
        self.write_questions(file);
    }

    /// Requests and holds of a file, anywhere in its time and about its end.
    pub(crate) fn write_questions(&mut self, file: usize) {
        let (today, chance) = (self.today, &mut self.chance);
        let last = last_day(&self.notes.files[file]).unwrap_or(plus(today, 1_000));
        let days = today.until(last).map_or(400, |span| i64::from(span.get_days())).max(400);
        let accepted = self.notes.files[file].is_open();
        if chance.one_in(2) {
            let how = *chance.pick(&[Asking::Plain, Asking::Late, Asking::Extended]).unwrap_or(&Asking::Plain);
            self.agenda.on(plus(today, chance.between(10, days)), Event::Ask { file, how });
        }
        if accepted && chance.one_in(3) {
            self.agenda.on(plus(last, chance.between(-60, 12)), Event::Ask { file, how: Asking::Packed });
        }
        if chance.one_in(3) {
            self.agenda.on(plus(today, chance.between(10, days)), Event::Hold(file));
        }
        if chance.one_in(3) {
            self.agenda.on(plus(last, chance.between(-200, 20)), Event::Hold(file));
        }
    }

    /// The end of a file has a day, or another one than before: the day itself is looked at, and the day after it.
    pub(crate) fn follow_end(&mut self, file: usize) {
        self.touched.insert(file);
        if let Some(last) = last_day(&self.notes.files[file]) {
            self.agenda.on(last, Event::LastDay(file));
            self.agenda.on(plus(last, 1), Event::DayAfter(file));
        }
    }
}

/// The age of a younger brother or sister of somebody who came early.
const fn chance_age(age: i64) -> i64 {
    if age > 2 { age - 2 } else { 0 }
}
