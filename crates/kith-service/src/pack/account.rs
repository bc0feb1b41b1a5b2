//! What is held of a member of staff who asks: the account, how it was used, what was allocated, what it wrote by reference and date (UK
//! GDPR Art 15). Nothing in it is about a child or a family, so nothing is to be decided: it is made when the pack is put together.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kith_domain::access::{Capacity, Role};
use kith_domain::calendar::{self, long_date};
use kith_domain::form::lower_first;
use kith_domain::ids::{AccountId, PackVolumeId};
use kith_domain::pack::{AccountPart, AccountVolume, Line, PackVolumeBody};
use kith_domain::rights::Right;
use kith_papers::{LetterPart, PackLinePaper, PackPaper, PackPartPaper, PackPiecePaper};
use kith_store::{AccountInPack, AccountState, LogFilter, Look, PersonRequest};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::VOLUME_CHARS;
use crate::audit::action_words;
use crate::record::letterhead;
use crate::referral::MARKING;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

/// Entries of the access log that are read at once.
const ENTRIES: u64 = 500;

impl Desk {
    /// The volumes of what is held of the members of staff whom a request is about, numbered from `number` on; the first of a pack has its
    /// letter at the head.
    pub(super) async fn volumes_of_accounts(
        &self,
        look: &Look,
        request: &PersonRequest,
        mut number: i64,
        mut cover: Vec<LetterPart>,
    ) -> Result<Vec<AccountInPack>, ServiceError> {
        let gave = request.body.asked.right == Right::Portability;
        let mut volumes = Vec::new();
        for account in request.body.accounts() {
            for parts in in_volumes(self.parts_of_account(look, *account, gave).await?) {
                let paper = self.paper_of(request, number, std::mem::take(&mut cover), &parts);
                let pdf = typesetting::set(move || kith_papers::pack(&paper)).await?;
                let digest = hex::encode(Sha256::digest(&pdf));
                let volume = PackVolumeBody { length: pdf.len(), pdf: BASE64.encode(&pdf), digest, parts: (0, 0) };
                let (id, pack) = (PackVolumeId(Uuid::now_v7()), request.id);
                let body = AccountVolume { volume, parts };
                volumes.push(AccountInPack { id, version: 0, pack, account: *account, number, body });
                number += 1;
            }
        }
        Ok(volumes)
    }

    fn paper_of(
        &self,
        request: &PersonRequest,
        number: i64,
        cover: Vec<LetterPart>,
        parts: &[AccountPart],
    ) -> PackPaper {
        let piece = |words: &str| vec![PackPiecePaper { words: words.to_owned(), removed: String::new() }];
        let line = |line: &Line| PackLinePaper { label: line.label.clone(), pieces: piece(&line.text) };
        let part = |(place, part): (usize, &AccountPart)| PackPartPaper {
            number: format!("{number}.{}", place + 1),
            title: part.title.clone(),
            left_out: false,
            lines: part.lines.iter().map(line).collect(),
        };
        PackPaper {
            letterhead: letterhead(self.service.register()),
            marking: MARKING.to_owned(),
            reference: format!("{} volume {number}", request.id.reference()),
            title: "What we hold".to_owned(),
            volume: format!("Volume {number}"),
            to: request.body.asked.name.clone(),
            stands: "As a member of our staff".to_owned(),
            cover,
            parts: parts.iter().enumerate().map(part).collect(),
            dated: dated(self.now_ms()),
        }
    }

    /// What is held of an account; of one who takes away what they gave, only what they gave.
    async fn parts_of_account(&self, look: &Look, id: AccountId, gave: bool) -> Result<Vec<AccountPart>, ServiceError> {
        let account = look.account(id).await?;
        let facts = &account.body;
        let mut lines = vec![
            Line::new("Name", facts.name.clone()),
            Line::new("Sign-in name", facts.login.clone()),
            Line::new("Work phone", facts.phone.clone()),
            Line::new("Work email", facts.email.clone()),
        ];
        if !gave {
            let state = match account.state {
                AccountState::Invited => "Invited, not in use yet",
                AccountState::Active => "In use",
                AccountState::Closed => "Closed",
            };
            lines.extend([
                Line::new("Role", account.role.label()),
                Line::new("Area", self.service.register().area_name(&account.area)),
                Line::new("Account", format!("{state}, made {}", day(account.created_ms))),
            ]);
        }
        let mut parts = vec![part("Your account", lines)];
        if gave {
            return Ok(parts);
        }
        let signed_in = look.sign_ins(id).await?;
        let line = |of: &kith_store::SignIn| {
            let with = of.browser.as_ref().map(|browser| format!(", with {browser}")).unwrap_or_default();
            let words = format!(
                "{}, last used {}{with}",
                calendar::long_instant(of.created_ms),
                calendar::long_instant(of.seen_ms)
            );
            Line::new("Signed in", words)
        };
        parts.push(part("Browsers in which you are or were signed in", signed_in.iter().map(line).collect()));
        parts.push(part(
            "Files that were allocated to you, without whose they are",
            allocated(&look.allocated_to(id).await?),
        ));
        let wrote = look.written_by(id).await?;
        let line = |of: &kith_store::Wrote| {
            Line::new(of.what, format!("{}, {}", kith_domain::ids::ChildId(of.id).reference(), day(of.at_ms)))
        };
        parts.push(part("What you wrote, by reference and date", wrote.iter().map(line).collect()));
        parts.push(part("What you did in Kith, from its access log", self.did(look, id).await?));
        parts.retain(|part| !part.lines.is_empty());
        Ok(parts)
    }

    /// What an account did, day by day: what kind of act, what for, how often, from when to when. About whom is not said.
    async fn did(&self, look: &Look, id: AccountId) -> Result<Vec<Line>, ServiceError> {
        let mut filter = LogFilter { actor: Some(id), ..LogFilter::default() };
        let mut days: BTreeMap<(i64, String), (u64, i64, i64)> = BTreeMap::new();
        loop {
            let entries = look.log_entries(&filter, ENTRIES).await?;
            let Some(last) = entries.last() else { break };
            filter.before = Some(last.id);
            for entry in entries {
                let on = calendar::day_number(calendar::in_london(entry.at_ms).date());
                let purpose = entry.purpose.map_or_else(String::new, |of| format!(" ({})", lower_first(of.label())));
                let refused = if entry.refused { ", refused" } else { "" };
                let what = format!("{}{refused}{purpose}", action_words(&entry.action));
                let of = days.entry((on, what)).or_insert((0, entry.at_ms, entry.at_ms));
                *of = (of.0 + 1, of.1.min(entry.at_ms), of.2.max(entry.at_ms));
            }
        }
        let time = |at_ms| calendar::in_london(at_ms).time().strftime("%H:%M").to_string();
        let line = |((on, what), (times, first, last)): ((i64, String), (u64, i64, i64))| {
            let when = match times {
                1 => time(first),
                times => format!("{} to {}, {times} times", time(first), time(last)),
            };
            Line::new(long_date(calendar::day_of(on)), format!("{when}: {what}"))
        };
        Ok(days.into_iter().map(line).collect())
    }
}

/// How often files were allocated, as what, and from when to when each.
fn allocated(times: &[(Capacity, i64, Option<i64>)]) -> Vec<Line> {
    let mut lines = Vec::new();
    for capacity in Capacity::ALL {
        let of: Vec<_> = times.iter().filter(|(held, ..)| held == capacity).collect();
        if of.is_empty() {
            continue;
        }
        lines.push(Line::new(capacity.label(), format!("{} in all", of.len())));
        lines.extend(of.into_iter().map(|(capacity, from_ms, until_ms)| {
            let until = until_ms.map(|at_ms| format!(" to {}", day(at_ms))).unwrap_or_default();
            Line::new(capacity.label(), format!("From {}{until}", day(*from_ms)))
        }));
    }
    lines
}

fn part(title: &str, lines: Vec<Line>) -> AccountPart {
    let lines = lines.into_iter().filter(|line| !line.text.trim().is_empty()).collect();
    AccountPart { title: title.to_owned(), lines }
}

fn day(at_ms: i64) -> String {
    long_date(calendar::in_london(at_ms).date())
}

/// Parts in volumes, a long one in several: what setting one takes in memory is bounded.
fn in_volumes(parts: Vec<AccountPart>) -> Vec<Vec<AccountPart>> {
    let (mut volumes, mut volume, mut chars) = (Vec::new(), Vec::<AccountPart>::new(), 0);
    for AccountPart { title, lines } in parts {
        volume.push(AccountPart { title: title.clone(), lines: Vec::new() });
        for line in lines {
            if chars > VOLUME_CHARS {
                volumes.push(std::mem::take(&mut volume));
                volume.push(AccountPart { title: format!("{title} (continued)"), lines: Vec::new() });
                chars = 0;
            }
            chars += line.fills();
            if let Some(last) = volume.last_mut() {
                last.lines.push(line);
            }
        }
    }
    volumes.push(volume);
    volumes
}

/// The same as data, numbered after the parts that come from files.
pub(super) fn account_data(volumes: &[AccountInPack], after: usize) -> Vec<Value> {
    let parts = volumes.iter().flat_map(|volume| volume.body.parts.iter());
    let line = |line: &Line| json!({ "label": line.label, "text": [{ "words": line.text }] });
    let part = |(place, part): (usize, &AccountPart)| {
        json!({
            "number": after + place + 1,
            "kind": "account",
            "title": part.title,
            "left_out": false,
            "lines": part.lines.iter().map(line).collect::<Vec<_>>(),
        })
    };
    parts.enumerate().map(part).collect()
}

/// As what somebody works here, for the page of a pack.
pub(super) fn staff_words(name: &str, role: Option<Role>) -> String {
    role.map_or_else(|| name.to_owned(), |role| format!("{name}, {}", lower_first(role.label())))
}
