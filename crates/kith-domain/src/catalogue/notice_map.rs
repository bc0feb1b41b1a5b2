//! `docs/notice-map.md`: every item of the catalogue under the words of the public notice, with where it is entered, verified,
//! shown, printed and found, and the tests that show it. The page is written by this test and checked by it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::{ITEMS, Item, NoticeCategory, Paper};

/// Keys by which somebody is found.
const FINDS: &[&str] = &[
    "child.given_name",
    "child.family_name",
    "child.former_names",
    "child.birth",
    "child.care_first",
    "person.given_name",
    "person.family_name",
    "person.former_names",
    "person.phone",
    "placement.carer",
    "order.case_number",
];

/// What shows it of every item: that it is in the register, read where its entry says, asked on the call, kept as it was said.
const OF_ALL: &[&str] = &[
    "everything_that_the_notice_and_the_handbook_name_is_there",
    "an_item_is_read_where_its_entry_says",
    "every_item_of_the_catalogue_is_read_somewhere_beside_the_form",
];

/// What shows it of the items of one kind of information.
const fn tests_of(category: NoticeCategory) -> &'static [&'static str] {
    match category {
        NoticeCategory::ChildIdentity => &["a_referral_is_written_section_by_section_and_sent_once"],
        NoticeCategory::Siblings => &[
            "each_child_has_what_is_said_of_all_and_what_is_their_own",
            "half_siblings_hang_from_their_own_parents_and_each_home_is_told",
        ],
        NoticeCategory::Family => &["what_is_missing_is_asked_for_where_it_is_typed"],
        NoticeCategory::Special => &["what_nobody_may_miss_stands_out", "a_value_that_is_none_of_the_codes_is_refused"],
        NoticeCategory::Identifiers => &["numbers_with_a_check_character_are_checked"],
        NoticeCategory::School => &["an_item_is_read_where_its_entry_says"],
        NoticeCategory::Legal => &["an_order_that_ends_before_it_begins_is_refused"],
        NoticeCategory::Contact => &["each_person_has_a_frequency_of_their_own_or_comes_with_another"],
        NoticeCategory::Considerations => &[
            "rows_come_together_and_apart_and_what_is_no_row_is_read_line_by_line",
            "people_who_are_kept_apart_are_joined_by_words_and_a_line",
        ],
        NoticeCategory::Language => &["a_language_is_found_by_the_name_that_families_use"],
        NoticeCategory::Carers => &["phone_numbers_british_and_foreign"],
        NoticeCategory::Safeguarding | NoticeCategory::Risk => &["what_the_call_must_verify_is_asked"],
    }
}

fn row(item: &Item) -> String {
    let changed = item.group().map_or("the plan and the order".to_owned(), |group| format!("“{}”", group.label()));
    let verified = item.call.map_or("no", |topic| topic.label());
    let mut shown = Vec::new();
    if item.is_read(super::Reading::File) {
        shown.push("the file");
    }
    if item.is_read(super::Reading::BeforeSession) {
        shown.push("before a session");
    }
    if shown.is_empty() {
        shown.push("the referral, the plan’s first arrangement");
    }
    let printed: Vec<&str> = item.papers.iter().map(|paper: &Paper| paper.label()).collect();
    let found = if FINDS.contains(&item.key().as_str()) { "yes" } else { "" };
    format!(
        "| {} (`{}`) | “{}” | {changed} | {verified} | {} | {} | {found} |\n",
        item.label,
        item.key(),
        item.section.label(),
        shown.join(", "),
        printed.join(", "),
    )
}

fn page() -> String {
    let mut page = "# What the notice lists, and where it is\n\n\
        Each kind of information that the public notice names (“What personal information do we collect”), and every item that \
        Kith holds under it: the section of the referral in which it is entered, the page of the file on which it is changed, \
        the question of the phone call that verifies it, where it is shown and printed, and whether somebody is found by it.\n\n\
        Written by `KITH_WRITE_NOTICE_MAP=1 cargo nextest run notice_map`, from the catalogue; a test fails when it is not what \
        the catalogue says, or names a test that is not there.\n"
        .to_owned();
    let _ = writeln!(page, "\nOf all items: {}.", tests(OF_ALL));
    for category in NoticeCategory::ALL {
        let _ = write!(
            page,
            "\n## {}\n\nTests: {}.\n\n| Item | Entered | Changed on the file | Verified | Shown | Printed | Found by it |\n\
             | --- | --- | --- | --- | --- | --- | --- |\n",
            category.label(),
            tests(tests_of(*category)),
        );
        for item in ITEMS.iter().filter(|item| item.category == *category) {
            page.push_str(&row(item));
        }
    }
    page
}

fn tests(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All source files below a directory, as one text.
fn sources(directory: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(directory).expect("a directory of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|name| name != "target") {
                all.push_str(&sources(&path));
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.push_str(&fs::read_to_string(&path).expect("a source file"));
        }
    }
    all
}

/// What comes after is of the sentences of the notice, see `kith-service/src/privacy_notice/tests.rs`.
const SENTENCES: &str = "\n## Every sentence of the founding notice\n";

#[test]
fn the_notice_map_is_what_the_catalogue_says() {
    // "docs/notice-map.md: each item of the notice's list: where entered, shown, printed, found, tested."
    let path = root().join("docs/notice-map.md");
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let at = kept.find(SENTENCES).unwrap_or(kept.len());
    if std::env::var_os("KITH_WRITE_NOTICE_MAP").is_some() {
        fs::write(&path, format!("{}{}", page(), &kept[at..])).expect("the page can be written");
        return;
    }
    assert!(
        kept[..at] == page(),
        "docs/notice-map.md is not what the catalogue says: write it again, as it says itself"
    );
}

#[test]
fn every_kind_of_information_in_the_notice_has_items_and_tests_that_are_there() {
    let sources = sources(&root().join("crates"));
    for category in NoticeCategory::ALL {
        assert!(ITEMS.iter().any(|item| item.category == *category), "{}", category.label());
        for name in tests_of(*category).iter().chain(OF_ALL) {
            assert!(sources.contains(&format!("fn {name}(")), "there is no test {name}");
        }
    }
}
