//! Who processes data for the authority (UK GDPR Art 28), and what keeps it safe (Art 32): rows of the register, printed in the record
//! of processing (Art 30(1)(d), (e) and (g)).

use serde::Deserialize;
use toml::Spanned;

use super::{Register, Wrong, unique};
use crate::privacy_notice::kept_by;

/// Somebody who processes data for the authority, under a contract.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Processor {
    name: Spanned<String>,
    /// What they do.
    pub does: String,
    /// Where the data is.
    pub place: String,
    /// Under which contract (Art 28(3)).
    pub contract: String,
    /// To which third country it goes, and by which safeguard (Art 44 to 49); empty where it stays.
    #[serde(default)]
    pub transfer: String,
}

impl Processor {
    /// Who it is.
    pub fn name(&self) -> &str {
        self.name.get_ref()
    }
}

/// Something that keeps data safe.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    code: Spanned<String>,
    /// What it is, for reading.
    pub words: String,
    kept_by: Spanned<String>,
}

/// Where people keep a measure, not Kith.
const PEOPLE: &str = "people";

impl Measure {
    /// Its code.
    pub fn code(&self) -> &str {
        self.code.get_ref()
    }

    /// What keeps it: what Kith does, or that people do.
    pub fn kept_by(&self) -> String {
        kept_by_words(self.kept_by.get_ref())
    }
}

/// What keeps a measure, by the code that the text has.
pub(super) fn kept_by_words(code: &str) -> String {
    match kept_by(code) {
        Some(line) => format!("{}. {}", line.by.label(), line.how),
        None => "People of the authority".to_owned(),
    }
}

/// Checks both lists.
pub(super) fn check(processors: &[Processor], measures: &[Measure]) -> Result<(), Wrong> {
    for (index, of) in processors.iter().enumerate() {
        let at = of.name.span().start;
        let fields = [
            ("name", of.name()),
            ("does", of.does.as_str()),
            ("place", of.place.as_str()),
            ("contract", of.contract.as_str()),
        ];
        if let Some((field, _)) = fields.into_iter().find(|(_, text)| text.trim().is_empty()) {
            return Err((at, format!("a processor must have “{field}”: the record of processing says it")));
        }
        if processors[..index].iter().any(|earlier| earlier.name() == of.name()) {
            return Err((at, format!("processor “{}” is there twice: take one out", of.name())));
        }
    }
    unique("security measure", measures.iter().map(|of| &of.code))?;
    for of in measures {
        if of.words.trim().is_empty() {
            return Err((of.code.span().start, format!("security measure “{}” must have words", of.code())));
        }
        let by = of.kept_by.get_ref();
        if by != PEOPLE && kept_by(by).is_none() {
            let words = format!(
                "security measure “{}” is kept by “{by}”, which is no promise that Kith keeps: give a code of the page “What keeps each \
                 promise”, or “{PEOPLE}”",
                of.code()
            );
            return Err((of.kept_by.span().start, words));
        }
    }
    Ok(())
}

impl Register {
    /// Who processes data for the authority.
    pub fn processors(&self) -> &[Processor] {
        &self.file.processors
    }

    /// What keeps data safe.
    pub fn measures(&self) -> &[Measure] {
        &self.file.measures
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::register::tests::GOOD;

    fn with(more: &str) -> Result<Register, String> {
        let text = GOOD.replacen("[opening]", &format!("{more}\n[opening]"), 1);
        Register::parse(Path::new("kith.toml"), &text).map_err(|error| error.to_string())
    }

    #[test]
    fn a_processor_has_a_contract_and_a_measure_says_what_keeps_it() {
        // UK GDPR Art 28(3): "Processing by a processor shall be governed by a contract".
        let processor = |name: &str, contract: &str| {
            format!(
                "[[processors]]\nname = \"{name}\"\ndoes = \"Sends letters\"\nplace = \"United Kingdom\"\ncontract = \"{contract}\"\n"
            )
        };
        let measure = |code: &str, by: &str| {
            format!("[[measures]]\ncode = \"{code}\"\nwords = \"Doors are locked\"\nkept_by = \"{by}\"\n")
        };
        for (more, words) in [
            (processor("Quayside Post", ""), "a processor must have “contract”"),
            (processor("Quayside Post", "C1") + &processor("Quayside Post", "C2"), "is there twice"),
            (measure("doors", "nobody"), "is no promise that Kith keeps"),
            (measure("doors", "people") + &measure("doors", "people"), "is there twice"),
            ("[[measures]]\ncode = \"doors\"\nwords = \" \"\nkept_by = \"people\"\n".to_owned(), "must have words"),
        ] {
            let refused = with(&more).err().unwrap_or_default();
            assert!(refused.starts_with("kith.toml, line ") && refused.contains(words), "{words}: {refused}");
        }
        let register = with(&(processor("Quayside Post", "C1") + &measure("doors", "security.need")));
        let register = register.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(register.processors().last().map(Processor::name), Some("Quayside Post"));
        let kept = register.measures().last().map(Measure::kept_by).unwrap_or_default();
        assert!(kept.contains("Access follows from allocation"), "{kept}");
    }
}
