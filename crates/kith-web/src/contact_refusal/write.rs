//! Writing a refusal of contact down, and how it ended.

use askama::Template;
use axum::extract::Path;
use kith_domain::calendar;
use kith_domain::contact_refusal::{RefusalState, RefusedContact};
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, ContactRefusalId};
use kith_service::ServiceError;
use kith_service::contact_refusal::{NewRefusal, RefuseContact};
use uuid::Uuid;

use crate::error::Answer;
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, render_with, see_other};

#[derive(Template)]
#[template(path = "contact_refusal/new.html")]
struct NewPage {
    page: Page,
    child: ChildId,
    name: String,
    id: Uuid,
    who: Options,
    earlier: Vec<String>,
    child_hint: String,
    form: FormView,
}

impl NewPage {
    fn tell_child(&self) -> Html {
        let words = self.form.textarea(
            "for_the_child",
            "Why, in words for the child",
            "The child reads this in the notice. Short and true, and nobody is blamed",
            4,
        );
        let why =
            self.form.textarea("child_not_told", "Why is the child not told in writing?", "Age and understanding", 2);
        self.form.radios_reveal(
            "tell_child",
            "Is the child told in writing?",
            &self.child_hint,
            crate::ui::yes_no(),
            vec![("yes", words), ("no", why)],
        )
    }
}

fn new_page(signed: &Signed, child: ChildId, id: Uuid, new: NewRefusal, form: FormView) -> Answer {
    let earlier = new.earlier.iter().map(|line| {
        let refused = &line.refusal.body.refused;
        let (began, until) = (calendar::long_date(refused.began), calendar::long_date(refused.last_day()));
        format!("{}: from {began}, until {until} at the latest. {}", line.name, line.refusal.state.label())
    });
    let age = match new.age {
        Some(1) => "The child is 1 year old. ".to_owned(),
        Some(age) => format!("The child is {age} years old. "),
        None => String::new(),
    };
    let template = NewPage {
        page: Page::new(signed, "Refuse contact for at most seven days", "/children")
            .back(format!("/children/{child}"))
            .with_error(form.has_problems()),
        child,
        name: new.child,
        id,
        earlier: earlier.collect(),
        who: new.entitled.into_iter().map(|(person, words)| (person.to_string(), words)).collect(),
        child_hint: format!("{age}Yes, unless it would not be right at this age and with this understanding"),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /children/{child}/refusals/new
pub(crate) async fn new(signed: Signed, Path(child): Path<ChildId>) -> Answer {
    let new = signed.delivery().new_refusal(child).await?;
    let mut fields = Fields::default();
    fields.set_date("began", signed.app.service.today());
    new_page(&signed, child, Uuid::now_v7(), new, FormView::new(fields))
}

/// POST /children/{child}/refusals
pub(crate) async fn refuse(Path(child): Path<ChildId>, posted: Posted) -> Answer {
    let desk = posted.signed.delivery();
    let id: ContactRefusalId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let done = match RefusedContact::read(&posted.fields, posted.signed.app.service.today()) {
        Ok(refused) => desk.refuse_contact(&RefuseContact { id, child, refused }).await,
        Err(problems) => Err(ServiceError::Invalid(problems)),
    };
    match done {
        Ok(0) => see_other(&format!("/refusals/{id}?done=contact-refused")),
        Ok(_) => see_other(&format!("/refusals/{id}?done=contact-refused-flagged")),
        Err(ServiceError::Invalid(problems)) => {
            let new = desk.new_refusal(child).await?;
            new_page(&posted.signed, child, id.0, new, FormView::with(posted.fields, problems))
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "contact_refusal/end.html")]
struct EndPage {
    page: Page,
    id: ContactRefusalId,
    child: ChildId,
    name: String,
    last: String,
    orders: Options,
    form: FormView,
}

impl EndPage {
    fn how(&self) -> Html {
        let form = &self.form;
        let resumed = Html::joined(vec![form.date(
            "resumed_on",
            "From which day does contact go on?",
            &format!("The day after {} at the latest", self.last),
        )]);
        let order = if self.orders.is_empty() {
            form.radios("order", "Which order is it?", "No order is on the file. Write it down first", Options::new())
        } else {
            form.radios(
                "order",
                "Which order is it?",
                "If it is not here, write it down on the file first",
                self.orders.clone(),
            )
        };
        let why = form.textarea("why", "What was wrong?", "What was written stays on the file, with this beside it", 2);
        let options = [RefusalState::Resumed, RefusalState::Ordered, RefusalState::Mistaken];
        let words = |state: &RefusalState| match state {
            RefusalState::Ordered => "A court has made an order under section 34(4)".to_owned(),
            RefusalState::Mistaken => "It was written down by mistake: nothing was refused".to_owned(),
            state => state.label().to_owned(),
        };
        let options = options.iter().map(|state| (state.code().to_owned(), words(state))).collect();
        let reveal = vec![("resumed", resumed), ("ordered", order), ("mistaken", why)];
        form.radios_reveal("how", "What came of it?", "", options, reveal)
    }
}

async fn end_page(signed: &Signed, id: ContactRefusalId, form: FormView) -> Answer {
    let view = signed.delivery().contact_refusal(id).await?;
    if !view.may_change {
        return Err(ServiceError::NotFound.into());
    }
    if !view.is_running() {
        return see_other(&format!("/refusals/{id}"));
    }
    let template = EndPage {
        page: Page::new(signed, "How the refusal of contact ends", "/children")
            .back(format!("/refusals/{id}"))
            .with_error(form.has_problems()),
        id,
        child: view.refusal.child,
        name: format!("{} and {}", view.child, view.relative.name()),
        last: calendar::weekday_date(view.refusal.body.refused.last_day()),
        orders: view.orders.iter().map(|(id, words)| (id.to_string(), words.clone())).collect(),
        form,
    };
    render_with(template.form.status(""), &template)
}

/// GET /refusals/{id}/end
pub(crate) async fn ask_end(signed: Signed, Path(id): Path<ContactRefusalId>) -> Answer {
    end_page(&signed, id, FormView::default()).await
}

/// POST /refusals/{id}/end
pub(crate) async fn end(Path(id): Path<ContactRefusalId>, posted: Posted) -> Answer {
    match posted.signed.delivery().end_refusal(id, &posted.fields).await {
        Ok(()) => see_other(&format!("/refusals/{id}?done=refusal-ended")),
        Err(ServiceError::Invalid(problems)) => {
            end_page(&posted.signed, id, FormView::with(posted.fields, problems)).await
        }
        Err(error) => Err(error.into()),
    }
}
