//! Promises broken on purpose, behind the program's back or behind that of the story: for the tests, which see that each is found.

use kith_domain::access::Purpose;
use kith_service::testing::TestService;
use uuid::Uuid;

use crate::disk::Disk;
use crate::notes::Stands;
use crate::promise::{last_day, plus};
use crate::{Failure, Plan, Told, World};

/// What is done, once, at the first opportunity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddle {
    /// The program's clock runs a day ahead when a file has its last day.
    ClockAhead,
    /// A file is destroyed before its time, through the store's own door.
    DestroyedEarly,
    /// A file whose time is over is destroyed through that door, and nobody has approved it.
    NobodyApproved,
    /// A hold is lifted that the story knows to stand.
    HoldLifted,
    /// A death is written down of which the story knows nothing.
    DeathInvented,
    /// The key of a file that is there is lost.
    KeyLost,
    /// The key of a destroyed file is there again.
    KeyBack,
    /// A destroyed file can be found again.
    MarkBack,
    /// A restriction is taken back of which the story knows nothing.
    RestrictionLifted,
    /// The last day of a request is moved.
    DueDayMoved,
    /// A reminder is put off.
    ReminderPutOff,
    /// The end of requests is put off.
    RequestPutOff,
    /// A list that waits is withdrawn, and nobody knows.
    ListWithdrawn,
    /// Somebody who has left has a file again.
    LeaverHasFile,
    /// An entry of the access log that was signed says something else.
    LogAltered,
}

/// Who meddles.
#[derive(Default)]
pub(crate) struct Meddler {
    what: Option<Meddle>,
    pub(crate) clock_ahead_days: i64,
}

/// Lives through it as [`live`](crate::live) does, with one promise broken on purpose.
pub async fn live_meddled(plan: Plan, what: Meddle) -> Result<Told, Failure> {
    let mut world = World::begin(plan).await?;
    world.meddler.what = Some(what);
    world.live(&mut |_| {}).await
}

fn hex(id: Uuid) -> String {
    format!("x'{}'", id.simple())
}

impl World {
    pub(crate) fn meddle_in_the_morning(&mut self) {
        let is_last = |file: usize| {
            let (of, keeps) = (&self.notes.files[file], self.notes.is_held(file) || self.notes.is_asked_for(file));
            of.gone.is_none() && last_day(of) == Some(self.today) && !keeps
        };
        if self.meddler.what == Some(Meddle::ClockAhead) && (0..self.notes.files.len()).any(is_last) {
            self.meddler = Meddler { what: None, clock_ahead_days: 1 };
            self.at(8 * 60);
        }
    }

    pub(crate) async fn meddle(&mut self) -> Result<(), Failure> {
        let Some(what) = self.meddler.what else { return Ok(()) };
        if self.does(what).await? {
            self.meddler.what = None;
        }
        Ok(())
    }

    async fn sql(&self, database: &str, text: &str) -> Result<bool, Failure> {
        Disk::meddle(&self.plan.data, database, text).await?;
        Ok(true)
    }

    /// Does it if it can be done today; whether it was.
    async fn does(&mut self, what: Meddle) -> Result<bool, Failure> {
        let files = &self.notes.files;
        let open = || files.iter().position(crate::notes::File::is_open);
        let gone = || files.iter().find(|file| file.gone.is_some()).map(|file| hex(file.id.0));
        let request =
            self.notes.requests.iter().find(|of| !of.closed && of.pauses.iter().all(|pause| pause.1.is_some()));
        match what {
            Meddle::ClockAhead => Ok(false),
            Meddle::DestroyedEarly => match open() {
                Some(file) => self.past_those_who_approve(file).await,
                None => Ok(false),
            },
            Meddle::NobodyApproved => {
                let over = (0..files.len()).find(|file| self.notes.may_go(*file, self.today));
                match over {
                    Some(file) => self.past_those_who_approve(file).await,
                    None => Ok(false),
                }
            }
            Meddle::HoldLifted => match self.notes.holds.iter().position(|hold| !hold.lifted) {
                Some(hold) => self.lift_on_disk(hold).await.map(|()| true),
                None => Ok(false),
            },
            Meddle::DeathInvented => {
                let assessed =
                    |file: &crate::notes::File| file.is_open() && file.stands == Stands::Open { assessed: true };
                match files.iter().position(|file| assessed(file) && file.died.is_none()) {
                    Some(file) => {
                        let mut typed = kith_domain::form::Fields::default();
                        typed.set_date("died", self.today);
                        self.says(file, kith_domain::catalogue::Group::Death, typed).await.map(|()| true)
                    }
                    None => Ok(false),
                }
            }
            Meddle::KeyLost => match open() {
                Some(file) => {
                    let id = hex(files[file].id.0);
                    self.sql("keys.sqlite", &format!("UPDATE file_key SET wrapped = NULL WHERE file_id = {id}")).await
                }
                None => Ok(false),
            },
            Meddle::KeyBack => match gone() {
                Some(id) => {
                    let text = format!("UPDATE file_key SET wrapped = x'00' WHERE file_id = {id}");
                    self.sql("keys.sqlite", &text).await
                }
                None => Ok(false),
            },
            Meddle::MarkBack => match gone() {
                Some(id) => {
                    let text = format!("INSERT INTO token VALUES (randomblob(16), {id}, {id})");
                    self.sql("kith.sqlite", &text).await
                }
                None => Ok(false),
            },
            Meddle::RestrictionLifted => {
                let file = (0..files.len()).find(|file| files[*file].is_open() && files[*file].hidden.is_some());
                match file.and_then(|file| Some((file, files[file].hidden.clone()?))) {
                    Some((file, hidden)) => self.lift_doubt(file, &hidden).await.map(|()| true),
                    None => Ok(false),
                }
            }
            Meddle::DueDayMoved => match request.and_then(|of| of.id) {
                Some(id) => {
                    let text = format!("UPDATE rights_request SET due_day = due_day + 1 WHERE id = {}", hex(id.0));
                    self.sql("kith.sqlite", &text).await
                }
                None => Ok(false),
            },
            // Each evening again, until one is missed.
            Meddle::ReminderPutOff => {
                let text = "UPDATE outbox SET due_at = due_at + 2592000000 WHERE kind = 'first_session.by' AND done_at IS NULL";
                self.sql("kith.sqlite", text).await.map(|_| false)
            }
            // Each evening again, until one is kept too long.
            Meddle::RequestPutOff => {
                let text =
                    "UPDATE outbox SET due_at = due_at + 31536000000 WHERE kind = 'request.end' AND done_at IS NULL";
                self.sql("kith.sqlite", text).await.map(|_| false)
            }
            Meddle::ListWithdrawn => self.withdraw_unseen().await,
            Meddle::LeaverHasFile => match self.notes.left.iter().next() {
                Some(_) => {
                    let text = "DELETE FROM allocation_end WHERE allocation_id IN (SELECT a.id FROM allocation a \
                                JOIN account o ON o.id = a.account_id JOIN child c ON c.id = a.child_id \
                                WHERE o.state = 'closed' AND c.area <> '!destroyed')";
                    let had = self.disk.allocations().await?.len();
                    self.sql("kith.sqlite", text).await?;
                    Ok(self.disk.allocations().await?.len() > had)
                }
                None => Ok(false),
            },
            Meddle::LogAltered => {
                if self.today < plus(crate::story::BEGINS, 500) {
                    return Ok(false);
                }
                self.service.sequence().await?;
                self.sql(
                    "kith.sqlite",
                    "UPDATE ledger_entry SET body = replace(body, 'referral.begun', 'referral.read')",
                )
                .await
            }
        }
    }

    async fn past_those_who_approve(&self, file: usize) -> Result<bool, Failure> {
        let test =
            TestService { service: self.service.clone(), clock: self.clock.clone(), real_clock: self.clock.clone() };
        test.destroyed(self.notes.files[file].id).await?;
        Ok(true)
    }

    /// An officer withdraws their own list, and the story goes on as if nothing had been proposed and nobody had to.
    async fn withdraw_unseen(&mut self) -> Result<bool, Failure> {
        let list =
            self.notes.lists.iter().position(|list| !list.over && list.author.is_some() && !list.files.is_empty());
        let Some(list) = list else { return Ok(false) };
        let author = self.town.staff.iter().find(|of| Some(of.id) == self.notes.lists[list].author).cloned();
        let Some(author) = author else { return Ok(false) };
        let why = kith_domain::form::Words::new("In error").ok_or(Failure::Nobody("words"))?;
        self.desk(&author, Purpose::Accountability).withdraw_list(self.notes.lists[list].id, &why).await?;
        Ok(true)
    }
}
