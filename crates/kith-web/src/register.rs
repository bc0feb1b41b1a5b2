//! The register, to be read and printed: what the service says it does, and what Kith enforces.

pub(crate) mod sections;
pub(crate) mod versions;

use askama::Template;
use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::catalogue::{ITEMS, NoticeCategory};
use kith_domain::form::lower_first;
use kith_service::Register;
use kith_service::register::Processor;

use crate::error::Answer;
use crate::person::Signed;
use crate::ui::{Page, render};

/// The days of [`kith_domain::session::Week`], and Sunday, on which the service is shut.
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

#[derive(Template)]
#[template(path = "register/show.html")]
struct RegisterPage {
    page: Page,
    /// Which version it is, since when, where that is said.
    version: String,
    authority: Vec<(String, String)>,
    areas: Vec<String>,
    purposes: Vec<(String, String, String)>,
    items: Vec<Held>,
    retention: Vec<(String, String)>,
    processors: Vec<(String, String)>,
    measures: Vec<(String, String)>,
    departments: Vec<String>,
    partners: Vec<String>,
    hours: Vec<(String, String)>,
    figures: Vec<(String, String)>,
}

fn authority(register: &Register) -> Vec<(String, String)> {
    let authority = register.authority();
    let rows = [
        ("Authority", authority.name.clone()),
        ("Service", authority.service.clone()),
        ("Code in every seal", register.code().to_owned()),
        ("Entry in the register of data controllers", authority.registration.clone()),
        ("Requests by post", authority.address.join(", ")),
        ("Requests by phone", authority.phone.clone()),
        ("Requests by email", authority.email.clone()),
        ("Data protection officer", authority.dpo_email.clone()),
    ];
    rows.into_iter().map(|(label, value)| (label.to_owned(), value)).collect()
}

fn hours(register: &Register) -> Vec<(String, String)> {
    let of_day = |(index, day): (usize, &str)| {
        let open = register.opening().get(index).copied().flatten().map_or_else(
            || "Shut".to_owned(),
            |hours| format!("{} to {}", calendar::clock(hours.start_minute), calendar::clock(hours.end_minute)),
        );
        (day.to_owned(), open)
    };
    DAYS.into_iter().enumerate().map(of_day).collect()
}

/// "1 month", though the register's unit is in the plural.
fn figure(value: i64, unit: &str) -> String {
    let (first, rest) = unit.split_once("days").map_or((unit, None), |(before, after)| (before, Some(after)));
    match (value, rest) {
        (1, Some(rest)) => format!("1 {first}day{rest}"),
        (1, None) => format!("1 {}", first.strip_suffix('s').unwrap_or(first)),
        _ => format!("{value} {unit}"),
    }
}

/// What is held of one kind that the public notice names.
struct Held {
    /// The notice's words.
    category: &'static str,
    /// Each item with whom it is about, and the purposes that it is read for.
    items: Vec<(String, String)>,
}

/// The items that the register names, by the notice's categories.
fn held(register: &Register) -> Vec<Held> {
    let name = |purpose: &Purpose| {
        let registered = register.purposes().iter().find(|registered| registered.code() == purpose.code());
        registered.map_or_else(|| purpose.code().to_owned(), |registered| registered.name.to_lowercase())
    };
    let of = |category: &NoticeCategory| {
        let items = ITEMS.iter().filter(|item| item.category == *category && register.items().has(item)).map(|item| {
            let purposes: Vec<String> = register.items().purposes(item).iter().map(name).collect();
            (format!("{}: {}", item.about.label(), lower_first(item.label)), purposes.join(", "))
        });
        Held { category: category.label(), items: items.collect() }
    };
    NoticeCategory::ALL.iter().map(of).filter(|held| !held.items.is_empty()).collect()
}

fn processor(of: &Processor) -> (String, String) {
    let transfer = if of.transfer.is_empty() { String::new() } else { format!(" ({})", of.transfer) };
    (of.name().to_owned(), format!("{}. {}{transfer}. Contract {}", of.does, of.place, of.contract))
}

/// GET /register
pub(crate) async fn show(signed: Signed) -> Answer {
    let desk = signed.desk(Purpose::Accountability);
    let register = desk.register().await?;
    let figures = register.figures().into_iter().map(|f| (f.name.to_owned(), figure(f.value, f.unit)));
    let since = register.in_force_since().map(calendar::long_date);
    let number = signed.app.service.register_number();
    render(&RegisterPage {
        page: Page::new(&signed, "Register", "/register"),
        version: since
            .map_or_else(|| format!("Version {number}"), |day| format!("Version {number}, in force since {day}")),
        authority: authority(register),
        areas: register.areas().map(|(_, name)| name.to_owned()).collect(),
        purposes: register
            .purposes()
            .iter()
            .map(|purpose| (purpose.name.clone(), purpose.code().to_owned(), purpose.legal_basis.clone()))
            .collect(),
        items: held(register),
        retention: register.retention().iter().map(|rule| (rule.name.clone(), rule.rule.clone())).collect(),
        processors: register.processors().iter().map(processor).collect(),
        measures: register.measures().iter().map(|of| (of.words.clone(), of.kept_by())).collect(),
        departments: register.authority().departments.clone(),
        partners: register.authority().partners.clone(),
        hours: hours(register),
        figures: figures.collect(),
    })
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use kith_domain::access::Role;

    use crate::testing::House;

    #[test]
    fn one_is_singular() {
        let of = super::figure;
        assert_eq!(of(1, "working days of submission"), "1 working day of submission");
        assert_eq!((of(1, "months"), of(3, "months")), ("1 month".into(), "3 months".into()));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_register_is_read_beside_the_audit_by_those_who_answer_for_it() {
        let house = House::open().await;
        for role in Role::STAFF {
            let seen = house.visitor(role, "north", role.code()).await.get("/register").await;
            let may = matches!(role, Role::Auditor | Role::DataProtection | Role::Administrator | Role::Manager);
            assert_eq!(seen.status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{role:?}");
            if !may {
                continue;
            }
            let text = seen.text();
            let register = house.test.service.register();
            let authority = register.authority();
            let words = register.purposes().iter().map(|purpose| &purpose.legal_basis);
            let words = words.chain(register.retention().iter().map(|rule| &rule.rule));
            let words = words.chain(&authority.departments).chain(&authority.partners).chain([&authority.registration]);
            for words in words {
                assert!(text.contains(words.as_str()), "{words}: {text}");
            }
            for words in [
                "The child: medication",
                "assessments, service delivery",
                "Saturday 09:00 to 17:00",
                "Sunday Shut",
                "A record is signed within 24 hours",
            ] {
                assert!(text.contains(words), "{words}: {text}");
            }
        }
    }
}
