//! Words of papers and notices that a family reads, in each language: those that Kith ships, and those of a directory beside the
//! register.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::plan::{Phrases, english_kept};
use crate::privacy_notice::NoticeWords;
use crate::rights::RightsWords;

/// The languages that there are, for each kind of paper, by their ISO 639-1 code.
#[derive(Clone, Debug)]
pub struct Translations {
    agreements: BTreeMap<String, Arc<Phrases>>,
    notices: BTreeMap<String, Arc<NoticeWords>>,
    rights: BTreeMap<String, Arc<RightsWords>>,
}

impl Default for Translations {
    fn default() -> Self {
        Self {
            agreements: crate::plan::shipped(),
            notices: crate::privacy_notice::shipped(),
            rights: crate::rights::shipped(),
        }
    }
}

impl Translations {
    /// Adds those of a directory, files named `agreement.LANGUAGE.toml`, `notice.LANGUAGE.toml` and
    /// `rights.LANGUAGE.toml`; one of a language that there
    /// is takes its place. A directory that is not there has none. `Err` names the file and what is wrong with it.
    pub fn with_those_of(mut self, directory: &Path) -> Result<Self, String> {
        let wrong = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
        for path in files(directory).map_err(|error| wrong(directory, &error))? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let (agreement, notice) = (name.starts_with("agreement."), name.starts_with("notice."));
            let rights = name.starts_with("rights.");
            if !(agreement || notice || rights) {
                continue;
            }
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, &error))?;
            if agreement {
                let phrases = Phrases::read(&text).map_err(|why| wrong(&path, &why))?;
                self.agreements.insert(phrases.language.clone(), Arc::new(phrases));
            } else if rights {
                let words = RightsWords::read(&text).map_err(|why| wrong(&path, &why))?;
                self.rights.insert(words.language.clone(), Arc::new(words));
            } else {
                let words = NoticeWords::read(&text).map_err(|why| wrong(&path, &why))?;
                self.notices.insert(words.language.clone(), Arc::new(words));
            }
        }
        Ok(self)
    }

    /// Codes and names of the languages of agreements, English first.
    pub fn languages(&self) -> Vec<(String, String)> {
        in_order(self.agreements.values().map(|of| (of.language.clone(), of.name.clone())).collect())
    }

    /// The words of agreements in a language; English for one that there is not.
    pub(crate) fn of(&self, language: &str) -> Arc<Phrases> {
        self.agreements.get(language).cloned().unwrap_or_else(english_kept)
    }

    /// Codes and names of the languages of the public notice, English first.
    pub(crate) fn notice_languages(&self) -> Vec<(String, String)> {
        in_order(self.notices.values().map(|of| (of.language.clone(), of.name.clone())).collect())
    }

    /// The words of the public notice in a language; English for one that there is not.
    pub(crate) fn notice(&self, language: &str) -> Arc<NoticeWords> {
        let english = || self.notices.get("en").cloned();
        self.notices.get(language).cloned().or_else(english).unwrap_or_else(crate::privacy_notice::english_kept)
    }
}

impl Translations {
    /// Codes and names of the languages of the public page on which people ask for their rights, English first.
    pub(crate) fn rights_languages(&self) -> Vec<(String, String)> {
        in_order(self.rights.values().map(|of| (of.language.clone(), of.name.clone())).collect())
    }

    /// The words of that page in a language; English for one that there is not.
    pub(crate) fn rights(&self, language: &str) -> Arc<RightsWords> {
        let english = || self.rights.get("en").cloned();
        self.rights.get(language).cloned().or_else(english).unwrap_or_else(crate::rights::english_kept)
    }
}

/// The TOML files of a directory, in order; none where there is no such directory.
fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|of| of == "toml"));
    paths.sort();
    Ok(paths)
}

fn in_order(mut all: Vec<(String, String)>) -> Vec<(String, String)> {
    all.sort_by_key(|(code, name)| (code != "en", name.clone()));
    all
}
