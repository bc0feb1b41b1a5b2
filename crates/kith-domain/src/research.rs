//! Figures for planning the service and for research (handbook section 12): who asks what, for which period and until when; which facts
//! about a child or a session can be counted, each in groups and never as text; and which figures, set beside those that were given
//! before, would give somebody away.

mod figure;
mod request;
#[cfg(test)]
mod tests;
mod variable;

pub use figure::{Figure, tells_apart};
pub use request::{
    Extract, ForWhat, MadeExtract, MonthlyPeriod, RequestFacts, ResearchRequest, ResearchState, Shape, Unit,
};
pub use variable::{OfChild, OfSession, VARIABLES_MAX, Variable, variable, variables};
