//! Lists of referrals: a social worker's own, and those of an area; narrowed, sorted, in pages.

use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::calendar;
use kith_domain::listed::{CallBy, DueBy, ReferralList, SortedBy, Standing};
use kith_domain::referral::ReferralState;
use kith_store::{CallOf, ReferralFilter, ReferralOrder, ReferralsOf};

use super::ReferralView;
use crate::drafts::DRAFTS_MAX;
use crate::paging::{Paged, window};
use crate::{Desk, ServiceError};

/// A referral in a list.
pub struct ListedReferral {
    /// The referral.
    pub view: ReferralView,
    /// Who has the call, once it was taken up.
    pub verifier: Option<String>,
    /// When to call back, UTC milliseconds, as long as it waits.
    pub call_back_ms: Option<i64>,
}

/// A page of a list of referrals.
pub struct Referrals {
    /// The page.
    pub paged: Paged<ListedReferral>,
    /// How many there are in each state of what is asked for otherwise: those of [`Standing::Waiting`] and
    /// [`Standing::All`] too.
    pub counts: Vec<(Standing, usize)>,
}

impl Desk {
    /// A page, from 1, of the referrals of which a social worker has every child's file.
    pub async fn my_referrals(&self, list: ReferralList, page: usize) -> Result<Referrals, ServiceError> {
        self.allow_service("referral.create").await?;
        let newest_first = list.sort.is_none();
        let filter = ReferralFilter { backwards: list.backwards != newest_first, ..self.filter(list)? };
        self.referrals_listed(ReferralsOf::Mine, &filter, page).await
    }

    /// A page, from 1, of the referrals that were sent, of children whose files this person reads.
    pub async fn referrals_of_area(&self, list: ReferralList, page: usize) -> Result<Referrals, ServiceError> {
        self.allow_service("referrals.read").await?;
        let standing = Some(list.standing.unwrap_or(Standing::Waiting));
        let filter = self.filter(ReferralList { standing, ..list })?;
        self.referrals_listed(ReferralsOf::Area, &filter, page).await
    }

    async fn referrals_listed(
        &self,
        of: ReferralsOf,
        filter: &ReferralFilter,
        page: usize,
    ) -> Result<Referrals, ServiceError> {
        let look = self.snapshot().await?;
        let (referrals, by_state) = look.referrals_listed(of, filter, window(page)).await?;
        let ids: Vec<_> = referrals.iter().map(|referral| referral.id).collect();
        let calls = look.calls_held(&ids).await?;
        look.done("referrals.read", self.now_ms()).await?;
        let count = |states: &[ReferralState]| {
            let of = by_state.iter().filter(|(state, _)| states.is_empty() || states.contains(state));
            of.map(|(_, count)| count).sum::<usize>()
        };
        let total = count(&filter.states);
        let counts = Standing::ALL.iter().map(|standing| (*standing, count(&standing.states()))).collect();
        let listed = |referral: kith_store::Referral| {
            let call = calls.get(&referral.id);
            ListedReferral {
                verifier: call.map(|call| self.service.name_of(call.verifier)),
                call_back_ms: call.and_then(|call| call.call_back_ms).filter(|_| referral.state.is_waiting()),
                view: self.referral_view(referral),
            }
        };
        Ok(Referrals { paged: Paged::new(referrals, total, page).map(listed), counts })
    }

    fn filter(&self, list: ReferralList) -> Result<ReferralFilter, ServiceError> {
        let me = self.me()?;
        let today = self.service.today();
        let tomorrow = today.saturating_add(1.day());
        let (from, before) = match list.due {
            Some(DueBy::Overdue) => (None, Some(self.due_from(today))),
            Some(DueBy::Today) => (Some(self.due_from(today)), Some(self.due_from(tomorrow))),
            Some(DueBy::Later) => (Some(self.due_from(tomorrow)), None),
            Some(DueBy::CallBack) | None => (None, None),
        };
        Ok(ReferralFilter {
            states: list.standing.map(Standing::states).unwrap_or_default(),
            // What is decided, or is with the social worker, is not due any more.
            waiting: list.due.is_some(),
            call: list.call.map(|call| match call {
                CallBy::Me => CallOf::Of(me),
                CallBy::Nobody => CallOf::Nobody,
                CallBy::Others => CallOf::Other(me),
            }),
            sent_from_ms: from,
            sent_before_ms: before,
            call_back_by_ms: (list.due == Some(DueBy::CallBack)).then(|| self.now_ms()),
            order: match list.sort {
                Some(SortedBy::State) => ReferralOrder::State,
                Some(SortedBy::CallBack) => ReferralOrder::CallBack,
                Some(SortedBy::Sent) | None => ReferralOrder::Sent,
            },
            backwards: list.backwards,
        })
    }

    /// From which instant on, UTC milliseconds, a referral that was sent is to be verified on a day or later: the later it is
    /// sent, the later it is due.
    fn due_from(&self, day: Date) -> i64 {
        let due = |sent: Date| calendar::in_london(self.verify_by(calendar::instant_ms(sent, 0))).date();
        let mut sent = day;
        loop {
            let before = sent.saturating_sub(1.day());
            if before == sent || due(before) < day {
                return calendar::instant_ms(sent, 0);
            }
            sent = before;
        }
    }

    /// Of a social worker's referrals that are still to be sent, those on which a name of a child holds this text, in any
    /// case and spacing.
    pub async fn find_drafts(&self, text: &str) -> Result<Vec<ReferralView>, ServiceError> {
        self.allow_service("referral.create").await?;
        let states = vec![ReferralState::Draft, ReferralState::Returned];
        let filter = ReferralFilter { states, backwards: true, ..ReferralFilter::default() };
        let look = self.snapshot().await?;
        // As many drafts as one can have, and as many that were returned.
        let (referrals, _) = look.referrals_listed(ReferralsOf::Mine, &filter, (DRAFTS_MAX * 2, 0)).await?;
        let wanted = folded(text);
        let holds = |referral: &kith_store::Referral| folded(&referral.body.children_names()).contains(&wanted);
        let found: Vec<_> = referrals.into_iter().filter(holds).collect();
        look.searched(self.service.asked(&[text], found.len()));
        look.done("search", self.now_ms()).await?;
        Ok(found.into_iter().map(|referral| self.referral_view(referral)).collect())
    }
}

/// Text to compare by: without marks and case, single spaces.
fn folded(text: &str) -> String {
    text.split_whitespace().map(kith_vault::comparable).collect::<Vec<_>>().join(" ")
}
