//! Why something could not be done, in words for the person.

use kith_domain::form::{Fields, Problem};
use kith_domain::refusal::Refusal;
use kith_store::StoreError;

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// There is no such thing, or this person has no need to know whether there is.
    #[error("there is nothing here that you can see")]
    NotFound,
    /// The person's role does not do this at all.
    #[error("your role does not do this")]
    Forbidden,
    /// A rule of the service stands against it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was typed cannot be used.
    #[error("some answers need another look")]
    Invalid(Vec<Problem>),
    /// Somebody else saved the same form meanwhile.
    #[error("somebody else changed this meanwhile")]
    Conflict {
        /// What they saved.
        theirs: Box<Fields>,
        /// The version that is there now.
        version: i64,
    },
    /// The sign-in name, password or code is not right.
    #[error("the name, password or code is not right")]
    SignIn(&'static str),
    /// So many wait that it would be too long.
    #[error("many are signing in: try again in {seconds} seconds")]
    Wait {
        /// How long it would be, in seconds.
        seconds: u64,
    },
    /// A paper could not be made.
    #[error("the paper could not be made: {0}")]
    Paper(String),
    /// Papers are set for others, and no place became free in time.
    #[error("papers are being made for others: try again in a moment")]
    Queue,
    /// Something in Kith itself is wrong.
    #[error("{0}")]
    Broken(&'static str),
    /// The store.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound => Self::NotFound,
            StoreError::ItemNotRegistered { label } => Self::rule("item.not_registered", not_registered(label)),
            other => Self::Store(other),
        }
    }
}

fn not_registered(label: Option<&str>) -> String {
    let what = label.map_or_else(|| "A field of this form".to_owned(), |label| format!("“{label}”"));
    format!(
        "{what} is not in this authority’s register, so it cannot be stored, and nothing was saved. Load the form again: it \
         asks what can be stored. If you need it for your work, tell your data protection officer"
    )
}

impl From<Vec<Problem>> for ServiceError {
    fn from(problems: Vec<Problem>) -> Self {
        Self::Invalid(problems)
    }
}

impl ServiceError {
    /// One problem with one field.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Problem::new(field, message)])
    }

    /// A refusal by the rule of that code, see [`Refusal`].
    pub fn rule(code: &'static str, words: impl Into<String>) -> Self {
        Self::Refused(Refusal::new(code, words))
    }
}
