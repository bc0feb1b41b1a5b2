//! What stands on the pages, read from the pages as they were set.

use std::fmt::Write as _;

use typst::layout::{Frame, FrameItem};

use super::sample;
use crate::typeset::document;
use crate::world::Template;
use crate::{
    Dated, HeadingBlock, PackLinePaper, PackPaper, PackPartPaper, PackPiecePaper, PeriodReportPaper, SessionRecordPaper,
};

fn text_of(frame: &Frame, out: &mut String) {
    for (_, item) in frame.items() {
        match item {
            FrameItem::Group(group) => text_of(&group.frame, out),
            FrameItem::Text(text) => write!(out, "{} ", text.text).unwrap(),
            _ => {}
        }
    }
}

/// The text of every page, without spaces: a line's end is not kept in the pages.
fn pages<T: serde::Serialize>(kind: Template, paper: &T) -> Vec<String> {
    let (document, _) = document(kind, paper).unwrap();
    document
        .pages()
        .iter()
        .map(|page| {
            let mut text = String::new();
            text_of(&page.frame, &mut text);
            squeezed(&text)
        })
        .collect()
}

/// Without what typesetting adds: spaces, places where a word may break, isolates around names.
fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\u{200B}' | '\u{2068}' | '\u{2069}')).collect()
}

fn record(paper: &SessionRecordPaper) -> String {
    pages(Template::Record, paper).concat()
}

fn report(paper: &PeriodReportPaper) -> String {
    pages(Template::Report, paper).concat()
}

#[track_caller]
fn has(text: &str, wanted: &str) {
    assert!(text.contains(&squeezed(wanted)), "{wanted:?} is not on the pages");
}

#[test]
fn text_is_never_markup() {
    let hostile = "#panic() #import \"x\" *bold* _it_ $x^2$ <script>alert(1)</script> // no comment /* nor this */ @ref \
                   <label> `raw` = heading - item \\ ~ -- --- ... 'single' \"double\" [a] {b} \\u{41} https://x.example/a//b";
    let mut paper = sample::record(1);
    paper.headings[0].entries[0].text = hostile.into();
    paper.headings[0].entries[1].about = "@now #now".into();
    paper.headings[0].heading = "#heading *one*".into();
    paper.attendance[0].name = "#name <b>".into();
    paper.title = "= Title $a$".into();
    paper.child = "*Child*".into();
    paper.signatures[0].name = "#sig".into();
    let text = record(&paper);
    for wanted in [hostile, "@now #now", "#heading *one*", "#name <b>", "= Title $a$", "*Child*", "#sig"] {
        has(&text, wanted);
    }
    let mut whole = sample::report(1);
    whole.introduction.push(hostile.into());
    whole.delivery[0].reasons = hostile.into();
    whole.sessions[0].outcome = hostile.into();
    let text = report(&whole);
    assert_eq!(text.matches(&squeezed(hostile)).count(), 3);
}

#[test]
fn paragraphs_are_numbered_without_a_gap() {
    // Two paragraphs of introduction, six entries, an addendum and two reviews in each record, two of statement.
    let text = report(&sample::report(2));
    for number in 1..=22 {
        has(&text, &format!("{number}."));
    }
    has(&text, "22. The service could not staff two sessions.");
    has(&text, "3. 10:02 seen");
}

#[test]
fn every_page_says_which_of_how_many_and_of_what() {
    let pages = pages(Template::Report, &sample::report(3));
    assert!(pages.len() > 3);
    for (index, page) in pages.iter().enumerate() {
        has(page, &format!("Page {} of {}", index + 1, pages.len()));
        has(page, "Reference NFT-R-2027-0031 version 2");
        assert!(!page.contains("DRAFT"));
    }
}

#[test]
fn a_draft_says_so_on_every_page() {
    let mut paper = sample::report(3);
    paper.draft = true;
    paper.signature = None;
    for page in pages(Template::Report, &paper) {
        has(&page, "DRAFT – not signed");
    }
    has(&report(&paper), "This report has not been signed.");
}

#[test]
fn a_shortfall_against_the_court_is_said_in_words() {
    let text = report(&sample::report(0));
    assert_eq!(text.matches(&squeezed("short of the court’s order")).count(), 1);
    has(&text, "3 short of the court’s order");
}

#[test]
fn an_addendum_stands_after_the_text_it_corrects_and_both_are_read() {
    has(&record(&sample::record(1)), "Both smiled. 3. Addendum to 10:14 · written 7 January 2027, 09:40 by Tomos Llŷr");
}

#[test]
fn an_addendum_that_could_mean_two_entries_stands_beside_neither() {
    let mut paper = sample::record(1);
    paper.headings[1].entries[0].about = "10:14".into();
    let text = record(&paper);
    has(&text, "Next Tuesday!” Addenda 7. Addendum to 10:14");
}

#[test]
fn an_addendum_to_a_heading_stands_under_it() {
    let mut paper = sample::record(1);
    paper.addenda[0].about = "Arrival and greeting".into();
    has(&record(&paper), "it was you.” 4. Addendum to Arrival and greeting");
}

#[test]
fn an_addendum_to_nothing_known_is_kept() {
    let mut paper = sample::record(1);
    for about in ["", "23:59", "No such heading"] {
        paper.addenda[0].about = about.into();
        has(&record(&paper), "Mr Wiśniewski arrived at 10:11, as the signing-in book shows.");
    }
}

#[test]
fn a_text_that_was_replaced_and_one_that_was_struck_out_are_read() {
    // Handbook section 19: "two texts, both readable".
    let mut paper = sample::record(1);
    let entry = &mut paper.headings[0].entries[0];
    entry.earlier =
        vec![crate::EarlierLine { written: "10:02, during the session".into(), text: "He hit her.".into() }];
    entry.written = "18:40, later, 7 hours 10 minutes after the session".into();
    paper.headings[1].entries[0].struck = "5 January 2027, 12:00, by Tomos Llŷr: written in the wrong record".into();
    let text = record(&paper);
    has(&text, "written 18:40, later, 7 hours 10 minutes after the session");
    has(&text, "Earlier text, written 10:02, during the session: He hit her.");
    has(&text, "Struck out. 5 January 2027, 12:00, by Tomos Llŷr: written in the wrong record They built a tower");
    has(&text, "Corrected while it was written: • Piotr Wiśniewski: arrived 10:12");
}

#[test]
fn a_record_that_was_released_is_not_called_signed() {
    let mut paper = sample::record(1);
    paper.signatures.clear();
    paper.released = "By Efua Mensah on 9 January 2027: the supervisor has left the service.".into();
    paper.concerns = vec![crate::ConcernLine {
        kind: "Safeguarding concern".into(),
        raised: "5 January 2027, 10:40, by Tomos Llŷr".into(),
        text: "A bruise on the left arm.".into(),
    }];
    let text = record(&paper);
    has(&text, "This record was released without its author’s signature. By Efua Mensah on 9 January 2027");
    has(&text, "Safeguarding concern · 5 January 2027, 10:40, by Tomos Llŷr A bruise");
    assert!(!text.contains("hasnotbeensigned"));
}

#[test]
fn a_late_signature_is_shown_as_late() {
    has(&record(&sample::record(2)), "Signed late: 5 hours after the service’s 24 hours");
    assert!(!record(&sample::record(1)).contains("Signedlate"));
}

#[test]
fn empty_papers_say_that_they_are_empty() {
    let mut paper = sample::record(1);
    paper.attendance.clear();
    paper.headings = vec![HeadingBlock { heading: String::new(), entries: vec![] }];
    paper.addenda.clear();
    paper.reviews.clear();
    paper.signatures.clear();
    paper.facts.clear();
    paper.title.clear();
    paper.child.clear();
    paper.letterhead.address.clear();
    let text = record(&paper);
    for wanted in
        ["No attendance was recorded.", "No entries were made in this record.", "This record has not been signed."]
    {
        has(&text, wanted);
    }
    crate::session_record(&paper).unwrap();

    let mut whole = sample::report(0);
    whole.records = vec![paper];
    whole.introduction.clear();
    whole.delivery.clear();
    whole.weeks.clear();
    whole.sessions.clear();
    whole.statement.clear();
    whole.facts.clear();
    whole.court.clear();
    whole.child.clear();
    whole.period.clear();
    whole.declaration.clear();
    has(&report(&whole), "No contact was due in this period.");
    crate::period_report(&whole).unwrap();
}

#[test]
fn nothing_leaves_the_page() {
    let long = "Llanfairpwllgwyngyll".repeat(60);
    let mut paper = sample::report(1);
    paper.introduction.push(long.clone());
    paper.sessions[0].lateness = long.clone();
    paper.delivery[0].with = long.clone();
    paper.records[0].headings[0].entries[0].text = long.clone();
    paper.records[0].headings[0].heading = long.clone();
    paper.records[0].attendance[0].expected = long.clone();
    paper.records[0].facts[0].value = long.clone();
    paper.records[0].facts[0].label = long.clone();
    paper.reference = long.clone();
    paper.weeks[0].label = long;
    let (document, _) = document(Template::Report, &paper).unwrap();
    for page in document.pages() {
        within(&page.frame, 0.0, page.frame.width().to_pt());
    }
}

/// Fails if a glyph begins or ends outside the page's width.
fn within(frame: &Frame, x: f64, width: f64) {
    for (point, item) in frame.items() {
        let x = x + point.x.to_pt();
        match item {
            FrameItem::Group(group) => within(&group.frame, x, width),
            FrameItem::Text(text) => {
                let end = x + text.width().to_pt();
                assert!(x >= 0.0 && end <= width, "text from {x} to {end} on a page of {width}");
            }
            _ => {}
        }
    }
}

#[test]
fn an_entry_of_twenty_thousand_words_is_set_whole() {
    let mut paper = sample::record(1);
    let words: Vec<String> = (1..=20_000).map(|n| format!("w{n}")).collect();
    paper.headings[0].entries[0].text = words.join(" ");
    let pages = pages(Template::Record, &paper);
    assert!(pages.len() > 20);
    let text = pages.concat();
    has(&text, "w1 w2 w3");
    has(&text, "w20000");
    crate::session_record(&paper).unwrap();
}

#[test]
fn weeks_without_a_session_and_a_year_of_weeks_can_be_drawn() {
    let mut paper = sample::report(0);
    let week = paper.weeks[0].clone();
    paper.weeks = vec![crate::WeekBar { held: 0, not_held: 0, due: 0, ..week.clone() }];
    crate::period_report(&paper).unwrap();
    paper.weeks = vec![crate::WeekBar { held: 900, ..week }; 53];
    crate::period_report(&paper).unwrap();
}

#[test]
fn a_hundred_records_are_set() {
    let bytes = crate::period_report(&sample::report(100)).unwrap();
    assert!(bytes.len() > 100_000);
}

#[test]
fn a_bar_has_a_number_and_one_shape_whatever_was_taken_out() {
    // What was taken out is not in the paper that is given: on the pages there is a bar, its number, and the words around it.
    let words = |words: &str| PackPiecePaper { words: words.into(), removed: String::new() };
    let bar = |number: &str| PackPiecePaper { words: String::new(), removed: number.into() };
    let line =
        PackLinePaper { label: "Seen".into(), pieces: vec![bar("3.1"), words(" hugged Robin.\nThen "), bar("3.2")] };
    let part = |number: &str, left_out, lines| PackPartPaper {
        number: number.into(),
        title: "Contact session".into(),
        left_out,
        lines,
    };
    let paper = PackPaper {
        letterhead: sample::letterhead(),
        marking: "OFFICIAL-SENSITIVE".into(),
        reference: "7F3A-90BC volume 1".into(),
        title: "What we hold".into(),
        volume: "Volume 1".into(),
        to: "Ann Marsh".into(),
        stands: "File 7F3A-90BC: mother".into(),
        cover: Vec::new(),
        parts: vec![part("3", false, vec![line]), part("4", true, Vec::new())],
        dated: Dated { year: 2026, month: 11, day: 28 },
    };
    let text = pages(Template::Pack, &paper).concat();
    has(&text, "taken out 3.1 hugged Robin.Then taken out 3.2");
    has(&text, "taken out 4.1 This part is left out as a whole.");
    let (first, second) = (crate::pack(&paper).unwrap(), crate::pack(&paper).unwrap());
    assert!(first == second, "the same paper gives the same bytes");
}
