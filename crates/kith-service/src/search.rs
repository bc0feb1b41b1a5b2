//! One box to find a child in, by whatever is known: names, also former ones and those of the family and the carer, a date of
//! birth, numbers.

use std::collections::HashMap;

use kith_domain::access::Purpose;
use kith_domain::codes::Relationship;
use kith_domain::form::Fields;
use kith_domain::ids::{ChildId, PersonId, ReferralId};
use kith_domain::person::{Birth, Name};
use kith_linkage::{Typed, order};
use kith_store::{ChildState, Found, Look, Referral, Relative};

use crate::file::Listed;
use crate::paging::{Paged, on_page};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// Most children that one search opens, to put them in order; of more than these it is said that there are more.
pub const SEARCHED_MAX: usize = 200;

/// Where people look for somebody: by family name, without case and accents.
pub(crate) fn in_order(values: &Fields) -> String {
    order(values.get("given_name"), values.get("family_name"))
}

/// The full name in values; empty without one.
pub(crate) fn name_in(values: &Fields) -> String {
    Name::of(values).map(|name| name.full()).unwrap_or_default()
}

impl Desk {
    /// Finds children by what was typed into the box: names of the child, the family and the carer, in any spelling, former names
    /// too, alone or with a date of birth; numbers with or without prefix; phone numbers; the file's reference. Only files this
    /// person may see, and referrals in any state that they may read; each child once. A page of them, from 1, in order of name.
    pub async fn search(&self, text: &str, page: usize) -> Result<Paged<Listed>, ServiceError> {
        self.allow_service("search").await?;
        let look = self.snapshot().await?;
        let typed = Typed::read(text);
        let found = look.search(&typed, text.trim()).await?;
        let mut ids: Vec<ChildId> = found.iter().map(|hit| hit.child).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut ids = self.files_read(&look, &ids).await?;
        ids.truncate(SEARCHED_MAX);
        let mut all = self.opened(&look, &ids).await?;
        all.sort_by_cached_key(|(_, values, _)| in_order(values));
        let total = all.len();
        look.searched(self.service.asked(&[text], total));
        let shown = on_page(all, page);
        let by_family = |(child, _, referral): &&(kith_store::Child, Fields, Option<Referral>)| {
            referral.is_none() && found.iter().any(|hit| hit.child == child.id && hit.person.is_some())
        };
        let of_family: Vec<ChildId> = shown.iter().filter(by_family).map(|(child, ..)| child.id).collect();
        let families = look.families(&of_family).await?;
        let listed = |(child, values, referral): (kith_store::Child, Fields, Option<Referral>)| {
            let hits = found.iter().filter(|hit| hit.child == child.id);
            let why = why(&typed, hits, &values, &families, referral.as_ref());
            let name = Some(name_in(&values)).filter(|name| !name.is_empty());
            Listed {
                name: name.unwrap_or_else(|| child.id.reference()),
                born: Birth::of(&values).map(Birth::label).unwrap_or_default(),
                why,
                referral: referral.map(|of| (of.id, of.state)),
                social_worker: self.service.name_of(child.social_worker),
                child,
            }
        };
        let rows = shown.into_iter().map(listed).collect();
        look.done("search", self.now_ms()).await?;
        Ok(Paged::new(rows, total, page))
    }

    /// Which of these files this person may read.
    pub(crate) async fn files_read(&self, look: &Look, ids: &[ChildId]) -> Result<Vec<ChildId>, ServiceError> {
        let scopes = look.file_scopes(ids).await?;
        let may = |scope: &&kith_store::FileScope| self.permits("file.read", &Resource::File(scope));
        let mut read: Vec<ChildId> = scopes.iter().filter(may).map(|scope| scope.child).collect();
        read.sort_unstable();
        Ok(read)
    }

    /// These children with what is held of them; of one whose file is not opened yet what the newest referral says that this person
    /// may read. Who has neither is not among them.
    pub(crate) async fn opened(
        &self,
        look: &Look,
        ids: &[ChildId],
    ) -> Result<Vec<(kith_store::Child, Fields, Option<Referral>)>, ServiceError> {
        let children = look.children(ids).await?;
        let referred: Vec<ChildId> =
            children.iter().filter(|child| child.body.facts.is_none()).map(|child| child.id).collect();
        let referrals = self.referrals_read(look, &referred).await?;
        let opened = |child: kith_store::Child| {
            if child.body.facts.is_some() {
                return Some((child.body.known.values.clone(), None, child));
            }
            if child.state == ChildState::Joined {
                return None;
            }
            let referral = referrals.iter().find(|referral| referral.children().contains(&child.id))?.clone();
            Some((referral.body.found_by(child.id), Some(referral), child))
        };
        let all = children.into_iter().filter_map(opened);
        Ok(all.map(|(values, referral, child)| (child, values, referral)).collect())
    }

    /// The referral of a child whose file is not opened yet, the newest that this person may read; `None` of one whose file is.
    pub(crate) async fn referral_alone(
        &self,
        look: &Look,
        child: &kith_store::Child,
    ) -> Result<Option<Referral>, ServiceError> {
        if child.body.facts.is_some() || child.state == ChildState::Joined {
            return Ok(None);
        }
        let referrals = self.referrals_read(look, &[child.id]).await?;
        Ok(referrals.into_iter().find(|referral| referral.children().contains(&child.id)))
    }

    /// The referrals of these children that this person may read, newest first: to answer people those that were not accepted too,
    /// whoever has them.
    pub(crate) async fn referrals_read(
        &self,
        look: &Look,
        children: &[ChildId],
    ) -> Result<Vec<Referral>, ServiceError> {
        let mut ids: Vec<ReferralId> = look.referral_ids_of(children).await?.into_iter().map(|(_, id)| id).collect();
        ids.sort_unstable();
        ids.dedup();
        let scopes = look.referral_scopes(&ids).await?;
        let action = if self.access.purpose == Purpose::Rights { "referral.find" } else { "referral.read" };
        let may = |(id, scope): &&(ReferralId, kith_store::ReferralScope)| {
            self.permits(action, &Resource::Referral(id.0, scope))
        };
        let ids: Vec<ReferralId> = scopes.iter().filter(may).map(|(id, _)| *id).collect();
        Ok(look.referrals(&ids).await?)
    }
}

/// By what a child was found, each in words; nothing when it was by the child's own name alone.
fn why<'a>(
    typed: &Typed,
    hits: impl Iterator<Item = &'a Found>,
    values: &Fields,
    families: &[Relative],
    referral: Option<&Referral>,
) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    let on_form: HashMap<PersonId, &Fields> =
        referral.iter().flat_map(|of| &of.body.family).map(|member| (member.id, &member.fields)).collect();
    for hit in hits {
        let words = match hit.person {
            None => of_child(typed, values),
            Some(person) => {
                let held = families.iter().find(|of| (of.child, of.person.id) == (hit.child, person));
                match (held, on_form.get(&person)) {
                    (Some(held), _) => {
                        of_member(typed, &held.person.body.known.values, held.relation.relationship.label())
                    }
                    (None, Some(form)) => {
                        let label =
                            Relationship::from_code(form.get("relationship")).map_or("Family", Relationship::label);
                        of_member(typed, form, label)
                    }
                    (None, None) => continue,
                }
            }
        };
        if !words.is_empty() && !said.contains(&words) {
            said.push(words);
        }
    }
    said
}

/// A name of somebody that fits what was typed: now, another one of theirs, or several together.
fn name_that_fits(typed: &Typed, values: &Fields) -> Option<String> {
    let name = Name::of(values)?;
    if typed.fits_name(&name.full()) {
        return Some(String::new());
    }
    let known_as = Some(values.get("known_as").trim()).filter(|known| !known.is_empty());
    if let Some(known) = known_as.filter(|known| typed.fits_name(&format!("{known} {}", name.family))) {
        return Some(format!("goes by {known}"));
    }
    if let Some(former) = name.former.iter().find(|former| typed.fits_name(former)) {
        return Some(format!("former name {former}"));
    }
    let all = [name.full(), name.former.join(" ")].join(" ");
    typed.fits_name(&all).then(|| "a former name".to_owned())
}

fn number_that_fits(typed: &Typed, values: &Fields) -> Option<&'static str> {
    let identifiers = [
        ("care_first", "Care First number"),
        ("upn", "unique pupil number"),
        ("nhs_number", "NHS number"),
        ("case_number", "court case number"),
    ];
    let phones = [
        ("phone", "phone number"),
        ("carer_phone", "carer’s phone number"),
        ("emergency_phone", "emergency phone number"),
    ];
    let identifier = identifiers.iter().find(|(item, _)| typed.fits_identifier(values.get(item)));
    identifier.or_else(|| phones.iter().find(|(item, _)| typed.fits_phone(values.get(item)))).map(|(_, words)| *words)
}

fn of_child(typed: &Typed, values: &Fields) -> String {
    if let Some(name) = name_that_fits(typed, values) {
        return name;
    }
    let carer = values.get("carer").trim();
    if typed.fits_name(carer) {
        return format!("carer: {carer}");
    }
    match number_that_fits(typed, values) {
        Some(number) => number.to_owned(),
        None if typed.names().is_empty() && !typed.birth_marks().is_empty() => "date of birth".to_owned(),
        None => String::new(),
    }
}

fn of_member(typed: &Typed, values: &Fields, relationship: &str) -> String {
    let who = format!("{}: {}", relationship.to_lowercase(), name_in(values));
    let how = name_that_fits(typed, values).or_else(|| number_that_fits(typed, values).map(str::to_owned));
    match how.filter(|how| !how.is_empty()) {
        Some(how) => format!("{who} ({how})"),
        None => who,
    }
}
