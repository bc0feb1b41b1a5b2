//! One module for each table of the schema: plain rows, no relations. Joins are written where they are read.

// A row is described whole, whether or not every column is already used.
#![allow(dead_code)]

use sea_orm::ModelTrait;
use uuid::Uuid;

pub(crate) mod account;
pub(crate) mod allocation;
pub(crate) mod allocation_end;
pub(crate) mod archive_bag;
pub(crate) mod archive_transfer;
pub(crate) mod authority;
pub(crate) mod breach;
pub(crate) mod certificate;
pub(crate) mod child;
pub(crate) mod clock;
pub(crate) mod consent;
pub(crate) mod contact_order;
pub(crate) mod contact_plan;
pub(crate) mod contact_refusal;
pub(crate) mod destruction_item;
pub(crate) mod destruction_list;
pub(crate) mod disclosure;
pub(crate) mod disclosure_enclosed;
pub(crate) mod disclosure_paper;
pub(crate) mod document;
pub(crate) mod document_child;
pub(crate) mod entry;
pub(crate) mod hand_over;
pub(crate) mod hold_file;
pub(crate) mod index_state;
pub(crate) mod item_in_use;
pub(crate) mod ledger_entry;
pub(crate) mod ledger_state;
pub(crate) mod ledger_subject;
pub(crate) mod legal_hold;
pub(crate) mod notice;
pub(crate) mod occupancy;
pub(crate) mod order_child;
pub(crate) mod outbox;
pub(crate) mod pack;
pub(crate) mod pack_account;
pub(crate) mod pack_file;
pub(crate) mod pack_part;
pub(crate) mod pack_volume;
pub(crate) mod person;
pub(crate) mod person_link;
pub(crate) mod record;
pub(crate) mod referral;
pub(crate) mod referral_child;
pub(crate) mod register_version;
pub(crate) mod relationship;
pub(crate) mod report;
pub(crate) mod research_extract;
pub(crate) mod research_request;
pub(crate) mod rights_request;
pub(crate) mod risk_assessment;
pub(crate) mod room;
pub(crate) mod session;
pub(crate) mod session_child;
pub(crate) mod session_moved;
pub(crate) mod session_person;
pub(crate) mod sharing_agreement;
pub(crate) mod shift;
pub(crate) mod sign_in;
pub(crate) mod statement;
pub(crate) mod statutory_demand;
pub(crate) mod token;
pub(crate) mod venue;
pub(crate) mod verification;

/// A row that holds an envelope.
pub(crate) trait Envelope: ModelTrait {
    /// Its table, part of the seal and of what the access log says of it.
    const TABLE: &'static str;
    /// Its id.
    fn row(&self) -> Uuid;
    /// Its version.
    fn version(&self) -> i64;
    /// The envelope; empty before it is sealed.
    fn sealed(&self) -> &[u8];
    /// The row with this envelope.
    #[must_use]
    fn with(self, sealed: Vec<u8>) -> Self;
}

macro_rules! envelopes {
    ($($table:ident.$id:ident),+ $(,)?) => {$(
        impl Envelope for $table::Model {
            const TABLE: &'static str = stringify!($table);
            fn row(&self) -> Uuid {
                self.$id
            }
            fn version(&self) -> i64 {
                self.version
            }
            fn sealed(&self) -> &[u8] {
                &self.sealed
            }
            fn with(self, sealed: Vec<u8>) -> Self {
                Self { sealed, ..self }
            }
        }
    )+};
}

envelopes!(
    account.id,
    archive_bag.id,
    archive_transfer.id,
    breach.id,
    certificate.id,
    child.id,
    consent.id,
    contact_order.id,
    contact_plan.id,
    contact_refusal.id,
    destruction_item.id,
    destruction_list.id,
    disclosure.id,
    disclosure_enclosed.id,
    disclosure_paper.id,
    document.id,
    entry.id,
    hand_over.id,
    legal_hold.id,
    pack.id,
    pack_file.id,
    pack_part.id,
    pack_volume.id,
    pack_account.id,
    person.id,
    person_link.id,
    record.session_id,
    referral.id,
    referral_child.id,
    register_version.id,
    relationship.id,
    report.id,
    research_extract.id,
    research_request.id,
    rights_request.id,
    risk_assessment.id,
    session.id,
    sharing_agreement.id,
    statement.id,
    statutory_demand.id,
    verification.referral_id,
);

/// An allocation is written once; it has an envelope when a reason was said.
impl Envelope for allocation::Model {
    const TABLE: &'static str = "allocation";
    fn row(&self) -> Uuid {
        self.id
    }
    fn version(&self) -> i64 {
        1
    }
    fn sealed(&self) -> &[u8] {
        self.sealed.as_deref().unwrap_or_default()
    }
    fn with(self, sealed: Vec<u8>) -> Self {
        Self { sealed: Some(sealed), ..self }
    }
}
