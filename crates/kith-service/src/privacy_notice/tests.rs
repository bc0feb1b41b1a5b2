//! The notice against the founding one, sentence by sentence, and what makes each true.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use kith_domain::catalogue::{NoticeCategory, by_key};
use kith_domain::privacy_notice::{By, Edition};

use super::{KEPT_BY, NoticeBlock, PrivacyNotice, Statement, kept_by};
use crate::Register;

const FOUNDING: &str = include_str!("../../notice/founding.txt");
const SHIPPED: &str = include_str!("../../../../config/kith.toml");
/// What the founding notice says in words that this one puts otherwise: theirs, ours.
const OTHERWISE: &[(&str, &str)] = &[
    // The heading of the whole.
    ("Contact service", "Contact Service"),
    // A parenthesis that is not closed, and the regulation by its name of today.
    (
        "Northamptonshire County Council (NCC) complies with data protection legislation (the Data Protection Act 2018 and the \
         General Data Protection Regulation (GDPR) and is registered as a 'Data Controller' (Reg. No. Z7589390).",
        "(the Data Protection Act 2018 and the UK General Data Protection Regulation (GDPR)) and is registered as a 'Data \
         Controller' (Reg. No. Z7589390)",
    ),
    ("Childs name, placement address, date of birth, gender", "Child's name, placement address, date of birth, gender"),
    // Words around a list of what is each an item of the catalogue.
    (
        "Personal information such as parents names, former names, address, contact details",
        "Parents' names, former names, address, contact details",
    ),
    (
        "Special category information such as ethnicity, religion, medical information including allergies and dietary \
         requirements, disabilities and access needs",
        "Ethnicity, religion, medical information including allergies and dietary requirements, disabilities and access needs",
    ),
    (
        "Details on the frequency, pattern and dates for contact, and with whom it will take place",
        "Frequency, pattern and dates for contact, and with whom it will take place",
    ),
    (
        "Considerations and constraints in regards to the contact",
        "Considerations and constraints in regard to the contact",
    ),
    ("Foster carers name and contact details", "Foster carers' name and contact details"),
    (
        "Risk assessment that may include wide ranging personal information on the person(s) the child is to have contact with",
        "Risk assessment of the persons the child is to have contact with",
    ),
    // The table, with its head.
    ("Category of informationRetention period", "Category of information"),
    (
        "Records relating to the application for and implementation of a Care OrderRetain from date records created until 75th \
         anniversary of the child's birth or 15 years after death if the child dies before age 18.",
        "Records relating to the application for and implementation of a Care Order: From creation until the 75th anniversary \
         of the child's birth, or 15 years after death if the child dies before 18",
    ),
    ("Records should be destroyed at the end of the retention period of 75 years.", "archived or securely destroyed"),
    (
        "All records relating to the creation and maintenance of care plans for looked after childrenRetain from date of birth \
         of child for 75 years.",
        "All records relating to the creation and maintenance of care plans for looked after children: 75 years from the date \
         of birth of the child",
    ),
    (
        "Case files relating to Looked After Children (also known as Children in the Care of the Local Authority)Retain from \
         date of birth of child for 75 years.",
        "Case files relating to looked after children: 75 years from the date of birth of the child",
    ),
    ("Section 34(1) Children Act 1989", "Children Act 1989 s34(1)"),
    // Two rights in one line.
    (
        "ask us to delete information we hold about you (if applicable) have your information transferred electronically to \
         yourself or to another organisation",
        "ask us to delete information we hold about you (if applicable)",
    ),
    (
        "make a complaint to the Information Commissioners Office",
        "make a complaint to the Information Commissioner's Office",
    ),
    (
        "For further information about your rights, including the circumstances in which they apply, see the guidance from the \
         UK Information Commissioners Office (ICO) on individuals' rights under GDPR.",
        "see the guidance from the UK Information Commissioner's Office (ICO) on individuals' rights under GDPR",
    ),
    ("Email DPO@northamptonshire.gov.uk", "Email: DPO@northamptonshire.gov.uk"),
    ("Phone number: 01604 368 360", "Phone: 01604 368 360"),
];

/// A register like the founding document: its head, and the rest as shipped.
fn founding() -> Register {
    let rest = SHIPPED.find("# Teams of the service.").expect("the shipped register");
    let text = format!("{}{}", include_str!("../../notice/founding.toml"), &SHIPPED[rest..]);
    Register::parse(Path::new("founding.toml"), &text).unwrap_or_else(|error| panic!("{error}"))
}

/// Without what typing differs in: quotation marks, capitals, spaces, the mark of a list, the stop at the end.
fn plainly(text: &str) -> String {
    let text = text.replace(['’', '‘'], "'").replace('•', " ").to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.join(" ");
    let numbered = words.split_once(". ").filter(|(number, _)| number.parse::<u8>().is_ok());
    let words = numbered.map_or(words.clone(), |(_, rest)| rest.to_owned());
    words.trim_end_matches(['.', ':', ',']).to_owned()
}

/// The sentences of the founding notice: its lines, long ones at the ends of sentences.
fn sentences() -> Vec<String> {
    let mut all = Vec::new();
    for line in FOUNDING.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut rest = line;
        while let Some(at) = rest.match_indices(". ").map(|(at, _)| at).find(|at| {
            // Not after an abbreviation or the number of a list.
            let before = &rest[..*at];
            !before.ends_with("Reg") && !before.ends_with("No") && before.parse::<u8>().is_err()
        }) {
            all.push(rest[..=at].to_owned());
            rest = rest[at + 1..].trim_start();
        }
        all.push(rest.to_owned());
    }
    all
}

/// Every statement of a notice, rows of its tables as in plain text, with its heading and title under the code of the first
/// thing that is said below.
fn statements(notice: &PrivacyNotice) -> Vec<Statement> {
    let mut all = Vec::new();
    for section in &notice.sections {
        let mut own: Vec<Statement> = Vec::new();
        for block in &section.blocks {
            match block {
                NoticeBlock::Paragraph(said) => own.push(said.clone()),
                NoticeBlock::Bullets(said) | NoticeBlock::Numbers(said) | NoticeBlock::Lines(said) => {
                    own.extend(said.iter().cloned());
                }
                NoticeBlock::Table { code, heads, rows } => {
                    own.push(Statement { code: code.clone(), text: heads.join(": ") });
                    own.extend(rows.iter().map(|row| Statement { code: code.clone(), text: row.join(": ") }));
                }
            }
        }
        let code = own.first().map(|said| said.code.clone()).unwrap_or_default();
        all.push(Statement { code, text: section.heading.clone() });
        all.extend(own);
    }
    all
}

/// The code of the statement of ours that says what a sentence of the founding notice says.
fn said_by(sentence: &str, ours: &[Statement]) -> Option<String> {
    let otherwise = OTHERWISE.iter().find(|(theirs, _)| plainly(theirs) == plainly(sentence));
    let wanted = plainly(otherwise.map_or(sentence, |(_, ours)| ours));
    ours.iter().find(|said| plainly(&said.text).contains(&wanted)).map(|said| said.code.clone())
}

#[test]
fn the_founding_notice_is_said_sentence_by_sentence() {
    let notice = founding().privacy_notice(Edition::Standard, "en");
    let ours = statements(&notice);
    let all = sentences();
    assert!(all.len() > 100, "the founding notice has more than {} sentences", all.len());
    let missing: Vec<&String> = all.iter().filter(|sentence| said_by(sentence, &ours).is_none()).collect();
    assert!(missing.is_empty(), "not said: {missing:#?}");
    let text = plainly(&notice.plain(false).to_string());
    for (theirs, _) in OTHERWISE {
        assert!(
            all.iter().any(|sentence| plainly(sentence) == plainly(theirs)),
            "not in the founding notice: {theirs}"
        );
    }
    assert!(!text.contains('{'), "words that were not put in");
}

#[test]
fn every_statement_in_every_edition_and_language_has_what_makes_it_true() {
    let register = founding();
    for (language, _) in register.notice_languages() {
        for edition in Edition::ALL {
            let notice = register.privacy_notice(*edition, &language);
            for said in statements(&notice) {
                assert!(kept_by(&said.code).is_some(), "{language} {edition:?}: {} has nothing", said.code);
                assert!(!said.text.contains('{'), "{language} {edition:?}: {}", said.text);
            }
        }
    }
    let welsh = register.privacy_notice(Edition::Easy, "cy").remarks;
    assert!(welsh[0].contains("1 Ionawr 2026"), "a day in the notice's own language: {}", welsh[0]);
    let said = statements(&register.privacy_notice(Edition::Standard, "en"));
    for line in KEPT_BY {
        assert!(said.iter().any(|said| said.code == line.code), "nothing says {}", line.code);
        assert_eq!(line.tests.is_empty(), line.by == By::People, "{}: tests are named where Kith keeps it", line.code);
    }
}

#[test]
fn the_notice_lists_what_is_held_and_nothing_else() {
    let whole = founding();
    let lists = |register: &Register, words: &str| {
        register.privacy_notice(Edition::Standard, "en").plain(false).to_string().to_lowercase().contains(words)
    };
    let school = by_key("child.school").expect("an item");
    assert_eq!(school.category, NoticeCategory::School);
    assert!(lists(&whole, "current school details"));
    let less = SHIPPED.replacen("\"child.school\", ", "", 1).replacen("\"placement.pets\",", "", 1);
    let less = Register::parse(Path::new("kith.toml"), &less).unwrap_or_else(|error| panic!("{error}"));
    assert!(!lists(&less, "current school details"), "what is not held is not in the notice");
    assert!(!lists(&less, "pets") && lists(&whole, "pets"));
}

#[test]
fn the_days_of_the_notice_are_the_days_on_which_something_can_be_booked() {
    // Handbook section 8: six days a week, a setting of each authority.
    let days = |text: &str| {
        let register = Register::parse(Path::new("kith.toml"), text).unwrap_or_else(|error| panic!("{error}"));
        let text = register.privacy_notice(Edition::Standard, "en").plain(false).to_string();
        let at = text.find(" days a week").expect("how many days");
        text[..at].rsplit(' ').next().unwrap_or_default().to_owned()
    };
    assert_eq!(days(SHIPPED), "six");
    assert_eq!(days(&SHIPPED.replacen("saturday = \"09:00-17:00\"", "saturday = \"shut\"", 1)), "five");
}

#[test]
fn a_translation_that_says_less_or_what_nothing_makes_true_is_refused() {
    let welsh = include_str!("../../translations/notice.cy.toml");
    let wrong = |from: &str, to: &str| {
        assert!(welsh.contains(from), "{from}");
        super::NoticeWords::read(&welsh.replacen(from, to, 1)).err().unwrap_or_default()
    };
    assert!(super::NoticeWords::read(welsh).is_ok());
    assert!(wrong("of = \"fraud.initiative\"", "of = \"fraud.none\"").contains("nothing makes this statement true"));
    let law = "    { of = \"sharing.law\", text = \"Byddwn yn rhannu";
    assert!(
        wrong(law, "    { of = \"rights.free\", text = \"Byddwn yn rhannu")
            .contains("“sharing.law” is said in English")
    );
    assert!(wrong("\"saith\"]", "]").contains("eight in all"));
    assert!(!wrong("list = \"officer\"", "list = \"nobody\"").is_empty());
}

/// The second part of `docs/notice-map.md`.
fn promises() -> String {
    let ours = statements(&founding().privacy_notice(Edition::Standard, "en"));
    let mut page = "## Every sentence of the founding notice\n\nWhat makes it true, and the tests that show it. *People* means that \
        Kith does not do it yet: matching for fraud is of the second half.\n\nWritten by `KITH_WRITE_NOTICE_MAP=1 cargo nextest run notice_map`; a test fails when a sentence \
        has no row, or a row names a test that is not there.\n\n| The notice says | Code | Kept by | How | Tests |\n| --- | --- \
        | --- | --- | --- |\n"
        .to_owned();
    for sentence in sentences() {
        let line = said_by(&sentence, &ours).and_then(|code| kept_by(&code));
        let (code, by, how, tests) =
            line.map_or(("", "", "", [].as_slice()), |of| (of.code, of.by.label(), of.how, of.tests));
        let tests: Vec<String> = tests.iter().map(|name| format!("`{name}`")).collect();
        let _ = writeln!(page, "| {} | `{code}` | {by} | {how} | {} |", sentence.replace('|', "/"), tests.join(", "));
    }
    page
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[test]
fn the_notice_map_has_every_sentence_and_its_tests_are_there() {
    const MARK: &str = "\n## Every sentence of the founding notice\n";
    let path = root().join("docs/notice-map.md");
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let (items, sentences) = kept.split_once(MARK).unwrap_or((kept.trim_end(), ""));
    let promises = promises();
    if std::env::var_os("KITH_WRITE_NOTICE_MAP").is_some() {
        fs::write(&path, format!("{}\n\n{promises}", items.trim_end())).expect("the page can be written");
    } else {
        let now = promises.split_once('\n').map_or("", |(_, rest)| rest);
        assert!(sentences == now, "docs/notice-map.md is not what the notice says: write it again, as it says itself");
    }
    let sources = sources(&root().join("crates"));
    for line in KEPT_BY {
        for name in line.tests {
            assert!(sources.contains(&format!("fn {name}(")), "{}: there is no test {name}", line.code);
        }
    }
}

/// All source files below a directory, as one text.
fn sources(directory: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(directory).expect("a directory of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.push_str(&sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("a source file"));
        }
    }
    all
}
