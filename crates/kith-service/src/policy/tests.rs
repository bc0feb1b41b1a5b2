//! The matrix: every action × every role × allocated or not, and the purpose.

use std::sync::LazyLock;

use kith_domain::access::{Access, Actor, Capacity, Held, Purpose, Role};
use kith_domain::ids::{AccountId, ChildId, SessionId};
use kith_store::{FileScope, ReferralScope, SessionScope};
use uuid::Uuid;

use super::{Policies, Resource};

const ME: AccountId = AccountId(Uuid::from_u128(1));
const OTHER: AccountId = AccountId(Uuid::from_u128(2));
const TODAY: i64 = 20_781;
static POLICIES: LazyLock<Policies> =
    LazyLock::new(|| Policies::load().unwrap_or_else(|_| panic!("the policies are valid")));

/// Action, kind of resource, purpose it is done for, and who may when it is allocated to them:
/// `w` social worker, `c` coordinator, `s` supervisor, `m` manager, `d` data protection, `a` auditor, `x` administrator.
const MATRIX: &[(&str, char, Purpose, &str)] = &[
    ("referral.create", 'g', Purpose::ServiceDelivery, "w"),
    ("search", 'g', Purpose::ServiceDelivery, "wcm"),
    ("clocks.read", 'g', Purpose::ServiceDelivery, "wcm"),
    ("diary.read", 'g', Purpose::ServiceDelivery, "csm"),
    ("referrals.read", 'g', Purpose::ServiceDelivery, "cm"),
    ("files.allocate", 'g', Purpose::ServiceDelivery, "cm"),
    ("approvals.read", 'g', Purpose::Assessment, "cm"),
    ("reviews.read", 'g', Purpose::ServiceDelivery, "m"),
    ("accounts.manage", 'g', Purpose::Administration, "x"),
    ("accounts.agree", 'g', Purpose::Administration, "mdx"),
    ("venues.manage", 'g', Purpose::Administration, "x"),
    ("venues.read", 'g', Purpose::Administration, "x"),
    ("venues.read", 'g', Purpose::ServiceDelivery, "cm"),
    ("ledger.read", 'g', Purpose::Accountability, "da"),
    ("register.read", 'g', Purpose::Accountability, "dxam"),
    ("register.edit", 'g', Purpose::Accountability, "d"),
    ("register.decide", 'g', Purpose::Accountability, "m"),
    ("request.create", 'g', Purpose::Accountability, "wcsmdax"),
    ("request.read", 'g', Purpose::Accountability, "d"),
    ("request.change", 'g', Purpose::Accountability, "d"),
    ("request.search", 'g', Purpose::Rights, "d"),
    ("pack.keep", 'g', Purpose::Rights, "d"),
    ("breach.create", 'g', Purpose::Accountability, "wcsmdax"),
    ("breach.read", 'g', Purpose::Accountability, "d"),
    ("breach.change", 'g', Purpose::Accountability, "d"),
    ("retention.read", 'g', Purpose::Accountability, "dm"),
    ("holds.keep", 'g', Purpose::Accountability, "dm"),
    ("holds.search", 'g', Purpose::Rights, "d"),
    ("destruction.propose", 'g', Purpose::Accountability, "d"),
    ("destruction.approve", 'g', Purpose::Accountability, "dm"),
    ("sharing.read", 'g', Purpose::Accountability, "dm"),
    ("sharing.keep", 'g', Purpose::Accountability, "d"),
    ("research.read", 'g', Purpose::ServicePlanning, "dm"),
    ("research.ask", 'g', Purpose::ServicePlanning, "dm"),
    ("research.decide", 'g', Purpose::ServicePlanning, "dm"),
    ("disclosure.make", 'f', Purpose::ServiceDelivery, "wcm"),
    ("disclosure.make", 'f', Purpose::Assessment, "wcm"),
    ("disclosure.make", 'f', Purpose::OfficialReporting, "wcm"),
    ("demand.decide", 'f', Purpose::OfficialReporting, "m"),
    ("referral.read", 'r', Purpose::ServiceDelivery, "wcm"),
    ("referral.edit", 'r', Purpose::ServiceDelivery, "w"),
    ("referral.verify", 'r', Purpose::ServiceDelivery, "c"),
    ("referral.decide", 'r', Purpose::ServiceDelivery, "c"),
    ("referral.override", 'r', Purpose::ServiceDelivery, "m"),
    ("file.read", 'f', Purpose::ServiceDelivery, "wcm"),
    ("file.read", 'f', Purpose::Assessment, "wcm"),
    ("file.read", 'f', Purpose::OfficialReporting, "wcm"),
    ("file.change", 'f', Purpose::ServiceDelivery, "wcm"),
    ("file.restrict", 'f', Purpose::ServiceDelivery, "m"),
    ("file.allocate", 'f', Purpose::ServiceDelivery, "cm"),
    ("risk.write", 'f', Purpose::Assessment, "cm"),
    ("risk.approve", 'f', Purpose::Assessment, "cm"),
    ("plan.write", 'f', Purpose::ServiceDelivery, "cm"),
    ("session.book", 'f', Purpose::ServiceDelivery, "cm"),
    ("report.read", 'f', Purpose::OfficialReporting, "wcm"),
    ("report.write", 'f', Purpose::OfficialReporting, "cm"),
    ("session.read", 's', Purpose::ServiceDelivery, "wcsm"),
    ("session.stand_in", 's', Purpose::ServiceDelivery, "cm"),
    ("session.change", 's', Purpose::ServiceDelivery, "cm"),
    ("session.run", 's', Purpose::ServiceDelivery, "s"),
    ("record.write", 's', Purpose::ServiceDelivery, "s"),
    ("record.read", 's', Purpose::ServiceDelivery, "wcsm"),
    ("record.read", 's', Purpose::OfficialReporting, "wcsm"),
    ("record.review", 's', Purpose::ServiceDelivery, "m"),
    ("record.release", 's', Purpose::ServiceDelivery, "m"),
    ("concern.read", 's', Purpose::ServiceDelivery, "wsm"),
];

/// What is allocated to me when somebody is the social worker.
fn held_by(worker: AccountId) -> Held {
    if worker == ME { Held::default().with(Capacity::SocialWorker) } else { Held::default() }
}

fn letter(role: Role) -> char {
    match role {
        Role::SocialWorker => 'w',
        Role::Coordinator => 'c',
        Role::Supervisor => 's',
        Role::Manager => 'm',
        Role::DataProtection => 'd',
        Role::Auditor => 'a',
        Role::Administrator => 'x',
        Role::System => '-',
    }
}

/// Asks for a resource that is allocated to `who`, in an area.
#[expect(clippy::too_many_arguments, reason = "a line of the matrix has as many columns")]
fn permits(
    role: Role,
    purpose: Purpose,
    action: &str,
    kind: char,
    who: AccountId,
    area: &str,
    open: bool,
    signed: bool,
) -> bool {
    let access = Access { actor: Actor::staff(ME, role, "north"), purpose };
    let area = area.to_owned();
    let file =
        FileScope { child: ChildId(Uuid::from_u128(9)), area: area.clone(), social_worker: who, held: held_by(who) };
    let session = SessionScope {
        session: SessionId(Uuid::from_u128(8)),
        files: vec![file.clone()],
        supervisors: vec![who],
        author: who,
        open,
        signed,
        until_day: TODAY,
    };
    let referral = ReferralScope { area, referrer: who, child: file.child, held: vec![held_by(who)], sent: open };
    let resource = match kind {
        'g' => Resource::Service,
        'r' => Resource::Referral(Uuid::from_u128(7), &referral),
        'f' => Resource::File(&file),
        _ => Resource::Session(&session),
    };
    POLICIES.permit(&access, action, &resource, TODAY)
}

#[test]
fn a_referral_that_is_not_sent_is_its_writer_s_alone() {
    // Of a draft `open` stands for not sent, see `permits`.
    for action in ["referral.read", "referral.verify", "referral.decide", "referral.override"] {
        for role in Role::STAFF {
            let may = permits(role, Purpose::ServiceDelivery, action, 'r', ME, "north", false, true);
            assert_eq!(may, action == "referral.read" && role == Role::SocialWorker, "{role:?} {action}");
        }
    }
}

#[test]
fn every_action_by_every_role_allocated_and_not() {
    for (action, kind, purpose, who) in MATRIX {
        for role in Role::STAFF {
            let expected = who.contains(letter(role));
            assert_eq!(
                permits(role, *purpose, action, *kind, ME, "north", true, true),
                expected,
                "{role:?} {action} {purpose:?}, allocated"
            );
            if *kind != 'g' {
                assert!(
                    !permits(role, *purpose, action, *kind, OTHER, "south", true, true),
                    "{role:?} {action}, not allocated"
                );
            }
        }
    }
}

#[test]
fn what_is_held_is_collected_by_the_officer_for_rights_alone_from_whichever_area() {
    // Handbook section 15: "everything about the person in every file".
    for role in Role::STAFF {
        for purpose in Purpose::ALL {
            // UK GDPR Art 34: who is told of a breach is known by the one who tells.
            for action in ["pack.collect", "rights.act", "breach.file"] {
                let may = permits(role, purpose, action, 'f', OTHER, "south", false, true);
                let should = role == Role::DataProtection && purpose == Purpose::Rights;
                assert_eq!(may, should, "{role:?} {purpose:?} {action}");
            }
        }
    }
}

#[test]
fn a_referral_is_found_by_the_officer_for_rights_alone_sent_or_not() {
    // UK GDPR Art 15: what is held is held, accepted or not. Of a draft `open` stands for not sent, see `permits`.
    for role in Role::STAFF {
        for purpose in Purpose::ALL {
            for sent in [false, true] {
                let may = permits(role, purpose, "referral.find", 'r', OTHER, "south", sent, true);
                assert_eq!(may, role == Role::DataProtection && purpose == Purpose::Rights, "{role:?} {purpose:?}");
            }
        }
    }
}

#[test]
fn a_bag_is_fetched_by_the_officer_for_an_archive_alone_from_whichever_area() {
    // Handbook sections 12 and 13: every extract names its purpose, and Kith refuses what the purpose does not cover.
    for role in Role::STAFF {
        for purpose in Purpose::ALL {
            let may = permits(role, purpose, "archive.send", 'f', OTHER, "south", false, true);
            assert_eq!(may, role == Role::DataProtection && purpose == Purpose::Archiving, "{role:?} {purpose:?}");
        }
    }
}

#[test]
fn a_purpose_that_does_not_cover_it_is_refused() {
    // The notice: "only … for the purposes stated when it was collected".
    for (action, kind, _, _) in MATRIX {
        for purpose in Purpose::ALL {
            if MATRIX.iter().any(|(other, _, covered, _)| other == action && *covered == purpose) {
                continue;
            }
            for role in Role::STAFF {
                assert!(
                    !permits(role, purpose, action, *kind, ME, "north", true, true),
                    "{role:?} {action} {purpose:?}"
                );
            }
        }
    }
}

#[test]
fn a_supervisor_s_need_ends_when_the_record_is_accepted() {
    for action in ["session.read", "session.run", "record.read"] {
        assert!(permits(Role::Supervisor, Purpose::ServiceDelivery, action, 's', ME, "north", true, true));
        assert!(
            !permits(Role::Supervisor, Purpose::ServiceDelivery, action, 's', ME, "north", false, true),
            "{action}"
        );
    }
}

#[test]
fn a_supervisor_s_need_of_a_session_without_a_record_ends_with_its_time() {
    let access = Access { actor: Actor::staff(ME, Role::Supervisor, "north"), purpose: Purpose::ServiceDelivery };
    let file = FileScope {
        child: ChildId(Uuid::from_u128(9)),
        area: "north".into(),
        social_worker: OTHER,
        held: Held::default(),
    };
    let session = SessionScope {
        session: SessionId(Uuid::from_u128(8)),
        files: vec![file],
        supervisors: vec![ME],
        author: ME,
        open: true,
        signed: false,
        until_day: TODAY,
    };
    for action in ["session.read", "session.run"] {
        let on = |day| POLICIES.permit(&access, action, &Resource::Session(&session), day);
        assert_eq!((on(TODAY), on(TODAY + 1)), (true, false), "{action}");
    }
}

#[test]
fn who_may_for_one_child_reads_and_who_may_for_every_child_changes() {
    // Brothers in the care of two areas: each area reads the session, neither changes what is also the other's.
    let file = |id, area: &str, worker| FileScope {
        child: ChildId(Uuid::from_u128(id)),
        area: area.into(),
        social_worker: worker,
        held: held_by(worker),
    };
    let session = |files| SessionScope {
        session: SessionId(Uuid::from_u128(8)),
        files,
        supervisors: vec![OTHER],
        author: OTHER,
        open: true,
        signed: true,
        until_day: TODAY,
    };
    let may = |role, action, of: &SessionScope| {
        let access = Access { actor: Actor::staff(ME, role, "north"), purpose: Purpose::ServiceDelivery };
        POLICIES.permit(&access, action, &Resource::Session(of), TODAY)
    };
    let both = session(vec![file(1, "north", ME), file(2, "south", OTHER)]);
    let north = session(vec![file(1, "north", ME), file(2, "north", OTHER)]);
    for role in [Role::Coordinator, Role::Manager] {
        assert!(may(role, "session.read", &both) && may(role, "record.read", &both));
        assert!(!may(role, "session.change", &both), "{role:?}");
        assert!(may(role, "session.change", &north), "{role:?}");
    }
    assert!(may(Role::SocialWorker, "session.read", &both), "the worker of one of them");
}

#[test]
fn a_referral_of_several_children_is_read_by_who_works_with_every_one() {
    // What is said of one child alone is not for the social worker of another.
    let (none, own) = (Held::default(), Held::default().with(Capacity::SocialWorker));
    let may = |role, held: &[Held]| {
        let access = Access { actor: Actor::staff(ME, role, "north"), purpose: Purpose::ServiceDelivery };
        let child = ChildId(Uuid::from_u128(9));
        let of = ReferralScope { area: "north".into(), referrer: OTHER, child, held: held.to_vec(), sent: true };
        POLICIES.permit(&access, "referral.read", &Resource::Referral(Uuid::from_u128(7), &of), TODAY)
    };
    assert!(may(Role::SocialWorker, &[own, none.with(Capacity::Cover)]));
    assert!(!may(Role::SocialWorker, &[own, none]));
    assert!(!may(Role::SocialWorker, &[own, own.with(Capacity::Refused)]));
    assert!(may(Role::Coordinator, &[none, none]));
    assert!(!may(Role::Coordinator, &[none, none.with(Capacity::Refused)]));
}

#[test]
fn an_unsigned_record_is_read_by_its_supervisor_only() {
    for role in [Role::SocialWorker, Role::Coordinator, Role::Manager] {
        assert!(!permits(role, Purpose::ServiceDelivery, "record.read", 's', ME, "north", true, false), "{role:?}");
    }
    assert!(permits(Role::Supervisor, Purpose::ServiceDelivery, "record.read", 's', ME, "north", true, false));
}

#[test]
fn who_covers_reads_as_the_worker_does_and_who_is_refused_sees_nothing() {
    let none = Held::default();
    for role in Role::STAFF {
        for (action, kind, purpose, who) in MATRIX.iter().filter(|(_, kind, ..)| *kind == 'f') {
            let may = |held| {
                let access = Access { actor: Actor::staff(ME, role, "north"), purpose: *purpose };
                let child = ChildId(Uuid::from_u128(9));
                let file = FileScope { child, area: "north".into(), social_worker: OTHER, held };
                POLICIES.permit(&access, action, &Resource::File(&file), TODAY)
            };
            let (worker, team) = (role == Role::SocialWorker, role != Role::SocialWorker);
            let allowed = who.contains(letter(role));
            assert_eq!(may(none.with(Capacity::Cover)), allowed, "{role:?} {action} {kind}, cover");
            assert_eq!(may(none), allowed && team, "{role:?} {action}, not allocated or ended");
            let refused = none.with(Capacity::SocialWorker).with(Capacity::Refused);
            assert!(!may(refused) && (!worker || !may(none)), "{role:?} {action}, refused");
        }
    }
}

#[test]
fn the_program_itself_passes_no_door_of_a_person() {
    let access = Access { actor: Actor::system(), purpose: Purpose::ServiceDelivery };
    assert!(!POLICIES.permit(&access, "diary.read", &Resource::Service, TODAY));
}
