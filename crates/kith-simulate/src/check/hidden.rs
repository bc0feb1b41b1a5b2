//! What is restricted is in no page of the file, no list, no search and no package.

use std::collections::BTreeSet;

use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::sharing::{RecipientKind, ShareWith, To};
use kith_service::fact::Whose;

use crate::notes::Hidden;
use crate::promise::Promise;
use crate::{Failure, World, done};

fn says(fields: &Fields, value: &str) -> bool {
    fields.iter().any(|(_, said)| said.contains(value))
}

impl World {
    /// Of the files that are looked at today those with a restricted fact.
    pub(super) async fn check_hidden(&mut self, touched: &BTreeSet<usize>) -> Result<(), Failure> {
        for file in touched.iter().copied() {
            let of = &self.notes.files[file];
            if let Some(hidden) = of.hidden.clone().filter(|_| of.is_open()) {
                self.is_hidden(file, &hidden).await?;
                self.check_only_theirs(file).await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn is_hidden(&mut self, file: usize, hidden: &Hidden) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let value = if hidden.item == "phone" { of.phone.clone() } else { of.school.clone() };
        let (child, referral, area) = (of.id, of.referral, of.area.clone());
        let desk = self.at_work(Role::Coordinator, &area)?;
        let mut shown: Vec<&str> = Vec::new();
        let view = done("reads a file", Some(file), desk.file(child).await)?;
        let family = view
            .family
            .iter()
            .any(|of| says(&of.person.body.known.values, &value) || says(&of.relation.known.values, &value));
        if says(&view.child.body.known.values, &value) || family {
            shown.push("the file");
        }
        let whose = Whose { child, person: hidden.person };
        let facts = done("reads facts", Some(file), desk.facts(whose, hidden.group).await)?;
        let mut past = facts.history.iter().flat_map(|of| &of.said);
        if says(&facts.values, &value) || past.any(|said| says(&said.values, &value)) {
            shown.push("the facts of the group");
        }
        let past = done("reads the past", Some(file), desk.file_past(child, None, 1).await)?;
        let mut items = past.lines.rows.iter().flat_map(|line| &line.items);
        if items.any(|(_, values)| values.as_ref().is_some_and(|values| says(values, &value))) {
            shown.push("the past of the file");
        }
        let on = done("reads a day of the file", Some(file), desk.file_on(child, self.service.today()).await)?;
        if says(&on.known.values, &value) {
            shown.push("the file of a day");
        }
        let found = done("searches", Some(file), desk.search(&value, 1).await)?;
        if found.rows.iter().any(|row| row.child.id == child) {
            shown.push("a search");
        }
        let read = done("reads a referral", Some(file), desk.referral(referral).await)?.referral.body;
        let forms = [&read.child, &read.placement, &read.legal, &read.risk, &read.contact].into_iter();
        let mut forms =
            forms.chain(read.family.iter().map(|of| &of.fields)).chain(read.siblings.iter().map(|of| &of.child));
        if forms.any(|fields| says(fields, &value)) {
            shown.push("the referral");
        }
        let ask = ShareWith {
            to: To::Kind(RecipientKind::Learning),
            recipient: Some("Learning, skills and education".to_owned()),
            purpose: Purpose::ServiceDelivery,
            related: None,
            session: None,
            enclosed: Vec::new(),
            alone: false,
            reason: None,
        };
        let weighed = done("weighs a disclosure", Some(file), desk.weigh_disclosure(child, &ask).await)?.weighed;
        if weighed.iter().any(|of| of.words.contains(&value)) {
            shown.push("a package");
        }
        let called = self.notes.files[file].called(file);
        self.told.checks += 6;
        self.ask(Promise::Hidden, shown.is_empty(), || {
            format!("{called}: what is restricted is shown by {}", shown.join(", "))
        });
        Ok(())
    }
}
