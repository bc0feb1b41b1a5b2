//! The blind index: keyed tokens by which sealed records are found without being opened.
//!
//! A token is HMAC-SHA-256 (FIPS 198-1) of a value under a key of its own, cut to 16 bytes. Who has the tokens but not
//! the key learns only which rows share one. Each kind of token is hashed in a context of its own, so equal strings of
//! different kinds have unrelated tokens. A token finds candidates: open and compare them before showing any.

use crate::{FileKey, VaultError, encode::Encoded, mac, name};
use zeroize::Zeroizing;

/// The first 16 bytes of a hash, enough that two do not meet by chance: what is stored and looked up.
pub type Cell = [u8; 16];

/// By what somebody is found. One of its cells is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token {
    hash: Cell,
    cells: u16,
}

/// Cells of a token: relatives who share a surname share a cell of it in one case of a thousand.
const CELLS: u16 = 1024;
/// Cells of a pair of marks. Few people share one, and relatives in two files hardly ever do, so that it takes fewer.
const CELLS_OF_PAIR: u16 = 64;

/// Fewest and most characters of a prefix token.
const PREFIX: std::ops::RangeInclusive<usize> = 2..=8;

/// Makes the tokens of one authority, under a key that wraps no file.
#[derive(Debug)]
pub struct BlindIndex {
    key: FileKey,
}

impl BlindIndex {
    /// An index under this key; the same key must serve for storing and for searching.
    pub fn new(key: FileKey) -> Self {
        Self { key }
    }

    /// The hash of an identifier in some scheme (`kind`), such as an NHS number, compared by its letters and digits only: without
    /// marks (NFKD), case, spaces or punctuation, in any script.
    pub fn identifier(&self, kind: &str, value: &str) -> Cell {
        self.hash("identifier", kind, &name::comparable(value))
    }

    /// The token of a mark by which somebody is found, compared exactly (see `kith_linkage::marks`).
    pub fn mark(&self, mark: &str) -> Token {
        self.token("mark", mark)
    }

    /// The token of a pair of marks.
    pub fn pair(&self, pair: &str) -> Token {
        Token { cells: CELLS_OF_PAIR, ..self.token("pair", pair) }
    }

    /// The tokens to store for a name, by which its beginning is found: of each word its prefixes of two to eight characters (a
    /// shorter word whole; in Chinese, Japanese and Korean also the first character). In no order that tells anything of the
    /// name; none if the name has neither letter nor digit.
    pub fn name_tokens(&self, name: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        for form in name::words(name).iter().flat_map(|word| &word.forms) {
            let length = form.chars().count();
            let shortest = if name::is_one_character_enough(form) { 1 } else { length.min(*PREFIX.start()) };
            tokens.extend((shortest..=length.min(*PREFIX.end())).map(|length| self.prefix(form, length)));
        }
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// The tokens to search for a name or the beginning of one: for each word the alternatives, of which a name must
    /// have any; it must have one for every word. `marks` says by which marks a word is found beside its beginning.
    ///
    /// Of a word longer than eight characters the first eight are searched. Without a letter or digit there are no
    /// words: that is no search, and must not be taken as one that everybody meets.
    pub fn name_query(&self, word_or_words: &str, marks: impl Fn(&str) -> Vec<String>) -> Vec<Vec<Token>> {
        name::words(word_or_words)
            .iter()
            .map(|word| {
                let prefixes = word.forms.iter().map(|form| self.prefix(form, *PREFIX.end()));
                let marks = word.forms.iter().flat_map(|form| marks(form)).map(|mark| self.mark(&mark));
                prefixes.chain(marks).collect()
            })
            .collect()
    }

    /// What is stored in the place of a token: one of its cells, by chance, so that rows which share a token do not show it. [`VaultError::NoRandomness`] if the machine gives no random numbers.
    pub fn cell(&self, token: &Token) -> Result<Cell, VaultError> {
        let mut chance = [0; 2];
        getrandom::fill(&mut chance).map_err(VaultError::NoRandomness)?;
        Ok(self.cell_of(token, u16::from_be_bytes(chance) % token.cells))
    }

    /// Every cell of a token: a search asks for all of them.
    pub fn cells(&self, token: &Token) -> impl Iterator<Item = Cell> {
        (0..token.cells).map(|number| self.cell_of(token, number))
    }

    fn cell_of(&self, token: &Token, number: u16) -> Cell {
        let mut data = [0; 18];
        data[..16].copy_from_slice(&token.hash);
        data[16..].copy_from_slice(&number.to_be_bytes());
        let hash = mac(&self.key, "kith blind index cell", &data);
        std::array::from_fn(|at| hash[at])
    }

    fn prefix(&self, word: &str, length: usize) -> Token {
        let prefix: String = word.chars().take(length).collect();
        self.token("name-prefix", &prefix)
    }

    fn token(&self, domain: &str, value: &str) -> Token {
        Token { hash: self.hash(domain, "", value), cells: CELLS }
    }

    /// `domain` keeps the kinds of this module apart, `kind` those of the caller.
    fn hash(&self, domain: &str, kind: &str, value: &str) -> Cell {
        let data = Zeroizing::new(Encoded::new(kind).bytes(value.as_bytes()).into_bytes());
        let hash = mac(&self.key, &format!("kith blind index {domain}"), &data);
        std::array::from_fn(|at| hash[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> BlindIndex {
        BlindIndex::new(FileKey::from_bytes([9; 32]))
    }

    fn finds(query: &str, name: &str) -> bool {
        let stored = index().name_tokens(name);
        let query = index().name_query(query, |_| Vec::new());
        !query.is_empty() && query.iter().all(|word| word.iter().any(|token| stored.contains(token)))
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        for (query, name) in [
            ("Sian", "Siân Pryce"),
            ("Siân", "SIAN PRYCE"),
            ("pryce sian", "Siân Pryce"),
            ("Pr", "Siân Pryce"),
            ("OBrien", "Nuala O'Brien"),
            ("O'Brien", "Nuala OBrien"),
            ("O’Brien", "Nuala O Brien"),
            ("O Brien", "Nuala O'Brien"),
            ("Rhiannon Mai", "Rhiannon-Mai Pryce"),
            ("Rhiannonmai", "Rhiannon-Mai Pryce"),
            ("Rhiannon-Mai", "Rhiannonmai Pryce"),
            ("Lukasz", "Łukasz Nowak"),
            ("محمد", "مُحَمَّد العلي"),
            ("احم", "أحمد العلي"),
            ("王", "王小明"),
            ("王小", "王小明"),
            ("王小明", "王小明"),
            ("明", "明"),
            ("김", "김하늘"),
            ("Ada", "🦊 Ada 🦊"),
            ("J Pryce", "J Pryce"),
            ("Bartholomew", "Bartholomew Pryce"),
            ("Αλέξανδρος", "ΑΛΕΞΑΝΔΡΟΣ"),
        ] {
            assert!(finds(query, name), "{query} should find {name}");
        }
    }

    #[test]
    fn another_name_is_not_found() {
        for (query, name) in [
            ("Margaret", "Siân Pryce"),
            ("Sian Jones", "Siân Pryce"),
            ("محمد", "أحمد"),
            ("李", "王小明"),
            ("🦊", "Ada Pryce"),
            ("", "Ada Pryce"),
            ("ryce", "Siân Pryce"),
        ] {
            assert!(!finds(query, name), "{query} should not find {name}");
        }
        assert!(index().name_query("🦊 -", |_| vec!["s1".to_owned()]).is_empty());
        assert!(index().name_tokens("🦊 -").is_empty());
    }

    #[test]
    fn a_name_has_the_tokens_of_its_prefixes_and_a_word_is_found_by_marks_too() {
        let tokens = index().name_tokens("Pryce");
        let mut expected: Vec<Token> =
            ["pr", "pry", "pryc", "pryce"].map(|prefix| index().token("name-prefix", prefix)).into();
        expected.sort_unstable();
        assert_eq!(tokens, expected);
        assert_eq!(index().name_tokens("Pryce Pryce").len(), expected.len(), "each token once");
        let query = index().name_query("Bartholomew", |word| vec![format!("w{word}")]);
        assert_eq!(query, [[index().token("name-prefix", "bartholo"), index().mark("wbartholomew")]]);
    }

    #[test]
    fn equal_strings_of_different_kinds_have_unrelated_hashes() {
        let index = index();
        let mut hashes = vec![
            index.identifier("a", "20170430"),
            index.identifier("b", "20170430"),
            index.identifier("ab", ""),
            index.identifier("a", "b"),
            index.mark("20170430").hash,
            index.pair("20170430").hash,
            index.token("name-prefix", "b620").hash,
            index.mark("b620").hash,
            BlindIndex::new(FileKey::from_bytes([8; 32])).identifier("a", "b"),
        ];
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }

    #[test]
    fn what_is_stored_of_a_token_is_one_of_its_cells_and_not_always_the_same() {
        let index = index();
        for (token, many) in [(index.mark("s793"), 1024), (index.pair("d3-4+y2019"), 64)] {
            let cells: std::collections::BTreeSet<Cell> = index.cells(&token).collect();
            assert_eq!(cells.len(), many);
            let stored: std::collections::BTreeSet<Cell> = (0..100).map(|_| index.cell(&token).unwrap()).collect();
            assert!(stored.len() > 1 && stored.is_subset(&cells));
        }
    }

    #[test]
    fn identifiers_are_compared_without_how_they_are_written() {
        let index = index();
        assert_eq!(index.identifier("nhs", "943 476 5919"), index.identifier("nhs", "9434765919"));
        assert_ne!(index.identifier("nhs", "9434765919"), index.identifier("nhs", "9434765918"));
    }

    #[test]
    fn debug_shows_nothing_of_the_key() {
        assert_eq!(format!("{:?}", index()), "BlindIndex { key: FileKey(..) }");
    }
}
