//! The days of the demo's past, lived one session after the other: held, cancelled, missed, recorded, signed, reviewed.

use jiff::ToSpan;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{AssessmentId, EntryId, ReportId, SessionId};
use kith_domain::record::sheet::{EndSaid, Typed};
use kith_domain::record::{AgeBand, Basis, Came, Ended, Heading, Observation, Verdict};
use kith_domain::report::ReportFacts;
use kith_domain::session::{CancelReason, CancelledBy, Cancelling, Slot};
use uuid::Uuid;

use super::cases::{FamilyInContact, begin_the_rest};
use super::house::House;
use super::words::entries;
use super::{Filling, PASSWORD};
use crate::ServiceError;
use crate::record::Signing;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().copied().collect()
}

/// What becomes of a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Held,
    HeldLate,
    EndedEarly,
    NobodyCame,
    Cancelled,
}

/// Fixed by the session's place in the week: the same demo every time.
fn fate(number: usize) -> Fate {
    match number % 17 {
        4 => Fate::Cancelled,
        8 => Fate::NobodyCame,
        11 => Fate::EndedEarly,
        13 | 6 => Fate::HeldLate,
        _ => Fate::Held,
    }
}

/// Something that happens at an instant.
enum Happening {
    Cancel,
    Hold,
    Sign,
    RecordReview,
}

/// Lives every day up to the opening of the demo.
pub(crate) async fn live(filling: &Filling<'_>, house: &House, cases: &[FamilyInContact]) -> Result<(), ServiceError> {
    let mut happenings: Vec<(i64, Happening, usize, SessionId, Slot, Fate)> = Vec::new();
    let mut number = 0;
    for (index, case) in cases.iter().enumerate() {
        for &(id, slot) in case.sessions.iter().filter(|(_, slot)| slot.day < filling.today) {
            let fate = fate(number);
            number += 1;
            let mut happens = |at_ms, what| happenings.push((at_ms, what, index, id, slot, fate));
            if fate == Fate::Cancelled {
                happens(slot.starts_ms() - 19 * 3_600_000, Happening::Cancel);
                continue;
            }
            happens(slot.starts_ms() - 5 * 60_000, Happening::Hold);
            // One record of the last days is left unsigned, and one waits for its review.
            let last_days = calendar::day_number(filling.today) - calendar::day_number(slot.day) <= 4;
            if last_days && number % 5 == 0 {
                continue;
            }
            let late = fate == Fate::HeldLate && number % 2 == 0;
            let signed_ms = slot.ends_ms() + if late { 30 * 3_600_000 } else { 22 * 60_000 };
            happens(signed_ms, Happening::Sign);
            if !last_days || number % 3 == 0 {
                happens(signed_ms + 20 * 3_600_000, Happening::RecordReview);
            }
        }
    }
    let opens_ms = calendar::instant_ms(filling.today, 8 * 60);
    happenings.retain(|happening| happening.0 < opens_ms);
    happenings.sort_by_key(|happening| happening.0);
    for (at_ms, what, index, id, slot, fate) in happenings {
        filling.clock.move_to(at_ms);
        let case = &cases[index];
        match what {
            Happening::Cancel => cancel(filling, case, id).await?,
            Happening::Hold => hold(filling, case, id, slot, fate).await?,
            Happening::Sign => sign(filling, case, id).await?,
            Happening::RecordReview => review(filling, case, id).await?,
        }
    }
    morning(filling, house, cases).await
}

async fn cancel(filling: &Filling<'_>, case: &FamilyInContact, id: SessionId) -> Result<(), ServiceError> {
    let desk = filling.desk(&case.coordinator, Purpose::ServiceDelivery);
    let said = Cancelling {
        by: CancelledBy::Carer,
        reason: CancelReason::Illness,
        note: Some("Sick in the night; no temperature.".into()),
        replacement: true,
        told_ms: desk.now_ms(),
    };
    let version = desk.session(id).await?.session.version;
    desk.cancel_session(id, version, &said).await
}

async fn hold(
    filling: &Filling<'_>,
    case: &FamilyInContact,
    id: SessionId,
    slot: Slot,
    fate: Fate,
) -> Result<(), ServiceError> {
    let desk = filling.desk(&case.supervisor, Purpose::ServiceDelivery);
    let late = if fate == Fate::HeldLate { 12 } else { 0 };
    let start = slot.start_minute + late;
    desk.start_session(id, None).await?;
    filling.at(slot.day, start + 1);
    let family = match fate {
        Fate::NobodyCame => Came::default(),
        Fate::HeldLate => Came::at(start).because("“The bus did not come.”"),
        _ => Came::at(start),
    };
    let began = (fate != Fate::NobodyCame).then_some(start);
    say(&desk, id, &came(case, &Came::at(slot.start_minute - 3), &family), began, None).await?;
    if fate == Fate::NobodyCame {
        write(
            &desk,
            id,
            slot.start_minute,
            "arrival",
            "seen",
            "Waited in the play room from the hour. At a quarter past, the wait agreed in the plan was over.",
        )
        .await?;
        filling.at(slot.day, slot.start_minute + 16);
        write(
            &desk,
            id,
            slot.start_minute + 16,
            "after_carer",
            "told",
            "The carer took the child home and will say that we do not know why yet.",
        )
        .await?;
        let end = EndSaid {
            minute: slot.start_minute + 16,
            how: Ended::NotHeld,
            note: Some("Waited fifteen minutes, phoned twice, told the social worker.".into()),
        };
        let absent = Came::absent("No call. Phone goes to the mailbox.");
        let child = Came::between(slot.start_minute - 3, slot.start_minute + 16);
        return say(&desk, id, &came(case, &child, &absent), None, Some(end)).await;
    }
    let band = AgeBand::of_age(
        desk.record(id)
            .await?
            .children
            .first()
            .and_then(|child| child.body.facts.as_ref())
            .map_or(5, |facts| facts.birth.age_on(slot.day)),
    );
    let variant = usize::try_from(calendar::day_number(slot.day)).unwrap_or(0);
    let written = entries(band, variant, case.family.given, case.family.sees.0);
    let length = slot.end_minute - slot.start_minute;
    let count = i64::try_from(written.len()).unwrap_or(1);
    for (step, (heading, basis, text)) in (0_i64..).zip(written) {
        let about = slot.start_minute + late + step * (length - late - 5) / count;
        filling.at(slot.day, about + 2);
        write(&desk, id, about, heading, basis, &text).await?;
    }
    let (minute, how, note) = if fate == Fate::EndedEarly {
        (slot.end_minute - 20, Ended::Early, Some("The child was tired and asked to go; ended calmly.".to_owned()))
    } else {
        (slot.end_minute, Ended::Complete, None)
    };
    filling.at(slot.day, minute);
    let child = Came::between(slot.start_minute - 3, minute);
    let family = Came { stays: vec![(Some(start), Some(minute))], ..family };
    say(&desk, id, &came(case, &child, &family), None, Some(EndSaid { minute, how, note })).await
}

/// Who came, as the lines of the record stand: each of the children, then who sees them.
fn came(case: &FamilyInContact, child: &Came, family: &Came) -> Vec<(usize, Came)> {
    let children = 1 + case.siblings.len();
    let lines = (0..children).map(|line| (line, child.clone()));
    lines.chain([(children, family.clone())]).collect()
}

/// Says who came, when it began, when and how it ended.
async fn say(
    desk: &crate::Desk,
    id: SessionId,
    came: &[(usize, Came)],
    began: Option<i64>,
    end: Option<EndSaid>,
) -> Result<(), ServiceError> {
    let course = desk.record(id).await?.saying(came, began, end);
    let kept = desk.keep_course(id, Uuid::now_v7(), &course).await?;
    if kept.problems.is_empty() { Ok(()) } else { Err(kept.problems.into()) }
}

async fn write(
    desk: &crate::Desk,
    id: SessionId,
    about: i64,
    heading: &str,
    basis: &str,
    text: &str,
) -> Result<(), ServiceError> {
    let observation = Observation {
        heading: Heading::from_code(heading).unwrap_or(Heading::Interaction),
        about_minute: Some(about),
        basis: Basis::from_code(basis),
        quotation: heading == "child_said",
        text: text.to_owned(),
    };
    let entry = EntryId(Uuid::now_v7());
    let typed = Typed { entry, version: 0, observation, children: Vec::new(), device: None };
    desk.write_entry(id, typed).await.map(|_| ())
}

async fn sign(filling: &Filling<'_>, case: &FamilyInContact, id: SessionId) -> Result<(), ServiceError> {
    let desk = filling.desk(&case.supervisor, Purpose::ServiceDelivery);
    let late = "Two sessions back to back, then the end of the shift.";
    desk.sign_record(id, &Signing { password: PASSWORD.into(), late_reason: Some(late.into()) }).await
}

async fn review(filling: &Filling<'_>, case: &FamilyInContact, id: SessionId) -> Result<(), ServiceError> {
    let desk = filling.desk(&case.manager, Purpose::ServiceDelivery);
    // Mostly accepted; now and then there is something to ask for.
    let accepted = id.0.as_u128() % 11 != 3;
    let comment = if accepted {
        "Clear and timed; the child’s own words are there."
    } else {
        "The goodbye is told in one line. What did you see and hear, and for how long?"
    };
    desk.review_record(id, &Verdict { accepted, comment: Some(comment.into()) }).await
}

/// The morning on which the demo opens: what has just come in, and a report that is ready.
async fn morning(filling: &Filling<'_>, house: &House, cases: &[FamilyInContact]) -> Result<(), ServiceError> {
    // What was told in the days before has been read.
    for colleague in house.everybody() {
        filling.desk(colleague, Purpose::ServiceDelivery).put_notices_away().await?;
    }
    filling.at(filling.today, 8 * 60 + 5);
    begin_the_rest(filling, house).await?;
    if let Some(case) = cases.first() {
        filling.at(filling.today, 8 * 60 + 40);
        let desk = filling.desk(&case.coordinator, Purpose::OfficialReporting);
        let facts = ReportFacts {
            from: filling.days_before(15),
            to: filling.today.checked_sub(1.day()).unwrap_or(filling.today),
            statement: "I have coordinated the contact of this family since it was referred, and have read every record of this period.\n\nThe mother came to the sessions as arranged. Where a session did not take place the reason is given in the table.".into(),
        };
        let report = desk.begin_report(case.child, ReportId(Uuid::now_v7()), facts.clone()).await?;
        let version = desk.report(report).await?.report.version;
        desk.sign_report(report, version, &facts, PASSWORD).await?;
    }
    // A newer assessment that waits for the manager.
    if let Some(case) = cases.get(4) {
        let desk = filling.desk(&case.coordinator, Purpose::Assessment);
        let id = desk.begin_assessment(case.child, case.sees, AssessmentId(Uuid::now_v7())).await?;
        let typed = fields(&[
            ("abduction", "yes"),
            ("abduction-l", "3"),
            ("abduction-i", "5"),
            ("abduction-controls", "Side entrance, two members of staff, car keys left at the desk."),
            ("abduction-rl", "2"),
            ("abduction-ri", "5"),
            ("supervision", "supervised"),
            ("staff", "2"),
            ("bag_check", "yes"),
            ("meeting_before", "yes"),
            ("summary", "He told the social worker on Friday that he “could just drive off with him”."),
        ]);
        let version = desk.assessment(id).await?.assessment.version;
        desk.save_assessment(id, &typed, version).await?;
        desk.send_assessment(id).await?;
    }
    Ok(())
}
