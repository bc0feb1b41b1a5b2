//! What goes and what stays: tables of cases, each with its source.

use jiff::civil::{Date, date};
use uuid::Uuid;

use super::*;
use crate::access::Purpose;
use crate::calendar::{day_number, instant_ms};
use crate::catalogue::RegisteredItems;
use crate::fact::{Channel, FactStanding, Known, Source, Statement, Subject};
use crate::form::Fields;
use crate::ids::{AccountId, ChildId, PersonId, StatementId};

const TODAY: Date = date(2026, 11, 24);
const MOTHER: PersonId = PersonId(Uuid::from_u128(11));
const UNCLE: PersonId = PersonId(Uuid::from_u128(12));

fn known(values: &[(&str, &str)]) -> Known {
    Known { values: values.iter().copied().collect(), ..Known::default() }
}

fn robin() -> Known {
    let mut known = known(&[
        ("given_name", "Robin James"),
        ("family_name", "Marsh"),
        ("birth_kind", "on"),
        ("dob", "2021-05-03"),
        ("address", "4 Orchard Lane, Nenebridge NB2 7QT"),
        ("confidential", "yes"),
        ("has_allergies", "yes"),
        ("conditions", "Epilepsy"),
        ("school", "Hill School"),
        ("emergency_carer", "yes"),
        ("carer_phone", "01632 960 112"),
    ]);
    let bee: Fields = [("what", "Bee stings"), ("reaction", "Swelling"), ("action", "Pen in the red pouch, then 999")]
        .into_iter()
        .collect();
    known.values.set_rows("allergies", [bee]);
    known
}

struct Case {
    kind: RecipientKind,
    purpose: Purpose,
    agreed: Option<Vec<String>>,
    consents: Vec<(Consent, i64)>,
    demanded: bool,
    related: Option<PersonId>,
    child: Known,
}

impl Case {
    fn of(kind: RecipientKind) -> Self {
        let of = package(kind);
        let agreed = (!of.inside).then(|| of.items().map(str::to_owned).collect());
        Self {
            kind,
            purpose: of.purposes[0],
            agreed,
            consents: Vec::new(),
            demanded: false,
            related: None,
            child: robin(),
        }
    }

    fn weigh(&self) -> Vec<Weighed> {
        let mother = known(&[
            ("given_name", "Ann"),
            ("family_name", "Marsh"),
            ("phone", "01632 960 120"),
            ("language", "Welsh"),
        ]);
        let uncle =
            known(&[("given_name", "Len"), ("family_name", "Marsh"), ("address", "9 Mill Street"), ("phone", "1")]);
        let relation = known(&[("relationship", "mother"), ("may_attend", "yes")]);
        let barred = known(&[("relationship", "aunt_uncle"), ("may_attend", "no")]);
        let family = [
            Member { person: MOTHER, of_person: &mother, of_relation: &relation, barred: false, ended: false },
            Member { person: UNCLE, of_person: &uncle, of_relation: &barred, barred: true, ended: false },
        ];
        let consents: Vec<(&Consent, i64)> = self.consents.iter().map(|(of, at)| (of, *at)).collect();
        let of = package(self.kind);
        let journey = Journey {
            day: date(2026, 12, 1),
            when: "Tuesday 1 December 2026, 10:00 to 11:30".into(),
            place: "Mill House".into(),
            who: "Ann".into(),
        };
        Weighing {
            kind: self.kind,
            parts: of.parts,
            consent: of.consent,
            demanded: self.demanded,
            barred: of.barred,
            agreed: self.agreed.as_deref(),
            purpose: self.purpose,
            registered: &RegisteredItems::whole_catalogue(),
            consents: &consents,
            child: &self.child,
            family: &family,
            related: self.related,
            journey: of.of_session.then_some(&journey),
            today: TODAY,
            name_of: &str::to_owned,
            withheld: &|text| text.replace("4 Orchard Lane", "[withheld]"),
        }
        .weigh()
    }

    fn goes(&self) -> Vec<String> {
        self.weigh()
            .into_iter()
            .filter(|of| of.stays.is_none())
            .map(|of| format!("{}: {}", of.label, of.words))
            .collect()
    }

    fn stays(&self, item: &str) -> Option<Stays> {
        self.weigh().into_iter().find(|of| of.item == Some(item)).and_then(|of| of.stays)
    }
}

#[test]
fn the_driver_gets_what_a_driver_needs_and_no_field_more() {
    // Handbook section 13: "the driver gets first name, seat, pick-up, times, allergies that matter in a car, an emergency number;
    // not the surname, not the diagnosis".
    let goes = Case::of(RecipientKind::Driver).goes();
    assert_eq!(
        goes,
        [
            "First name: Robin",
            "Seat: Child seat that fits height and weight (under 12 years, unless taller than 135 cm)",
            "Pick-up: 4 Orchard Lane, Nenebridge NB2 7QT",
            "Day and times: Tuesday 1 December 2026, 10:00 to 11:30",
            "Bring to: Mill House",
            "Allergies, and what to do: Bee stings: Pen in the red pouch, then 999",
            "Phone in an emergency: 01632 960 112",
        ]
    );
    let all = goes.join("\n");
    for never in ["Marsh", "Epilepsy", "2021", "James", "Swelling"] {
        assert!(!all.contains(never), "{never}");
    }
}

#[test]
fn every_package_can_be_made_and_names_items_of_the_catalogue() {
    assert_eq!(check_packages(&RegisteredItems::whole_catalogue()), Ok(()));
    assert!(check_packages(&RegisteredItems::default()).is_err(), "a register that holds nothing");
    for kind in RecipientKind::ALL {
        let of = package(*kind);
        assert_eq!(of.kind, *kind);
        // Handbook section 12: these are no purposes of sharing a file.
        for never in [
            Purpose::ServicePlanning,
            Purpose::Administration,
            Purpose::Accountability,
            Purpose::Rights,
            Purpose::Archiving,
        ] {
            assert!(!of.purposes.contains(&never), "{kind:?} {never:?}");
        }
    }
}

#[test]
fn what_the_agreement_or_the_purpose_does_not_cover_stays() {
    let mut case = Case::of(RecipientKind::Driver);
    case.agreed = Some(vec!["child.given_name".into()]);
    assert_eq!(case.stays("placement.address"), Some(Stays::NotAgreed));
    assert_eq!(case.stays("child.given_name"), None);
    case.agreed = Some(Vec::new());
    case.purpose = Purpose::Administration;
    assert!(case.goes().iter().all(|line| line.starts_with("Day") || line.starts_with("Bring")), "{:?}", case.goes());
}

fn said(answer: ConsentAnswer, on: Date, items: &[&str]) -> Consent {
    Consent {
        person: None,
        what: ConsentFor::Sharing,
        recipient: Some(RecipientKind::School),
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        answer,
        said_by: "Ann Marsh".into(),
        authority: Authority::Parental,
        evidence: Evidence::Signed,
        document: None,
        on,
        note: None,
    }
}

#[test]
fn what_rests_on_consent_goes_as_long_as_it_was_given_and_not_withdrawn() {
    // Handbook section 13: "with consent where required"; "Withdrawn consent stops the next one at once".
    let mut case = Case::of(RecipientKind::School);
    assert_eq!(case.stays("child.school"), Some(Stays::NoConsent));
    case.consents.push((said(ConsentAnswer::Given, date(2026, 11, 2), &[]), 1));
    assert_eq!(case.stays("child.school"), None);
    case.consents.push((said(ConsentAnswer::Withdrawn, date(2026, 11, 20), &[]), 2));
    assert_eq!(case.stays("child.school"), Some(Stays::Withdrawn));
    // An earlier yes that is written down later does not revive it.
    case.consents.push((said(ConsentAnswer::Given, date(2026, 11, 10), &[]), 3));
    assert_eq!(case.stays("child.school"), Some(Stays::Withdrawn));
    case.consents.push((said(ConsentAnswer::Given, date(2026, 11, 20), &["child.school"]), 4));
    assert_eq!((case.stays("child.school"), case.stays("child.birth")), (None, Some(Stays::NoConsent)));
    case.consents.push((said(ConsentAnswer::Refused, date(2026, 11, 21), &[]), 5));
    assert_eq!(case.stays("child.school"), Some(Stays::Refused));
    // What rests on a duty goes on.
    let mut driver = Case::of(RecipientKind::Driver);
    let of_driver = Consent { recipient: Some(RecipientKind::Driver), ..said(ConsentAnswer::Withdrawn, TODAY, &[]) };
    driver.consents.push((of_driver, 1));
    assert_eq!(driver.stays("child.given_name"), None);
}

#[test]
fn an_objection_that_was_upheld_stops_what_rests_on_a_duty_and_not_what_the_law_demands() {
    // UK GDPR Art 21(1): the public task can be objected to, a legal duty cannot; handbook section 14.
    let mut driver = Case::of(RecipientKind::Driver);
    let objected = |recipient| Consent { recipient: Some(recipient), ..said(ConsentAnswer::Objected, TODAY, &[]) };
    driver.consents.push((objected(RecipientKind::School), 1));
    assert_eq!(driver.stays("child.given_name"), None, "to somebody else");
    driver.consents.push((objected(RecipientKind::Driver), 2));
    assert_eq!(driver.stays("child.given_name"), Some(Stays::Objected));
    assert!(driver.goes().is_empty(), "nor what the session says: {:?}", driver.goes());
    driver.demanded = true;
    assert_eq!(driver.stays("child.given_name"), None);
    driver.demanded = false;
    let again = Consent { recipient: Some(RecipientKind::Driver), ..said(ConsentAnswer::Given, TODAY, &[]) };
    driver.consents.push((again, 3));
    assert_eq!(driver.stays("child.given_name"), None, "they want it again");
}

#[test]
fn an_address_that_is_confidential_from_somebody_stays_from_all_who_belong_to_the_family() {
    // Handbook section 2: a parent must not "see the placement address if it is confidential".
    let mut case = Case::of(RecipientKind::Driver);
    assert_eq!(case.stays("placement.address"), None, "a stranger who drives must find the door");
    case.related = Some(MOTHER);
    assert_eq!(case.stays("placement.address"), Some(Stays::Confidential));
    case.child.values.set("confidential", "no");
    assert_eq!(case.stays("placement.address"), None);
    let mut department = Case::of(RecipientKind::Children);
    department.child.values.set("concerns", "Arguments at handover");
    assert_eq!(department.stays("child.concerns"), None);
    department.related = Some(MOTHER);
    assert_eq!(department.stays("child.concerns"), Some(Stays::Confidential));
    let mut school = Case::of(RecipientKind::School);
    school.consents.push((said(ConsentAnswer::Given, TODAY, &[]), 1));
    school.related = Some(UNCLE);
    assert_eq!(school.stays("child.school"), Some(Stays::Confidential), "the school gives away where the child is");
}

#[test]
fn nothing_of_somebody_who_must_not_attend_goes_where_nobody_needs_it() {
    let of = |kind| {
        let mut case = Case::of(kind);
        case.consents.clear();
        case.weigh().into_iter().filter(|of| of.person == Some(UNCLE)).map(|of| of.stays).collect::<Vec<_>>()
    };
    let adults = of(RecipientKind::Adults);
    assert!(!adults.is_empty() && adults.iter().all(|stays| *stays == Some(Stays::Barred)));
    assert!(of(RecipientKind::Police).iter().all(Option::is_none), "the police protect from them");
}

#[test]
fn what_is_restricted_stays_and_what_is_disputed_says_so() {
    // UK GDPR Art 18(2), Art 16.
    let mut case = Case::of(RecipientKind::Health);
    case.consents
        .push((Consent { recipient: Some(RecipientKind::Health), ..said(ConsentAnswer::Given, TODAY, &[]) }, 1));
    case.child.values.set_all("diet", Vec::new());
    case.child.restricted.insert("diet".into());
    case.child.disputed.insert("conditions".into());
    assert_eq!(case.stays("child.diet"), Some(Stays::Restricted));
    let line = case.weigh().into_iter().find(|of| of.item == Some("child.conditions")).expect("a line");
    assert!(line.disputed && line.stays.is_none());
}

#[test]
fn an_agreement_is_in_force_from_its_first_day_to_its_last() {
    let of = |state, from: Date, until: Date| AgreementStanding::of(state, day_number(from), day_number(until), TODAY);
    let (yesterday, tomorrow) = (date(2026, 11, 23), date(2026, 11, 25));
    for (state, from, until, expected) in [
        (AgreementState::Signed, yesterday, TODAY, AgreementStanding::InForce),
        (AgreementState::Signed, TODAY, tomorrow, AgreementStanding::InForce),
        (AgreementState::Signed, date(2026, 1, 1), yesterday, AgreementStanding::Expired),
        (AgreementState::Signed, tomorrow, tomorrow, AgreementStanding::NotYet),
        (AgreementState::Draft, yesterday, tomorrow, AgreementStanding::Draft),
        (AgreementState::Ended, yesterday, tomorrow, AgreementStanding::Ended),
        (AgreementState::Replaced, yesterday, tomorrow, AgreementStanding::Replaced),
    ] {
        assert_eq!(of(state, from, until), expected, "{state:?} {from} {until}");
    }
}

#[test]
fn the_seat_follows_the_age_on_the_day_of_the_journey() {
    // UN Regulation 129; Motor Vehicles (Wearing of Seat Belts) Regulations 1993 as amended: under 12 or 135 cm.
    let seat = |dob: &str| {
        let mut case = Case::of(RecipientKind::Driver);
        case.child.values.set("dob", dob);
        case.goes().into_iter().find(|line| line.starts_with("Seat")).expect("a seat")
    };
    for (dob, words) in [
        ("2025-09-01", "Baby seat"),
        ("2025-09-02", "Baby seat"),
        ("2025-08-31", "Child seat"),
        ("2014-12-01", "Child seat"),
        ("2014-11-30", "Seat belt"),
    ] {
        assert!(seat(dob).contains(words), "{dob}: {}", seat(dob));
    }
}

#[test]
fn what_was_wrong_when_it_went_is_told_and_what_changed_later_is_not() {
    // UK GDPR Art 19; handbook section 14: "told to everyone it was disclosed to".
    let child = ChildId(Uuid::from_u128(1));
    let at = |day: Date| instant_ms(day, 600);
    let statement = |n: u128, on: Date, since: Option<Date>, standing, value: &str| Statement {
        id: StatementId(Uuid::from_u128(n)),
        subject: Subject::Child { child },
        recorded_ms: at(on),
        by: AccountId(Uuid::from_u128(2)),
        source: Source::Told { channel: Channel::Phone },
        said_by: "The carer".into(),
        since,
        standing,
        values: [("school", value)].into_iter().collect(),
        note: None,
        takes_back: None,
    };
    let body = DisclosureBody {
        recipient: "Hill School".into(),
        kind: RecipientKind::School,
        purpose: Purpose::ServiceDelivery,
        basis: Basis::Consent,
        power: None,
        related: None,
        session: None,
        parts: vec![Went { label: "School".into(), item: Some("child.school".into()), person: None, stays: None }],
        enclosed: Vec::new(),
        alone: false,
        reason: None,
        digest: String::new(),
        length: 0,
        seen: String::new(),
        deliveries: Vec::new(),
        recalled: None,
        told: Vec::new(),
    };
    let sent_ms = at(date(2026, 11, 10));
    let first = statement(1, date(2026, 10, 1), Some(date(2026, 10, 1)), FactStanding::Said, "Hill School");
    let after = |other: Statement| wrong_since(&body, child, sent_ms, &[first.clone(), other]).len();
    let (later, since) = (date(2026, 11, 20), |day| Some(day));
    assert_eq!(
        after(statement(2, later, since(date(2026, 11, 1)), FactStanding::Said, "Dale School")),
        1,
        "it was so already"
    );
    assert_eq!(
        after(statement(2, later, since(date(2026, 11, 15)), FactStanding::Said, "Dale School")),
        0,
        "moved since"
    );
    assert_eq!(after(statement(2, later, since(later), FactStanding::Disputed, "")), 1);
    assert_eq!(
        after(statement(2, later, since(date(2026, 11, 1)), FactStanding::Said, "Hill School")),
        0,
        "said again"
    );
    assert_eq!(
        after(statement(2, date(2026, 11, 9), since(date(2026, 11, 1)), FactStanding::Corrected, "Dale School")),
        0,
        "before it went"
    );
}

#[test]
fn a_consent_says_whose_who_how_and_when() {
    let nothing = Consent::read(&Fields::default(), TODAY).err().unwrap_or_default();
    let fields: Vec<&str> = nothing.iter().map(|of| of.field.as_str()).collect();
    assert_eq!(fields, ["whose", "what", "answer", "on-day", "said_by", "authority", "evidence"]);
    let mut typed: Fields = [
        ("whose", "child"),
        ("what", "sharing"),
        ("recipient", "school"),
        ("items", "child.school"),
        ("items", "child.medication"),
        ("answer", "given"),
        ("said_by", "Ann Marsh, mother"),
        ("authority", "parental"),
        ("evidence", "signed"),
    ]
    .into_iter()
    .collect();
    typed.set_date("on", TODAY);
    let Ok(read) = Consent::read(&typed, TODAY) else { panic!("a consent") };
    assert_eq!(read.items, ["child.school"], "what is in no package of theirs is not asked for");
    typed.set("answer", "withdrawn");
    assert!(Consent::read(&typed, TODAY).is_err(), "only what was given is withdrawn");
}
