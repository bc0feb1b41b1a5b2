//! The home page of each role, and the demo's clock.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query};
use jiff::ToSpan;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::{self, ServiceCalendar};
use kith_domain::ids::NoticeId;
use kith_domain::notice::NoticeKind;
use kith_service::Clock;
use kith_service::ServiceError;
use kith_store::Notice;

use crate::clocks::{self, ClockRow};
use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::rights;
use crate::ui::{Page, render, see_other};

#[derive(Template)]
#[template(path = "home/home.html")]
struct HomePage {
    page: Page,
    today: String,
    greeting: String,
    notices: Vec<Told>,
    older: Vec<Told>,
    doors: Vec<Door>,
    /// What runs out first; `None` for who works with no files.
    clocks: Option<Vec<ClockRow>>,
    /// How many more there are.
    more_clocks: usize,
    /// Where all of them are.
    clocks_at: &'static str,
    /// Colleagues to whom a message could not be sent, for the administrator.
    mail_not_sent: Vec<String>,
}

/// Something the person should know.
struct Told {
    id: NoticeId,
    words: String,
    to: String,
    when: String,
}

/// A part of the service, with how much waits there.
struct Door {
    to: &'static str,
    name: &'static str,
    text: &'static str,
    count: Option<usize>,
    attention: bool,
}

/// Notices in sight; the others are a click away.
const SHOWN: usize = 6;

/// Notices, the newest first, in the order in which they are shown: what cannot wait; then the newest of each kind, the second of each, and so
/// on, so that many of one kind push nothing else out of sight.
fn in_sight_first(notices: Vec<Notice>) -> Vec<Notice> {
    let mut of_kind: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ranked: Vec<((bool, usize), Notice)> = Vec::with_capacity(notices.len());
    for notice in notices {
        let number = of_kind.entry(notice.kind.code()).or_default();
        *number += 1;
        ranked.push(((!notice.kind.is_urgent(), *number), notice));
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, notice)| notice).collect()
}

/// Where a notice leads: the page of what it is about.
fn leads_to(notice: &Notice) -> String {
    use NoticeKind as K;
    let pages = match notice.kind {
        K::ReferralSubmitted
        | K::ReferralVerifyBy
        | K::ReferralReturned
        | K::ReferralAccepted
        | K::ReferralDeclined
        | K::ReferralChildTakenOff
        | K::MatchElsewhere
        | K::VerificationOverridden => "referrals",
        K::VerificationNotKnown | K::VerificationTaken | K::VerificationCallBack => {
            return format!("/referrals/{}/verification", notice.subject);
        }
        K::AssessmentAwaiting
        | K::AssessmentLeft
        | K::AssessmentTaken
        | K::AssessmentApproved
        | K::AssessmentReturned
        | K::AssessmentVoid
        | K::AssessmentValidUntil
        | K::UnreadAssessment => "assessments",
        K::OrderEnds => "orders",
        K::PlanReviewBy | K::PlanSuspended | K::PlanEnded => "plans",
        K::RefusalBegan | K::RefusalDayFive | K::RefusalDaySeven | K::RefusalRunOut | K::RefusalEnded => "refusals",
        K::RequestCame | K::RequestReady | K::RequestGivenBack | K::RequestDueSoon | K::HandOverLocked => "requests",
        K::BreachSuspected => "breaches",
        K::SessionConfirmed
        | K::SessionCancelled
        | K::SessionCorrected
        | K::SessionStoodIn
        | K::SessionLost
        | K::SessionMoved
        | K::SessionFlagged
        | K::SessionRefused
        | K::SessionEndedEarly
        | K::SessionNotAttended
        | K::SessionUnrecorded
        | K::SessionLeaveGiven
        | K::UnreadSession
        | K::RecordSignBy
        | K::RecordSigned
        | K::RecordAddedTo
        | K::RecordReturned
        | K::RecordReleased
        | K::RecordLeft
        | K::RecordAccepted => "sessions",
        K::DemandAsked | K::DemandDecided => "demands",
        K::DisclosureWrong | K::CollectLocked | K::CollectStopped => "disclosures",
        K::SharingReviewBy => "sharing/agreements",
        K::RegisterProposed | K::RegisterDecided | K::RegisterInForce | K::RegisterStopped => "register/versions",
        K::ResearchAsked | K::ResearchDecided | K::ResearchReady => "research",
        K::HoldReviewBy => "retention/holds",
        K::ArchiveReady => "retention/archive",
        K::DestructionProposed | K::DestructionApproved => "retention/lists",
        K::AccountProposed => "agreements",
        K::AccountAgreed | K::AccountRefused => "admin/accounts",
        K::AccountInvitedAgain
        | K::AccountOpened
        | K::AccountTakenUp
        | K::AccountPassword
        | K::AccountAuthenticator
        | K::AccountRecoveryMade
        | K::AccountRecoveryUsed
        | K::AccountLocked
        | K::AccountCorrected
        | K::AccountMoved
        | K::AccountClosed => {
            let own = notice.subject == notice.account.0;
            return if own { "/me".to_owned() } else { format!("/agreements/{}", notice.subject) };
        }
        K::ConcernRaised | K::ConcernDanger | K::UnreadConcern => {
            return format!("/sessions/{}/concerns", notice.subject);
        }
        // Nothing to be opened: what there is to know stands in it.
        K::ReportSigned | K::ReportLeft | K::ReportTaken => "reports",
        K::FileCovered => return "/children".to_owned(),
        K::FileAllocated
        | K::MatchHere
        | K::MemberElsewhere
        | K::FileRefused
        | K::FileRestricted
        | K::FileWithoutWorker
        | K::FirstSessionBy
        | K::HearingSoon
        | K::UnreadFile => "children",
    };
    format!("/{pages}/{}", notice.subject)
}

/// GET /
pub(crate) async fn home(signed: Signed, Query(done): Query<Done>) -> Answer {
    let desk = signed.delivery();
    let notices = in_sight_first(desk.notices().await?);
    let notices = notices.into_iter().map(|notice| Told {
        id: notice.id,
        words: notice.kind.words(notice.subject == notice.account.0),
        to: leads_to(&notice),
        when: calendar::long_instant(notice.created_ms),
    });
    let mut notices: Vec<Told> = notices.collect();
    let older = notices.split_off(notices.len().min(SHOWN));
    let doors = doors(&signed).await?;
    let (clocks, more_clocks) = if signed.role() == Role::DataProtection {
        let (first, more) = rights::at_hand(&signed).await?;
        (Some(first), more)
    } else if desk.has_clocks() {
        let (first, total) = desk.clocks_at_hand().await?;
        let more = total.saturating_sub(first.len());
        (Some(clocks::rows(first, signed.app.service.today())), more)
    } else {
        (None, 0)
    };
    let mail_not_sent = match signed.role() {
        Role::Administrator => signed.desk(Purpose::Administration).mail_not_sent().await?,
        _ => Vec::new(),
    };
    let now = calendar::in_london(signed.app.service.now_ms());
    let part = match now.hour() {
        0..12 => "Good morning",
        12..18 => "Good afternoon",
        _ => "Good evening",
    };
    let first = signed.person.name.split(' ').next().unwrap_or_default();
    let page = Page::new(&signed, "Home", "/").with_done(done.words());
    render(&HomePage {
        page,
        today: calendar::weekday_date(now.date()),
        greeting: format!("{part}, {first}"),
        notices,
        older,
        doors,
        clocks,
        more_clocks,
        clocks_at: if signed.role() == Role::DataProtection { "/requests" } else { "/clocks" },
        mail_not_sent,
    })
}

async fn doors(signed: &Signed) -> Result<Vec<Door>, ServiceError> {
    let work = signed.delivery().work_waiting().await?;
    let waiting = work.waiting;
    let door = |to, name, text| Door { to, name, text, count: None, attention: false };
    let counted = |to, name, text, count, attention| Door { to, name, text, count: Some(count), attention };
    let diary = door("/diary", "Diary", "The week in rooms and people.");
    let register = door("/register", "Register", "Purposes, retention and recipients in force.");
    let retention = door("/retention", "Retention", "Legal holds, and files whose time is over.");
    let sharing = door("/sharing", "Sharing", "Agreements, and what went to whom.");
    let research = door("/research", "Planning and research", "Figures that were asked for, and asking for some.");
    let agreements = door("/agreements", "Accounts to agree to", "What a colleague asked for an account.");
    Ok(match signed.role() {
        Role::SocialWorker => vec![
            door("/referrals/new", "Refer a child", "About ten minutes. It is saved as you go."),
            counted(
                "/referrals?state=returned",
                "Returned to you",
                "Referrals that need something from you.",
                waiting.returned,
                true,
            ),
            door("/referrals", "Your referrals", "Drafts, and where each one stands."),
            door("/children", "Your children", "Their plans, sessions and signed records."),
        ],
        Role::Coordinator => vec![
            counted(
                "/referrals",
                "Referrals to verify",
                "Waiting for the phone call.",
                waiting.referrals,
                work.overdue,
            ),
            counted(
                "/approvals",
                "Risk assessments",
                "Colleagues’ assessments that wait for approval.",
                waiting.assessments,
                false,
            ),
            diary,
            door("/children", "Children", "Files, plans and records of your area."),
            door("/workers", "Social workers", "Who has which files, and who covers."),
        ],
        Role::Manager => vec![
            counted("/approvals", "Approvals", "Risk assessments that wait for you.", waiting.assessments, false),
            counted(
                "/reviews",
                "Records to review",
                "Signed, and not yet read by anybody else.",
                waiting.reviews,
                false,
            ),
            diary,
            door("/children", "Children", "Files of your area."),
            door("/workers", "Social workers", "Who has which files, and who covers."),
            agreements,
            retention,
            sharing,
            research,
            register,
        ],
        Role::Supervisor => vec![
            counted("/my-day", "Sessions today", "What to know before walking in.", waiting.sessions, false),
            counted("/my-day", "Records to sign", "While you remember it best.", waiting.to_sign, false),
            door("/diary", "My week", "Your sessions in the diary."),
        ],
        Role::DataProtection => {
            let accountable = signed.desk(Purpose::Accountability);
            let ((requests, due), (breaches, hours)) =
                (accountable.requests_open().await?, accountable.breaches_open().await?);
            let count = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
            let soon = signed.app.service.today().saturating_add(jiff::Span::new().days(7));
            vec![
                counted(
                    "/breaches",
                    "Breaches",
                    "What may have happened to personal data.",
                    count(breaches),
                    hours.is_some(),
                ),
                counted(
                    "/requests",
                    "Requests",
                    "People who ask for their rights.",
                    count(requests),
                    due.is_some_and(|due| due <= soon),
                ),
                retention,
                sharing,
                research,
                register,
                door("/audit", "Access log", "Who saw what, and for which purpose."),
                agreements,
            ]
        }
        Role::Auditor => vec![register, door("/audit", "Access log", "Who saw what, and for which purpose.")],
        Role::Administrator => vec![
            door("/admin/accounts", "Accounts", "Who can sign in, and as what."),
            door("/admin/venues", "Venues and rooms", "Where sessions take place, and when."),
            door("/admin/hours", "Working hours", "When supervisors can be booked."),
            agreements,
            register,
        ],
        Role::System => Vec::new(),
    }
    .into_iter()
    .map(|door| Door { attention: door.attention && door.count != Some(0), ..door })
    .collect())
}

/// POST /notices/read
pub(crate) async fn read_notices(posted: Posted) -> Answer {
    posted.signed.delivery().put_notices_away().await?;
    see_other("/")
}

/// POST /notices/{id}/read
pub(crate) async fn read_notice(Path(id): Path<NoticeId>, posted: Posted) -> Answer {
    posted.signed.delivery().put_notice_away(id).await?;
    see_other("/")
}

#[derive(Template)]
#[template(path = "home/demo.html")]
struct DemoPage {
    page: Page,
    steps: Vec<(i64, String, String)>,
}

/// Steps by which a stranger can put the demo's clock forward: code, words and the time it would be.
fn steps(now_ms: i64, calendar_of_service: &ServiceCalendar) -> Vec<(i64, String, String)> {
    let now = calendar::in_london(now_ms);
    let words = |at_ms: i64| calendar::in_london(at_ms).strftime("%A %-d %B, %H:%M").to_string();
    let mut steps = Vec::new();
    for (minutes, name) in [(15_i64, "15 minutes"), (60, "1 hour"), (180, "3 hours")] {
        let at_ms = now_ms + minutes * 60_000;
        steps.push((at_ms, name.to_owned(), words(at_ms)));
    }
    let mut day = now.date();
    for name in ["The next working day at 09:30", "The working day after, at 09:30"] {
        day = calendar_of_service.working_days_after(day.checked_add(1.day()).unwrap_or(day), 0);
        let at_ms = calendar::instant_ms(day, 9 * 60 + 30);
        steps.push((at_ms, name.to_owned(), words(at_ms)));
    }
    steps
}

/// GET /demo
pub(crate) async fn demo(signed: Signed) -> Answer {
    if signed.app.demo.is_none() {
        return Err(ServiceError::NotFound.into());
    }
    let service = &signed.app.service;
    let steps = steps(service.now_ms(), service.register().calendar());
    render(&DemoPage { page: Page::new(&signed, "Put the demo’s clock forward", "").back("/"), steps })
}

/// POST /demo/clock
pub(crate) async fn move_clock(posted: Posted) -> Answer {
    let Some(demo) = &posted.signed.app.demo else { return Err(ServiceError::NotFound.into()) };
    if let Ok(at_ms) = posted.fields.get("at").parse::<i64>() {
        // Ninety days at most at once: a mistyped instant would put the demo beyond everything in it.
        demo.clock.move_to(at_ms.min(demo.clock.now_ms().saturating_add(90 * 86_400_000)));
        (demo.moved)();
    }
    see_other("/")
}

#[cfg(test)]
mod tests {
    use kith_domain::ids::AccountId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn many_of_one_kind_push_neither_what_cannot_wait_nor_another_kind_out_of_sight() {
        use NoticeKind as K;
        let kinds =
            [K::SessionUnrecorded; 12].into_iter().chain([K::ReferralVerifyBy, K::ConcernDanger, K::RecordSigned]);
        let notices = kinds.zip((0..15).rev()).map(|(kind, created_ms)| Notice {
            id: NoticeId(Uuid::now_v7()),
            account: AccountId(Uuid::nil()),
            kind,
            subject: Uuid::nil(),
            created_ms,
        });
        let shown: Vec<K> = in_sight_first(notices.collect()).into_iter().map(|notice| notice.kind).take(5).collect();
        let first =
            [K::ConcernDanger, K::SessionUnrecorded, K::ReferralVerifyBy, K::RecordSigned, K::SessionUnrecorded];
        assert_eq!(shown, first);
    }
}
