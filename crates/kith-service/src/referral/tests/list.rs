//! Lists of referrals: every state is found, what narrows them, and whose they are.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::catalogue::Topic;
use kith_domain::form::Fields;
use kith_domain::ids::{PersonId, ReferralId};
use kith_domain::listed::{CallBy, DueBy, ReferralList, SortedBy, Standing};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::{Ending, Section};
use kith_domain::verification::{CallFacts, Item, Outcome};
use uuid::Uuid;

use super::{begun, born};
use crate::referral::Referrals;
use crate::testing::{Colleague, TestService};

fn ids(found: &Referrals) -> Vec<ReferralId> {
    found.paged.rows.iter().map(|row| row.view.referral.id).collect()
}

fn count(found: &Referrals, standing: Standing) -> usize {
    found.counts.iter().find(|(of, _)| *of == standing).map_or(0, |(_, count)| *count)
}

async fn sent(test: &TestService, worker: &Colleague) -> ReferralId {
    test.sent_referral(worker, [(); 3].map(|()| PersonId(Uuid::now_v7()))).await.expect("sent")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_referral_that_was_sent_is_found_in_its_state() {
    // What was asked for: "accepted, returned and declined referrals leave the coordinator's lists". Wanted: "every state reachable".
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let coordinator = test.colleague(Role::Coordinator, "north", "co").await.expect("a colleague");
    let south = test.colleague(Role::Coordinator, "south", "so").await.expect("a colleague");
    let (writes, desk) =
        (test.desk(&worker, Purpose::ServiceDelivery), test.desk(&coordinator, Purpose::ServiceDelivery));
    let why = || Ending { reason: "Not ours".to_owned(), looked_after: Some(true) };
    let draft = begun(&test, &worker, Section::Child, &born()).await;
    let (returned, declined, withdrawn) =
        (sent(&test, &worker).await, sent(&test, &worker).await, sent(&test, &worker).await);
    let (waits, accepted) = (sent(&test, &worker).await, sent(&test, &worker).await);
    desk.return_referral(returned, &why()).await.expect("returned");
    desk.decline_referral(declined, &why()).await.expect("declined");
    writes.withdraw_referral(withdrawn, &why()).await.expect("withdrawn");
    writes.withdraw_referral(draft, &why()).await.expect("never sent, and withdrawn");
    test.verify(&coordinator, accepted).await.expect("verified");
    desk.accept_referral(accepted).await.expect("accepted");

    for (standing, id) in [
        (Standing::Returned, returned),
        (Standing::Declined, declined),
        (Standing::Withdrawn, withdrawn),
        (Standing::Accepted, accepted),
        (Standing::Submitted, waits),
    ] {
        let list = ReferralList { standing: Some(standing), ..ReferralList::default() };
        let found = desk.referrals_of_area(list, 1).await.expect("listed");
        assert_eq!((ids(&found), count(&found, standing)), (vec![id], 1), "{standing:?}");
        for row in found.paged.rows {
            desk.referral(row.view.referral.id).await.expect("what is listed may be read");
        }
        let elsewhere = test.desk(&south, Purpose::ServiceDelivery).referrals_of_area(list, 1).await.expect("listed");
        assert_eq!((elsewhere.paged.total, count(&elsewhere, Standing::All)), (0, 0), "another area");
    }
    let found = desk.referrals_of_area(ReferralList::default(), 1).await.expect("listed");
    assert_eq!((ids(&found), count(&found, Standing::All)), (vec![waits], 5), "what was never sent is its writer's");
    let mine = writes.my_referrals(ReferralList::default(), 1).await.expect("listed");
    assert_eq!((mine.paged.total, ids(&mine)[0]), (6, accepted), "the newest first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_narrowed_by_whose_call_it_is_and_when_it_is_due() {
    // Handbook section 4: verified within 1 working day. 24 November 2026 is a Tuesday.
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let [one, two] = [
        test.colleague(Role::Coordinator, "north", "co1").await,
        test.colleague(Role::Coordinator, "north", "co2").await,
    ]
    .map(|colleague| colleague.expect("a colleague"));
    let at = |day, hour: i64| test.clock.move_to(calendar::instant_ms(date(2026, 11, day), hour * 60));
    let late = sent(&test, &worker).await;
    at(25, 10);
    let today = sent(&test, &worker).await;
    at(26, 9);
    let tomorrow = sent(&test, &worker).await;
    let desk = test.desk(&one, Purpose::ServiceDelivery);
    let due = async |due| {
        let list = ReferralList { due: Some(due), ..ReferralList::default() };
        ids(&desk.referrals_of_area(list, 1).await.expect("listed"))
    };
    assert_eq!((due(DueBy::Overdue).await, due(DueBy::Today).await), (vec![late], vec![today]));
    assert_eq!(due(DueBy::Later).await, [tomorrow]);
    let why = Ending { reason: "Not ours".to_owned(), looked_after: Some(true) };
    desk.decline_referral(today, &why).await.expect("declined");
    let list = ReferralList { standing: Some(Standing::All), due: Some(DueBy::Today), ..ReferralList::default() };
    let found = desk.referrals_of_area(list, 1).await.expect("listed");
    assert_eq!((found.paged.total, count(&found, Standing::Declined)), (0, 0), "what is decided is not due any more");

    desk.begin_verification(late).await.expect("taken up");
    let back = calendar::instant_ms(date(2026, 11, 26), 14 * 60);
    let missed = CallFacts { call_back_ms: Some(back), ..CallFacts::default() };
    desk.record_call(late, &missed).await.expect("kept");
    assert!(due(DueBy::CallBack).await.is_empty(), "not yet");
    at(26, 15);
    assert_eq!(due(DueBy::CallBack).await, [late]);
    let told = async |desk: &crate::Desk| {
        test.service.do_waiting_work().await.expect("done");
        let notices = desk.notices().await.expect("read");
        notices.iter().filter(|notice| notice.kind == NoticeKind::VerificationCallBack).count()
    };
    assert_eq!(told(&desk).await, 1, "it is time");
    let call = async |desk: &crate::Desk, call| {
        let list = ReferralList { call: Some(call), ..ReferralList::default() };
        ids(&desk.referrals_of_area(list, 1).await.expect("listed"))
    };
    assert_eq!((call(&desk, CallBy::Me).await, call(&desk, CallBy::Nobody).await), (vec![late], vec![tomorrow]));
    // Taken up by a colleague: what was answered stays, by whom it was.
    desk.answer_item(late, Item::of_all(Topic::Legal), Outcome::Confirmed, Some(0)).await.expect("answered");
    let other = test.desk(&two, Purpose::ServiceDelivery);
    other.take_call(late).await.expect("taken");
    assert_eq!((call(&desk, CallBy::Others).await, call(&other, CallBy::Me).await), (vec![late], vec![late]));
    let view = other.verification(late).await.expect("read");
    assert_eq!((view.verifier, view.verification.answers[0].by), (Some(two.id), one.id));
    assert_eq!((view.verification.taken[0].from, view.verification.taken[0].by), (one.id, two.id));
    let back = calendar::instant_ms(date(2026, 11, 26), 16 * 60);
    other.record_call(late, &CallFacts { call_back_ms: Some(back), ..CallFacts::default() }).await.expect("kept");
    let sorted = ReferralList { sort: Some(SortedBy::CallBack), ..ReferralList::default() };
    assert_eq!(ids(&desk.referrals_of_area(sorted, 1).await.expect("listed"))[0], late);
    let turned = ReferralList { sort: Some(SortedBy::Sent), backwards: true, ..ReferralList::default() };
    assert_eq!(ids(&desk.referrals_of_area(turned, 1).await.expect("listed")), [tomorrow, late]);
    assert_eq!(ids(&desk.referrals_of_area(turned, 2).await.expect("listed")), [], "the page after");
    let reached = CallFacts { minutes: 5, reached: true, ..CallFacts::default() };
    other.record_call(late, &reached).await.expect("kept");
    at(26, 17);
    assert_eq!((told(&other).await, told(&desk).await), (0, 1), "called again meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_found_by_its_writer_alone() {
    // A draft is its writer's alone, also in a search.
    let dir = tempfile::tempdir().expect("a directory");
    let test = TestService::open(dir.path()).await.expect("a service");
    let worker = test.colleague(Role::SocialWorker, "north", "sw").await.expect("a colleague");
    let other = test.colleague(Role::SocialWorker, "north", "sw2").await.expect("a colleague");
    let named: Fields = [("given_name", "Siân"), ("family_name", "Llŷr")].into_iter().collect();
    let id = begun(&test, &worker, Section::Child, &named).await;
    begun(&test, &worker, Section::Child, &born()).await;
    for (text, found) in [("sian", 1), ("SIÂN  llyr", 1), ("yr", 1), ("Sinead", 0), ("", 2)] {
        let of = test.desk(&worker, Purpose::ServiceDelivery).find_drafts(text).await.expect("searched");
        assert_eq!(of.len(), found, "{text}");
        assert!(found != 1 || of[0].referral.id == id);
    }
    assert!(test.desk(&other, Purpose::ServiceDelivery).find_drafts("sian").await.expect("searched").is_empty());
}
