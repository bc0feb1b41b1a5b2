//! Who may: Cedar policies in files, read by people, validated at start.

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use kith_domain::access::{Access, Capacity, Held};
use kith_domain::ids::AccountId;
use kith_store::{FileScope, ReferralScope, SessionScope};
use uuid::Uuid;

use crate::ServiceError;

const SCHEMA: &str = include_str!("../policies/schema.cedarschema");
const POLICIES: &str = include_str!("../policies/need-to-know.cedar");
const BROKEN: ServiceError = ServiceError::Broken("the access policies do not fit the program (an error in Kith)");

/// The policies in force.
pub(crate) struct Policies {
    set: PolicySet,
    authorizer: Authorizer,
}

/// What somebody wants to do something to.
pub(crate) enum Resource<'a> {
    /// The service as a whole.
    Service,
    /// A referral.
    Referral(Uuid, &'a ReferralScope),
    /// A child's file.
    File(&'a FileScope),
    /// A session and its record.
    Session(&'a SessionScope),
}

impl Resource<'_> {
    /// The record it is about, for the ledger.
    pub(crate) fn subject(&self) -> Option<Uuid> {
        match self {
            Resource::Service => None,
            Resource::Referral(id, _) => Some(*id),
            Resource::File(scope) => Some(scope.child.0),
            Resource::Session(scope) => Some(scope.session.0),
        }
    }
}

impl Policies {
    /// Reads and validates the policies: one that names what the schema does not know stops the program.
    pub(crate) fn load() -> Result<Self, ServiceError> {
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|_| BROKEN)?;
        let set = PolicySet::from_str(POLICIES).map_err(|_| BROKEN)?;
        if !Validator::new(schema).validate(&set, ValidationMode::Strict).validation_passed() {
            return Err(BROKEN);
        }
        Ok(Self { set, authorizer: Authorizer::new() })
    }

    /// Whether the policies permit it on a day (a day number). What cannot be decided is refused.
    pub(crate) fn permit(&self, access: &Access, action: &str, resource: &Resource, today: i64) -> bool {
        self.decide(access, action, resource, today).unwrap_or(false)
    }

    fn decide(&self, access: &Access, action: &str, resource: &Resource, today: i64) -> Option<bool> {
        let Some(account) = access.actor.account else { return Some(false) };
        let principal = uid("Staff", &account.to_string())?;
        let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
        let staff = HashMap::from([
            ("role".to_owned(), text(access.actor.role.code())),
            ("area".to_owned(), text(&access.actor.area)),
        ]);
        let staff = Entity::new(principal.clone(), staff, HashSet::new()).ok()?;
        let (resource_uid, attributes) = described(resource)?;
        let entity = Entity::new(resource_uid.clone(), attributes, HashSet::new()).ok()?;
        let entities = Entities::from_entities([staff, entity], None).ok()?;
        let today = RestrictedExpression::new_long(today);
        let context = [("purpose".to_owned(), text(access.purpose.code())), ("today".to_owned(), today)];
        let context = Context::from_pairs(context).ok()?;
        let request = Request::new(principal, uid("Action", action)?, resource_uid, context, None).ok()?;
        Some(self.authorizer.is_authorized(&request, &self.set, &entities).decision() == Decision::Allow)
    }
}

type Attributes = HashMap<String, RestrictedExpression>;

fn described(resource: &Resource) -> Option<(EntityUid, Attributes)> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let staff = |id: AccountId| Some(RestrictedExpression::new_entity_uid(uid("Staff", &id.to_string())?));
    let pairs = |pairs: Vec<(&str, RestrictedExpression)>| -> Attributes {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    };
    Some(match resource {
        Resource::Service => (uid("Service", "service")?, Attributes::new()),
        Resource::Referral(id, scope) => (
            uid("Referral", &id.to_string())?,
            pairs(vec![
                ("area", text(&scope.area)),
                ("referrer", staff(scope.referrer)?),
                ("held", held_of_every(&scope.held)),
                ("sent", RestrictedExpression::new_bool(scope.sent)),
            ]),
        ),
        Resource::File(scope) => (
            uid("File", &scope.child.to_string())?,
            pairs(vec![("area", text(&scope.area)), ("held", held([scope.held]))]),
        ),
        Resource::Session(scope) => {
            let supervisors: Option<Vec<_>> = scope.supervisors.iter().map(|id| staff(*id)).collect();
            let areas = scope.files.iter().map(|file| text(&file.area));
            (
                uid("Session", &scope.session.to_string())?,
                pairs(vec![
                    ("areas", RestrictedExpression::new_set(areas)),
                    ("held", held(scope.files.iter().map(|file| file.held))),
                    ("supervisors", RestrictedExpression::new_set(supervisors?)),
                    ("author", staff(scope.author)?),
                    ("open", RestrictedExpression::new_bool(scope.open)),
                    ("signed", RestrictedExpression::new_bool(scope.signed)),
                    ("until_day", RestrictedExpression::new_long(scope.until_day)),
                ]),
            )
        }
    })
}

/// As what every one of these files is allocated to who asks; refused, if one of them is.
fn held_of_every(files: &[Held]) -> RestrictedExpression {
    let works = |held: &Held| held.has(Capacity::SocialWorker) || held.has(Capacity::Cover);
    if files.iter().all(works) {
        return held(files.iter().copied());
    }
    let refused = files.iter().any(|held| held.has(Capacity::Refused));
    held(refused.then(|| Held::default().with(Capacity::Refused)))
}

/// As what any of these files is allocated to who asks.
fn held(files: impl IntoIterator<Item = Held>) -> RestrictedExpression {
    let files: Vec<Held> = files.into_iter().collect();
    let any = Capacity::ALL.iter().filter(|capacity| files.iter().any(|held| held.has(**capacity)));
    RestrictedExpression::new_set(any.map(|capacity| RestrictedExpression::new_string(capacity.code().to_owned())))
}

fn uid(kind: &str, id: &str) -> Option<EntityUid> {
    let kind = EntityTypeName::from_str(&format!("Kith::{kind}")).ok()?;
    Some(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

#[cfg(test)]
mod tests;
