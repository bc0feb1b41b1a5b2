//! What a search says of itself in the access log: keyed hashes of what was asked for, by which it is found again by whoever
//! answers for the promises and types the same words.

use kith_store::Asked;
use uuid::Uuid;

use crate::{Service, ServiceError};

/// Most words of one search that are entered, and of one that is looked for.
const WORDS_MAX: usize = 24;
/// Fewest letters of the beginning of a word that finds somebody, see [`kith_vault::BlindIndex`].
const BEGINNING: usize = 2;
const WORD: &str = "asked word";
const ALL: &str = "asked all";

/// The words of a text as they are compared: without marks, case and order.
fn words(texts: &[&str]) -> Vec<String> {
    let parts = texts.iter().flat_map(|text| text.split(|c: char| c.is_whitespace() || "-,;/".contains(c)));
    let mut words: Vec<String> = parts.map(kith_vault::comparable).filter(|word| !word.is_empty()).collect();
    words.sort();
    words.dedup();
    words.truncate(WORDS_MAX);
    words
}

impl Service {
    /// What is entered of a search for these texts that showed so many.
    pub(crate) fn asked(&self, texts: &[&str], shown: usize) -> Asked {
        let words = words(texts);
        let mut hashes: Vec<Uuid> = words.iter().map(|word| self.store().asked_word(WORD, word)).collect();
        hashes.push(self.all_of(&words));
        Asked { words: hashes, shown: shown as u64 }
    }

    /// By which searches for a name are found: for all of it, in any order, first; then for any of its words or the beginning
    /// of one. Each under every key of the index there ever was.
    pub(crate) async fn asked_for(&self, name: &str) -> Result<(Vec<Uuid>, Vec<Uuid>), ServiceError> {
        let words = words(&[name]);
        let beginnings = words.iter().flat_map(|word| {
            let ends = word.char_indices().map(|(at, c)| at + c.len_utf8()).skip(BEGINNING - 1);
            let whole = (word.chars().count() < BEGINNING).then_some(word.len());
            ends.chain(whole).map(|end| word[..end].to_owned()).collect::<Vec<_>>()
        });
        let beginnings: Vec<String> = beginnings.collect();
        let all = self.store().asked_words(ALL, &[words.join(" ")]).await?;
        Ok((all, self.store().asked_words(WORD, &beginnings).await?))
    }

    fn all_of(&self, words: &[String]) -> Uuid {
        self.store().asked_word(ALL, &words.join(" "))
    }
}
