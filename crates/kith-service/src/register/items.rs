//! The register's list of items: what the authority holds of people, and for which purposes each may be read.

use kith_domain::access::Purpose;
use kith_domain::catalogue::{ITEMS, RegisteredItems, by_key};
use serde::Deserialize;
use toml::Spanned;

use super::Wrong;

/// Items that are held for the same purposes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    purposes: Vec<Spanned<String>>,
    held: Vec<Spanned<String>>,
}

/// The items of the register; `in_force` are its purposes.
///
/// It can leave out what no rule of the service stands on, and narrow what it is read for; not for the delivery of the
/// service, since who typed it into a referral reads it there.
pub(super) fn items(groups: &[Group], in_force: &[Purpose]) -> Result<RegisteredItems, Wrong> {
    let mut items = RegisteredItems::default();
    for group in groups {
        let purposes = purposes(&group.purposes, in_force)?;
        for given in &group.held {
            let (key, at) = (given.get_ref(), given.span().start);
            let Some(item) = by_key(key) else {
                return Err((at, format!("“{key}” is not an item that Kith knows: `kith items` lists them")));
            };
            if items.has(item) {
                return Err((at, format!("“{key}” is there twice: take one out")));
            }
            if let Some(beyond) = purposes.iter().find(|purpose| !item.purposes.contains(purpose)) {
                return Err((
                    at,
                    format!("“{key}” cannot be read for “{}”: put it into another [[items]]", beyond.code()),
                ));
            }
            if !purposes.contains(&Purpose::ServiceDelivery) {
                let words = format!(
                    "“{key}” must be read for “{}” too: who writes a referral must see what they wrote",
                    Purpose::ServiceDelivery.code()
                );
                return Err((at, words));
            }
            let case_work = [Purpose::Assessment, Purpose::OfficialReporting];
            let left_out = case_work.iter().find(|purpose| in_force.contains(purpose) && !purposes.contains(purpose));
            if let (true, Some(purpose)) = (item.is_needed(), left_out) {
                return Err((at, format!("“{key}” is needed for “{}”: rules of Kith stand on it", purpose.code())));
            }
            items.put(item, purposes.clone());
        }
    }
    let missing = ITEMS.iter().find(|item| item.is_needed() && !items.has(item));
    missing.map_or(Ok(items), |item| {
        let words = format!("“{}” ({}) is missing under [[items]]: rules of Kith stand on it", item.key(), item.label);
        Err((0, words))
    })
}

fn purposes(given: &[Spanned<String>], in_force: &[Purpose]) -> Result<Vec<Purpose>, Wrong> {
    let read = |given: &Spanned<String>| {
        let code = given.get_ref();
        let known = Purpose::from_code(code).filter(|purpose| in_force.contains(purpose));
        known.ok_or_else(|| {
            (given.span().start, format!("purpose “{code}” is not among the [[purposes]] of this register"))
        })
    };
    given.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::Register;
    use crate::register::tests::{GOOD, register, wrong};

    #[test]
    fn the_register_that_is_shipped_holds_the_whole_catalogue() {
        let register = register(GOOD);
        assert_eq!(register.items(), &RegisteredItems::whole_catalogue());
    }

    #[test]
    fn what_is_wrong_with_an_item_is_named_with_what_to_do() {
        let narrowed = "[[items]]\npurposes = [\"service_delivery\"]\nheld = [\"child.birth\"]\n\n[[retention]]";
        for (from, to, words) in [
            ("\"placement.pets\"", "\"placement.pet\"", "“placement.pet” is not an item that Kith knows"),
            ("\"placement.pets\"", "\"placement.pets\", \"placement.pets\"", "is there twice: take one out"),
            ("\"placement.pets\"", "\"placement.pets\", \"child.birth\"", "“child.birth” is there twice"),
            ("\"child.given_name\", ", "", "“child.given_name” (First names) is missing under [[items]]"),
            ("\"child.birth\", ", "", "“child.birth” (Date of birth) is missing"),
            ("held = [", "held = [\"child.sex\",", "there twice"),
            (
                "\"assessment\", \"service_delivery\", \"official_reporting\"]",
                "\"marketing\"]",
                "is not among the [[purposes]]",
            ),
            (
                "\"assessment\", \"service_delivery\", \"official_reporting\"]",
                "\"assessment\"]",
                "must be read for “service_delivery” too",
            ),
            (
                "\"assessment\", \"service_delivery\", \"official_reporting\"]",
                "\"service_delivery\"]",
                "is needed for “assessment”",
            ),
            (
                "\"assessment\", \"service_delivery\", \"official_reporting\"]",
                "\"assessment\", \"service_delivery\", \"official_reporting\", \"service_planning\"]",
                "cannot be read for “service_planning”",
            ),
        ] {
            let message = wrong(from, to);
            assert!(message.starts_with("kith.toml, line ") && message.contains(words), "{to}: {message}");
        }
        let text = GOOD.replacen("\"child.birth\", ", "", 1).replacen("[[retention]]", narrowed, 1);
        let message = Register::parse(Path::new("kith.toml"), &text).err().map_or_else(String::new, |e| e.to_string());
        assert!(message.contains("“child.birth” is needed for “assessment”"), "{message}");
    }

    #[test]
    fn what_no_rule_stands_on_can_be_left_out_or_read_for_less() {
        let less = "[[items]]\npurposes = [\"service_delivery\"]\nheld = [\"child.religion\"]\n\n[[retention]]";
        let text = GOOD.replacen("\"child.religion\", ", "", 1).replacen("\"placement.pets\",", "", 1);
        let text = text.replacen("[[retention]]", less, 1);
        let register = register(&text);
        let item = |key| by_key(key).unwrap_or_else(|| panic!("{key}"));
        assert_eq!(register.items().purposes(item("child.religion")), [Purpose::ServiceDelivery]);
        assert!(!register.items().has(item("placement.pets")));
    }
}
