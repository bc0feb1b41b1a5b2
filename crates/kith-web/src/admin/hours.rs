//! Working hours of supervisors.

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::AccountId;
use kith_domain::venue::{read_working_hours, week_fields};
use kith_service::ServiceError;
use kith_service::venue::WorkingHours;

use super::{Day, days, desk, readable_week, week_words};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::referral::list::Done;
use crate::ui::{FormView, Html, Page, compare, render, render_with, see_other};

const HERE: &str = "/admin/hours";

#[derive(Template)]
#[template(path = "admin/hours.html")]
struct ListPage {
    page: Page,
    rows: Vec<Row>,
}

struct Row {
    to: String,
    name: String,
    area: String,
    hours: Vec<String>,
}

/// GET /admin/hours
pub(crate) async fn list(signed: Signed, Query(done): Query<Done>) -> Answer {
    let all = desk(&signed).working_hours().await?;
    let row = |of: WorkingHours| Row {
        to: format!("/admin/hours/{}", of.card.id),
        name: of.card.name,
        area: signed.app.service.register().area_name(&of.card.area),
        hours: week_words(&of.week),
    };
    let rows = all.into_iter().map(row).collect();
    render(&ListPage { page: Page::new(&signed, "Working hours", HERE).with_done(done.words()), rows })
}

#[derive(Template)]
#[template(path = "admin/hours_of.html")]
struct ShowPage {
    page: Page,
    id: AccountId,
    name: String,
    shown: String,
    days: Vec<Day>,
    form: FormView,
    conflict: Html,
}

async fn find(signed: &Signed, id: AccountId) -> Result<WorkingHours, WebError> {
    let all = desk(signed).working_hours().await?;
    Ok(all.into_iter().find(|of| of.card.id == id).ok_or(ServiceError::NotFound)?)
}

fn show_page(signed: &Signed, of: WorkingHours, shown: String, form: FormView, conflict: Html) -> ShowPage {
    let page = Page::new(signed, "Working hours", HERE).back(HERE).with_error(form.has_problems());
    ShowPage { page, id: of.card.id, name: of.card.name, shown, days: days(&form), form, conflict }
}

/// GET /admin/hours/{account}
pub(crate) async fn show(signed: Signed, Path(id): Path<AccountId>) -> Answer {
    let of = find(&signed, id).await?;
    let (shown, form) = (of.code(), FormView::new(week_fields(&of.week)));
    render(&show_page(&signed, of, shown, form, Html::default()))
}

/// POST /admin/hours/{account}
pub(crate) async fn set(Path(id): Path<AccountId>, posted: Posted) -> Answer {
    let (signed, fields) = (&posted.signed, posted.fields);
    let shown = fields.get("shown").to_owned();
    let done = match read_working_hours(&fields, signed.app.service.register().opening()) {
        Ok(week) => desk(signed).set_working_hours(id, &shown, week).await,
        Err(problems) => Err(problems.into()),
    };
    let (status, problems) = match done {
        Ok(()) => return see_other("/admin/hours?done=saved"),
        Err(ServiceError::Conflict { theirs, .. }) => return both(signed, id, fields, &theirs).await,
        Err(ServiceError::Invalid(problems)) => (StatusCode::UNPROCESSABLE_ENTITY, problems),
        // Sessions stand in the way of these hours: they can be typed again.
        Err(ServiceError::Refused(refusal)) => {
            (StatusCode::CONFLICT, vec![Problem::new("open-1", refusal.to_string())])
        }
        Err(error) => return Err(error.into()),
    };
    let of = find(signed, id).await?;
    render_with(status, &show_page(signed, of, shown, FormView::with(fields, problems), Html::default()))
}

/// What somebody else set meanwhile, beside what was typed; sent again, it is over theirs.
async fn both(signed: &Signed, id: AccountId, mine: Fields, theirs: &Fields) -> Answer {
    let conflict = compare(&mine, theirs, readable_week);
    let of = find(signed, id).await?;
    let shown = of.code();
    render_with(StatusCode::CONFLICT, &show_page(signed, of, shown, FormView::new(mine), conflict))
}
