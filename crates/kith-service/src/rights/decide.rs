//! What is decided of a request in each place in which somebody is held, and done there in the same transaction (UK GDPR Art 16 to 21;
//! handbook section 14; docs/decisions/0044). The officer reads and changes a file for this under *rights* alone, and only one that
//! somebody confirmed.

#[cfg(test)]
mod tests;

use kith_domain::calendar::{self, long_date};
use kith_domain::catalogue::{Group, ITEMS, Item, of_value, value_words};
use kith_domain::fact::{Doubt, FactStanding, Facts, RaiseDoubt, Statement, Subject, may_be_restricted};
use kith_domain::form::{Fields, lower_first};
use kith_domain::ids::{ChildId, ConsentId, RequestId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::referral::FamilyDraft;
use kith_domain::rights::{
    Act, ActKind, Decide, Decision, HeldSubject, Place, Right, RightsRequest, Step, StepKind, UseOf, Verdict,
    read_used_again,
};
use kith_domain::sharing::{ByRequest, Consent};
use kith_store::{ConsentSaid, Look, Names, PersonRequest, Referral, Relative, Work};
use uuid::Uuid;

use super::held::on_form;
use super::untaken;
use crate::fact::{Whose, source_words};
use crate::search::name_in;
use crate::sharing::{ConsentView, wrong_that_went};
use crate::{Desk, ServiceError};

/// A fact that stands, about which something can be decided. No Debug: it is personal.
pub struct FactHeld {
    /// The item.
    pub item: &'static Item,
    /// What it says.
    pub words: String,
    /// Whether its use can be restricted: not what the child or others are protected by.
    pub may_restrict: bool,
}

/// Something that was said of somebody since their request came. No Debug: it is personal.
pub struct SaidSince {
    /// The statement.
    pub id: StatementId,
    /// What it is about, by label.
    pub what: String,
    /// Who said it, and who wrote it down when.
    pub source: String,
}

/// What went to somebody and was wrong, as it was said since the request came. No Debug: it names people.
pub struct WentWrong {
    /// To whom it went, and when.
    pub went: String,
    /// What of it was wrong.
    pub what: String,
    /// When and how they were told; `None` as long as nobody did.
    pub told: Option<String>,
}

/// One place in which somebody is held about whom a request is, with all that is needed to decide. No Debug: it names people.
pub struct PlaceView {
    /// The request.
    pub request: PersonRequest,
    /// Where.
    pub place: Place,
    /// The name of whoever is held there.
    pub name: String,
    /// As what, in words.
    pub stands: String,
    /// What to know before: they must not attend, a confidential address.
    pub warnings: Vec<&'static str>,
    /// By which rule the file is kept and until when, in words; `None` where that is not known.
    pub kept: Option<String>,
    /// What stands of them.
    pub facts: Vec<FactHeld>,
    /// Their consents that count.
    pub consents: Vec<ConsentView>,
    /// What was said of them since the request came.
    pub said: Vec<SaidSince>,
    /// What went to whom and was wrong.
    pub went: Vec<WentWrong>,
    /// Whether nothing can be done from here and it is said in words what is: as a member of staff, on a referral alone.
    pub by_words: bool,
    /// Why nothing can be decided now, if so.
    pub why_not: Option<String>,
}

/// Where somebody is held, as it was read from a file.
struct Read {
    name: String,
    stands: String,
    warnings: Vec<&'static str>,
    kept: Option<String>,
    facts: Vec<FactHeld>,
    consents: Vec<ConsentView>,
    said: Vec<SaidSince>,
    went: Vec<WentWrong>,
    by_words: bool,
}

impl Read {
    fn by_words(name: String, stands: String, warnings: Vec<&'static str>) -> Self {
        Self {
            name,
            stands,
            warnings,
            kept: None,
            facts: Vec::new(),
            consents: Vec::new(),
            said: Vec::new(),
            went: Vec::new(),
            by_words: true,
        }
    }
}

impl PlaceView {
    /// Refuses what is not offered here.
    fn offers(&self, decide: &Decide) -> Result<(), ServiceError> {
        let wrong = |field: &str| Err(ServiceError::field(field, "Choose from those who and what are shown here"));
        let restricts = self.request.body.asked.right != Right::Rectification;
        let offered = |item: &&'static Item| {
            self.facts.iter().any(|of| of.item.key() == item.key() && (of.may_restrict || !restricts))
        };
        if !decide.items.iter().all(offered) {
            return wrong("items");
        }
        if !decide.consents.iter().all(|id| self.consents.iter().any(|of| of.said.id == *id)) {
            return wrong("consents");
        }
        if !decide.statements.iter().all(|id| self.said.iter().any(|said| said.id == *id)) {
            return wrong("statements");
        }
        Ok(())
    }
}

impl Desk {
    /// One place in which somebody is held about whom a request is. [`ServiceError::NotFound`] of a place that nobody confirmed.
    pub async fn request_place(&self, id: RequestId, place: Place) -> Result<PlaceView, ServiceError> {
        self.allow_service("request.read").await?;
        let desk = self.of_rights();
        let look = desk.snapshot().await?;
        let request = look.person_request(id).await?;
        let body = &request.body;
        let is_theirs = body.places().contains(&place) || body.decided_in(place).is_some();
        if !body.asked.right.acts() || !is_theirs {
            look.done("request.read", self.now_ms()).await?;
            return Err(ServiceError::NotFound);
        }
        let read = match place {
            Place::File(of) => {
                desk.allow_file_in(&look, "rights.act", of.file).await?;
                desk.read_place(&look, body, of).await?
            }
            Place::Account(account) => {
                Read::by_words(self.service.name_of(account), "A member of staff".to_owned(), Vec::new())
            }
        };
        look.done("request.place_read", self.now_ms()).await?;
        let why_not = body.why_not_decided(self.service.today()).map(|refusal| refusal.words);
        let Read { name, stands, warnings, kept, facts, consents, said, went, by_words } = read;
        Ok(PlaceView { request, place, name, stands, warnings, kept, facts, consents, said, went, by_words, why_not })
    }

    async fn read_place(&self, look: &Look, request: &RightsRequest, of: HeldSubject) -> Result<Read, ServiceError> {
        let child = look.child(of.file).await?;
        if let Some(referral) = self.referral_alone(look, &child).await? {
            return Ok(on_a_referral(&referral, of));
        }
        let family = look.family(of.file).await?;
        let relative = of.person.and_then(|person| family.iter().find(|relative| relative.person.id == person));
        let since_ms = calendar::instant_ms(request.asked.received, 0);
        let mut said = Vec::new();
        for subject in subjects(of) {
            said.extend(look.statements_of(subject).await?);
        }
        let stands = relative.map_or("The child", |relative| relative.relation.relationship.label());
        let consents = crate::sharing::consents_in(self, look, of.file).await?;
        let went = wrong_that_went(look, of.file, since_ms).await?.into_iter();
        let went = went.filter(|(_, wrong)| wrong.person == of.person || wrong.person.is_none());
        Ok(Read {
            name: relative.map_or_else(|| child.name(), Relative::name),
            stands: format!("{stands}, file {}", of.file.reference()),
            warnings: warnings(
                relative.is_some_and(|of| of.relation.is_barred()),
                child.body.placement.as_ref().is_some_and(|placement| placement.confidential),
            ),
            kept: child
                .body
                .kept
                .as_ref()
                .map(|kept| format!("{}: {}, {}", kept.category.label(), kept.rule, long_date(kept.until))),
            facts: facts(&said, of, &Names::of(&family)),
            by_words: false,
            consents: consents.into_iter().filter(|view| view.stands && view.said.body.person == of.person).collect(),
            said: said_since(self, &said, since_ms),
            went: went
                .map(|(sent, wrong)| WentWrong {
                    went: format!("{}, {}", sent.body.recipient, calendar::long_instant(sent.created_ms)),
                    what: wrong.label,
                    told: wrong.told.map(|told| format!("{}: {}", long_date(told.on), told.how)),
                })
                .collect(),
        })
    }

    /// Decides in one place, as typed, and does there what was decided. `form` is made with the form: sent twice it is done once.
    pub async fn decide_request(
        &self,
        id: RequestId,
        place: Place,
        form: Uuid,
        typed: &Fields,
    ) -> Result<(), ServiceError> {
        self.allow_service("request.change").await?;
        let view = self.request_place(id, place).await?;
        // What was done already is not offered again: asked before what was typed is held against the place.
        let is_sent = |body: &RightsRequest| body.decisions().any(|(_, of)| of.id == form);
        if is_sent(&view.request.body) {
            return Ok(());
        }
        let right = view.request.body.asked.right;
        let decide = Decide::read(typed, right, view.by_words)?;
        view.offers(&decide)?;
        let kept = view.kept.clone().filter(|_| right == Right::Erasure && decide.verdict != Verdict::Upheld);
        let desk = self.of_rights();
        if let Place::File(of) = place {
            desk.allow_file("rights.act", of.file).await?;
        }
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        let (acting, decide, kept, said) = (&desk, &decide, &kept, &view.said);
        desk.change("request.decided", |work| async move {
            let mut row = work.person_request(id).await?;
            // Sent twice at once.
            if is_sent(&row.body) {
                work.changed("rights_request", id.0, row.version);
                return Ok(());
            }
            let acts = match place {
                Place::File(of) => acting.act(&work, &row, of, decide, said).await?,
                Place::Account(_) => elsewhere(decide).into_iter().collect(),
            };
            let decision = Decision {
                id: form,
                place,
                verdict: decide.verdict,
                interests: decide.interests.clone(),
                kept: kept.clone(),
                acts,
            };
            let step = Step::of(StepKind::Decided, today, decide.reason.clone(), Some(me), now_ms);
            let step = Step { ground: decide.ground, decision: Some(decision), ..step };
            row.body.take(step, today, acting.service.register().calendar()).map_err(untaken)?;
            Ok(work.save_person_request(&mut row).await?)
        })
        .await
    }

    /// Does in a file what was decided.
    async fn act(
        &self,
        work: &Work,
        row: &PersonRequest,
        of: HeldSubject,
        decide: &Decide,
        said: &[SaidSince],
    ) -> Result<Vec<Act>, ServiceError> {
        let asked = &row.body.asked;
        let note = format!("Request {}: {}", row.id.reference(), decide.reason);
        let act = |kind, what: &str, row| Act { kind, what: what.to_owned(), item: None, row };
        let mut acts = Vec::new();
        let (doubt, kind) = match asked.right {
            Right::Rectification => (Doubt::Disputed, ActKind::Disputed),
            _ => (Doubt::Restricted, ActKind::Restricted),
        };
        for item in &decide.items {
            let id = StatementId(Uuid::now_v7());
            let command = RaiseDoubt { doubt, by: asked.name.clone(), why: note.clone() };
            self.put_doubt(work, whose(of), item, id, &command).await?;
            acts.push(Act { item: Some(item.key()), ..act(kind, item.label, Some(id.0)) });
        }
        let by = ByRequest { asked, note: &note, today: self.service.today() };
        if !decide.consents.is_empty() {
            for given in work.consents_of(of.file).await?.iter().filter(|given| decide.consents.contains(&given.id)) {
                let id = self.put_consent(work, of.file, by.withdrawn(&given.body)).await?;
                acts.push(act(ActKind::Withdrawn, &given.body.question(), Some(id.0)));
            }
        }
        if let Some(to) = decide.interests.as_ref().map(|of| of.to).filter(|_| decide.verdict != Verdict::Refused) {
            if to == UseOf::Planning {
                let id = self.put_consent(work, of.file, by.objected(of.person, None)).await?;
                acts.push(act(ActKind::Objected, to.label(), Some(id.0)));
            }
            for kind in &decide.recipients {
                let id = self.put_consent(work, of.file, by.objected(of.person, Some(*kind))).await?;
                acts.push(act(ActKind::Objected, kind.label(), Some(id.0)));
            }
        }
        for said in said.iter().filter(|said| decide.statements.contains(&said.id)) {
            acts.push(act(ActKind::Corrected, &said.what, Some(said.id.0)));
        }
        acts.extend(elsewhere(decide));
        // UK GDPR Arts 18 and 21: it stops where the work is done.
        if acts.iter().any(|act| matches!(act.kind, ActKind::Restricted | ActKind::Objected)) {
            self.tell_who_works_with(work, of.file, NoticeKind::FileRestricted, of.file.0).await?;
        }
        Ok(acts)
    }

    async fn put_consent(&self, work: &Work, child: ChildId, body: Consent) -> Result<ConsentId, ServiceError> {
        let (id, created_ms) = (ConsentId(Uuid::now_v7()), self.now_ms());
        let mut row = ConsentSaid { id, version: 0, child, author: self.me()?, created_ms, body };
        work.add_consent(&mut row).await?;
        Ok(id)
    }

    /// Has something used again that was restricted by a request, with why and how they were told before. Done twice it is done once.
    pub async fn use_again_by_request(
        &self,
        id: RequestId,
        statement: StatementId,
        typed: &Fields,
    ) -> Result<(), ServiceError> {
        self.allow_service("request.change").await?;
        let why = read_used_again(typed)?;
        let Some((of, item)) = self.restricted_by(id, statement).await? else { return Ok(()) };
        let desk = self.of_rights();
        desk.allow_file("rights.act", of.file).await?;
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        let (acting, why) = (&desk, &why);
        desk.change("request.lifted", |work| async move {
            let mut row = work.person_request(id).await?;
            let step = Step::of(StepKind::Lifted, today, why.clone(), Some(me), now_ms);
            let step = Step { lifts: Some(statement), ..step };
            row.body.take(step, today, acting.service.register().calendar()).map_err(untaken)?;
            acting.use_again(&work, whose(of), item, statement, why).await?;
            Ok(work.save_person_request(&mut row).await?)
        })
        .await
    }

    /// Where a request restricted something, and which item; `None` when it is used again already. [`ServiceError::NotFound`] when it
    /// never did.
    pub async fn restricted_by(
        &self,
        id: RequestId,
        statement: StatementId,
    ) -> Result<Option<(HeldSubject, &'static Item)>, ServiceError> {
        self.allow_service("request.read").await?;
        let look = self.look();
        let request = look.person_request(id).await?;
        look.done("request.read", self.now_ms()).await?;
        let body = &request.body;
        if body.steps.iter().any(|step| step.lifts == Some(statement)) {
            return Ok(None);
        }
        let found = body.restrictions().find(|(_, act)| act.row == Some(statement.0));
        let found = found.and_then(|(place, act)| match place {
            Place::File(of) => Some((of, act.item.as_deref().and_then(kith_domain::catalogue::by_key)?)),
            Place::Account(_) => None,
        });
        found.map(Some).ok_or(ServiceError::NotFound)
    }
}

const fn whose(of: HeldSubject) -> Whose {
    Whose { child: of.file, person: of.person }
}

/// About whom statements are that say something of somebody held.
fn subjects(of: HeldSubject) -> Vec<Subject> {
    match of.person {
        None => vec![Subject::Child { child: of.file }],
        Some(person) => vec![Subject::Person { person }, Subject::Relationship { child: of.file, person }],
    }
}

fn elsewhere(decide: &Decide) -> Option<Act> {
    let done = |words: &String| Act { kind: ActKind::Done, what: words.clone(), item: None, row: None };
    decide.elsewhere.as_ref().map(done)
}

/// Where somebody is held on a referral that was not accepted: of it there are no facts, and nothing is done from here.
fn on_a_referral(referral: &Referral, of: HeldSubject) -> Read {
    let form = referral.body.for_child(of.file);
    let member = of.person.and_then(|person| form.family.iter().find(|member| member.id == person));
    let stands = member.map_or("The child", |member| on_form(&member.fields));
    let state = lower_first(referral.state.label());
    let stands = format!("{stands}, on a referral that is not accepted ({state}), {}", of.file.reference());
    let name = member.map_or_else(|| name_in(&form.child), FamilyDraft::name);
    let confidential = form.placement.has("confidential", "yes");
    Read::by_words(name, stands, warnings(member.is_some_and(FamilyDraft::is_barred), confidential))
}

fn warnings(barred: bool, confidential: bool) -> Vec<&'static str> {
    let mut warnings = Vec::new();
    if barred {
        warnings.push("They must not attend contact: speak to the child’s social worker before an answer goes to them");
    }
    if confidential {
        warnings.push("The address of the placement is confidential: it must be in nothing that leaves");
    }
    warnings
}

/// What stands of somebody, in the order of the catalogue; what is restricted already is not offered again.
fn facts(said: &[Statement], of: HeldSubject, names: &Names) -> Vec<FactHeld> {
    let known = Facts::of(said).known();
    let is_of = |group: Group| group.is_of_family() == of.person.is_some();
    let items = ITEMS.iter().filter(|item| item.group().is_some_and(is_of));
    let held = |item: &'static Item| {
        let words = value_words(item, &known.values, &|id| names.name(id))?;
        Some(FactHeld { item, words, may_restrict: may_be_restricted(item).is_ok() })
    };
    items.filter_map(held).collect()
}

/// What was said since an instant that puts something right.
fn said_since(desk: &Desk, said: &[Statement], since_ms: i64) -> Vec<SaidSince> {
    let doubts = [FactStanding::Disputed, FactStanding::Restricted];
    let since = said.iter().filter(|of| of.recorded_ms >= since_ms && of.takes_back.is_none());
    let since = since.filter(|of| !doubts.contains(&of.standing));
    let words = |of: &Statement| {
        let family = of.subject.person().is_some();
        let mut labels: Vec<&str> = of.values.names().filter_map(|name| Some(of_value(family, name)?.label)).collect();
        labels.dedup();
        SaidSince { id: of.id, what: labels.join(", "), source: source_words(desk, of) }
    };
    since.map(words).collect()
}
