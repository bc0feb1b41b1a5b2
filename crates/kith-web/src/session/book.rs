//! Booking one session at a time of one's own choice, and the fields that moving it shares.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{ArrangementId, PlanId, SessionId};
use kith_service::ServiceError;
use kith_service::session::{Booking, Proposals};
use uuid::Uuid;

use super::{rooms, supervisors};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, render, render_with, see_other};

#[derive(Template)]
#[template(path = "session/fields_booking.html")]
struct BookingFields<'a> {
    form: &'a FormView,
    rooms: Options,
    supervisors: Options,
    staff: i64,
}

/// Day, time, room and supervisors.
pub(crate) fn booking_fields(form: &FormView, proposals: &Proposals) -> Html {
    Html::of(&BookingFields {
        form,
        rooms: rooms(proposals),
        supervisors: supervisors(proposals),
        staff: proposals.staff,
    })
}

/// A booking as typed, with labels and words for reading.
pub(crate) fn readable(fields: &Fields, proposals: &Proposals) -> Vec<(String, String)> {
    let words = |options: Options, code: &str| {
        options.into_iter().find(|(known, _)| known == code).map_or_else(String::new, |(_, words)| words)
    };
    let day = format!("{} {} {}", fields.get("day-day"), fields.get("day-month"), fields.get("day-year"));
    [
        ("Day", day),
        ("Start time", fields.get("start").to_owned()),
        ("Length in minutes", fields.get("minutes").to_owned()),
        ("Room", words(rooms(proposals), fields.get("room"))),
        ("Supervisor", words(supervisors(proposals), fields.get("supervisor"))),
        ("Second supervisor", words(supervisors(proposals), fields.get("second"))),
    ]
    .into_iter()
    .map(|(label, value)| (label.to_owned(), value))
    .collect()
}

#[derive(Template)]
#[template(path = "session/book.html")]
struct BookPage {
    page: Page,
    id: Uuid,
    child: String,
    with: String,
    action: String,
    form: FormView,
    fields: Html,
}

async fn page(
    signed: &Signed,
    (plan, line): (PlanId, ArrangementId),
    id: Uuid,
    typed: Option<(Fields, Vec<Problem>)>,
) -> Result<BookPage, WebError> {
    let today = signed.app.service.today();
    let proposals = signed.delivery().propose_sessions(plan, line, today, today).await?;
    let (fields, problems) = typed.unwrap_or_else(|| {
        let mut fields = Fields::default();
        let start = proposals.line.pattern.start_minute;
        fields.set("start", start.map(kith_domain::calendar::clock).unwrap_or_default());
        fields.set("minutes", proposals.line.minutes.to_string());
        (fields, Vec::new())
    });
    let form = FormView::with(fields, problems);
    let list = format!("/plans/{plan}/arrangements/{line}/sessions");
    Ok(BookPage {
        page: Page::new(signed, "Book a session", "/diary").back(list.clone()).with_error(form.has_problems()),
        id,
        child: proposals.child.clone(),
        with: proposals.with.join(" and "),
        action: format!("{list}/new"),
        fields: booking_fields(&form, &proposals),
        form,
    })
}

/// GET /plans/{plan}/arrangements/{line}/sessions/new
pub(crate) async fn new(signed: Signed, Path(of): Path<(PlanId, ArrangementId)>) -> Answer {
    render(&page(&signed, of, Uuid::now_v7(), None).await?)
}

/// POST /plans/{plan}/arrangements/{line}/sessions/new
pub(crate) async fn book(Path((plan, line)): Path<(PlanId, ArrangementId)>, posted: Posted) -> Answer {
    let id: SessionId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let typed = posted.fields.only(|name| name != "id");
    let signed = &posted.signed;
    let booked = match Booking::read(&typed) {
        Ok(booking) => {
            let why = typed.get("beyond");
            signed.delivery().book_session_beyond(id, plan, line, booking, why).await
        }
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    let problems = match booked {
        Ok(()) => return see_other(&format!("/sessions/{id}?done=booked")),
        Err(ServiceError::Invalid(problems)) => problems,
        Err(ServiceError::Refused(refusal)) => vec![Problem::new("day", refusal.to_string())],
        Err(error) => return Err(error.into()),
    };
    let page = page(signed, (plan, line), id.0, Some((typed, problems))).await?;
    render_with(StatusCode::UNPROCESSABLE_ENTITY, &page)
}
