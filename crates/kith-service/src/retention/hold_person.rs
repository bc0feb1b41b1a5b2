//! A hold on somebody whose file the data protection officer has not read and does not open: they are looked for by name and date of
//! birth, shown with why they may be meant, and chosen.

use kith_domain::ids::HoldId;
use kith_domain::retention::{HoldKind, SetHold, WhoToHold};
use kith_domain::rights::HeldSubject;
use kith_store::member_compared;

use super::NewHold;
use crate::rights::{MaybeHeld, SHOWN, as_typed};
use crate::{Desk, ServiceError};

impl Desk {
    /// Who of those held may be meant, the likeliest first, and how many more there are. What is opened for it, and that somebody was
    /// looked for, is in the access log under its purpose.
    pub async fn who_to_hold(&self, who: &WhoToHold) -> Result<(Vec<MaybeHeld>, usize), ServiceError> {
        let desk = self.of_rights();
        desk.allow_service("holds.search").await?;
        let look = desk.snapshot().await?;
        let typed = as_typed(&who.name, who.former_names.as_deref(), who.birth);
        let likely = desk.likely_ones(&look, &member_compared(&typed), true).await?;
        let mut maybe = desk.maybe(&look, likely, &[]).await?;
        let more = maybe.len().saturating_sub(SHOWN);
        maybe.truncate(SHOWN);
        let former = who.former_names.as_deref().unwrap_or_default();
        look.searched(self.service.asked(&[&who.name, former], maybe.len()));
        look.done("hold.searched", self.now_ms()).await?;
        Ok((maybe, more))
    }

    /// Sets a hold on somebody who was found: a child’s file, or every file in which a member of the family stands. `chosen` is one of
    /// those who are offered for `who`, as the form sends it back.
    pub async fn hold_person(
        &self,
        id: HoldId,
        who: &WhoToHold,
        chosen: &str,
        set: &SetHold,
    ) -> Result<(), ServiceError> {
        let offered = self.who_to_hold(who).await?.0;
        let chosen = HeldSubject::from_code(chosen).filter(|of| offered.iter().any(|one| one.subject == *of));
        let Some(subject) = chosen else {
            return Err(ServiceError::field("held", "Choose from those who are shown here"));
        };
        let kind = if subject.person.is_some() { HoldKind::Person } else { HoldKind::File };
        let set = SetHold { kind, ..set.clone() };
        let new = NewHold { id, child: Some(subject.file), subject: subject.person.map(|person| person.0), set };
        self.set_hold(&new).await
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kith_domain::access::{Purpose, Role};
    use kith_domain::form::Fields;
    use uuid::Uuid;

    use super::*;
    use crate::audit::LogQuery;
    use crate::retention::tests::{opened, rule};

    #[tokio::test(flavor = "multi_thread")]
    async fn somebody_is_found_by_name_and_held_and_no_file_was_opened() {
        // Handbook section 11: "a legal hold (inquiry, litigation, …) stops destruction"; section 2: the data protection officer must
        // not browse cases.
        let o = opened().await;
        let ann = WhoToHold { name: "Ann Marsh".into(), former_names: None, birth: None };
        for who in [&o.g.case.manager, &o.g.case.coordinator, &o.g.case.social_worker] {
            assert_eq!(rule(o.desk(who).who_to_hold(&ann).await), "forbidden");
        }
        let (found, more) = o.officer().who_to_hold(&ann).await.unwrap();
        let mother = found.iter().find(|one| one.subject.person == Some(o.g.case.mother)).expect("she is held");
        assert!(mother.name.contains("Ann") && !mother.why.is_empty() && more == 0);
        let mut typed: Fields =
            [("kind", "person"), ("asked_by", "The Inquiry"), ("why", "It asks for everything")].into_iter().collect();
        typed.set_date("review_on", date(2027, 5, 1));
        let set = SetHold::read(&typed, o.g.test.service.today()).ok().unwrap();
        let id = HoldId(Uuid::now_v7());
        let other = HeldSubject { file: o.g.case.child, person: Some(kith_domain::ids::PersonId(Uuid::now_v7())) };
        for code in ["", "nobody", other.code().as_str()] {
            assert_eq!(rule(o.officer().hold_person(id, &ann, code, &set).await), "held");
        }
        o.officer().hold_person(id, &ann, &mother.subject.code(), &set).await.unwrap();
        let hold = o.officer().hold(id).await.unwrap();
        assert_eq!(hold.line.hold.kind, HoldKind::Person);
        assert!(hold.files.iter().any(|(file, reads)| *file == o.g.case.child && !reads), "kept, and not read by them");
        // Of a child it is their file.
        let robin = WhoToHold { name: "Robin Marsh".into(), former_names: None, birth: Some(date(2021, 5, 3)) };
        let (found, _) = o.officer().who_to_hold(&robin).await.unwrap();
        let child = found.iter().find(|one| one.subject.person.is_none()).expect("a child");
        let id = HoldId(Uuid::now_v7());
        o.officer().hold_person(id, &robin, &child.subject.code(), &set).await.unwrap();
        assert_eq!(o.officer().hold(id).await.unwrap().line.hold.kind, HoldKind::File);
        let auditor = o.g.test.colleague(Role::Auditor, "", "auditor").await.unwrap();
        let log = o.g.test.desk(&auditor, Purpose::Accountability).access_log(&LogQuery::default()).await.unwrap();
        let looked = log.entries.iter().find(|of| of.entry.action == "hold.searched").expect("it is in the log");
        assert_eq!(looked.entry.purpose, Some(Purpose::Rights));
    }
}
