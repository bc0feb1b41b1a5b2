//! Two files from long ago, taken over from paper, of people who are seventy-five now: their time is over. Invented.

use jiff::ToSpan;
use kith_domain::access::{Purpose, Role};
use kith_domain::fact::{FactStanding, Source, Statement, Subject};
use kith_domain::form::Fields;
use kith_domain::ids::StatementId;
use kith_store::{Child, ChildBody, ChildState, Earlier};
use uuid::Uuid;

use super::Filling;
use super::house::House;
use crate::ServiceError;

/// Area, first name, last name, sex, number, days ago of the 75th birthday.
const FILES: &[(&str, &str, &str, &str, &str, i64)] = &[
    ("north", "Winifred", "Ashdown", "female", "CF-000412", 12),
    ("south", "Desmond", "Garrick", "male", "CF-000437", 41),
];

/// Puts them in.
pub(super) async fn open(filling: &Filling<'_>, house: &House) -> Result<(), ServiceError> {
    for (area, given, family, sex, number, days) in FILES {
        let worker = house.one(Role::SocialWorker, area, 0)?;
        let coordinator = house.one(Role::Coordinator, area, 0)?;
        let desk = filling.desk(&coordinator, Purpose::ServiceDelivery);
        let child = desk.new_file().await?;
        let born = filling.days_before(*days).saturating_sub(75.years());
        let born = born.to_string();
        let values: Fields = [
            ("given_name", *given),
            ("family_name", *family),
            ("birth_kind", "on"),
            ("dob", &born),
            ("sex", *sex),
            ("care_first", *number),
            ("legal_status", "C2"),
            ("language", "English"),
        ]
        .into_iter()
        .collect();
        let said = &Statement {
            id: StatementId(Uuid::now_v7()),
            subject: Subject::Child { child },
            recorded_ms: desk.now_ms(),
            by: coordinator.id,
            source: Source::Import { system: "the paper archive".to_owned() },
            said_by: "The paper archive".to_owned(),
            since: None,
            standing: FactStanding::Said,
            values,
            note: None,
            takes_back: None,
        };
        desk.change("demo.archived", |work| async move {
            let mut file = Child {
                id: child,
                version: 0,
                state: ChildState::Closed,
                area: (*area).to_owned(),
                social_worker: worker.id,
                earlier: Earlier::default(),
                created_ms: said.recorded_ms,
                body: ChildBody::default(),
            };
            work.insert_child(&mut file).await?;
            Ok(work.add_statement(said).await?)
        })
        .await?;
    }
    Ok(())
}
