//! Risk assessments, orders, refusals of contact, plans and reports.

use kith_domain::calendar::{self, long_date};
use kith_domain::ids::{AssessmentId, ContactRefusalId, OrderId, PlanId, ReportId};
use kith_domain::order::{OrderFacts, OrderTerm};
use kith_domain::plan::AgreementReader;
use kith_domain::risk::Assessment;
use uuid::Uuid;

use super::{Lines, OfFile, Written, day};
use crate::ServiceError;

const fn yes_no(yes: bool) -> &'static str {
    if yes { "Yes" } else { "No" }
}

impl OfFile<'_> {
    /// A risk assessment, as it was sent or as far as it was written.
    pub(super) async fn risk(&self, id: Uuid) -> Result<Written, ServiceError> {
        let of = self.look.assessment(AssessmentId(id)).await?;
        let about = self.about(of.person);
        let mut lines = Lines::default();
        lines.about("Of whom", self.name(of.person), about);
        lines.add("Written by", self.who(of.author));
        lines.add("State", of.state.label());
        if let Some(approver) = of.approver {
            lines.add("Approved by", self.who(approver));
        }
        if let (Some(from), Some(until)) = (of.valid_from, of.valid_until) {
            lines.add(
                "Valid",
                format!("{} to {}", long_date(calendar::day_of(from)), long_date(calendar::day_of(until))),
            );
        }
        lines.optional("Returned because", of.body.returned_reason.as_ref());
        if let Some(reason) = of.body.void_reason {
            lines.add("Void because of", reason.label());
        }
        for taken in &of.body.taken_over {
            let (from, to) = (self.who(taken.from), self.who(taken.to));
            lines.add("Taken over", format!("By {to} from {from}, {}", day(taken.at_ms)));
        }
        let assessed = of.body.assessment.clone().or_else(|| Assessment::read(&of.body.fields).ok());
        match assessed {
            Some(said) => {
                for hazard in &said.hazards {
                    let words = format!(
                        "{}: {} without controls, {} with them. Controls: {}",
                        hazard.label(),
                        hazard.score(),
                        hazard.residual(),
                        hazard.controls
                    );
                    lines.about("Hazard", words, about);
                }
                if said.none_applies {
                    lines.about("Hazards", "Each was considered and none applies", about);
                }
                lines.about("Level", said.level.label(), about);
                lines.about("Supervision", said.supervision.label(), about);
                lines.about("Staff in the room", said.staff.to_string(), about);
                lines.about("Bags are checked", yes_no(said.bag_check), about);
                lines.about("Staff meet the person before", yes_no(said.meeting_before), about);
                let venue: Vec<&str> = said.venue.iter().map(|feature| feature.label()).collect();
                lines.about("The venue must have", venue.join("; "), about);
                lines.about("Reasons", said.summary, about);
            }
            // Not finished: as it was typed.
            None => {
                for name in of.body.fields.names() {
                    let words = of.body.fields.all(name).join("; ");
                    lines.about("Typed so far", words, about);
                }
            }
        }
        let theirs = self.file.body.is_child || about.is_none();
        Ok(Written { title: format!("Risk assessment of {}", day(of.created_ms)), lines: lines.0, theirs })
    }

    /// An order of a court, with what it said before it was corrected.
    pub(super) async fn order(&self, id: Uuid) -> Result<Written, ServiceError> {
        let of = self.look.order(OrderId(id)).await?;
        let order = &of.body.order;
        let mut lines = Lines::default();
        lines.add("State", of.state.label());
        self.order_says(&mut lines, &order.facts, &order.terms);
        if let Some(ended) = &order.ended {
            lines.add("Ended", format!("{}: {}", long_date(ended.on), ended.why));
        }
        lines.add("Taken from", order.source.clone());
        lines.add("Written down by", format!("{}, {}", self.who(of.author), day(of.created_ms)));
        for earlier in &order.earlier {
            let (by, until) = (self.who(earlier.by), calendar::long_instant(earlier.until_ms));
            lines.add("Corrected", format!("By {by}, {until}: {}. Until then it said:", earlier.why));
            self.order_says(&mut lines, &earlier.facts, &earlier.terms);
        }
        let title = format!("Court order of {}", long_date(order.facts.made_on));
        Ok(Written { title, lines: lines.0, theirs: self.file.body.is_child })
    }

    fn order_says(&self, lines: &mut Lines, facts: &OrderFacts, terms: &[OrderTerm]) {
        lines.add("Court", format!("{}, {}", facts.court, facts.case_number));
        lines.add("Made", long_date(facts.made_on));
        if let Some(ends) = facts.ends_on {
            lines.add("Ends", long_date(ends));
        }
        for term in terms {
            lines.add("Term", term.sentence(&self.names_of(&term.with)));
        }
        lines.optional("What it says", facts.words.as_ref());
        lines.optional("What it forbids", facts.forbids.as_ref());
    }

    /// A refusal of contact, the notices that were given, what came of it.
    pub(super) async fn refusal(&self, id: Uuid) -> Result<Written, ServiceError> {
        let of = self.look.contact_refusal(ContactRefusalId(id)).await?;
        let said = &of.body.refused;
        let about = self.about(said.person);
        let mut lines = Lines::default();
        lines.about("Who was refused contact", self.name(said.person), about);
        lines.add("State", of.state.label());
        lines.add("Decided by", said.decided_by.clone());
        lines.add("Reasons", said.reasons.clone());
        lines.add("Why it could not wait", said.urgency.clone());
        lines.optional("Told to the child", said.for_the_child.as_ref());
        lines.optional("Why the child was not told in writing", said.child_not_told.as_ref());
        for notice in &of.body.notices {
            let name = notice.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
            let words = format!("{}{name}, {}, {}", notice.to.label(), long_date(notice.on), notice.how.label());
            lines.add("Notice given", words);
        }
        if let Some(ended) = &of.body.ended {
            lines.add("Ended", long_date(ended.on));
            lines.optional("Note", ended.note.as_ref());
        }
        lines.add("Written down by", format!("{}, {}", self.who(of.author), day(of.created_ms)));
        let title = format!("Contact refused from {}", long_date(said.began));
        Ok(Written { title, lines: lines.0, theirs: self.file.body.is_child || about.is_none() })
    }

    /// A contact plan: its lines, reviews, who signed.
    pub(super) async fn plan(&self, id: Uuid) -> Result<Written, ServiceError> {
        let of = self.look.plan(PlanId(id)).await?;
        let plan = &of.body;
        let mut lines = Lines::default();
        lines.add("Written by", self.who(of.author));
        lines.add("State", of.state.label());
        for of in &plan.arrangements {
            lines.add("Arrangement", of.sentence(&self.names_of(&of.with)));
            lines.optional("Interpreter", of.interpreter.as_ref());
            lines.optional("How the child gets there and back", of.transport.as_ref());
            lines.optional("Rules", of.rules.as_ref());
            lines.optional("If it cannot take place", of.contingency.as_ref());
        }
        lines.optional("Agreed with", plan.agreed_with.as_ref());
        lines.optional("Reason", plan.reason.as_ref());
        if let Some(on) = plan.started_on {
            lines.add("Started", long_date(on));
        }
        if let Some(on) = plan.ended_on {
            lines.add("Ended", long_date(on));
        }
        for review in &plan.reviews {
            lines.add("Reviewed", format!("{}, {}: {}", long_date(review.on), self.who(review.by), review.note));
        }
        for signed in &plan.signatures {
            let who = match signed.who {
                AgreementReader::Person(person) => self.name(person),
                AgreementReader::Child => "The child".to_owned(),
                AgreementReader::Carer => "The carer".to_owned(),
                AgreementReader::SocialWorker => "The social worker".to_owned(),
                AgreementReader::Service => "The contact service".to_owned(),
            };
            let note = signed.note.as_ref().map(|note| format!(". {note}")).unwrap_or_default();
            let how = kith_domain::form::lower_first(signed.how.label());
            lines.add("Agreement", format!("{who}: {how}, {}{note}", long_date(signed.on)));
        }
        let title = format!("Contact plan of {}", day(of.created_ms));
        Ok(Written { title, lines: lines.0, theirs: self.file.body.is_child })
    }

    /// A report for court, without the records, which are parts of their own.
    pub(super) async fn report(&self, id: Uuid) -> Result<Written, ServiceError> {
        let of = self.look.report(ReportId(id)).await?;
        let paper = self.desk.report_as_it_stands(self.look, &of).await?;
        let mut lines = Lines::default();
        lines.add("Written by", paper.author.clone());
        lines.add("State", of.state.label());
        lines.add("Period", paper.period.clone());
        lines.add("Court", format!("{} {}", paper.court, paper.case_number).trim().to_owned());
        for fact in &paper.facts {
            lines.add(&fact.label, fact.value.clone());
        }
        for paragraph in &paper.introduction {
            lines.add("Introduction", paragraph.clone());
        }
        for line in &paper.delivery {
            let mut words = vec![format!("{}: {}", line.with, line.ordered)];
            words.push(format!(
                "due {}, offered {}, held {}, short {}",
                line.due, line.offered, line.held, line.shortfall
            ));
            words.extend([&line.hours, &line.running, &line.reasons].into_iter().filter(|of| !of.is_empty()).cloned());
            lines.add("Delivered", words.join("; "));
        }
        for line in &paper.sessions {
            let late = if line.lateness.is_empty() { String::new() } else { format!("; {}", line.lateness) };
            lines.add("Session", format!("{}, {}, {}: {}{late}", line.date, line.time, line.with, line.outcome));
        }
        for paragraph in &paper.statement {
            lines.add("Statement", paragraph.clone());
        }
        if let Some(signature) = &paper.signature {
            lines.add("Signed", format!("{}, {}, {}", signature.name, signature.role, signature.at));
        }
        let title = format!("Report for court of {}", day(of.created_ms));
        Ok(Written { title, lines: lines.0, theirs: self.file.body.is_child })
    }
}
