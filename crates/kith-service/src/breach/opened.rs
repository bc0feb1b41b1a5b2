//! What an account opened beside a breach, from the access log: which files, how often, when; what it was refused; and who of these is
//! affected. Children are named to the data protection officer for answering people, each look entered in the log.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::breach::AccountLookedAt;
use kith_domain::calendar;
use kith_domain::form::Fields;
use kith_domain::ids::{BreachId, ChildId};
use kith_store::{HowOften, Look, OpenedBy, SuspectedBreach};
use uuid::Uuid;

use crate::directory::Card;
use crate::paging::{Paged, on_page};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A file that the account opened. No Debug: it names a child.
pub struct OpenedFile {
    /// Which.
    pub file: ChildId,
    /// The child; `None` where the file was destroyed, or must not be seen by who asks.
    pub child: Option<String>,
    /// How often, and when first and last.
    pub often: HowOften,
    /// Whether it was said to be affected.
    pub affected: bool,
}

/// What an account opened beside a breach. No Debug: it names people.
pub struct OpenedView {
    /// The breach.
    pub breach: SuspectedBreach,
    /// Whose account, by name; `None` where none is named.
    pub who: Option<String>,
    /// The files on this page, those first that it opened most often.
    pub files: Paged<OpenedFile>,
    /// How many files it changed something in.
    pub changed: usize,
    /// What it asked for and was refused: the reference of what, and how often.
    pub refused: Vec<(String, HowOften)>,
    /// How many entries of that time are not as Kith wrote them.
    pub not_ours: u64,
    /// Everybody whose account can be named.
    pub staff: Vec<Card>,
}

impl Desk {
    /// What the account that is named beside a breach opened in its time: a page, from 1.
    pub async fn breach_opened(&self, id: BreachId, page: usize) -> Result<OpenedView, ServiceError> {
        let (look, breach) = self.look_at_breach_and_log(id).await?;
        let found = opened(&look, &breach).await?;
        look.done("breach.log_read", self.now_ms()).await?;
        let mut files: Vec<(ChildId, HowOften)> = found.files.iter().map(|(file, often)| (*file, *often)).collect();
        files.sort_by_key(|(file, often)| (std::cmp::Reverse(often.count), *file));
        let (total, changed) = (files.len(), files.iter().filter(|(_, often)| often.changed > 0).count());
        let shown = on_page(files, page);
        let mut names = self.names_of(shown.iter().map(|(file, _)| *file).collect()).await?;
        let line = |(file, often): (ChildId, HowOften)| OpenedFile {
            file,
            child: names.remove(&file),
            often,
            affected: breach.body.affected.contains(&file),
        };
        Ok(OpenedView {
            files: Paged::new(shown.into_iter().map(line).collect(), total, page),
            who: breach.body.account.as_ref().map(|of| self.service.name_of(of.account)),
            changed,
            refused: found.refused.into_iter().map(|(of, often)| (ChildId(of).reference(), often)).collect(),
            not_ours: found.not_ours,
            staff: self.service.directory().everybody(),
            breach,
        })
    }

    /// A look at a breach and at the access log beside it, of somebody who may read both.
    async fn look_at_breach_and_log(&self, id: BreachId) -> Result<(Look, SuspectedBreach), ServiceError> {
        self.allow_service("breach.read").await?;
        self.allow_service("ledger.read").await?;
        let look = self.look();
        let breach = look.breach(id).await?;
        look.note("access_log", breach.body.account.as_ref().map_or_else(Uuid::nil, |of| of.account.0));
        Ok((look, breach))
    }

    /// The children of files, by name: of those that are there and not refused to this person.
    async fn names_of(&self, files: Vec<ChildId>) -> Result<BTreeMap<ChildId, String>, ServiceError> {
        if files.is_empty() {
            return Ok(BTreeMap::new());
        }
        let desk = self.of_rights();
        let look = desk.snapshot().await?;
        let scopes = look.file_scopes(&files).await?;
        let may = scopes.iter().filter(|scope| desk.permits("breach.file", &Resource::File(scope)));
        let may: Vec<ChildId> = may.map(|scope| scope.child).collect();
        let children = look.children(&may).await?;
        look.done("breach.files_read", self.now_ms()).await?;
        Ok(children.into_iter().map(|child| (child.id, child.name())).collect())
    }

    /// Names the account that is looked at beside a breach and the time, as typed, or none.
    pub async fn look_at_account(&self, id: BreachId, typed: &Fields) -> Result<(), ServiceError> {
        self.allow_service("breach.change").await?;
        let now_ms = self.now_ms();
        let now = calendar::in_london(now_ms).datetime();
        let read = AccountLookedAt::read(typed, now, self.me()?, now_ms).map_err(ServiceError::Invalid)?;
        if read.as_ref().is_some_and(|of| self.service.card(of.account).is_none()) {
            return Err(ServiceError::field("account", "Choose somebody from the list"));
        }
        self.change("breach.account_named", |work| {
            let read = read.clone();
            async move {
                let mut row = work.breach(id).await?;
                row.body.look_at(read)?;
                Ok(work.save_breach(&mut row).await?)
            }
        })
        .await
    }

    /// Says which of the files that the account opened are affected: `which` is `all`, or those of `shown` that are ticked (`file`).
    /// Returns how many there are now.
    pub async fn say_affected(&self, id: BreachId, typed: &Fields) -> Result<usize, ServiceError> {
        self.allow_service("breach.change").await?;
        let (look, breach) = self.look_at_breach_and_log(id).await?;
        let opened: BTreeSet<ChildId> = opened(&look, &breach).await?.files.into_keys().collect();
        look.done("breach.log_read", self.now_ms()).await?;
        let of =
            |name: &str| -> BTreeSet<ChildId> { typed.all(name).iter().filter_map(|file| file.parse().ok()).collect() };
        let all = typed.get("which") == "all";
        // What was not opened cannot be said to be affected by that, whatever a form sends.
        let shown: BTreeSet<ChildId> =
            if all { opened.clone() } else { of("shown").intersection(&opened).copied().collect() };
        let affected = if all { opened } else { of("file") };
        let (shown, affected, account) = (&shown, &affected, &breach.body.account);
        self.change("breach.affected_said", |work| async move {
            let mut row = work.breach(id).await?;
            if row.body.account != *account {
                let words = "Somebody named another account or time meanwhile. Look at the list as it is now";
                return Err(ServiceError::rule("breach.account_changed", words));
            }
            row.body.say_affected(shown, affected)?;
            work.save_breach(&mut row).await?;
            Ok(row.body.affected.len())
        })
        .await
    }
}

/// What the account that is named beside a breach did in its time; nothing where none is named.
async fn opened(look: &Look, breach: &SuspectedBreach) -> Result<OpenedBy, ServiceError> {
    let Some(of) = &breach.body.account else { return Ok(OpenedBy::default()) };
    let (from_ms, until_ms) = of.instants();
    Ok(look.opened_by(of.account, from_ms, until_ms).await?)
}
