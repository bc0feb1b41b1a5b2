//! Pages of retention: legal holds, lists of files to be destroyed, certificates. For the data protection officer and managers.

mod archive;
mod certificate;
mod hold;
mod hold_person;
mod list;
#[cfg(test)]
mod tests;

use askama::Template;
use axum::extract::Query;
use kith_domain::access::Purpose;
use kith_domain::calendar::{self, long_date};
use kith_domain::retention::{APPROVALS, HoldClock, ItemState, ListState};
use kith_service::Desk;
use kith_service::retention::{CertificateView, HoldLine, ListLine};
use uuid::Uuid;

pub(crate) use archive::{
    again, ask_archive, ask_stop, ask_unmark, bag, mark, receipt, show as transfer, stop, unmark,
};
pub(crate) use certificate::{json, paper, show as certificate};
pub(crate) use hold::{
    add, ask_lift, ask_review, find, lift, list as holds, new as new_hold, review, set as set_hold, show as hold,
};
pub(crate) use hold_person::{ask as ask_hold_person, look_for as look_for_person, set as set_hold_on_person};
pub(crate) use list::{approve, ask_take_off, ask_withdraw, propose, show as list, take_off, withdraw};

use crate::error::Answer;
use crate::person::Signed;
use crate::referral::list::Done;
use crate::ui::{Page, Row, Tag, render};

/// Where the pages of retention are.
const HERE: &str = "/retention";

fn desk(signed: &Signed) -> Desk {
    signed.desk(Purpose::Accountability)
}

#[derive(Template)]
#[template(path = "retention/overview.html")]
struct OverviewPage {
    page: Page,
    id: Uuid,
    may_propose: bool,
    waiting: Vec<Row>,
    lists: Vec<Row>,
    holds: Vec<Row>,
    standing: usize,
    transfers: Vec<Row>,
    certificates: Vec<Row>,
}

fn hold_row(signed: &Signed, line: &HoldLine) -> Row {
    let hold = &line.hold;
    let since = long_date(calendar::in_london(hold.set_ms).date());
    let clock = HoldClock::of(hold.review_day, signed.app.service.today());
    let kind = match clock {
        HoldClock::Past(_) => "overdue",
        _ if clock.presses() => "due",
        HoldClock::Left(_) => "active",
    };
    let by = long_date(calendar::day_of(hold.review_day));
    let stands = (Tag { kind, words: clock.words() }, format!("Since {since}. To be looked at again by {by}"));
    let lifted = hold.lifted_ms.map(|at_ms| {
        let until = long_date(calendar::in_london(at_ms).date());
        (Tag { kind: "ended", words: "Lifted".to_owned() }, format!("From {since} until {until}"))
    });
    let (tag, below) = lifted.unwrap_or(stands);
    Row { to: format!("/retention/holds/{}", hold.id), words: line.keeps.clone(), below, tag }
}

fn list_tag(line: &ListLine) -> Tag {
    let state = line.list.state;
    let kind = match state {
        ListState::Proposed => "due",
        ListState::Approved => "active",
        ListState::Done | ListState::Withdrawn => "ended",
    };
    let words = match state {
        ListState::Proposed => format!("{} of {APPROVALS} approvals", line.approvals.min(APPROVALS)),
        state => state.label().to_owned(),
    };
    Tag { kind, words }
}

fn files_words(line: &ListLine) -> String {
    let word =
        |(state, count): &(ItemState, usize)| format!("{count} {}", kith_domain::form::lower_first(state.label()));
    line.files.iter().map(word).collect::<Vec<_>>().join(", ")
}

fn list_row(line: &ListLine) -> Row {
    Row {
        to: format!("/retention/lists/{}", line.list.id),
        words: format!("List {}, {}", line.list.id.reference(), calendar::long_instant(line.list.created_ms)),
        below: format!("Proposed by {}. Files: {}", line.author, files_words(line)),
        tag: list_tag(line),
    }
}

fn certificate_row(view: &CertificateView) -> Row {
    Row {
        to: format!("/retention/certificates/{}", view.id),
        words: format!("File {}", view.file),
        below: format!("Destroyed {}", calendar::long_instant(view.destroyed_ms)),
        tag: Tag { kind: "ended", words: view.state.label().to_owned() },
    }
}

/// GET /retention
pub(crate) async fn overview(signed: Signed, Query(done): Query<Done>) -> Answer {
    let view = desk(&signed).retention().await?;
    let waiting = view.waiting().map(list_row).collect();
    let lists = view.lists.iter().filter(|of| of.list.state != ListState::Proposed).map(list_row).collect();
    render(&OverviewPage {
        page: Page::new(&signed, "Retention", HERE).with_done(done.words()),
        id: Uuid::now_v7(),
        may_propose: view.may_propose,
        waiting,
        lists,
        holds: view.holds.iter().map(|line| hold_row(&signed, line)).collect(),
        standing: view.standing,
        transfers: view.transfers.iter().map(archive::row).collect(),
        certificates: view.certificates.iter().map(certificate_row).collect(),
    })
}
