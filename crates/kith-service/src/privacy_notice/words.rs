//! The words of the public notice in a language, read from a file. English and Welsh are part of Kith; an authority adds
//! others, or its own checked copy of one, in `translations/` beside its register.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::kept_by::kept_by;

const SHIPPED: [&str; 2] =
    [include_str!("../../translations/notice.en.toml"), include_str!("../../translations/notice.cy.toml")];

static ENGLISH: LazyLock<Arc<NoticeWords>> =
    LazyLock::new(|| Arc::new(NoticeWords::read(SHIPPED[0]).unwrap_or_else(|why| unreachable!("{why}"))));

/// The notice's words in English, whatever an authority put in their place.
pub(super) fn english() -> &'static NoticeWords {
    &ENGLISH
}

/// The same, to be kept.
pub(crate) fn english_kept() -> Arc<NoticeWords> {
    ENGLISH.clone()
}

/// The notice's words in each language that Kith ships, by the language's ISO 639-1 code.
pub(crate) fn shipped() -> BTreeMap<String, Arc<NoticeWords>> {
    let read = SHIPPED.iter().map(|text| NoticeWords::read(text).unwrap_or_else(|why| unreachable!("{why}")));
    read.map(|words| (words.language.clone(), Arc::new(words))).collect()
}

/// The words of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NoticeWords {
    /// ISO 639-1 code.
    pub(crate) language: String,
    /// What the language calls itself.
    pub(crate) name: String,
    checked_by: String,
    checked_on: String,
    /// None to seven.
    pub(super) numbers: Vec<String>,
    pub(super) words: Words,
    /// Texts of a register or of the catalogue, in this language.
    #[serde(default)]
    pub(super) texts: BTreeMap<String, String>,
    pub(super) standard: Vec<SectionWords>,
    pub(super) easy: Vec<SectionWords>,
    pub(super) children: Vec<SectionWords>,
}

/// Words around the statements.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) standard: String,
    pub(super) easy: String,
    pub(super) children: String,
    pub(super) in_force: String,
    pub(super) unchecked: String,
    pub(super) original: String,
    pub(super) category: String,
    pub(super) period: String,
    pub(super) purpose: String,
    pub(super) basis: String,
}

/// A section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SectionWords {
    pub(super) heading: String,
    pub(super) say: Vec<Saying>,
}

/// A statement, or a list of the register.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saying {
    /// The code of what makes it true.
    pub(super) of: String,
    /// The words; empty for a list.
    #[serde(default)]
    pub(super) text: String,
    /// How it stands.
    #[serde(default, rename = "as")]
    pub(super) stands: Stands,
    /// Which list of the register.
    pub(super) list: Option<List>,
}

/// How a statement stands on the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stands {
    /// A paragraph.
    #[default]
    Paragraph,
    /// A line of a list.
    Bullet,
    /// A line of a numbered list.
    Number,
}

/// A list of the register or of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum List {
    /// What the part of the authority does beside.
    ProviderServices,
    /// What is held, by the notice's kinds of information.
    Items,
    /// From whom it is sought.
    Sources,
    /// How it is collected.
    Ways,
    /// What for, with the legal basis of each.
    Purposes,
    /// How long.
    Retention,
    /// By which law.
    Bases,
    /// Departments of the authority.
    Departments,
    /// Organisations outside.
    Partners,
    /// Where requests go.
    RequestsTo,
    /// Where the data protection officer is.
    Officer,
}

impl NoticeWords {
    /// Reads a file. `Err` says in words what is wrong: how it is written, a statement that nothing makes true, words that go
    /// into no place, or an edition that says less than the English one.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let words: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        if words.numbers.len() != 8 {
            return Err("numbers: give the words for none to seven, eight in all".to_owned());
        }
        for section in words.standard.iter().chain(&words.easy).chain(&words.children) {
            for said in &section.say {
                if kept_by(&said.of).is_none() {
                    return Err(format!("“{}” in “{}”: nothing makes this statement true", said.of, section.heading));
                }
                if said.text.is_empty() == said.list.is_none() {
                    return Err(format!("“{}” in “{}”: give either words or a list", said.of, section.heading));
                }
            }
        }
        if words.language != "en" {
            words.says_what_english_says()?;
        }
        Ok(words)
    }

    /// A notice that leaves something out in one language would tell those readers less.
    fn says_what_english_says(&self) -> Result<(), String> {
        let editions = [
            ("standard", &self.standard, &english().standard),
            ("easy", &self.easy, &english().easy),
            ("children", &self.children, &english().children),
        ];
        for (name, own, english) in editions {
            let said = |sections: &[SectionWords]| -> Vec<String> {
                let all = sections.iter().flat_map(|section| &section.say);
                all.map(|said| said.list.map_or_else(|| said.of.clone(), |list| format!("{list:?}"))).collect()
            };
            let missing = said(english).into_iter().find(|of| !said(own).contains(of));
            if let Some(of) = missing {
                return Err(format!("{name}: “{of}” is said in English and not here"));
            }
        }
        Ok(())
    }

    /// Whether somebody who knows the language has checked it, and when.
    pub(super) fn is_checked(&self) -> bool {
        !self.checked_by.trim().is_empty() && self.checked_on.parse::<jiff::civil::Date>().is_ok()
    }
}
