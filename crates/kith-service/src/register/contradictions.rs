//! What speaks against a version of the register: it would contradict what is in use, what an action needs, or itself. What is wrong
//! with the text alone is said when it is read.

use kith_domain::access::Purpose;
use kith_domain::catalogue::by_key;
use kith_domain::register::RegisterSection;
use kith_domain::retention::RecordCategory;
use kith_domain::rights::KEPT_AS;
use kith_store::InUse;

use super::Register;
use super::draft::row_key;

/// One thing that speaks against a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction {
    /// Which entry, as the file names it.
    pub entry: String,
    /// What is wrong and what to do.
    pub why: String,
    /// In which part it is put right; `None` where no page asks it.
    pub section: Option<RegisterSection>,
    /// At which row of it, as an address has it; `None` where it is missing.
    pub row: Option<String>,
}

impl Contradiction {
    fn new(entry: impl Into<String>, why: impl Into<String>, section: RegisterSection) -> Self {
        Self { entry: entry.into(), why: why.into(), section: Some(section), row: None }
    }

    fn at(self, row: &str) -> Self {
        Self { row: Some(row_key(row)), ..self }
    }

    /// Something that is put right in the whole text alone.
    pub(super) fn of_text(entry: &str, why: String) -> Self {
        Self { entry: entry.to_owned(), why, section: None, row: None }
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        format!("{}: {}", self.entry, self.why)
    }
}

/// Purposes without which something that the law or the service needs could not be done, with what.
const NEEDED: [(Purpose, &str); 4] = [
    (Purpose::ServiceDelivery, "without it nobody can work"),
    (Purpose::Administration, "without it nobody can sign in or set up accounts"),
    (
        Purpose::Accountability,
        "without it nobody can read the access log, change this register or decide what is destroyed (UK GDPR Art 5(2))",
    ),
    (Purpose::Rights, "without it people cannot be answered about their information (UK GDPR Art 12 to 22)"),
];

/// Purposes that can be left out of a first register, and not dropped once there was work for them.
const IN_WORK: [(Purpose, &str); 2] = [
    (Purpose::Assessment, "risk assessments that stand could not be read, and sessions rest on them"),
    (Purpose::OfficialReporting, "reports and records for the court could not be read"),
];

/// Everything that speaks against putting a register in the place of the one that stands; nothing if it can be done.
pub fn contradictions(new: &Register, standing: &Register, in_use: &InUse) -> Vec<Contradiction> {
    let mut found = Vec::new();
    if new.code() != standing.code() {
        let words = format!("must stay “{}”: it is part of every seal, and nothing could be opened", standing.code());
        found.push(Contradiction::of_text("authority.code", words));
    }
    items(new, in_use, &mut found);
    purposes(new, standing, in_use, &mut found);
    retention(new, &mut found);
    for area in in_use.areas.iter().filter(|area| !new.area_codes().contains(&area.as_str())) {
        let words = "there are files, accounts or venues of this area: put it back under [[areas]], or move them first";
        found.push(Contradiction::new(format!("areas, {area}"), words, RegisterSection::Areas));
    }
    found
}

fn items(new: &Register, in_use: &InUse, found: &mut Vec<Contradiction>) {
    for key in &in_use.items {
        let Some(item) = by_key(key) else { continue };
        if new.items().purposes(item).is_empty() {
            let words = format!(
                "{} is in use and would have no purpose. Put it back under [[items]]: what is stored of it stays as long as the \
                 record that it stands in",
                item.label
            );
            found.push(Contradiction::new(format!("items, {key}"), words, RegisterSection::Items).at(key));
        }
    }
}

fn purposes(new: &Register, standing: &Register, in_use: &InUse, found: &mut Vec<Contradiction>) {
    let mut missing = |purpose: Purpose, why: &str| {
        let words = format!("is missing: {why}. Put it back under [[purposes]]");
        found.push(Contradiction::new(format!("purposes, {}", purpose.code()), words, RegisterSection::Purposes));
    };
    for (purpose, why) in NEEDED {
        if !new.has_purpose(purpose) {
            missing(purpose, why);
        }
    }
    for (purpose, why) in IN_WORK {
        if standing.has_purpose(purpose) && !new.has_purpose(purpose) {
            missing(purpose, why);
        }
    }
    if in_use.requests_for_figures > 0 && !new.has_purpose(Purpose::ServicePlanning) {
        missing(Purpose::ServicePlanning, "requests for figures have not ended. End them first, or keep it");
    }
    for purpose in new.purposes() {
        for (field, text) in [("name", &purpose.name), ("legal_basis", &purpose.legal_basis)] {
            if text.trim().is_empty() {
                let words = format!("has no {}: the notice says it", field.replace('_', " "));
                let of = Contradiction::new(format!("purposes, {}", purpose.code()), words, RegisterSection::Purposes);
                found.push(of.at(purpose.code()));
            }
        }
    }
}

/// Every category by which Kith keeps and destroys, requests among them, has its rule in words, since the notice promises no other.
fn retention(new: &Register, found: &mut Vec<Contradiction>) {
    for (code, label) in RecordCategory::ALL.iter().map(|of| (of.code(), of.label())).chain([KEPT_AS]) {
        let entry = format!("retention, {code}");
        match new.retention().iter().find(|of| of.category() == code) {
            None => {
                let words = format!("“{label}” has no rule: records of it are kept and destroyed by one");
                found.push(Contradiction::new(entry, words, RegisterSection::Retention));
            }
            Some(of) if of.rule.trim().is_empty() || of.name.trim().is_empty() => {
                let of = Contradiction::new(
                    entry,
                    "has no name or no rule: the notice says both",
                    RegisterSection::Retention,
                );
                found.push(of.at(code));
            }
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::tests::{GOOD, register};
    use std::collections::BTreeSet;

    fn in_use() -> InUse {
        let items = ["child.given_name", "child.religion"].map(str::to_owned);
        InUse { items: BTreeSet::from(items), areas: BTreeSet::from(["north".to_owned()]), requests_for_figures: 1 }
    }

    /// A text without a row of a list.
    fn without(kind: &str, named: &str) -> String {
        let head = format!("[[{kind}]]");
        let at = GOOD.find(&format!("{head}\n{named}")).unwrap_or_else(|| panic!("{named}"));
        let rest = &GOOD[at + head.len()..];
        let end = rest.find("\n[").map_or(GOOD.len(), |end| at + head.len() + end);
        format!("{}{}", &GOOD[..at], &GOOD[end..])
    }

    #[test]
    fn what_is_in_use_or_needed_cannot_be_dropped_and_the_entry_is_named() {
        let standing = register(GOOD);
        assert_eq!(contradictions(&standing, &standing, &in_use()), []);
        let rules = [
            // UK GDPR Art 5(1)(b) and 30(1): what is held has a purpose.
            (GOOD.replacen("\"child.religion\", ", "", 1), "items, child.religion", "would have no purpose"),
            (GOOD.replacen("code = \"nenedale\"", "code = \"other\"", 1), "authority.code", "must stay “nenedale”"),
            // Handbook section 12: "Kith refuses what the purpose does not cover".
            (without("purposes", "code = \"rights\""), "purposes, rights", "UK GDPR Art 12 to 22"),
            (without("purposes", "code = \"accountability\""), "purposes, accountability", "change this register"),
            // UK GDPR Art 30(1)(f): "the envisaged time limits for erasure of the different categories of data".
            (without("retention", "category = \"care_plan\""), "retention, care_plan", "has no rule"),
            (without("retention", "category = \"request\""), "retention, request", "has no rule"),
            (
                GOOD.replacen("rule = \"75 years from the date of birth of the child\"", "rule = \" \"", 1),
                "retention, care_plan",
                "no rule",
            ),
            // UK GDPR Art 13(1)(c): "the purposes of the processing … as well as the legal basis".
            (
                GOOD.replacen("legal_basis = \"UK GDPR Art 6(1)(e)\"", "legal_basis = \"\"", 1),
                "purposes, administration",
                "has no legal basis",
            ),
            (without("areas", "code = \"north\""), "areas, north", "move them first"),
        ];
        for (text, entry, words) in rules {
            let found = contradictions(&register(&text), &standing, &in_use());
            let [one] = found.as_slice() else { panic!("{entry}: {found:?}") };
            assert!(one.entry == entry && one.why.contains(words), "{one:?}");
        }
    }

    #[test]
    fn what_nobody_uses_can_be_dropped() {
        let standing = register(GOOD);
        for text in [GOOD.replacen("\"placement.pets\",", "", 1), without("areas", "code = \"south\"")] {
            assert_eq!(contradictions(&register(&text), &standing, &in_use()), []);
        }
        let planning = GOOD.replace(", \"service_planning\"]", "]");
        let at = planning.find("[[purposes]]\ncode = \"service_planning\"").unwrap_or_default();
        let end = planning[at + 1..].find("\n[").map_or(planning.len(), |end| at + 1 + end);
        let planning = register(&format!("{}{}", &planning[..at], &planning[end..]));
        let found = contradictions(&planning, &standing, &in_use());
        assert_eq!(found.iter().map(|of| of.entry.as_str()).collect::<Vec<_>>(), ["purposes, service_planning"]);
        let none = InUse { requests_for_figures: 0, ..in_use() };
        assert_eq!(contradictions(&planning, &standing, &none), []);
    }
}
