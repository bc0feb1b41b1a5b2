//! Orders and conditions that are written down and whose papers belong with them (handbook section 4: "the sealed court order").

use super::Legal;
use crate::calendar::long_date;
use crate::codes::Hold;
use crate::form::Fields;

/// Each order of a court about a child, and each bail, licence and protective order of a member of the family, in words, as a document
/// can be said to be its paper: `Bail of Denzil Marrowby, Nenedale Magistrates’ Court, from 3 November 2026`. `family` are the names
/// and what stands of each.
pub fn papers<'a>(legal: &Fields, family: impl IntoIterator<Item = (String, &'a Fields)>) -> Vec<String> {
    let of_the_child = Legal::of(legal).filter(|legal| legal.status.rests_on_an_order()).map(|legal| {
        let made = legal.order_date.map(|day| format!("of {}", long_date(day)));
        joined([Some(legal.status.label().to_owned()), legal.court, made])
    });
    let mut all: Vec<String> = of_the_child.into_iter().collect();
    for (name, values) in family {
        let of_row = |what: &str, row: &Fields| {
            let court = Some(row.get("court").trim().to_owned()).filter(|court| !court.is_empty());
            let from = row.date("from").map(|day| format!("from {}", long_date(day)));
            joined([Some(format!("{what} of {name}")), court, from])
        };
        for row in values.rows("bail_conditions", "terms") {
            all.push(of_row(Hold::from_code(row.get("hold")).map_or("Conditions", Hold::label), &row));
        }
        all.extend(values.rows("non_molestation", "terms").iter().map(|row| of_row("Protective order", row)));
    }
    let mut once: Vec<String> = Vec::new();
    for words in all {
        if !once.contains(&words) {
            once.push(words);
        }
    }
    once
}

fn joined(parts: [Option<String>; 3]) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Handbook section 4: the documents of a referral are those of its orders, bail and licence among them.
    #[test]
    fn each_order_and_condition_is_named_once() {
        let mut legal: Fields = [("legal_status", "C1"), ("court", "Nenedale Family Court")].into_iter().collect();
        legal.set_date("order_date", jiff::civil::date(2026, 11, 3));
        let mut father = Fields::default();
        let bail: Fields = [("terms", "Not to go near"), ("hold", "bail"), ("court", "Nenedale Magistrates’ Court")]
            .into_iter()
            .collect();
        father.set_rows("bail_conditions", [bail.clone(), bail]);
        father.set_rows("non_molestation", [[("terms", "Not to write"), ("protects", "Her")].into_iter().collect()]);
        let named = papers(&legal, [("Denzil Marrowby".to_owned(), &father)]);
        assert_eq!(
            named,
            [
                "Interim care order (C1), Nenedale Family Court, of 3 November 2026",
                "Bail of Denzil Marrowby, Nenedale Magistrates’ Court",
                "Protective order of Denzil Marrowby",
            ]
        );
        let none: Fields = [("legal_status", "V2")].into_iter().collect();
        assert!(papers(&none, []).is_empty(), "accommodated by agreement: no court made it");
    }
}
