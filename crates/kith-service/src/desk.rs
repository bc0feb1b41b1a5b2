//! The service, and the desk that one person has before them.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::civil::Date;
use kith_domain::access::{Access, Actor, Capacity, Held, Purpose, Role};
use kith_domain::calendar;
use kith_domain::ids::{AccountId, ChildId, NoticeId, ReferralId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_store::{FileScope, Look, Notice, ReferralScope, STAFF_FILE, SessionScope, Settings, Store, StoreError, Work};
use uuid::Uuid;

use crate::directory::{Card, Directory};
use crate::door::Door;
use crate::policy::{Policies, Resource};
use crate::privacy_notice::SetNotices;
use crate::register::standing::Standing;
use crate::turns::Turns;
use crate::{Clock, Mail, Register, ServiceError};

/// How often a change that the engine gave up is begun again.
const RETRIES_MAX: u32 = 12;
/// The longest that somebody waits for a save: then it is given up, and they are told to send it again.
const CHANGE_MAX: Duration = Duration::from_secs(10);

/// What a service is opened with.
pub struct Setup {
    /// Where it is kept.
    pub store: Settings,
    /// The register that the authority's file says: the first version, where there is none yet.
    pub register: Register,
    /// The clock of contact, records and statutory periods.
    pub clock: Arc<dyn Clock>,
    /// The clock of sign-in: codes, idle time. The machine's, except in tests.
    pub real_clock: Arc<dyn Clock>,
    /// How messages are sent; `None` when none are.
    pub mail: Option<Mail>,
}

/// The service of one authority. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Service(Arc<Inner>);

struct Inner {
    store: Store,
    standing: Standing,
    clock: Arc<dyn Clock>,
    real_clock: Arc<dyn Clock>,
    policies: Policies,
    directory: Directory,
    turns: Turns,
    door: Door,
    mail: Option<Mail>,
    notices: SetNotices,
    /// On which first of a month (a day number) it was last looked for files to propose.
    proposed_on: AtomicI64,
}

impl Service {
    /// Opens the service. Must be called inside a Tokio runtime.
    pub async fn open(setup: Setup) -> Result<Self, ServiceError> {
        let policies = Policies::load()?;
        let store = Store::open(setup.store).await?;
        store.create_file_key(STAFF_FILE).await?;
        let inner = Inner {
            store,
            standing: Standing::new(setup.register),
            clock: setup.clock,
            real_clock: setup.real_clock,
            policies,
            directory: Directory::default(),
            turns: Turns::default(),
            door: Door::default(),
            mail: setup.mail,
            notices: SetNotices::default(),
            proposed_on: AtomicI64::new(0),
        };
        let service = Self(Arc::new(inner));
        service.begin_register().await?;
        service.read_directory().await?;
        Ok(service)
    }

    /// Reads what is not known yet of colleagues, or was changed by another server.
    pub(crate) async fn read_directory(&self) -> Result<(), ServiceError> {
        let access = Access { actor: Actor::system(), purpose: Purpose::Administration };
        let look = self.0.store.look(&access);
        let differing = self.0.directory.differing(&look.account_versions().await?);
        if !differing.is_empty() {
            for account in look.accounts_of(&differing).await? {
                self.0.directory.put(&account);
            }
        }
        Ok(look.done("directory.read", self.now_ms()).await?)
    }

    /// The desk of an actor with a purpose.
    pub fn desk(&self, actor: Actor, purpose: Purpose) -> Desk {
        Desk { service: self.clone(), access: Access { actor, purpose }, asked: Arc::default() }
    }

    /// The program's own desk, for work that no person asked for at this moment.
    pub(crate) fn own_desk(&self, purpose: Purpose) -> Desk {
        self.desk(Actor::system(), purpose)
    }

    /// The authority's register, by the version that this process works by. What was read of it stays as it was when another comes
    /// into force.
    pub fn register(&self) -> &Register {
        self.0.standing.register()
    }

    pub(crate) fn standing(&self) -> &Standing {
        &self.0.standing
    }

    /// Now, UTC milliseconds, by the clock of contact and records.
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// Now, UTC milliseconds, by the clock of sign-in.
    pub fn real_now_ms(&self) -> i64 {
        self.0.real_clock.now_ms()
    }

    /// Today's date in London.
    pub fn today(&self) -> Date {
        calendar::in_london(self.now_ms()).date()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// One at a time for one person, see [`Turns`].
    pub(crate) fn turns(&self) -> &Turns {
        &self.0.turns
    }

    /// Who may try how often, see [`Door`].
    pub(crate) fn door(&self) -> &Door {
        &self.0.door
    }

    /// How messages are sent, see [`Mail`].
    pub(crate) fn mail(&self) -> Option<&Mail> {
        self.0.mail.as_ref()
    }

    /// Public notices that were set already.
    pub(crate) fn set_notices(&self) -> &SetNotices {
        &self.0.notices
    }

    /// When it was last looked for files to propose, see [`Inner::proposed_on`].
    pub(crate) fn proposed_on(&self) -> &AtomicI64 {
        &self.0.proposed_on
    }

    /// A colleague by id.
    pub fn card(&self, id: AccountId) -> Option<Card> {
        self.0.directory.card(id)
    }

    /// A colleague's name; words for it when the account is not there.
    pub fn name_of(&self, id: AccountId) -> String {
        self.card(id).map_or_else(|| "A former colleague".to_owned(), |card| card.name)
    }

    /// Colleagues in a role whose accounts are in use, by name.
    pub fn colleagues(&self, role: Role) -> Vec<Card> {
        self.0.directory.in_role(role)
    }

    /// Brings the access log up to date in the signed tree; called about once a second while serving.
    pub async fn sequence(&self) -> Result<u64, ServiceError> {
        Ok(self.0.store.sequence().await?)
    }

    /// Does what was noted with the keys beside this program, see [`Store::attend_to_keys`].
    pub async fn attend_to_keys(&self) -> Result<(), ServiceError> {
        // It waits until there is room on the disk again.
        if self.only_reads().is_some() {
            return Ok(());
        }
        Ok(self.0.store.attend_to_keys().await?)
    }

    /// When the signed access log was begun anew, UTC milliseconds, if that is less than thirty days ago.
    pub fn log_begun_anew_ms(&self) -> Option<i64> {
        let told_ms = 30 * 24 * 3_600_000;
        self.0.store.log_begun_anew_ms().filter(|begun_ms| self.real_now_ms() - begun_ms < told_ms)
    }

    /// Why nothing can be changed, if it is so: no room on the disk, or a log that cannot be signed. It ends by itself.
    pub fn only_reads(&self) -> Option<StoreError> {
        self.0.store.only_reads()
    }

    /// How much the store was asked for since the service was opened.
    pub fn counts(&self) -> kith_store::Counts {
        self.0.store.counts()
    }

    /// Seals text that a browser keeps for us, such as a form held across sign-in, for one context.
    pub fn seal_for_browser(&self, context: &str, text: &[u8]) -> Result<Vec<u8>, ServiceError> {
        let sealed = kith_vault::seal_box(self.0.store.web_key(), context.as_bytes(), text);
        sealed.map_err(|error| ServiceError::Store(error.into()))
    }

    /// Opens what [`Service::seal_for_browser`] sealed for the same context; `None` when it was altered or is another's.
    pub fn open_from_browser(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        kith_vault::open_box(self.0.store.web_key(), context.as_bytes(), sealed).ok().map(|text| text.to_vec())
    }

    /// A keyed hash for a context, for tokens that a browser sends back.
    pub fn web_mac(&self, context: &str, text: &[u8]) -> [u8; 32] {
        kith_vault::mac(self.0.store.web_key(), context, text)
    }

    /// Ends what is under way and closes the store.
    pub async fn close(&self) -> Result<(), ServiceError> {
        self.0.store.sequence().await?;
        Ok(self.0.store.close().await?)
    }
}

/// What one person has before them: who acts, and for which purpose.
#[derive(Clone)]
pub struct Desk {
    pub(crate) service: Service,
    pub(crate) access: Access,
    /// What was allowed last and is asked again in the transaction of the change that follows.
    asked: Arc<Mutex<Option<Asked>>>,
}

/// What was asked of whom it may be done to.
#[derive(Clone, Copy)]
enum Asked {
    File(&'static str, ChildId),
    Session(&'static str, SessionId),
    Referral(&'static str, ReferralId),
}

impl Desk {
    /// Who acts.
    pub fn actor(&self) -> &Actor {
        &self.access.actor
    }

    /// The service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The account that acts; the program itself has none and does nothing that needs one.
    pub(crate) fn me(&self) -> Result<AccountId, ServiceError> {
        self.access.actor.account.ok_or(ServiceError::Forbidden)
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.service.now_ms()
    }

    pub(crate) fn look(&self) -> Look {
        self.service.store().look(&self.access).at(self.now_ms())
    }

    /// A look in which everything is as it was at one moment, see [`kith_store::Store::snapshot`].
    pub(crate) async fn snapshot(&self) -> Result<Look, ServiceError> {
        Ok(self.service.store().snapshot(&self.access).await?.at(self.now_ms()))
    }

    /// A look into a child's file, if it is allowed: who may and what is read are of the same moment.
    pub(crate) async fn look_into_file(
        &self,
        action: &'static str,
        id: ChildId,
    ) -> Result<(Look, FileScope), ServiceError> {
        let look = self.snapshot().await?;
        let scope = self.allow_file_in(&look, action, id).await?;
        Ok((look, scope))
    }

    /// A look into the file in which something stands, if there is such a thing and it is allowed, see
    /// [`look_into_file`](Self::look_into_file). In which file a plan, an assessment or a report stands never changes.
    pub(crate) async fn look_into_file_of(
        &self,
        action: &'static str,
        of: Uuid,
        child: Option<ChildId>,
    ) -> Result<(Look, FileScope), ServiceError> {
        match child {
            Some(child) => self.look_into_file(action, child).await,
            None => self.unknown(action, of).await,
        }
    }

    /// A look at a session, if it is allowed: who may and what is read are of the same moment.
    pub(crate) async fn look_at_session(
        &self,
        action: &'static str,
        id: SessionId,
    ) -> Result<(Look, SessionScope), ServiceError> {
        let look = self.snapshot().await?;
        let scope = self.allow_session_in(&look, action, id).await?;
        Ok((look, scope))
    }

    /// A look at a referral, if it is allowed: who may and what is read are of the same moment.
    pub(crate) async fn look_at_referral(
        &self,
        action: &'static str,
        id: ReferralId,
    ) -> Result<(Look, ReferralScope), ServiceError> {
        let look = self.snapshot().await?;
        let scope = self.allow_referral_in(&look, action, id).await?;
        Ok((look, scope))
    }

    /// Does a change in one transaction, which is committed when `attempt` ends well. When the engine gave it up so that
    /// others could go on, it is begun again from the start. [`StoreError::Busy`] after ten seconds.
    pub(crate) async fn change<T, Fut>(
        &self,
        action: &'static str,
        attempt: impl Fn(Work) -> Fut,
    ) -> Result<T, ServiceError>
    where
        Fut: Future<Output = Result<T, ServiceError>>,
    {
        tokio::time::timeout(CHANGE_MAX, self.until_done(action, attempt)).await.unwrap_or(Err(StoreError::Busy.into()))
    }

    async fn until_done<T, Fut>(&self, action: &'static str, attempt: impl Fn(Work) -> Fut) -> Result<T, ServiceError>
    where
        Fut: Future<Output = Result<T, ServiceError>>,
    {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut pause = Duration::from_millis(4);
        for last in (0..=RETRIES_MAX).rev() {
            match self.once(action, asked, &attempt).await {
                Err(ServiceError::Store(StoreError::Retry)) if last > 0 => tokio::time::sleep(pause).await,
                Err(ServiceError::Store(StoreError::RegisterChanged)) if last > 0 => {
                    self.service.follow_register().await?;
                }
                result => return result,
            }
            pause = (pause * 2).min(Duration::from_millis(400));
        }
        Err(StoreError::Retry.into())
    }

    async fn once<T, Fut>(
        &self,
        action: &'static str,
        asked: Option<Asked>,
        attempt: &impl Fn(Work) -> Fut,
    ) -> Result<T, ServiceError>
    where
        Fut: Future<Output = Result<T, ServiceError>>,
    {
        let store = self.service.store();
        // Without signing in and out nobody could read either.
        let work = if action.starts_with("sign_in.") {
            store.work_in_reserve(&self.access).await?
        } else {
            store.work(&self.access).await?
        };
        let work = work.at(self.now_ms());
        if let Some(asked) = asked {
            self.still(&work, asked).await?;
        }
        let value = attempt(work.clone()).await?;
        work.commit(action, self.now_ms()).await?;
        Ok(value)
    }

    /// Asks again, in the transaction of a change, what was allowed before it began: an allocation may have ended
    /// meanwhile.
    async fn still(&self, work: &Work, asked: Asked) -> Result<(), ServiceError> {
        let may = match asked {
            Asked::File(action, id) => {
                work.file_scope(id).await?.is_some_and(|scope| self.permits(action, &Resource::File(&scope)))
            }
            Asked::Session(action, id) => {
                work.session_scope(id).await?.is_some_and(|scope| self.permits(action, &Resource::Session(&scope)))
            }
            Asked::Referral(action, id) => {
                let scope = work.referral_scope(id).await?;
                scope.is_some_and(|scope| self.permits(action, &Resource::Referral(id.0, &scope)))
            }
        };
        if may { Ok(()) } else { Err(ServiceError::NotFound) }
    }

    /// Remembers what was allowed, to be asked again in the change that follows. What only reads is followed by none.
    fn allowed(&self, asked: Asked) {
        let (Asked::File(action, _) | Asked::Session(action, _) | Asked::Referral(action, _)) = asked;
        let reads = action.split_once('.').is_some_and(|(_, what)| what == "read");
        if !reads {
            *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(asked);
        }
    }

    /// Whether the policies permit it; writes nothing.
    pub(crate) fn permits(&self, action: &str, resource: &Resource) -> bool {
        let registered = self.service.register().has_purpose(self.access.purpose);
        let today = calendar::day_number(self.service.today());
        registered && self.service.0.policies.permit(&self.access, action, resource, today)
    }

    /// Refuses, with an entry in the ledger, what the policies do not permit. What belongs to a case is then not
    /// there; what belongs to the service is not this role's.
    pub(crate) async fn allow(&self, action: &'static str, resource: &Resource<'_>) -> Result<(), ServiceError> {
        if self.permits(action, resource) {
            return Ok(());
        }
        self.service.store().refused(&self.access, action, resource.subject(), self.now_ms()).await?;
        Err(if matches!(resource, Resource::Service) { ServiceError::Forbidden } else { ServiceError::NotFound })
    }

    /// Allows something of the service as a whole.
    pub(crate) async fn allow_service(&self, action: &'static str) -> Result<(), ServiceError> {
        self.allow(action, &Resource::Service).await
    }

    /// Allows something to a referral; an id that is none is refused and ledgered like another's.
    pub(crate) async fn allow_referral(
        &self,
        action: &'static str,
        id: ReferralId,
    ) -> Result<ReferralScope, ServiceError> {
        self.allow_referral_in(&self.look(), action, id).await
    }

    async fn allow_referral_in(
        &self,
        look: &Look,
        action: &'static str,
        id: ReferralId,
    ) -> Result<ReferralScope, ServiceError> {
        let Some(scope) = look.referral_scope(id).await? else { return self.unknown(action, id.0).await };
        let asked = self.allow(action, &Resource::Referral(id.0, &scope)).await;
        if let Err(ServiceError::NotFound) = asked {
            let alone = |held: &Held| ReferralScope { held: vec![*held], ..scope.clone() };
            let may = |held| self.permits(action, &Resource::Referral(id.0, &alone(held)));
            if scope.held.iter().any(may) && !scope.held.iter().any(|held| held.has(Capacity::Refused)) {
                return Err(ServiceError::rule(
                    "referral.other_worker",
                    "This referral is also for a child whose file another social worker has. What it says of your child \
                     stands in your child’s file. To change the referral, speak to the coordinator",
                ));
            }
        }
        asked?;
        self.allowed(Asked::Referral(action, id));
        Ok(scope)
    }

    /// Allows something to a child's file.
    pub(crate) async fn allow_file(&self, action: &'static str, id: ChildId) -> Result<FileScope, ServiceError> {
        self.allow_file_in(&self.look(), action, id).await
    }

    /// Allows something to the file in which something stands, if there is such a thing.
    pub(crate) async fn allow_file_of(
        &self,
        action: &'static str,
        of: Uuid,
        child: Option<ChildId>,
    ) -> Result<FileScope, ServiceError> {
        match child {
            Some(child) => self.allow_file(action, child).await,
            None => self.unknown(action, of).await,
        }
    }

    pub(crate) async fn allow_file_in(
        &self,
        look: &Look,
        action: &'static str,
        id: ChildId,
    ) -> Result<FileScope, ServiceError> {
        let Some(scope) = look.file_scope(id).await? else { return self.unknown(action, id.0).await };
        self.allow(action, &Resource::File(&scope)).await?;
        self.allowed(Asked::File(action, id));
        Ok(scope)
    }

    /// Allows something to a session.
    pub(crate) async fn allow_session(
        &self,
        action: &'static str,
        id: SessionId,
    ) -> Result<SessionScope, ServiceError> {
        self.allow_session_in(&self.look(), action, id).await
    }

    async fn allow_session_in(
        &self,
        look: &Look,
        action: &'static str,
        id: SessionId,
    ) -> Result<SessionScope, ServiceError> {
        let Some(scope) = look.session_scope(id).await? else { return self.unknown(action, id.0).await };
        match self.allow(action, &Resource::Session(&scope)).await {
            Err(ServiceError::NotFound) => Err(self.of_another_area(action, &scope).unwrap_or(ServiceError::NotFound)),
            Err(error) => Err(error),
            Ok(()) => {
                self.allowed(Asked::Session(action, id));
                Ok(scope)
            }
        }
    }

    /// Whom to turn to, if the person may do this for one of the children of a session and not for every one: the areas
    /// of the others, and nothing else about them.
    fn of_another_area(&self, action: &str, scope: &SessionScope) -> Option<ServiceError> {
        let alone = |file: &FileScope| SessionScope { files: vec![file.clone()], ..scope.clone() };
        let may = |file: &&FileScope| self.permits(action, &Resource::Session(&alone(file)));
        let (theirs, others): (Vec<_>, Vec<_>) = scope.files.iter().partition(may);
        if theirs.is_empty() {
            return None;
        }
        let areas: BTreeSet<String> = others.iter().map(|file| self.service.register().area_name(&file.area)).collect();
        let areas: Vec<String> = areas.into_iter().collect();
        let areas = kith_domain::words::in_words(&areas);
        let words = format!(
            "This session is also for a child of {areas}. Only somebody who may do this for all its children can do it: \
             speak to the coordinator there"
        );
        Some(ServiceError::rule("session.other_area", words))
    }

    /// Refuses, with an entry in the ledger, an id that is none.
    pub(crate) async fn unknown<T>(&self, action: &'static str, id: Uuid) -> Result<T, ServiceError> {
        self.service.store().refused(&self.access, action, Some(id), self.now_ms()).await?;
        Err(ServiceError::NotFound)
    }

    /// Tells colleagues something on their home pages, in the same transaction as what happened. Whoever did it is not
    /// told.
    pub(crate) async fn tell(
        &self,
        work: &Work,
        whom: impl IntoIterator<Item = AccountId>,
        kind: NoticeKind,
        subject: Uuid,
    ) -> Result<(), ServiceError> {
        for account in whom {
            if self.access.actor.is(account) {
                continue;
            }
            let id = NoticeId(Uuid::now_v7());
            let notice = Notice { id, account, kind, subject, created_ms: self.now_ms() };
            self.put_notice(work, &notice).await?;
        }
        Ok(())
    }

    /// Puts in a notice, with what follows from it in the same transaction: a message by email, and that somebody else is told
    /// when nobody reads it.
    pub(crate) async fn put_notice(&self, work: &Work, notice: &Notice) -> Result<(), ServiceError> {
        if work.insert_notice(notice).await? {
            self.message_of(work, notice).await?;
            self.watch_until_read(work, notice).await?;
        }
        Ok(())
    }

    /// Those in a role who sign in, wherever they work.
    pub(crate) fn in_use(&self, role: Role) -> Vec<AccountId> {
        self.service.colleagues(role).into_iter().filter(|card| card.in_use).map(|card| card.id).collect()
    }

    /// Accounts in a role of an area.
    pub(crate) fn of_area(&self, role: Role, area: &str) -> Vec<AccountId> {
        let cards = self.service.colleagues(role);
        cards.into_iter().filter(|card| card.area == area).map(|card| card.id).collect()
    }
}
