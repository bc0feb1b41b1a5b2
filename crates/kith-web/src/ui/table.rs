//! Tables of casework: columns that sort, and how long ago something was.

use kith_domain::calendar;

use super::Tag;

/// A column of a table.
pub(crate) struct Column {
    /// Its heading.
    pub(crate) words: &'static str,
    /// Where it is sorted by; `None` where it cannot be.
    pub(crate) to: Option<String>,
    /// `ascending` or `descending` when the table is sorted by it.
    pub(crate) sorted: Option<&'static str>,
}

/// Columns by their headings; of one that sorts where it leads, and whether the table is sorted by it, downwards if so.
pub(crate) fn columns(heads: impl IntoIterator<Item = (&'static str, Option<(String, Option<bool>)>)>) -> Vec<Column> {
    let column = |(words, sort): (&'static str, Option<(String, Option<bool>)>)| {
        let (to, sorted) = sort.map_or((None, None), |(to, sorted)| (Some(to), sorted));
        let sorted = sorted.map(|downwards| if downwards { "descending" } else { "ascending" });
        Column { words, to, sorted }
    };
    heads.into_iter().map(column).collect()
}

/// How many days ago an instant was, in London, in words; both in UTC milliseconds.
pub(crate) fn days_ago(at_ms: i64, now_ms: i64) -> String {
    let day = |ms| calendar::day_number(calendar::in_london(ms).date());
    match day(now_ms) - day(at_ms) {
        days if days <= 0 => "today".to_owned(),
        1 => "yesterday".to_owned(),
        days => format!("{days} days ago"),
    }
}

/// A line of a list: where it leads, what it says, what stands below it, its state.
pub(crate) struct Row {
    pub(crate) to: String,
    pub(crate) words: String,
    pub(crate) below: String,
    pub(crate) tag: Tag,
}
