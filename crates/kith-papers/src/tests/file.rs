//! The file as such: PDF, tagged, the same twice, and no error that tells what it held.

use super::sample;
use crate::typeset::document;
use crate::world::Template;
use crate::{
    Dated, LetterPart, PackLinePaper, PackPaper, PackPartPaper, PackPiecePaper, PaperError, archived, period_report,
    session_record,
};

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// ISO 14289-1: 5 (identification), 6.2 and 7.1 (tagged, marked, a title that is shown), 7.2 (language).
#[test]
fn both_papers_are_pdf_ua_1() {
    for bytes in [session_record(&sample::record(1)).unwrap(), period_report(&sample::report(1)).unwrap()] {
        assert!(bytes.starts_with(b"%PDF-1.7"));
        for needed in [
            "<pdfuaid:part>1</pdfuaid:part>",
            "/StructTreeRoot ",
            "/Marked true",
            "/DisplayDocTitle true",
            "/Lang(en-GB)",
            "<dc:title>",
            "/Outlines ",
            "/S/TH",
            "/S/H1",
        ] {
            assert!(contains(&bytes, needed), "{needed} is missing");
        }
    }
}

/// "PDF title carries the full name": the document information and the XMP name the kind of paper and its reference.
#[test]
fn the_title_of_the_file_names_nobody() {
    let (record, report) = (sample::record(1), sample::report(1));
    let made = [
        (session_record(&record).unwrap(), format!("Session record {}", record.reference), record.child),
        (period_report(&report).unwrap(), format!("Report on contact {}", report.reference), report.child),
    ];
    for (bytes, title, child) in made {
        assert!(contains(&bytes, &title), "{title}");
        let xmp = bytes.windows(10).position(|window| window == b"<dc:title>").expect("a title");
        let end = bytes[xmp..].windows(11).position(|window| window == b"</dc:title>").expect("its end");
        let stands = String::from_utf8_lossy(&bytes[xmp..xmp + end]).into_owned();
        assert!(stands.contains(&title) && !child.split(' ').any(|name| stands.contains(name)), "{stands}");
    }
}

#[test]
fn the_picture_has_an_alternative_text() {
    let bytes = period_report(&sample::report(0)).unwrap();
    assert!(contains(&bytes, "/S/Figure"));
    assert!(contains(&bytes, "Bar chart of sessions by week. In all 17 due, 14 held, 4 not held."));

    let mut paper = sample::report(0);
    paper.weeks.clear();
    assert!(!contains(&period_report(&paper).unwrap(), "/S/Figure"));
}

#[test]
fn a_quotation_is_tagged_as_one() {
    let bytes = session_record(&sample::record(1)).unwrap();
    assert!(contains(&bytes, "/S/BlockQuote"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert!(session_record(&sample::record(3)).unwrap() == session_record(&sample::record(3)).unwrap());
    assert!(period_report(&sample::report(2)).unwrap() == period_report(&sample::report(2)).unwrap());
}

#[test]
fn another_version_is_another_file() {
    let mut later = sample::record(3);
    later.reference = "NFT-2027-0003 version 2".into();
    assert!(session_record(&sample::record(3)).unwrap() != session_record(&later).unwrap());
}

#[test]
fn the_day_is_the_one_given() {
    let bytes = session_record(&sample::record(1)).unwrap();
    assert!(contains(&bytes, "<xmp:CreateDate>2027-01-07T00:00:00Z</xmp:CreateDate>"));
}

#[test]
fn a_day_that_does_not_exist_is_refused() {
    for dated in [
        Dated { year: 2027, month: 2, day: 29 },
        Dated { year: 2027, month: 0, day: 1 },
        Dated { year: -1, month: 1, day: 1 },
    ] {
        let mut paper = sample::record(1);
        paper.dated = dated;
        assert!(session_record(&paper) == Err(PaperError::Date));
    }
}

#[test]
fn an_error_names_a_place_and_no_content() {
    let wrong = serde_json::json!({ "title": ["Maja Wiśniewska"], "child": "Maja Wiśniewska" });
    let error = document(Template::Record, &wrong).err().unwrap();
    let PaperError::Layout(place) = &error else { panic!("{error}") };
    assert_eq!(place.template, Some("common.typ"));
    assert!(place.line > 1);
    assert!(!format!("{error} {error:?}").contains("Maja"));
}

/// ISO 19005-2, 6.6.4 (version and conformance level), 6.2.3 (output intent); ISO 14289-1, 5.
#[test]
fn a_volume_for_an_archive_is_pdf_a_2a_and_pdf_ua_1() {
    let words = |words: &str| PackPiecePaper { words: words.into(), removed: String::new() };
    let line = |label: &str, text: &str| PackLinePaper { label: label.into(), pieces: vec![words(text)] };
    let paper = PackPaper {
        letterhead: sample::letterhead(),
        marking: "OFFICIAL-SENSITIVE".into(),
        reference: "7F3A-90BC volume 1".into(),
        title: "A file for the archive".into(),
        volume: "Volume 1".into(),
        to: "Nenedale Archives".into(),
        stands: "File 7F3A-90BC".into(),
        cover: vec![LetterPart { heading: "What this is".into(), paragraphs: vec!["A file.".into()] }],
        parts: vec![PackPartPaper {
            number: "1".into(),
            title: "What is known".into(),
            left_out: false,
            // Every script that there is a font for, and what there is none for.
            lines: vec![line("Name", "Maja Wiśniewska, Мария, Μαρία"), line("Note", "மரியா \u{1F600} \u{FFFD}")],
        }],
        dated: Dated { year: 2096, month: 5, day: 4 },
    };
    let bytes = archived(&paper).unwrap();
    for needed in [
        "<pdfaid:part>2</pdfaid:part>",
        "<pdfaid:conformance>A</pdfaid:conformance>",
        "<pdfuaid:part>1</pdfuaid:part>",
        "/OutputIntents",
        "/StructTreeRoot ",
    ] {
        assert!(contains(&bytes, needed), "{needed} is missing");
    }
    let title = bytes.windows(10).position(|window| window == b"<dc:title>").expect("a title");
    assert!(!String::from_utf8_lossy(&bytes[title..title + 120]).contains("Maja"));
}
