//! Is it somebody you hold already? Of the child and of each adult on a referral (handbook section 4).

use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::person::Name;
use kith_domain::referral::{FamilyDraft, ReferralState};
use kith_domain::same::{MatchAnswer, Matched, Pair, answer};
use kith_store::{Found, Look};

use crate::fact::{Gathered, Likely, gather};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// Somebody held who may be one of the referral.
pub struct Match {
    /// Who is compared with whom.
    pub pair: Pair,
    /// The name on the form.
    pub on_form: String,
    /// The child's file.
    pub child: ChildId,
    /// The name that is held: the child's, or of a member of the family.
    pub name: String,
    /// What is held of them, in words: born, or whose relative, and whether they may attend.
    pub words: String,
    /// Whether they must not attend there, or a risk is known.
    pub risk: bool,
    /// Why they may be the same.
    pub why: Vec<&'static str>,
    /// The answer that stands, with who gave it.
    pub answer: Option<(Matched, String)>,
}

/// The possible matches of a referral.
pub struct Matches {
    /// The children's names on the form.
    pub children: String,
    /// Each.
    pub matches: Vec<Match>,
    /// Whether they can be answered now.
    pub open: bool,
    /// The children whose file was held and was joined, with their names on the form.
    pub joined: Vec<(ChildId, String)>,
}

impl Desk {
    /// Who of a referral may be held already: only in files this person may read, each with why.
    pub async fn matches(&self, id: ReferralId) -> Result<Matches, ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let look = self.look();
        let referral = look.referral(id).await?;
        let verification = look.verification(id).await?.map(|of| of.body).unwrap_or_default();
        let form = verification.as_corrected(&referral.body);
        let mut matches = Vec::new();
        let answered = |pair| {
            let answer = answer(&verification.matches, pair)?;
            Some((answer.clone(), self.service.name_of(answer.by)))
        };
        let on = referral.children();
        let mut like = Vec::new();
        for referred in &on {
            let own = form.own_of(*referred, referral.child).ok_or(ServiceError::NotFound)?;
            let of = self.children_like(&look, &own.child, &on).await?;
            like.extend(of.into_iter().map(|(held, why)| (*referred, own.name(), held, why)));
        }
        let mut held: Vec<ChildId> = like.iter().map(|(_, _, held, _)| *held).collect();
        held.sort_unstable();
        held.dedup();
        let children = look.children(&held).await?;
        for (referred, on_form, held, why) in like {
            let child = children.iter().find(|child| child.id == held).ok_or(ServiceError::NotFound)?;
            let pair = Pair::Child { referred, held };
            let facts = child.body.facts.as_ref();
            let born = facts.map(|facts| facts.birth.label()).unwrap_or_default();
            let worker = self.service.name_of(child.social_worker);
            matches.push(Match {
                pair,
                on_form,
                child: held,
                name: child.name(),
                words: format!("{born}; file {}, social worker {worker}", held.reference()),
                risk: false,
                why,
                answer: answered(pair),
            });
        }
        for member in &form.family {
            let name = Name::of(&member.fields);
            let former = name.map(|name| name.former).unwrap_or_default();
            let phone = Some(member.fields.get("phone")).filter(|phone| !phone.trim().is_empty());
            let mut like = self.people_like(&look, &member.name(), &former, phone).await?;
            like.retain(|((_, held), _)| *held != member.id);
            for likely in self.likely(&look, like).await? {
                let pair = Pair::Person { member: member.id, held: likely.relative.person.id };
                matches.push(of_person(pair, member.name(), likely, answered(pair)));
            }
        }
        let children = on.iter().filter_map(|child| Some(form.own_of(*child, referral.child)?.name()));
        let asked: Vec<String> = children.chain(form.family.iter().map(FamilyDraft::name)).collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        look.searched(self.service.asked(&asked, matches.len()));
        look.done("referral.compared", self.now_ms()).await?;
        let open = referral.state == ReferralState::BeingVerified;
        let accepted = referral.state == ReferralState::Accepted;
        let joined = on.iter().filter(|child| accepted && joined_from(&verification.matches, **child).is_some());
        let named = |child: &ChildId| Some((*child, form.own_of(*child, referral.child)?.name()));
        let joined = joined.filter_map(named).collect();
        Ok(Matches { children: form.children_names(), matches, open, joined })
    }

    /// Files this person may read of a child whose name, in any spelling, Care First number or date of birth is the one on
    /// a form; two of three, or the number.
    async fn children_like(
        &self,
        look: &Look,
        form: &Fields,
        but: &[ChildId],
    ) -> Result<Vec<Gathered<ChildId>>, ServiceError> {
        let mut all = Vec::new();
        let mut add = |found: Vec<Found>, why| {
            let children = found.into_iter().filter(|hit| hit.person.is_none() && !but.contains(&hit.child));
            gather(&mut all, children.map(|hit| hit.child), why);
        };
        if let Some(name) = Name::of(form) {
            add(look.find_name(&name.full()).await?, "a name that sounds or is written alike");
            for former in &name.former {
                add(look.find_name(former).await?, "a former name");
            }
        }
        let number = form.get("care_first");
        if !number.trim().is_empty() {
            add(look.find_care_first(number).await?, "the same Care First number");
        }
        if let Some(birth) = kith_domain::person::Birth::of(form) {
            add(look.find_birth(birth).await?, "the same date of birth");
        }
        // A birthday alone is many children's.
        all.retain(|(_, why)| why.iter().any(|words| *words != "the same date of birth"));
        all.sort_by_key(|(_, why)| std::cmp::Reverse(why.len()));
        let ids: Vec<ChildId> = all.iter().map(|(child, _)| *child).collect();
        let scopes = look.file_scopes(&ids).await?;
        let may = |child: &ChildId| {
            scopes.iter().any(|of| of.child == *child && self.permits("file.read", &Resource::File(of)))
        };
        all.retain(|(child, _)| may(child));
        all.truncate(crate::paging::PAGE_ROWS);
        Ok(all)
    }

    /// Keeps an answer to one possible match, while the referral is being verified. It can be answered again: the last
    /// answer stands, earlier ones are kept.
    pub async fn answer_match(&self, id: ReferralId, said: &MatchAnswer) -> Result<(), ServiceError> {
        self.allow_referral("referral.decide", id).await?;
        let (pair, decision, why) = (said.pair, said.decision, &said.why);
        // What can be answered is what was shown.
        if !self.matches(id).await?.matches.iter().any(|of| of.pair == pair) {
            return Err(ServiceError::NotFound);
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

fn of_person(pair: Pair, on_form: String, likely: Likely, answer: Option<(Matched, String)>) -> Match {
    let relation = &likely.relative.relation;
    let barred = relation.is_barred();
    let attends = if barred { ", must not attend there" } else { "" };
    let risk = if relation.is_risk() { ", a risk is known" } else { "" };
    Match {
        pair,
        on_form,
        child: likely.child,
        name: likely.relative.name(),
        words: format!("{} of {}{attends}{risk}", relation.relationship.label(), likely.child_name),
        risk: barred || relation.is_risk(),
        why: likely.why,
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
