//! Words of a sentence.

/// Names in a row: `Amara`, `Amara and Ben`, `Amara, Ben and Cleo`; nothing of none.
pub fn in_words(names: &[impl AsRef<str>]) -> String {
    joined(names, "and")
}

/// Names of which one is meant: `Amara`, `Amara or Ben`, `Amara, Ben or Cleo`; nothing of none.
pub fn one_of(names: &[impl AsRef<str>]) -> String {
    joined(names, "or")
}

fn joined(names: &[impl AsRef<str>], by: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} {by} {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// So many files: `1 file`, `12 files`.
pub fn files(many: usize) -> String {
    if many == 1 { "1 file".to_owned() } else { format!("{many} files") }
}

/// A length of time in the unit that a person would say it in: `70 minutes`, `4 hours`, `2 days`.
pub fn how_long(minutes: i64) -> String {
    let (count, unit) = match minutes {
        ..120 => (minutes, "minute"),
        120..2_880 => (minutes / 60, "hour"),
        _ => (minutes / 1_440, "day"),
    };
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_in_a_row() {
        for (names, words) in [(&[][..], ""), (&["A"], "A"), (&["A", "B"], "A and B"), (&["A", "B", "C"], "A, B and C")]
        {
            assert_eq!(in_words(names), words);
            assert_eq!(one_of(names), words.replace("and", "or"));
        }
    }
}
