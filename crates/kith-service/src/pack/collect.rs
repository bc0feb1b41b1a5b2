//! Collecting a pack: what there is in each file, then part by part, as a job that may be cut short at any instant and goes on where
//! it was.

use kith_domain::calendar;
use kith_domain::document::DocumentState;
use kith_domain::ids::{ChildId, DocumentId, PackFileId, PackPartId, PersonId, RequestId};
use kith_domain::pack::{
    Found, PackBody, PackDocument, PackFile, PackPart, PackSource, PackState, PartKind, Place, Wanted, occurrences,
};
use kith_domain::rights::Right;
use kith_store::{Child, FileInPack, Job, Look, Pack, PartInPack, PersonRequest, unless_destroyed};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::names::{Standing, names_in_file, own_forms};
use super::why_not_begun;
use super::words::{About, Written};
use crate::{Desk, ServiceError};

/// The kind of a job that collects a pack.
pub(crate) const COLLECT: &str = "pack.collect";
/// How many rows one run of the job takes: what it holds in memory, and how long a change takes, stay small.
const AT_ONCE: usize = 25;
/// A day number before every session, and one after.
const ALL_DAYS: (i64, i64) = (-100_000, 1_000_000);

/// Which pack.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct OfPack {
    pub(super) pack: RequestId,
}

impl Desk {
    /// Begins to collect what is held about those whom a request is about, as somebody confirmed it. What must be known of who asks
    /// comes first. A pack that was begun is there once.
    pub async fn begin_pack(&self, id: RequestId) -> Result<(), ServiceError> {
        let desk = self.of_rights();
        desk.allow_service("pack.keep").await?;
        let look = desk.snapshot().await?;
        let request = look.person_request(id).await?;
        request.body.dealt_with_by(self.me()?)?;
        if let Some(refusal) = why_not_begun(&request.body, self.service.today()) {
            return Err(refusal.into());
        }
        let files = desk.files_in_which(&look, &request).await?;
        look.done("pack.looked_for", self.now_ms()).await?;
        if files.is_empty() && request.body.accounts().is_empty() {
            let words = "None of the files is there any more. Look again who is held";
            return Err(ServiceError::rule("pack.nobody", words));
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        let added = desk
            .change("pack.begun", |work| {
                let mut files = files.clone();
                async move {
                    let (state, body) = (PackState::Collecting, PackBody::default());
                    let mut pack = Pack { id, version: 0, author: me, state, created_ms: now_ms, gone_ms: None, body };
                    work.insert_pack(&mut pack, &mut files).await?;
                    work.enqueue(COLLECT, &OfPack { pack: id }, now_ms).await?;
                    Ok(())
                }
            })
            .await;
        match added {
            Err(ServiceError::Store(kith_store::StoreError::Duplicate)) => Ok(()),
            added => added,
        }
    }

    /// The files in which somebody is held, with what there is in each.
    async fn files_in_which(&self, look: &Look, request: &PersonRequest) -> Result<Vec<FileInPack>, ServiceError> {
        let (pack, subjects, asker) = (request.id, request.body.subjects(), request.body.asked.asker);
        let gave = request.body.asked.right == Right::Portability;
        let mut ids: Vec<ChildId> = subjects.iter().map(|subject| subject.file).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut files = Vec::new();
        for id in ids {
            self.allow_file_in(look, "pack.collect", id).await?;
            let Some(child) = unless_destroyed(look.child(id).await)? else { continue };
            let family = unless_destroyed(look.family(id).await)?.unwrap_or_default();
            let of_file = match self.referral_alone(look, &child).await? {
                Some(referral) => Standing::by_form(id, &referral),
                None => Standing::by_rows(&child, &family),
            };
            let here = || subjects.iter().filter(|subject| subject.file == id);
            let is_child = here().any(|subject| subject.person.is_none());
            let people: Vec<PersonId> = if is_child { Vec::new() } else { here().filter_map(|of| of.person).collect() };
            let them: Vec<_> = of_file.family.iter().filter(|of| people.contains(&of.person)).collect();
            let stands = match them.first() {
                _ if is_child => "The child of the file".to_owned(),
                Some(member) => member.stands.to_owned(),
                None => continue,
            };
            let own: Vec<_> = them.iter().map(|of| &of.values).collect();
            let others = of_file.family.iter().filter(|of| !people.contains(&of.person));
            let mut others: Vec<_> = others.map(|of| &of.values).collect();
            others.push(&of_file.values);
            let body = PackFile {
                names: names_in_file(look, &of_file, &people, asker).await?,
                own_names: own_forms(&own, &others),
                sources: if gave { gave_themselves(&child, &people) } else { self.sources(look, id, &people).await? },
                gave,
                people,
                is_child,
                stands,
                done: 0,
            };
            files.push(FileInPack { id: PackFileId(Uuid::now_v7()), version: 0, pack, child: id, body });
        }
        Ok(files)
    }

    /// What there is in a file: what is known first, then everything in order of time, then who had the file and who looked.
    pub(crate) async fn sources(
        &self,
        look: &Look,
        child: ChildId,
        people: &[PersonId],
    ) -> Result<Vec<PackSource>, ServiceError> {
        let source = |kind, id, at_ms| PackSource { kind, id, at_ms };
        let file = look.child(child).await?;
        let begun = file.created_ms;
        let mut first = vec![source(PartKind::Facts, child.0, begun)];
        let family = look.family(child).await?;
        first.extend(family.iter().map(|of| source(PartKind::Facts, of.person.id.0, begun)));
        let mut of_time = Vec::new();
        for referral in look.referrals_of(child).await? {
            let at_ms = referral.submitted_ms.unwrap_or(referral.created_ms);
            of_time.push(source(PartKind::Referral, referral.id.0, at_ms));
            if let Some(call) = look.verification(referral.id).await? {
                of_time.push(source(PartKind::Call, referral.id.0, call.started_ms));
            }
        }
        of_time
            .extend(look.assessments_of(child).await?.iter().map(|of| source(PartKind::Risk, of.id.0, of.created_ms)));
        of_time.extend(
            look.orders_of(child)
                .await?
                .iter()
                .map(|of| source(PartKind::Order, of.id.0, calendar::instant_ms(of.body.order.facts.made_on, 0))),
        );
        of_time.extend(
            look.refusals_of(child)
                .await?
                .iter()
                .map(|of| source(PartKind::Refusal, of.id.0, calendar::instant_ms(of.body.refused.began, 0))),
        );
        of_time.extend(look.plans_of(child).await?.iter().map(|of| source(PartKind::Plan, of.id.0, of.created_ms)));
        let mut sessions = look.sessions_of(child, ALL_DAYS.0, ALL_DAYS.1).await?;
        sessions.extend(look.sessions_put_aside(child, ALL_DAYS.0, ALL_DAYS.1).await?);
        sessions.sort_by_key(|of| of.id);
        sessions.dedup_by_key(|of| of.id);
        of_time.extend(sessions.iter().map(|of| source(PartKind::Session, of.id.0, of.slot.starts_ms())));
        of_time.extend(look.reports_of(child).await?.iter().map(|of| source(PartKind::Report, of.id.0, of.created_ms)));
        of_time.extend(
            look.documents_of(child).await?.iter().map(|of| source(PartKind::Document, of.id.0, of.created_ms)),
        );
        of_time.sort_by_key(|of| (of.at_ms, of.kind.code(), of.id));
        let now_ms = self.now_ms();
        let mut last = vec![source(PartKind::Sharing, child.0, now_ms)];
        if people.is_empty() {
            last.push(source(PartKind::Staff, child.0, now_ms));
            last.push(source(PartKind::Looks, child.0, now_ms));
        } else {
            last.extend(people.iter().map(|person| source(PartKind::Looks, person.0, now_ms)));
        }
        Ok([first, of_time, last].concat())
    }

    /// Collects the next parts of a pack. What was collected is kept with how far it came, so that a job that is run twice adds nothing
    /// twice.
    pub(crate) async fn collect_pack(&self, job: &Job) -> Result<(), ServiceError> {
        let OfPack { pack: id } = job.payload()?;
        let look = self.snapshot().await?;
        let collecting = |pack: &Pack| pack.state == PackState::Collecting && pack.gone_ms.is_none();
        let pack = look.pack(id).await?.filter(collecting);
        let next = match pack {
            Some(_) => look.files_in_pack(id).await?.into_iter().find(|file| file.body.done < file.body.sources.len()),
            None => None,
        };
        let Some(file) = next else {
            look.done("pack.collected", self.now_ms()).await?;
            return self
                .change("pack.collected", |work| async move {
                    if let Some(mut pack) = work.pack(id).await?.filter(collecting) {
                        pack.state = PackState::Deciding;
                        work.save_pack(&mut pack).await?;
                    }
                    self.job_done(&work, job).await
                })
                .await;
        };
        let upto = file.body.sources.len().min(file.body.done + AT_ONCE);
        let mut parts = Vec::new();
        let of = self.reading(&look, &file).await?;
        for source in &file.body.sources[file.body.done..upto] {
            // What was destroyed, or taken away, since it was listed is held no more.
            let written = match of.row(*source).await {
                Err(ServiceError::Store(kith_store::StoreError::NotFound | kith_store::StoreError::Destroyed)) => None,
                written => written?,
            };
            let Some(mut body) = written.and_then(|written| part_of(&file.body, source, written)) else { continue };
            if source.kind == PartKind::Document {
                body.document = document_of(&look, source.id).await?;
            }
            parts.push((*source, body));
        }
        drop(of);
        let mut number = i64::try_from(look.parts_listed(id, false, (0, 0)).await?.1).unwrap_or(i64::MAX - 1_000);
        look.done("pack.collected", self.now_ms()).await?;
        let parts: Vec<PartInPack> = parts
            .into_iter()
            .map(|(source, body)| {
                number += 1;
                PartInPack {
                    id: PackPartId(Uuid::now_v7()),
                    version: 0,
                    pack: id,
                    child: file.child,
                    number,
                    kind: source.kind,
                    source: source.id,
                    undecided: 0,
                    body,
                }
            })
            .collect();
        self.change("pack.collected", |work| {
            let (mut file, mut parts) = (file.clone(), parts.clone());
            async move {
                for part in &mut parts {
                    work.insert_part(part).await?;
                }
                file.body.done = upto;
                work.save_file_in_pack(&mut file).await?;
                work.enqueue(COLLECT, &OfPack { pack: id }, self.now_ms()).await?;
                self.job_done(&work, job).await
            }
        })
        .await
    }
}

/// Where what somebody gave themselves is written down.
fn gave_themselves(child: &Child, people: &[PersonId]) -> Vec<PackSource> {
    let source = |id| PackSource { kind: PartKind::Facts, id, at_ms: child.created_ms };
    if people.is_empty() {
        return vec![source(child.id.0)];
    }
    people.iter().map(|person| source(person.0)).collect()
}

/// A part of what a row says, with the names that are found in it; `None` where nothing in it is about the person.
fn part_of(file: &PackFile, source: &PackSource, written: Written) -> Option<PackPart> {
    let own: Vec<Wanted> = file.own_names.iter().map(|name| Wanted::name(name, 0)).collect();
    let by_name = !file.is_child && !written.theirs;
    let mut lines = written.lines;
    if by_name {
        lines.retain(|(line, about)| {
            let of_them = matches!(about, Some(About::Person(person)) if file.people.contains(person));
            of_them || !occurrences(&line.text, &own).is_empty()
        });
    }
    lines.retain(|(line, _)| !line.text.trim().is_empty());
    if lines.is_empty() {
        return None;
    }
    let wanted: Vec<Wanted> = file
        .names
        .iter()
        .enumerate()
        .flat_map(|(whose, name)| name.forms.iter().map(move |form| Wanted::name(form, whose)))
        .collect();
    let mut found = Vec::new();
    for (number, (line, about)) in lines.iter().enumerate() {
        let whole = |whose| Found { place: Place { line: number, from: 0, to: line.text.len() }, whose, decided: None };
        // What is said of somebody else is theirs, whether or not it names them.
        if let Some(whose) = about.and_then(|about| file.names.iter().position(|name| about.is(name))) {
            found.push(whole(whose));
            continue;
        }
        found.extend(occurrences(&line.text, &wanted).into_iter().map(|(from, to, whose)| {
            let (from, to) = kith_domain::pack::whole_words(&line.text, from, to);
            Found { place: Place { line: number, from, to }, whose, decided: None }
        }));
    }
    Some(PackPart {
        title: written.title,
        at_ms: source.at_ms,
        lines: lines.into_iter().map(|(line, _)| line).collect(),
        by_name,
        theirs: None,
        found,
        marks: Vec::new(),
        document: None,
    })
}

/// The document that a part is about, as one that may go along; `None` of one that was taken off.
pub(super) async fn document_of(look: &Look, id: Uuid) -> Result<Option<PackDocument>, ServiceError> {
    let of = look.document(DocumentId(id)).await?;
    let there = of.state != DocumentState::TakenOff;
    Ok(there.then(|| PackDocument { ending: of.media().code().to_owned(), length: of.body.length, decided: None }))
}

impl About {
    fn is(self, name: &kith_domain::pack::PackName) -> bool {
        match (self, name.subject) {
            (About::Person(person), Some(subject)) => subject.person == Some(person),
            (About::Child(child), Some(subject)) => subject.person.is_none() && subject.file == child,
            _ => false,
        }
    }
}
