//! What the program says on the terminal: sentences for people, one JSON object per line for machines.

use serde_json::Value;

/// Why a command failed, in words for the person at the terminal.
pub struct Failure(pub String);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Says something on standard output.
pub(crate) fn say(json: bool, words: &str, value: &Value) {
    if json {
        println!("{value}");
    } else {
        println!("{words}");
    }
}

/// Says why a command failed, on standard error.
pub(crate) fn failed(json: bool, failure: &Failure) {
    if json {
        eprintln!("{}", serde_json::json!({ "error": failure.0 }));
    } else {
        eprintln!("kith: {}", failure.0);
    }
}
