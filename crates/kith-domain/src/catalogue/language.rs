//! Languages by ISO 639.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use isolang::Language;

use crate::words::in_words;

/// What families call a language where the standard has another name for it, with its code in ISO 639-3.
const CALLED: &[(&str, &str)] = &[
    ("Bravanese", "swh"),
    ("British Sign Language", "bfi"),
    ("BSL", "bfi"),
    ("Cantonese", "yue"),
    ("Castilian", "spa"),
    ("Chinese", "zho"),
    ("Dari", "prs"),
    ("Farsi", "fas"),
    ("Flemish", "nld"),
    ("Gaelic", "gla"),
    ("Greek", "ell"),
    ("Hakka", "hak"),
    ("Hokkien", "nan"),
    ("Irish Gaelic", "gle"),
    ("Kinyarwanda", "kin"),
    ("Kurdish Kurmanji", "kmr"),
    ("Kurdish Sorani", "ckb"),
    ("Kurmanji", "kmr"),
    ("Luganda", "lug"),
    ("Mandarin", "cmn"),
    ("Mirpuri", "phr"),
    ("Moldovan", "ron"),
    ("Patois", "jam"),
    ("Jamaican Patois", "jam"),
    ("Nigerian Pidgin", "pcm"),
    ("Pahari", "phr"),
    ("Pashto", "pus"),
    ("Pushto", "pus"),
    ("Romani", "rom"),
    ("Roma", "rom"),
    ("Scottish Gaelic", "gla"),
    ("Serbo-Croat", "hbs"),
    ("Setswana", "tsn"),
    ("Sinhalese", "sin"),
    ("Sorani", "ckb"),
    ("Sylheti", "syl"),
    ("Tagalog (Filipino)", "fil"),
    ("Taiwanese", "nan"),
    ("Tigrigna", "tir"),
    ("Uighur", "uig"),
];

/// Lower-case name to the name as it is written.
static NAMES: LazyLock<BTreeMap<String, &'static str>> = LazyLock::new(|| {
    let standard = isolang::languages().map(|language| plain(language.to_name()));
    let known = CALLED.iter().filter(|(_, code)| Language::from_639_3(code).is_some()).map(|(name, _)| *name);
    standard.chain(known).map(|name| (name.to_lowercase(), name)).collect()
});

/// Names that are offered: the languages that have a code of two letters, and what families call others.
static OFFERED: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let short = isolang::languages().filter(|language| language.to_639_1().is_some());
    let called = CALLED.iter().map(|(name, _)| *name);
    let mut names: Vec<&str> = short.map(|language| plain(language.to_name())).chain(called).collect();
    names.sort_unstable();
    names.dedup();
    names
});

/// A name of the standard without what tells it apart there: "Swahili (macrolanguage)", "Modern Greek (1453-)".
fn plain(name: &'static str) -> &'static str {
    name.split_once(" (").map_or(name, |(name, _)| name)
}

/// The name of a language as it is written, however it was typed; several where somebody grew up with several ("Welsh and
/// English"). `None` when ISO 639 has none of a name.
pub(super) fn usual(typed: &str) -> Option<String> {
    let one = |name: &str| NAMES.get(&name.trim().to_lowercase()).copied();
    if let Some(name) = one(typed) {
        return Some(name.to_owned());
    }
    let typed = typed.replace(" and ", ",").replace([';', '/', '&'], ",");
    let names: Option<Vec<String>> = typed.split(',').map(|name| one(name).map(str::to_owned)).collect();
    names.map(|names| in_words(&names))
}

/// Names of languages to choose from, in the order of the alphabet; others can be typed.
pub fn languages() -> &'static [&'static str] {
    &OFFERED
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_the_name_that_families_use() {
        // ISO 639-3, and names in use for its languages.
        for (typed, name) in [
            ("polish", Some("Polish")),
            (" Sylheti ", Some("Sylheti")),
            ("greek", Some("Greek")),
            ("swahili", Some("Swahili")),
            ("BSL", Some("BSL")),
            ("Tigrinya", Some("Tigrinya")),
            ("Welsh and english", Some("Welsh and English")),
            ("French, Arabic/Berber languages of the moon", None),
            ("Elvish of the west", None),
            ("", None),
        ] {
            assert_eq!(usual(typed).as_deref(), name, "{typed}");
        }
        assert!(CALLED.iter().all(|(_, code)| Language::from_639_3(code).is_some()));
        assert!(languages().len() < 300, "a list that a page can carry");
    }
}
