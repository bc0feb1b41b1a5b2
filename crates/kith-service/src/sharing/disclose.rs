//! Sending: what the recipient gets is weighed for the page, and once more in the transaction that writes down that it went.

use std::collections::HashMap;

use kith_domain::access::Purpose;
use kith_domain::calendar::long_date;
use kith_domain::ids::{ChildId, DemandId, DisclosureId, PersonId, SessionId};
use kith_domain::sharing::{
    AgreementStanding, Basis, Consent, DemandState, DisclosureBody, EnclosureDoubt, Journey, Member, PapersFor, Part,
    RecipientKind, ShareWith, To, Weighed, WeighedEnclosure, Weighing, Went, demanded, package, seen,
};
use kith_store::{AgreementOfSharing, Child, DemandByLaw, Disclosure, Look, Names, Relative, StoreError};
use sha2::{Digest, Sha256};

use super::enclose::ReadPaper;
use super::paper;
use crate::file::child_in_contact;
use crate::report::address::Address;
use crate::{Desk, ServiceError};

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
    /// The whole papers that go and stay.
    pub enclosed: Vec<WeighedEnclosure>,
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
    /// The papers that were chosen.
    pub(super) papers: Vec<ReadPaper>,
    pub(super) kind: RecipientKind,
    pub(super) party: String,
    /// Why nothing can go at all.
    refused: Option<ServiceError>,
}

/// What was weighed: the facts, and the whole papers beside them.
pub(super) struct Goes {
    pub(super) facts: Vec<Weighed>,
    pub(super) enclosed: Vec<WeighedEnclosure>,
}

impl Goes {
    /// What a person is to look for in the papers before they go.
    fn doubts(&self) -> impl Iterator<Item = EnclosureDoubt> {
        self.enclosed.iter().flat_map(|of| of.doubts.iter().copied())
    }

    fn text(&self) -> String {
        seen(&self.facts, &self.enclosed)
    }
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
            weighed: weighed.facts,
            enclosed: weighed.enclosed,
        })
    }

    /// A recipient's purpose is the purpose of the look: what it does not cover is not opened.
    fn same_purpose(&self, ask: &ShareWith) -> Result<(), ServiceError> {
        if ask.purpose == self.access.purpose { Ok(()) } else { Err(ServiceError::Forbidden) }
    }

    pub(super) fn seen(&self, weighed: &Goes) -> String {
        hex::encode(self.service.web_mac("disclosure", weighed.text().as_bytes()))
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
        let documents = Box::pin(self.fetch_documents(&look, &of.papers, &weighed.enclosed)).await;
        look.done("disclosure.weighed", self.now_ms()).await?;
        let mut of = of.allowed(&weighed)?;
        if self.seen(&weighed) != confirmed {
            return Err(changed());
        }
        if weighed.doubts().next().is_some() && ask.reason.is_none() {
            return Err(rule("sharing.reason", "Look through what is marked, and write why it can go"));
        }
        let papers = std::mem::take(&mut of.papers);
        let beside = self.set_papers(papers, &weighed.enclosed, documents?).await?;
        let pdf = paper::set(self, id, &of, ask, &weighed.facts, &beside).await?;
        let (me, now_ms, pdf, confirmed_hash, confirmed) = (self.me()?, self.now_ms(), &pdf, confirmed, &weighed);
        let beside = &beside;
        self.allow_file("disclosure.make", child).await?;
        let sent = self.change("disclosure.sent", |work| async move {
            let of = self.gather(&work, child, ask).await?;
            let weighed = self.weighed(&of, ask);
            let of = of.allowed(&weighed)?;
            if weighed.text() != confirmed.text() {
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
                    parts: weighed.facts.iter().map(went).collect(),
                    enclosed: beside.iter().map(|paper| paper.went.clone()).collect(),
                    alone: ask.alone,
                    reason: ask.reason.clone().filter(|_| weighed.doubts().next().is_some()),
                    digest: hex::encode(Sha256::digest(pdf)),
                    length: pdf.len() as u64,
                    seen: confirmed_hash.to_owned(),
                    deliveries: Vec::new(),
                    recalled: None,
                    told: Vec::new(),
                },
            };
            work.insert_disclosure(&mut row, pdf).await?;
            for paper in beside.iter().filter(|paper| paper.went.stays.is_none()) {
                work.insert_enclosed(id, child, paper.went.number, &paper.bytes).await?;
            }
            Ok(())
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
        let address = address_of(&of).unwrap_or_else(|| Address::of(""));
        let papers = Box::pin(self.read_papers(look, child, &address, &ask.enclosed)).await?;
        Ok(Gathered { child: of, family, consents, agreement, demand, journey, papers, kind, party, refused })
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

    pub(super) fn weighed(&self, of: &Gathered, ask: &ShareWith) -> Goes {
        let standing = package(of.kind);
        let (parts, consent, barred): (Vec<Part>, bool, bool) = match &of.demand {
            Some(demand) => (demanded(&demand.body.items), false, true),
            None => (standing.parts.to_vec(), standing.consent, standing.barred),
        };
        let parts = if ask.alone { Vec::new() } else { parts };
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
        let address = address_of(&of.child);
        let weighing = Weighing {
            kind: of.kind,
            parts: &parts,
            consent,
            demanded: of.demand.is_some(),
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
        };
        let facts = &of.agreement.as_ref().map(|of| &of.body.facts);
        let to = match &of.demand {
            Some(demand) => PapersFor { given: &demand.body.papers, agreed: None, address: true },
            None => PapersFor {
                given: standing.papers,
                agreed: facts.map(|facts| facts.papers.as_slice()),
                address: standing.items().any(|item| item == "placement.address"),
            },
        };
        let enclosed = weighing.weigh_enclosed(to, of.papers.iter().map(|paper| &paper.of));
        Goes { facts: weighing.weigh(), enclosed }
    }
}

/// Where the child lives, to be looked for in what goes.
fn address_of(child: &Child) -> Option<Address> {
    child.body.placement.as_ref().map(|placement| Address::of(&placement.address))
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

fn nothing_goes(weighed: &Goes) -> Option<ServiceError> {
    let facts = weighed.facts.iter().any(|of| of.stays.is_none() && of.item.is_some());
    let goes = facts || weighed.enclosed.iter().any(|of| of.stays.is_none());
    (!goes).then(|| rule("sharing.nothing_goes", "Nothing of the file can go to them: each line says why"))
}

impl Gathered {
    /// If something can go at all.
    pub(super) fn allowed(mut self, weighed: &Goes) -> Result<Self, ServiceError> {
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
