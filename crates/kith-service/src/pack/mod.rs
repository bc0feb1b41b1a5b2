//! The pack that answers a request for access: everything about the person in every file, collected part by part, looked through by a
//! person, put together without what is taken out, checked by a second person, handed over (handbook section 15).

mod account;
#[cfg(test)]
mod account_tests;
mod collect;
#[cfg(test)]
mod documents_tests;
mod hand_over;
mod names;
mod set;
#[cfg(test)]
pub(crate) mod tests;
pub(crate) mod words;

pub(crate) use collect::COLLECT;
pub use set::{PackedDocument, Schedule, ScheduleLine, table};
pub(crate) use set::{SET, VOLUME_CHARS};

use kith_domain::access::Purpose;
use kith_domain::form::{Fields, Reader};
use kith_domain::hand_over::HandsOver;
use kith_domain::ids::{ChildId, RequestId};
use kith_domain::pack::{Difference, PackFile, PackName, PackState, PartChange, Reason, differences};
use kith_domain::refusal::Refusal;
use kith_domain::rights::{Right, RightsRequest, StepKind};
use kith_store::{FileInPack, Look, Pack, PartInPack, PartListed, PersonRequest, Work};

use crate::hand_over::HandOverLine;
use crate::paging::{Paged, window};
use crate::{Desk, ServiceError};

/// Parts that are read and changed together.
const AT_ONCE: u64 = 50;

/// A name that is looked for in a file, with how often nobody decided about it yet.
pub struct NameLine {
    /// In whose file.
    pub file: ChildId,
    /// Its place in the list of that file.
    pub number: usize,
    /// The name.
    pub name: PackName,
    /// How often it stands there, and of these how often nobody decided.
    pub found: usize,
    /// Of these, how often nobody decided.
    pub open: usize,
}

/// A file of a pack in words.
pub struct FileLine {
    /// Which.
    pub file: ChildId,
    /// As what the person stands in it.
    pub stands: String,
    /// How many rows were looked through, of how many.
    pub done: (usize, usize),
}

/// A pack with what a page needs beside it. No Debug: it names people.
pub struct PackView {
    /// The request.
    pub request: PersonRequest,
    /// The pack; `None` as long as nobody began one.
    pub pack: Option<Pack>,
    /// Why none can be begun now, if so.
    pub why_not: Option<String>,
    /// Its files.
    pub files: Vec<FileLine>,
    /// The members of staff whom it is about, by name and role: what is held of them is made when it is put together.
    pub staff: Vec<String>,
    /// The parts with what they are called, those alone about which something is to be decided if asked for.
    pub parts: Paged<(PartListed, String)>,
    /// How many decisions are still to be made.
    pub undecided: i64,
    /// The names that are looked for; empty unless the pack is being looked through.
    pub names: Vec<NameLine>,
    /// The parts that another pack has too and of which it takes out something else.
    pub differing: Vec<i64>,
    /// The numbers of its volumes.
    pub volumes: Vec<i64>,
    /// The ways to take it.
    pub hand_overs: Vec<HandOverLine>,
}

/// A part with what a page needs beside it. No Debug: it is what is held of people.
pub struct PartView {
    /// The request.
    pub request: RequestId,
    /// The part.
    pub part: PartInPack,
    /// As what the person stands in the file it comes from.
    pub stands: String,
    /// Whose names are looked for in that file.
    pub names: Vec<PackName>,
    /// Where another pack of the family takes out something else: the other request, and what.
    pub differences: Vec<(RequestId, Difference)>,
    /// Whether anything can be decided now.
    pub may_change: bool,
    /// How many parts there are.
    pub total: u64,
    /// The next part about which something is to be decided.
    pub next: Option<i64>,
}

impl Desk {
    /// This person's desk for what is done about people's rights.
    pub(crate) fn of_rights(&self) -> Desk {
        self.service.desk(self.access.actor.clone(), Purpose::Rights)
    }

    /// A look at a pack of which nothing is refused to this person, and that is not about themselves. [`ServiceError::NotFound`] where there is none, or not any more.
    async fn look_at_pack(&self, id: RequestId) -> Result<(Look, Pack, Vec<FileInPack>), ServiceError> {
        self.allow_service("pack.keep").await?;
        let look = self.snapshot().await?;
        let pack = look.pack(id).await?.filter(|pack| pack.gone_ms.is_none()).ok_or(ServiceError::NotFound)?;
        look.person_request(id).await?.body.dealt_with_by(self.me()?)?;
        let files = self.files_of_pack(&look, id).await?;
        Ok((look, pack, files))
    }

    /// The files of a pack, of which none is refused to this person.
    async fn files_of_pack(&self, look: &Look, id: RequestId) -> Result<Vec<FileInPack>, ServiceError> {
        let files = look.files_in_pack(id).await?;
        for file in &files {
            self.allow_file_in(look, "pack.collect", file.child).await?;
        }
        Ok(files)
    }

    /// The pack of a request; a page, from 1, of its parts, of those alone about which something is to be decided if `open`.
    pub async fn pack(&self, id: RequestId, open: bool, page: usize) -> Result<PackView, ServiceError> {
        let desk = self.of_rights();
        desk.allow_service("pack.keep").await?;
        let look = desk.snapshot().await?;
        let request = look.person_request(id).await?;
        request.body.dealt_with_by(self.me()?)?;
        let Some(pack) = look.pack(id).await? else {
            look.done("pack.read", self.now_ms()).await?;
            let why_not = why_not_begun(&request.body, self.service.today()).map(|refusal| refusal.words);
            return Ok(PackView {
                request,
                pack: None,
                why_not,
                files: Vec::new(),
                staff: Vec::new(),
                parts: Paged::new(Vec::new(), 0, 1),
                undecided: 0,
                names: Vec::new(),
                differing: Vec::new(),
                volumes: Vec::new(),
                hand_overs: Vec::new(),
            });
        };
        let files = desk.files_of_pack(&look, id).await?;
        let (parts, total) = look.parts_listed(id, open, window(page)).await?;
        let undecided = look.undecided_in_pack(id).await?;
        let (mut names, mut differing) = (Vec::new(), Vec::new());
        if matches!(pack.state, PackState::Deciding | PackState::Ready) {
            if pack.state == PackState::Deciding {
                names = counted(&look, id, &files).await?;
            }
            for number in look.parts_in_other_packs(id).await? {
                let part = look.part_of_pack(id, number).await?;
                if !desk.differing(&look, &part, &files).await?.is_empty() {
                    differing.push(number);
                }
            }
        }
        let parts = titled(&look, id, parts).await?;
        let volumes = look.volume_numbers(id).await?;
        let hand_overs = desk.hand_over_lines(&look, HandsOver::Pack(id)).await?;
        look.done("pack.read", self.now_ms()).await?;
        let line = |of: &FileInPack| FileLine {
            file: of.child,
            stands: of.body.stands.clone(),
            done: (of.body.done, of.body.sources.len()),
        };
        let staff = request.body.accounts().iter().map(|account| {
            let role = self.service.card(*account).map(|card| card.role);
            account::staff_words(&self.service.name_of(*account), role)
        });
        Ok(PackView {
            staff: staff.collect(),
            request,
            pack: Some(pack),
            why_not: None,
            files: files.iter().map(line).collect(),
            parts: Paged::new(parts, usize::try_from(total).unwrap_or(usize::MAX), page),
            undecided,
            names,
            differing,
            volumes,
            hand_overs,
        })
    }

    /// Decides of everything that was found of one name and that nobody decided about: `name` is the file and the place in its list,
    /// `removed` (`keep`, or a [`Reason`]) what becomes of it. Batch by batch, so that what is cut short is done up to there.
    pub async fn decide_of_name(&self, id: RequestId, typed: &Fields) -> Result<usize, ServiceError> {
        let desk = self.of_rights();
        let (look, pack, files) = desk.look_at_pack(id).await?;
        look.done("pack.read", self.now_ms()).await?;
        let mut r = Reader::new(typed);
        let chosen = r.required_choice("name", "Whose name", |code| {
            let (file, number) = code.split_once('/')?;
            let (file, number): (ChildId, usize) = (file.parse().ok()?, number.parse().ok()?);
            files.iter().any(|of| of.child == file && number < of.body.names.len()).then_some((file, number))
        });
        let removed = r.required_choice("removed", "What becomes of it", |code| match code {
            "keep" => Some(None),
            code => Reason::from_code(code).map(Some),
        });
        let (Some((file, number)), Some(removed)) = (chosen, removed) else {
            return Err(ServiceError::Invalid(r.into_problems()));
        };
        may_change(&pack)?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let (mut after, mut decided) = (0, 0);
        loop {
            let (last, count) = desk
                .change("pack.decided", |work| async move {
                    still_deciding(&work, id).await?;
                    let parts = work.open_parts_of_pack(id, after, AT_ONCE).await?;
                    let (mut last, mut count) = (None, 0);
                    for mut part in parts {
                        last = Some(part.number);
                        if part.child != file {
                            continue;
                        }
                        let some = part.body.decide_of(&[number], removed, me, now_ms);
                        if some > 0 {
                            count += some;
                            work.save_part(&mut part).await?;
                        }
                    }
                    // A batch in which it does not stand changes nothing.
                    work.changed("pack", id.0, pack.version);
                    Ok((last, count))
                })
                .await?;
            decided += count;
            match last {
                Some(last) => after = last,
                None => return Ok(decided),
            }
        }
    }

    /// One part of a pack.
    pub async fn pack_part(&self, id: RequestId, number: i64) -> Result<PartView, ServiceError> {
        let desk = self.of_rights();
        let (look, pack, files) = desk.look_at_pack(id).await?;
        let part = look.part_of_pack(id, number).await?;
        let file = files.iter().find(|file| file.child == part.child).ok_or(ServiceError::NotFound)?;
        let differences = desk.differing(&look, &part, &files).await?;
        let next = look.open_parts_of_pack(id, number, 1).await?.first().map(|part| part.number);
        let (_, total) = look.parts_listed(id, false, (0, 0)).await?;
        look.done("pack.part_read", self.now_ms()).await?;
        Ok(PartView {
            request: id,
            stands: file.body.stands.clone(),
            names: file.body.names.clone(),
            differences,
            may_change: pack.state == PackState::Deciding,
            total,
            next,
            part,
        })
    }

    /// Changes what is taken out of a part, as typed; `version` is the one that the page showed.
    pub async fn change_pack_part(&self, id: RequestId, number: i64, typed: &Fields) -> Result<(), ServiceError> {
        let desk = self.of_rights();
        let (look, pack, _) = desk.look_at_pack(id).await?;
        look.done("pack.read", self.now_ms()).await?;
        may_change(&pack)?;
        let change = PartChange::read(typed).map_err(ServiceError::Invalid)?;
        let seen: Option<i64> = typed.get("version").parse().ok();
        let (me, now_ms) = (self.me()?, self.now_ms());
        desk.change("pack.part_changed", |work| {
            let change = change.clone();
            async move {
                still_deciding(&work, id).await?;
                let mut part = work.part_of_pack(id, number).await?;
                // What is counted by its place is about what was shown.
                if seen != Some(part.version) && !matches!(change, PartChange::IsTheirs | PartChange::LeaveOut(..)) {
                    return Err(ServiceError::rule(
                        "pack.part_changed",
                        "Somebody changed this part meanwhile. Look at it as it is now, and do it again",
                    ));
                }
                part.body.change(change, me, now_ms).map_err(|problem| ServiceError::Invalid(vec![problem]))?;
                work.save_part(&mut part).await?;
                Ok(())
            }
        })
        .await
    }

    /// Where other packs of the same rows take out what this one shows, or show what it takes out. What is about the person whose pack
    /// the other is, is shown to them.
    async fn differing(
        &self,
        look: &Look,
        part: &PartInPack,
        files: &[FileInPack],
    ) -> Result<Vec<(RequestId, Difference)>, ServiceError> {
        let mine = files.iter().find(|file| file.child == part.child).map(|file| &file.body);
        let mut all = Vec::new();
        for other in look.parts_of_source(part).await? {
            let theirs = look.files_in_pack(other.pack).await?;
            let of = theirs.iter().find(|file| file.child == other.child);
            let (Some(mine), Some(of)) = (mine, of) else { continue };
            let whose = |part_of: &PackFile, whose: usize, reader: &PackFile, reader_file: ChildId| {
                let subject = part_of.names.get(whose).and_then(|name| name.subject);
                subject.is_some_and(|subject| match subject.person {
                    None => reader.is_child && subject.file == reader_file,
                    Some(person) => reader.people.contains(&person),
                })
            };
            let is_theirs = |takes: &kith_domain::pack::PackPart, number: usize| {
                if *takes == part.body {
                    whose(mine, number, &of.body, of.child)
                } else {
                    whose(&of.body, number, mine, part.child)
                }
            };
            all.extend(differences(&part.body, &other.body, is_theirs).into_iter().map(|of| (other.pack, of)));
        }
        Ok(all)
    }

    /// What a step about a request does to its pack, in the same transaction.
    pub(crate) async fn step_of_pack(
        &self,
        work: &Work,
        id: RequestId,
        request: &RightsRequest,
        kind: StepKind,
    ) -> Result<(), ServiceError> {
        let refuse = |code, words: &str| Err(ServiceError::rule(code, words));
        let is_access = request.asked.right == Right::Access;
        let Some(mut pack) = work.pack(id).await? else {
            if kind == StepKind::Prepared && is_access && !request.places().is_empty() {
                return refuse(
                    "pack.none",
                    "Somebody is held: collect what is held about them first, and look it through",
                );
            }
            return Ok(());
        };
        match kind {
            StepKind::Found => {
                return refuse(
                    "pack.begun",
                    "What is held is collected already. Whom it is about can be changed no more: it would be another pack",
                );
            }
            StepKind::Prepared => {
                if pack.state != PackState::Deciding {
                    return refuse("pack.not_ready", "The pack is still being collected. Wait until it is there");
                }
                let open = work.undecided_in_pack(id).await?;
                if open > 0 {
                    let words = if open == 1 { "1 decision is".to_owned() } else { format!("{open} decisions are") };
                    return Err(ServiceError::rule(
                        "pack.undecided",
                        format!("{words} still to be made about the pack"),
                    ));
                }
                pack.state = PackState::Setting;
                pack.body.prepared = Some((self.me()?, self.now_ms()));
                work.save_pack(&mut pack).await?;
                self.begin_setting(work, id).await?;
            }
            StepKind::GivenBack => {
                pack.state = PackState::Deciding;
                pack.body.prepared = None;
                work.take_volumes_away(id).await?;
                work.save_pack(&mut pack).await?;
            }
            StepKind::Released => {
                if pack.state != PackState::Ready {
                    return refuse(
                        "pack.not_set",
                        "The pack is still being put together. Wait until it is there, and read it",
                    );
                }
                pack.state = PackState::Released;
                work.save_pack(&mut pack).await?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether a right is answered with a pack: of all that is held, or of what they gave themselves.
const fn is_for(right: Right) -> bool {
    matches!(right, Right::Access | Right::Portability)
}

/// Why a pack cannot be begun now.
fn why_not_begun(request: &RightsRequest, today: jiff::civil::Date) -> Option<Refusal> {
    if request.state().is_closed() {
        return Some(Refusal::new("pack.closed", "This request is closed"));
    }
    if !is_for(request.asked.right) {
        return Some(Refusal::new("pack.not_access", "They do not ask to see or to take what is held"));
    }
    if let Some(missing) = request.missing(today).first() {
        let words = format!("Before that: {}", kith_domain::form::lower_first(missing));
        return Some(Refusal::new("pack.too_early", words));
    }
    let nobody = request.places().is_empty();
    nobody.then(|| Refusal::new("pack.nobody", "Before that: say who of those held it is about"))
}

/// Reads every part of a pack in its order, some at a time.
async fn each_part(look: &Look, id: RequestId, mut read: impl FnMut(PartInPack)) -> Result<(), ServiceError> {
    let mut after = 0;
    loop {
        let parts = look.parts_of_pack(id, after, AT_ONCE).await?;
        let Some(last) = parts.last() else { return Ok(()) };
        after = last.number;
        parts.into_iter().for_each(&mut read);
    }
}

fn may_change(pack: &Pack) -> Result<(), ServiceError> {
    if pack.state == PackState::Deciding {
        return Ok(());
    }
    Err(ServiceError::rule(
        "pack.fixed",
        match pack.state {
            PackState::Collecting => "The pack is still being collected. Wait until it is there",
            _ => "The pack is put together and cannot be changed. A second person can give it back",
        },
    ))
}

/// Asked again in the transaction of a change: the pack may have been put together meanwhile.
async fn still_deciding(work: &Work, id: RequestId) -> Result<(), ServiceError> {
    let pack = work.pack(id).await?.filter(|pack| pack.gone_ms.is_none());
    may_change(&pack.ok_or(ServiceError::NotFound)?)
}

/// Parts with what they are called.
async fn titled(look: &Look, id: RequestId, parts: Vec<PartListed>) -> Result<Vec<(PartListed, String)>, ServiceError> {
    let numbers: Vec<i64> = parts.iter().map(|part| part.number).collect();
    let opened = look.parts_numbered(id, &numbers).await?;
    let title = |number| opened.iter().find(|part| part.number == number).map(|part| part.body.title.clone());
    Ok(parts.into_iter().map(|part| (part, title(part.number).unwrap_or_default())).collect())
}

/// How often each name stands in the parts of its file.
async fn counted(look: &Look, id: RequestId, files: &[FileInPack]) -> Result<Vec<NameLine>, ServiceError> {
    let mut lines: Vec<NameLine> = Vec::new();
    for file in files {
        lines.extend(file.body.names.iter().enumerate().map(|(number, name)| NameLine {
            file: file.child,
            number,
            name: name.clone(),
            found: 0,
            open: 0,
        }));
    }
    each_part(look, id, |part| {
        let left_out = part.body.left_out().is_some();
        for found in &part.body.found {
            let of = |line: &&mut NameLine| line.file == part.child && line.number == found.whose;
            if let Some(line) = lines.iter_mut().find(of) {
                line.found += 1;
                line.open += usize::from(found.decided.is_none() && !left_out);
            }
        }
    })
    .await?;
    lines.retain(|line| line.found > 0);
    Ok(lines)
}
