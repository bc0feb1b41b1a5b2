//! Sharing: an agreement with a taxi company and one with a school, a consent, and a driver who was told of a session. Invented.

use jiff::ToSpan;
use kith_domain::access::{Purpose, Role};
use kith_domain::form::Fields;
use kith_domain::ids::{ConsentId, DisclosureId, SharingAgreementId};
use kith_domain::sharing::{AgreementFacts, Consent, RecipientKind, ShareWith, To, package};
use uuid::Uuid;

use super::house::House;
use super::{Colleague, Filling};
use crate::ServiceError;
use crate::sharing::PapersOf;

/// The other party, what it is, and in how many days its agreement is looked at again.
const AGREEMENTS: &[(&str, RecipientKind, i64)] =
    &[("Nene Valley Cars", RecipientKind::Driver, 160), ("Weaver Street Primary School", RecipientKind::School, 12)];

/// Puts them in.
pub(super) async fn share(filling: &Filling<'_>, house: &House) -> Result<(), ServiceError> {
    filling.at(filling.today, 9 * 60 + 25);
    let officer = &house.one(Role::DataProtection, "", 0)?;
    let driver = agreements(filling, officer).await?;
    let coordinator = &house.one(Role::Coordinator, "north", 0)?;
    let desk = filling.desk(coordinator, Purpose::ServiceDelivery);
    for file in desk.my_files(None, 1).await?.rows {
        let child = file.child.id;
        let Some((session, _)) = desk.share_choices(child, PapersOf::default(), &[]).await?.sessions.pop() else {
            continue;
        };
        let mut typed: Fields = [
            ("whose", "child"),
            ("what", "sharing"),
            ("recipient", RecipientKind::School.code()),
            ("answer", "given"),
            ("said_by", "The mother"),
            ("authority", "parental"),
            ("evidence", "signed"),
        ]
        .into_iter()
        .collect();
        typed.set_date("on", filling.days_before(20));
        let said = Consent::read(&typed, filling.today).map_err(ServiceError::Invalid)?;
        desk.add_consent(child, ConsentId(Uuid::now_v7()), &said).await?;
        let ask = ShareWith {
            to: To::Party(driver),
            recipient: Some("Anil Sawyer".to_owned()),
            purpose: Purpose::ServiceDelivery,
            related: None,
            session: Some(session),
            enclosed: Vec::new(),
            alone: false,
            reason: None,
        };
        let preview = desk.weigh_disclosure(child, &ask).await?;
        if preview.blocked.is_some() {
            continue;
        }
        let id = DisclosureId(Uuid::now_v7());
        desk.disclose(id, child, &ask, &preview.seen).await?;
        return desk.disclosure_handed_over(id).await;
    }
    Ok(())
}

/// The agreements, signed by both; the first of them.
async fn agreements(filling: &Filling<'_>, officer: &Colleague) -> Result<SharingAgreementId, ServiceError> {
    let desk = filling.desk(officer, Purpose::Accountability);
    let mut first = None;
    for (party, kind, review_days) in AGREEMENTS {
        let of = package(*kind);
        let facts = AgreementFacts {
            party: (*party).to_owned(),
            kind: *kind,
            purposes: of.purposes.to_vec(),
            items: of.items().map(str::to_owned).collect(),
            papers: of.papers.to_vec(),
            from: filling.days_before(200),
            until: filling.today.saturating_add(500.days()),
            review_on: filling.today.saturating_add(review_days.days()),
            key: None,
            document: Some("Contracts register".to_owned()),
            terms: Some("Destroyed when it is not needed any more. Seen only by who does the work.".to_owned()),
        };
        let id = SharingAgreementId(Uuid::now_v7());
        desk.write_agreement(id, None, &facts).await?;
        for (side, name, role) in
            [("council", "Maud Ferris", "Head of family services"), ("party", "Joan Whitlock", "Director")]
        {
            let mut typed: Fields = [("side", side), ("name", name), ("role", role)].into_iter().collect();
            typed.set_date("on", filling.days_before(201));
            desk.sign_agreement_of_sharing(id, &typed).await?;
        }
        first = first.or(Some(id));
    }
    first.ok_or(ServiceError::Broken("the demo has no agreement"))
}
