//! Who acts, and for which purpose: no door to the store opens without both (handbook sections 2 and 12).

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::ids::{AccountId, SignInId};

/// What a member of staff is to the service (handbook section 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Refers children and sees the sessions and signed records of their own children.
    SocialWorker,
    /// Turns orders into a working diary, for the children of an area.
    Coordinator,
    /// Sits in the room and writes the record.
    Supervisor,
    /// Approves high risk and reviews records, for the children of an area.
    Manager,
    /// The data protection officer and the FOI/Data Protection Team.
    DataProtection,
    /// Sees who did what and why; never case content.
    Auditor,
    /// Keeps users, venues and settings; never case content.
    Administrator,
    /// The program itself: sequencing, the outbox. Nobody signs in as this.
    System,
}

impl Role {
    /// The roles a person can be given, in the order they are listed on a form.
    pub const STAFF: [Role; 7] = [
        Role::SocialWorker,
        Role::Coordinator,
        Role::Supervisor,
        Role::Manager,
        Role::DataProtection,
        Role::Auditor,
        Role::Administrator,
    ];

    /// The code stored and written to the ledger.
    pub const fn code(self) -> &'static str {
        match self {
            Role::SocialWorker => "social_worker",
            Role::Coordinator => "coordinator",
            Role::Supervisor => "supervisor",
            Role::Manager => "manager",
            Role::DataProtection => "data_protection",
            Role::Auditor => "auditor",
            Role::Administrator => "administrator",
            Role::System => "system",
        }
    }

    /// The role of a stored code; `None` for a code that is none of ours.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::STAFF.into_iter().chain([Role::System]).find(|role| role.code() == code)
    }

    /// Whether somebody in this role works for one area.
    pub const fn has_area(self) -> bool {
        matches!(self, Role::SocialWorker | Role::Coordinator | Role::Supervisor | Role::Manager)
    }

    /// How the role is called on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Role::SocialWorker => "Social worker",
            Role::Coordinator => "Coordinator",
            Role::Supervisor => "Contact supervisor",
            Role::Manager => "Manager",
            Role::DataProtection => "Data protection officer",
            Role::Auditor => "Auditor",
            Role::Administrator => "Administrator",
            Role::System => "Kith",
        }
    }
}

codes! {
    /// As what a child's file is allocated to a member of staff.
    Capacity {
        SocialWorker = "social_worker", "Social worker";
        Cover = "cover", "Covering for a colleague";
        Refused = "refused", "Must not see this file";
    }
}

/// As what a file is allocated to somebody at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held(u8);

impl Held {
    /// This, and that capacity too.
    #[must_use]
    pub fn with(self, capacity: Capacity) -> Self {
        Self(self.0 | 1 << (capacity as u8))
    }

    /// Whether it is held as that.
    pub fn has(self, capacity: Capacity) -> bool {
        self.0 & (1 << (capacity as u8)) != 0
    }
}

/// Why somebody looks or changes. The first four are the notice's own purposes ("assessments", "service
/// delivery", "service planning and research", "official reporting"); the others are the duties that the law
/// lays on the council as controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Assessing needs and risks.
    Assessment,
    /// Arranging, holding and recording contact.
    ServiceDelivery,
    /// Planning the service, and research.
    ServicePlanning,
    /// Reports to the court and official returns.
    OfficialReporting,
    /// Running the system: accounts, venues, settings.
    Administration,
    /// Checking that the promises are kept (UK GDPR Art 5(2), Art 32).
    Accountability,
    /// Answering people about what is held of them (UK GDPR Art 12 to 22). The law gives it everything that is held, so no item of
    /// the register is listed for it.
    Rights,
    /// Giving to an archive what is of lasting value, in the public interest (UK GDPR Art 5(1)(b) and (e), Art 89; Data Protection
    /// Act 2018 s19). What goes is a whole file, so no item of the register is listed for it either.
    Archiving,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Purpose; 8] = [
        Purpose::Assessment,
        Purpose::ServiceDelivery,
        Purpose::ServicePlanning,
        Purpose::OfficialReporting,
        Purpose::Administration,
        Purpose::Accountability,
        Purpose::Rights,
        Purpose::Archiving,
    ];

    /// The code written to the ledger and used in the register.
    pub const fn code(self) -> &'static str {
        match self {
            Purpose::Assessment => "assessment",
            Purpose::ServiceDelivery => "service_delivery",
            Purpose::ServicePlanning => "service_planning",
            Purpose::OfficialReporting => "official_reporting",
            Purpose::Administration => "administration",
            Purpose::Accountability => "accountability",
            Purpose::Rights => "rights",
            Purpose::Archiving => "archiving",
        }
    }

    /// Whether the law gives it everything that is held, without an item being listed for it.
    pub const fn is_of_everything(self) -> bool {
        matches!(self, Purpose::Rights | Purpose::Archiving)
    }

    /// How it is called where the register's own words are not at hand.
    pub const fn label(self) -> &'static str {
        match self {
            Purpose::Assessment => "Assessments",
            Purpose::ServiceDelivery => "Service delivery",
            Purpose::ServicePlanning => "Service planning and research",
            Purpose::OfficialReporting => "Official reporting",
            Purpose::Administration => "Running the system",
            Purpose::Accountability => "Checking that the promises are kept",
            Purpose::Rights => "Answering people about their information",
            Purpose::Archiving => "Giving to an archive what is of lasting value",
        }
    }

    /// The purpose of a code.
    pub fn from_code(code: &str) -> Option<Purpose> {
        Purpose::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

/// Who acts. Made at sign-in from the stored account, or [`Actor::system`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account; `None` only for the program itself.
    pub account: Option<AccountId>,
    /// In which role.
    pub role: Role,
    /// The area of the service the person works for, a code of the register; empty when none.
    pub area: String,
    /// The sign-in of the browser they are at; `None` for nobody at a browser.
    pub sign_in: Option<SignInId>,
}

impl Actor {
    /// A signed-in member of staff.
    pub fn staff(account: AccountId, role: Role, area: impl Into<String>) -> Self {
        Self { account: Some(account), role, area: area.into(), sign_in: None }
    }

    /// The program itself, for work that no person asked for at this moment.
    pub fn system() -> Self {
        Self { account: None, role: Role::System, area: String::new(), sign_in: None }
    }

    /// The same at a browser that is signed in.
    #[must_use]
    pub fn at(self, sign_in: SignInId) -> Self {
        Self { sign_in: Some(sign_in), ..self }
    }

    /// Whether this actor is that account.
    pub fn is(&self, account: AccountId) -> bool {
        self.account == Some(account)
    }
}

/// An actor with a purpose: what every path to a record goes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Who.
    pub actor: Actor,
    /// What for.
    pub purpose: Purpose,
}
