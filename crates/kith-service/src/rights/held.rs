//! Whether somebody who asks, or is asked about, is held: looked for from their request by names, former names, date of birth and
//! phone in every file, shown with why, and confirmed by a person. Nobody browses files without a request (handbook section 2).

use kith_domain::codes::Relationship;
use kith_domain::form::{Fields, lower_first, upper_first};
use kith_domain::ids::{AccountId, ChildId, RequestId};
use kith_domain::person::Name;
use kith_domain::referral::FamilyDraft;
use kith_domain::rights::{HeldSubject, Place, RightsRequest, Step, StepKind, names_account};
use kith_store::{Child, Look, PersonRequest, Relative, StoreError, member_compared, unless_destroyed};

use crate::likely::LikelyOnes;
use crate::search::name_in;
use crate::{Desk, ServiceError};

/// Most who are shown: more are told apart by asking who asks for more than a name.
pub(crate) const SHOWN: usize = 30;

/// Somebody held who may be meant. No Debug: it names people.
pub struct MaybeHeld {
    /// Who, as the form sends it back.
    pub subject: HeldSubject,
    /// Their name.
    pub name: String,
    /// As what, in whose file.
    pub stands: String,
    /// Why they may be meant, in words.
    pub why: Vec<String>,
    /// Whether it was confirmed.
    pub confirmed: bool,
}

/// A member of staff who may be meant. No Debug: it names people.
pub struct MaybeAccount {
    /// Whose account.
    pub account: AccountId,
    /// Their name.
    pub name: String,
    /// As what, and where.
    pub stands: String,
    /// Whether it was confirmed.
    pub confirmed: bool,
}

/// What must be known of a file before anything about it leaves. No Debug: it names people.
pub struct FileConcerned {
    /// The file.
    pub file: ChildId,
    /// The child's name.
    pub child: String,
    /// Whether the placement address is confidential from anybody.
    pub address_confidential: bool,
    /// The family: name, how they stand, parental responsibility, whether they must not attend.
    pub family: Vec<(String, String, bool, bool)>,
}

/// Who may be meant by a request, and what must be known of the files of those who are. No Debug: it names people.
pub struct HeldView {
    /// The request.
    pub request: PersonRequest,
    /// Who may be meant, the likeliest first; those confirmed before stand first.
    pub maybe: Vec<MaybeHeld>,
    /// How many more there are.
    pub more: usize,
    /// Members of staff, past ones too, who have such a name.
    pub accounts: Vec<MaybeAccount>,
    /// The files of those confirmed.
    pub files: Vec<FileConcerned>,
}

impl Desk {
    /// Who of those held may be meant by a request.
    pub async fn request_held(&self, id: RequestId) -> Result<HeldView, ServiceError> {
        let desk = self.of_rights();
        desk.allow_service("request.search").await?;
        let look = desk.snapshot().await?;
        let request = look.person_request(id).await?;
        let asked = as_asked(&request.body);
        let likely = match Name::of(&asked) {
            Some(_) => desk.likely_ones(&look, &member_compared(&asked), true).await?,
            None => LikelyOnes { children: Vec::new(), members: Vec::new() },
        };
        let confirmed = request.body.subjects().to_vec();
        let mut maybe = desk.maybe(&look, likely, &confirmed).await?;
        maybe.sort_by_key(|one| !one.confirmed);
        let more = maybe.len().saturating_sub(SHOWN);
        maybe.truncate(SHOWN);
        let mut files: Vec<ChildId> = confirmed.iter().map(|subject| subject.file).collect();
        files.sort_unstable();
        files.dedup();
        let mut concerned = Vec::new();
        for file in files {
            concerned.extend(desk.file_concerned(&look, file).await?);
        }
        let accounts = self.maybe_accounts(&request.body);
        let former = request.body.asked.former_names.clone().unwrap_or_default();
        look.searched(self.service.asked(&[request.body.about(), &former], maybe.len()));
        look.done("request.searched", self.now_ms()).await?;
        Ok(HeldView { request, maybe, more, accounts, files: concerned })
    }

    /// Members of staff who may be meant: whoever works, or worked, here is held too, as somebody who signs in.
    fn maybe_accounts(&self, request: &RightsRequest) -> Vec<MaybeAccount> {
        let confirmed = request.accounts();
        let cards = self.service.directory().everybody().into_iter();
        let meant = cards.filter(|card| confirmed.contains(&card.id) || names_account(request, &card.name));
        let meant = meant.map(|card| {
            let left = if card.active { "" } else { ", has left" };
            let area = self.service.register().area_name(&card.area);
            let place = if area.is_empty() { String::new() } else { format!(", {area}") };
            MaybeAccount {
                account: card.id,
                name: card.name,
                stands: format!("{}{place}{left}", card.role.label()),
                confirmed: confirmed.contains(&card.id),
            }
        });
        meant.collect()
    }

    /// Those found, as they are offered.
    pub(crate) async fn maybe(
        &self,
        look: &Look,
        likely: LikelyOnes,
        confirmed: &[HeldSubject],
    ) -> Result<Vec<MaybeHeld>, ServiceError> {
        let mut all = Vec::new();
        for one in likely.children {
            let subject = HeldSubject { file: one.held.child.id, person: None };
            let reference = subject.file.reference();
            all.push(MaybeHeld {
                subject,
                name: name_in(&one.values),
                stands: match one.held.referral {
                    Some((_, state)) => {
                        format!("The child of a referral ({}), {reference}", lower_first(state.label()))
                    }
                    None => format!("The child of file {reference}"),
                },
                why: one.why,
                confirmed: confirmed.contains(&subject),
            });
        }
        for one in likely.members {
            let (person, files) = one.held;
            for file in files {
                let stands = match look.relation(file, person).await {
                    Err(StoreError::Destroyed) => continue,
                    // On a form alone.
                    Err(StoreError::NotFound) => {
                        format!("{}, on a referral that is not accepted, {}", on_form(&one.values), file.reference())
                    }
                    relation => format!("{}, in file {}", relation?.relationship.label(), file.reference()),
                };
                let subject = HeldSubject { file, person: Some(person) };
                all.push(MaybeHeld {
                    subject,
                    name: name_in(&one.values),
                    stands,
                    why: one.why.clone(),
                    confirmed: confirmed.contains(&subject),
                });
            }
        }
        Ok(all)
    }

    /// Keeps who of those held a request is about, in files and as members of staff: those with whom the box is ticked, nobody where none is. Only who is offered on
    /// the page can be chosen.
    pub async fn say_who_is_held(&self, id: RequestId, typed: &Fields) -> Result<(), ServiceError> {
        self.allow_service("request.change").await?;
        let view = self.request_held(id).await?;
        let (mut subjects, mut accounts): (Vec<HeldSubject>, Vec<AccountId>) = (Vec::new(), Vec::new());
        for code in typed.all("held") {
            match Place::from_code(code) {
                Some(Place::File(of)) if view.maybe.iter().any(|one| one.subject == of) => subjects.push(of),
                Some(Place::Account(of)) if view.accounts.iter().any(|one| one.account == of) => accounts.push(of),
                _ => return Err(ServiceError::field("held", "Choose from those who are shown here")),
            }
        }
        subjects.sort_unstable();
        subjects.dedup();
        accounts.sort_unstable();
        accounts.dedup();
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        let words = match subjects.len() + accounts.len() {
            0 => "Looked for in every file: it is none of those held who are alike".to_owned(),
            1 => "One of those held".to_owned(),
            many => format!("{many} places in which they are held"),
        };
        let step = Step { subjects, accounts, ..Step::of(StepKind::Found, today, words, Some(me), now_ms) };
        self.change("request.found", |work| {
            let step = step.clone();
            async move {
                let mut row = work.person_request(id).await?;
                self.step_of_pack(&work, id, &row.body, StepKind::Found).await?;
                let calendar = self.service.register().calendar();
                row.body.take(step, today, calendar).map_err(super::untaken)?;
                work.save_person_request(&mut row).await?;
                Ok(())
            }
        })
        .await
    }
}

/// What a request says of the person, as it is compared with what is held.
fn as_asked(request: &RightsRequest) -> Fields {
    let asked = &request.asked;
    let mut fields = as_typed(request.about(), asked.former_names.as_deref(), asked.birth);
    // A number says something of the person only where it is the same person; an address has often changed since.
    if asked.about.is_none() {
        fields.set("phone", asked.phone.clone().unwrap_or_default());
    }
    fields
}

/// A name as somebody typed it, with what else is known of whoever has it, as it is compared with what is held.
pub(crate) fn as_typed(name: &str, former_names: Option<&str>, birth: Option<jiff::civil::Date>) -> Fields {
    let mut fields = Fields::default();
    let mut words: Vec<String> = name.split_whitespace().map(upper_first).collect();
    let family = words.pop().unwrap_or_default();
    // A single word is looked for as either.
    fields.set("given_name", if words.is_empty() { family.clone() } else { words.join(" ") });
    fields.set("family_name", family);
    fields.set("former_names", former_names.unwrap_or_default());
    if let Some(birth) = birth {
        fields.set_date("birth_date", birth);
    }
    fields
}

/// As what somebody stands on a form.
pub(crate) fn on_form(fields: &Fields) -> &'static str {
    Relationship::from_code(fields.get("relationship")).map_or("A member of the family", Relationship::label)
}

impl Desk {
    async fn file_concerned(&self, look: &Look, file: ChildId) -> Result<Option<FileConcerned>, ServiceError> {
        let Some(child) = unless_destroyed(look.child(file).await)? else { return Ok(None) };
        if let Some(referral) = self.referral_alone(look, &child).await? {
            let form = referral.body.for_child(file);
            let of = |of: &FamilyDraft| {
                let parental = of.fields.has("parental_responsibility", "yes");
                (of.name(), on_form(&of.fields).to_owned(), parental, of.is_barred())
            };
            return Ok(Some(FileConcerned {
                file,
                child: name_in(&form.child),
                address_confidential: form.placement.has("confidential", "yes"),
                family: form.family.iter().map(of).collect(),
            }));
        }
        by_rows(look, child).await.map(Some)
    }
}

async fn by_rows(look: &Look, child: Child) -> Result<FileConcerned, ServiceError> {
    let file = child.id;
    let family = unless_destroyed(look.family(file).await)?.unwrap_or_default();
    let of = |relative: &Relative| {
        let relation = &relative.relation;
        let stands = relation.relationship.label().to_owned();
        (relative.name(), stands, relation.parental_responsibility, !relation.may_attend && !relation.ended)
    };
    Ok(FileConcerned {
        file,
        child: child.name(),
        address_confidential: child.body.placement.as_ref().is_some_and(|placement| placement.confidential),
        family: family.iter().map(of).collect(),
    })
}
