//! What is known of somebody, for reading: one renderer for the file, for what is known before walking in, and for
//! whatever else shows facts.

use kith_domain::catalogue::{CalloutKind, Reading, SaidOf, Shown, shown};
use kith_domain::form::Fields;
use kith_store::Relative;

/// Something that nobody may miss.
pub(crate) struct Called {
    /// How it looks.
    pub(crate) kind: &'static str,
    /// Its id on the page.
    pub(crate) id: String,
    /// What stands above it.
    pub(crate) title: &'static str,
    /// What it says.
    pub(crate) text: String,
}

/// What is known of somebody.
pub(crate) struct Known {
    /// What nobody may miss.
    pub(crate) callouts: Vec<Called>,
    /// The rest: labels and values.
    pub(crate) rows: Vec<(String, String)>,
}

/// What is known of a child. `number` tells the callouts of several children on one page apart.
pub(crate) fn of_child(reading: Reading, values: &Fields, number: usize) -> Known {
    let (stand_out, rest): (Vec<Shown>, Vec<Shown>) =
        shown(reading, SaidOf::Child, values).into_iter().partition(|shown| shown.callout().is_some());
    let called = stand_out.into_iter().filter_map(|shown| {
        let callout = shown.callout()?;
        let said = match callout.kind {
            CalloutKind::Confidential => format!("From {}.", shown.words.trim_end_matches('.')),
            CalloutKind::Allergy | CalloutKind::Risk => shown.words,
        };
        Some(Called {
            kind: callout.kind.code(),
            id: format!("callout-{}-{number}", shown.item.code),
            title: callout.title,
            text: format!("{said} {}", callout.advice).trim().to_owned(),
        })
    });
    Known { callouts: called.collect(), rows: rest.into_iter().map(Shown::row).collect() }
}

/// What is known of a member of the family and of how they stand to the child, without the items of these codes, which
/// the page says otherwise.
pub(crate) fn of_relative(reading: Reading, relative: &Relative, but: &[&str]) -> Vec<(String, String)> {
    let mut values = relative.person.body.known.values.clone();
    let relation = &relative.relation.known.values;
    for name in relation.names() {
        values.set_all(name, relation.all(name).to_vec());
    }
    let shown = shown(reading, SaidOf::Family, &values).into_iter();
    shown.filter(|shown| !but.contains(&shown.item.code)).map(Shown::row).collect()
}
