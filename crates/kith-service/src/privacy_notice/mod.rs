//! The public notice, made from the register and the catalogue that the service enforces (UK GDPR Art 13 and 14; DESIGN: the
//! registers are the configuration and the notice). Each statement carries the code of what makes it true.

mod kept_by;
mod plain;
mod record;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_domain::calendar;
use kith_domain::catalogue::{ITEMS, NoticeCategory};
use kith_domain::form::lower_first;
use kith_domain::privacy_notice::Edition;
use kith_papers::{NoticeBlockPaper, NoticePaper, NoticePart};

use crate::record::letterhead;
use crate::typesetting::{self, dated};
use crate::{Register, Service, ServiceError};

pub use kept_by::{KEPT_BY, KeptBy, kept_by};
use words::{List, SectionWords, Stands};
pub(crate) use words::{NoticeWords, english_kept, shipped};

/// A notice, or another paper that is rendered from the register, ready for a page, a file of text or a PDF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivacyNotice {
    /// The language's ISO 639-1 code.
    pub language: String,
    /// What stands above it.
    pub title: String,
    /// What a reader is to know of it first: since when it holds, that a translation was not checked.
    pub remarks: Vec<String>,
    /// Its sections, in order.
    pub sections: Vec<NoticeSection>,
}

/// A section of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeSection {
    /// Its heading.
    pub heading: String,
    /// What it says.
    pub blocks: Vec<NoticeBlock>,
}

/// Words with the code of what makes them true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The code, see [`kept_by`].
    pub code: String,
    /// The words.
    pub text: String,
}

/// A part of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeBlock {
    /// A paragraph.
    Paragraph(Statement),
    /// A list.
    Bullets(Vec<Statement>),
    /// A numbered list.
    Numbers(Vec<Statement>),
    /// Lines that belong together, such as an address.
    Lines(Vec<Statement>),
    /// Two columns with their heads; each row is one statement.
    Table {
        /// The code of every row.
        code: String,
        /// The heads.
        heads: [String; 2],
        /// The rows.
        rows: Vec<[String; 2]>,
    },
}

impl Register {
    /// The public notice in an edition and a language, in force since the register's version is; in English where the
    /// language is none that there is.
    pub fn privacy_notice(&self, edition: Edition, language: &str) -> PrivacyNotice {
        let words = self.translations().notice(language);
        let (title, sections) = match edition {
            Edition::Standard => (&words.words.standard, &words.standard),
            Edition::Easy => (&words.words.easy, &words.easy),
            Edition::Children => (&words.words.children, &words.children),
        };
        let mut making = Making { register: self, words: &words, left_in_english: false };
        let sections = sections.iter().map(|section| making.section(section)).collect();
        let mut remarks = Vec::new();
        if let Some(day) = self.in_force_since() {
            remarks
                .push(words.words.in_force.replace("{effective}", &self.translations().of(&words.language).day(day)));
        }
        if !words.is_checked() {
            remarks.push(words.words.unchecked.clone());
        }
        if making.left_in_english {
            remarks.push(words.words.original.clone());
        }
        PrivacyNotice { language: words.language.clone(), title: title.clone(), remarks, sections }
    }

    /// The languages in which there is a notice, English first: code and name.
    pub fn notice_languages(&self) -> Vec<(String, String)> {
        self.translations().notice_languages()
    }

    /// Codes and names of the languages in which people can ask for their rights, English first.
    pub fn rights_languages(&self) -> Vec<(String, String)> {
        self.translations().rights_languages()
    }

    /// The words of the public page on which they ask, in a language; English for one that there is not.
    pub fn rights_words(&self, language: &str) -> Arc<crate::rights::RightsWords> {
        self.translations().rights(language)
    }
}

/// How a list stands on the page.
type ListBlock = fn(Vec<Statement>) -> NoticeBlock;

/// A notice being made.
struct Making<'a> {
    register: &'a Register,
    words: &'a Arc<NoticeWords>,
    left_in_english: bool,
}

impl Making<'_> {
    fn section(&mut self, section: &SectionWords) -> NoticeSection {
        let mut blocks: Vec<NoticeBlock> = Vec::new();
        for said in &section.say {
            if let Some(list) = said.list {
                blocks.extend(self.list(list, &said.of));
                continue;
            }
            let statement = Statement { code: said.of.clone(), text: self.filled(&said.text) };
            match (said.stands, blocks.last_mut()) {
                (Stands::Bullet, Some(NoticeBlock::Bullets(of))) | (Stands::Number, Some(NoticeBlock::Numbers(of))) => {
                    of.push(statement);
                }
                (Stands::Bullet, _) => blocks.push(NoticeBlock::Bullets(vec![statement])),
                (Stands::Number, _) => blocks.push(NoticeBlock::Numbers(vec![statement])),
                (Stands::Paragraph, _) => blocks.push(NoticeBlock::Paragraph(statement)),
            }
        }
        NoticeSection { heading: self.filled(&section.heading), blocks }
    }

    /// The words with what the register says put into them.
    fn filled(&mut self, text: &str) -> String {
        let register = self.register;
        let of = register.authority();
        let [schedule, statement, requests] =
            register.notice_links().map(|to| if to.is_empty() { String::new() } else { format!(": {to}") });
        let days = self.words.numbers.get(register.days_open()).cloned().unwrap_or_default();
        [
            ("{authority}", of.name.clone()),
            ("{service}", self.own(&of.service)),
            ("{provider}", register.provider().to_owned()),
            ("{short_name}", register.short_name().to_owned()),
            ("{registration}", of.registration.clone()),
            ("{days}", days),
            ("{fraud_act}", self.own(register.fraud_act())),
            ("{schedule_url}", schedule),
            ("{statement_url}", statement),
            ("{requests_url}", requests),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(name, &value))
    }

    /// A text of the register in this language, where there are words for it.
    fn own(&mut self, text: &str) -> String {
        if let Some(own) = self.words.texts.get(text) {
            return own.clone();
        }
        self.left_in_english |= self.words.language != "en";
        text.to_owned()
    }

    fn list(&mut self, list: List, code: &str) -> Option<NoticeBlock> {
        let register = self.register;
        let owned = |all: &[String]| all.to_vec();
        let (lines, block): (Vec<String>, ListBlock) = match list {
            List::ProviderServices => (owned(register.provider_services()), NoticeBlock::Bullets),
            List::Items => (self.items(), NoticeBlock::Bullets),
            List::Sources => (register.sources(), NoticeBlock::Bullets),
            List::Ways => (register.ways(), NoticeBlock::Bullets),
            List::Bases => (register.legal_bases(), NoticeBlock::Bullets),
            List::Departments => (owned(&register.authority().departments), NoticeBlock::Bullets),
            List::Partners => (owned(&register.authority().partners), NoticeBlock::Bullets),
            List::RequestsTo => (register.requests_to(), NoticeBlock::Lines),
            List::Officer => (register.officer(), NoticeBlock::Lines),
            List::Purposes => {
                let rows = register.purposes().iter().map(|of| [of.name.clone(), of.legal_basis.clone()]);
                return Some(self.table(
                    code,
                    [&self.words.words.purpose.clone(), &self.words.words.basis.clone()],
                    rows.collect(),
                ));
            }
            List::Retention => {
                let rows = register.retention().iter().map(|of| [of.name.clone(), of.rule.clone()]);
                return Some(self.table(
                    code,
                    [&self.words.words.category.clone(), &self.words.words.period.clone()],
                    rows.collect(),
                ));
            }
        };
        // The items are in this language already, and addresses are in none.
        let as_they_are = matches!(list, List::Items | List::RequestsTo | List::Officer);
        let lines: Vec<Statement> = lines
            .into_iter()
            .map(|line| Statement { code: code.to_owned(), text: if as_they_are { line } else { self.own(&line) } })
            .collect();
        (!lines.is_empty()).then(|| block(lines))
    }

    fn table(&mut self, code: &str, heads: [&str; 2], rows: Vec<[String; 2]>) -> NoticeBlock {
        let rows = rows.into_iter().map(|row| row.map(|cell| self.own(&cell))).collect();
        NoticeBlock::Table { code: code.to_owned(), heads: heads.map(str::to_owned), rows }
    }

    /// What is held, by the kinds of information of the notice, with the items of each that this register names.
    fn items(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for category in NoticeCategory::ALL {
            let mut held: Vec<String> = Vec::new();
            for item in ITEMS.iter().filter(|item| item.category == *category && self.register.items().has(item)) {
                let words = lower_first(item.label);
                if !held.contains(&words) {
                    held.push(words);
                }
            }
            if held.is_empty() {
                continue;
            }
            let label = self.own(category.label());
            lines.push(if self.words.language == "en" { format!("{label} ({})", held.join(", ")) } else { label });
        }
        lines
    }
}

impl PrivacyNotice {
    /// As a PDF file. Takes processor time: within an async service see [`Service::notice_paper`].
    pub fn pdf(&self, register: &Register) -> Result<Vec<u8>, ServiceError> {
        kith_papers::notice(&self.for_paper(register)).map_err(|error| ServiceError::Paper(error.to_string()))
    }

    /// As a PDF file, in one of the places in which papers are set.
    pub async fn paper(&self, register: &Register) -> Result<Vec<u8>, ServiceError> {
        let paper = self.for_paper(register);
        typesetting::set(move || kith_papers::notice(&paper)).await
    }

    fn for_paper(&self, register: &Register) -> NoticePaper {
        let texts = |all: &[Statement]| all.iter().map(|said| said.text.clone()).collect();
        let block = |block: &NoticeBlock| match block {
            NoticeBlock::Paragraph(said) => NoticeBlockPaper::new("paragraph", vec![said.text.clone()]),
            NoticeBlock::Bullets(all) => NoticeBlockPaper::new("bullets", texts(all)),
            NoticeBlock::Numbers(all) => NoticeBlockPaper::new("numbers", texts(all)),
            NoticeBlock::Lines(all) => NoticeBlockPaper::new("lines", texts(all)),
            NoticeBlock::Table { heads, rows, .. } => {
                let cells = heads.iter().chain(rows.iter().flatten()).cloned().collect();
                NoticeBlockPaper::new("table", cells)
            }
        };
        let part = |of: &NoticeSection| NoticePart {
            heading: of.heading.clone(),
            blocks: of.blocks.iter().map(block).collect(),
        };
        // The file is of the day since when the register holds: the same register, the same bytes.
        let since = register.in_force_since().unwrap_or(jiff::civil::date(2026, 1, 1));
        NoticePaper {
            letterhead: letterhead(register),
            language: self.language.clone(),
            title: self.title.clone(),
            remarks: self.remarks.clone(),
            parts: self.sections.iter().map(part).collect(),
            dated: dated(calendar::instant_ms(since, 12 * 60)),
        }
    }
}

/// Notices that were set for whoever asked first, by the register's version, title and language: anybody can ask for one without signing in, and must
/// not take a place from those who work.
pub(crate) type SetNotices = tokio::sync::Mutex<BTreeMap<(i64, String, String), Vec<u8>>>;

impl Service {
    /// The public notice as a PDF file.
    pub async fn notice_paper(&self, edition: Edition, language: &str) -> Result<Vec<u8>, ServiceError> {
        let (number, register) = (self.register_number(), self.register());
        let notice = register.privacy_notice(edition, language);
        let key = (number, notice.title.clone(), notice.language.clone());
        // Held while it is set: one is made at a time, whoever else asks waits for it.
        let mut set = self.set_notices().lock().await;
        if let Some(bytes) = set.get(&key) {
            return Ok(bytes.clone());
        }
        let bytes = notice.paper(register).await?;
        // What an earlier version said is not asked for any more.
        set.retain(|(of, ..), _| *of >= number);
        set.insert(key, bytes.clone());
        Ok(bytes)
    }
}
