//! The pages of a long list.

use kith_service::paging::{Paged, in_state};
use serde::Deserialize;

/// Which page of a list, as the query says it: from 1.
#[derive(Deserialize, Default)]
pub(crate) struct Numbered {
    #[serde(default)]
    page: String,
}

impl Numbered {
    /// The page asked for; the first for what is no number.
    pub(crate) fn number(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }
}

/// Where a page stands among the others.
pub(crate) struct Pages {
    /// Rows on all pages.
    pub(crate) total: usize,
    pub(crate) number: usize,
    pub(crate) before: Option<usize>,
    pub(crate) after: Option<usize>,
    /// Of the list, up to where `page=` begins.
    pub(crate) address: String,
}

impl Pages {
    pub(crate) fn of<T>(paged: &Paged<T>, address: impl Into<String>) -> Self {
        Self {
            total: paged.total,
            number: paged.page,
            before: paged.before(),
            after: paged.after(),
            address: format!("{}?", address.into()),
        }
    }

    /// With what narrows the list, as the address says it.
    pub(crate) fn with_query(mut self, query: impl AsRef<str>) -> Self {
        self.address.push_str(query.as_ref());
        self.address.push('&');
        self
    }
}

/// Which state of a list, in which order and which page, as the query says it: codes alone.
#[derive(Deserialize, Default)]
pub(crate) struct OfState {
    #[serde(default)]
    pub(crate) state: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    page: String,
}

impl OfState {
    /// The page asked for; the first for what is no number.
    pub(crate) fn number(&self) -> usize {
        self.page.parse().unwrap_or(1).max(1)
    }

    /// Whether the newest stand on top.
    pub(crate) fn newest_first(&self) -> bool {
        self.order == "newest"
    }

    /// The query of the same list in a state, in an order.
    pub(crate) fn query(state: &str, newest_first: bool) -> String {
        format!("state={state}{}", if newest_first { "&order=newest" } else { "" })
    }

    /// What stands above a list: of each state its address, what it is called, how many there are, and whether it is shown.
    pub(crate) fn states<S: Copy + PartialEq>(
        states: impl IntoIterator<Item = (S, &'static str)>,
        counts: &[(S, usize)],
        shown: S,
        to: impl Fn(S) -> String,
    ) -> Vec<(String, &'static str, usize, bool)> {
        let of = |(state, words): (S, &'static str)| (to(state), words, in_state(counts, state), state == shown);
        states.into_iter().map(of).collect()
    }
}
