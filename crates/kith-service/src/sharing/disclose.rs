//! Sending: what the recipient gets is weighed for the page, and once more in the transaction that writes down that it went.

use std::collections::HashMap;

use kith_domain::access::Purpose;
use kith_domain::calendar::{day_number, long_date};
use kith_domain::ids::{ChildId, DemandId, DisclosureId, PersonId, SessionId};
use kith_domain::sharing::{
    AgreementStanding, Basis, Consent, DemandState, DisclosureBody, Journey, Member, Part, RecipientKind, ShareWith,
    To, Weighed, Weighing, Went, demanded, package, seen,
};
use kith_store::{AgreementOfSharing, Child, DemandByLaw, Disclosure, Look, Names, Relative, StoreError};
use sha2::{Digest, Sha256};

use super::paper;
use crate::file::child_in_contact;
use crate::report::address::Address;
use crate::{Desk, ServiceError};

/// How many days back and ahead sessions are offered.
const SESSIONS_BACK: i64 = 1;
const SESSIONS_AHEAD: i64 = 42;

/// What the form offers. No Debug: it names people.
pub struct ShareChoices {
    /// The child's name.
    pub child: String,
    /// Who can get something: the value of the form, and what they are called.
    pub to: Vec<(String, String)>,
    /// The family by name.
    pub people: Vec<(PersonId, String)>,
    /// The sessions of these weeks.
    pub sessions: Vec<(SessionId, String)>,
}

/// What would go and what would stay. No Debug: it is personal.
pub struct Preview {
    /// The child's name.
    pub child: String,
    /// The recipient, as it is called.
    pub recipient: String,
    /// What they are to the service.
    pub kind: RecipientKind,
    /// On what it rests.
    pub basis: Basis,
    /// The agreement it goes under, in words; empty where none is needed.
    pub under: String,
    /// What goes and what stays.
    pub weighed: Vec<Weighed>,
    /// The family by name.
    pub names: HashMap<PersonId, String>,
    /// Why nothing can go at all, in words.
    pub blocked: Option<String>,
    /// A keyed hash of what goes and stays: it comes back with the confirmation.
    pub seen: String,
}

/// Everything that was read to weigh.
pub(super) struct Gathered {
    pub(super) child: Child,
    pub(super) family: Vec<Relative>,
    consents: Vec<(Consent, i64)>,
    agreement: Option<AgreementOfSharing>,
    pub(super) demand: Option<DemandByLaw>,
    journey: Option<Journey>,
    pub(super) kind: RecipientKind,
    pub(super) party: String,
    /// Why nothing can go at all.
    refused: Option<ServiceError>,
}

fn rule(code: &'static str, words: impl Into<String>) -> ServiceError {
    ServiceError::rule(code, words)
}

/// Why nothing goes under an agreement.
fn not_under(of: &AgreementOfSharing, standing: AgreementStanding, purpose: Purpose) -> Option<ServiceError> {
    let facts = &of.body.facts;
    let party = &facts.party;
    let ask = "The data protection officer can make a new one";
    match standing {
        AgreementStanding::InForce if facts.purposes.contains(&purpose) => None,
        AgreementStanding::InForce => Some(rule(
            "sharing.purpose_not_agreed",
            format!("The agreement with {party} does not cover “{}”. Nothing can go for it", purpose.label()),
        )),
        AgreementStanding::Expired => Some(rule(
            "sharing.agreement_expired",
            format!("The agreement with {party} ran out on {}: nothing goes under it. {ask}", long_date(facts.until)),
        )),
        AgreementStanding::NotYet => Some(rule(
            "sharing.agreement_not_yet",
            format!("The agreement with {party} is in force from {}: nothing goes before", long_date(facts.from)),
        )),
        AgreementStanding::Draft => Some(rule(
            "sharing.agreement_not_signed",
            format!("The agreement with {party} is not signed by both: nothing goes under it"),
        )),
        AgreementStanding::Ended => Some(rule(
            "sharing.agreement_ended",
            format!("The agreement with {party} was ended: nothing goes under it. {ask}"),
        )),
        AgreementStanding::Replaced => Some(rule(
            "sharing.agreement_replaced",
            format!("There is a later version of the agreement with {party}: choose the recipient again"),
        )),
    }
}

impl Desk {
    /// What the form for sending something offers.
    pub async fn share_choices(&self, child: ChildId) -> Result<ShareChoices, ServiceError> {
        let (look, _) = self.look_into_file("disclosure.make", child).await?;
        let name = child_in_contact(&look, child).await?.name();
        let people = look.family(child).await?.iter().map(|of| (of.person.id, of.name())).collect();
        let today = day_number(self.service.today());
        let sessions = look.sessions_of(child, today - SESSIONS_BACK, today + SESSIONS_AHEAD).await?;
        let mut to = Vec::new();
        for of in look.demands_of(child).await?.into_iter().filter(|of| of.state == DemandState::Approved) {
            to.push((To::Demand(of.id).code(), format!("{}, who demanded it by law", of.body.who)));
        }
        for of in look.sharing_agreements(false).await? {
            let words = format!("{} ({})", of.body.facts.party, kith_domain::form::lower_first(of.kind.label()));
            to.push((To::Party(of.id).code(), words));
        }
        for kind in RecipientKind::ALL {
            let inside = package(*kind).inside;
            let words =
                if inside { kind.label().to_owned() } else { format!("{}, without an agreement", kind.label()) };
            to.push((To::Kind(*kind).code(), words));
        }
        look.done("disclosure.begun", self.now_ms()).await?;
        let sessions = sessions.into_iter().map(|of| (of.id, of.slot.label())).collect();
        Ok(ShareChoices { child: name, to, people, sessions })
    }

    /// What would go to a recipient and what would stay, with why.
    pub async fn weigh_disclosure(&self, child: ChildId, ask: &ShareWith) -> Result<Preview, ServiceError> {
        self.same_purpose(ask)?;
        let (look, _) = self.look_into_file("disclosure.make", child).await?;
        let of = self.gather(&look, child, ask).await?;
        let weighed = self.weighed(&of, ask);
        look.done("disclosure.weighed", self.now_ms()).await?;
        let blocked =
            of.refused.as_ref().map(ToString::to_string).or_else(|| nothing_goes(&weighed).map(|e| e.to_string()));
        Ok(Preview {
            child: of.child.name(),
            recipient: of.recipient(ask),
            kind: of.kind,
            basis: of.basis(),
            under: of.under(),
            names: of.family.iter().map(|of| (of.person.id, of.name())).collect(),
            seen: self.seen(&weighed),
            blocked,
            weighed,
        })
    }

    /// A recipient's purpose is the purpose of the look: what it does not cover is not opened.
    fn same_purpose(&self, ask: &ShareWith) -> Result<(), ServiceError> {
        if ask.purpose == self.access.purpose { Ok(()) } else { Err(ServiceError::Forbidden) }
    }

    pub(super) fn seen(&self, weighed: &[Weighed]) -> String {
        hex::encode(self.service.web_mac("disclosure", seen(weighed).as_bytes()))
    }

    /// Sends what was seen, and nothing else: when anything that bears on it is different by now, it is refused. Sent twice it
    /// goes once.
    pub async fn disclose(
        &self,
        id: DisclosureId,
        child: ChildId,
        ask: &ShareWith,
        confirmed: &str,
    ) -> Result<(), ServiceError> {
        self.same_purpose(ask)?;
        let (look, _) = self.look_into_file("disclosure.make", child).await?;
        if look.child_of_disclosure(id).await? == Some(child) {
            return Ok(());
        }
        let of = self.gather(&look, child, ask).await?;
        let weighed = self.weighed(&of, ask);
        look.done("disclosure.weighed", self.now_ms()).await?;
        let of = of.allowed(&weighed)?;
        if self.seen(&weighed) != confirmed {
            return Err(changed());
        }
        let pdf = paper::set(self, id, &of, ask, &weighed).await?;
        let (me, now_ms, pdf, confirmed_hash, confirmed) = (self.me()?, self.now_ms(), &pdf, confirmed, &weighed);
        self.allow_file("disclosure.make", child).await?;
        let sent = self.change("disclosure.sent", |work| async move {
            let of = self.gather(&work, child, ask).await?;
            let weighed = self.weighed(&of, ask);
            let of = of.allowed(&weighed)?;
            if seen(&weighed) != seen(confirmed) {
                return Err(changed());
            }
            if let Some(mut demand) = of.demand.clone() {
                demand.state = DemandState::Answered;
                work.save_demand(&mut demand).await?;
            }
            let went = |of: &Weighed| Went {
                label: of.label.clone(),
                item: of.item.map(str::to_owned),
                person: of.person,
                stays: of.stays,
            };
            let mut row = Disclosure {
                id,
                version: 0,
                child,
                author: me,
                agreement: of.agreement.as_ref().map(|of| of.id),
                demand: of.demand.as_ref().map(|of| of.id),
                kind: of.kind,
                created_ms: now_ms,
                recalled_ms: None,
                body: DisclosureBody {
                    recipient: of.recipient(ask),
                    kind: of.kind,
                    purpose: ask.purpose,
                    basis: of.basis(),
                    power: of.demand.as_ref().map(|of| of.body.power.clone()),
                    related: ask.related,
                    session: ask.session,
                    parts: weighed.iter().map(went).collect(),
                    digest: hex::encode(Sha256::digest(pdf)),
                    length: pdf.len() as u64,
                    seen: confirmed_hash.to_owned(),
                    deliveries: Vec::new(),
                    recalled: None,
                    told: Vec::new(),
                },
            };
            Ok(work.insert_disclosure(&mut row, pdf).await?)
        });
        match sent.await {
            Err(ServiceError::Store(StoreError::Duplicate)) => self.disclosure(id).await.map(drop),
            sent => sent,
        }
    }

    pub(super) async fn gather(&self, look: &Look, child: ChildId, ask: &ShareWith) -> Result<Gathered, ServiceError> {
        let of = child_in_contact(look, child).await?;
        let family = look.family(child).await?;
        let consents = look.consents_of(child).await?.into_iter().map(|of| (of.body, of.created_ms)).collect();
        let (mut agreement, mut demand, mut refused) = (None, None, None);
        let (kind, party) = match ask.to {
            To::Kind(kind) => {
                if !package(kind).inside {
                    refused = Some(self.no_agreement(look, kind).await?);
                }
                (kind, kind.label().to_owned())
            }
            To::Party(id) => {
                let of = look.sharing_agreement(id).await?;
                let standing = AgreementStanding::of(of.state, of.from_day, of.until_day, self.service.today());
                refused = not_under(&of, standing, ask.purpose);
                let named = (of.kind, of.body.facts.party.clone());
                agreement = Some(of);
                named
            }
            To::Demand(id) => {
                let of = demand_of(look, child, id).await?;
                if of.state != DemandState::Approved {
                    let words = "This demand has not been approved by a manager, or was answered already";
                    refused = Some(rule("sharing.demand_not_approved", words));
                }
                let named = (of.body.kind, of.body.who.clone());
                demand = Some(of);
                named
            }
        };
        ask.fits(kind)?;
        if ask.related.is_some_and(|person| !family.iter().any(|of| of.person.id == person)) {
            return Err(ServiceError::field("related", "Choose one of the people of this file"));
        }
        let journey = match ask.session {
            Some(session) => Some(self.journey(look, child, session, &family).await?),
            None => None,
        };
        Ok(Gathered { child: of, family, consents, agreement, demand, journey, kind, party, refused })
    }

    /// That no agreement was chosen with somebody outside the council: what there was, if there was one.
    async fn no_agreement(&self, look: &Look, kind: RecipientKind) -> Result<ServiceError, ServiceError> {
        let last = look.agreements_with(kind).await?.into_iter().next();
        let beside = last.map(|of| {
            let facts = &of.body.facts;
            format!(". There is one with {}, until {}: choose it if it is them", facts.party, long_date(facts.until))
        });
        Ok(rule(
            "sharing.no_agreement",
            format!(
                "There is no information sharing agreement with this recipient, so nothing can go to them. The data protection \
                 officer can make one{}",
                beside.unwrap_or_default()
            ),
        ))
    }

    async fn journey(
        &self,
        look: &Look,
        child: ChildId,
        id: SessionId,
        family: &[Relative],
    ) -> Result<Journey, ServiceError> {
        let wrong = || ServiceError::field("session", "Choose one of the sessions of this child");
        let session = match look.session(id).await {
            Err(StoreError::NotFound) => return Err(wrong()),
            found => found?,
        };
        if session.place(child).is_none() || session.state.is_over() {
            return Err(wrong());
        }
        let room = look.room(session.room).await?;
        let venue = look.venue(room.venue).await?;
        let people = look.people_in(id).await?;
        let first = |of: &Relative| of.person.body.name.given.split_whitespace().next().unwrap_or_default().to_owned();
        let who: Vec<String> = family.iter().filter(|of| people.contains(&of.person.id)).map(first).collect();
        let address = venue.address.unwrap_or_default();
        let place = if address.contains(&venue.name) { address } else { format!("{}\n{address}", venue.name) };
        Ok(Journey {
            day: session.slot.day,
            when: session.slot.label(),
            place,
            who: kith_domain::words::in_words(&who),
        })
    }

    pub(super) fn weighed(&self, of: &Gathered, ask: &ShareWith) -> Vec<Weighed> {
        let standing = package(of.kind);
        let (parts, consent, barred): (Vec<Part>, bool, bool) = match &of.demand {
            Some(demand) => (demanded(&demand.body.items), false, true),
            None => (standing.parts.to_vec(), standing.consent, standing.barred),
        };
        let members: Vec<Member> = of
            .family
            .iter()
            .map(|of| Member {
                person: of.person.id,
                of_person: &of.person.body.known,
                of_relation: &of.relation.known,
                barred: of.relation.is_barred(),
                ended: of.relation.ended,
            })
            .collect();
        let consents: Vec<(&Consent, i64)> = of.consents.iter().map(|(consent, at_ms)| (consent, *at_ms)).collect();
        let names = Names::of(&of.family);
        let address = of.child.body.placement.as_ref().map(|placement| Address::of(&placement.address));
        Weighing {
            kind: of.kind,
            parts: &parts,
            consent,
            barred,
            agreed: of.agreement.as_ref().map(|of| of.body.facts.items.as_slice()),
            purpose: ask.purpose,
            registered: self.service.register().items(),
            consents: &consents,
            child: &of.child.body.known,
            family: &members,
            related: ask.related,
            journey: of.journey.as_ref(),
            today: self.service.today(),
            name_of: &|id| names.name(id),
            withheld: &|text| address.as_ref().map_or_else(|| text.to_owned(), |address| address.withheld(text)),
        }
        .weigh()
    }
}

async fn demand_of(look: &Look, child: ChildId, id: DemandId) -> Result<DemandByLaw, ServiceError> {
    let demand = look.demand(id).await?;
    if demand.child == child { Ok(demand) } else { Err(ServiceError::NotFound) }
}

pub(super) fn changed() -> ServiceError {
    rule(
        "sharing.changed",
        "Something that bears on this was changed after you had looked: a consent, the agreement, the file or the session. Nothing \
         has gone. Look again at what goes and what stays",
    )
}

fn nothing_goes(weighed: &[Weighed]) -> Option<ServiceError> {
    let goes = weighed.iter().any(|of| of.stays.is_none() && of.item.is_some());
    (!goes).then(|| rule("sharing.nothing_goes", "Nothing of the file can go to them: each line says why"))
}

impl Gathered {
    /// If something can go at all.
    pub(super) fn allowed(mut self, weighed: &[Weighed]) -> Result<Self, ServiceError> {
        if let Some(refused) = self.refused.take() {
            return Err(refused);
        }
        nothing_goes(weighed).map_or(Ok(self), Err)
    }

    pub(super) fn recipient(&self, ask: &ShareWith) -> String {
        match &ask.recipient {
            Some(who) => format!("{}, {who}", self.party),
            None => self.party.clone(),
        }
    }

    pub(super) fn basis(&self) -> Basis {
        match self.kind {
            _ if self.demand.is_some() => Basis::Law,
            kind if package(kind).consent => Basis::Consent,
            RecipientKind::Court | RecipientKind::Police | RecipientKind::Legal => Basis::Proceedings,
            _ => Basis::Duty,
        }
    }

    pub(super) fn under(&self) -> String {
        if let Some(demand) = &self.demand {
            return demand.body.power.clone();
        }
        self.agreement.as_ref().map_or_else(String::new, |of| {
            let facts = &of.body.facts;
            format!("Agreement {} with {}, until {}", of.id.reference(), facts.party, long_date(facts.until))
        })
    }
}
