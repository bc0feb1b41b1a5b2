//! Work that waits: reminders, written to the outbox with the change that caused them, safe to run twice.

use std::collections::BTreeSet;

use kith_domain::access::{Purpose, Role};
use kith_domain::contact_refusal::RefusalState;
use kith_domain::ids::{
    AccountId, AssessmentId, ChildId, ContactRefusalId, HoldId, NoticeId, PersonId, PlanId, ReferralId, RequestId,
    SessionId, SharingAgreementId,
};
use kith_domain::notice::NoticeKind;
use kith_domain::plan::PlanState;
use kith_domain::record::RecordState;
use kith_domain::risk::AssessmentState;
use kith_domain::session::{Flag, SessionState, Slot};
use kith_store::{ATTEMPTS_MAX, Job, Notice, PACK_END, REQUEST_END, Work};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::pack::{COLLECT, SET};
use crate::register::IN_FORCE;
use crate::research::{END, MAKE};
use crate::retention::{DESTROY, ENDED, MAKE_BAG};
use crate::unread::UNREAD;
use crate::{Desk, Service, ServiceError};

const UNKNOWN: ServiceError = ServiceError::Broken("a job of an unknown kind waits in the outbox");
/// When in the morning a clock that has a day is looked at, minutes from midnight: before the service opens.
pub(crate) const MORNING: i64 = 7 * 60;
/// For how long one server holds a job.
const LEASE_MS: i64 = 60_000;
/// Until a failed job is tried again the first time; each further time twice as long. What was only busy is done soon.
const BACKOFF_MS: i64 = 2_000;
/// Most jobs taken at once.
const TAKE: u32 = 20;

/// What a reminder is about: ids only, and the day until which a clock ran that has a row.
#[derive(Serialize, Deserialize)]
struct About {
    subject: Uuid,
    child: ChildId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<i64>,
}

impl Desk {
    /// Reminds of a subject when its clock, `kind`, runs out at `due_ms`; whom, and whether it still waits, is decided then.
    pub(crate) async fn remind(
        &self,
        work: &Work,
        kind: NoticeKind,
        subject: Uuid,
        child: ChildId,
        due_ms: i64,
    ) -> Result<(), ServiceError> {
        work.enqueue(kind.code(), &About { subject, child, day: None }, due_ms).await?;
        Ok(())
    }

    /// When the record of a session is due, UTC milliseconds.
    pub(crate) fn sign_by(&self, slot: Slot) -> i64 {
        slot.ends_ms() + self.service.register().sign_within_hours() * 3_600_000
    }
}

impl Service {
    /// Does the work that is due, all of it; called about once a second while serving. Returns how many jobs were done.
    pub async fn do_waiting_work(&self) -> Result<usize, ServiceError> {
        // It waits until there is room on the disk again.
        if self.only_reads().is_some() {
            return Ok(0);
        }
        self.follow_register().await?;
        self.propose_on_the_first().await?;
        let mut done = 0;
        loop {
            let now_ms = self.now_ms();
            let jobs = self.store().lease(now_ms, LEASE_MS, TAKE).await?;
            let last = jobs.is_empty();
            for job in jobs {
                match self.run(&job).await {
                    Ok(()) => {
                        done += 1;
                    }
                    Err(error) => {
                        tracing::warn!(job = %job.id, kind = %job.kind, %error, "work that waits failed; it will be tried again");
                        let doubled = job.attempt.clamp(1, ATTEMPTS_MAX) - 1;
                        self.store().fail(&job, now_ms, BACKOFF_MS << doubled).await?;
                    }
                }
            }
            if last {
                return Ok(done);
            }
        }
    }

    /// Does one job and marks it done in the same transaction.
    async fn run(&self, job: &Job) -> Result<(), ServiceError> {
        match job.kind.as_str() {
            UNREAD => return self.own_desk(Purpose::ServiceDelivery).tell_others(job).await,
            COLLECT => return self.own_desk(Purpose::Rights).collect_pack(job).await,
            SET => return self.own_desk(Purpose::Rights).set_pack(job).await,
            PACK_END => return self.own_desk(Purpose::Rights).end_pack(job).await,
            REQUEST_END => return self.own_desk(Purpose::Rights).end_request(job).await,
            DESTROY => return self.own_desk(Purpose::Accountability).destroy_listed(job).await,
            MAKE_BAG => return self.own_desk(Purpose::Archiving).make_bag(job).await,
            ENDED => return self.own_desk(Purpose::Archiving).take_bag_away(job).await,
            MAKE => return self.own_desk(Purpose::ServicePlanning).make_extract(job).await,
            END => return self.own_desk(Purpose::ServicePlanning).end_in_time(job).await,
            IN_FORCE => return self.own_desk(Purpose::Accountability).bring_register_in_force(job).await,
            _ => {}
        }
        let about: About = job.payload()?;
        let (desk, about) = (&self.own_desk(Purpose::ServiceDelivery), &about);
        let today = kith_domain::calendar::day_number(self.today());
        desk.change("reminder.sent", |work| async move {
            let area = work.file_scope(about.child).await?.map(|scope| scope.area).unwrap_or_default();
            // Of a session with children of several areas, every one.
            let scope = work.session_scope(SessionId(about.subject)).await?;
            let areas: BTreeSet<String> = scope.into_iter().flat_map(|of| of.files).map(|file| file.area).collect();
            let of_areas = |role| areas.iter().flat_map(move |area| desk.of_area(role, area)).collect::<Vec<_>>();
            let kind = NoticeKind::from_code(&job.kind).ok_or(UNKNOWN)?;
            let whom: Vec<AccountId> = match kind {
                NoticeKind::ReferralVerifyBy => {
                    let referral = work.referral(ReferralId(about.subject)).await?;
                    let waits = referral.state.is_waiting();
                    if waits { desk.who_allocates(&area) } else { Vec::new() }
                }
                NoticeKind::VerificationCallBack => {
                    let waits = work.referral(ReferralId(about.subject)).await?.state.is_waiting();
                    let call = work.verification(ReferralId(about.subject)).await?.filter(|_| waits);
                    // Called again meanwhile: another reminder waits, or none is needed.
                    let due = |at_ms| at_ms <= self.now_ms();
                    let call = call.filter(|of| of.body.call_back_ms().is_some_and(due));
                    call.map(|of| of.verifier).into_iter().collect()
                }
                NoticeKind::MatchElsewhere => {
                    let referral = work.referral(ReferralId(about.subject)).await?;
                    desk.tell_of_matches_elsewhere(&work, &referral).await?;
                    Vec::new()
                }
                NoticeKind::MemberElsewhere => {
                    desk.tell_of_member_elsewhere(&work, about.child, PersonId(about.subject)).await?;
                    Vec::new()
                }
                NoticeKind::RecordSignBy => {
                    let record = work.record(SessionId(about.subject)).await?;
                    let open = record.state == RecordState::Open;
                    if open { [vec![record.author], of_areas(Role::Manager)].concat() } else { Vec::new() }
                }
                NoticeKind::AssessmentValidUntil => {
                    let of = work.assessment(AssessmentId(about.subject)).await?;
                    if of.state == AssessmentState::Approved {
                        let after = of.valid_until.map_or(i64::MAX, |until| until.saturating_add(1));
                        let (child, person) = (of.child, of.person);
                        desk.flag_for_people(&work, child, &[person], after..=i64::MAX, Flag::AssessmentExpired)
                            .await?;
                        [desk.of_area(Role::Coordinator, &area), vec![of.author]].concat()
                    } else {
                        Vec::new()
                    }
                }
                NoticeKind::PlanReviewBy => {
                    let plan = work.plan(PlanId(about.subject)).await?;
                    // Reviewed meanwhile: another reminder waits for the new date.
                    let due = plan.review_due.is_some_and(|due| due <= today);
                    if due && plan.state == PlanState::Active {
                        [desk.of_area(Role::Coordinator, &area), vec![plan.author]].concat()
                    } else {
                        Vec::new()
                    }
                }
                NoticeKind::RefusalDayFive | NoticeKind::RefusalDaySeven | NoticeKind::RefusalRunOut => {
                    let of = work.contact_refusal(ContactRefusalId(about.subject)).await?;
                    let open = of.state == RefusalState::Running;
                    if open { desk.concerned_by_refusal(&work, of.child).await? } else { Vec::new() }
                }
                NoticeKind::FirstSessionBy | NoticeKind::OrderEnds | NoticeKind::HearingSoon => {
                    if desk.still_runs(&work, kind, about.subject, about.child, about.day).await? {
                        let first = kind == NoticeKind::FirstSessionBy;
                        let managers = if first { desk.of_area(Role::Manager, &area) } else { Vec::new() };
                        let worker = desk.worker_of(&work, about.child).await?;
                        [vec![worker], desk.of_area(Role::Coordinator, &area), managers].concat()
                    } else {
                        Vec::new()
                    }
                }
                NoticeKind::SharingReviewBy => {
                    desk.concerned_by_agreement(&work, SharingAgreementId(about.subject)).await?
                }
                NoticeKind::RequestDueSoon => desk.concerned_by_request(&work, RequestId(about.subject)).await?,
                NoticeKind::HoldReviewBy => desk.concerned_by_hold(&work, HoldId(about.subject)).await?,
                NoticeKind::SessionUnrecorded => {
                    let session = work.session(SessionId(about.subject)).await?;
                    // Moved meanwhile: it is asked again after its new time.
                    let waits = matches!(session.state, SessionState::Planned | SessionState::Confirmed);
                    if waits && session.slot.ends_ms() <= self.now_ms() {
                        let staff = crate::session::Booking::of(&session).staff().collect();
                        [staff, of_areas(Role::Coordinator)].concat()
                    } else {
                        Vec::new()
                    }
                }
                _ => return Err(UNKNOWN),
            };
            for account in whom {
                // Made from the job's own id, so that running it again tells nobody twice.
                let id = NoticeId(Uuid::from_u128(job.id.as_u128() ^ account.0.as_u128()));
                let notice = Notice { id, account, kind, subject: about.subject, created_ms: self.now_ms() };
                desk.put_notice(&work, &notice).await?;
            }
            work.changed("outbox", job.id, 1);
            work.complete(job, self.now_ms()).await?;
            Ok(())
        })
        .await
    }
}
