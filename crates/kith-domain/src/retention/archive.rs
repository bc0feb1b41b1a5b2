//! To the archive first: who asked for it and on what basis, the bag that was made and went, and what the archive says that it has.
//! A file that is marked so is destroyed only after somebody wrote down that the archive has it (the notice: "archived or securely
//! destroyed"; handbook sections 11 and 13).

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Off;
use crate::calendar;
use crate::codes::codes;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, ArchiveBagId};
use crate::pack::PartKind;
use crate::refusal::Refusal;

/// Characters of a SHA-256 digest in hexadecimal.
const DIGEST_CHARS: usize = 64;

codes! {
    /// Where the transfer of a file to an archive stands.
    TransferState {
        Asked = "asked", "To the archive first";
        Making = "making", "The bag for the archive is being made";
        Made = "made", "The bag for the archive is ready";
        Received = "received", "The archive has it";
        Stopped = "stopped", "Not to the archive";
    }
}

impl TransferState {
    /// Whether the file waits for it.
    pub const fn is_under_way(self) -> bool {
        matches!(self, TransferState::Asked | TransferState::Making | TransferState::Made)
    }
}

codes! {
    /// On what it rests that a file goes to an archive.
    ArchiveBasis {
        Agreement = "agreement", "A signed agreement in force with this archive";
        Law = "law", "A law that requires or allows it";
    }
}

codes! {
    /// Whether a bag is there.
    BagState {
        Kept = "kept", "There";
        Ended = "ended", "Gone";
    }
}

/// What is asked for: to which archive, by whom, on what basis, why. It is kept when the file is gone, and names nobody of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToArchive {
    /// The archive, as it is called.
    pub archive: String,
    /// Who asked for it: name and role.
    pub asked_by: String,
    /// On what it rests.
    pub basis: ArchiveBasis,
    /// Which agreement with its day, or which act and section.
    pub under: String,
    /// Why it is worth keeping.
    pub why: String,
    /// The kinds of parts that stay out of the bag.
    #[serde(default)]
    pub left_out: Vec<PartKind>,
    /// Why they stay out; `None` when nothing does.
    #[serde(default)]
    pub left_out_why: Option<String>,
    /// The archive's key for encrypted files (age), where it has one: what is fetched is encrypted for it.
    #[serde(default)]
    pub key: Option<String>,
}

impl ToArchive {
    /// Reads `archive`, `asked_by`, `basis`, `agreement` or `law` after it, `why`, `left_out`, `left_out_why`, `key`.
    pub fn read(fields: &Fields) -> Result<Self, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let archive = r.required("archive", "Which archive", SHORT_TEXT_CHARS);
        let asked_by = r.required("asked_by", "Who asked for it", SHORT_TEXT_CHARS);
        let basis = r.required_choice("basis", "On what it rests", ArchiveBasis::from_code);
        let under = match basis {
            Some(ArchiveBasis::Agreement) => r.required("agreement", "Which agreement, of which day", SHORT_TEXT_CHARS),
            Some(ArchiveBasis::Law) => r.required("law", "Which act and section", SHORT_TEXT_CHARS),
            None => String::new(),
        };
        let why = r.required("why", "Why it goes to the archive", LONG_TEXT_CHARS);
        let left_out: Vec<PartKind> =
            fields.all("left_out").iter().filter_map(|code| PartKind::from_code(code)).collect();
        if left_out.len() == PartKind::ALL.len() {
            r.problem("left_out", "Something must go to the archive: leave at least one kind in");
        }
        let left_out_why = r.text("left_out_why", "Why it stays out", SHORT_TEXT_CHARS);
        if left_out_why.is_none() && !left_out.is_empty() {
            r.problem("left_out_why", "Enter why it stays out");
        }
        let key = r.text("key", "Their key", SHORT_TEXT_CHARS);
        let left_out_why = left_out_why.filter(|_| !left_out.is_empty());
        let problems = r.into_problems();
        match basis {
            Some(basis) if problems.is_empty() => {
                Ok(Self { archive, asked_by, basis, under, why, left_out, left_out_why, key })
            }
            _ => Err(problems),
        }
    }
}

/// A bag that was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeBag {
    /// Its id.
    pub bag: ArchiveBagId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// SHA-256 of the whole tar file, hexadecimal.
    pub digest: String,
    /// Its length, bytes.
    pub length: u64,
    /// How many files are in its payload.
    pub files: usize,
    /// For how many days it is there to be fetched; then it is gone, and can be made again.
    #[serde(default = "thirty")]
    pub days: i64,
}

/// What was made before there was a setting was there for thirty days.
const fn thirty() -> i64 {
    30
}

impl MadeBag {
    /// Until when it can be fetched, UTC milliseconds.
    pub const fn until_ms(&self) -> i64 {
        self.at_ms + self.days * 24 * 3_600_000
    }
}

/// That somebody fetched a bag to give it to the archive.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FetchedBag {
    /// Who.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// The digest of the bag that went; of what was encrypted for the archive it is that of the plain tar file, which they read after
    /// they have opened it.
    pub digest: String,
    /// The key that it was encrypted for; `None` of what went plain.
    #[serde(default)]
    pub key: Option<String>,
}

/// What the archive says that it has.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArchiveReceipt {
    /// Their reference.
    pub reference: String,
    /// Who said so there.
    pub said_by: String,
    /// On which day they took it in.
    pub on: Date,
    /// The digest as they read it, hexadecimal; it is the one of what went.
    pub digest: String,
    /// Who wrote it down.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

/// What is sealed of a transfer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferBody {
    /// What is asked for.
    pub asked: ToArchive,
    /// The bags that were made, in order.
    #[serde(default)]
    pub made: Vec<MadeBag>,
    /// That one was fetched, in order.
    #[serde(default)]
    pub fetched: Vec<FetchedBag>,
    /// That the archive has it.
    #[serde(default)]
    pub receipt: Option<ArchiveReceipt>,
    /// That it was stopped.
    #[serde(default)]
    pub stopped: Option<Off>,
}

impl TransferBody {
    /// What was asked for, and nothing done yet.
    pub const fn new(asked: ToArchive) -> Self {
        Self { asked, made: Vec::new(), fetched: Vec::new(), receipt: None, stopped: None }
    }

    /// In words where it stands.
    pub fn stands(&self, state: TransferState) -> &'static str {
        if state == TransferState::Made && !self.fetched.is_empty() { "With the archive" } else { state.label() }
    }

    /// Reads `reference`, `said_by`, `on`, `digest`, or says what is wrong. The digest must be that of the bag that went last: of
    /// another the archive has something else, or something that was changed on its way.
    pub fn read_receipt(
        &self,
        state: TransferState,
        fields: &Fields,
        by: AccountId,
        at_ms: i64,
    ) -> Result<ArchiveReceipt, ReceiptError> {
        let went = match (state, self.fetched.last()) {
            (TransferState::Made, Some(went)) => went,
            (TransferState::Made, None) => {
                return Err(
                    Refusal::new("archive.not_fetched", "Nobody has fetched the bag yet. Fetch it first").into()
                );
            }
            _ => return Err(Refusal::new("archive.decided", "This transfer waits for nothing. Load it again").into()),
        };
        let mut r = Reader::new(fields);
        let reference = r.required("reference", "Their reference", SHORT_TEXT_CHARS);
        let said_by = r.required("said_by", "Who said so there", SHORT_TEXT_CHARS);
        let on = r.required_date("on", "Day on which they took it in");
        let (first, last) = (calendar::in_london(went.at_ms).date(), calendar::in_london(at_ms).date());
        if on.is_some_and(|on| on < first || on > last) {
            r.problem("on-day", "Day on which they took it in must be between the day it was fetched and today");
        }
        let typed = r.required("digest", "The digest as they read it", 2 * DIGEST_CHARS);
        // Copied from a letter or read out on the phone: spaces and capitals say nothing.
        let digest: String = typed.split_whitespace().collect::<String>().to_lowercase();
        if !typed.is_empty() && (digest.len() != DIGEST_CHARS || !digest.chars().all(|c| c.is_ascii_hexdigit())) {
            r.problem("digest", "The digest as they read it must be 64 characters, 0 to 9 and a to f: a SHA-256");
        } else if !typed.is_empty() && digest != went.digest {
            let words = "This is not the digest of the bag that went. Either it was typed wrongly, or what they have was changed: ask \
                         them to read it again, and send the bag again if it stays so. Nothing is destroyed";
            r.problem("digest", words);
        }
        let problems = r.into_problems();
        match on {
            Some(on) if problems.is_empty() => Ok(ArchiveReceipt { reference, said_by, on, digest, by, at_ms }),
            _ => Err(ReceiptError::Wrong(problems)),
        }
    }
}

/// Why a receipt is not written down.
pub enum ReceiptError {
    /// It waits for none.
    Refused(Refusal),
    /// What was typed is wrong.
    Wrong(Vec<Problem>),
}

impl From<Refusal> for ReceiptError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What a certificate says of an archive that has what the file said.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// The archive, as it is called.
    pub archive: String,
    /// On what basis it went there, and under which agreement or law.
    pub basis: ArchiveBasis,
    /// Which.
    pub under: String,
    /// The archive's reference.
    pub reference: String,
    /// On which day it took it in.
    pub on: Date,
    /// SHA-256 of the bag, hexadecimal.
    pub digest: String,
    /// The kinds of parts that stayed out of it.
    #[serde(default)]
    pub left_out: Vec<PartKind>,
}

impl Archived {
    /// Of a transfer that the archive confirmed; `None` of any other.
    pub fn of(body: &TransferBody) -> Option<Self> {
        let receipt = body.receipt.as_ref()?;
        Some(Self {
            archive: body.asked.archive.clone(),
            basis: body.asked.basis,
            under: body.asked.under.clone(),
            reference: receipt.reference.clone(),
            on: receipt.on,
            digest: receipt.digest.clone(),
            left_out: body.asked.left_out.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use uuid::Uuid;

    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Fields {
        let whole = [
            ("archive", "Nenedale Archives"),
            ("asked_by", "Hazel Quill, county archivist"),
            ("basis", "law"),
            ("law", "Local Government Act 1972 s224"),
            ("why", "A sample of one in a hundred is kept"),
        ];
        let mut fields: Fields = whole.into_iter().collect();
        for (name, value) in pairs {
            fields.set(*name, *value);
        }
        fields
    }

    fn wrong<T>(read: Result<T, Vec<Problem>>) -> Vec<String> {
        read.err().unwrap_or_default().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn an_archive_a_basis_and_a_reason_are_named() {
        // Handbook section 13: "Every disclosure is logged: what, to whom, why, on what basis, by whom".
        let read = ToArchive::read(&form(&[])).expect("whole");
        assert_eq!((read.basis, read.under.as_str()), (ArchiveBasis::Law, "Local Government Act 1972 s224"));
        for missing in ["archive", "asked_by", "basis", "law", "why"] {
            assert_eq!(wrong(ToArchive::read(&form(&[(missing, " ")]))), [missing]);
        }
        assert_eq!(wrong(ToArchive::read(&form(&[("basis", "agreement")]))), ["agreement"]);
        assert_eq!(wrong(ToArchive::read(&form(&[("left_out", "looks")]))), ["left_out_why"]);
        let all = PartKind::ALL.iter().map(|kind| kind.code().to_owned()).collect();
        let mut nothing = form(&[("left_out_why", "All of it")]);
        nothing.set_all("left_out", all);
        assert_eq!(wrong(ToArchive::read(&nothing)), ["left_out"]);
    }

    #[test]
    fn a_receipt_is_of_the_bag_that_went_last() {
        let by = AccountId(Uuid::from_u128(1));
        let fetched_ms = calendar::instant_ms(date(2096, 6, 3), 600);
        let digest = "ab".repeat(32);
        let mut body = TransferBody::new(ToArchive::read(&form(&[])).expect("whole"));
        let mut typed: Fields = [("reference", "NA/2096/17"), ("said_by", "Hazel Quill"), ("digest", digest.as_str())]
            .into_iter()
            .collect();
        typed.set_date("on", date(2096, 6, 4));
        let now_ms = calendar::instant_ms(date(2096, 6, 5), 600);
        let code = |body: &TransferBody, state, typed: &Fields| match body.read_receipt(state, typed, by, now_ms) {
            Ok(receipt) => receipt.digest,
            Err(ReceiptError::Refused(refusal)) => refusal.code.to_owned(),
            Err(ReceiptError::Wrong(problems)) => problems.into_iter().map(|of| of.field).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(code(&body, TransferState::Made, &typed), "archive.not_fetched");
        for earlier in ["cd".repeat(32), digest.clone()] {
            body.fetched.push(FetchedBag { by, at_ms: fetched_ms, digest: earlier, key: None });
        }
        for state in [TransferState::Asked, TransferState::Making, TransferState::Received, TransferState::Stopped] {
            assert_eq!(code(&body, state, &typed), "archive.decided");
        }
        assert_eq!(code(&body, TransferState::Made, &typed), digest);
        let spoken =
            digest.to_uppercase().as_bytes().chunks(8).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
        typed.set("digest", spoken);
        assert_eq!(code(&body, TransferState::Made, &typed), digest);
        for other in ["cd".repeat(32), "ab".repeat(31), "xy".repeat(32), String::new()] {
            typed.set("digest", other);
            assert_eq!(code(&body, TransferState::Made, &typed), "digest");
        }
        typed.set("digest", digest);
        for day in [date(2096, 6, 2), date(2096, 6, 6)] {
            typed.set_date("on", day);
            assert_eq!(code(&body, TransferState::Made, &typed), "on-day");
        }
    }
}
