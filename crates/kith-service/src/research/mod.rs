//! Figures for planning the service and for research (handbook section 12): asked by one, decided by another, counted by Kith, gone on a
//! day. What leaves is counts, or lines under pseudonyms as far as five of them are alike: never a name, never a text.

mod make;
#[cfg(test)]
mod tests;

use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::{day_number, day_of, instant_ms};
use kith_domain::decision::Decided;
use kith_domain::form::Words;
use kith_domain::ids::{AccountId, ResearchId};
use kith_domain::notice::NoticeKind;
use kith_domain::research::{Extract, RequestFacts, ResearchRequest, ResearchState, Variable, variables};
use kith_store::{Job, RequestForFigures, StoreError, Work};
use serde::{Deserialize, Serialize};

use crate::paging::{Paged, window};
use crate::policy::Resource;
use crate::{Desk, Service, ServiceError};

pub(crate) use make::MAKE;

/// The kind of a job that takes away what was made.
pub(crate) const END: &str = "research.end";

/// Which request.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct OfRequest {
    request: ResearchId,
}

/// A request with what a page needs beside it.
pub struct ResearchView {
    /// The request.
    pub request: RequestForFigures,
    /// Who asked.
    pub author: String,
    /// Whether this person may decide it.
    pub may_decide: bool,
    /// Whether this person may end it: who asked, and the data protection officer.
    pub may_end: bool,
    /// What was made, for who asked and the data protection officer.
    pub extract: Option<Extract>,
}

impl Service {
    /// What can be counted by: what the authority's register lets be read for planning.
    pub fn counted_by(&self) -> impl Iterator<Item = Variable> + '_ {
        variables().filter(|of| self.is_counted(*of))
    }

    /// Whether the register lets a variable be counted.
    pub fn is_counted(&self, of: Variable) -> bool {
        of.item().is_none_or(|item| self.register().items().covers(item, Purpose::ServicePlanning))
    }
}

impl Desk {
    /// A page, from 1, of the requests for figures, the newest first. They name nobody.
    pub async fn research(&self, page: usize) -> Result<Paged<RequestForFigures>, ServiceError> {
        self.allow_service("research.read").await?;
        let look = self.look();
        let (rows, total) = look.requests_for_figures(window(page)).await?;
        look.done("research.read", self.now_ms()).await?;
        Ok(Paged::new(rows, usize::try_from(total).unwrap_or(usize::MAX), page))
    }

    /// Allows a new request.
    pub async fn may_ask_for_figures(&self) -> Result<(), ServiceError> {
        self.allow_service("research.ask").await
    }

    /// One request, and what was made for it.
    pub async fn request_for_figures(&self, id: ResearchId) -> Result<ResearchView, ServiceError> {
        self.allow_service("research.read").await?;
        let look = self.look();
        let request = match look.request_for_figures(id).await {
            Err(StoreError::NotFound) => return self.unknown("research.read", id.0).await,
            found => found?,
        };
        let theirs = self.actor().is(request.author) || self.actor().role == Role::DataProtection;
        let there = request.state == ResearchState::Ready && self.is_within_time(&request);
        let extract = if theirs && there { look.research_extract(id).await?.map(|of| of.body) } else { None };
        look.done("research.extract_read", self.now_ms()).await?;
        let decides = self.permits("research.decide", &Resource::Service);
        Ok(ResearchView {
            author: self.service.name_of(request.author),
            may_decide: decides && request.state == ResearchState::Asked && self.decides(&request),
            may_end: theirs && !matches!(request.state, ResearchState::Refused | ResearchState::Ended),
            request,
            extract,
        })
    }

    fn decides(&self, request: &RequestForFigures) -> bool {
        !self.actor().is(request.author) && request.body.decided_by(self.actor().role)
    }

    fn is_within_time(&self, request: &RequestForFigures) -> bool {
        day_number(self.service.today()) <= request.expires_day
    }

    /// Asks for figures. Whoever decides is told. Sent twice it is asked once.
    pub async fn ask_for_figures(&self, id: ResearchId, facts: &RequestFacts) -> Result<(), ServiceError> {
        self.allow_service("research.ask").await?;
        let (me, role, now_ms) = (self.me()?, self.actor().role, self.now_ms());
        let asked = self.change("research.asked", |work| async move {
            let body = ResearchRequest { facts: facts.clone(), role, decided: None, made: None, ended_ms: None };
            let whom = Role::STAFF.into_iter().filter(|role| body.decided_by(*role));
            let whom: Vec<AccountId> = whom.flat_map(|role| self.in_use(role)).collect();
            let mut row = RequestForFigures {
                id,
                version: 0,
                author: me,
                state: ResearchState::Asked,
                created_ms: now_ms,
                expires_day: day_number(facts.expires_on),
                body,
            };
            work.insert_request_for_figures(&mut row).await?;
            self.tell(&work, whom, NoticeKind::ResearchAsked, id.0).await
        });
        match asked.await {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.request_for_figures(id).await.map(drop),
            asked => asked,
        }
    }

    /// Approves or refuses a request, with why; never one's own, nor one of one's like. What is approved is counted now.
    pub async fn decide_figures(&self, id: ResearchId, approve: bool, why: &Words) -> Result<(), ServiceError> {
        self.allow_service("research.decide").await?;
        let decided = Decided { by: self.me()?, at_ms: self.now_ms(), why: why.as_str().to_owned() };
        let decided = &decided;
        self.change("research.decided", |work| async move {
            let mut row = work.request_for_figures(id).await?;
            if !self.decides(&row) {
                let words = "Somebody else decides this: the data protection officer what a manager asks, a manager what the officer asks";
                return Err(ServiceError::rule("research.own", words));
            }
            if row.state != ResearchState::Asked {
                return Err(ServiceError::rule("research.decided", "This request has been decided already"));
            }
            if approve && !self.is_within_time(&row) {
                let words = "The last day on which it was needed is past. Refuse it, and let them ask again";
                return Err(ServiceError::rule("research.expired", words));
            }
            row.state = if approve { ResearchState::Approved } else { ResearchState::Refused };
            row.body.decided = Some(decided.clone());
            work.save_request_for_figures(&mut row).await?;
            if approve {
                work.enqueue(MAKE, &OfRequest { request: id }, decided.at_ms).await?;
                let after = day_of(row.expires_day).tomorrow().unwrap_or(day_of(row.expires_day));
                work.enqueue(END, &OfRequest { request: id }, instant_ms(after, 0)).await?;
            }
            self.tell(&work, [row.author], NoticeKind::ResearchDecided, id.0).await
        })
        .await
    }

    /// Ends a request before its day: what was made is gone, and what was not made is not made.
    pub async fn end_figures(&self, id: ResearchId) -> Result<(), ServiceError> {
        self.allow_service("research.ask").await?;
        self.change("research.ended", |work| async move {
            let row = work.request_for_figures(id).await?;
            if !self.actor().is(row.author) && self.actor().role != Role::DataProtection {
                return Err(ServiceError::rule(
                    "research.not_yours",
                    "Whoever asked, or the data protection officer, ends it",
                ));
            }
            self.end_row(&work, row).await
        })
        .await?;
        Ok(self.service.store().destroy_extract(id).await?)
    }

    /// The day is past: what was made goes.
    pub(crate) async fn end_in_time(&self, job: &Job) -> Result<(), ServiceError> {
        let OfRequest { request: id } = job.payload()?;
        self.change("research.ended", |work| async move {
            let row = work.request_for_figures(id).await?;
            self.end_row(&work, row).await
        })
        .await?;
        // The job is done when the key is gone: cut short between the two, it is run again.
        self.service.store().destroy_extract(id).await?;
        self.change("research.ended", |work| async move { self.job_done(&work, job).await }).await
    }

    async fn end_row(&self, work: &Work, mut row: RequestForFigures) -> Result<(), ServiceError> {
        if row.state == ResearchState::Refused {
            return Err(ServiceError::rule("research.refused", "This request was refused: there is nothing to end"));
        }
        if row.state == ResearchState::Ended {
            work.changed("research_request", row.id.0, 0);
            return Ok(());
        }
        row.state = ResearchState::Ended;
        row.body.ended_ms = Some(self.now_ms());
        work.save_request_for_figures(&mut row).await?;
        for kind in [NoticeKind::ResearchAsked, NoticeKind::ResearchReady] {
            work.put_away(kind, row.id.0, self.now_ms()).await?;
        }
        Ok(())
    }
}
