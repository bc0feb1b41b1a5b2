//! Requests of people about what is held of them: the public page, the desk of the data protection officer, the letters
//! (handbook sections 14 and 15).

mod decide;
mod end;
mod held;
mod letter;
mod page_words;
#[cfg(test)]
mod referred_tests;
#[cfg(test)]
mod tests;

use kith_domain::access::{Purpose, Role};
use kith_domain::calendar;
use kith_domain::clock::Due;
use kith_domain::form::Fields;
use kith_domain::ids::{AccountId, ChildId, RequestId};
use kith_domain::notice::NoticeKind;
use kith_domain::rights::{Asked, RequestState, RightsRequest, Step, StepKind, Untaken};
use kith_store::{EndedRequests, PersonRequest, StoreError, Work};
use uuid::Uuid;

pub use decide::{FactHeld, PlaceView, SaidSince, WentWrong};
pub use end::KeptFor;
pub use held::{FileConcerned, HeldView, MaybeAccount, MaybeHeld};
pub(crate) use held::{SHOWN, as_typed, on_form};
pub(crate) use letter::COMMISSIONER;
pub use letter::LetterKind;
pub use page_words::RightsWords;
pub(crate) use page_words::{english_kept, shipped};

use crate::paging::{Paged, window};
use crate::waiting::MORNING;
use crate::{Desk, Service, ServiceError};

/// How many days before its last day a request is reminded of.
const REMINDED_DAYS: i64 = 7;
/// Open requests that are looked through for others by the same person.
const LOOKED_THROUGH: u64 = 100;

/// A request with what a page needs beside it. No Debug: it names people.
pub struct RequestView {
    /// The request.
    pub request: PersonRequest,
    /// By when it is answered, with how that was counted.
    pub due: Option<Due>,
    /// What must be done before an answer is prepared.
    pub missing: Vec<&'static str>,
    /// What can be done now.
    pub possible: Vec<StepKind>,
    /// Other open requests of, or about, somebody of the same name.
    pub others: Vec<PersonRequest>,
    /// The letters that can be printed.
    pub letters: Vec<LetterKind>,
    /// For how long it is kept, once it is closed.
    pub kept: Option<KeptFor>,
}

/// A request in a list. No Debug: it names people.
pub struct RequestLine {
    /// The request.
    pub request: PersonRequest,
    /// By when it is answered.
    pub due: Option<Due>,
}

/// What somebody who has asked is told.
#[derive(Clone, Debug)]
pub struct Received {
    /// What to say when they call.
    pub reference: String,
    /// By when it is answered, with how that was counted.
    pub due: Option<Due>,
}

impl Service {
    /// Takes a request from the public page, as typed by somebody who is not signed in. The same form sent twice is one request.
    /// [`ServiceError::Wait`] when too many come from one address.
    pub async fn ask_by_page(
        &self,
        id: RequestId,
        typed: &Fields,
        from: std::net::IpAddr,
    ) -> Result<Received, ServiceError> {
        let asked = Asked::read(typed, false, self.today()).map_err(ServiceError::Invalid)?;
        self.pass_public_door(from)?;
        self.own_desk(Purpose::Accountability).put_request(id, asked).await
    }
}

impl Desk {
    /// Writes down a request that came by letter, email, phone or in person. Anybody on the staff can be asked (handbook section
    /// 14).
    pub async fn enter_request(&self, id: RequestId, typed: &Fields) -> Result<Received, ServiceError> {
        self.allow_service("request.create").await?;
        let asked = Asked::read(typed, true, self.service.today()).map_err(ServiceError::Invalid)?;
        self.put_request(id, asked).await
    }

    async fn put_request(&self, id: RequestId, asked: Asked) -> Result<Received, ServiceError> {
        self.service.store().create_file_key(id.0).await?;
        let (today, now_ms) = (self.service.today(), self.now_ms());
        let body = RightsRequest::new(asked);
        let due = body.due(today, self.service.register().calendar());
        let added = self.change("request.received", |work| {
            let (body, due_day) = (body.clone(), due.as_ref().map(|due| calendar::day_number(due.day)));
            async move {
                let mut row = PersonRequest::new(id, now_ms, due_day, body);
                work.insert_person_request(&mut row).await?;
                self.remind_of_request(&work, &row).await?;
                self.tell_officers(&work, NoticeKind::RequestCame, id.0).await
            }
        });
        match added.await {
            Ok(()) => Ok(Received { reference: id.reference(), due }),
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                let look = self.look();
                let there = look.person_request(id).await?;
                look.done("request.sent_again", self.now_ms()).await?;
                // The same form again is there; one that was changed after it was sent must not be taken for it.
                if there.body.asked == body.asked {
                    Ok(Received { reference: id.reference(), due })
                } else {
                    Err(sent_already())
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Reminds of a request a week before its last day.
    async fn remind_of_request(&self, work: &Work, row: &PersonRequest) -> Result<(), ServiceError> {
        let Some(due) = row.due_day else { return Ok(()) };
        let due_ms = calendar::instant_ms(calendar::day_of(due - REMINDED_DAYS), MORNING);
        self.remind(work, NoticeKind::RequestDueSoon, row.id.0, ChildId(Uuid::nil()), due_ms).await
    }

    /// Whom a request is told that has a week left: the officers. Nobody where it is closed, its clock has stopped, or it has longer by
    /// now: then another reminder waits.
    pub(crate) async fn concerned_by_request(
        &self,
        work: &Work,
        id: RequestId,
    ) -> Result<Vec<AccountId>, ServiceError> {
        let row = work.person_request(id).await?;
        let today = calendar::day_number(self.service.today());
        let presses = row.due_day.is_some_and(|due| due - REMINDED_DAYS <= today);
        let waits = matches!(row.state, RequestState::Open | RequestState::Ready);
        let officers = self.service.colleagues(Role::DataProtection);
        Ok(officers.into_iter().filter(|_| presses && waits).map(|card| card.id).collect())
    }

    /// Tells the data protection officers.
    pub(crate) async fn tell_officers(
        &self,
        work: &Work,
        kind: NoticeKind,
        subject: uuid::Uuid,
    ) -> Result<(), ServiceError> {
        let officers = self.service.colleagues(Role::DataProtection);
        self.tell(work, officers.into_iter().map(|card| card.id), kind, subject).await
    }

    /// A page, from 1, of the requests that are open, by when they are due, or of those that are closed, the newest first.
    pub async fn requests(&self, open: bool, page: usize) -> Result<Paged<RequestLine>, ServiceError> {
        self.requests_in(open, page, window(page)).await
    }

    /// So many of the open requests, those that are due first; nothing else is opened. The total is that of all that are open.
    pub async fn first_requests(&self, count: u64) -> Result<Paged<RequestLine>, ServiceError> {
        self.requests_in(true, 1, (count, 0)).await
    }

    async fn requests_in(
        &self,
        open: bool,
        page: usize,
        window: (u64, u64),
    ) -> Result<Paged<RequestLine>, ServiceError> {
        self.allow_service("request.read").await?;
        let look = self.look();
        let (rows, total) = look.person_requests(open, window).await?;
        look.done("requests.read", self.now_ms()).await?;
        let (today, calendar) = (self.service.today(), self.service.register().calendar());
        let line = |request: PersonRequest| {
            let open = !request.state.is_closed();
            RequestLine { due: open.then(|| request.body.due(today, calendar)).flatten(), request }
        };
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        Ok(Paged::new(rows.into_iter().map(line).collect(), total, page))
    }

    /// How many requests have ended, by the year in which they came and by right. Nothing is opened.
    pub async fn requests_ended(&self) -> Result<Vec<EndedRequests>, ServiceError> {
        self.allow_service("request.read").await?;
        Ok(self.look().ended_requests().await?)
    }

    /// How many requests are open, and the day by which the first is due. Nothing is opened.
    pub async fn requests_open(&self) -> Result<(u64, Option<jiff::civil::Date>), ServiceError> {
        let (count, first) = self.look().requests_open().await?;
        Ok((count, first.map(calendar::day_of)))
    }

    /// One request.
    pub async fn request(&self, id: RequestId) -> Result<RequestView, ServiceError> {
        self.allow_service("request.read").await?;
        let look = self.look();
        let request = look.person_request(id).await?;
        let others = if request.state.is_closed() {
            Vec::new()
        } else {
            let (open, _) = look.person_requests(true, (LOOKED_THROUGH, 0)).await?;
            open.into_iter().filter(|other| other.id != id && other.body.is_of_same_person(&request.body)).collect()
        };
        let kept = self.kept_for(&look, &request).await?;
        look.done("request.read", self.now_ms()).await?;
        let (today, calendar) = (self.service.today(), self.service.register().calendar());
        let open = !request.state.is_closed();
        Ok(RequestView {
            due: open.then(|| request.body.due(today, calendar)).flatten(),
            missing: if open { request.body.missing(today) } else { Vec::new() },
            possible: request.body.possible(today),
            letters: LetterKind::of(&request.body),
            kept,
            others,
            request,
        })
    }

    /// Takes a step, as typed. The same step sent twice is there once.
    pub async fn take_request_step(&self, id: RequestId, typed: &Fields) -> Result<RequestState, ServiceError> {
        self.allow_service("request.change").await?;
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        let step = Step::read(typed, today, me, now_ms).map_err(ServiceError::Invalid)?;
        self.change("request.step", |work| {
            let step = step.clone();
            async move {
                let mut row = work.person_request(id).await?;
                let same = |there: &Step| {
                    (there.kind, there.on, &there.words, there.by) == (step.kind, step.on, &step.words, step.by)
                };
                if row.body.steps.last().is_some_and(same) {
                    work.changed("rights_request", id.0, row.version);
                    return Ok(row.state);
                }
                if let Some(other) = step.other {
                    if other == id {
                        return Err(ServiceError::field("other", "Choose another request than this one"));
                    }
                    work.person_request(other).await?;
                }
                let kind = step.kind;
                self.step_of_pack(&work, id, &row.body, kind).await?;
                let calendar = self.service.register().calendar();
                row.body.take(step, today, calendar).map_err(untaken)?;
                let was_open = !row.state.is_closed();
                row.state = row.body.state();
                if was_open && row.state.is_closed() {
                    self.await_ends(&work, &row).await?;
                }
                let due = row.body.due(today, calendar).filter(|_| !row.state.is_closed());
                let before = std::mem::replace(&mut row.due_day, due.map(|due| calendar::day_number(due.day)));
                work.save_person_request(&mut row).await?;
                if row.due_day != before {
                    self.remind_of_request(&work, &row).await?;
                }
                match kind {
                    // With a pack they are told when it is put together.
                    StepKind::Prepared if work.pack(id).await?.is_none() => {
                        self.tell_officers(&work, NoticeKind::RequestReady, id.0).await?;
                    }
                    StepKind::GivenBack => {
                        let preparer = row.body.last(StepKind::Prepared).and_then(|step| step.by);
                        self.tell(&work, preparer, NoticeKind::RequestGivenBack, id.0).await?;
                    }
                    _ => {}
                }
                Ok(row.state)
            }
        })
        .await
    }
}

/// What was typed after the form had been sent.
pub(crate) fn sent_already() -> ServiceError {
    ServiceError::rule(
        "form.sent",
        "This form was sent before, and has been changed since. What is here now has not been kept yet. Send it again, and it is \
         kept beside the first",
    )
}

fn untaken(why: Untaken) -> ServiceError {
    match why {
        Untaken::Refused(refusal) => refusal.into(),
        Untaken::Wrong(problem) => ServiceError::Invalid(vec![problem]),
    }
}
