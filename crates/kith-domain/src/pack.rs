//! The pack that answers a request for access: what is held about a person, part by part, with what is taken out before it leaves
//! (UK GDPR Art 15; Data Protection Act 2018 Sch 2 para 16 to 19, Sch 3 and 4; handbook section 15).
//!
//! A part is what one row of a file says, as lines in words. Kith finds the names of others in them and proposes; a person decides
//! of each. What is taken out is taken out of the text itself, so that a paper or a file made from it cannot hold it anywhere.

mod differ;
mod find;
mod redact;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, PersonId};
use crate::rights::HeldSubject;

pub use differ::{Difference, differences};
pub use find::{Wanted, occurrences, whole_words};
pub use redact::{Piece, Redacted, RedactedLine, Removal, redact};

codes! {
    /// Where a pack stands.
    PackState {
        Collecting = "collecting", "Being collected";
        Deciding = "deciding", "To be looked through";
        Setting = "setting", "Being put together";
        Ready = "ready", "Waits for a second person";
        Released = "released", "Released";
    }
}

codes! {
    /// What a part of a pack comes from.
    PartKind {
        Facts = "facts", "What is known, who said it and when";
        Referral = "referral", "Referral";
        Call = "call", "Phone call that checked the referral";
        Risk = "risk", "Risk assessment";
        Order = "order", "Court order";
        Refusal = "refusal", "Contact refused for some days";
        Plan = "plan", "Contact plan";
        Session = "session", "Contact session";
        Report = "report", "Report for court";
        Document = "document", "Document";
        Sharing = "sharing", "With whom it was shared, and consents";
        Staff = "staff", "Who had the file";
        Looks = "looks", "Who looked into the file";
    }
}

codes! {
    /// Why something is taken out of a pack, with the law that allows it.
    Reason {
        Another = "another", "It is about somebody else (Data Protection Act 2018, Schedule 2, paragraph 16)";
        Address = "address", "It would give away a confidential address (Schedule 2, paragraph 16)";
        Harm = "harm", "It would be likely to cause serious harm (Schedule 3, paragraph 11)";
        Confidence = "confidence", "It was said in the expectation that this person would not be told (Schedule 3, paragraph 10)";
        Court = "court", "It was given to a court (Schedule 3, paragraph 9)";
        Privilege = "privilege", "It is advice of a lawyer (Schedule 2, paragraph 19)";
        Adoption = "adoption", "It is an adoption record (Schedule 4, paragraph 3)";
        NotTheirs = "not_theirs", "It is not about the person who asks";
    }
}

/// The most lines that a part has, so that a place in it is a small number.
pub const LINES_MAX: i64 = 100_000;

/// One line of a part: a label of Kith's own words, which names nobody, and what is held.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// What it is.
    pub label: String,
    /// What is held, in words.
    pub text: String,
}

impl Line {
    /// A line.
    pub fn new(label: impl Into<String>, text: impl Into<String>) -> Self {
        Self { label: label.into(), text: text.into() }
    }

    /// How much of a volume it fills, in characters or a little more.
    pub fn fills(&self) -> usize {
        self.text.len() + self.label.len() + 8
    }
}

/// Where words stand in a part: which line, from and to in bytes of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// Which line, from 0.
    pub line: usize,
    /// From which byte.
    pub from: usize,
    /// Up to which byte.
    pub to: usize,
}

/// What a person decided about words that Kith found.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Why they are taken out; `None` when they stay.
    pub removed: Option<Reason>,
    /// Who decided.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// Words that Kith found: the name of somebody else, or a confidential address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Where.
    pub place: Place,
    /// Whose, by the place in the file's list of names.
    pub whose: usize,
    /// What was decided; `None` as long as nobody did.
    pub decided: Option<Decided>,
}

/// Words that a person takes out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Where; `None` for the part as a whole.
    pub place: Option<Place>,
    /// Why.
    pub reason: Reason,
    /// What there is to say of it, for the schedule that is kept inside.
    pub note: Option<String>,
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// The document that a part is about. Words cannot be taken out of it: it goes along as it is, or stays.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackDocument {
    /// How a name of such a document ends: `pdf`, `docx`, `jpg` or `png`.
    pub ending: String,
    /// Its length, bytes.
    pub length: u64,
    /// Whether it goes along, as somebody decided who looked through it; `None` as long as nobody did.
    pub decided: Option<Decided>,
}

impl PackDocument {
    /// Under which name it goes along with the part of a number; it names nobody.
    pub fn name(&self, number: i64) -> String {
        format!("document-{number}.{}", self.ending)
    }
}

/// A part of a pack. No Debug: it is what is held of people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackPart {
    /// What it is called, with its day; names nobody.
    pub title: String,
    /// The day it is about, or on which it was written, UTC milliseconds.
    pub at_ms: i64,
    /// What is held.
    pub lines: Vec<Line>,
    /// Whether it is here only because the person's name stands in it: then somebody says whether it is about them.
    pub by_name: bool,
    /// That it is about them, as somebody said; that it is not, is a mark.
    pub theirs: Option<Decided>,
    /// What Kith found.
    pub found: Vec<Found>,
    /// What people take out.
    pub marks: Vec<Mark>,
    /// The document that it is about, if it is about one that is there.
    #[serde(default)]
    pub document: Option<PackDocument>,
}

impl PackPart {
    /// The document, if it goes along with this part.
    pub fn enclosed(&self) -> Option<&PackDocument> {
        let goes = |document: &&PackDocument| document.decided.is_some_and(|decided| decided.removed.is_none());
        self.document.as_ref().filter(goes).filter(|_| self.left_out().is_none())
    }

    /// Why the part as a whole is left out, if it is.
    pub fn left_out(&self) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.place.is_none())
    }

    /// How many decisions are still to be made about it.
    pub fn undecided(&self) -> usize {
        if self.left_out().is_some() {
            return 0;
        }
        let whose = usize::from(self.by_name && self.theirs.is_none());
        let document = usize::from(self.document.as_ref().is_some_and(|document| document.decided.is_none()));
        whose + document + self.found.iter().filter(|found| found.decided.is_none()).count()
    }

    /// The words at a place; none where there is no such place.
    pub fn words(&self, place: Place) -> &str {
        self.lines.get(place.line).and_then(|line| line.text.get(place.from..place.to)).unwrap_or_default()
    }
}

/// Somebody in a file whose name is looked for, or a place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackName {
    /// Who, as the list shows it.
    pub shown: String,
    /// How they stand to the child, in words.
    pub stands: String,
    /// What is looked for: names and former names, whole and in part.
    pub forms: Vec<String>,
    /// Who they are in that file; `None` of those who stand on it by name only.
    pub subject: Option<HeldSubject>,
    /// Whether it is an address to be kept from somebody.
    pub address: bool,
}

/// What is still to be collected: one row of a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackSource {
    /// What it is.
    pub kind: PartKind,
    /// Its id.
    pub id: Uuid,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// One file of a pack: as what the person stands in it, whose names are looked for, what there is to collect.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackFile {
    /// As what the person stands in it: the child, or one of the family. As several, where two rows are one human being.
    pub people: Vec<PersonId>,
    /// Whether the person is the child.
    pub is_child: bool,
    /// As what, in words.
    pub stands: String,
    /// Whether it is only what they gave themselves, to take it elsewhere (UK GDPR Art 20).
    #[serde(default)]
    pub gave: bool,
    /// The names by which they are found in what was written about others; empty for the child.
    pub own_names: Vec<String>,
    /// Whose names are looked for.
    pub names: Vec<PackName>,
    /// What there is, in the order in which it stands in the pack.
    pub sources: Vec<PackSource>,
    /// How many of them were looked through.
    pub done: usize,
}

/// What is kept of a pack beside its parts.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackBody {
    /// Who put it together for release, and when, UTC milliseconds.
    pub prepared: Option<(AccountId, i64)>,
    /// SHA-256 of each volume that was released, hexadecimal.
    pub digests: Vec<String>,
    /// The documents that go along.
    #[serde(default)]
    pub documents: Vec<EnclosedDocument>,
}

/// A document that goes along with a pack.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnclosedDocument {
    /// The number of the part that it belongs to.
    pub part: i64,
    /// Under which name it goes.
    pub name: String,
    /// Its length, bytes.
    pub length: u64,
    /// SHA-256 of it, hexadecimal.
    pub digest: String,
}

/// A volume as it is handed over. No Debug: it is what is held of people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackVolumeBody {
    /// The PDF file, base64.
    pub pdf: String,
    /// Its length, bytes.
    pub length: usize,
    /// SHA-256 of it, hexadecimal.
    pub digest: String,
    /// The numbers of the first and the last part in it.
    pub parts: (i64, i64),
}

/// What is held of a member of staff, some of it. No Debug: it is what is held of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPart {
    /// What it is.
    pub title: String,
    /// What is held.
    pub lines: Vec<Line>,
}

/// A volume about a member of staff, with the same as data. No Debug: it is what is held of a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountVolume {
    /// As it is handed over.
    pub volume: PackVolumeBody,
    /// What is in it.
    pub parts: Vec<AccountPart>,
}

/// What is decided on the page of a part.
#[derive(Clone, PartialEq, Eq)]
pub enum PartChange {
    /// What stays of the words that were found, and what goes: by place in the list.
    Decide(Vec<(usize, Option<Reason>)>),
    /// Words are taken out: those typed or selected, in one line; only the one at a character, if one was selected.
    Remove {
        /// Which line, from 0.
        line: usize,
        /// The words; the whole line when there are none.
        words: Option<String>,
        /// At which character of the line the selection begins.
        at: Option<usize>,
        /// Why.
        reason: Reason,
        /// What there is to say of it.
        note: Option<String>,
    },
    /// The part as a whole is left out.
    LeaveOut(Reason, Option<String>),
    /// It is about the person.
    IsTheirs,
    /// The document goes along as it is, or stays for a reason.
    Enclose(Option<Reason>),
    /// A mark is taken back, by its place in the list.
    TakeBack(usize),
}

impl PartChange {
    /// Reads `do`: `decide` with `found-N` (`keep`, or a [`Reason`]) for each; `remove` with `line` (from 1), `words`, `at`,
    /// `reason`, `note`; `leave_out` with `reason`, `note`; `theirs`; `enclose` with `enclosed` (`whole`, or a [`Reason`]);
    /// `take_back` with `mark`.
    pub fn read(fields: &Fields) -> Result<PartChange, Vec<Problem>> {
        let mut r = Reader::new(fields);
        match fields.get("do") {
            "decide" => {
                let mut decided = Vec::new();
                for name in fields.names() {
                    let Some(number) = name.strip_prefix("found-").and_then(|number| number.parse().ok()) else {
                        continue;
                    };
                    match fields.get(name) {
                        "" => {}
                        "keep" => decided.push((number, None)),
                        code => match Reason::from_code(code) {
                            Some(reason) => decided.push((number, Some(reason))),
                            None => r.problem(name, "Choose whether it stays, or why it is taken out"),
                        },
                    }
                }
                r.finish(PartChange::Decide(decided))
            }
            "remove" => {
                let line = r.required_number("line", "Which line", 1, LINES_MAX);
                let words = r.text("words", "Words to take out", LONG_TEXT_CHARS);
                let at = r.number("at", "Where it begins", 0, i64::MAX);
                let reason = r.required_choice("reason", "Why it is taken out", Reason::from_code);
                let note = r.text("note", "What there is to say of it", LONG_TEXT_CHARS);
                let problems = r.into_problems();
                match line.and_then(|line| usize::try_from(line - 1).ok()).zip(reason) {
                    Some((line, reason)) if problems.is_empty() => {
                        let at = at.and_then(|at| usize::try_from(at).ok()).filter(|_| words.is_some());
                        Ok(PartChange::Remove { line, words, at, reason, note })
                    }
                    _ => Err(problems),
                }
            }
            "leave_out" => {
                let reason = r.required_choice("out-reason", "Why it is left out", Reason::from_code);
                let note = r.text("out-note", "What there is to say of it", LONG_TEXT_CHARS);
                reason.map(|reason| PartChange::LeaveOut(reason, note)).ok_or_else(|| r.into_problems())
            }
            "theirs" => Ok(PartChange::IsTheirs),
            "enclose" => match (fields.get("enclosed"), Reason::from_code(fields.get("enclosed"))) {
                ("whole", _) => Ok(PartChange::Enclose(None)),
                (_, Some(reason)) => Ok(PartChange::Enclose(Some(reason))),
                _ => Err(vec![Problem::new("enclosed", "Choose whether the document goes along, or why it stays")]),
            },
            "take_back" => {
                let mark = r.required_number("mark", "Which", 0, LINES_MAX);
                mark.and_then(|mark| usize::try_from(mark).ok())
                    .map(PartChange::TakeBack)
                    .ok_or_else(|| r.into_problems())
            }
            _ => Err(vec![Problem::new("do", "Choose what is to be done")]),
        }
    }
}

impl PackPart {
    /// Changes what is taken out. A place that covers half a word covers the whole of it.
    pub fn change(&mut self, change: PartChange, by: AccountId, at_ms: i64) -> Result<(), Problem> {
        let mark = |place, reason, note| Mark { place, reason, note, by, at_ms };
        match change {
            PartChange::Decide(decided) => {
                for (number, removed) in decided {
                    let Some(found) = self.found.get_mut(number) else {
                        return Err(Problem::new("do", "This part was changed meanwhile. Look at it again"));
                    };
                    if found.decided.is_none_or(|before| before.removed != removed) {
                        found.decided = Some(Decided { removed, by, at_ms });
                    }
                }
            }
            PartChange::Remove { line, words, at, reason, note } => {
                let Some(of) = self.lines.get(line) else {
                    return Err(Problem::new(
                        "line",
                        format!("There are {} lines. Choose one of them", self.lines.len()),
                    ));
                };
                let whole = Place { line, from: 0, to: of.text.len() };
                let places: Vec<Place> = match &words {
                    None => vec![whole],
                    Some(words) => {
                        let found = occurrences(&of.text, &[Wanted::part(words)]);
                        let here = |from: usize, to: usize| {
                            let begin = of.text.char_indices().nth(at.unwrap_or_default()).map(|(byte, _)| byte);
                            at.is_none() || begin.is_some_and(|begin| (from..to.max(from + 1)).contains(&begin))
                        };
                        let found = found.into_iter().map(|(from, to, _)| whole_words(&of.text, from, to));
                        found.filter(|(from, to)| here(*from, *to)).map(|(from, to)| Place { line, from, to }).collect()
                    }
                };
                if places.is_empty() {
                    let words = format!("These words do not stand in line {}. Copy them from it", line + 1);
                    return Err(Problem::new("words", words));
                }
                for place in places {
                    if !self.marks.iter().any(|there| there.place == Some(place) && there.reason == reason) {
                        self.marks.push(mark(Some(place), reason, note.clone()));
                    }
                }
            }
            PartChange::LeaveOut(reason, note) => {
                self.marks.retain(|there| there.place.is_some());
                self.marks.push(mark(None, reason, note));
            }
            PartChange::IsTheirs => {
                self.marks.retain(|there| there.place.is_some());
                self.theirs = Some(Decided { removed: None, by, at_ms });
            }
            PartChange::Enclose(removed) => match &mut self.document {
                Some(document) => document.decided = Some(Decided { removed, by, at_ms }),
                None => return Err(Problem::new("enclosed", "The document is not there any more")),
            },
            PartChange::TakeBack(number) => {
                if number >= self.marks.len() {
                    return Err(Problem::new("mark", "This part was changed meanwhile. Look at it again"));
                }
                self.marks.remove(number);
            }
        }
        Ok(())
    }

    /// Decides of everything that was found of some names and that nobody decided about. Returns of how much.
    pub fn decide_of(&mut self, whose: &[usize], removed: Option<Reason>, by: AccountId, at_ms: i64) -> usize {
        let open = self.found.iter_mut().filter(|found| found.decided.is_none() && whose.contains(&found.whose));
        open.map(|found| found.decided = Some(Decided { removed, by, at_ms })).count()
    }
}
