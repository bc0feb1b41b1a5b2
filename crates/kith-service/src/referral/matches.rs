//! Is it somebody you hold already? Of the child and of each adult on a referral (handbook section 4).

use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::referral::{ReferralDraft, ReferralState};
use kith_domain::same::{LinkDecision, MatchAnswer, Matched, Pair, answer};
use kith_store::{Look, child_compared, member_compared};

use crate::fact::Likely;
use crate::likely::{LikelyChild, Weighed, first_and_more};
use crate::search::name_in;
use crate::{Desk, ServiceError};

/// Somebody held who may be one of the referral.
pub struct Match {
    /// Who is compared with whom.
    pub pair: Pair,
    /// The name on the form.
    pub on_form: String,
    /// The child's file.
    pub child: ChildId,
    /// The other referral, if that is all there is of the child.
    pub referral: Option<ReferralId>,
    /// The name that is held: the child's, or of a member of the family.
    pub name: String,
    /// What is held of them, in words: born, or whose relative, and whether they may attend.
    pub words: String,
    /// Whether they must not attend there, or a risk is known.
    pub risk: bool,
    /// Why they may be the same.
    pub why: Vec<String>,
    /// What the form says and what is held, to be read side by side.
    pub sides: (Fields, Fields),
    /// The answer that stands, with who gave it.
    pub answer: Option<(Matched, String)>,
}

/// A child whose file is held who may be a parent or relative on the form, or a child on the form who may be a parent in a family
/// that is held: a parent can be in care.
pub struct Both {
    /// The name on the form.
    pub on_form: String,
    /// The file.
    pub child: ChildId,
    /// The name that is held.
    pub name: String,
    /// As what.
    pub words: String,
    /// Why they may be the same.
    pub why: Vec<String>,
}

/// The possible matches of a referral.
pub struct Matches {
    /// The children's names on the form.
    pub children: String,
    /// The likeliest of each on the form, and whoever has an answer.
    pub matches: Vec<Match>,
    /// Others, less likely.
    pub further: Vec<Match>,
    /// Who may be child and relative.
    pub both: Vec<Both>,
    /// Whether they can be answered now.
    pub open: bool,
    /// The children whose file was held and was joined, with their names on the form.
    pub joined: Vec<(ChildId, String)>,
}

impl Matches {
    /// The likeliest first; who has an answer is not behind "more".
    fn add(&mut self, (first, more): (Vec<Match>, Vec<Match>)) {
        let (answered, more): (Vec<Match>, Vec<Match>) = more.into_iter().partition(|of| of.answer.is_some());
        self.matches.extend(first);
        self.matches.extend(answered);
        self.further.extend(more);
    }
}

impl Desk {
    /// Who of a referral may be held already: only in files and referrals this person may read, each with why, the likeliest
    /// first.
    pub async fn matches(&self, id: ReferralId) -> Result<Matches, ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let look = self.look();
        let referral = look.referral(id).await?;
        let verification = look.verification(id).await?.map(|of| of.body).unwrap_or_default();
        let form = verification.as_corrected(&referral.body);
        let answered = |pair| {
            let answer = answer(&verification.matches, pair)?;
            Some((answer.clone(), self.service.name_of(answer.by)))
        };
        let on = referral.children();
        let accepted = referral.state == ReferralState::Accepted;
        let joined = on.iter().filter(|child| accepted && joined_from(&verification.matches, **child).is_some());
        let named = |child: &ChildId| Some((*child, form.own_of(*child, referral.child)?.name()));
        let mut all = Matches {
            children: form.children_names(),
            matches: Vec::new(),
            further: Vec::new(),
            both: Vec::new(),
            open: referral.state == ReferralState::BeingVerified,
            joined: joined.filter_map(named).collect(),
        };
        for referred in &on {
            self.child_matches(&look, (&form, referral.child, *referred), &answered, &mut all).await?;
        }
        for member in &form.family {
            self.member_matches(&look, (member.id, &member.fields), &on, &answered, &mut all).await?;
        }
        let children = on.iter().filter_map(|child| Some(form.own_of(*child, referral.child)?.name()));
        let asked: Vec<String> =
            children.chain(form.family.iter().map(kith_domain::referral::FamilyDraft::name)).collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        look.searched(self.service.asked(&asked, all.matches.len() + all.further.len() + all.both.len()));
        look.done("referral.compared", self.now_ms()).await?;
        Ok(all)
    }

    async fn child_matches(
        &self,
        look: &Look,
        (form, first, referred): (&ReferralDraft, ChildId, ChildId),
        answered: &(dyn Fn(Pair) -> Option<(Matched, String)> + Sync),
        all: &mut Matches,
    ) -> Result<(), ServiceError> {
        let own = form.own_of(referred, first).ok_or(ServiceError::NotFound)?;
        let on = form.children(first);
        let found = self.likely_ones(look, &child_compared(&own.child), false).await?;
        let (on_form, said) = (own.name(), &own.child);
        let of = |of: Weighed<LikelyChild>| {
            let LikelyChild { child, referral } = of.held;
            let pair = Pair::Child { referred, held: child.id };
            let born =
                kith_domain::person::Birth::of(&of.values).map(kith_domain::person::Birth::label).unwrap_or_default();
            let worker = self.service.name_of(child.social_worker);
            let words = match referral {
                Some((_, state)) => {
                    format!("{born}; on another referral, {}, by {worker}", state.label().to_lowercase())
                }
                None => format!("{born}; file {}, social worker {worker}", child.id.reference()),
            };
            Match {
                pair,
                on_form: on_form.clone(),
                child: child.id,
                referral: referral.map(|(id, _)| id),
                name: name_in(&of.values),
                words,
                risk: false,
                why: of.why,
                sides: (said.clone(), of.values),
                answer: answered(pair),
            }
        };
        let others = found.children.into_iter().filter(|of| !on.contains(&of.held.child.id)).collect();
        let (first, more) = first_and_more(others);
        all.add((first.into_iter().map(of).collect(), more.into_iter().map(of).collect()));
        for relative in first_and_more(self.relatives(look, found.members).await?).0 {
            let likely = relative.held;
            all.both.push(Both {
                on_form: on_form.clone(),
                child: likely.child,
                name: likely.relative.name(),
                words: format!("{} of {}", likely.relative.relation.relationship.label(), likely.child_name),
                why: relative.why,
            });
        }
        Ok(())
    }

    async fn member_matches(
        &self,
        look: &Look,
        (member, said): (PersonId, &Fields),
        on: &[ChildId],
        answered: &(dyn Fn(Pair) -> Option<(Matched, String)> + Sync),
        all: &mut Matches,
    ) -> Result<(), ServiceError> {
        let mut found = self.likely_ones(look, &member_compared(said), false).await?;
        found.members.retain(|of| of.held.0 != member);
        let on_form = name_in(said);
        let of = |of: Weighed<Likely>| {
            let pair = Pair::Person { member, held: of.held.relative.person.id };
            of_person(pair, (&on_form, said), of, answered(pair))
        };
        let (first, more) = first_and_more(self.relatives(look, found.members).await?);
        all.add((first.into_iter().map(of).collect(), more.into_iter().map(of).collect()));
        for child in first_and_more(found.children).0 {
            let held = &child.held.child;
            if !on.contains(&held.id) && child.held.referral.is_none() {
                let words = format!("A child whose file is held: {}", held.id.reference());
                let (on_form, name) = (on_form.clone(), name_in(&child.values));
                all.both.push(Both { on_form, child: held.id, name, words, why: child.why });
            }
        }
        Ok(())
    }

    /// Keeps an answer to one possible match, while the referral is being verified. It can be answered again: the last
    /// answer stands, earlier ones are kept.
    pub async fn answer_match(&self, id: ReferralId, said: &MatchAnswer) -> Result<(), ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let (pair, decision, why) = (said.pair, said.decision, &said.why);
        // What can be answered is what was shown.
        let shown = self.matches(id).await?;
        let of = shown.matches.iter().chain(&shown.further).find(|of| of.pair == pair).ok_or(ServiceError::NotFound)?;
        if of.referral.is_some() && decision == LinkDecision::Same {
            return Err(ServiceError::field(
                "decision",
                "The other referral has no file yet that this one could join. If both are about one child, accept the other one \
                 first and answer this again, or decline one of the two",
            ));
        }
        let (by, at_ms) = (self.me()?, self.now_ms());
        self.allow_referral("referral.decide", id).await?;
        self.change("referral.matched", |work| {
            let said = Matched { pair, decision, by, at_ms, why: why.clone() };
            async move {
                let (_, mut of) = crate::verification::being_verified(&work, id).await?;
                let last = answer(&of.body.matches, pair);
                if last.is_some_and(|last| last.decision == said.decision && last.why == said.why) {
                    work.changed("referral", id.0, of.version);
                    return Ok(());
                }
                of.body.matches.push(said);
                work.save_verification(&mut of).await?;
                Ok(())
            }
        })
        .await
    }
}

fn of_person(
    pair: Pair,
    (on_form, said): (&str, &Fields),
    of: Weighed<Likely>,
    answer: Option<(Matched, String)>,
) -> Match {
    let likely = of.held;
    let relation = &likely.relative.relation;
    let barred = relation.is_barred();
    let attends = if barred { ", must not attend there" } else { "" };
    let risk = if relation.is_risk() { ", a risk is known" } else { "" };
    Match {
        pair,
        on_form: on_form.to_owned(),
        child: likely.child,
        referral: None,
        name: likely.relative.name(),
        words: format!("{} of {}{attends}{risk}", relation.relationship.label(), likely.child_name),
        risk: barred || relation.is_risk(),
        why: of.why,
        sides: (said.clone(), of.values),
        answer,
    }
}

/// Who on a form is whom that is held, by the answers that stand.
pub(super) fn persons_held(answers: &[Matched]) -> Vec<(PersonId, PersonId)> {
    let of = |pair| match pair {
        Pair::Person { member, held } => Some((member, held)),
        Pair::Child { .. } => None,
    };
    kith_domain::same::same(answers).into_iter().filter_map(of).collect()
}

/// The number under which a referral was begun that joined a file, by the answers that stand.
pub(super) fn joined_from(answers: &[Matched], held: ChildId) -> Option<ChildId> {
    kith_domain::same::same(answers).into_iter().find_map(|pair| match pair {
        Pair::Child { referred, held: of } if of == held && referred != held => Some(referred),
        _ => None,
    })
}

/// The file that a child of a referral has already, by the answers that stand.
pub(super) fn child_held(answers: &[Matched], child: ChildId) -> Option<ChildId> {
    kith_domain::same::same(answers).into_iter().find_map(|pair| match pair {
        Pair::Child { referred, held } if referred == child => Some(held),
        _ => None,
    })
}
