//! The report as a paper: what the diary and the signed records hold, in words.

use kith_domain::calendar::{self, Days};
use kith_domain::catalogue::{About, Item, Paper, Reading, SaidOf, shown};
use kith_domain::codes::LegalStatus;
use kith_domain::ids::SessionId;
use kith_domain::order::Order;
use kith_domain::report::{ReportState, STATEMENT_OF_TRUTH, paragraphs};
use kith_papers::{Fact, PeriodReportPaper, SignatureLine};
use kith_store::{Child, ContactOrder, Look, Names, Relative, Report};

use super::address::Address;
use super::figures::{Outcomes, Period};
use crate::order::sentence;
use crate::record::{letterhead, record_paper_of};
use crate::typesetting::dated;
use crate::{Desk, ServiceError};

const BROKEN: ServiceError = ServiceError::Broken("a signed report cannot be read back: restore it from a backup");

/// A report put together.
pub(super) struct Assembled {
    pub(super) paper: PeriodReportPaper,
    /// What stands in the way of signing.
    pub(super) problems: Vec<String>,
}

impl Desk {
    /// Puts a report together: as it was signed, or from what the diary and the signed records say now. Who may is the
    /// caller's to have asked.
    pub(super) async fn assembled(
        &self,
        look: &Look,
        report: &Report,
        with_records: bool,
    ) -> Result<Assembled, ServiceError> {
        if report.state == ReportState::Signed {
            let mut paper = as_signed(report)?;
            if !with_records {
                paper.records.clear();
            }
            return Ok(Assembled { paper, problems: Vec::new() });
        }
        let child = look.child(report.child).await?;
        let family = look.family(report.child).await?;
        let (from, to) = (calendar::day_of(report.from), calendar::day_of(report.to));
        let diary = self.diary_of(look, report.child, Some(Days { from, to })).await?;
        let delivered = self.delivered(&diary, &family);
        let sessions: Vec<SessionId> = diary.sessions.iter().map(|of| of.session.id).collect();
        let records = look.records(&sessions).await?;
        let mut orders = look.orders_of(report.child).await?;
        orders.retain(|of| {
            let order = &of.body.order;
            order.facts.made_on <= to && order.last_day().is_none_or(|last| last >= from)
        });
        let period = Period {
            child: report.child,
            from,
            to,
            orders: &orders,
            delivered: &delivered,
            diary: &diary,
            records: &records,
            family: &family,
        };
        let mut paper = self.paper(report, &child, &family, &period);
        if with_records {
            for id in period.signed() {
                let view = self.load_record_of(look, id, report.child).await?;
                paper.records.push(record_paper_of(&view, self.service.register()));
            }
        }
        let address = child.body.placement.as_ref().map_or("", |placement| placement.address.as_str());
        withhold(&paper, &Address::of(address), &report.body.statement)
    }

    /// A report as it stands, without the records: as it was signed, or as it is so far. Who may is the caller's to have asked.
    pub(crate) async fn report_as_it_stands(
        &self,
        look: &Look,
        report: &Report,
    ) -> Result<PeriodReportPaper, ServiceError> {
        Ok(self.assembled(look, report, false).await?.paper)
    }

    fn paper(&self, report: &Report, child: &Child, family: &[Relative], period: &Period) -> PeriodReportPaper {
        let register = self.service.register();
        let card = self.service.card(report.author);
        let legal = child.body.legal.as_ref();
        let dates = (calendar::long_date(period.from), calendar::long_date(period.to));
        let mut paper = PeriodReportPaper {
            letterhead: letterhead(register),
            reference: format!("{} version {}", report.id.reference(), report.version),
            court: legal.and_then(|legal| legal.court.clone()).unwrap_or_default(),
            case_number: legal.and_then(|legal| legal.case_number.clone()).unwrap_or_default(),
            child: child.name(),
            facts: facts(child, period.orders, family, &self.service.name_of(child.social_worker)),
            period: format!("{} to {}", dates.0, dates.1),
            author: self.service.name_of(report.author),
            author_role: card.map_or_else(String::new, |card| card.role.label().to_owned()),
            introduction: Vec::new(),
            delivery: period.delivery(),
            weeks: period.weeks(),
            sessions: period.session_lines(),
            records: Vec::new(),
            statement: paragraphs(&report.body.statement),
            declaration: STATEMENT_OF_TRUTH.to_owned(),
            signature: None,
            draft: true,
            dated: dated(self.now_ms()),
        };
        paper.introduction = introduction(&paper, child, period);
        paper
    }
}

/// The whole report as it is to be signed, as text.
pub(super) fn to_be_signed(report: &Report, mut paper: PeriodReportPaper, now_ms: i64) -> Result<String, ServiceError> {
    paper.reference = format!("{} version {}", report.id.reference(), report.version + 1);
    paper.draft = false;
    paper.dated = dated(now_ms);
    serde_json::to_string(&paper).map_err(|_| ServiceError::Broken("a report could not be kept (an error in Kith)"))
}

/// The report as it was signed, with its signature.
pub(crate) fn as_signed(report: &Report) -> Result<PeriodReportPaper, ServiceError> {
    let (text, signature) = report.body.signed_text.as_deref().zip(report.body.signature.as_ref()).ok_or(BROKEN)?;
    let mut paper: PeriodReportPaper = serde_json::from_str(text).map_err(|_| BROKEN)?;
    paper.signature = Some(SignatureLine {
        name: paper.author.clone(),
        role: paper.author_role.clone(),
        at: calendar::long_instant(signature.at_ms),
        lateness: None,
        digest: signature.digest.clone(),
    });
    Ok(paper)
}

/// Takes the placement address out of everything but the author's own words, which the author has to change.
fn withhold(paper: &PeriodReportPaper, address: &Address, statement: &str) -> Result<Assembled, ServiceError> {
    let mut problems = Vec::new();
    if address.is_in(statement) {
        problems
            .push("Your statement names the placement address. Take it out: the family reads this report".to_owned());
    }
    let (mut paper, stood) = address.withheld_from(paper)?;
    if stood {
        paper.introduction.push(
            "Where a record of the service names the address of the child’s placement, it is withheld in this report."
                .to_owned(),
        );
    }
    Ok(Assembled { paper, problems })
}

fn facts(child: &Child, orders: &[ContactOrder], family: &[Relative], social_worker: &str) -> Vec<Fact> {
    let fact = |label: &str, value: String| Fact { label: label.to_owned(), value };
    let mut facts = Vec::new();
    // Orders that are written down are printed as they stand; until then what the referral said of one.
    let is_said = |item: &Item| item.about != About::Order || item.code == "legal_status" || orders.is_empty();
    let (values, of_family) = (&child.body.known.values, Names::of(family));
    let shown = shown(Reading::Paper(Paper::Report), SaidOf::Child, values, &|id| of_family.name(id));
    facts.extend(shown.into_iter().filter(|shown| is_said(shown.item)).map(|shown| {
        let (label, value) = shown.row();
        Fact { label, value }
    }));
    facts.extend(orders.iter().rev().map(|of| order_fact(&of.body.order, family)));
    let named = family.iter().filter(|relative| relative.relation.may_attend);
    let named: Vec<String> =
        named.map(|r| format!("{}, {}", r.name(), r.relation.relationship.label().to_lowercase())).collect();
    if !named.is_empty() {
        facts.push(fact("Family who may attend", named.join("\n")));
    }
    facts.push(fact("Social worker", social_worker.to_owned()));
    facts
}

/// An order with what it says, each term in a line of its own.
fn order_fact(order: &Order, family: &[Relative]) -> Fact {
    let said = &order.facts;
    let ends = order.last_day().map(|day| format!(", ends on {}", calendar::long_date(day))).unwrap_or_default();
    let mut lines =
        vec![format!("{}, {}, made on {}{ends}", said.court, said.case_number, calendar::long_date(said.made_on))];
    lines.extend(order.terms.iter().map(|term| sentence(term, family)));
    lines.extend(said.words.clone());
    lines.extend(said.forbids.as_ref().map(|forbids| format!("It forbids: {forbids}")));
    Fact { label: "Order".to_owned(), value: lines.join("\n") }
}

fn introduction(paper: &PeriodReportPaper, child: &Child, period: &Period) -> Vec<String> {
    let mut paragraphs = vec![format!(
        "This report is about the contact of {} with family, arranged by the {} of {}, from {}. It rests on the service’s \
         diary and on the records that its supervisors wrote and signed.",
        paper.child, paper.letterhead.service, paper.letterhead.authority, paper.period,
    )];
    if let Some(legal) = child.body.legal.as_ref().filter(|legal| legal.status.rests_on_an_order()) {
        let made = legal.order_date.map(|day| format!(" on {}", calendar::long_date(day))).unwrap_or_default();
        let court = legal.court.as_deref().map(|court| format!(" by the {}", court.trim_start_matches("the ")));
        paragraphs.push(format!(
            "The legal status of {} is: {}. The order was made{}{made}.",
            child.first_name(),
            status_words(legal.status),
            court.unwrap_or_default(),
        ));
    }
    paragraphs.push(outcomes(period.outcomes()));
    let reasons = period.reasons();
    if !reasons.is_empty() {
        paragraphs.push(format!("Sessions that were not held, with the reason: {}.", reasons.join("; ")));
    }
    if !paper.delivery.is_empty() {
        paragraphs.push(
            "What is due is counted for each member of the family in the weeks (Monday to Sunday), months or other spans \
             of the order or agreement, each span in the period in which it ends. A session counts as offered when it was \
             in the diary and was not taken away by anybody but the family or the child; as held for a person when the \
             child and that person were there together; the hours are the time they were together. A span that is still \
             running is shown beside these figures."
                .to_owned(),
        );
    }
    let letters = period.letters();
    if !letters.is_empty() {
        paragraphs.push(format!("Letters are not kept in the diary and are not counted here: {}.", letters.join("; ")));
    }
    let (released, unsigned) = (period.released(), period.unsigned());
    let signed = period.signed().len() - released;
    paragraphs.push(format!(
        "{} signed and set out below.{}{}",
        records_are(signed),
        match released {
            0 => String::new(),
            _ => format!(
                " {} released without the signature of the supervisor, set out below as it stands, and marked.",
                records_are(released)
            ),
        },
        match unsigned {
            0 => String::new(),
            _ => format!(
                " {} not signed yet, or returned for correction, and no part of this report.",
                records_are(unsigned)
            ),
        }
    ));
    paragraphs
}

/// `In this period 5 sessions stood in the diary: 3 were held, of which 1 ended early; 2 were cancelled.`
fn outcomes(counted: Outcomes) -> String {
    let mut parts = vec![format!("{} held", were(counted.held))];
    if counted.ended_early > 0 {
        parts[0] = format!("{}, of which {} ended early", parts[0], counted.ended_early);
    }
    if counted.not_together > 0 {
        let number = counted.not_together;
        parts.push(format!("{number} did not take place, because somebody did not come"));
    }
    if counted.cancelled > 0 {
        parts.push(format!("{} cancelled", were(counted.cancelled)));
    }
    let other = counted.all - counted.held - counted.not_together - counted.cancelled;
    if other > 0 {
        parts.push(format!("{other} {} not been recorded as held", if other == 1 { "has" } else { "have" }));
    }
    let stood = if counted.all == 1 { "1 session".to_owned() } else { format!("{} sessions", counted.all) };
    format!("In this period {stood} stood in the diary: {}.", parts.join("; "))
}

/// The status as in a sentence: without the code of the statutory return.
fn status_words(status: LegalStatus) -> String {
    let label = status.label();
    kith_domain::form::lower_first(label.rsplit_once(" (").map_or(label, |(words, _)| words))
}

fn were(count: u32) -> String {
    if count == 1 { "1 was".to_owned() } else { format!("{count} were") }
}

fn records_are(count: usize) -> String {
    if count == 1 { "1 record is".to_owned() } else { format!("{count} records are") }
}
