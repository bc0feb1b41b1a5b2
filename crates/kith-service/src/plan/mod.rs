//! Contact plans: written line by line, agreed, started, suspended, ended, reviewed; and what was delivered against
//! them (handbook section 7).

mod agreement;
mod delivery;
mod diary;
mod ground;
mod listed;
mod moves;
#[cfg(test)]
mod tests;
mod why;
mod write;

use kith_domain::calendar;
use kith_domain::catalogue::{Paper, Reading, SaidOf, Shown, shown};
use kith_domain::contact_refusal::RefusalState;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, PlanId, TermId};
use kith_domain::plan::{Checked, Mode, PlanMove, PlanState};
use kith_domain::referral::ReferralState;
use kith_domain::retention::{Kept, RecordCategory, kept};
use kith_domain::risk::Level;
use kith_domain::words::in_words;
use kith_store::{FileScope, Look, Plan, Relative, Venue};

pub use agreement::{Agreement, AgreementFor};
pub(crate) use agreement::{Phrases, english_kept, shipped};
pub(crate) use delivery::{Counted, Diary};
pub use delivery::{Delivered, Source};
pub use listed::PlanLine;
pub use moves::Moved;
pub(crate) use why::{by_and_why, reasons, who_was_missing, why_not};

use crate::contact_refusal::{RefusalLine, lines};
use crate::fact::Elsewhere;
use crate::policy::Resource;
use crate::report::address::Address;
use crate::risk::valid_assessment;
use crate::{Desk, ServiceError};

/// A contact plan with what a page needs beside it. No Debug: it names people.
pub struct PlanView {
    /// The plan.
    pub plan: Plan,
    /// The child's name.
    pub child: String,
    /// The child's first names, for papers that the family gets.
    pub child_first_name: String,
    /// The family, barred persons too.
    pub family: Vec<Relative>,
    /// What the catalogue puts on the agreement of what is known of the child: labels and values.
    pub on_agreement: Vec<(String, String)>,
    /// Who wrote it.
    pub author: String,
    /// Until when it is kept and by which rule, once the child's birth is known.
    pub kept: Option<Kept>,
    /// What other files know of the risk from people of the plan.
    pub elsewhere: Vec<(PersonId, Vec<Elsewhere>)>,
    /// What is other than in the plan before it that was agreed; nothing where there was none.
    pub changed: Option<Vec<String>>,
    /// The venues of the child's area that are open, by name.
    pub venues: Vec<Venue>,
    /// Refusals of contact with people of the plan that have not been ended.
    pub refusals: Vec<RefusalLine>,
    /// The placement address, when it is confidential.
    address: Option<Address>,
    /// The contact that the accepted referral asks for, as typed there; while the plan can be changed.
    pub wanted: Option<Fields>,
    /// People of the plan without a risk assessment that is valid today: no session with them is confirmed.
    pub unassessed: Vec<PersonId>,
    /// The level of the assessment of each person of the plan that is valid today.
    pub levels: Vec<(PersonId, Level)>,
    /// Delivered against ordered, of the child's orders and of this plan's arrangements, since they began.
    pub delivered: Vec<Delivered>,
    /// Contact by letter that is owed, in words: it is not in the diary, so it is not counted.
    pub letters: Vec<String>,
    /// What stands against agreeing it, and what to know before; while it is a draft.
    pub checked: Checked,
    /// The terms of the child's orders that stand, each with its sentence, for saying which of them a line serves.
    pub terms: Vec<(TermId, String)>,
    /// Whether this person may change its arrangements now.
    pub may_edit: bool,
    /// What this person may do to it now.
    pub moves: Vec<PlanMove>,
    /// Whether this person may write down who signed the agreement.
    pub may_sign: bool,
    /// Whether this person may write down a review now.
    pub may_review: bool,
    /// Whether this person may begin a new plan like it.
    pub may_copy: bool,
    /// Whether the day by which it was to be reviewed has passed.
    pub review_overdue: bool,
}

impl PlanView {
    /// The names of people of the plan, for reading: `Ann Carter and Joe Carter`.
    pub fn names(&self, people: &[PersonId]) -> String {
        names(&self.family, people)
    }

    /// Whether the child's address is confidential from somebody: then no journey is told to the family.
    pub const fn address_confidential(&self) -> bool {
        self.address.is_some()
    }

    /// A text of the plan as the family may read it: without the placement address when that is confidential.
    pub fn for_the_family(&self, text: &str) -> String {
        self.address.as_ref().map_or_else(|| text.to_owned(), |address| address.withheld(text))
    }
}

impl Desk {
    /// One contact plan.
    pub async fn plan(&self, id: PlanId) -> Result<PlanView, ServiceError> {
        let child = self.look().child_of_plan(id).await?;
        let (look, scope) = self.look_into_file_of("file.read", id.0, child).await?;
        let today = self.service.today();
        let plan = look.plan(id).await?;
        let child = look.child(plan.child).await?;
        let family = look.family(plan.child).await?;
        let (mut unassessed, mut levels): (Vec<PersonId>, Vec<(PersonId, Level)>) = (Vec::new(), Vec::new());
        for person in plan.body.arrangements.iter().flat_map(|line| &line.with) {
            if unassessed.contains(person) || levels.iter().any(|(known, _)| known == person) {
                continue;
            }
            match valid_assessment(&look, plan.child, *person, calendar::day_number(today)).await? {
                Some(valid) => levels.extend(valid.body.assessment.map(|assessment| (*person, assessment.level))),
                None => unassessed.push(*person),
            }
        }
        let mut elsewhere: Vec<_> = self.elsewhere(&look, plan.child, &family).await?.into_iter().collect();
        elsewhere.retain(|(person, _)| plan.body.arrangements.iter().any(|line| line.with.contains(person)));
        elsewhere.sort_by_key(|(person, _)| *person);
        let earlier = look.plans_of(plan.child).await?;
        let agreed_before = |of: &&Plan| of.created_ms < plan.created_ms && of.body.agreed_with.is_some();
        let before = earlier.iter().filter(agreed_before).max_by_key(|of| of.created_ms);
        let changed = before.map(|of| plan.body.changed_since(&of.body, |people| names(&family, people)));
        let mut venues = look.venues().await?;
        venues.retain(|venue| venue.area == child.area && venue.closed_ms.is_none());
        let mut refusals = look.refusals_of(plan.child).await?;
        let planned = |person| plan.body.arrangements.iter().any(|line| line.with.contains(&person));
        refusals.retain(|of| of.state == RefusalState::Running && planned(of.body.refused.person));
        let refusals = lines(refusals, &family);
        let birth = child.body.facts.as_ref().map(|facts| facts.birth);
        let diary = self.diary_of(&look, plan.child, None).await?;
        let mut delivered = self.delivered(&diary, &family);
        let own = |source: &Source| match source {
            Source::Order { .. } => true,
            Source::Arrangement(line) => plan.body.arrangement(*line).is_some(),
        };
        delivered.retain(|delivered| plan.body.started_on.is_some() && own(&delivered.source));
        let letters = diary.owing.iter().filter(|owing| owing.mode == Mode::Letterbox && own(&owing.source));
        let letters =
            letters.map(|owing| format!("{}: {}", names(&family, &owing.people), owing.term.words())).collect();
        let mut terms = Vec::new();
        for of in look.orders_of(plan.child).await? {
            let order = &of.body.order;
            for term in order.terms.iter().filter(|_| order.last_day().is_none_or(|last| last >= today)) {
                terms.push((term.id, term.sentence(&names(&family, &term.with))));
            }
        }
        let checked =
            if plan.state == PlanState::Draft { self.checked(&look, &plan).await? } else { Checked::default() };
        let may_write = self.permits("plan.write", &Resource::File(&scope));
        let may_edit = may_write && plan.state.can_be_edited();
        let wanted = if may_edit { wanted(&look, plan.child).await? } else { None };
        look.done("plan.read", self.now_ms()).await?;
        let confidential = child.body.placement.as_ref().filter(|placement| placement.confidential);
        let address = confidential.map(|placement| Address::of(&placement.address));
        let named = kith_store::Names::of(&family);
        let on_agreement =
            shown(Reading::Paper(Paper::Agreement), SaidOf::Child, &child.body.known.values, &|id| named.name(id));
        let on_agreement = on_agreement.into_iter().map(Shown::row).collect();
        let running = matches!(plan.state, PlanState::Active | PlanState::Suspended);
        let can = |step: &PlanMove| may_write && plan.state.after(*step).is_ok();
        Ok(PlanView {
            child: child.name(),
            child_first_name: child.first_name(),
            on_agreement,
            family,
            author: self.service.name_of(plan.author),
            kept: birth.and_then(|birth| kept(RecordCategory::CarePlan, birth.into()).ok()),
            elsewhere,
            changed,
            venues,
            refusals,
            address,
            wanted,
            unassessed,
            levels,
            delivered,
            letters,
            checked,
            terms,
            may_edit,
            may_sign: may_write && !plan.state.can_be_edited(),
            moves: PlanMove::ALL.iter().copied().filter(can).collect(),
            may_review: may_write && running,
            may_copy: may_write && !plan.state.can_be_edited(),
            review_overdue: running && plan.review_due.is_some_and(|due| due < calendar::day_number(today)),
            plan,
        })
    }

    /// Allows something to the file that a plan belongs to, before the plan is opened.
    pub(crate) async fn allow_plan(&self, action: &'static str, id: PlanId) -> Result<FileScope, ServiceError> {
        self.allow_file_of(action, id.0, self.look().child_of_plan(id).await?).await
    }
}

/// The contact that the newest accepted referral of a child asks for, as typed.
async fn wanted(look: &Look, child: ChildId) -> Result<Option<Fields>, ServiceError> {
    let referrals = look.referrals_of(child).await?;
    let accepted = referrals.into_iter().find(|referral| referral.state == ReferralState::Accepted);
    let Some(referral) = accepted else { return Ok(None) };
    let verified = look.verification(referral.id).await?.map(|of| of.body).unwrap_or_default();
    Ok(Some(verified.as_corrected(&referral.body).for_child(child).contact))
}

/// Names of people for reading, in the order of the family.
pub(crate) fn names(family: &[Relative], people: &[PersonId]) -> String {
    let chosen = family.iter().filter(|relative| people.contains(&relative.person.id));
    let names: Vec<String> = chosen.map(Relative::name).collect();
    in_words(&names)
}
