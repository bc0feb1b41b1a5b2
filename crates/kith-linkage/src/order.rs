//! The order in which people look for people.

use crate::text::words;

/// By what names are put in order: family name first, without case, marks, apostrophes and hyphens, in the letters of the
/// English alphabet whatever the script. Somebody with one name is found under it.
pub fn order(given: &str, family: &str) -> String {
    let (first, then) = if family.trim().is_empty() { (given, "") } else { (family, given) };
    format!("{}\u{1}{}", words(first).join(" "), words(then).join(" "))
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn people_stand_where_people_look_for_them() {
        let mut names = [
            ("Zoë", "Adeyemi"),
            ("Łukasz", "Żak"),
            ("Élodie", "adeyemi"),
            ("Nuala", "O'Brien"),
            ("Nia", "Obrien"),
            ("Madonna", ""),
            ("Ørsted", "Åberg"),
        ];
        names.sort_by_key(|(given, family)| order(given, family));
        let given = names.map(|(given, _)| given);
        assert_eq!(given, ["Ørsted", "Élodie", "Zoë", "Madonna", "Nia", "Nuala", "Łukasz"]);
    }
}
