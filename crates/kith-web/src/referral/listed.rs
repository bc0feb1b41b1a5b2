//! Lists of referrals: a social worker's own, and those that were sent in an area.

use askama::Template;
use axum::extract::Query;
use kith_domain::access::Role;
use kith_domain::calendar;
use kith_domain::ids::ReferralId;
use kith_domain::listed::{CallBy, DueBy, ReferralList, SortedBy, Standing};
use kith_service::paging::Paged;
use kith_service::referral::{ListedReferral, ReferralView, Referrals};
use serde::Deserialize;

use super::tag;
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{Column, Page, Pages, Tag, columns, days_ago, render};

/// What narrows and sorts the list, as the address says it: codes, and nothing about anybody.
#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    #[serde(default)]
    page: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    call: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    sort: String,
    #[serde(default)]
    backwards: String,
}

impl Asked {
    fn read(&self) -> (ReferralList, usize) {
        let list = ReferralList {
            standing: Standing::from_code(&self.state),
            call: CallBy::from_code(&self.call),
            due: DueBy::from_code(&self.due),
            sort: SortedBy::from_code(&self.sort),
            backwards: self.backwards == "yes",
        };
        (list, self.page.parse().unwrap_or(1).max(1))
    }
}

/// The list as an address says it: what is not said is not in it.
fn query(list: ReferralList) -> String {
    let backwards = list.backwards.then_some("yes");
    let parts = [
        ("state", list.standing.map(Standing::code)),
        ("call", list.call.map(CallBy::code)),
        ("due", list.due.map(DueBy::code)),
        ("sort", list.sort.map(SortedBy::code)),
        ("backwards", backwards),
    ];
    let said = parts.into_iter().filter_map(|(name, code)| Some(format!("{name}={}", code?)));
    said.collect::<Vec<_>>().join("&")
}

#[derive(Template)]
#[template(path = "referral/list.html")]
struct ListPage {
    page: Page,
    own: bool,
    /// Each state with how many there are: address, words, count, whether it is shown.
    states: Vec<(String, &'static str, usize, bool)>,
    /// Code, words, whether it is chosen.
    calls: Vec<(&'static str, &'static str, bool)>,
    dues: Vec<(&'static str, &'static str, bool)>,
    /// What the form that narrows the list carries along.
    kept: Vec<(&'static str, &'static str)>,
    narrowed: bool,
    columns: Vec<Column>,
    rows: Vec<Row>,
    pages: Pages,
    /// What was looked for among the drafts; `None` when nothing was.
    text: Option<String>,
}

struct Row {
    id: ReferralId,
    child: String,
    tag: Tag,
    referrer: String,
    /// When it was sent or begun, and how long ago.
    when: String,
    age: String,
    /// By when it is to be verified, as long as it waits.
    due: String,
    overdue: bool,
    call_back: String,
    verifier: String,
}

fn row(listed: ListedReferral, now_ms: i64) -> Row {
    let ListedReferral { view, verifier, call_back_ms } = listed;
    let child = view.referral.body.children_names();
    let waits = view.referral.state.is_waiting();
    let (at_ms, word) = match view.referral.submitted_ms {
        Some(submitted) => (submitted, "Sent"),
        None => (view.referral.created_ms, "Begun"),
    };
    let due = view.verify_by_ms.filter(|_| waits).map(|by| calendar::long_date(calendar::in_london(by).date()));
    Row {
        id: view.referral.id,
        child: if child.is_empty() { "A child without a name yet".to_owned() } else { child },
        tag: tag(view.referral.state),
        referrer: view.referrer,
        when: format!("{word} {}", calendar::long_date(calendar::in_london(at_ms).date())),
        age: days_ago(at_ms, now_ms),
        due: due.unwrap_or_default(),
        overdue: view.overdue,
        call_back: call_back_ms.map(calendar::long_instant).unwrap_or_default(),
        verifier: verifier.unwrap_or_default(),
    }
}

/// GET /referrals: a social worker's own, or those that were sent in the coordinator's area.
pub(crate) async fn list(signed: Signed, Query(asked): Query<Asked>) -> Answer {
    let desk = signed.delivery();
    let own = signed.role() == Role::SocialWorker;
    let (list, number) = asked.read();
    let found = if own { desk.my_referrals(list, number).await? } else { desk.referrals_of_area(list, number).await? };
    render(&list_page(&signed, own, list, found, None))
}

fn list_page(signed: &Signed, own: bool, list: ReferralList, found: Referrals, text: Option<String>) -> ListPage {
    let title = if own { "Your referrals" } else { "Referrals" };
    let shown = list.standing.unwrap_or(if own { Standing::All } else { Standing::Waiting });
    let address = |of: ReferralList| {
        let query = query(of);
        if query.is_empty() { "/referrals".to_owned() } else { format!("/referrals?{query}") }
    };
    // A draft is its writer's alone.
    let states = found.counts.iter().filter(|(standing, _)| own || *standing != Standing::Draft);
    let states = states.map(|(standing, count)| {
        let to = address(ReferralList { standing: Some(*standing), ..list });
        (to, standing.label(), *count, *standing == shown)
    });
    let calls = CallBy::ALL.iter().map(|call| (call.code(), call.label(), list.call == Some(*call)));
    let dues = DueBy::ALL.iter().map(|due| (due.code(), due.label(), list.due == Some(*due)));
    let mut kept = Vec::new();
    kept.extend(list.standing.map(|standing| ("state", standing.code())));
    kept.extend(list.sort.map(|sort| ("sort", sort.code())));
    kept.extend(list.backwards.then_some(("backwards", "yes")));
    // When nothing is said it is by when they were sent: of an area the longest waiting first, of one's own the newest.
    let sorted = list.sort.unwrap_or(SortedBy::Sent);
    let downwards = list.backwards != (own && list.sort.is_none());
    let by = |sort: SortedBy| {
        let turned = sorted == sort && !downwards;
        let to = address(ReferralList { sort: Some(sort), backwards: turned, ..list });
        (to, (sorted == sort).then_some(downwards))
    };
    let heads: Vec<(&'static str, Option<SortedBy>)> = if own {
        vec![
            ("Child", None),
            ("State", Some(SortedBy::State)),
            ("Begun or sent", Some(SortedBy::Sent)),
            ("To be verified by", None),
            ("With", None),
        ]
    } else {
        vec![
            ("Child", None),
            ("State", Some(SortedBy::State)),
            ("Sent", Some(SortedBy::Sent)),
            ("To be verified by", None),
            ("Whose call", None),
            ("Call back", Some(SortedBy::CallBack)),
            ("Social worker", None),
        ]
    };
    let heads = heads.into_iter().map(|(words, sort)| (words, sort.map(by)));
    let pages = Pages::of(&found.paged, "/referrals").with_query(query(list));
    let now_ms = signed.app.service.now_ms();
    ListPage {
        page: Page::new(signed, title, "/referrals"),
        own,
        states: states.collect(),
        calls: calls.collect(),
        dues: dues.collect(),
        kept,
        narrowed: list.call.is_some() || list.due.is_some() || list.standing.is_some(),
        columns: columns(heads),
        rows: found.paged.rows.into_iter().map(|listed| row(listed, now_ms)).collect(),
        pages,
        text,
    }
}

/// POST /referrals/find: a name is not put into an address, where it would stay in histories and logs.
pub(crate) async fn find(posted: Posted) -> Answer {
    let text: String = posted.fields.get("name").chars().take(200).collect();
    let found = posted.signed.delivery().find_drafts(&text).await?;
    let listed = |view: ReferralView| ListedReferral { view, verifier: None, call_back_ms: None };
    let paged = Paged::whole(found).map(listed);
    let found = Referrals { paged, counts: Vec::new() };
    let mut page = list_page(&posted.signed, true, ReferralList::default(), found, Some(text));
    page.page = Page::new(&posted.signed, "Drafts found", "/referrals").back("/referrals");
    render(&page)
}
