//! How an entry of the catalogue is written: an item with what is usual, and a word for each thing that is otherwise.

use super::{
    About, CASE_WORK, COUNTED, Callout, CalloutKind, Item, Kind, Need, NoticeCategory, Paper, Sensitivity, Topic, When,
};
use crate::referral::Section;
use crate::retention::RecordCategory;

/// An item about the child, ordinary, optional, in sight; what is otherwise is said by the methods below.
pub(super) const fn item(about: About, code: &'static str, label: &'static str, kind: Kind) -> Item {
    let (section, category, retention) = match about {
        About::Child => (Section::Child, NoticeCategory::ChildIdentity, RecordCategory::CaseFile),
        About::Placement => (Section::Placement, NoticeCategory::Carers, RecordCategory::CaseFile),
        About::Order => (Section::Legal, NoticeCategory::Legal, RecordCategory::CareOrder),
        About::Contact => (Section::Contact, NoticeCategory::Contact, RecordCategory::CarePlan),
        About::Person | About::Relationship => (Section::Family, NoticeCategory::Family, RecordCategory::CaseFile),
    };
    let call = match about {
        About::Child => Some(Topic::Identity),
        About::Placement => Some(Topic::Placement),
        About::Order => Some(Topic::Legal),
        About::Contact => None,
        About::Person | About::Relationship => Some(Topic::Attendance),
    };
    Item {
        code,
        label,
        question: "",
        hint: "",
        kind,
        preset: "",
        grouped: &[],
        about,
        section,
        need: Need::Optional,
        more: "",
        category,
        sensitivity: Sensitivity::Ordinary,
        may_be_confidential: false,
        purposes: CASE_WORK,
        retention,
        call,
        before_session: false,
        callout: None,
        papers: &[Paper::Referral],
        on_file_alone: false,
    }
}

impl Item {
    pub(super) const fn ask(mut self, question: &'static str) -> Self {
        self.question = question;
        self
    }
    pub(super) const fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }
    /// Chosen already when the form is opened for the first time.
    pub(super) const fn preset(mut self, answer: &'static str) -> Self {
        self.preset = answer;
        self
    }
    pub(super) const fn grouped(mut self, groups: &'static [(&'static str, usize)]) -> Self {
        self.grouped = groups;
        self
    }
    pub(super) const fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }
    pub(super) const fn required_when(mut self, item: &'static str, any_of: &'static [&'static str]) -> Self {
        self.need = Need::RequiredWhen(When { item, any_of });
        self
    }
    pub(super) const fn asked_when(mut self, item: &'static str, any_of: &'static [&'static str]) -> Self {
        self.need = Need::AskedWhen(When { item, any_of });
        self
    }
    pub(super) const fn offered_when(mut self, item: &'static str, any_of: &'static [&'static str]) -> Self {
        self.need = Need::OfferedWhen(When { item, any_of });
        self
    }
    /// In an optional part of the section.
    pub(super) const fn more(mut self, title: &'static str) -> Self {
        self.more = title;
        self
    }
    pub(super) const fn section(mut self, section: Section) -> Self {
        self.section = section;
        self
    }
    pub(super) const fn category(mut self, category: NoticeCategory) -> Self {
        self.category = category;
        self
    }
    /// Of a special category.
    pub(super) const fn special(mut self) -> Self {
        self.sensitivity = Sensitivity::Special;
        self.category = NoticeCategory::Special;
        self
    }
    /// About criminal offences.
    pub(super) const fn criminal(mut self) -> Self {
        self.sensitivity = Sensitivity::Criminal;
        self
    }
    pub(super) const fn confidential(mut self) -> Self {
        self.may_be_confidential = true;
        self
    }
    /// Planning and research may count it.
    pub(super) const fn counted(mut self) -> Self {
        self.purposes = COUNTED;
        self
    }
    pub(super) const fn call(mut self, topic: Topic) -> Self {
        self.call = Some(topic);
        self
    }
    /// The phone call does not ask it.
    pub(super) const fn not_verified(mut self) -> Self {
        self.call = None;
        self
    }
    /// Shown before walking into a session.
    pub(super) const fn before(mut self) -> Self {
        self.before_session = true;
        self
    }
    /// Standing out from the others, under a title.
    pub(super) const fn stands_out(mut self, kind: CalloutKind, title: &'static str, advice: &'static str) -> Self {
        self.callout = Some(Callout { kind, title, advice });
        self
    }
    /// Said on the file alone: no referral asks it, no call verifies it, no paper of a referral prints it.
    pub(super) const fn on_file_alone(mut self) -> Self {
        self.on_file_alone = true;
        self.call = None;
        self.papers = &[];
        self
    }
    pub(super) const fn on(mut self, papers: &'static [Paper]) -> Self {
        self.papers = papers;
        self
    }
}
