//! By which version of the register this process works. Another server may have put another in force: it is asked with each request, in
//! the statement that finds the sign-in; once a second; and in each transaction that stores something of a person.

use std::path::Path;
use std::sync::OnceLock;

use jiff::civil::Date;
use kith_domain::access::Purpose;
use kith_domain::ids::RegisterVersionId;
use kith_domain::register::{RegisterBody, RegisterState, RegisterText};
use kith_store::{RegisterVersion, StoreError};
use uuid::Uuid;

use super::{Register, RegisterError, difference};
use crate::{Service, ServiceError};

/// The registers that this process has worked by, the file's first, the one it works by now last. One that was in force stays until the
/// process ends, so that whoever is reading a figure from it goes on reading the same: there are a few in a year.
pub(crate) struct Standing(Node);

struct Node {
    number: i64,
    register: Register,
    next: OnceLock<Box<Node>>,
}

impl Node {
    fn new(number: i64, register: Register) -> Self {
        Self { number, register, next: OnceLock::new() }
    }
}

impl Standing {
    /// The file's, until it is known which version is in force.
    pub(crate) fn new(file: Register) -> Self {
        Self(Node::new(0, file))
    }

    fn last(&self) -> &Node {
        let mut node = &self.0;
        while let Some(next) = node.next.get() {
            node = next;
        }
        node
    }

    /// The register that this process works by.
    pub(crate) fn register(&self) -> &Register {
        &self.last().register
    }

    /// The number of its version, 0 for the file's.
    pub(crate) fn number(&self) -> i64 {
        self.last().number
    }

    fn file(&self) -> &Register {
        &self.0.register
    }

    /// Works by this version from now on, unless a later one is known already.
    fn take(&self, number: i64, register: Register) {
        let mut new = Box::new(Node::new(number, register));
        while self.number() < number {
            match self.last().next.set(new) {
                Ok(()) => return,
                Err(back) => new = back,
            }
        }
    }
}

/// What a server says at its start of the register that it works by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisterStanding {
    /// The number of the version in force.
    pub number: i64,
    /// Whether the file says something else than it. The version counts.
    pub file_differs: bool,
}

/// Which of the versions that are held is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhichVersion {
    /// The one of this number.
    Number(i64),
    /// The one that was in force at the end of this day.
    On(Date),
}

/// A version that is held, as a register.
pub struct HeldVersion {
    /// Its number.
    pub number: i64,
    /// Where it stands.
    pub state: RegisterState,
    /// What it says.
    pub register: Register,
}

/// How many versions are read at once: each is opened.
const AT_ONCE: u64 = 20;

impl Service {
    /// A version of those that are held, for whoever runs the program: what the notice said on a day can be shown (UK GDPR Art 5(2)).
    /// `None` when there is none. That it was read is entered in the access log.
    pub async fn held_version(&self, which: WhichVersion) -> Result<Option<HeldVersion>, ServiceError> {
        let look = self.own_desk(Purpose::Accountability).look();
        let is_it = |of: &RegisterVersion| match which {
            WhichVersion::Number(number) => of.number == number,
            // The newest first: of those that were in force by then the first that is met stood at the end of the day.
            WhichVersion::On(day) => {
                of.state.was_in_force() && of.body.in_force_from(of.from_day).is_some_and(|from| from <= day)
            }
        };
        let mut offset = 0;
        let found = loop {
            let (rows, total) = look.register_versions((AT_ONCE, offset)).await?;
            offset += AT_ONCE;
            match rows.into_iter().find(&is_it) {
                None if offset < total => {}
                found => break found,
            }
        };
        look.done("register.version_read", self.now_ms()).await?;
        let Some(version) = found else { return Ok(None) };
        let register = self
            .read_version(&version)
            .map_err(|error| ServiceError::rule("register.unreadable", error.to_string()))?;
        Ok(Some(HeldVersion { number: version.number, state: version.state, register }))
    }

    /// By which version this process works, and whether the file that it was started with says something else.
    pub fn register_standing(&self) -> RegisterStanding {
        let standing = self.standing();
        let differs = !difference(standing.file().text(), standing.register().text()).is_empty();
        RegisterStanding { number: standing.number(), file_differs: differs }
    }

    /// The number of the version of the register that this process works by.
    pub fn register_number(&self) -> i64 {
        self.standing().number()
    }

    /// Makes what the file says the first version, where there is none yet, and works by the one in force. Called at start.
    pub(crate) async fn begin_register(&self) -> Result<(), ServiceError> {
        let desk = self.own_desk(Purpose::Administration);
        let first = desk.look().register_number().await? == 0;
        // Where nothing can be written now the file counts, and it becomes the first version at the next start.
        if first && self.only_reads().is_none() {
            let (file, now_ms) = (self.standing().file(), self.now_ms());
            let begun = desk.change("register.begun", |work| async move {
                if work.register_number().await? > 0 {
                    return Err(StoreError::Duplicate.into());
                }
                let mut body = RegisterBody::new(&RegisterText::new(file.text()), None);
                body.in_force_ms = Some(now_ms);
                let mut row = RegisterVersion {
                    id: RegisterVersionId(Uuid::now_v7()),
                    version: 0,
                    number: 0,
                    author: None,
                    state: RegisterState::InForce,
                    created_ms: now_ms,
                    from_day: file.in_force_since().map(kith_domain::calendar::day_number),
                    body,
                };
                Ok(work.insert_register_version(&mut row).await?)
            });
            match begun.await {
                // Another server that started at the same time has done it.
                Ok(()) | Err(ServiceError::Store(StoreError::Duplicate)) => {}
                Err(error) => return Err(error),
            }
        }
        self.follow_register().await
    }

    /// Works by the version of the register in force from now on, if it is another one than this process works by.
    pub async fn follow_register(&self) -> Result<(), ServiceError> {
        let number = self.own_desk(Purpose::Administration).look().register_number().await?;
        self.follow_register_to(number).await
    }

    /// The same, where it is known which number is in force.
    pub(crate) async fn follow_register_to(&self, number: i64) -> Result<(), ServiceError> {
        if number <= self.standing().number() {
            return Ok(());
        }
        let look = self.own_desk(Purpose::Administration).look();
        let found = look.register_in_force().await?;
        let in_use = look.in_use().await?;
        look.done("register.followed", self.now_ms()).await?;
        let Some(version) = found else { return Ok(()) };
        let register = match self.read_version(&version) {
            Ok(register) => register,
            // It was good when it was approved: a Kith of another release reads it otherwise. What this process worked by is then the
            // best there is, as long as it covers what is stored.
            Err(error) => {
                tracing::error!(%error, "the register’s version in force cannot be read: what the file says counts until another is");
                let known = self.register().clone();
                let dropped: Vec<String> = in_use.items.into_iter().filter(|key| !known.holds(key)).collect();
                if !dropped.is_empty() {
                    return Err(StoreError::ItemsInUse { items: dropped }.into());
                }
                known
            }
        };
        self.store().set_items(version.number, register.items().clone());
        self.standing().take(version.number, register);
        Ok(())
    }

    /// The register that a version says, with the words of papers that this process was started with.
    pub(crate) fn read_version(&self, version: &RegisterVersion) -> Result<Register, RegisterError> {
        let name = format!("register, version {}", version.number);
        let mut register = Register::parse(Path::new(&name), &version.body.text)?;
        register.translations = self.standing().file().translations.clone();
        if version.number > 1 {
            register.in_force_since = version.from_day.map(kith_domain::calendar::day_of);
        }
        Ok(register)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::tests::{GOOD, register};

    #[test]
    fn an_earlier_version_never_takes_the_place_of_a_later_one() {
        let register = register(GOOD);
        let standing = Standing::new(register.clone());
        let before = standing.register();
        standing.take(3, register.clone());
        standing.take(2, register.clone());
        standing.take(3, register.clone());
        assert_eq!(standing.number(), 3);
        assert!(!std::ptr::eq(before, standing.register()), "whoever read the earlier one goes on reading it");
        assert_eq!(before.code(), "nenedale");
    }
}
