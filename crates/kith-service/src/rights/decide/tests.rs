//! What is decided of a request, from the request to the file and back: restriction, objection, erasure, rectification, and who asks as
//! a member of staff.

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::catalogue::Group;
use kith_domain::fact::ChangeFacts;
use kith_domain::form::Fields;
use kith_domain::ids::{ConsentId, DisclosureId, RequestId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::rights::{ActKind, HeldSubject, Place, RequestState, Verdict};
use kith_domain::sharing::{Consent, ConsentAnswer, RecipientKind, ShareWith, Stays, To};
use uuid::Uuid;

use super::super::letter::{LetterKind, parts};
use crate::fact::Whose;
use crate::testing::{CaseInHand, Colleague};
use crate::{Desk, ServiceError};

struct House {
    g: CaseInHand,
    officer: Colleague,
}

async fn house() -> House {
    let g = CaseInHand::open("d", Purpose::ServiceDelivery).await;
    let officer = g.test.colleague(Role::DataProtection, "", "dpo").await.unwrap();
    House { g, officer }
}

fn typed(fields: &[(&str, &str)]) -> Fields {
    fields.iter().copied().collect()
}

fn code<T>(result: Result<T, ServiceError>) -> String {
    match result {
        Err(ServiceError::Refused(refusal)) => refusal.code.to_owned(),
        Err(ServiceError::Invalid(problems)) => {
            problems.into_iter().map(|wrong| wrong.field).collect::<Vec<_>>().join(" ")
        }
        Err(error) => format!("{error:?}"),
        Ok(_) => "done".to_owned(),
    }
}

impl House {
    fn officer(&self) -> Desk {
        self.g.test.desk(&self.officer, Purpose::Accountability)
    }

    fn of(&self, person: Option<kith_domain::ids::PersonId>) -> Place {
        Place::File(HeldSubject { file: self.g.case.child, person })
    }

    /// A request that came in a letter four days ago.
    async fn asked(&self, right: &str, asker: &str, name: &str, about: &str) -> RequestId {
        let id = RequestId(Uuid::now_v7());
        let mut form = typed(&[
            ("right", right),
            ("asker", asker),
            ("channel", "letter"),
            ("name", name),
            ("about", about),
            ("address", "4 Mill Lane"),
            ("what", "I do not want it"),
        ]);
        form.set_date("received", date(2026, 11, 20));
        self.officer().enter_request(id, &form).await.unwrap();
        id
    }

    async fn step(&self, id: RequestId, kind: &str) -> Result<RequestState, ServiceError> {
        self.officer().take_request_step(id, &typed(&[("kind", kind), ("words", "So")])).await
    }

    async fn found(&self, id: RequestId, places: &[Place]) {
        let mut held = Fields::default();
        held.set_all("held", places.iter().map(|place| place.code()).collect());
        self.officer().say_who_is_held(id, &held).await.unwrap();
    }

    /// A request of the mother, who is known and was found.
    async fn of_mother(&self, right: &str) -> (RequestId, Place) {
        let id = self.asked(right, "self", "Ann Marsh", "").await;
        self.step(id, "identity_settled").await.unwrap();
        let place = self.of(Some(self.g.case.mother));
        self.found(id, &[place]).await;
        (id, place)
    }

    /// A request of the mother about her child, who is known and was found.
    async fn of_child(&self, right: &str) -> (RequestId, Place) {
        let id = self.asked(right, "parent", "Ann Marsh", "Robin Marsh").await;
        self.step(id, "identity_settled").await.unwrap();
        self.step(id, "authority_settled").await.unwrap();
        let place = self.of(None);
        self.found(id, &[place]).await;
        (id, place)
    }

    async fn decide(&self, id: RequestId, place: Place, fields: &[(&str, &str)]) -> Result<(), ServiceError> {
        self.officer().decide_request(id, place, Uuid::now_v7(), &typed(fields)).await
    }

    async fn letter(&self, id: RequestId) -> String {
        let view = self.officer().request(id).await.unwrap();
        assert!(view.letters.contains(&LetterKind::Answer));
        let parts = parts(&view.request.body, LetterKind::Answer, None, self.g.test.service.register());
        parts.into_iter().flat_map(|part| part.paragraphs).collect::<Vec<_>>().join("\n")
    }

    async fn school(&self) -> String {
        let file = self.g.desk(&self.g.case.social_worker).file(self.g.case.child).await.unwrap();
        file.child.body.known.values.get("school").to_owned()
    }

    /// What the social worker says of the school now, over the version they were shown.
    async fn says_school(&self, school: &str, version: i64) -> Result<(), ServiceError> {
        let whose = Whose { child: self.g.case.child, person: None };
        let fields =
            [("school", school), ("told_by", "Dora Finch, carer"), ("told_how", "phone"), ("told_since", "2026-09-20")];
        let command = ChangeFacts::read(Group::School, &typed(&fields), None, self.g.test.service.today())?;
        let worker = self.g.desk(&self.g.case.social_worker);
        worker.change_facts(whose, StatementId(Uuid::now_v7()), version, &command).await.map(drop)
    }

    async fn school_version(&self) -> i64 {
        let whose = Whose { child: self.g.case.child, person: None };
        self.g.desk(&self.g.case.social_worker).facts(whose, Group::School).await.unwrap().version
    }

    /// What would go to a department of the council, and why not.
    async fn goes(&self, ask: &ShareWith) -> (Option<String>, Vec<Option<Stays>>) {
        let worker = self.g.desk(&self.g.case.social_worker);
        let preview = worker.weigh_disclosure(self.g.case.child, ask).await.unwrap();
        (preview.blocked, preview.weighed.iter().filter(|of| of.person.is_none()).map(|of| of.stays).collect())
    }
}

fn department() -> ShareWith {
    ShareWith {
        to: To::Kind(RecipientKind::Learning),
        recipient: None,
        purpose: Purpose::ServiceDelivery,
        related: None,
        session: None,
        enclosed: Vec::new(),
        alone: false,
        reason: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_from_the_request_stops_use_at_once_under_the_hands_of_who_reads_the_page() {
    // UK GDPR Art 18; handbook section 14, restriction: "the record stays, use stops".
    let house = house().await;
    house.says_school("Lake School", house.school_version().await).await.unwrap();
    let (id, place) = house.of_child("restriction").await;
    assert_eq!(code(house.step(id, "released").await), "request.missing", "nothing is decided");
    // A worker has the page open on which it can be changed.
    let shown = house.school_version().await;
    let upheld = [("verdict", "upheld"), ("items", "child.school"), ("reason", "Until it is checked")];
    let name = [("verdict", "upheld"), ("items", "child.given_name"), ("reason", "So")];
    assert_eq!(code(house.decide(id, place, &name).await), "items", "what protects is not offered");
    let worker = house.g.test.service.desk(house.g.case.coordinator.actor.clone(), Purpose::Accountability);
    let other = worker.decide_request(id, place, Uuid::now_v7(), &typed(&upheld)).await;
    assert!(matches!(other, Err(ServiceError::Forbidden)), "the officer's alone");
    let form = Uuid::now_v7();
    for _ in 0..2 {
        house.officer().decide_request(id, place, form, &typed(&upheld)).await.unwrap();
    }
    assert_eq!(house.school().await, "");
    for who in [&house.g.case.coordinator, &house.g.case.social_worker] {
        let told = house.g.test.desk(who, Purpose::ServiceDelivery).notices().await.unwrap();
        let of = told.iter().filter(|notice| notice.kind == NoticeKind::FileRestricted);
        assert_eq!(of.map(|notice| notice.subject).collect::<Vec<_>>(), [house.g.case.child.0], "told once");
    }
    let late = house.says_school("Hill School", shown).await;
    assert!(matches!(late, Err(ServiceError::Conflict { .. })), "what they had before them is not what stands");
    let view = house.officer().request(id).await.unwrap();
    assert_eq!(view.request.body.decisions().count(), 1, "sent twice it is done once");
    let act = &view.request.body.decisions().next().unwrap().1.acts[0];
    assert_eq!((act.kind, act.what.contains("Lake")), (ActKind::Restricted, false));
    let statement = StatementId(act.row.unwrap());
    let letter = house.letter(id).await;
    assert!(letter.contains("From now on we do not use") && letter.contains("Until it is checked"), "{letter}");
    assert_eq!(house.step(id, "released").await.unwrap(), RequestState::Answered);
    // Art 18(3): told before it is used again, mostly after the answer.
    let officer = house.officer();
    assert_eq!(code(officer.use_again_by_request(id, statement, &Fields::default()).await), "why");
    for _ in 0..2 {
        officer.use_again_by_request(id, statement, &typed(&[("why", "Checked. Told by letter.")])).await.unwrap();
    }
    assert_eq!(house.school().await, "Lake School");
    let view = officer.request(id).await.unwrap();
    assert_eq!((view.request.state, view.request.body.restrictions().count()), (RequestState::Answered, 0));
    let foreign = officer.use_again_by_request(id, StatementId(Uuid::now_v7()), &typed(&[("why", "So")])).await;
    assert_eq!(code(foreign), "NotFound");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_is_weighed_and_what_is_upheld_stops() {
    // UK GDPR Art 21; handbook section 14: "weighed where the basis is public task".
    let house = house().await;
    let (id, place) = house.of_child("objection").await;
    assert_eq!(house.goes(&department()).await.0, None);
    let base = [("verdict", "upheld"), ("to", "sharing"), ("recipients", "learning"), ("reason", "We see it too")];
    assert_eq!(code(house.decide(id, place, &base).await), "theirs ours");
    let weighed = [("theirs", "The tutor is her neighbour"), ("ours", "They plan lessons without it")];
    // Between choosing and sending.
    let worker = house.g.desk(&house.g.case.social_worker);
    let seen = worker.weigh_disclosure(house.g.case.child, &department()).await.unwrap().seen;
    house.decide(id, place, &[&base[..], &weighed].concat()).await.unwrap();
    let late = worker.disclose(DisclosureId(Uuid::now_v7()), house.g.case.child, &department(), &seen).await;
    assert!(late.is_err(), "it stops at once");
    let (_, stays) = house.goes(&department()).await;
    assert!(stays.iter().all(Option::is_some) && stays.contains(&Some(Stays::Objected)), "{stays:?}");
    let letter = house.letter(id).await;
    for words in ["The tutor is her neighbour", "They plan lessons without it", "It stops: ", "We do what you asked"] {
        assert!(letter.contains(words), "{words}: {letter}");
    }
    assert_eq!(letter.matches("Robin").count(), 1, "as they named the child, and from no file: {letter}");
    let whole = typed(&[("kind", "refused"), ("ground", "overriding"), ("words", "As we wrote")]);
    assert_eq!(code(house.officer().take_request_step(id, &whole).await), "request.done");
    house.step(id, "released").await.unwrap();
    // Figures: what is a refused consent by hand today is one from the request.
    let (id, place) = house.of_child("objection").await;
    let planning = [("verdict", "upheld"), ("to", "planning"), ("reason", "It is done")];
    let (officer, form, said) = (house.officer(), Uuid::now_v7(), typed(&[&planning[..], &weighed].concat()));
    let press = || officer.decide_request(id, place, form, &said);
    let (one, other) = tokio::join!(press(), press());
    one.unwrap();
    other.unwrap();
    assert_eq!(officer.request(id).await.unwrap().request.body.decisions().count(), 1, "pressed twice at once");
    let consents = worker.file_sharing(house.g.case.child, 1).await.unwrap().consents;
    let of = consents.iter().find(|of| of.said.body.recipient.is_none()).expect("of research");
    assert_eq!((of.said.body.answer, of.said.body.said_by.as_str()), (ConsentAnswer::Objected, "Ann Marsh"));
    // What weighs more goes on.
    let (id, place) = house.of_child("objection").await;
    let refused =
        [("verdict", "refused"), ("to", "facts"), ("ground", "overriding"), ("reason", "A court asked for it")];
    house.decide(id, place, &[&refused[..], &weighed].concat()).await.unwrap();
    let letter = house.letter(id).await;
    assert!(letter.contains("the reasons to go on weigh more") && letter.contains("A court asked for it"), "{letter}");
    assert_eq!(house.officer().take_request_step(id, &whole).await.unwrap(), RequestState::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn erasure_names_the_rule_and_what_rests_on_consent_goes() {
    // UK GDPR Art 17(1)(b), 17(3)(b); handbook section 14: "refused while the legal duty requires the record, with the reason in plain
    // words; granted for what rests on consent".
    let house = house().await;
    let mut said = typed(&[
        ("whose", "child"),
        ("what", "photographs"),
        ("answer", "given"),
        ("said_by", "Ann Marsh, mother"),
        ("authority", "parental"),
        ("evidence", "signed"),
    ]);
    said.set_date("on", date(2026, 11, 2));
    let (consent, said) = (ConsentId(Uuid::now_v7()), Consent::read(&said, date(2026, 11, 24)).ok().unwrap());
    let worker = house.g.desk(&house.g.case.coordinator);
    worker.add_consent(house.g.case.child, consent, &said).await.unwrap();
    let (id, place) = house.of_child("erasure").await;
    let reason = [("ground", "legal_duty"), ("reason", "It is Robin’s story")];
    assert_eq!(code(house.decide(id, place, &[&reason[..], &[("verdict", "in_part")]].concat()).await), "consents");
    let other = Uuid::now_v7().to_string();
    let foreign = [&reason[..], &[("verdict", "in_part"), ("consents", &other)]].concat();
    assert_eq!(code(house.decide(id, place, &foreign).await), "consents", "of another file");
    let given = consent.to_string();
    house.decide(id, place, &[&reason[..], &[("verdict", "in_part"), ("consents", &given)]].concat()).await.unwrap();
    let consents = worker.file_sharing(house.g.case.child, 1).await.unwrap().consents;
    assert!(consents.iter().all(|of| !of.stands), "withdrawn at once");
    let letter = house.letter(id).await;
    for words in ["a part of what you asked", "Case file of a looked-after child", "75th anniversary", "is taken back"]
    {
        assert!(letter.contains(words), "{words}: {letter}");
    }
    // Nothing of the mother rests on consent.
    let (id, place) = house.of_mother("erasure").await;
    house.decide(id, place, &[&reason[..], &[("verdict", "refused")]].concat()).await.unwrap();
    let view = house.officer().request(id).await.unwrap();
    assert_eq!(view.request.body.decided_in(place).map(|(_, of)| of.verdict), Some(Verdict::Refused));
    assert!(house.letter(id).await.contains("We cannot do what you asked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_put_right_is_tied_to_the_request_and_who_got_it_is_seen_until_they_are_told() {
    // UK GDPR Art 16 and 19; handbook section 14: "correct, or record the dispute beside the entry; told to everyone it was disclosed to".
    let house = house().await;
    house.says_school("Lake School", house.school_version().await).await.unwrap();
    let worker = house.g.desk(&house.g.case.social_worker);
    let seen = worker.weigh_disclosure(house.g.case.child, &department()).await.unwrap().seen;
    worker.disclose(DisclosureId(Uuid::now_v7()), house.g.case.child, &department(), &seen).await.unwrap();
    house.g.test.clock.move_to(kith_domain::calendar::instant_ms(date(2026, 11, 25), 600));
    let (id, place) = house.of_child("rectification").await;
    house.says_school("Hill School", house.school_version().await).await.unwrap();
    let view = house.officer().request_place(id, place).await.unwrap();
    let said = view.said.last().expect("the correction").id.to_string();
    assert!(view.went.iter().all(|of| of.told.is_none()) && !view.went.is_empty(), "it went, and nobody was told");
    let reason = [("reason", "The school wrote to us"), ("verdict", "upheld")];
    assert_eq!(code(house.decide(id, place, &reason).await), "statements");
    house.decide(id, place, &[&reason[..], &[("statements", &said)]].concat()).await.unwrap();
    let letter = house.letter(id).await;
    assert!(letter.contains("We put it right: ") && letter.contains("to whom we gave it is told"), "{letter}");
    // Or the dispute stands beside it.
    let (id, place) = house.of_child("rectification").await;
    let refused =
        [("verdict", "refused"), ("ground", "accurate"), ("reason", "The school says so"), ("items", "child.school")];
    house.decide(id, place, &refused).await.unwrap();
    let file = worker.file(house.g.case.child).await.unwrap();
    assert!(file.child.body.known.disputed.contains("school") && house.school().await == "Hill School");
    assert!(house.letter(id).await.contains("you see it otherwise"));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ask_or_was_not_confirmed_gets_nothing_done() {
    // A solicitor without authority, a barred relative, somebody of the same name: handbook section 14.
    let house = house().await;
    let id = house.asked("restriction", "solicitor", "Maud Ferris", "Ann Marsh").await;
    house.step(id, "identity_settled").await.unwrap();
    let (mother, uncle) = (house.of(Some(house.g.case.mother)), house.of(Some(house.g.case.uncle)));
    house.found(id, &[mother]).await;
    let upheld = [("verdict", "upheld"), ("items", "person.family_name"), ("reason", "So")];
    assert_eq!(code(house.decide(id, mother, &upheld).await), "request.missing", "no authority was seen");
    assert_eq!(code(house.decide(id, uncle, &upheld).await), "NotFound", "nobody confirmed that it is he");
    let refused = typed(&[("kind", "refused"), ("ground", "no_authority"), ("words", "Nothing in writing")]);
    assert_eq!(house.officer().take_request_step(id, &refused).await.unwrap(), RequestState::Refused);
    assert_eq!(code(house.decide(id, mother, &upheld).await), "request.closed");
    // Who must not attend has the right too: the page says what to know, and what protects stays in use.
    let id = house.asked("restriction", "self", "Len Marsh", "").await;
    house.step(id, "identity_settled").await.unwrap();
    house.found(id, &[uncle]).await;
    let view = house.officer().request_place(id, uncle).await.unwrap();
    assert!(view.warnings.iter().any(|words| words.contains("must not attend")));
    assert!(view.facts.iter().filter(|of| of.item.code == "may_attend").all(|of| !of.may_restrict));
    let bar = [("verdict", "upheld"), ("items", "relationship.may_attend"), ("reason", "So")];
    assert_eq!(code(house.decide(id, uncle, &bar).await), "items");
    // Somebody who must not see the file acts on nothing in it, whatever their role.
    house.decide(id, uncle, &upheld).await.unwrap();
    let family = house.g.desk(&house.g.case.social_worker).file(house.g.case.child).await.unwrap().family;
    let last = |person| {
        let of = family.iter().find(|of| of.person.id == person).unwrap();
        of.person.body.known.values.get("family_name").to_owned()
    };
    assert_eq!((last(house.g.case.uncle), last(house.g.case.mother)), (String::new(), "Marsh".to_owned()), "his alone");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_also_works_here_objects_and_another_officer_decides() {
    let house = house().await;
    let ann = house.g.test.colleague(Role::DataProtection, "", "Ann Marsh").await.unwrap();
    let id = house.asked("objection", "self", "Ann Marsh", "").await;
    house.step(id, "identity_settled").await.unwrap();
    let view = house.officer().request_held(id).await.unwrap();
    let staff = view.accounts.iter().find(|of| of.account == ann.id).expect("found among staff by name");
    let (staff, mother) = (Place::Account(staff.account), house.of(Some(house.g.case.mother)));
    house.found(id, &[mother, staff]).await;
    let weighed = [("to", "planning"), ("theirs", "She asks"), ("ours", "Nothing"), ("reason", "So")];
    let upheld = [&weighed[..], &[("verdict", "upheld")]].concat();
    let own = house.g.test.desk(&ann, Purpose::Accountability);
    let decided = own.decide_request(id, mother, Uuid::now_v7(), &typed(&upheld)).await;
    assert_eq!(code(decided), "request.yours");
    house.decide(id, mother, &upheld).await.unwrap();
    assert_eq!(code(house.step(id, "released").await), "request.missing", "and as a member of staff");
    assert_eq!(code(house.decide(id, staff, &upheld).await), "elsewhere");
    house.decide(id, staff, &[&upheld[..], &[("elsewhere", "Her name is in no more lists")]].concat()).await.unwrap();
    let letter = house.letter(id).await;
    assert!(letter.contains("Her name is in no more lists"), "{letter}");
    house.step(id, "released").await.unwrap();
}
