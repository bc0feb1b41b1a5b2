//! Whether a promise is broken, asked of the disk after each day, and of pages where what is shown is the promise.

mod certificate;
mod clocks;
mod hidden;
mod requests;

use std::collections::BTreeSet;

use kith_domain::access::{Purpose, Role};
use kith_domain::calendar::{day_of, in_london, instant_ms};
use kith_domain::ids::ChildId;
use kith_service::ServiceError;
use kith_store::{STAFF_FILE, Verifying, verify_ledger};

use crate::disk::CertificateRow;
use crate::notes::Stands;
use crate::promise::{Promise, last_day};
use crate::{Failure, World, done};

impl World {
    /// What lies on disk first: where that is wrong, pages are not asked any more.
    pub(crate) async fn check(&mut self) -> Result<(), Failure> {
        self.check_ends().await?;
        self.check_files().await?;
        self.check_requests_end().await?;
        self.check_keys().await?;
        self.check_whose().await?;
        if self.told.broken.is_empty() {
            self.check_clocks().await?;
        }
        if self.told.broken.is_empty() {
            let touched = self.looked_at_today();
            self.check_last_days(&touched).await?;
            self.check_hidden(&touched).await?;
            self.check_new_certificates().await?;
        }
        Ok(())
    }

    fn called(&self, file: usize) -> String {
        self.notes.files[file].called(file)
    }

    /// Nothing is destroyed early, nothing kept late: whatever was destroyed on disk is what may be gone, with a certificate.
    async fn check_ends(&mut self) -> Result<(), Failure> {
        let certificates = self.disk.certificates().await?;
        for file in 0..self.notes.files.len() {
            let of = &self.notes.files[file];
            let row = certificates.get(&of.id.0);
            let called = self.called(file);
            match (self.notes.files[file].gone, row) {
                (None, None) => self.told.checks += 1,
                (None, Some(row)) => self.destroyed_wrongly(file, row),
                (Some(_), None) => {
                    self.ask(Promise::NotLate, false, || format!("{called} was approved by two, and is not destroyed"));
                }
                (Some(gone), Some(row)) => {
                    let list = self.notes.lists[gone.list].id.0;
                    let on = in_london(row.destroyed_ms).date();
                    self.ask(Promise::NotEarly, on == gone.on, || format!("{called} is said to be destroyed on {on}"));
                    self.ask(Promise::Certificate, row.state == "done" && row.list == Some(list), || {
                        format!("{called}: its certificate is “{}”", row.state)
                    });
                }
            }
        }
        // What has been free since before the first of this month was proposed on it at the latest.
        let first = jiff::civil::Date::constant(self.today.year(), self.today.month(), 1);
        for file in self.due() {
            let since = self.notes.free_since(file);
            let called = self.called(file);
            self.ask(Promise::NotLate, since.is_some_and(|since| since >= first), || {
                format!("{called} may go since {since:?}, and nobody has proposed it")
            });
        }
        Ok(())
    }

    /// A file was destroyed that had to stay.
    fn destroyed_wrongly(&mut self, file: usize, row: &CertificateRow) {
        let called = self.called(file);
        let of = &self.notes.files[file];
        if !of.is_over(self.today) {
            let last = last_day(of).map_or_else(|| "the decision".to_owned(), |last| last.to_string());
            self.broken(Promise::NotEarly, format!("{called} was destroyed before {last}"));
        } else if self.notes.is_held(file) || self.notes.is_asked_for(file) {
            self.broken(Promise::HoldStops, format!("{called} was destroyed although it is held or asked for"));
        } else {
            let list = if row.list.is_some() { "a list that nobody approved" } else { "no list" };
            self.broken(Promise::TwoOthers, format!("{called} was destroyed from {list}"));
        }
    }

    /// Each file's row says what is so: where it stands while it is there, nothing once it is gone.
    async fn check_files(&mut self) -> Result<(), Failure> {
        let rows = self.disk.children().await?;
        let tokens = self.disk.tokens().await?;
        let told = self.disk.told_of_all().await?;
        let mut seen = 0;
        for row in rows {
            let Some(file) = self.notes.by_id.get(&ChildId(row.id)).copied() else {
                self.ask(Promise::Keys, false, || {
                    format!("a file {} is there that nobody made", ChildId(row.id).reference())
                });
                continue;
            };
            seen += 1;
            let (called, marks) = (self.called(file), tokens.get(&row.id).copied().unwrap_or(0));
            let of = &self.notes.files[file];
            if of.gone.is_some() {
                let is_so = marks == 0 && row.state == "closed" && row.area == "!destroyed" && !told.contains(&row.id);
                self.ask(Promise::Gone, is_so, || {
                    format!("{called} is destroyed, and has {marks} marks, state “{}”, area “{}”", row.state, row.area)
                });
                continue;
            }
            let stands = match of.stands {
                Stands::Open { .. } => "open",
                _ => "referred",
            };
            let is_so = row.state == stands && row.area == of.area;
            self.ask(Promise::NotEarly, is_so, || format!("{called} is “{}” in “{}”", row.state, row.area));
            self.ask(Promise::Gone, marks > 0, || format!("{called} is there, and nothing finds it"));
        }
        let files = self.notes.files.len();
        self.ask(Promise::Keys, seen == files, || format!("of {files} files {seen} have a row"));
        Ok(())
    }

    /// The files whose pages are looked at today: of which something was said, all of them once a year, and now and then one that
    /// chance picks.
    fn looked_at_today(&mut self) -> BTreeSet<usize> {
        let all: Vec<usize> = (0..self.notes.files.len()).collect();
        let mut touched = std::mem::take(&mut self.touched);
        if self.looks.one_in(8) {
            touched.extend(self.looks.pick(&all));
        }
        touched
    }

    /// The last day that the service has of a file is the one that the handbook gives.
    async fn check_last_days(&mut self, touched: &BTreeSet<usize>) -> Result<(), Failure> {
        for file in touched.iter().copied() {
            let of = &self.notes.files[file];
            let Some(last) = last_day(of).filter(|_| of.gone.is_none()) else { continue };
            let (called, desk) = (of.called(file), self.at_work(Role::Coordinator, &of.area)?);
            let is = if of.is_open() {
                let view = done("reads a file", Some(file), desk.file(of.id).await)?;
                view.child.kept().map(|kept| kept.until)
            } else {
                let view = done("reads a referral", Some(file), desk.referral(of.referral).await)?;
                let kept = view.kept.into_iter().find(|(name, ..)| name.starts_with(of.given.as_str()));
                kept.map(|(_, _, until)| until)
            };
            self.ask(Promise::LastDay, is == Some(last), || {
                format!("{called} is kept until {last}, and {is:?} stands there")
            });
        }
        Ok(())
    }

    /// Every key belongs to a file, a request or the staff; each that is there has one, each that was destroyed none.
    async fn check_keys(&mut self) -> Result<(), Failure> {
        let keys = self.disk.keys().await?;
        let requests = self.disk.requests().await?;
        for (id, there) in &keys {
            if let Some(file) = self.notes.by_id.get(&ChildId(*id)).copied() {
                let (called, gone) = (self.called(file), self.notes.files[file].gone.is_some());
                let promise = if gone { Promise::Gone } else { Promise::Keys };
                self.ask(promise, *there != gone, || {
                    if gone {
                        format!("{called} is destroyed, and its key is there")
                    } else {
                        format!("{called} has lost its key")
                    }
                });
            } else {
                let known = *id == STAFF_FILE || requests.contains_key(id);
                let ended = requests.get(id).is_some_and(|row| row.ended);
                self.ask(Promise::Keys, known && *there != ended, || {
                    format!("a key belongs to nothing, is lost, or is there still: {id}")
                });
            }
        }
        let without = (0..self.notes.files.len()).filter(|file| !keys.contains_key(&self.notes.files[*file].id.0));
        for file in without.collect::<Vec<_>>() {
            let called = self.called(file);
            self.ask(Promise::Keys, false, || format!("{called} has no key and never had one"));
        }
        let missing = self.notes.requests.iter().filter_map(|of| of.id).find(|id| !keys.contains_key(&id.0));
        self.ask(Promise::Keys, missing.is_none(), || "a request has no key".to_owned());
        let gone = self.told.destroyed + self.told.requests_ended;
        let said = self.disk.keys_destroyed().await?;
        self.ask(Promise::Keys, u64::try_from(said) == Ok(gone), || {
            format!("{gone} files and requests were destroyed, and the key store counts {said} keys")
        });
        Ok(())
    }

    /// Each file is with one social worker, who works here; a destroyed one with nobody.
    async fn check_whose(&mut self) -> Result<(), Failure> {
        let mut having = vec![Vec::new(); self.notes.files.len()];
        for (child, account) in self.disk.allocations().await? {
            if let Some(file) = self.notes.by_id.get(&ChildId(child)) {
                having[*file].push(account);
            }
        }
        for (file, whose) in having.into_iter().enumerate() {
            let (called, of) = (self.called(file), &self.notes.files[file]);
            let should = if of.gone.is_some() { Vec::new() } else { vec![of.worker.0] };
            let promise = if of.gone.is_some() { Promise::Gone } else { Promise::OnlyTheirs };
            self.ask(promise, whose == should, || {
                format!("{called} is with {} people, not with whom it should", whose.len())
            });
        }
        Ok(())
    }

    /// Of a file that is gone today: nobody reads it, nothing finds it; brothers and sisters are read as before. What is not theirs
    /// a social worker does not see.
    pub(crate) async fn check_pages_of(&mut self, file: usize) -> Result<(), Failure> {
        let of = &self.notes.files[file];
        let (child, area, called) = (of.id, of.area.clone(), self.called(file));
        let (name, with) = (format!("{} {}", of.given, of.family), of.with.clone());
        let desk = self.at_work(Role::Coordinator, &area)?;
        let read = desk.file(child).await;
        self.ask(Promise::Gone, matches!(read, Err(ServiceError::NotFound)), || {
            format!("{called} is destroyed and is read")
        });
        let found = done("searches", Some(file), desk.search(&name, 1).await)?;
        let found = found.rows.iter().any(|row| row.child.id == child);
        self.ask(Promise::Gone, !found, || format!("{called} is destroyed and is found by name"));
        for other in with {
            let of = &self.notes.files[other];
            if of.gone.is_some() {
                continue;
            }
            let (id, referral, accepted) = (of.id, of.referral, of.is_open());
            let (given, theirs) = (of.given.clone(), self.called(other));
            if accepted {
                let read = desk.file(id).await;
                let whole = read.is_ok_and(|view| !view.referrals.is_empty() && view.child.name().contains(&given));
                self.ask(Promise::BrothersStay, whole, || {
                    format!("{theirs} is not read as before, since {called} is destroyed")
                });
            }
            let read = desk.referral(referral).await;
            let named = read.is_ok_and(|view| view.referral.children().contains(&id));
            self.ask(Promise::BrothersStay, named, || {
                format!("the referral of {theirs} is not read, since {called} is destroyed")
            });
        }
        Ok(())
    }

    /// Another worker of the area, and whoever has left, see nothing of a file.
    pub(crate) async fn check_only_theirs(&mut self, file: usize) -> Result<(), Failure> {
        let (child, worker) = (self.notes.files[file].id, self.notes.files[file].worker);
        let others = self.town.staff.iter().chain(&self.town.left);
        let others: Vec<_> = others.filter(|of| of.role == Role::SocialWorker && of.id != worker).cloned().collect();
        let Some(other) = self.looks.pick(&others).cloned() else { return Ok(()) };
        let read = self.desk(&other, Purpose::ServiceDelivery).file(child).await;
        let called = self.called(file);
        let refused = matches!(read, Err(ServiceError::NotFound | ServiceError::Forbidden));
        self.ask(Promise::OnlyTheirs, refused, || format!("{called} is read by who has never had it, or has left"));
        Ok(())
    }

    /// The whole access log against every row, as an auditor has it verified.
    pub(crate) async fn check_log(&mut self) -> Result<(), Failure> {
        self.service.sequence().await?;
        let now_ms = instant_ms(self.told.until, 20 * 60);
        let verified = verify_ledger(&Verifying { now_ms, ..Verifying::of(&self.plan.data, None) }).await;
        self.told.checks += 1;
        match verified {
            Ok(check) => self.told.entries = check.size,
            Err(error) => self.broken(Promise::Log, error.to_string()),
        }
        Ok(())
    }
}

/// The day of a row, for a message.
fn day_words(number: Option<i64>) -> String {
    number.map_or_else(|| "no day".to_owned(), |number| day_of(number).to_string())
}
