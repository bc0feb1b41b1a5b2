//! Lists in pages: what is not on the page is counted and not opened.

/// Rows on one page of a list.
pub const PAGE_ROWS: usize = 50;

/// One page of a list.
pub struct Paged<T> {
    /// The rows of the page, in the order of the list.
    pub rows: Vec<T>,
    /// How many there are on all pages.
    pub total: usize,
    /// Which page, from 1.
    pub page: usize,
}

impl<T> Paged<T> {
    pub(crate) fn new(rows: Vec<T>, total: usize, page: usize) -> Self {
        Self { rows, total, page: page.max(1) }
    }

    /// A list that stands on one page.
    pub fn whole(rows: Vec<T>) -> Self {
        // No page comes after as many rows as a page holds.
        let total = rows.len().min(PAGE_ROWS);
        Self { rows, total, page: 1 }
    }

    /// The page before, if there is one.
    pub fn before(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    /// The page after, if there is one.
    pub fn after(&self) -> Option<usize> {
        (self.page.saturating_mul(PAGE_ROWS) < self.total).then(|| self.page + 1)
    }

    /// The same page with its rows in other words.
    pub fn map<U>(self, words: impl FnMut(T) -> U) -> Paged<U> {
        Paged { rows: self.rows.into_iter().map(words).collect(), total: self.total, page: self.page }
    }
}

/// How many there are in a state, of those that were counted in each.
pub fn in_state<S: Copy + PartialEq>(counts: &[(S, usize)], state: S) -> usize {
    counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count)
}

/// How many rows stand before a page, which are counted from 1.
pub(crate) const fn before(page: usize) -> usize {
    page.saturating_sub(1).saturating_mul(PAGE_ROWS)
}

/// The rows of a page, from 1, of a list that is there as a whole.
pub(crate) fn on_page<T>(all: impl IntoIterator<Item = T>, page: usize) -> Vec<T> {
    all.into_iter().skip(before(page)).take(PAGE_ROWS).collect()
}

/// Which rows of a list a page from 1 holds: how many, after how many.
pub(crate) fn window(page: usize) -> (u64, u64) {
    (PAGE_ROWS as u64, before(page) as u64)
}
