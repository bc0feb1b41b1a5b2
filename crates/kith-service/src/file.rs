//! A child's file as its workers see it, and finding one.

use std::collections::HashMap;

use kith_domain::clock::Running;
use kith_domain::ids::{AccountId, ChildId, PersonId, ReferralId};
use kith_domain::referral::ReferralState;
use kith_domain::session::{BOOK_AHEAD_DAYS, Slot};
use kith_store::{
    Child, ChildState, ContactOrder, HoldOn, Look, Plan, Record, Referral, Relative, Report, RiskAssessment, Session,
};
use uuid::Uuid;

use crate::contact_refusal::{RefusalLine, lines};
use crate::fact::Elsewhere;
use crate::paging::{Paged, window};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// How many days of past sessions the file shows.
const SESSION_DAYS: i64 = 92;
/// How many records the file shows; the rest stand on their own pages.
const RECORDS_SHOWN: u64 = 20;

/// Everything about one child's contact, on one page.
pub struct FileView {
    /// The child.
    pub child: Child,
    /// The social worker's name.
    pub social_worker: String,
    /// The family, barred persons too.
    pub family: Vec<Relative>,
    /// What other files know of the risk from members of the family.
    pub elsewhere: HashMap<PersonId, Vec<Elsewhere>>,
    /// Referrals, newest first.
    pub referrals: Vec<Referral>,
    /// Risk assessments, newest first.
    pub assessments: Vec<RiskAssessment>,
    /// Orders about contact, newest first.
    pub orders: Vec<ContactOrder>,
    /// Refusals of contact, the newest first.
    pub refusals: Vec<RefusalLine>,
    /// Plans, newest first.
    pub plans: Vec<Plan>,
    /// Sessions of the last three months and all to come, in order of time.
    pub sessions: Vec<Session>,
    /// Sessions of the same days that count for nothing: the child was taken off, or they were entered in error.
    pub put_aside: Vec<Session>,
    /// The newest records, newest first.
    pub records: Vec<Record>,
    /// How many records there are.
    pub records_total: usize,
    /// Reports, newest first.
    pub reports: Vec<Report>,
    /// How many documents are in the file.
    pub documents: u64,
    /// The legal holds that bear on the file.
    pub holds: Vec<HoldOn>,
    /// Whether this person may set a legal hold.
    pub may_hold: bool,
    /// The clocks that run, in the order of harm.
    pub clocks: Vec<Running>,
    /// Whether this person may change what the file says.
    pub may_change: bool,
    /// Whether this person may give the file to another social worker.
    pub may_allocate: bool,
    /// Whether this person may assess risk.
    pub may_assess: bool,
    /// Whether this person may plan and book.
    pub may_plan: bool,
    /// Whether this person may write reports.
    pub may_report: bool,
}

/// A file in a list.
pub struct Listed {
    /// The child.
    pub child: Child,
    /// Who the child is, by the file or, before it is opened, by the form.
    pub name: String,
    /// When the child was born, in words.
    pub born: String,
    /// By what it was found, in words, if not by the child's name.
    pub why: Vec<String>,
    /// The referral, as long as there is no more.
    pub referral: Option<(ReferralId, ReferralState)>,
    /// The social worker's name.
    pub social_worker: String,
}

impl Desk {
    /// One child's file.
    pub async fn file(&self, id: ChildId) -> Result<FileView, ServiceError> {
        let (look, scope) = self.look_into_file("file.read", id).await?;
        let today = kith_domain::calendar::day_number(self.service.today());
        let child = look.child(id).await?;
        let family = look.family(id).await?;
        let (records, records_total) = look.records_of(id, RECORDS_SHOWN, 0).await?;
        let mut view = FileView {
            social_worker: self.who_has(&look, &child).await?,
            child,
            elsewhere: self.elsewhere(&look, id, &family).await?,
            refusals: lines(look.refusals_of(id).await?, &family),
            family,
            referrals: look.referrals_of(id).await?,
            assessments: look.assessments_of(id).await?,
            orders: look.orders_of(id).await?,
            plans: look.plans_of(id).await?,
            sessions: look.sessions_of(id, today - SESSION_DAYS, today + BOOK_AHEAD_DAYS).await?,
            put_aside: look.sessions_put_aside(id, today - SESSION_DAYS, today + BOOK_AHEAD_DAYS).await?,
            records,
            records_total,
            reports: look.reports_of(id).await?,
            documents: look.count_documents_of(id).await?,
            holds: look.holds_on(id).await?,
            may_hold: false,
            clocks: self.clocks_of(&look, id).await?,
            may_change: false,
            may_allocate: false,
            may_assess: false,
            may_plan: false,
            may_report: false,
        };
        look.done("file.read", self.now_ms()).await?;
        let may = |action, purpose| {
            let desk = self.service.desk(self.actor().clone(), purpose);
            desk.permits(action, &Resource::File(&scope))
        };
        view.referrals = self.readable_referrals(view.referrals).await?;
        let open = view.child.state == ChildState::Open;
        view.may_change = open && may("file.change", kith_domain::access::Purpose::ServiceDelivery);
        view.may_hold = may("hold.set", kith_domain::access::Purpose::Accountability);
        view.may_allocate = may("file.allocate", kith_domain::access::Purpose::ServiceDelivery);
        view.may_assess = may("risk.write", kith_domain::access::Purpose::Assessment);
        view.may_plan = may("plan.write", kith_domain::access::Purpose::ServiceDelivery);
        view.may_report = may("report.write", kith_domain::access::Purpose::OfficialReporting);
        Ok(view)
    }

    /// Of a child's referrals those that this person may read: one may also be for a brother whose file they do not have.
    async fn readable_referrals(&self, all: Vec<Referral>) -> Result<Vec<Referral>, ServiceError> {
        let desk = self.service.desk(self.actor().clone(), kith_domain::access::Purpose::ServiceDelivery);
        let mut readable = Vec::with_capacity(all.len());
        for referral in all {
            // One that is not sent is its writer's alone.
            let plain = referral.body.siblings.is_empty() && referral.submitted_ms.is_some();
            let may = plain
                || self
                    .look()
                    .referral_scope(referral.id)
                    .await?
                    .is_some_and(|of| desk.permits("referral.read", &Resource::Referral(referral.id.0, &of)));
            readable.extend(may.then_some(referral));
        }
        Ok(readable)
    }

    /// The id of a file to be made, with its key. Its reference is nobody else's: of sixty thousand files two would share
    /// one as likely as not, and the engine refuses the second.
    pub(crate) async fn new_file(&self) -> Result<ChildId, ServiceError> {
        let look = self.look();
        let mut id = ChildId(Uuid::now_v7());
        while look.file_with_reference(&id.reference()).await?.is_some() {
            id = ChildId(Uuid::now_v7());
        }
        self.service.store().create_file_key(id.0).await?;
        Ok(id)
    }

    /// The social worker of a child, and whether nobody has the file although somebody stands there.
    async fn who_has(&self, look: &Look, child: &Child) -> Result<String, ServiceError> {
        let (id, name) = (child.social_worker, self.service.name_of(child.social_worker));
        Ok(if self.has_left(id) {
            format!("{name}, who has left: nobody has this file")
        } else if look.is_refused(id, child.id).await? {
            format!("{name}, who must not have it: nobody has this file")
        } else {
            name
        })
    }

    /// A page, from 1, of a child's records, newest first, each with when its session was; and the child's name.
    pub async fn records_of(
        &self,
        id: ChildId,
        page: usize,
    ) -> Result<(String, Paged<(Record, Option<Slot>)>), ServiceError> {
        let (look, _) = self.look_into_file("file.read", id).await?;
        let (many, after) = window(page);
        let name = look.child(id).await?.name();
        let (records, total) = look.records_of(id, many, after).await?;
        let sessions = look.sessions(&records.iter().map(|record| record.id).collect::<Vec<_>>()).await?;
        look.done("file.read", self.now_ms()).await?;
        let held = |id| sessions.iter().find(|session| session.id == id).map(|session| session.slot);
        Ok((
            name,
            Paged::new(records, total, page).map(|record| {
                let slot = held(record.id);
                (record, slot)
            }),
        ))
    }

    /// A page, from 1, of the open files this person works with, of one social worker or of all, the one opened last first.
    pub async fn my_files(&self, worker: Option<AccountId>, page: usize) -> Result<Paged<Listed>, ServiceError> {
        self.allow_service("search").await?;
        let look = self.snapshot().await?;
        let (children, total) = look.my_children(worker, window(page)).await?;
        look.done("files.read", self.now_ms()).await?;
        let listed = |child: Child| {
            let social_worker = self.service.name_of(child.social_worker);
            let born = child.body.facts.as_ref().map(|facts| facts.birth.label()).unwrap_or_default();
            Listed { name: child.name(), born, why: Vec::new(), referral: None, child, social_worker }
        };
        let mut files: Vec<Listed> = children.into_iter().map(listed).collect();
        files.sort_by_cached_key(|file| crate::search::in_order(&file.child.body.known.values));
        Ok(Paged::new(files, total, page))
    }
}

/// A child whose file is open: only then is risk assessed and contact planned.
pub(crate) async fn child_in_contact(look: &Look, id: ChildId) -> Result<Child, ServiceError> {
    let child = look.child(id).await?;
    if child.state == ChildState::Open {
        return Ok(child);
    }
    Err(ServiceError::rule(
        "file.not_open",
        "This child’s file is not open: the referral is not accepted, or contact has ended",
    ))
}
