//! Who came, as a page says it: what was shown, what is said now, and the entries that this adds.

use serde::{Deserialize, Serialize};

use super::entry::{Content, Who};
use super::timeline::{Presence, Stay, has_come};
use crate::calendar;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::EntryId;
use jiff::civil::Date;

/// Most stays of one person at one session.
pub const STAYS_MAX: usize = 8;

/// One person's coming and going, as it is said.
#[derive(Clone, Default, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Came {
    /// When they came and left, minutes from midnight; several when they went out and came back.
    pub stays: Vec<(Option<i64>, Option<i64>)>,
    /// Whether they did not come.
    pub absent: bool,
    /// Why late or absent.
    pub note: Option<String>,
}

/// The name of a field of one line and stay, such as `arrived-0` and `arrived-0-2`.
pub fn field(name: &str, line: usize, stay: usize) -> String {
    if stay == 0 { format!("{name}-{line}") } else { format!("{name}-{line}-{}", stay + 1) }
}

impl Came {
    /// As it stands.
    pub fn of(presence: &Presence) -> Came {
        let note = match &presence.not_come {
            Some((_, reason)) => Some(reason.clone()),
            None => presence.stays.first().and_then(|stay| stay.note.clone()),
        };
        Came {
            stays: presence.stays.iter().map(|stay| (Some(stay.from.minute), stay.to.map(|to| to.minute))).collect(),
            absent: presence.not_come.is_some(),
            note,
        }
    }

    /// Somebody who came then, and nothing more is known yet.
    pub fn at(minute: i64) -> Came {
        Came { stays: vec![(Some(minute), None)], ..Came::default() }
    }

    /// Somebody who came and left.
    pub fn between(from: i64, to: i64) -> Came {
        Came { stays: vec![(Some(from), Some(to))], ..Came::default() }
    }

    /// Somebody who did not come.
    pub fn absent(reason: &str) -> Came {
        Came { absent: true, note: Some(reason.to_owned()), ..Came::default() }
    }

    /// With why they were late.
    #[must_use]
    pub fn because(mut self, note: &str) -> Came {
        self.note = Some(note.to_owned());
        self
    }

    /// Reads `arrived-N`, `left-N`, `arrived-N-2`, `left-N-2` …, `absent-N`, `note-N`, each after `prefix`.
    fn read(r: &mut Reader, prefix: &str, line: usize) -> Came {
        let mut stays = Vec::new();
        for stay in 0..STAYS_MAX {
            let mut minute = |name: &str, label: &str| {
                r.time(&format!("{prefix}{}", field(name, line, stay)), label).map(calendar::time_minute)
            };
            let (arrived, left) = (minute("arrived", "Arrived"), minute("left", "Left"));
            if arrived.is_some() || left.is_some() {
                stays.push((arrived, left));
            }
        }
        let absent = r.fields().has(&format!("{prefix}absent-{line}"), "yes");
        let note = r.text(&format!("{prefix}note-{line}"), "Why late or absent", LONG_TEXT_CHARS);
        Came { stays, absent, note }
    }

    /// The form that it was read from.
    pub fn put(&self, fields: &mut Fields, prefix: &str, line: usize) {
        for (stay, (arrived, left)) in self.stays.iter().enumerate() {
            for (name, minute) in [("arrived", arrived), ("left", left)] {
                if let Some(minute) = minute {
                    fields.set(format!("{prefix}{}", field(name, line, stay)), calendar::clock(*minute));
                }
            }
        }
        if self.absent {
            fields.set(format!("{prefix}absent-{line}"), "yes");
        }
        if let Some(note) = &self.note {
            fields.set(format!("{prefix}note-{line}"), note.clone());
        }
    }

    /// Whether it can be so; fields are those of line `line`.
    fn check(&self, line: usize, day: Date, now_ms: i64) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut wrong = |name: String, words: &str| problems.push(Problem::new(name, words));
        if self.absent && !self.stays.is_empty() {
            wrong(field("arrived", line, 0), "Take out the time of arrival, or untick “did not come”");
        }
        if self.absent && self.note.is_none() {
            wrong(format!("note-{line}"), "Say why they did not come, or that nobody knows");
        }
        if !self.absent && self.stays.is_empty() && self.note.is_some() {
            wrong(
                field("arrived", line, 0),
                "Say when they came, or that they did not. What is about something else goes into an entry",
            );
        }
        let mut before: Option<i64> = None;
        for (stay, (arrived, left)) in self.stays.iter().enumerate() {
            match (arrived, left) {
                (None, _) => {
                    wrong(field("arrived", line, stay), "Enter when they arrived, or take out when they left");
                }
                (Some(arrived), Some(left)) if left < arrived => {
                    wrong(field("left", line, stay), "Left must be after arrived");
                }
                (Some(arrived), _) if stay > 0 && before.is_none_or(|before| *arrived <= before) => {
                    wrong(
                        field("arrived", line, stay),
                        "They come back after they left: enter when they left first, and a later time here",
                    );
                }
                _ => {}
            }
            for (name, words, minute) in [("arrived", "Arrived", arrived), ("left", "Left", left)] {
                if minute.is_some_and(|minute| !has_come(day, minute, now_ms)) {
                    wrong(field(name, line, stay), &format!("{words} must not be later than it is now"));
                }
            }
            before = *left;
        }
        problems
    }
}

/// One person's line of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameSaid {
    /// Which line of the page, for naming its fields.
    pub line: usize,
    /// Who.
    pub who: Who,
    /// What the page showed.
    pub shown: Came,
    /// What is said now.
    pub said: Came,
    /// Why a time is taken out.
    pub why: Option<String>,
}

/// How what a page says is to what stands.
#[derive(Clone, PartialEq, Eq)]
pub enum Against {
    /// It says nothing new, or what it says stands already.
    Nothing,
    /// These entries say it.
    Adds(Vec<Content>),
    /// Somebody else has said something else meanwhile.
    Conflict,
}

impl CameSaid {
    /// Reads line `line`: `who-N`, what was shown (`was-…`), what is said, `why-N`. `None` when the page has no such line
    /// or says nothing new on it.
    pub fn read(fields: &Fields, line: usize) -> Result<Option<CameSaid>, Vec<Problem>> {
        let Ok(who) = fields.get(&format!("who-{line}")).parse::<Who>() else { return Ok(None) };
        let mut r = Reader::new(fields);
        let shown = Came::read(&mut r, "was-", line);
        let said = Came::read(&mut r, "", line);
        let why = r.text(&format!("why-{line}"), "Why it is taken out", LONG_TEXT_CHARS);
        let unsaid = said == shown;
        r.finish(()).map(|()| (!unsaid).then_some(CameSaid { line, who, shown, said, why }))
    }

    /// Holds what is said against what stands. Sent again, it adds nothing.
    pub fn against(&self, presence: &Presence, day: Date, now_ms: i64) -> Result<Against, Vec<Problem>> {
        let stands = Came::of(presence);
        if self.said == self.shown || self.said == stands {
            return Ok(Against::Nothing);
        }
        if self.shown != stands {
            return Ok(Against::Conflict);
        }
        let problems = self.said.check(self.line, day, now_ms);
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut added = Adding { line: self, why: self.why.as_deref(), contents: Vec::new(), problems: Vec::new() };
        added.absence(presence);
        let stays = presence.stays.len().max(self.said.stays.len());
        for stay in 0..stays {
            added.stay(stay, presence.stays.get(stay), presence.not_come.as_ref().map(|(id, _)| *id));
        }
        if added.problems.is_empty() { Ok(Against::Adds(added.contents)) } else { Err(added.problems) }
    }
}

struct Adding<'a> {
    line: &'a CameSaid,
    why: Option<&'a str>,
    contents: Vec<Content>,
    problems: Vec<Problem>,
}

impl Adding<'_> {
    fn strike(&mut self, of: EntryId) {
        let field = format!("why-{}", self.line.line);
        if let Some(why) = self.why {
            self.contents.push(Content::StruckOut { of, reason: why.to_owned() });
        } else if self.problems.iter().all(|problem| problem.field != field) {
            self.problems.push(Problem::new(field, "Say why what was written down is taken out: both stay readable"));
        }
    }

    fn absence(&mut self, presence: &Presence) {
        let (who, said) = (self.line.who, &self.line.said);
        let stood = presence.not_come.as_ref();
        if said.absent {
            let reason = said.note.clone().unwrap_or_default();
            if stood.is_none_or(|(_, before)| *before != reason) {
                let replaces = stood.map(|(id, _)| *id);
                self.contents.push(Content::NotCome { who, reason, replaces });
            }
        } else if let Some((id, _)) = stood
            && said.stays.is_empty()
        {
            self.strike(*id);
        }
    }

    fn stay(&mut self, index: usize, stood: Option<&Stay>, absence: Option<EntryId>) {
        let who = self.line.who;
        let said = self.line.said.stays.get(index).copied().unwrap_or_default();
        let note = self.line.said.note.clone().filter(|_| index == 0);
        match (stood, said.0) {
            (Some(stood), Some(minute)) if stood.from.minute == minute && stood.note == note => {}
            (Some(stood), Some(minute)) => {
                let replaces = Some(stood.from.entry);
                self.contents.push(Content::Arrival { who, minute, note, replaces });
            }
            (None, Some(minute)) => {
                let replaces = absence.filter(|_| index == 0);
                self.contents.push(Content::Arrival { who, minute, note, replaces });
            }
            (Some(stood), None) => self.strike(stood.from.entry),
            (None, None) => {}
        }
        let left = stood.and_then(|stood| stood.to);
        match (left, said.1) {
            (Some(left), Some(minute)) if left.minute == minute => {}
            (left, Some(minute)) => {
                let replaces = left.map(|left| left.entry);
                self.contents.push(Content::Leaving { who, minute, replaces });
            }
            (Some(left), None) => self.strike(left.entry),
            (None, None) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::instant_ms;
    use crate::ids::{AccountId, PersonId};
    use crate::record::{Entry, Timeline};
    use crate::session::Slot;
    use jiff::civil::date;
    use proptest::prelude::*;
    use uuid::Uuid;

    const DAY: Date = date(2026, 11, 26);
    const SLOT: Slot = Slot { day: DAY, start_minute: 600, end_minute: 690 };
    const MUM: Who = Who::Person(PersonId(Uuid::from_u128(3)));

    /// A record of one person's line.
    #[derive(Default)]
    struct Kept(Vec<(EntryId, Content)>);

    impl Kept {
        fn presence(&self) -> Presence {
            let entries = self.0.iter().map(|(id, content)| Entry {
                id: *id,
                author: AccountId(Uuid::nil()),
                received_ms: 0,
                content,
            });
            Timeline::of(SLOT, &[MUM], entries).people.remove(0)
        }

        /// Sends a line; says how many entries were added, or what was wrong.
        fn send(&mut self, shown: &Came, said: &Came, why: Option<&str>) -> Result<usize, Vec<String>> {
            let line =
                CameSaid { line: 1, who: MUM, shown: shown.clone(), said: said.clone(), why: why.map(str::to_owned) };
            match line.against(&self.presence(), DAY, instant_ms(DAY, 900)) {
                Ok(Against::Nothing) => Ok(0),
                Ok(Against::Conflict) => Err(vec!["conflict".into()]),
                Err(problems) => Err(problems.into_iter().map(|problem| problem.field).collect()),
                Ok(Against::Adds(contents)) => {
                    let count = contents.len();
                    for content in contents {
                        self.0.push((EntryId(Uuid::from_u128(self.0.len() as u128 + 100)), content));
                    }
                    Ok(count)
                }
            }
        }
    }

    #[test]
    fn what_is_said_stands_and_said_again_adds_nothing() {
        let mut kept = Kept::default();
        let (nothing, came) = (Came::default(), Came::at(612).because("The bus"));
        assert_eq!(kept.send(&nothing, &came, None), Ok(1));
        assert_eq!(Came::of(&kept.presence()), came);
        assert_eq!(kept.send(&nothing, &came, None), Ok(0), "the page of before, sent again");
        assert_eq!(kept.send(&came, &came, None), Ok(0));
        let left = Came { stays: vec![(Some(612), Some(690))], ..came.clone() };
        assert_eq!(kept.send(&came, &left, None), Ok(1));
        let back = Came { stays: vec![(Some(612), Some(640)), (Some(650), None)], ..came };
        assert_eq!(kept.send(&left, &back, None), Ok(2));
        assert_eq!(Came::of(&kept.presence()), back);
    }

    #[test]
    fn a_page_that_says_nothing_new_undoes_nothing() {
        let mut kept = Kept::default();
        kept.send(&Came::default(), &Came::at(612), None).unwrap();
        assert_eq!(kept.send(&Came::default(), &Came::default(), None), Ok(0), "opened before, in another tab");
        assert_eq!(kept.send(&Came::default(), &Came::at(600), None), Err(vec!["conflict".into()]));
        assert_eq!(kept.send(&Came::at(612), &Came::at(600), None), Ok(1));
        assert_eq!(kept.0.len(), 2, "both are kept");
    }

    #[test]
    fn what_is_taken_out_says_why_and_who_came_after_all_came() {
        let mut kept = Kept::default();
        kept.send(&Came::default(), &Came::absent("No message"), None).unwrap();
        assert_eq!(kept.send(&Came::absent("No message"), &Came::at(625), None), Ok(1));
        assert!(kept.presence().not_come.is_none());
        assert_eq!(kept.send(&Came::at(625), &Came::default(), None), Err(vec!["why-1".into()]));
        assert_eq!(kept.send(&Came::at(625), &Came::default(), Some("It was her sister")), Ok(1));
        assert!(!kept.presence().is_said(), "nor is the absence back, in whose place it stood");
    }

    #[test]
    fn what_cannot_be_is_named() {
        let wrong = |said: Came| Kept::default().send(&Came::default(), &said, None).err().unwrap_or_default();
        assert_eq!(wrong(Came::between(630, 600)), ["left-1"], "arrival after leaving");
        assert_eq!(wrong(Came { stays: vec![(None, Some(600))], ..Came::default() }), ["arrived-1"]);
        assert_eq!(wrong(Came { absent: true, ..Came::at(600) }.because("x")), ["arrived-1"]);
        assert_eq!(wrong(Came { absent: true, ..Came::default() }), ["note-1"]);
        assert_eq!(wrong(Came::default().because("Rang")), ["arrived-1"]);
        assert_eq!(wrong(Came::at(906)), ["arrived-1"], "in the future");
        assert_eq!(
            wrong(Came { stays: vec![(Some(600), None), (Some(630), None)], ..Came::default() }),
            ["arrived-1-2"]
        );
        // In one minute it could not be told which of them left then.
        assert_eq!(
            wrong(Came { stays: vec![(Some(600), Some(630)), (Some(630), None)], ..Came::default() }),
            ["arrived-1-2"]
        );
    }

    fn any_came() -> impl Strategy<Value = Came> {
        let minute = || prop::option::weighted(0.9, (36_i64..60).prop_map(|quarter| quarter * 15));
        let stays = prop::collection::vec((minute(), minute()), 0..4);
        let note = prop::option::of(prop::sample::select(vec!["The bus".to_owned(), "No message".to_owned()]));
        (stays, prop::bool::weighted(0.2), note).prop_map(|(stays, absent, note)| Came { stays, absent, note })
    }

    proptest! {
        /// Design 20: entries are only added. Whatever is said one after another over what stood: it stands as it was said,
        /// or a field is named and nothing is added; said again it adds nothing; and no entry ever goes.
        #[test]
        fn whatever_is_said_stands_or_is_refused_whole(all in prop::collection::vec(any_came(), 1..8)) {
            let mut kept = Kept::default();
            for said in all {
                let (before, shown) = (kept.0.clone(), Came::of(&kept.presence()));
                if let Err(fields) = kept.send(&shown, &said, Some("A slip")) {
                    prop_assert!(!fields.is_empty() && kept.0 == before);
                    continue;
                }
                prop_assert!(kept.0.starts_with(&before));
                prop_assert_eq!(Came::of(&kept.presence()), said.clone());
                prop_assert_eq!(kept.send(&said, &said, None), Ok(0));
                prop_assert_eq!(kept.send(&shown, &said, None), Ok(0));
            }
        }
    }

    #[test]
    fn a_line_is_read_as_it_was_put() {
        let came =
            Came { stays: vec![(Some(612), Some(640)), (Some(650), None)], absent: false, note: Some("Bus".into()) };
        let mut fields = Fields::default();
        came.put(&mut fields, "", 2);
        Came::at(612).put(&mut fields, "was-", 2);
        assert!(CameSaid::read(&fields, 2).is_ok_and(|line| line.is_none()), "nobody is named");
        fields.set("who-2", MUM.to_string());
        let line = CameSaid::read(&fields, 2).ok().flatten().unwrap();
        assert_eq!((line.who, line.shown, line.said), (MUM, Came::at(612), came));
        fields.set("left-2", "25:00");
        assert_eq!(CameSaid::read(&fields, 2).err().unwrap_or_default()[0].field, "left-2");
    }
}
