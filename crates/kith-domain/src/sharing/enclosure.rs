//! Whole papers that go beside the facts of a package: signed records of sessions, signed reports, documents (handbook sections 10
//! and 13). Each goes as it is or not at all: nothing is taken out of what somebody signed.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Stays, Weighing, stands};
use crate::catalogue::{About, ITEMS, Item, Paper, by_key};
use crate::codes::codes;
use crate::document::DocumentKind;
use crate::fact::Known;
use crate::form::{Fields, Reader};
use crate::ids::{DocumentId, ReportId, SessionId};

/// The most papers that go with one disclosure.
pub const ENCLOSED_MAX: usize = 30;
/// The most bytes that go with one disclosure: what many a mail system lets through.
pub const ENCLOSED_BYTES_MAX: u64 = 25 * 1024 * 1024;

codes! {
    /// What a whole paper is.
    EnclosureKind {
        Record = "record", "Record of a session";
        Report = "report", "Report for court";
        Document = "document", "Document";
    }
}

codes! {
    /// What Kith cannot see for itself before a paper goes, so that a person looks and says why it can go.
    EnclosureDoubt {
        Restricted = "restricted", "The use of something in this file is restricted: it must not be in here";
        Unread = "unread", "The address is confidential, and what is in a document is not read by machine: it must not be in here";
        Objected = "objected", "Somebody of the family objected that this recipient gets anything about them: they must not be in here";
        KeptFrom = "kept_from", "It is marked as confidential from somebody of the family";
    }
}

/// A whole paper of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Enclosure {
    /// The record of a session.
    Record(SessionId),
    /// A report for court.
    Report(ReportId),
    /// A document that was added to the file.
    Document(DocumentId),
}

impl Enclosure {
    /// The paper of a form's value: `record-…`, `report-…` or `document-…` with its id.
    pub fn from_code(code: &str) -> Option<Self> {
        let (kind, id) = code.split_once('-')?;
        match EnclosureKind::from_code(kind)? {
            EnclosureKind::Record => id.parse().ok().map(Self::Record),
            EnclosureKind::Report => id.parse().ok().map(Self::Report),
            EnclosureKind::Document => id.parse().ok().map(Self::Document),
        }
    }

    /// The value of a form.
    pub fn code(self) -> String {
        format!("{}-{}", self.kind().code(), self.id())
    }

    /// What it is.
    pub const fn kind(self) -> EnclosureKind {
        match self {
            Self::Record(_) => EnclosureKind::Record,
            Self::Report(_) => EnclosureKind::Report,
            Self::Document(_) => EnclosureKind::Document,
        }
    }

    /// Its id, whatever it is.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Record(id) => id.0,
            Self::Report(id) => id.0,
            Self::Document(id) => id.0,
        }
    }

    /// Reads `enclosed`, each once. More than [`ENCLOSED_MAX`], and what is no paper, are problems of that field.
    pub(super) fn read(r: &mut Reader, fields: &Fields) -> Vec<Enclosure> {
        let mut chosen: Vec<Enclosure> = Vec::new();
        for code in fields.all("enclosed").iter().filter(|code| !code.is_empty()) {
            match Enclosure::from_code(code) {
                Some(of) if chosen.contains(&of) => {}
                Some(of) => chosen.push(of),
                None => r.problem("enclosed", "Choose records, reports and documents from the list"),
            }
        }
        if chosen.len() > ENCLOSED_MAX {
            let words = format!("Choose at most {ENCLOSED_MAX}: give the others in a second one");
            r.problem("enclosed", words);
        }
        chosen
    }
}

impl EnclosureKind {
    /// The items that such a paper holds whatever it says, by key. `document` is what a document is to the case.
    pub fn items(self, document: Option<DocumentKind>) -> Vec<String> {
        const CHILD: [&str; 2] = ["child.given_name", "child.family_name"];
        const FAMILY: [&str; 3] = ["person.given_name", "person.family_name", "relationship.relationship"];
        const ORDER: [&str; 4] = ["order.court", "order.case_number", "order.order_date", "order.terms"];
        let of = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        match (self, document) {
            (Self::Record, _) => of(&[&CHILD[..], &FAMILY].concat()),
            (Self::Report, _) => {
                let mut items: Vec<String> =
                    ITEMS.iter().filter(|item| item.papers.contains(&Paper::Report)).map(Item::key).collect();
                items.extend(of(&FAMILY).into_iter().filter(|key| !items.contains(key)).collect::<Vec<_>>());
                items
            }
            (Self::Document, Some(DocumentKind::SealedOrder)) => of(&[&CHILD[..], &ORDER].concat()),
            (Self::Document, Some(DocumentKind::CarePlan)) => of(&[&CHILD[..], &["placement.placement_type"]].concat()),
            (Self::Document, Some(DocumentKind::Assessment)) => of(&[&CHILD[..], &["child.concerns"]].concat()),
            (Self::Document, _) => of(&CHILD),
        }
    }
}

/// A paper as it was read for weighing. No Debug: it is personal.
pub struct Enclosed {
    /// Which.
    pub what: Enclosure,
    /// What it is called in what is kept: kind and days, never whom it is about.
    pub label: String,
    /// The items that are in it, by key.
    pub items: Vec<String>,
    /// Whether whoever asks may read it for this purpose.
    pub permitted: bool,
    /// Why it cannot go to anybody.
    pub fault: Option<Stays>,
    /// Whether what is in it can be looked through.
    pub readable: bool,
    /// Whether it names where the child lives, as far as it can be looked through.
    pub names_address: bool,
    /// Whether it is marked as confidential from somebody of the family.
    pub kept_from: bool,
    /// A digest of what is in it: another when it says something else.
    pub mark: String,
    /// Its length in bytes, where that is known before it is set.
    pub length: u64,
}

/// A paper as it was weighed. No Debug: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub struct WeighedEnclosure {
    /// Which.
    pub what: Enclosure,
    /// What it is called.
    pub label: String,
    /// Why it stays; `None` when it goes.
    pub stays: Option<Stays>,
    /// The items for which it stays, by label; empty where it is not for some of them.
    pub because_of: Vec<&'static str>,
    /// What a person is to look for before it goes.
    pub doubts: Vec<EnclosureDoubt>,
    /// See [`Enclosed::mark`].
    pub mark: String,
    /// See [`Enclosed::length`].
    pub length: u64,
}

/// Which whole papers a recipient can have at all.
#[derive(Clone, Copy)]
pub struct PapersFor<'a> {
    /// The kinds that such a recipient gets, or that the demand names.
    pub given: &'a [EnclosureKind],
    /// Those of the agreement; `None` where none is needed.
    pub agreed: Option<&'a [EnclosureKind]>,
    /// Whether they may learn from them where the child lives.
    pub address: bool,
}

impl Weighing<'_> {
    /// Which papers go and which stay.
    pub fn weigh_enclosed<'e>(
        &self,
        to: PapersFor,
        papers: impl IntoIterator<Item = &'e Enclosed>,
    ) -> Vec<WeighedEnclosure> {
        let weigh = |of: &Enclosed| {
            let (stays, because_of) = match self.enclosure_stays(to, of) {
                Some((stays, because_of)) => (Some(stays), because_of),
                None => (None, Vec::new()),
            };
            WeighedEnclosure {
                what: of.what,
                label: of.label.clone(),
                doubts: if stays.is_none() { self.doubts(of) } else { Vec::new() },
                stays,
                because_of,
                mark: of.mark.clone(),
                length: of.length,
            }
        };
        papers.into_iter().map(weigh).collect()
    }

    fn enclosure_stays(&self, to: PapersFor, of: &Enclosed) -> Option<(Stays, Vec<&'static str>)> {
        let kind = of.what.kind();
        let whole = |stays| Some((stays, Vec::new()));
        if let Some(fault) = of.fault {
            return whole(fault);
        }
        if !to.given.contains(&kind) {
            return whole(Stays::NotGiven);
        }
        if to.agreed.is_some_and(|kinds| !kinds.contains(&kind)) {
            return whole(Stays::NotAgreed);
        }
        if !of.permitted {
            return whole(Stays::NotForPurpose);
        }
        let mut items: Vec<_> = of.items.iter().filter_map(|key| by_key(key)).collect();
        if let Some(address) = by_key("placement.address").filter(|_| of.names_address) {
            items.push(address);
            if self.related.is_none() && !to.address {
                return Some((Stays::NotGiven, vec![address.label]));
            }
        }
        // A package has kinds of papers as they are; an agreement that leaves out what is in them leaves them out.
        let of_package = super::package(self.kind);
        let asked = |key: &str| of_package.items().any(|item| item == key);
        let because = |stays: Stays, test: &dyn Fn(&Item) -> bool| {
            let labels: Vec<&'static str> = items.iter().filter(|item| test(item)).map(|item| item.label).collect();
            (!labels.is_empty()).then_some((stays, labels))
        };
        let not_agreed = |item: &Item| {
            let key = item.key();
            asked(&key) && self.agreed.is_some_and(|items| !items.contains(&key))
        };
        let found = because(Stays::NotAgreed, &not_agreed)
            .or_else(|| because(Stays::NotForPurpose, &|item| !self.registered.covers(item, self.purpose)))
            .or_else(|| because(Stays::Restricted, &|item| self.is_restricted(item)))
            .or_else(|| because(Stays::Confidential, &|item| self.is_confidential(item, None)));
        if found.is_some() {
            return found;
        }
        if of.kept_from && self.related.is_some() {
            return whole(Stays::Confidential);
        }
        let said = stands(self.consents.iter().copied(), None, self.kind);
        if !self.bears(&said) {
            return None;
        }
        if of.items.iter().all(|key| said.allows(Some(key))) { None } else { whole(said.stays()) }
    }

    /// Whether the use of an item is restricted, of whomever it is.
    fn is_restricted(&self, item: &Item) -> bool {
        let restricted = |known: &Known| item.fields().iter().any(|field| known.restricted.contains(*field));
        match item.about {
            about if !about.is_of_family() => restricted(self.child),
            About::Relationship => self.family.iter().any(|of| restricted(of.of_relation)),
            _ => self.family.iter().any(|of| restricted(of.of_person)),
        }
    }

    fn doubts(&self, of: &Enclosed) -> Vec<EnclosureDoubt> {
        let known = self.family.iter().flat_map(|of| [of.of_person, of.of_relation]).chain([self.child]);
        let restricted = known.into_iter().any(|known| !known.restricted.is_empty());
        let objected = |of: &super::Member| {
            stands(self.consents.iter().copied(), Some(of.person), self.kind) == super::Stands::Objected
        };
        let objected = !self.demanded && self.family.iter().any(objected);
        let address = !of.readable && self.child.values.has("confidential", "yes");
        let doubts = [
            (restricted, EnclosureDoubt::Restricted),
            (objected, EnclosureDoubt::Objected),
            (address, EnclosureDoubt::Unread),
            (of.kept_from, EnclosureDoubt::KeptFrom),
        ];
        doubts.into_iter().filter(|(there, _)| *there).map(|(_, doubt)| doubt).collect()
    }
}

/// What was weighed of papers as one text, see [`super::seen`].
pub(super) fn seen_enclosed(weighed: &[WeighedEnclosure]) -> String {
    let line = |of: &WeighedEnclosure| {
        let doubts: Vec<&str> = of.doubts.iter().map(|doubt| doubt.code()).collect();
        [of.what.code().as_str(), of.stays.map_or("", Stays::code), of.mark.as_str(), doubts.join(" ").as_str()]
            .join("\u{1f}")
    };
    weighed.iter().map(line).collect::<Vec<_>>().join("\u{1e}")
}
