//! What goes into a paper: plain strings, already formatted for reading.
//!
//! Nothing here knows the service's rules. Text is set as it stands and never read as markup. An empty string is a
//! fact that is absent: its line or cell is left out or shown as a dash. None of these types implements `Debug`,
//! because each holds personal data that must not reach a log.

use serde::{Deserialize, Serialize};

/// The calendar day printed nowhere but written into the file as its creation date, so that the same record and
/// version always give the same bytes.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dated {
    /// Year of the Gregorian calendar, 0 or later.
    pub year: i32,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
}

/// Who issues the paper, at the head of its first page.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letterhead {
    /// The local authority, for example "Northmoor Council".
    pub authority: String,
    /// The service within it.
    pub service: String,
    /// The postal address, one line each.
    pub address: Vec<String>,
    /// Telephone and e-mail, in one line.
    pub contact: String,
}

/// A labelled fact at the head of a paper, such as "Place" and "Elm House".
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// What the fact is about.
    pub label: String,
    /// The fact; line breaks are kept.
    pub value: String,
}

/// A part of a referral, with its questions and answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralPart {
    /// The section, or whom it is about.
    pub heading: String,
    /// Questions and answers.
    pub facts: Vec<Fact>,
}

/// A referral, for printing.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferralPaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// The protective marking, such as "OFFICIAL-SENSITIVE".
    pub marking: String,
    /// Its reference in the service, with the version.
    pub reference: String,
    /// The children's names.
    pub children: String,
    /// Where it stands.
    pub state: String,
    /// Who wrote it, and when it was sent.
    pub written: String,
    /// When it was printed, and by whom.
    pub printed: String,
    /// Every part.
    pub parts: Vec<ReferralPart>,
    /// Its date.
    pub dated: Dated,
}

/// A part of a letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPart {
    /// What it is about.
    pub heading: String,
    /// Its paragraphs; line breaks are kept.
    pub paragraphs: Vec<String>,
}

/// A letter to somebody outside the service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetterPaper {
    /// Who writes.
    pub letterhead: Letterhead,
    /// The protective marking, such as "OFFICIAL-SENSITIVE".
    pub marking: String,
    /// Its reference in the service.
    pub reference: String,
    /// What it is about; nobody's name, since it is the file's title too.
    pub title: String,
    /// To whom.
    pub to: String,
    /// The day on it, in words.
    pub date: String,
    /// What it says, part by part.
    pub parts: Vec<LetterPart>,
    /// Who signs it, below the line for the signature.
    pub closing: String,
    /// Its date.
    pub dated: Dated,
}

/// The certificate of a destruction; it names nobody whom the file was about.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificatePaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// The protective marking, such as "OFFICIAL-SENSITIVE".
    pub marking: String,
    /// Its reference in the service.
    pub reference: String,
    /// What it is.
    pub title: String,
    /// What was destroyed, why, by whom it was proposed and approved, when.
    pub facts: Vec<Fact>,
    /// What it means, part by part.
    pub parts: Vec<LetterPart>,
    /// Its date.
    pub dated: Dated,
}

/// A piece of a line: words, or the number of what was taken out in their place.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackPiecePaper {
    /// The words; empty where something was taken out.
    pub words: String,
    /// The number of what was taken out; empty where nothing was.
    pub removed: String,
}

/// A line of what is held.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackLinePaper {
    /// What it is.
    pub label: String,
    /// What is held, in pieces.
    pub pieces: Vec<PackPiecePaper>,
}

/// A part of what is held.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackPartPaper {
    /// Its number.
    pub number: String,
    /// What it is, with its day.
    pub title: String,
    /// Whether it is left out as a whole.
    pub left_out: bool,
    /// Its lines.
    pub lines: Vec<PackLinePaper>,
}

/// A volume of what is held about somebody, without what was taken out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackPaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// The protective marking, such as "OFFICIAL-SENSITIVE".
    pub marking: String,
    /// Its reference in the service, with the volume.
    pub reference: String,
    /// What it is called; nobody's name, since it is the file's title too.
    pub title: String,
    /// Which volume it is.
    pub volume: String,
    /// For whom.
    pub to: String,
    /// From which file, and as what the person stands in it.
    pub stands: String,
    /// The letter at its head, in the first volume.
    pub cover: Vec<LetterPart>,
    /// Its parts, in order.
    pub parts: Vec<PackPartPaper>,
    /// Its date.
    pub dated: Dated,
}

/// What goes to a recipient, and no field more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosurePaper {
    /// Who sends it.
    pub letterhead: Letterhead,
    /// The protective marking, such as "OFFICIAL-SENSITIVE".
    pub marking: String,
    /// Its reference in the service.
    pub reference: String,
    /// What it is.
    pub title: String,
    /// Its day, in words.
    pub date: String,
    /// To whom, what for, on what basis, by whom.
    pub facts: Vec<Fact>,
    /// What goes: of the child, and of each member of the family.
    pub groups: Vec<AgreementPart>,
    /// What the recipient may do with it.
    pub notes: Vec<String>,
    /// Its date.
    pub dated: Dated,
}

/// What was agreed with somebody.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementPart {
    /// With whom.
    pub heading: String,
    /// What was agreed.
    pub facts: Vec<Fact>,
}

/// The contact agreement, in any language.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementPaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// ISO 639-1 code of its language.
    pub language: String,
    /// Its reference in the service, with the version.
    pub reference: String,
    /// What it is called.
    pub title: String,
    /// That it is a draft; nothing once it can be given to somebody.
    pub warnings: Vec<String>,
    /// What it is about.
    pub intro: String,
    /// What was agreed with whom.
    pub parts: Vec<AgreementPart>,
    /// Above what is kept to every time.
    pub every_time_title: String,
    /// What is kept to every time.
    pub every_time: Vec<String>,
    /// What is known of the child that everybody keeps to.
    pub known: Vec<Fact>,
    /// Whom to ask.
    pub questions: String,
    /// Which language the plan's own words are in; may be empty.
    pub original: String,
    /// Above the signatures.
    pub signatures_title: String,
    /// What the three columns of the signatures are called: name, signature, date.
    pub columns: Vec<String>,
    /// Who signs.
    pub signing: Vec<String>,
    /// Its date.
    pub dated: Dated,
}

/// A part of a notice's section.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeBlockPaper {
    /// `paragraph`, `bullets`, `numbers`, `lines`, or `table` of two columns.
    pub kind: String,
    /// Its texts; of a table every cell, row by row, the heads first.
    pub texts: Vec<String>,
}

impl NoticeBlockPaper {
    /// A block of a kind.
    pub fn new(kind: &str, texts: Vec<String>) -> Self {
        Self { kind: kind.to_owned(), texts }
    }
}

/// A section of a notice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePart {
    /// Its heading.
    pub heading: String,
    /// What it says.
    pub blocks: Vec<NoticeBlockPaper>,
}

/// A notice to everybody, in any language.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// ISO 639-1 code of its language.
    pub language: String,
    /// What it is called.
    pub title: String,
    /// What a reader is to know of it first.
    pub remarks: Vec<String>,
    /// Its sections.
    pub parts: Vec<NoticePart>,
    /// Its date.
    pub dated: Dated,
}

/// One person expected at, or present in, a session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttendanceLine {
    /// The person's name.
    pub name: String,
    /// Relationship to the child, or role.
    pub relationship: String,
    /// Clock time at which the person was expected.
    pub expected: String,
    /// Clock time of arrival; empty if the person did not come.
    pub arrived: String,
    /// Clock time of leaving.
    pub left: String,
    /// Lateness, absence and its reason.
    pub note: String,
}

/// One entry of a session record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryLine {
    /// The time the entry is about, for example "10:05".
    pub about: String,
    /// When it was written, for example "10:07, during the session".
    pub written: String,
    /// "seen", "heard", "told", or empty.
    pub basis: String,
    /// Whether the text is somebody's own words, to be set as a quotation.
    pub quotation: bool,
    /// The entry as written; line breaks are kept.
    pub text: String,
    /// The children it is about, where that is not all of them; may be empty.
    pub children: String,
    /// Why, when and by whom it was struck out; empty if it stands. The text stays readable.
    pub struck: String,
    /// Texts that stood before this one, the first on top.
    pub earlier: Vec<EarlierLine>,
}

/// A text that stood before another one.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierLine {
    /// When it was written, for example "10:02, during the session".
    pub written: String,
    /// The text; line breaks are kept.
    pub text: String,
}

/// A concern that was raised at a session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConcernLine {
    /// Its kind, for example "Safeguarding concern".
    pub kind: String,
    /// When it was raised, and by whom.
    pub raised: String,
    /// The text; line breaks are kept.
    pub text: String,
}

/// The entries under one heading of a session record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadingBlock {
    /// The heading, for example "Arrival and greeting".
    pub heading: String,
    /// Its entries in order.
    pub entries: Vec<EntryLine>,
}

/// A correction made after signing. The first text stays readable beside it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddendumLine {
    /// When the addendum was written.
    pub written: String,
    /// Who wrote it.
    pub author: String,
    /// Which text it corrects: an entry's `about` time or its heading. An addendum whose `about` equals an entry's
    /// `about`, or the heading's name, is shown there; every other one follows the entries.
    pub about: String,
    /// Why it was made.
    pub reason: String,
    /// The corrected text.
    pub text: String,
}

/// One quality review of a record.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewLine {
    /// "Accepted" or "Returned", as it shall be read.
    pub outcome: String,
    /// Who reviewed.
    pub reviewer: String,
    /// When.
    pub at: String,
    /// The reviewer's comment; may be empty.
    pub comment: String,
}

/// A signature given in the service.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureLine {
    /// The signatory's name.
    pub name: String,
    /// The signatory's role.
    pub role: String,
    /// When it was signed.
    pub at: String,
    /// How late, and why; `None` if in time.
    pub lateness: Option<String>,
    /// The digest of the signed text, in hexadecimal.
    pub digest: String,
}

/// The signed record of one session.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRecordPaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// The reference, at the foot of every page; it also identifies the file, so it names the version too if there
    /// is more than one.
    pub reference: String,
    /// The child's name.
    pub child: String,
    /// The paper's title, for example "Record of contact session".
    pub title: String,
    /// Facts at the head.
    pub facts: Vec<Fact>,
    /// Who came.
    pub attendance: Vec<AttendanceLine>,
    /// What was said of who came, of start and end, and was corrected or struck out later: one line each.
    pub corrected: Vec<String>,
    /// Concerns that were raised.
    pub concerns: Vec<ConcernLine>,
    /// How it came to be read without a signature; empty where it is signed or simply not signed yet.
    pub released: String,
    /// What was observed.
    pub headings: Vec<HeadingBlock>,
    /// Corrections after signing.
    pub addenda: Vec<AddendumLine>,
    /// Quality reviews.
    pub reviews: Vec<ReviewLine>,
    /// Signatures.
    pub signatures: Vec<SignatureLine>,
    /// The day written into the file.
    pub dated: Dated,
}

/// What was ordered for one person, and what was delivered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeliveryLine {
    /// With whom the child has contact.
    pub with: String,
    /// What was ordered or agreed, for example "Two hours, weekly".
    pub ordered: String,
    /// Sessions due in the spans that ended in the period.
    pub due: u32,
    /// Sessions offered in them.
    pub offered: u32,
    /// Sessions held in them.
    pub held: u32,
    /// Sessions due and not delivered.
    pub shortfall: u32,
    /// Sessions held beyond what is allowed.
    pub excess: u32,
    /// Time together against time due, for example "4 h 30 min of 9 h, 4 h 30 min short"; may be empty.
    pub hours: String,
    /// What is still running, for example "2 of 3 so far"; may be empty.
    pub running: String,
    /// Whether a court ordered it. A shortfall of such contact is marked.
    pub court_ordered: bool,
    /// Why sessions were not held.
    pub reasons: String,
}

/// One session in the period's attendance table.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLine {
    /// The date.
    pub date: String,
    /// From and until.
    pub time: String,
    /// With whom.
    pub with: String,
    /// Held, or not held and why.
    pub outcome: String,
    /// Who was late, and by how much.
    pub lateness: String,
}

/// One week of the picture of attendance.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekBar {
    /// The week's label, short, for example "5 Jan".
    pub label: String,
    /// Sessions held.
    pub held: u32,
    /// Sessions not held.
    pub not_held: u32,
    /// Sessions due.
    pub due: u32,
}

/// The report on a period's contact, for the court.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeriodReportPaper {
    /// Who issues it.
    pub letterhead: Letterhead,
    /// The reference, at the foot of every page; it also identifies the file, so it names the version too if there
    /// is more than one.
    pub reference: String,
    /// The court.
    pub court: String,
    /// The court's case number.
    pub case_number: String,
    /// The child's name.
    pub child: String,
    /// Facts at the head.
    pub facts: Vec<Fact>,
    /// The period reported on.
    pub period: String,
    /// Who wrote the report.
    pub author: String,
    /// The author's role.
    pub author_role: String,
    /// The introduction, one numbered paragraph each.
    pub introduction: Vec<String>,
    /// Orders against delivery.
    pub delivery: Vec<DeliveryLine>,
    /// The weeks of the picture.
    pub weeks: Vec<WeekBar>,
    /// Every session of the period.
    pub sessions: Vec<SessionLine>,
    /// The records, each set as a section of its own.
    pub records: Vec<SessionRecordPaper>,
    /// The author's statement, one numbered paragraph each.
    pub statement: Vec<String>,
    /// The declaration of truth above the signature: "I believe that the facts stated …".
    pub declaration: String,
    /// The author's signature, if signed.
    pub signature: Option<SignatureLine>,
    /// Whether every page says that this is an unsigned draft.
    pub draft: bool,
    /// The day written into the file.
    pub dated: Dated,
}
