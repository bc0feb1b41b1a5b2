//! Beginning a referral and saving its sections.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use kith_domain::calendar;
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::ReferralId;
use kith_domain::listed::ReferralList;
use kith_domain::referral::{CopyFor, ReferralDraft, Section};
use kith_service::ServiceError;
use kith_service::referral::CopyFrom;
use uuid::Uuid;

use super::answers::{of_asked, readable};
use super::forms::{Asks, fields, goes_on};
use crate::error::{Answer, WebError};
use crate::person::Signed;
use crate::posted::Posted;
use crate::ui::{FormView, Html, Options, Page, compare, kept, pairs, render, render_with, see_other};

#[derive(Template)]
#[template(path = "referral/new.html")]
struct NewPage {
    page: Page,
    id: Uuid,
    form: FormView,
    /// The newest referrals and the files of this person, to begin with what one of them says.
    earlier: Options,
}

impl NewPage {
    fn whom(&self) -> Html {
        let whom = pairs(&[("same", "The same child again"), ("sibling", "A brother or sister")]);
        self.form.with_preset("whom", "sibling").radios("whom", "For whom is the new one?", "", whom)
    }
}

/// GET /referrals/new
pub(crate) async fn new(signed: Signed) -> Answer {
    let desk = signed.delivery();
    desk.may_refer().await?;
    let page = Page::new(&signed, "Refer a child", "/referrals").back("/referrals");
    let files = desk.my_files(None, 1).await?.rows.into_iter();
    let files =
        files.map(|file| (format!("{OF_FILE}{}", file.child.id), format!("{}: the file as it stands", file.name)));
    let newest = desk.my_referrals(ReferralList::default(), 1).await?.paged.rows;
    let earlier = newest.into_iter().filter_map(|listed| {
        let view = listed.view;
        let names = view.referral.body.children_names();
        let begun = calendar::long_date(calendar::in_london(view.referral.created_ms).date());
        let words = format!("{names}, {}, begun {begun}", view.referral.state.label().to_lowercase());
        (!names.is_empty()).then(|| (view.referral.id.to_string(), words))
    });
    render(&NewPage { page, id: Uuid::now_v7(), form: FormView::default(), earlier: earlier.chain(files).collect() })
}

/// Before the id of a file, where what it begins with is chosen.
const OF_FILE: &str = "file-";

/// POST /referrals
pub(crate) async fn begin(posted: Posted) -> Answer {
    let id: ReferralId = posted.fields.get("id").parse().map_err(|_| ServiceError::NotFound)?;
    let from = posted.fields.get("from");
    let from = match from.strip_prefix(OF_FILE) {
        Some(file) => file.parse().ok().map(CopyFrom::File),
        None => from.parse().ok().map(CopyFrom::Referral),
    };
    let from = from.zip(CopyFor::from_code(posted.fields.get("whom")));
    let id = posted.signed.delivery().begin_referral(id, from).await?;
    see_other(&format!("/referrals/{id}/sections/child"))
}

#[derive(Template)]
#[template(path = "referral/section.html")]
struct SectionPage {
    page: Page,
    heading: String,
    action: String,
    version: i64,
    form: FormView,
    conflict: Html,
    fields: Html,
    remove: Option<(String, &'static str)>,
    another: Option<&'static str>,
}

/// What a section's page shows.
pub(crate) struct SectionShown<'a> {
    /// The page's title, which names nobody.
    pub(crate) title: &'static str,
    /// Its heading.
    pub(crate) heading: String,
    /// Where its form goes.
    pub(crate) action: String,
    /// Where "Back" goes.
    pub(crate) back: String,
    /// Which fields it has.
    pub(crate) asks: Asks,
    /// The version it was read at.
    pub(crate) version: i64,
    /// What was typed.
    pub(crate) typed: Fields,
    /// What is wrong with it.
    pub(crate) problems: Vec<Problem>,
    /// What somebody else saved meanwhile.
    pub(crate) theirs: Option<Fields>,
    /// The whole form.
    pub(crate) draft: &'a ReferralDraft,
    /// Where what the page is about is taken back, and the words on that button.
    pub(crate) remove: Option<(String, &'static str)>,
    /// Whether another page like it can follow, and the words on that button.
    pub(crate) another: Option<&'static str>,
}

/// Renders a section's page.
pub(crate) fn section_page(signed: &Signed, shown: SectionShown) -> Answer {
    let conflict = shown
        .theirs
        .as_ref()
        .map(|theirs| compare(&shown.typed, theirs, |fields| of_asked(shown.asks, fields, shown.draft)))
        .unwrap_or_default();
    let status = match (&shown.theirs, shown.problems.is_empty()) {
        (Some(_), _) => StatusCode::CONFLICT,
        (None, false) => StatusCode::UNPROCESSABLE_ENTITY,
        (None, true) => StatusCode::OK,
    };
    let form = FormView::with(shown.typed, shown.problems);
    let page = Page::new(signed, shown.title, "/referrals").back(shown.back).with_error(status != StatusCode::OK);
    let fields = fields(shown.asks, &form, shown.draft, signed.app.service.register().items());
    let template = SectionPage {
        page,
        heading: shown.heading,
        action: shown.action,
        version: shown.version,
        form,
        conflict,
        fields,
        remove: shown.remove,
        another: shown.another,
    };
    render_with(status, &template)
}

fn shown(id: ReferralId, section: Section, draft: &ReferralDraft, version: i64, typed: Fields) -> SectionShown<'_> {
    SectionShown {
        title: section.label(),
        heading: section.label().to_owned(),
        action: format!("/referrals/{id}/sections/{}", section.code()),
        back: format!("/referrals/{id}"),
        asks: Asks::Section(section),
        version,
        typed,
        problems: Vec::new(),
        theirs: None,
        draft,
        remove: None,
        another: None,
    }
}

fn one_page(code: &str) -> Result<Section, WebError> {
    Section::from_code(code).filter(|section| *section != Section::Family).ok_or_else(|| ServiceError::NotFound.into())
}

/// GET /referrals/{id}/sections/{section}
pub(crate) async fn section(signed: Signed, Path((id, code)): Path<(ReferralId, String)>) -> Answer {
    let section = one_page(&code)?;
    let view = signed.delivery().referral(id).await?;
    if !view.may_edit {
        return see_other(&format!("/referrals/{id}/answers"));
    }
    let draft = &view.referral.body;
    let typed = draft.fields(section).cloned().unwrap_or_default();
    // A section taken up again shows at once what is still missing.
    let problems = if typed.is_blank() { Vec::new() } else { draft.problems(section, signed.app.service.today()) };
    let mut shown = shown(id, section, draft, view.referral.version, typed);
    shown.problems = problems;
    let page = section_page(&signed, shown)?;
    Ok(with_status(page, StatusCode::OK))
}

/// POST /referrals/{id}/sections/{section}
pub(crate) async fn save_section(Path((id, code)): Path<(ReferralId, String)>, posted: Posted) -> Answer {
    let section = one_page(&code)?;
    let desk = posted.signed.delivery();
    let version = posted.fields.get("version").parse().unwrap_or(0);
    let typed = posted.fields.only(|name| name != "version" && name != "then");
    match desk.save_section(id, section, &typed, version).await {
        Ok(saved) if saved.problems.is_empty() || posted.fields.get("then") == "leave" => {
            see_other(&goes_on(id, posted.fields.get("then"), saved.next))
        }
        Ok(saved) => {
            let view = desk.referral(id).await?;
            let mut shown = shown(id, section, &view.referral.body, saved.version, typed);
            shown.problems = saved.problems;
            section_page(&posted.signed, shown)
        }
        Err(ServiceError::Conflict { theirs, version }) => {
            let view = desk.referral(id).await?;
            let mut shown = shown(id, section, &view.referral.body, version, typed);
            shown.theirs = Some(*theirs);
            section_page(&posted.signed, shown)
        }
        // Sent meanwhile, in another tab: what was typed is shown, to be copied.
        Err(ServiceError::Refused(refusal)) => {
            let view = desk.referral(id).await?;
            let rows = readable(section, &typed, &view.referral.body);
            kept(&posted.signed, &format!("/referrals/{id}"), rows, &refusal.to_string())
        }
        Err(error) => Err(error.into()),
    }
}

/// The same page with another status.
pub(crate) fn with_status(mut response: axum::response::Response, status: StatusCode) -> axum::response::Response {
    *response.status_mut() = status;
    response
}
