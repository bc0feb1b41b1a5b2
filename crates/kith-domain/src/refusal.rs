//! Why something cannot be done: a code that programs and tests hold on to, and words for the person.

/// Why something cannot be done. The code is stable and names the rule; the words say what stands against it and what to
/// do, and never repeat what was typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Refusal {
    /// Which rule: `stage.rule`, such as `record.locked`.
    pub code: &'static str,
    /// What stands against it and what to do, for the person.
    pub words: String,
}

impl Refusal {
    /// A refusal by the rule of that code, in words for the person.
    pub fn new(code: &'static str, words: impl Into<String>) -> Self {
        Self { code, words: words.into() }
    }
}
