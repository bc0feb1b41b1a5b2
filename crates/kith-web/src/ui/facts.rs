//! What is known of somebody, for reading: one renderer for the file, for what is known before walking in, and for
//! whatever else shows facts.

use kith_domain::catalogue::{CalloutKind, ITEMS, Item, Reading, SaidOf, Shown, shown};
use kith_domain::fact;
use kith_store::{Names, Relative};

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

/// What is read of somebody there, with what is disputed said beside it.
pub(crate) fn read(reading: Reading, of: SaidOf, known: &fact::Known, names: &Names) -> Vec<Shown> {
    let beside = |mut shown: Shown| {
        if shown.item.fields().iter().any(|field| known.disputed.contains(*field)) {
            shown.words.push_str(" (disputed)");
        }
        shown
    };
    shown(reading, of, &known.values, &|id| names.name(id)).into_iter().map(beside).collect()
}

/// The labels of what is known and used by nobody.
pub(crate) fn restricted(of: SaidOf, known: &fact::Known) -> Vec<(String, String)> {
    let is = |item: &&Item| {
        item.about.is_of_family() == (of == SaidOf::Family)
            && item.fields().iter().any(|field| known.restricted.contains(*field))
    };
    let row = |item: &Item| (item.label.to_owned(), "Its use is restricted: it is not shown".to_owned());
    ITEMS.iter().filter(is).map(row).collect()
}

/// What is known of a child. `number` tells the callouts of several children on one page apart.
pub(crate) fn of_child(reading: Reading, known: &fact::Known, names: &Names, number: usize) -> Known {
    let (stand_out, rest): (Vec<Shown>, Vec<Shown>) =
        read(reading, SaidOf::Child, known, names).into_iter().partition(|shown| shown.callout().is_some());
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
    let mut known = relative.person.body.known.clone();
    let relation = &relative.relation.known;
    for name in relation.values.names() {
        known.values.set_all(name, relation.values.all(name).to_vec());
    }
    known.disputed.extend(relation.disputed.iter().cloned());
    known.restricted.extend(relation.restricted.iter().cloned());
    let shown = read(reading, SaidOf::Family, &known, &Names::default()).into_iter();
    let mut rows: Vec<(String, String)> =
        shown.filter(|shown| !but.contains(&shown.item.code)).map(Shown::row).collect();
    if reading == Reading::File {
        rows.extend(restricted(SaidOf::Family, &known));
    }
    rows
}
