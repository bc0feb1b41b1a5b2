//! What is written into a record: entries that are only added. Nothing is changed in place; what stands now is the fold
//! of what was written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Heading;
use crate::calendar;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{AccountId, ChildId, EntryId, PersonId};

/// Somebody who is expected at a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    /// One of its children.
    Child(ChildId),
    /// A member of the family.
    Person(PersonId),
}

impl fmt::Display for Who {
    /// As forms name them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Child(id) => write!(f, "child-{id}"),
            Who::Person(id) => write!(f, "person-{id}"),
        }
    }
}

impl FromStr for Who {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, id) = text.split_once('-').ok_or(())?;
        let id = Uuid::parse_str(id).map_err(|_| ())?;
        match kind {
            "child" => Ok(Who::Child(ChildId(id))),
            "person" => Ok(Who::Person(PersonId(id))),
            _ => Err(()),
        }
    }
}

codes! {
    /// How the writer knows.
    Basis {
        Seen = "seen", "I saw it";
        Heard = "heard", "I heard it";
        Told = "told", "I was told it";
    }
}

/// What was observed, as it is written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Under which heading.
    pub heading: Heading,
    /// The time it is about, minutes from midnight of the session's day; `None` when the writer named none.
    pub about_minute: Option<i64>,
    /// How the writer knows.
    pub basis: Option<Basis>,
    /// Whether the text is somebody's own words.
    pub quotation: bool,
    /// The text.
    pub text: String,
}

impl Observation {
    /// Reads `heading`, `about`, `basis`, `quotation`, `text`.
    pub fn read(fields: &Fields) -> Result<Observation, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let heading = r.required_choice("heading", "A heading", Heading::from_code);
        let about_minute = r.time("about", "The time it is about").map(calendar::time_minute);
        let basis = r.choice("basis", "How you know", Basis::from_code);
        let quotation = fields.has("quotation", "yes");
        let text = r.required("text", "What happened", LONG_TEXT_CHARS);
        let read = heading.map(|heading| Observation { heading, about_minute, basis, quotation, text });
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// The form that it was read from.
    pub fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        fields.set("heading", self.heading.code());
        if let Some(minute) = self.about_minute {
            fields.set("about", calendar::clock(minute));
        }
        if let Some(basis) = self.basis {
            fields.set("basis", basis.code());
        }
        if self.quotation {
            fields.set("quotation", "yes");
        }
        fields.set("text", self.text.clone());
        fields
    }
}

codes! {
    /// What was wrong (handbook section 9).
    ConcernKind {
        ImmediateDanger = "immediate_danger", "Immediate danger";
        Safeguarding = "safeguarding", "Safeguarding concern";
        Note = "note", "Something to note";
        AboutStaff = "about_staff", "About a member of staff";
    }
}

/// A concern, raised at any moment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concern {
    /// Which kind.
    pub kind: ConcernKind,
    /// The member of staff it is about: it is hidden from them.
    pub staff: Option<AccountId>,
    /// What happened.
    pub text: String,
}

impl Concern {
    /// Reads `concern`, `concern_staff`, `concern_text`; `None` when nothing was typed and it is not `asked` for.
    pub fn read(fields: &Fields, asked: bool) -> Result<Option<Concern>, Vec<Problem>> {
        let named = ["concern", "concern_staff", "concern_text"];
        if !asked && named.iter().all(|name| fields.get(name).trim().is_empty()) {
            return Ok(None);
        }
        let mut r = Reader::new(fields);
        let kind = r.required_choice("concern", "What kind of concern it is", ConcernKind::from_code);
        let staff = r.id("concern_staff", "The member of staff").map(AccountId);
        let text = r.required("concern_text", "What the concern is", LONG_TEXT_CHARS);
        if kind == Some(ConcernKind::AboutStaff) && staff.is_none() {
            r.problem("concern_staff", "Choose the member of staff whom it is about: it is hidden from them");
        }
        if staff.is_some() && kind.is_some_and(|kind| kind != ConcernKind::AboutStaff) {
            r.problem("concern", "A member of staff is named: choose “About a member of staff”, or take the name out");
        }
        let read = kind.map(|kind| Concern { kind, staff, text });
        let problems = r.into_problems();
        if problems.is_empty() { Ok(read) } else { Err(problems) }
    }

    /// Whether somebody may be shown it: nobody reads a concern about themselves. `None` is the program itself.
    pub fn may_be_shown(&self, to: Option<AccountId>) -> bool {
        self.staff.is_none() || self.staff != to
    }
}

/// A correction beside the first text of a signed record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Addendum {
    /// Which entry it corrects; `None` when it is about the whole record.
    pub about: Option<EntryId>,
    /// Why it is added.
    pub reason: String,
    /// The text.
    pub text: String,
}

impl Addendum {
    /// Reads `about`, `reason`, `text`.
    pub fn read(fields: &Fields) -> Result<Addendum, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let about = r.id("about", "The entry it corrects").map(EntryId);
        let reason = r.required("reason", "Why you add this", LONG_TEXT_CHARS);
        let text = r.required("text", "Addendum", LONG_TEXT_CHARS);
        r.finish(Addendum { about, reason, text })
    }
}

codes! {
    /// How a session that was begun came to its end.
    Ended {
        Complete = "complete", "It took place as planned";
        Early = "end_early", "It ended early";
        NotHeld = "not_held", "It did not take place";
    }
}

/// What one entry says.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "says", rename_all = "snake_case")]
pub enum Content {
    /// Something that was observed: the first text.
    Observation(Observation),
    /// Another text of an observation; the earlier ones stay readable.
    Revision {
        /// Of which entry.
        of: EntryId,
        /// What it says now.
        observation: Observation,
    },
    /// An entry does not stand any more; it stays readable.
    StruckOut {
        /// Which.
        of: EntryId,
        /// Why.
        reason: String,
    },
    /// Somebody came.
    Arrival {
        /// Who.
        who: Who,
        /// When, minutes from midnight.
        minute: i64,
        /// Why late, in their words.
        note: Option<String>,
        /// The entry in whose place it stands: a wrong time, or "did not come" of somebody who came after all.
        replaces: Option<EntryId>,
    },
    /// Somebody left.
    Leaving {
        /// Who.
        who: Who,
        /// When, minutes from midnight.
        minute: i64,
        /// The entry in whose place it stands.
        replaces: Option<EntryId>,
    },
    /// Somebody who was expected did not come.
    NotCome {
        /// Who.
        who: Who,
        /// Why, as far as it is known.
        reason: String,
        /// The entry in whose place it stands.
        replaces: Option<EntryId>,
    },
    /// When the session really began.
    Start {
        /// Minutes from midnight.
        minute: i64,
        /// The entry in whose place it stands.
        replaces: Option<EntryId>,
    },
    /// When and how the session really ended.
    End {
        /// Minutes from midnight: of the goodbye, or of giving up waiting.
        minute: i64,
        /// How.
        how: Ended,
        /// Why it ended early, did not take place, or was much longer than booked.
        note: Option<String>,
        /// The entry in whose place it stands.
        replaces: Option<EntryId>,
    },
    /// Something was wrong.
    Concern(Concern),
    /// Added after signing.
    Addendum(Addendum),
}

codes! {
    /// The kind of an entry, which the store keeps in the clear.
    EntryKind {
        Observation = "observation", "Observation";
        Revision = "revision", "Another text";
        StruckOut = "struck_out", "Struck out";
        Arrival = "arrival", "Arrival";
        Leaving = "leaving", "Leaving";
        NotCome = "not_come", "Did not come";
        Start = "start", "Start";
        End = "end", "End";
        Concern = "concern", "Concern";
        Addendum = "addendum", "Addendum";
    }
}

impl EntryKind {
    /// The kinds of which who came, start and end are made, with what strikes them out.
    pub const COURSE: [EntryKind; 6] = [
        EntryKind::StruckOut,
        EntryKind::Arrival,
        EntryKind::Leaving,
        EntryKind::NotCome,
        EntryKind::Start,
        EntryKind::End,
    ];
}

impl Content {
    /// Its kind.
    pub const fn kind(&self) -> EntryKind {
        match self {
            Content::Observation(_) => EntryKind::Observation,
            Content::Revision { .. } => EntryKind::Revision,
            Content::StruckOut { .. } => EntryKind::StruckOut,
            Content::Arrival { .. } => EntryKind::Arrival,
            Content::Leaving { .. } => EntryKind::Leaving,
            Content::NotCome { .. } => EntryKind::NotCome,
            Content::Start { .. } => EntryKind::Start,
            Content::End { .. } => EntryKind::End,
            Content::Concern(_) => EntryKind::Concern,
            Content::Addendum(_) => EntryKind::Addendum,
        }
    }

    /// The earlier entry that it takes the place of or strikes out; a revision and an addendum take nobody's place.
    pub const fn takes_the_place_of(&self) -> Option<EntryId> {
        match self {
            Content::StruckOut { of, .. } => Some(*of),
            Content::Arrival { replaces, .. }
            | Content::Leaving { replaces, .. }
            | Content::NotCome { replaces, .. }
            | Content::Start { replaces, .. }
            | Content::End { replaces, .. } => *replaces,
            Content::Observation(_) | Content::Revision { .. } | Content::Concern(_) | Content::Addendum(_) => None,
        }
    }
}

/// The clock of the device on which an entry was written, as the device told it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceClock {
    /// What it showed when the entry was sent, UTC milliseconds.
    pub at_ms: i64,
    /// By how much it is ahead of the service's clock, milliseconds, as far as the page could tell.
    pub ahead_ms: Option<i64>,
}

impl DeviceClock {
    /// Reads `device_ms` and `device_ahead_ms`, which the page's script fills in; what is no number counts as not said.
    pub fn read(fields: &Fields) -> Option<DeviceClock> {
        let at_ms = fields.get("device_ms").parse().ok()?;
        Some(DeviceClock { at_ms, ahead_ms: fields.get("device_ahead_ms").parse().ok() })
    }

    /// When the device sent it, by the service's clock as far as the page could tell; UTC milliseconds.
    pub const fn sent_ms(self) -> Option<i64> {
        match self.ahead_ms {
            Some(ahead_ms) => self.at_ms.checked_sub(ahead_ms),
            None => None,
        }
    }
}

/// What an entry holds.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryBody {
    /// What it says.
    pub content: Content,
    /// The clock of the device on which it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceClock>,
}

/// An entry as rules see it.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    /// Its id, made where it was written.
    pub id: EntryId,
    /// Who wrote it.
    pub author: AccountId,
    /// When the service received it, UTC milliseconds.
    pub received_ms: i64,
    /// What it says.
    pub content: &'a Content,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named_in_forms_and_read_back() {
        let id = Uuid::from_u128(7);
        for who in [Who::Child(ChildId(id)), Who::Person(PersonId(id))] {
            assert_eq!(who.to_string().parse(), Ok(who));
        }
        for wrong in ["", "child", "dog-00000000-0000-0000-0000-000000000007", "child-7"] {
            assert_eq!(wrong.parse::<Who>(), Err(()), "{wrong}");
        }
    }
}
