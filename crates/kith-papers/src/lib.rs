//! Papers of the contact service: data in, PDF bytes out.
//!
//! A4, tagged as PDF/UA-1 (ISO 14289-1), the same bytes for the same input. Typst sets the pages from templates that
//! are part of this crate, with fonts that are part of it too; nothing is read from or sent anywhere.

mod error;
mod fonts;
mod glyphs;
mod input;
mod typeset;
mod world;

pub use error::{PaperError, Place};
pub use input::{
    AddendumLine, AgreementPaper, AgreementPart, AttendanceLine, CertificatePaper, ConcernLine, Dated, DeliveryLine,
    DisclosurePaper, EarlierLine, EntryLine, Fact, HeadingBlock, LetterPaper, LetterPart, Letterhead, NoticeBlockPaper,
    NoticePaper, NoticePart, PackLinePaper, PackPaper, PackPartPaper, PackPiecePaper, PeriodReportPaper, ReferralPaper,
    ReferralPart, ReviewLine, SessionLine, SessionRecordPaper, SignatureLine, WeekBar,
};

/// Sets the signed record of one session as a PDF file.
///
/// In: the record, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn session_record(paper: &SessionRecordPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Record, paper, format!("session-record {}", paper.reference), paper.dated)
}

/// Sets the report on a period, for the court, as a PDF file.
///
/// In: the report, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn period_report(paper: &PeriodReportPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Report, paper, format!("period-report {}", paper.reference), paper.dated)
}

/// Sets a referral as a PDF file.
///
/// In: the referral, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn referral(paper: &ReferralPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Referral, paper, format!("referral {}", paper.reference), paper.dated)
}

/// Sets a letter as a PDF file.
///
/// In: the letter, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn letter(paper: &LetterPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Letter, paper, format!("letter {}", paper.reference), paper.dated)
}

/// Sets the certificate of a destruction as a PDF file.
///
/// In: the certificate, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn certificate(paper: &CertificatePaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Certificate, paper, format!("certificate {}", paper.reference), paper.dated)
}

/// Sets a volume of what is held about somebody as a PDF file. What was taken out of it is not in the paper that is given here, so that
/// it is nowhere in the file.
///
/// In: the volume, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn pack(paper: &PackPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Pack, paper, format!("pack {}", paper.reference), paper.dated)
}

/// Sets a volume of a whole file for an archive, as PDF/A-2a (ISO 19005-2) that is PDF/UA-1 too.
///
/// In: the volume, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn archived(paper: &PackPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set_for_ever(world::Template::Pack, paper, format!("archive {}", paper.reference), paper.dated)
}

/// Sets what goes to a recipient as a PDF file.
///
/// In: the facts, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn disclosure(paper: &DisclosurePaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Disclosure, paper, format!("disclosure {}", paper.reference), paper.dated)
}

/// Sets the contact agreement as a PDF file.
///
/// In: the agreement, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn agreement(paper: &AgreementPaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Agreement, paper, format!("agreement {}", paper.reference), paper.dated)
}

/// Sets a notice to everybody as a PDF file.
///
/// In: the notice, ready for reading. Out: the bytes of the file. Takes processor time, not input or output; within
/// an async service it belongs on a blocking thread.
pub fn notice(paper: &NoticePaper) -> Result<Vec<u8>, PaperError> {
    typeset::set(world::Template::Notice, paper, format!("notice {} {}", paper.title, paper.language), paper.dated)
}

#[cfg(test)]
mod tests;
