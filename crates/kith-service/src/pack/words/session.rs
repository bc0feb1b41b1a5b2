//! A session: what was booked, what became of it, and its record.

use kith_domain::ids::{ChildId, SessionId};
use uuid::Uuid;

use super::{Lines, OfFile, Written};
use crate::ServiceError;
use crate::record::record_paper_of;

impl OfFile<'_> {
    /// A session with its record, if there is one: for a member of the family where they were to be in the room.
    pub(super) async fn session(&self, id: Uuid) -> Result<Written, ServiceError> {
        let session = self.look.session(SessionId(id)).await?;
        let people = self.look.people_in(session.id).await?;
        let children: Vec<ChildId> = session.body.places.iter().map(|place| place.child).collect();
        let children = self.children(&children).await?;
        let mut lines = Lines::default();
        lines.add("State", session.state.label());
        lines.add("Supervisor", self.who(session.supervisor));
        lines.add("With", self.names_of(&people));
        let mut others: Vec<String> =
            children.iter().filter(|(id, _)| **id != self.child.id).map(|(_, name)| name.clone()).collect();
        others.sort_unstable();
        lines.add("Children beside", others.join(", "));
        lines.optional("Note", session.body.note.as_ref());
        lines.optional("Why it is more than is ordered", session.body.beyond.as_ref());
        for past in self.desk.past(self.look, &session, &children).await? {
            let why = past.why.map(|why| format!(". {why}")).unwrap_or_default();
            lines.add("What happened to it", format!("{}, {}: {}{why}", past.at, past.by, past.words));
        }
        if self.look.record_state(session.id).await?.is_some() {
            self.record(&mut lines, session.id).await?;
        }
        let theirs = self.file.body.is_child || people.iter().any(|person| self.file.body.people.contains(person));
        Ok(Written { title: format!("Contact session, {}", session.slot.label()), lines: lines.0, theirs })
    }

    async fn record(&self, lines: &mut Lines, id: SessionId) -> Result<(), ServiceError> {
        let view = self.desk.load_record_of(self.look, id, self.child.id).await?;
        let paper = record_paper_of(&view, self.desk.service.register());
        for fact in &paper.facts {
            lines.add(&fact.label, fact.value.clone());
        }
        lines.add("Released without a signature", paper.released.clone());
        for line in &paper.attendance {
            let came = match (line.arrived.as_str(), line.left.as_str()) {
                ("", _) => "did not come".to_owned(),
                (arrived, "") => format!("came {arrived}"),
                (arrived, left) => format!("came {arrived}, left {left}"),
            };
            let note = if line.note.is_empty() { String::new() } else { format!("; {}", line.note) };
            let stands = if line.relationship.is_empty() { String::new() } else { format!(" ({})", line.relationship) };
            lines.add("Who came", format!("{}{stands}: expected {}, {came}{note}", line.name, line.expected));
        }
        for line in &paper.corrected {
            lines.add("Corrected", line.clone());
        }
        // What is about a member of staff too: it is held, and a person decides whether it goes.
        for of in &view.concerns {
            let at = kith_domain::calendar::long_instant(of.received_ms);
            let words = format!("{}: {} (by {}, {at})", of.concern.kind.label(), of.concern.text, of.author);
            lines.add("Concern", words);
        }
        for under in &paper.headings {
            for entry in &under.entries {
                let mut beside = vec![format!("{}; {}", entry.about, entry.written)];
                beside.extend([&entry.basis, &entry.children].into_iter().filter(|of| !of.is_empty()).cloned());
                let text = if entry.quotation { format!("“{}”", entry.text) } else { entry.text.clone() };
                lines.add(&under.heading, format!("{} ({text_beside})", text, text_beside = beside.join("; ")));
                for earlier in &entry.earlier {
                    lines.add("An earlier text of it", format!("{} ({})", earlier.text, earlier.written));
                }
                lines.add("Struck out", entry.struck.clone());
            }
        }
        for of in &paper.addenda {
            let about = if of.about.is_empty() { String::new() } else { format!(" to {}", of.about) };
            let words = format!("{}: {} ({}, {}{about})", of.reason, of.text, of.author, of.written);
            lines.add("Added after signing", words);
        }
        for of in &paper.reviews {
            lines.add(
                "Reviewed",
                format!("{} by {}, {}. {}", of.outcome, of.reviewer, of.at, of.comment).trim().to_owned(),
            );
        }
        for of in &paper.signatures {
            let late = of.lateness.as_ref().map(|late| format!("; {late}")).unwrap_or_default();
            lines.add("Signed", format!("{}, {}{late}", of.name, of.at));
        }
        Ok(())
    }
}
