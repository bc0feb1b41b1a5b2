//! People who ask for their rights, and something that happened to data: what is on the desk of the data protection officer.

use jiff::civil::Date;
use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::{BreachId, RequestId};
use uuid::Uuid;

use super::house::House;
use super::{Colleague, Filling};
use crate::ServiceError;

/// Days before the demo opens on which it was received, how it came, what is asked, by whom, about whom, in their words.
type Asked = (i64, &'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

const REQUESTS: &[Asked] = &[
    (
        24,
        "letter",
        "access",
        "self",
        "Rosalind Penhallow",
        "",
        "I was in the care of the council until I was seventeen. I want to read what was written about me.",
    ),
    (
        9,
        "email",
        "rectification",
        "parent",
        "Gwenda Tarrant",
        "Elis Tarrant",
        "His second name is spelt with one L everywhere, and the school is not the one he goes to.",
    ),
    (
        3,
        "phone",
        "consent",
        "carer",
        "Desmond Achterberg",
        "Nia Probert",
        "The school must not get the times of the visits any more. I had said yes in September.",
    ),
];

fn typed(fields: &[(&str, &str)], day: (&str, Date)) -> Fields {
    let mut all: Fields = fields.iter().copied().collect();
    all.set_date(day.0, day.1);
    all
}

/// Writes down what people asked, and takes the first steps.
pub(super) async fn ask(filling: &Filling<'_>, house: &House) -> Result<(), ServiceError> {
    filling.at(filling.today, 9 * 60 + 10);
    let officer = &house.one(Role::DataProtection, "", 0)?;
    let supervisor = &house.one(Role::Supervisor, "north", 0)?;
    let desk = |who: &Colleague| filling.desk(who, Purpose::Accountability);
    for (days, channel, right, asker, name, about, what) in REQUESTS {
        let fields = [
            ("channel", *channel),
            ("right", *right),
            ("asker", *asker),
            ("name", *name),
            ("about", *about),
            ("what", *what),
            ("address", "12 Tannery Row\nNenebridge"),
        ];
        let id = RequestId(Uuid::now_v7());
        desk(officer).enter_request(id, &typed(&fields, ("received", filling.days_before(*days)))).await?;
        if *right == "access" {
            let asked = [
                ("kind", "identity_asked"),
                ("words", "A copy of a passport or a driving licence, or a call with somebody who knew you here."),
            ];
            desk(officer).take_request_step(id, &typed(&asked, ("on", filling.days_before(20)))).await?;
            let settled = [("kind", "identity_settled"), ("words", "Passport seen by video call.")];
            desk(officer).take_request_step(id, &typed(&settled, ("on", filling.days_before(12)))).await?;
        }
    }
    let noticed = [
        ("kind", "lost"),
        (
            "what",
            "A printed diary of the week was left on the bus from Canal Street. It has first names and times of four children.",
        ),
        ("whose", "Four children and their parents"),
        ("aware_time", "08:10"),
        ("done", "I rang the bus company. They look for it when the bus is back at the depot."),
    ];
    filling.at(filling.today, 9 * 60 + 20);
    let id = BreachId(Uuid::now_v7());
    desk(supervisor).suspect_breach(id, &typed(&noticed, ("aware", filling.today))).await?;
    Ok(())
}
