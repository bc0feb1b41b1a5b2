//! The catalogue: each item of personal data that the service can hold, named once (the notice's list; handbook
//! section 3).
//!
//! Forms, answers for reading, the script of the phone call and its corrections, the file, what is known before walking
//! in, papers and the register are made from it. To hold a new item is one entry in [`ITEMS`]; a rule that needs it reads
//! its value by code.

mod entry;
mod groups;
mod items;
mod language;
mod lists;
mod numbers;
mod read;
mod registered;
mod shown;
mod words;

use serde::Serialize;

pub use groups::Group;
pub use items::ITEMS;
pub use language::languages;
pub use lists::{SEES_ALONE, SEES_TOGETHER};
pub use read::{Value, check_items, read_item};
pub use registered::{NotRegistered, RegisteredItems, SaidOf};
pub use shown::{Reading, Shown, shown};
pub use words::{rows, value_words};

use crate::access::Purpose;
use crate::codes::codes;
use crate::form::{Fields, OF_ROW};
use crate::referral::Section;
use crate::retention::RecordCategory;

codes! {
    /// About whom or what an item is.
    About {
        Child = "child", "The child";
        Placement = "placement", "Where the child lives";
        Order = "order", "An order or hearing";
        Contact = "contact", "Contact wanted";
        Person = "person", "A member of the family";
        Relationship = "relationship", "How a person stands to the child";
    }
}

impl About {
    /// Whether it is said of a member of the family; everything else is said of the child or their referral.
    pub const fn is_of_family(self) -> bool {
        matches!(self, About::Person | About::Relationship)
    }
}

codes! {
    /// The kinds of information that the public notice names ("What personal information do we collect").
    NoticeCategory {
        ChildIdentity = "child", "Child’s name, placement address, date of birth, gender";
        Siblings = "siblings", "Details of sibling groups";
        Family = "family", "Parents’ names, former names, address, contact details";
        Special = "special", "Ethnicity, religion, medical information including allergies and dietary requirements, disabilities and access needs";
        Identifiers = "identifiers", "Personal identifiers such as Care First identity number";
        School = "school", "Current school details";
        Legal = "legal", "Court order details and legal status of the child";
        Contact = "contact", "Frequency, pattern and dates for contact, and with whom it will take place";
        Considerations = "considerations", "Considerations and constraints in regard to the contact";
        Safeguarding = "safeguarding", "Safeguarding information";
        Language = "language", "First language and interpreter requirements";
        Carers = "carers", "Foster carers’ name and contact details";
        Risk = "risk", "Risk assessment of the persons the child is to have contact with";
    }
}

codes! {
    /// How the law protects an item.
    Sensitivity {
        Ordinary = "ordinary", "Ordinary";
        Special = "special", "Special category (UK GDPR Art 9)";
        Criminal = "criminal", "Criminal offence data (UK GDPR Art 10)";
    }
}

codes! {
    /// The question of the phone call under which an item is verified (handbook section 5).
    Topic {
        Identity = "identity", "Who the child is";
        Health = "health", "Allergies, medication and health";
        Placement = "placement", "Where the child lives";
        Legal = "legal", "Legal status and orders";
        Attendance = "attendance", "Who the person is, and may they attend";
        Risk = "risk", "Risk from the person";
        Emergency = "emergency", "Emergency contact and concerns";
    }
}

codes! {
    /// The papers that print items.
    Paper {
        Referral = "referral", "The referral";
        Agreement = "agreement", "The written agreement";
        Report = "report", "The report for court";
    }
}

codes! {
    /// What kind of thing nobody may miss.
    CalloutKind {
        Allergy = "allergy", "An allergy or what health asks for";
        Risk = "risk", "A risk";
        Confidential = "confidential", "Something to be kept from somebody";
    }
}

/// How an item stands out from the others on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Callout {
    /// What kind of thing it is.
    pub kind: CalloutKind,
    /// What stands above it.
    pub title: &'static str,
    /// What is to be done about it; empty when the value says it.
    pub advice: &'static str,
}

/// Codes to choose from with their labels, in the order of a list.
pub type Choices = &'static [(&'static str, &'static str)];

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line.
    Short,
    /// Free text.
    Long,
    /// Several short texts, one on each line.
    Lines,
    /// A list in which each row has the same fields.
    Rows(&'static Rows),
    /// A calendar day.
    Date(DateBound),
    /// When the child was born, as far as it is known: three fields, see [`crate::person::Birth::read`].
    Birth,
    /// Yes or no; how "no" is said, where it is more than that.
    YesNo(&'static str),
    /// One of several codes.
    OneOf(Choices),
    /// Any of several codes.
    SeveralOf(Choices),
    /// Members of the family named on the same form.
    People,
    /// One of them.
    Person,
    /// A language, by its name in ISO 639.
    Language,
    /// How often: three fields, see [`crate::plan::Frequency::read`].
    Frequency,
    /// A whole number, its lowest and highest value.
    Number(i64, i64),
    /// A phone number.
    Phone,
    /// An email address.
    Email,
    /// An address with its postcode.
    Address,
    /// A number that an authority gave.
    Identifier(Scheme),
}

impl Kind {
    /// The code of the kind.
    pub const fn code(self) -> &'static str {
        match self {
            Kind::Short => "short_text",
            Kind::Long => "long_text",
            Kind::Lines => "lines",
            Kind::Rows(_) => "rows",
            Kind::Date(_) => "date",
            Kind::Birth => "birth",
            Kind::YesNo(_) => "yes_no",
            Kind::OneOf(_) => "one_of",
            Kind::SeveralOf(_) => "several_of",
            Kind::People => "people",
            Kind::Person => "person",
            Kind::Language => "language",
            Kind::Frequency => "frequency",
            Kind::Number(..) => "number",
            Kind::Phone => "phone",
            Kind::Email => "email",
            Kind::Address => "address",
            Kind::Identifier(_) => "identifier",
        }
    }
}

/// What each row of a list consists of.
#[derive(Debug, PartialEq, Eq)]
pub struct Rows {
    /// What one row is called: "Allergy".
    pub one: &'static str,
    /// Its fields, in order; the first says what the row is about.
    pub columns: &'static [Item],
    /// Whether there is a row for each member of the family who may attend, named in the first field, and no other.
    pub of_family: bool,
}

impl Rows {
    /// The field that says what a row is about.
    pub fn first(&self) -> &'static str {
        self.columns.first().map_or("", |column| column.code)
    }
}

/// Which days a date can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateBound {
    /// Any day.
    Any,
    /// Today or before.
    Past,
}

/// Who gave a number, which decides what it looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Care First: letters, digits and hyphens.
    CareFirst,
    /// The unique pupil number of the Department for Education, with its check letter.
    Upn,
    /// The NHS number, with its check digit.
    Nhs,
}

/// A condition: another item of the same section has one of these values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// Code of the other item.
    pub item: &'static str,
    /// Its values.
    pub any_of: &'static [&'static str],
}

impl When {
    /// Whether it is so on a form. The value `*` is any answer but those beside it, and an empty one is no answer.
    pub fn holds(self, fields: &Fields) -> bool {
        let said = fields.get(self.item).trim();
        if let [ELSE, others @ ..] = self.any_of {
            return !said.is_empty() && !others.contains(&said);
        }
        if said.is_empty() {
            return self.any_of.contains(&"");
        }
        self.any_of.iter().any(|value| fields.has(self.item, value))
    }
}

/// Among the values of a [`When`], before others: any answer but them.
pub const ELSE: &str = "*";

/// Whether an item must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Always.
    Required,
    /// It may be left out.
    Optional,
    /// It must be there on a condition and may be there otherwise.
    RequiredWhen(When),
    /// It is asked on a condition, must be there then, and counts for nothing otherwise.
    AskedWhen(When),
    /// It is asked on a condition, may be left out then, and counts for nothing otherwise.
    OfferedWhen(When),
}

/// One item of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The name of its field and of its value.
    pub code: &'static str,
    /// What it is called, for reading.
    pub label: &'static str,
    /// How a form asks for it, when that is more than the label.
    pub question: &'static str,
    /// What helps to answer.
    pub hint: &'static str,
    /// What its value looks like.
    pub kind: Kind,
    /// The answer that a form begins with, where one is usual.
    pub preset: &'static str,
    /// The groups in which its choices are shown: a title, and how many of them in a row belong to it.
    pub grouped: &'static [(&'static str, usize)],
    /// About whom it is.
    pub about: About,
    /// The section of the form that asks it.
    pub section: Section,
    /// Whether it must be there.
    pub need: Need,
    /// The optional part of the section in which it stands ("Add more about …"); empty when always in sight.
    pub more: &'static str,
    /// What the public notice calls it.
    pub category: NoticeCategory,
    /// How the law protects it.
    pub sensitivity: Sensitivity,
    /// Whether it may have to be kept from somebody of the family.
    pub may_be_confidential: bool,
    /// Purposes for which it may be read.
    pub purposes: &'static [Purpose],
    /// Which retention rule it follows.
    pub retention: RecordCategory,
    /// The question of the phone call that verifies it.
    pub call: Option<Topic>,
    /// Whether it is shown before walking into a session.
    pub before_session: bool,
    /// How it stands out from the others, where nobody may miss it.
    pub callout: Option<Callout>,
    /// The papers that print it; the referral prints everything.
    pub papers: &'static [Paper],
    /// Whether it is said on the child's file alone: no referral asks it.
    pub on_file_alone: bool,
}

/// Every fact serves assessment, delivery and reports; planning and research get figures from some.
const CASE_WORK: &[Purpose] = &[Purpose::Assessment, Purpose::ServiceDelivery, Purpose::OfficialReporting];
/// As [`CASE_WORK`], and planning and research too: what can be counted without saying who it is.
const COUNTED: &[Purpose] =
    &[Purpose::Assessment, Purpose::ServiceDelivery, Purpose::OfficialReporting, Purpose::ServicePlanning];

impl Item {
    /// The code that is its alone in the whole catalogue, such as `person.address`.
    pub fn key(&self) -> String {
        format!("{}.{}", self.about.code(), self.code)
    }

    /// Whether it is this one.
    fn key_is(&self, about: About, code: &str) -> bool {
        self.about == about && self.code == code
    }

    /// How a form asks for it.
    pub fn asked_as(&self) -> &'static str {
        if self.question.is_empty() { self.label } else { self.question }
    }

    /// The names of the values that it consists of.
    pub fn fields(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Birth => &["birth_kind", "dob", "dob_to"],
            Kind::Frequency => &["bound", "count", "per"],
            _ => self.own_field(),
        }
    }

    /// The code as a list of one.
    fn own_field(&self) -> &'static [&'static str] {
        // Found in the catalogue itself, where it is static.
        let columns = ITEMS.iter().flat_map(|item| match item.kind {
            Kind::Rows(of) => of.columns,
            _ => &[],
        });
        ITEMS
            .iter()
            .chain(columns)
            .find(|item| item.about == self.about && item.code == self.code)
            .map_or(&[], |item| std::slice::from_ref(&item.code))
    }

    /// Whether a field of a form, or a value, belongs to it. A date stands in three boxes: `dob-day`, `dob-month`,
    /// `dob-year`.
    pub fn is_of(&self, field: &str) -> bool {
        let field = field.split_once(OF_ROW).map_or(field, |(list, _)| list);
        self.fields().contains(&without_box(field))
    }

    /// Whether the rules of the service stand on it: every authority must hold it, and for all that it serves.
    pub fn is_needed(&self) -> bool {
        self.need != Need::Optional
    }

    /// Whether its value counts beside the others of its section.
    pub fn counts(&self, fields: &Fields) -> bool {
        match self.need {
            Need::AskedWhen(when) | Need::OfferedWhen(when) => when.holds(fields),
            _ => true,
        }
    }

    /// Whether it must be there beside the others of its section.
    pub fn is_required(&self, fields: &Fields) -> bool {
        match self.need {
            Need::Required => true,
            Need::Optional | Need::OfferedWhen(_) => false,
            Need::RequiredWhen(when) | Need::AskedWhen(when) => when.holds(fields),
        }
    }

    /// Whether a form has anything typed for it.
    pub fn is_there(&self, fields: &Fields) -> bool {
        fields.iter().any(|(name, value)| !value.trim().is_empty() && self.is_of(name))
    }
}

/// The name of a value without the box of its date.
fn without_box(field: &str) -> &str {
    ["-day", "-month", "-year"].iter().find_map(|part| field.strip_suffix(part)).unwrap_or(field)
}

/// The items that a section of the form asks, in order.
pub fn of_section(section: Section) -> impl Iterator<Item = &'static Item> {
    ITEMS.iter().filter(move |item| item.section == section && !item.on_file_alone)
}

/// The items that a question of the phone call verifies, in order.
pub fn of_topic(topic: Topic) -> impl Iterator<Item = &'static Item> {
    ITEMS.iter().filter(move |item| item.call == Some(topic))
}

/// The item that a field of a section's form, or a value, belongs to.
pub fn in_section(section: Section, field: &str) -> Option<&'static Item> {
    of_section(section).find(|item| item.is_of(field))
}

/// The item that a value said of a child belongs to (`of_family` false), or one said of a member of the family or of how
/// they stand to a child (`of_family` true).
pub fn of_value(of_family: bool, field: &str) -> Option<&'static Item> {
    ITEMS.iter().find(|item| item.about.is_of_family() == of_family && item.is_of(field))
}

/// The item with a key such as `person.address`.
pub fn by_key(key: &str) -> Option<&'static Item> {
    let (about, code) = key.split_once('.')?;
    ITEMS.iter().find(|item| item.about.code() == about && item.code == code)
}

/// An item as `kith items` lists it.
#[derive(Serialize)]
pub struct ItemLine {
    /// Its key, such as `person.address`.
    pub code: String,
    /// What it is called.
    pub label: &'static str,
    /// About whom it is.
    pub about: &'static str,
    /// What its value looks like.
    pub kind: &'static str,
    /// The notice's category.
    pub category: &'static str,
    /// Whether it is of a special category, or about criminal offences.
    pub special: bool,
    /// How the law protects it: `ordinary`, `special` or `criminal`.
    pub sensitivity: &'static str,
    /// Whether it may have to be kept from somebody of the family.
    pub may_be_confidential: bool,
    /// Purposes for which it may be read.
    pub purposes: Vec<&'static str>,
    /// Which retention rule it follows.
    pub retention: &'static str,
    /// The question of the phone call that verifies it.
    pub verified: Option<&'static str>,
    /// Whether it is shown before walking into a session.
    pub before_session: bool,
    /// The papers that print it.
    pub papers: Vec<&'static str>,
}

impl Item {
    /// The item as it is listed.
    pub fn line(&self) -> ItemLine {
        ItemLine {
            code: self.key(),
            label: self.label,
            about: self.about.code(),
            kind: self.kind.code(),
            category: self.category.code(),
            special: self.sensitivity != Sensitivity::Ordinary,
            sensitivity: self.sensitivity.code(),
            may_be_confidential: self.may_be_confidential,
            purposes: self.purposes.iter().map(|purpose| purpose.code()).collect(),
            retention: self.retention.code(),
            verified: self.call.map(Topic::code),
            before_session: self.before_session,
            papers: self.papers.iter().map(|paper| paper.code()).collect(),
        }
    }
}

#[cfg(test)]
mod notice_map;
#[cfg(test)]
mod tests;
