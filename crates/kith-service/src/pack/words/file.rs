//! What is known and who said it; the form and the phone call; documents; who had the file, who looked into it.

use std::collections::BTreeMap;

use kith_domain::access::Role;
use kith_domain::calendar::{self, long_date};
use kith_domain::catalogue::{Item, of_section, of_value, rows, value_words};
use kith_domain::fact::{Channel, FactStanding, Source, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, DocumentId, PersonId, ReferralId};
use kith_domain::referral::{FamilyDraft, ReferralDraft, Section};
use kith_domain::verification;
use kith_store::LogFilter;
use uuid::Uuid;

use super::{About, Lines, OfFile, Written, day, enclosed_as};
use crate::ServiceError;
use crate::audit::action_words;
use crate::fact::source_words;

/// Entries of the access log that are read at once.
const ENTRIES: u64 = 500;

impl OfFile<'_> {
    /// Everything that was said of the child, or of a member of the family and how they stand to the child, in the order in which it
    /// was said.
    pub(super) async fn facts(&self, id: Uuid) -> Result<Written, ServiceError> {
        let is_child = id == self.child.id.0;
        let person = PersonId(id);
        let mut said: Vec<Statement> = if is_child {
            self.look.statements_of(Subject::Child { child: self.child.id }).await?
        } else {
            let mut all = self.look.statements_of(Subject::Person { person }).await?;
            all.extend(self.look.statements_of(Subject::Relationship { child: self.child.id, person }).await?);
            all
        };
        if self.file.body.gave {
            said.retain(|of| matches!(of.source, Source::Told { channel: Channel::Person }));
        }
        said.sort_by_key(|of| (of.recorded_ms, of.id));
        let mut lines = Lines::default();
        let about = if is_child { None } else { self.about(person) };
        if !is_child && !said.is_empty() {
            lines.about("Who", self.name(person), about);
        }
        for statement in &said {
            self.statement(&mut lines, statement, about);
        }
        let whose = if is_child { "the child" } else { "a member of the family" };
        let theirs = if is_child { self.file.body.is_child } else { self.file.body.is_child || about.is_none() };
        Ok(Written { title: format!("What is known of {whose}, and who said it"), lines: lines.0, theirs })
    }

    fn statement(&self, lines: &mut Lines, said: &Statement, about: Option<About>) {
        let of_family = !matches!(said.subject, Subject::Child { .. });
        let mut source = source_words(self.desk, said);
        if let Some(since) = said.since {
            source.push_str("; so since ");
            source.push_str(&long_date(since));
        }
        if said.takes_back.is_some() {
            source.push_str("; takes back what was said before");
        }
        lines.add(
            match said.standing {
                FactStanding::Said => "Said",
                standing => standing.label(),
            },
            kith_domain::form::upper_first(&source),
        );
        let mut shown: Vec<&'static Item> = Vec::new();
        for item in said.values.names().filter_map(|name| of_value(of_family, name)) {
            if !shown.contains(&item) {
                shown.push(item);
                let words = value_words(item, &said.values, &|id| self.names.name(id)).unwrap_or_default();
                let words = if words.is_empty() { "Nothing".to_owned() } else { words };
                lines.about(item.label, words, about);
            }
        }
        if let Some(note) = &said.note {
            lines.about("Note", note.clone(), about);
        }
    }

    /// A referral as it was sent, or as far as it was written.
    pub(super) async fn referral(&self, id: Uuid) -> Result<Written, ServiceError> {
        let referral = self.look.referral(ReferralId(id)).await?;
        let form = &referral.body;
        let mut lines = Lines::default();
        lines.add("Written by", self.who(referral.referrer));
        lines.add("State", referral.state.label());
        if let Some(sent) = referral.submitted_ms {
            lines.add("Sent", calendar::long_instant(sent));
        }
        if let Some(decided) = referral.decided_ms {
            lines.add("Decided", calendar::long_instant(decided));
        }
        lines.optional("Reason", form.decision_reason.as_ref());
        let first = self.other(referral.child);
        let name_of = |id: &str| member_name(form, id);
        let mut section = |section: Section, fields: &Fields, about: Option<About>| {
            for (label, words) in rows(of_section(section), fields, &name_of) {
                lines.about(&label, words, about);
            }
        };
        section(Section::Child, &form.child, first);
        section(Section::Placement, &form.placement, first);
        section(Section::Legal, &form.legal, None);
        section(Section::Contact, &form.contact, None);
        section(Section::Risk, &form.risk, None);
        for member in &form.family {
            section(Section::Family, &member.fields, self.about(member.id));
        }
        for sibling in &form.siblings {
            let about = self.other(sibling.id);
            section(Section::Child, &sibling.child, about);
            section(Section::Placement, &sibling.placement, about);
            for (person, fields) in &sibling.relations {
                section(Section::Family, fields, self.about(*person).or(about));
            }
        }
        for taken in &form.taken_off {
            section(Section::Child, &taken.own.child, self.other(taken.own.id));
        }
        let sent = referral.submitted_ms.unwrap_or(referral.created_ms);
        Ok(Written { title: format!("Referral of {}", day(sent)), lines: lines.0, theirs: self.file.body.is_child })
    }

    /// Another child than the one whose pack it is.
    fn other(&self, child: ChildId) -> Option<About> {
        (!self.file.body.is_child || child != self.child.id).then_some(About::Child(child))
    }

    /// The phone call that checked a referral: attempts, answers, who is known already.
    pub(super) async fn call(&self, id: Uuid) -> Result<Written, ServiceError> {
        let none = || Written { title: String::new(), lines: Vec::new(), theirs: true };
        let Some(of) = self.look.verification(ReferralId(id)).await? else { return Ok(none()) };
        let referral = self.look.referral(ReferralId(id)).await?;
        let form = &referral.body;
        let name_of = |id: &str| member_name(form, id);
        let mut lines = Lines::default();
        for call in &of.body.calls {
            let reached = if call.reached { "reached" } else { call.outcome.map_or("not reached", |of| of.label()) };
            let (who, at) = (self.who(call.caller), calendar::long_instant(call.at_ms));
            lines.add(
                "Called",
                format!("{who} called {} on {at}: {}", call.called, kith_domain::form::lower_first(reached)),
            );
            lines.optional("Note", call.note.as_ref());
        }
        for answered in &of.body.answers {
            let item = verification::Item::from_code(&answered.item);
            let title = item.map(|item| item.title(form)).unwrap_or_default();
            let about = item.and_then(|item| match (item.person, item.sibling) {
                (Some(person), _) => self.about(person),
                (None, Some(sibling)) => self.other(sibling),
                (None, None) => None,
            });
            let by = format!("{}, {}", self.who(answered.by), calendar::long_instant(answered.at_ms));
            lines.about(
                "Asked",
                format!("{title}: {} ({by})", kith_domain::form::lower_first(answered.outcome.label())),
                about,
            );
            for (label, fields) in [("Before", &answered.old), ("Corrected to", &answered.new)] {
                let Some(fields) = fields else { continue };
                let of_family = item.is_some_and(|item| item.person.is_some());
                let items = kith_domain::catalogue::ITEMS.iter().filter(|item| item.about.is_of_family() == of_family);
                let words: Vec<String> = rows(items, fields, &name_of)
                    .into_iter()
                    .map(|(label, words)| format!("{label}: {words}"))
                    .collect();
                lines.about(label, words.join("\n"), about);
            }
        }
        if let Some(despite) = &of.body.accepted_despite {
            let at = calendar::long_instant(despite.at_ms);
            lines.add(
                "Accepted although something is not known",
                format!("By {} on {at}: {}", self.who(despite.by), despite.reason),
            );
        }
        for matched in &of.body.matches {
            let at = calendar::long_instant(matched.at_ms);
            let words = format!("{}, by {} on {at}. {}", matched.decision.label(), self.who(matched.by), matched.why);
            lines.add("Asked whether somebody is held already", words);
        }
        let title = format!("Phone call of {} that checked the referral", day(of.started_ms));
        Ok(Written { title, lines: lines.0, theirs: self.file.body.is_child })
    }

    /// A document: what it is. Whether it goes along is decided by a person.
    pub(super) async fn document(&self, id: Uuid) -> Result<Written, ServiceError> {
        let of = self.look.document(DocumentId(id)).await?;
        let mut lines = Lines::default();
        lines.add("What it is", of.body.facts.kind.label());
        lines.optional("Described as", of.body.facts.description.as_ref());
        lines.optional("Paper of", of.body.facts.about.as_ref());
        lines.add("Name", of.body.facts.name.clone());
        lines.add("Added", format!("By {}, {}", self.who(of.author), calendar::long_instant(of.created_ms)));
        if let Some(off) = &of.body.taken_off {
            lines.add(
                "Taken off",
                format!("By {}, {}: {}", self.who(off.by), calendar::long_instant(off.at_ms), off.why),
            );
        } else if self.enclosed {
            lines.add("The document itself", format!("Enclosed as {}", enclosed_as(&of)));
        }
        let title = format!("Document of {}", day(of.created_ms));
        Ok(Written { title, lines: lines.0, theirs: self.file.body.is_child })
    }

    /// What of the file went to whom (UK GDPR Art 15(1)(c)), who demanded it by law, and who consented to what: to each what is about
    /// them.
    pub(super) async fn sharing(&self) -> Result<Written, ServiceError> {
        let mut lines = Lines::default();
        let is_of = |person: Option<PersonId>| match person {
            None => self.file.body.is_child,
            Some(person) => self.file.body.is_child || self.file.body.people.contains(&person),
        };
        for of in self.look.disclosures_of(self.child.id).await? {
            let body = &of.body;
            let went = body.parts.iter().filter(|part| part.stays.is_none() && is_of(part.person));
            let mut went: Vec<String> = went.map(|part| part.label.clone()).collect();
            went.dedup();
            if self.file.body.is_child {
                went.extend(body.went_enclosed().map(|of| of.label.clone()));
            }
            if went.is_empty() {
                continue;
            }
            let power = body.power.as_ref().map(|power| format!(", by law: {power}")).unwrap_or_default();
            let recalled = of.recalled_ms.map(|at| format!(". Asked back {}", day(at))).unwrap_or_default();
            let words = format!(
                "{}: {} ({}), sent by {}{power}: {}{recalled}",
                day(of.created_ms),
                body.recipient,
                kith_domain::form::lower_first(body.kind.label()),
                self.who(of.author),
                went.join(", "),
            );
            lines.add("Shared", words);
        }
        for of in self.look.consents_of(self.child.id).await? {
            let said = &of.body;
            if !is_of(said.person) {
                continue;
            }
            let with = said.recipient.map(|kind| format!(" with: {}", kind.label())).unwrap_or_default();
            let words = format!(
                "{}: {}{with}: {}. Said by {} ({}; {})",
                long_date(said.on),
                said.what.label(),
                kith_domain::form::lower_first(said.answer.label()),
                said.said_by,
                kith_domain::form::lower_first(said.authority.label()),
                kith_domain::form::lower_first(said.evidence.label()),
            );
            let about = said.person.and_then(|person| self.about(person));
            lines.about("Consent", words, about);
            lines.optional("Note", said.note.as_ref());
        }
        Ok(Written { title: "With whom it was shared, and consents".to_owned(), lines: lines.0, theirs: true })
    }

    /// Who had the file.
    pub(super) async fn staff(&self) -> Result<Written, ServiceError> {
        let mut lines = Lines::default();
        for of in self.look.allocations_of(self.child.id).await? {
            let until = of.ended_ms.or(of.until_ms).map(|at| format!(" to {}", day(at))).unwrap_or_default();
            let reason = of.reason.map(|reason| format!(". {reason}")).unwrap_or_default();
            let words = format!("{}, from {}{until}{reason}", self.who(of.account), day(of.from_ms));
            lines.add(of.capacity.label(), words);
        }
        Ok(Written { title: "Who had the file".to_owned(), lines: lines.0, theirs: true })
    }

    /// Who looked, what they did and what for: the same on the same day by the same person once, with how often.
    pub(super) async fn looks(&self, id: Uuid) -> Result<Written, ServiceError> {
        let mut filter = LogFilter { subjects: vec![id], ..LogFilter::default() };
        let mut days: BTreeMap<(i64, String, String), u64> = BTreeMap::new();
        loop {
            let entries = self.look.log_entries(&filter, ENTRIES).await?;
            let Some(last) = entries.last() else { break };
            filter.before = Some(last.id);
            for entry in entries {
                let day = calendar::day_number(calendar::in_london(entry.at_ms).date());
                let role = entry.role.map_or("", Role::label);
                let who = entry
                    .actor
                    .map_or_else(|| Role::System.label().to_owned(), |id| format!("{}, {role}", self.who(id)));
                let purpose = entry.purpose.map_or_else(String::new, |of| of.code().replace('_', " "));
                let what = format!("{} ({purpose})", action_words(&entry.action));
                *days.entry((day, who, what)).or_default() += 1;
            }
        }
        let mut lines = Lines::default();
        for ((day, who, what), times) in days {
            let times = if times == 1 { String::new() } else { format!(", {times} times") };
            lines.add("Looked", format!("{}: {who}: {what}{times}", long_date(calendar::day_of(day))));
        }
        let whose = if self.file.body.is_child { "the file" } else { "what is held of a member of the family" };
        Ok(Written { title: format!("Who looked into {whose}"), lines: lines.0, theirs: true })
    }
}

/// The name of a member of the family on a form.
fn member_name(form: &ReferralDraft, id: &str) -> String {
    let member = form.family.iter().find(|member| member.id.to_string() == id);
    member
        .map(FamilyDraft::name)
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "Somebody taken off the form".to_owned())
}
