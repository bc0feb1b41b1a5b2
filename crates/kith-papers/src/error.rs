//! Why a paper could not be made.

/// Why a paper could not be made. Names places in this crate's templates, never the paper's content: a paper is
/// evidence about a child, and an error ends up in a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// The day given as [`Dated`](crate::Dated) does not exist.
    #[error("the paper's date is not a day of the calendar")]
    Date,
    /// The input could not be handed to the template.
    #[error("the paper's data could not be written as JSON")]
    Data,
    /// The template could not be set.
    #[error("the paper could not be set: {0}")]
    Layout(Place),
    /// The pages could not be written as PDF/UA-1 (ISO 14289-1).
    #[error("the paper could not be written as PDF/UA-1: {0}")]
    Export(Place),
}

/// Where in this crate's templates an error was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The template's file name, or `None` if the error belongs to no place in a template.
    pub template: Option<&'static str>,
    /// The line, counted from 1; 0 if unknown.
    pub line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.template {
            Some(template) => write!(f, "{template}, line {}", self.line),
            None => f.write_str("no place in a template"),
        }
    }
}
