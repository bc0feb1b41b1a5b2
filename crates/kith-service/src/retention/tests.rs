//! From the last day of a file to its certificate: who may, what stops it, what is left.

use jiff::civil::{Date, date};
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::catalogue::Group;
use kith_domain::fact::ChangeFacts;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, DestructionListId, HoldId, PersonId, ReferralId, RequestId, StatementId};
use kith_domain::listed::ReferralList;
use kith_domain::referral::Ending;
use kith_domain::retention::{CertificateState, HoldKind, ItemState, ListState, RecordCategory, SetHold};
use kith_domain::rights::HeldSubject;
use kith_store::{AccountState, ChildState};
use uuid::Uuid;

use super::NewHold;
use crate::fact::Whose;
use crate::testing::{CaseInHand, Colleague, TestService, words};
use crate::{Desk, ServiceError};

/// Robin was born on 3 May 2021: the last day is the 75th anniversary.
const LAST_DAY: Date = date(2096, 5, 3);
pub(crate) const AFTER: Date = date(2096, 5, 4);

pub(crate) struct Opened {
    pub(crate) g: CaseInHand,
    pub(crate) officer: Colleague,
    pub(crate) other: Colleague,
}

pub(crate) async fn opened() -> Opened {
    let g = CaseInHand::open("r", Purpose::ServiceDelivery).await;
    let officer = g.test.colleague(Role::DataProtection, "", "dpo").await.unwrap();
    let other = g.test.colleague(Role::Manager, "south", "other").await.unwrap();
    Opened { g, officer, other }
}

impl Opened {
    pub(crate) fn at(&self, day: Date) {
        self.g.test.clock.move_to(calendar::instant_ms(day, 600));
    }

    pub(crate) fn desk(&self, who: &Colleague) -> Desk {
        self.g.test.desk(who, Purpose::Accountability)
    }

    pub(crate) fn officer(&self) -> Desk {
        self.desk(&self.officer)
    }

    pub(crate) fn manager(&self) -> Desk {
        self.desk(&self.g.case.manager)
    }

    pub(crate) async fn propose(&self) -> Result<DestructionListId, ServiceError> {
        self.officer().propose_destruction(DestructionListId(Uuid::now_v7())).await
    }

    /// Proposed, and approved by both managers.
    pub(crate) async fn approved(&self) -> DestructionListId {
        let list = self.propose().await.unwrap();
        assert_eq!(self.manager().approve_list(list).await.unwrap(), ListState::Proposed);
        assert_eq!(self.desk(&self.other).approve_list(list).await.unwrap(), ListState::Approved);
        list
    }

    pub(crate) async fn stands(&self, list: DestructionListId) -> (ListState, Vec<ItemState>) {
        let view = self.officer().destruction_list(list).await.unwrap();
        let states = view.line.files.iter().map(|(state, _)| *state).collect();
        (view.line.list.state, states)
    }

    pub(crate) async fn hold(&self, who: &Colleague, kind: HoldKind) -> Result<HoldId, ServiceError> {
        let id = HoldId(Uuid::now_v7());
        let child = (kind != HoldKind::Theme).then_some(self.g.case.child);
        let mut typed: Fields =
            [("kind", kind.code()), ("name", "An inquiry"), ("asked_by", "Legal"), ("why", "A claim")]
                .into_iter()
                .collect();
        let review = self.g.test.service.today().checked_add(jiff::Span::new().days(30)).unwrap();
        typed.set_date("review_on", review);
        let set = SetHold::read(&typed, self.g.test.service.today()).ok().unwrap();
        self.desk(who).set_hold(&NewHold { id, child, subject: None, set }).await.map(|()| id)
    }
}

/// Does what waits, until nothing does.
pub(crate) async fn work(test: &TestService) {
    for _ in 0..20 {
        if test.service.do_waiting_work().await.unwrap() == 0 {
            return;
        }
    }
}

pub(crate) fn rule<T>(done: Result<T, ServiceError>) -> String {
    match done {
        Err(ServiceError::Refused(refusal)) => refusal.code.to_owned(),
        Err(ServiceError::Invalid(problems)) => problems.into_iter().map(|of| of.field).collect::<Vec<_>>().join(" "),
        Err(ServiceError::Forbidden) => "forbidden".to_owned(),
        Err(ServiceError::NotFound) => "not found".to_owned(),
        Err(error) => format!("{error:?}"),
        Ok(_) => "done".to_owned(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_proposed_by_one_approved_by_two_others_and_destroyed() {
    // Handbook section 11: "a list is proposed, two people approve (neither may be the one who proposed), the keys are destroyed, a
    // certificate names what, why, under which rule, and from which date it is also gone from backups".
    let o = opened().await;
    let child = o.g.case.child;
    o.at(LAST_DAY);
    assert_eq!(rule(o.propose().await), "destruction.none", "its last day is kept whole");
    o.at(AFTER);
    for (who, says) in [(&o.g.case.manager, "forbidden"), (&o.g.case.coordinator, "forbidden")] {
        let id = DestructionListId(Uuid::now_v7());
        assert_eq!(rule(o.desk(who).propose_destruction(id).await), says);
    }
    let list = o.propose().await.unwrap();
    assert_eq!(o.officer().propose_destruction(list).await.unwrap(), list, "sent twice it is one");
    assert_eq!(rule(o.propose().await), "destruction.none", "it is on a list already");
    let view = o.officer().destruction_list(list).await.unwrap();
    let item = &view.items[0].item;
    assert_eq!(
        (item.child, item.body.kept.category, item.body.kept.until),
        (child, RecordCategory::CaseFile, LAST_DAY)
    );
    assert!(!view.may_approve && view.may_change);
    assert_eq!(rule(o.officer().approve_list(list).await), "destruction.own");
    assert_eq!(rule(o.desk(&o.g.case.coordinator).approve_list(list).await), "forbidden");
    for _ in 0..2 {
        assert_eq!(o.manager().approve_list(list).await.unwrap(), ListState::Proposed, "one person counts once");
    }
    work(&o.g.test).await;
    assert!(o.g.coordinator().file(child).await.is_ok(), "nothing is destroyed by one approval");
    assert_eq!(o.desk(&o.other).approve_list(list).await.unwrap(), ListState::Approved);
    assert_eq!(rule(o.desk(&o.other).approve_list(list).await), "destruction.decided");
    let files = o.g.kept_files();
    work(&o.g.test).await;

    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
    assert_eq!(rule(o.g.coordinator().file(child).await), "not found");
    assert!(o.g.coordinator().my_files(None, 1).await.unwrap().rows.is_empty());
    assert!(o.g.coordinator().search("Robin Marsh", 1).await.unwrap().rows.is_empty());
    assert!(o.g.coordinator().search(&child.reference(), 1).await.unwrap().rows.is_empty());
    assert!(o.g.kept_files() <= files);
    for who in [&o.g.case.coordinator, &o.g.case.social_worker, &o.g.case.manager] {
        let home = o.g.test.desk(who, Purpose::ServiceDelivery);
        assert!(home.notices().await.unwrap().iter().all(|notice| notice.subject != child.0), "nobody is told of it");
    }
    let view = o.officer().destruction_list(list).await.unwrap();
    assert!(view.items.is_empty(), "its date and rule are read by nobody");
    let certificate = &view.certificates[0];
    assert_eq!((certificate.state, certificate.gone), (CertificateState::Done, date(2096, 8, 2)), "ninety days");
    let said = format!("{:?} {:?} {}", certificate.facts, certificate.words, certificate.json(&o.g.test.service));
    assert!(!said.contains("Robin") && !said.contains("Marsh") && !said.contains("2096-05-03"), "{said}");
    for words in
        [child.reference().as_str(), "MA-R Manager", "OTHER Manager", "DPO Data protection officer", "May 2096"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    let paper = o.officer().certificate_paper(certificate.id).await.unwrap();
    assert!(paper.starts_with(b"%PDF-"));
    assert_eq!(rule(o.desk(&o.g.case.coordinator).certificate(certificate.id).await), "forbidden");
    // A hold that comes now is told so.
    assert_eq!(rule(o.hold(&o.officer, HoldKind::File).await), "hold.too_late");
    o.g.test.service.sequence().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_set_meanwhile_stops_its_part_and_its_lifting_destroys_nothing() {
    // Handbook section 11: "a legal hold stops destruction, and its lifting never destroys by itself".
    let o = opened().await;
    let child = o.g.case.child;
    o.at(AFTER);
    let list = o.approved().await;
    assert_eq!(rule(o.hold(&o.other, HoldKind::File).await), "not found", "a manager of another area");
    assert_eq!(rule(o.hold(&o.g.case.coordinator, HoldKind::File).await), "not found");
    let hold = o.hold(&o.g.case.manager, HoldKind::Family).await.unwrap();
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Held]));
    assert_eq!(o.g.coordinator().file(child).await.unwrap().holds.len(), 1, "seen on the file");
    assert_eq!(rule(o.propose().await), "destruction.none", "what is held is not proposed");

    let due = date(2096, 6, 3);
    let desk = o.manager();
    let mut again: Fields = [("why", "The claim goes on")].into_iter().collect();
    assert_eq!(rule(desk.review_hold(hold, &again).await), "review_on-day");
    o.at(due);
    work(&o.g.test).await;
    assert!(o.g.kinds(&o.officer).await.contains(&"hold.review_by"), "its day has come");
    again.set_date("review_on", date(2096, 9, 3));
    desk.review_hold(hold, &again).await.unwrap();
    assert!(!o.g.kinds(&o.officer).await.contains(&"hold.review_by"), "put away");
    assert_eq!(rule(o.desk(&o.other).lift_hold(hold, &words("No")).await), "not found");
    desk.lift_hold(hold, &words("The claim was settled")).await.unwrap();
    assert_eq!(rule(desk.lift_hold(hold, &words("Again")).await), "hold.lifted");
    work(&o.g.test).await;
    assert!(o.g.coordinator().file(child).await.unwrap().holds.is_empty());
    let view = o.officer().hold(hold).await.unwrap();
    assert_eq!(view.line.hold.body.reviews.len(), 1, "what was said stays");
    assert_eq!(o.officer().holds(true).await.unwrap().len(), 1);
    // A theme keeps what is added to it.
    let theme = o.hold(&o.officer, HoldKind::Theme).await.unwrap();
    let named = o.officer().file_for_hold(&child.reference()).await.unwrap();
    o.officer().add_to_hold(theme, named).await.unwrap();
    assert_eq!(rule(o.propose().await), "destruction.none");
    o.officer().lift_hold(theme, &words("The inquiry has reported")).await.unwrap();
    let list = o.approved().await;
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_asked_to_see_is_not_destroyed_before_they_have_their_answer() {
    // Handbook section 11: a legal hold is an "open rights request" too; Data Protection Act 2018 s173: destroying what would have been
    // disclosed is an offence. From the moment that it was confirmed who is held, whether or not a pack was begun.
    for packed in [false, true] {
        asked_for(packed).await;
    }
}

async fn asked_for(packed: bool) {
    let o = opened().await;
    o.at(AFTER);
    let list = o.approved().await;
    let (id, officer) = (RequestId(Uuid::now_v7()), o.officer());
    let mut form: Fields = [
        ("right", "access"),
        ("asker", "self"),
        ("channel", "phone"),
        ("name", "Robin Marsh"),
        ("address", "4 Mill Lane"),
        ("what", "Everything"),
    ]
    .into_iter()
    .collect();
    form.set_date("received", AFTER);
    officer.enter_request(id, &form).await.unwrap();
    let step = |kind: &str| [("kind", kind), ("words", "Seen")].into_iter().collect::<Fields>();
    officer.take_request_step(id, &step("identity_settled")).await.unwrap();
    officer.found_for_test(id, vec![HeldSubject { file: o.g.case.child, person: None }]).await.unwrap();
    if packed {
        officer.begin_pack(id).await.unwrap();
    }
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Held]), "packed: {packed}");
    assert_eq!(rule(o.propose().await), "destruction.none", "what is asked for is not proposed");
    officer.take_request_step(id, &step("withdrawn")).await.unwrap();
    let list = o.approved().await;
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
    if packed {
        let parts = officer.pack(id, false, 1).await.unwrap().parts;
        assert!(parts.rows.iter().all(|(_, title)| title.is_empty()), "nor its copies");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_whose_account_was_closed_meanwhile_counts_no_more() {
    let o = opened().await;
    o.at(AFTER);
    let list = o.approved().await;
    let own = o.g.test.service.own_desk(Purpose::Administration);
    own.change("test.closed", |work| {
        let id = o.other.id;
        async move {
            let mut account = work.account(id).await?;
            account.state = AccountState::Closed;
            Ok(work.save_account(&mut account).await?)
        }
    })
    .await
    .unwrap();
    o.g.test.service.read_directory().await.unwrap();
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Proposed, vec![ItemState::Listed]));
    let view = o.officer().destruction_list(list).await.unwrap();
    assert_eq!((view.line.approvals, view.approvals.len()), (1, 2));
    assert!(o.g.coordinator().file(o.g.case.child).await.is_ok());
    let third = o.g.test.colleague(Role::DataProtection, "", "third").await.unwrap();
    assert_eq!(o.desk(&third).approve_list(list).await.unwrap(), ListState::Approved);
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_proposed_takes_a_file_off_or_withdraws_the_list() {
    let o = opened().await;
    o.at(AFTER);
    let list = o.propose().await.unwrap();
    let item = o.officer().destruction_list(list).await.unwrap().items[0].item.id;
    assert_eq!(rule(o.manager().take_off_list(item, &words("No")).await), "forbidden");
    let second = o.g.test.colleague(Role::DataProtection, "", "second").await.unwrap();
    assert_eq!(rule(o.desk(&second).take_off_list(item, &words("No")).await), "destruction.not_yours");
    o.officer().take_off_list(item, &words("A sister has asked for it")).await.unwrap();
    assert_eq!(rule(o.manager().approve_list(list).await), "destruction.empty");
    let off = o.officer().destruction_list(list).await.unwrap().items[0].item.body.off.clone().unwrap();
    assert_eq!((off.by, off.why.as_str()), (Some(o.officer.id), "A sister has asked for it"));
    let again = o.propose().await.unwrap();
    o.officer().withdraw_list(again, &words("In error")).await.unwrap();
    assert_eq!(o.stands(again).await, (ListState::Withdrawn, vec![ItemState::TakenOff]));
    assert_eq!(rule(o.manager().approve_list(again).await), "destruction.empty");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_the_first_of_a_month_kith_proposes_and_destroys_nothing() {
    let o = opened().await;
    o.at(date(2096, 6, 1));
    for _ in 0..2 {
        work(&o.g.test).await;
    }
    let lists = o.officer().retention().await.unwrap().lists;
    assert_eq!(lists.len(), 1, "once in a month");
    assert_eq!((lists[0].list.author, lists[0].list.state), (None, ListState::Proposed));
    assert!(o.g.kinds(&o.officer).await.contains(&"destruction.proposed"));
    assert!(o.g.coordinator().file(o.g.case.child).await.is_ok());
    // Of what Kith proposed the data protection officer is one of the two others.
    let list = lists[0].list.id;
    o.officer().approve_list(list).await.unwrap();
    assert_eq!(o.manager().approve_list(list).await.unwrap(), ListState::Approved);
}

impl Opened {
    async fn says(&self, group: Group, pairs: &[(&str, &str)]) -> Result<(), ServiceError> {
        let whose = Whose { child: self.g.case.child, person: None };
        let desk = self.g.coordinator();
        let view = desk.facts(whose, group).await?;
        let source = [("told_by", "The hospital"), ("told_how", "document"), ("told_since", "2026-11-20")];
        let typed: Fields = pairs.iter().chain(&source).copied().collect();
        let command = ChangeFacts::read(group, &typed, view.born(group), self.g.test.service.today())?;
        desk.change_facts(whose, StatementId(Uuid::now_v7()), view.version, &command).await.map(drop)
    }

    async fn kept(&self, child: ChildId) -> (RecordCategory, Date) {
        let look = self.g.coordinator().look();
        let file = look.child(child).await.unwrap();
        look.done("test.read", 0).await.unwrap();
        let kept = file.kept().unwrap();
        assert_eq!(file.retention_month(), kept.month());
        (kept.category, kept.until)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_is_a_fact_of_the_file_and_moves_its_date_where_a_rule_says_so() {
    // The notice's table: "or 15 years after death if the child dies before age 18", of care orders alone; handbook section 11.
    let o = opened().await;
    let child = o.g.case.child;
    for wrong in ["2021-05-02", "2026-11-25"] {
        assert_eq!(
            rule(o.says(Group::Death, &[("died", wrong)]).await),
            "died-day",
            "before birth, or to come: {wrong}"
        );
    }
    o.says(Group::Death, &[("died", "2026-11-19")]).await.unwrap();
    let whole = (RecordCategory::CaseFile, LAST_DAY);
    assert_eq!(o.kept(child).await, whole, "a case file is kept as long as of anybody");
    let of_child = Whose { child, person: None };
    let view = o.g.coordinator().facts(of_child, Group::Death).await.unwrap();
    assert!(view.history[0].said[0].source.contains("The hospital"), "with its source");
    let born = [("given_name", "Robin"), ("birth_kind", "on"), ("dob", "2026-11-20"), ("sex", "female")];
    let rest = [("care_first", "CF-204417"), ("language", "English"), ("interpreter", "no")];
    let identity: Vec<_> = born.iter().chain(&rest).copied().collect();
    assert_eq!(rule(o.says(Group::Identity, &identity).await), "dob-day", "a birth after the death");

    let assessment = [
        ("legal_status", "L3"),
        ("court", "Family Court at Eddington"),
        ("case_number", "ED26C00417"),
        ("order_date", "2026-11-02"),
    ];
    o.says(Group::Legal, &assessment).await.unwrap();
    assert_eq!(o.kept(child).await, (RecordCategory::CareOrder, date(2041, 11, 19)));
    o.at(date(2041, 11, 20));
    let list = o.approved().await;
    // It was another child: the date moves, and the file is taken off.
    o.says(Group::Death, &[]).await.unwrap();
    assert_eq!(o.kept(child).await, (RecordCategory::CareOrder, LAST_DAY));
    assert_eq!(o.stands(list).await.1, [ItemState::NotDue]);
    work(&o.g.test).await;
    assert!(o.g.coordinator().file(child).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_that_was_declined_ends_three_years_after_the_decision_with_its_own_key() {
    // Handbook section 19, "Retention of what was never accepted".
    let o = opened().await;
    let people = [(); 3].map(|()| PersonId(Uuid::now_v7()));
    let referral = o.g.test.sent_referral(&o.g.case.social_worker, people).await.unwrap();
    let first = o.g.coordinator().referral(referral).await.unwrap().referral.child;
    o.at(date(2029, 11, 25));
    assert_eq!(rule(o.propose().await), "destruction.none", "it was not decided");
    o.g.test.clock.move_to(calendar::instant_ms(date(2029, 11, 25), 660));
    let ending: Fields = [("reason", "The family has moved away"), ("looked_after", "no")].into_iter().collect();
    let ending = Ending::read(&ending, "Why").ok().unwrap();
    o.g.coordinator().decline_referral(referral, &ending).await.unwrap();
    o.at(date(2032, 11, 25));
    assert_eq!(rule(o.propose().await), "destruction.none");
    o.at(date(2032, 11, 26));
    let list = o.approved().await;
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
    assert_eq!(o.officer().destruction_list(list).await.unwrap().certificates[0].child, first);
    assert!(o.g.coordinator().referral(referral).await.is_err(), "nobody reads it");
    assert!(o.g.coordinator().file(o.g.case.child).await.is_ok(), "the other file of the same family is there");
    let look = o.g.coordinator().look();
    assert_eq!(look.child(o.g.case.child).await.unwrap().state, ChildState::Open);
    look.done("test.read", 0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_that_was_never_sent_ends_three_years_after_somebody_last_worked_on_it() {
    // UK GDPR Art 5(1)(e): no longer than is necessary; no statute has a period for it.
    let o = opened().await;
    let worker = o.g.test.desk(&o.g.case.social_worker, Purpose::ServiceDelivery);
    let id = worker.begin_referral(ReferralId(Uuid::now_v7()), None).await.unwrap();
    let view = worker.referral(id).await.unwrap();
    assert_eq!(view.kept.iter().map(|(_, category, _)| *category).collect::<Vec<_>>(), [RecordCategory::Draft]);
    o.at(date(2028, 3, 1));
    let mother = [("given_name", "Ann"), ("family_name", "Marsh"), ("relationship", "mother")].into_iter().collect();
    worker.save_family_member(id, PersonId(Uuid::now_v7()), &mother, view.referral.version).await.unwrap();
    o.at(date(2031, 3, 1));
    assert_eq!(rule(o.propose().await), "destruction.none", "the third year is not over");
    o.at(date(2031, 3, 2));
    let list = o.approved().await;
    work(&o.g.test).await;
    assert_eq!(o.stands(list).await, (ListState::Done, vec![ItemState::Destroyed]));
    assert!(worker.referral(id).await.is_err(), "nobody reads it");
    let drafts = worker.my_referrals(ReferralList::default(), 1).await.expect("the list goes on without it");
    assert!(drafts.paged.rows.iter().all(|of| of.view.referral.id != id));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forecast_counts_files_by_year_with_holds_beside() {
    let o = opened().await;
    let count = async || {
        let forecast = o.g.test.service.retention_forecast().await.unwrap();
        assert_eq!(forecast.years.iter().map(|of| of.year).collect::<Vec<_>>(), (2026..=2101).collect::<Vec<_>>());
        let of = forecast.years.iter().filter(|of| of.files > 0).map(|of| (of.year, of.files, of.held));
        of.collect::<Vec<_>>()
    };
    assert_eq!(count().await, [(2096, 1, 0)]);
    o.hold(&o.officer, HoldKind::File).await.unwrap();
    assert_eq!(count().await, [(2096, 1, 1)]);
}
