//! Cases through their first stages: referred, verified, assessed, planned, booked.

use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::catalogue::Topic;
use kith_domain::form::{Fields, Words};
use kith_domain::ids::{ArrangementId, AssessmentId, ChildId, PersonId, PlanId, ReferralId, SessionId};
use kith_domain::plan::PlanStep;
use kith_domain::referral::{Ending, Section, SiblingDraft, set_wanted};
use kith_domain::session::Slot;
use kith_domain::verification::{CallFacts, CallOutcome, Item, Outcome};
use uuid::Uuid;

use super::families::{Family, ON_THE_WAY, SIBLINGS, Sibling};
use super::house::House;
use super::{Colleague, Filling, PAST_DAYS};
use crate::session::{Booking, Under};
use crate::{Desk, ServiceError};

/// Days ahead for which sessions are booked.
const BOOKED_DAYS: i64 = 12;

/// A family in contact.
pub(crate) struct FamilyInContact {
    pub(crate) family: &'static Family,
    pub(crate) child: ChildId,
    /// Brothers and sisters who come to the same sessions.
    pub(crate) siblings: Vec<ChildId>,
    pub(crate) sees: PersonId,
    pub(crate) coordinator: Colleague,
    pub(crate) manager: Colleague,
    pub(crate) supervisor: Colleague,
    /// Every session, in order of time.
    pub(crate) sessions: Vec<(SessionId, Slot)>,
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

/// Opens the cases of these families on the first two days of the demo's past.
pub(crate) async fn open(
    filling: &Filling<'_>,
    house: &House,
    families: &'static [Family],
) -> Result<Vec<FamilyInContact>, ServiceError> {
    let works = filling.service.register().calendar();
    let first = works.working_days_after(filling.days_before(PAST_DAYS), 0);
    filling.at(first, 9 * 60);
    let mut cases = Vec::new();
    for (index, family) in families.iter().enumerate() {
        let (referral, sees) = refer(filling, house, family, index, family.siblings(), true).await?;
        let child = accept(filling, house, family, referral).await?;
        let coordinator = house.one(Role::Coordinator, family.area, 0)?;
        let manager = house.one(Role::Manager, family.area, 0)?;
        let supervisor = house.one(Role::Supervisor, family.area, family.supervisor)?;
        let referred = filling.desk(&coordinator, Purpose::ServiceDelivery).referral(referral).await?;
        let siblings: Vec<ChildId> =
            referred.referral.children().into_iter().filter(|sibling| *sibling != child).collect();
        for of in siblings.iter().chain([&child]) {
            assess(filling, &coordinator, &manager, family, *of, sees).await?;
        }
        let sessions = Vec::new();
        let mut case = FamilyInContact { family, child, siblings, sees, coordinator, manager, supervisor, sessions };
        plan_and_book(filling, house, &mut case, first).await?;
        cases.push(case);
    }
    Ok(cases)
}

/// The referrals that are on their way when the demo opens.
pub(crate) async fn begin_the_rest(filling: &Filling<'_>, house: &House) -> Result<(), ServiceError> {
    refer(filling, house, &ON_THE_WAY[0], 0, SIBLINGS, true).await?;
    let (verified, _) = refer(filling, house, &ON_THE_WAY[1], 1, &[], true).await?;
    let (returned, _) = refer(filling, house, &ON_THE_WAY[2], 0, &[], true).await?;
    refer(filling, house, &ON_THE_WAY[3], 0, &[], false).await?;
    let coordinator = house.one(Role::Coordinator, "north", 0)?;
    let desk = filling.desk(&coordinator, Purpose::ServiceDelivery);
    desk.begin_verification(verified).await?;
    let note = Some("In court this morning, says the team’s clerk".to_owned());
    let call_back_ms = Some(desk.now_ms() + 3 * 3_600_000);
    let missed = CallFacts { outcome: Some(CallOutcome::Message), call_back_ms, note, ..CallFacts::default() };
    desk.record_call(verified, &missed).await?;
    desk.answer_item(verified, Item::of_all(Topic::Legal), Outcome::Confirmed, None).await?;
    let south = house.one(Role::Coordinator, "south", 0)?;
    let reason = "Which days does the school let him go early? And is the mother’s sister to come too?".to_owned();
    let ending = Ending { reason, looked_after: None };
    filling.desk(&south, Purpose::ServiceDelivery).return_referral(returned, &ending).await
}

/// A social worker refers a child; sent, or left as a draft.
async fn refer(
    filling: &Filling<'_>,
    house: &House,
    family: &Family,
    worker: usize,
    siblings: &[Sibling],
    send: bool,
) -> Result<(ReferralId, PersonId), ServiceError> {
    let worker = house.one(Role::SocialWorker, family.area, worker)?;
    let desk = filling.desk(&worker, Purpose::ServiceDelivery);
    let id = desk.begin_referral(ReferralId(Uuid::now_v7()), None).await?;
    let sees = PersonId(Uuid::now_v7());
    filling.minutes_pass(2);
    save(&desk, id, Section::Child, child_fields(family)).await?;
    save_member(&desk, id, sees, member_fields(family)).await?;
    if let Some((given, last, relationship, why)) = family.barred {
        let barred = fields(&[
            ("given_name", given),
            ("family_name", last),
            ("relationship", relationship),
            ("entitlement", "none"),
            ("parental_responsibility", "no"),
            ("may_attend", "no"),
            ("risk_marker", "known"),
            ("risk_detail", why),
        ]);
        save_member(&desk, id, PersonId(Uuid::now_v7()), barred).await?;
    }
    if !send {
        return Ok((id, sees));
    }
    let carer_phone = phone(family, 500);
    let placement = placement_fields(family, (family.carer, family.address), &carer_phone);
    save(&desk, id, Section::Placement, placement).await?;
    for sibling in siblings {
        add_sibling(&desk, id, family, sibling).await?;
    }
    save(&desk, id, Section::Legal, legal_fields(filling, family)).await?;
    save(&desk, id, Section::Contact, contact_fields(family, sees)).await?;
    let risk = fields(&[
        ("concerns", family.concerns),
        ("emergency_name", family.carer),
        ("emergency_phone", carer_phone.as_str()),
    ]);
    save(&desk, id, Section::Risk, risk).await?;
    filling.minutes_pass(6);
    desk.submit_referral(id).await?;
    Ok((id, sees))
}

/// Adds a brother or sister to a referral, with what is their own.
async fn add_sibling(desk: &Desk, id: ReferralId, family: &Family, sibling: &Sibling) -> Result<(), ServiceError> {
    let child = ChildId(Uuid::now_v7());
    let mut own = child_fields(family);
    let (day, month, year) = sibling.born;
    for (name, value) in [
        ("given_name", sibling.given),
        ("dob-day", day),
        ("dob-month", month),
        ("dob-year", year),
        ("sex", sibling.sex),
        ("care_first", sibling.care_first),
        ("has_allergies", if sibling.allergies.is_empty() { "no" } else { "yes" }),
        ("allergies", sibling.allergies),
    ] {
        own.set(name, value);
    }
    let home = match sibling.lives {
        None => fields(&[(SiblingDraft::TOGETHER, "yes")]),
        Some(lives) => placement_fields(family, lives, &phone(family, 700)),
    };
    for (section, typed) in [(Section::Child, own), (Section::Placement, home)] {
        let version = desk.referral(id).await?.referral.version;
        desk.save_sibling(id, (child, section), &typed, version).await?;
    }
    Ok(())
}

fn placement_fields(family: &Family, (carer, address): (&str, &str), carer_phone: &str) -> Fields {
    let confidential = family.confidential;
    fields(&[
        ("placement_type", if carer.contains("staff") { "K2" } else { "U4" }),
        ("address", address),
        ("confidential", if confidential { "yes" } else { "no" }),
        ("confidential_from", if confidential { "The family" } else { "" }),
        ("carer", carer),
        ("carer_phone", carer_phone),
    ])
}

fn child_fields(family: &Family) -> Fields {
    let (day, month, year) = family.born;
    fields(&[
        ("given_name", family.given),
        ("family_name", family.last),
        ("former_names", family.former),
        ("birth_kind", "on"),
        ("dob-day", day),
        ("dob-month", month),
        ("dob-year", year),
        ("sex", family.sex),
        ("care_first", family.care_first),
        ("language", family.language),
        ("interpreter", "no"),
        ("has_allergies", if family.allergies.is_empty() { "no" } else { "yes" }),
        ("allergies", family.allergies),
    ])
}

/// A number of Ofcom's for drama, of each family its own: the same number would make one person of two.
fn phone(family: &Family, further: u32) -> String {
    let figures = family.care_first.chars().filter_map(|figure| figure.to_digit(10));
    let number = figures.fold(0, |number, figure| (number * 10 + figure) % 1_000);
    format!("07700 900 {:03}", (number + further) % 1_000)
}

fn member_fields(family: &Family) -> Fields {
    let (given, last, relationship, language, interpreter) = family.sees;
    let parent = matches!(relationship, "mother" | "father");
    fields(&[
        ("given_name", given),
        ("family_name", last),
        ("relationship", relationship),
        ("entitlement", if parent { "a" } else { "none" }),
        ("parental_responsibility", if parent { "yes" } else { "no" }),
        ("may_attend", "yes"),
        ("phone", phone(family, 0).as_str()),
        ("language", language),
        ("interpreter", if interpreter { "yes" } else { "no" }),
        ("risk_marker", "history"),
        ("risk_detail", family.concerns),
    ])
}

fn legal_fields(filling: &Filling, family: &Family) -> Fields {
    let mut legal = fields(&[("legal_status", family.status)]);
    if family.status.starts_with('C') {
        legal.set("court", "Family Court at Nenebridge");
        legal.set("case_number", format!("NB26C0{}", family.care_first.trim_start_matches("CF-")));
        legal.set_date("order_date", filling.days_before(40));
        legal.set("terms", "Contact as the plan below, supervised, until the final hearing");
    }
    legal
}

fn contact_fields(family: &Family, sees: PersonId) -> Fields {
    let mut contact = fields(&[("constraints", "No photographs. No talk of the court or of coming home.")]);
    let line: Vec<(String, String)> =
        line_fields(family).iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let line: Vec<(&str, &str)> = line.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    set_wanted(&mut contact, &[(sees, &line)]);
    contact
}

/// How often a family is seen, and how.
fn line_fields(family: &Family) -> Fields {
    let mut line = fields(&[
        ("bound", if family.status.starts_with('C') { "at_least" } else { "exactly" }),
        ("per", "week"),
        ("minutes", family.minutes),
        ("court_ordered", if family.status.starts_with('C') { "yes" } else { "no" }),
        ("supervision", "supervised"),
    ]);
    line.set("count", family.weekdays.len().to_string());
    line
}

async fn save(desk: &Desk, id: ReferralId, section: Section, typed: Fields) -> Result<(), ServiceError> {
    let version = desk.referral(id).await?.referral.version;
    desk.save_section(id, section, &typed, version).await.map(|_| ())
}

async fn save_member(desk: &Desk, id: ReferralId, person: PersonId, typed: Fields) -> Result<(), ServiceError> {
    let version = desk.referral(id).await?.referral.version;
    desk.save_family_member(id, person, &typed, version).await.map(|_| ())
}

/// The coordinator calls, goes through every item and accepts.
async fn accept(
    filling: &Filling<'_>,
    house: &House,
    family: &Family,
    id: ReferralId,
) -> Result<ChildId, ServiceError> {
    let coordinator = house.one(Role::Coordinator, family.area, 0)?;
    let desk = filling.desk(&coordinator, Purpose::ServiceDelivery);
    filling.minutes_pass(3);
    desk.begin_verification(id).await?;
    desk.record_call(id, &CallFacts { minutes: 9, reached: true, ..CallFacts::default() }).await?;
    for item in Item::of(&desk.referral(id).await?.referral.body) {
        desk.answer_item(id, item, Outcome::Confirmed, None).await?;
    }
    filling.minutes_pass(9);
    desk.accept_referral(id).await
}

/// The coordinator assesses, the manager approves.
async fn assess(
    filling: &Filling<'_>,
    coordinator: &Colleague,
    manager: &Colleague,
    family: &Family,
    child: ChildId,
    person: PersonId,
) -> Result<(), ServiceError> {
    let desk = filling.desk(coordinator, Purpose::Assessment);
    let id = desk.begin_assessment(child, person, AssessmentId(Uuid::now_v7())).await?;
    let typed = fields(&[
        ("inappropriate", "yes"),
        ("inappropriate-l", "3"),
        ("inappropriate-i", "3"),
        ("inappropriate-controls", "The supervisor sits within hearing and turns the talk to something else."),
        ("inappropriate-rl", "2"),
        ("inappropriate-ri", "3"),
        ("emotional", "yes"),
        ("emotional-l", "3"),
        ("emotional-i", "3"),
        ("emotional-controls", "Short goodbyes, the carer close by, a call to the social worker afterwards."),
        ("emotional-rl", "2"),
        ("emotional-ri", "2"),
        ("supervision", "supervised"),
        ("staff", "1"),
        ("bag_check", "no"),
        ("meeting_before", "no"),
        ("summary", family.concerns),
    ]);
    let version = desk.assessment(id).await?.assessment.version;
    desk.save_assessment(id, &typed, version).await?;
    desk.send_assessment(id).await?;
    filling.minutes_pass(2);
    filling.desk(manager, Purpose::Assessment).approve_assessment(id).await
}

/// A child's plan from the order, agreed and started.
async fn plan(desk: &Desk, family: &Family, child: ChildId, sees: PersonId, from: Date) -> Result<Under, ServiceError> {
    let plan = desk.begin_plan(child, PlanId(Uuid::now_v7())).await?;
    let line = ArrangementId(Uuid::now_v7());
    let mut typed = line_fields(family);
    typed.set("with", sees.to_string());
    typed.set("start", family.start);
    typed.set("every_weeks", "1");
    typed.set("mode", "in_person");
    typed.set("rules", "No photographs. No talk of the court or of coming home.");
    typed.set("transport", "The carer brings and fetches the child.");
    typed.set_date("from", from);
    let weekdays = family.weekdays.iter().map(|day| ("weekday".to_owned(), day.to_string()));
    let typed: Fields = typed.iter().map(|(n, v)| (n.to_owned(), v.to_owned())).chain(weekdays).collect();
    let version = desk.plan(plan).await?.plan.version;
    desk.save_arrangement(plan, &desk.read_arrangement(line, &typed)?, version).await?;
    let agreed = Words::new("Family and carer, by phone this morning").ok_or(ServiceError::Broken("no words"))?;
    desk.move_plan(plan, &PlanStep::Agree(agreed)).await?;
    desk.move_plan(plan, &PlanStep::Start).await?;
    Ok(Under { plan, line })
}

/// The plans, and their sessions booked and confirmed: brothers and sisters in one.
async fn plan_and_book(
    filling: &Filling<'_>,
    house: &House,
    case: &mut FamilyInContact,
    first: Date,
) -> Result<(), ServiceError> {
    let family = case.family;
    let desk = filling.desk(&case.coordinator, Purpose::ServiceDelivery);
    let from = first.checked_add(1.day()).unwrap_or(first);
    let mut unders = Vec::new();
    for child in [case.child].iter().chain(&case.siblings) {
        unders.push(plan(&desk, family, *child, case.sees, from).await?);
    }
    let start_minute = calendar::time_from_text(family.start).map_or(600, calendar::time_minute);
    let end_minute = start_minute + family.minutes.parse::<i64>().unwrap_or(60);
    let room = house.room(family.area, family.room)?;
    let last = filling.today.checked_add(BOOKED_DAYS.days()).unwrap_or(filling.today);
    let works = filling.service.register().calendar();
    for day in from.series(1.day()).take_while(|day| *day <= last) {
        let open = family.weekdays.contains(&day.weekday().to_monday_one_offset()) && works.works(day);
        if !open {
            continue;
        }
        let slot = Slot { day, start_minute, end_minute };
        let id = SessionId(Uuid::now_v7());
        let booking = Booking { slot, room, supervisor: case.supervisor.id, second: None };
        desk.book_together(id, &unders, booking, None).await?;
        // The last days are booked and not confirmed yet, so that there is something to do.
        if calendar::day_number(day) - calendar::day_number(filling.today) < 8 {
            desk.confirm_session(id).await?;
        }
        case.sessions.push((id, slot));
    }
    Ok(())
}
