//! Putting a pack together: volumes as PDF, the same as data, the schedule of what was taken out, which stays inside.

use std::pin::pin;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use kith_domain::calendar::{self, long_date};
use kith_domain::document::DocumentState;
use kith_domain::ids::{ChildId, DocumentId, PackVolumeId, RequestId};
use kith_domain::notice::NoticeKind;
use kith_domain::pack::{
    EnclosedDocument, Line, PackState, PackVolumeBody, PartKind, Piece, Reason, Redacted, RedactedLine, Removal, redact,
};
use kith_papers::{LetterPart, PackLinePaper, PackPaper, PackPartPaper, PackPiecePaper};
use kith_store::{
    AccountInPack, FileInPack, Job, Look, Media, Pack, PartInPack, PersonRequest, StoreError, VolumeOfPack, Work,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::account::account_data;
use super::collect::document_of;
use super::{AT_ONCE, each_part};
use crate::record::letterhead;
use crate::referral::MARKING;
use crate::rights::COMMISSIONER;
use crate::spreadsheet::line;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

/// The kind of a job that puts a pack together.
pub(crate) const SET: &str = "pack.set";
/// How many characters a volume holds before another is begun: what setting one takes in memory is bounded by it.
pub(crate) const VOLUME_CHARS: usize = 250_000;

/// Which volume of which pack comes next, and after which part.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Next {
    pack: RequestId,
    volume: i64,
    after: i64,
}

/// What was taken out of a pack, with the words: it is kept inside. No Debug: nobody outside may read it.
pub struct Schedule {
    /// The reference of the request.
    pub reference: String,
    /// What was taken out, in order.
    pub lines: Vec<ScheduleLine>,
    /// Parts that are not about the person and in no volume.
    pub not_theirs: usize,
}

/// A document of a pack. No Debug: it is what is held of people.
pub struct PackedDocument {
    /// What it is by its content.
    pub media: Media,
    /// Its length, bytes.
    pub length: u64,
    /// Under which name it goes.
    pub name: String,
    /// What is in it, piece by piece.
    pub content: BoxStream<'static, Result<Bytes, StoreError>>,
}

/// One thing that was taken out.
pub struct ScheduleLine {
    /// In which part: its number and title.
    pub part: (i64, String),
    /// What.
    pub removal: Removal,
    /// By whom it was decided, in words.
    pub by: String,
}

/// A part as it leaves; `None` of one that is not about the person.
fn leaving(part: &PartInPack) -> Option<Redacted> {
    let not_theirs = part.body.left_out().is_some_and(|mark| mark.reason == Reason::NotTheirs);
    (!not_theirs).then(|| redact(&part.body, part.number))
}

impl Desk {
    pub(super) async fn begin_setting(&self, work: &Work, id: RequestId) -> Result<(), ServiceError> {
        work.take_volumes_away(id).await?;
        work.enqueue(SET, &Next { pack: id, volume: 1, after: 0 }, self.now_ms()).await?;
        Ok(())
    }

    /// Sets the next volume of a pack, and leaves the one after it to the next job: one that is run twice finds its volume there.
    pub(crate) async fn set_pack(&self, job: &Job) -> Result<(), ServiceError> {
        let Next { pack: id, volume, after } = job.payload()?;
        let look = self.snapshot().await?;
        let is_set = |pack: &Pack| pack.state == PackState::Setting && pack.gone_ms.is_none();
        let setting = look.pack(id).await?.is_some_and(|pack| is_set(&pack));
        let there = look.volume_numbers(id).await?.contains(&volume);
        let made = if setting && !there { self.volume(&look, id, volume, after).await? } else { None };
        // Those are read as a whole, so only once and not in the transaction.
        let ends = setting && !there && made.is_none();
        let documents = if ends { documents_of(&look, id).await? } else { Vec::new() };
        let accounts = if ends { self.accounts_of_pack(&look, id, volume).await? } else { Vec::new() };
        look.done("pack.set", self.now_ms()).await?;
        self.change("pack.set", |work| {
            let (made, documents, accounts) = (made.clone(), documents.clone(), accounts.clone());
            async move {
                if let Some(mut volume) = made {
                    let next = Next { pack: id, volume: volume.number + 1, after: volume.body.parts.1 };
                    work.insert_volume(&mut volume).await?;
                    work.enqueue(SET, &next, self.now_ms()).await?;
                } else if ends
                    && let Some(mut pack) = work.pack(id).await?.filter(|pack| pack.state == PackState::Setting)
                {
                    for mut of_account in accounts {
                        work.insert_account_in_pack(&mut of_account).await?;
                    }
                    let mut digests = Vec::new();
                    for number in work.volume_numbers(id).await? {
                        digests.push(work.pack_volume_body(id, number).await?.digest);
                    }
                    pack.body.digests = digests;
                    pack.body.documents.clone_from(&documents);
                    pack.state = PackState::Ready;
                    work.save_pack(&mut pack).await?;
                    self.tell_officers(&work, NoticeKind::RequestReady, id.0).await?;
                }
                self.job_done(&work, job).await
            }
        })
        .await
    }

    /// What is held of the members of staff whom a request is about, as the last volumes of its pack; `number` is that of the first.
    async fn accounts_of_pack(
        &self,
        look: &Look,
        id: RequestId,
        number: i64,
    ) -> Result<Vec<AccountInPack>, ServiceError> {
        let request = look.person_request(id).await?;
        if request.body.accounts().is_empty() {
            return Ok(Vec::new());
        }
        let cover = if number == 1 { self.cover_of_pack(look, &request, &[]).await? } else { Vec::new() };
        self.volumes_of_accounts(look, &request, number, cover).await
    }

    /// The volume after a part: parts of one file, until it is full; `None` when there are no more.
    async fn volume(
        &self,
        look: &Look,
        id: RequestId,
        number: i64,
        after: i64,
    ) -> Result<Option<VolumeOfPack>, ServiceError> {
        let files = look.files_in_pack(id).await?;
        let mut taken: Vec<(PartInPack, Redacted)> = Vec::new();
        let (mut chars, mut last, mut child): (usize, i64, Option<ChildId>) = (0, after, None);
        'full: loop {
            let parts = look.parts_of_pack(id, last, AT_ONCE).await?;
            if parts.is_empty() {
                break;
            }
            for mut part in parts {
                if child.is_some_and(|child| child != part.child) || chars > VOLUME_CHARS {
                    break 'full;
                }
                last = part.number;
                as_there(look, &mut part).await?;
                let Some(redacted) = leaving(&part) else { continue };
                child = Some(part.child);
                chars += part.body.lines.iter().map(Line::fills).sum::<usize>();
                taken.push((part, redacted));
            }
        }
        let Some(child) = child else { return Ok(None) };
        let request = look.person_request(id).await?;
        let file = files.iter().find(|file| file.child == child).ok_or(ServiceError::NotFound)?;
        let cover = if number == 1 { self.cover_of_pack(look, &request, &files).await? } else { Vec::new() };
        let register = self.service.register();
        let parts = taken.iter().map(|(part, redacted)| part_paper(part, redacted)).collect();
        let paper = PackPaper {
            letterhead: letterhead(register),
            marking: MARKING.to_owned(),
            reference: format!("{} volume {number}", id.reference()),
            title: "What we hold".to_owned(),
            volume: format!("Volume {number}"),
            to: request.body.asked.name.clone(),
            stands: format!("File {}: {}", child.reference(), kith_domain::form::lower_first(&file.body.stands)),
            cover,
            parts,
            dated: dated(self.now_ms()),
        };
        let pdf = typesetting::set(move || kith_papers::pack(&paper)).await?;
        let digest = hex::encode(Sha256::digest(&pdf));
        let first = taken.first().map_or(after + 1, |(part, _)| part.number);
        let body = PackVolumeBody { length: pdf.len(), pdf: BASE64.encode(&pdf), digest, parts: (first, last) };
        Ok(Some(VolumeOfPack { id: PackVolumeId(Uuid::now_v7()), version: 0, pack: id, child, number, body }))
    }

    /// The letter at the head of a pack: what is in it and how to read it, the story in order of time, and what the law says that
    /// everybody is told (UK GDPR Art 15(1)).
    async fn cover_of_pack(
        &self,
        look: &Look,
        request: &PersonRequest,
        files: &[FileInPack],
    ) -> Result<Vec<LetterPart>, ServiceError> {
        let (id, asked) = (request.id, &request.body.asked);
        let part = |heading: &str, paragraphs: Vec<String>| LetterPart { heading: heading.to_owned(), paragraphs };
        let about = asked.about.as_ref().map_or_else(|| "you".to_owned(), Clone::clone);
        let mut years: std::collections::BTreeMap<i16, Vec<(PartKind, usize)>> = std::collections::BTreeMap::new();
        let (mut removed, mut out, mut not_theirs, mut documents) = (0, 0, 0, 0);
        each_part(look, id, |part| {
            let Some(redacted) = leaving(&part) else {
                not_theirs += 1;
                return;
            };
            removed += redacted.removals.len();
            documents += usize::from(part.body.enclosed().is_some());
            out += usize::from(redacted.lines.is_empty());
            if matches!(part.kind, PartKind::Facts | PartKind::Sharing | PartKind::Staff | PartKind::Looks) {
                return;
            }
            let counts = years.entry(calendar::in_london(part.body.at_ms).year()).or_default();
            match counts.iter_mut().find(|(kind, _)| *kind == part.kind) {
                Some((_, count)) => *count += 1,
                None => counts.push((part.kind, 1)),
            }
        })
        .await?;
        let register = self.service.register();
        let service = &register.authority().service;
        let from = match files.len() {
            0 => "our own staff".to_owned(),
            1 => "one file".to_owned(),
            many => format!("{many} files"),
        };
        let staff = request.body.accounts();
        let what = if files.iter().any(|file| file.body.gave) {
            format!("This is what was given to the {service} by {about} in person, from {from}, to be taken elsewhere.")
        } else {
            format!("This is everything that the {service} holds, from {from}.")
        };
        let also = if staff.is_empty() || files.is_empty() {
            ""
        } else {
            " What is held of you as a member of our staff stands in the last volume."
        };
        let mut cover = vec![part(
            "What this is",
            vec![
                format!(
                    "You asked us on {} about what we hold of {about}. {what}{also} Every part has a number; the list of parts is behind \
                     this letter.",
                    long_date(asked.received),
                ),
                "It stands in order of time. Some of it may be hard to read. If you would like somebody beside you when you read it, \
                 or have it read to you, call us."
                    .to_owned(),
            ],
        )];
        let story: Vec<String> = years
            .into_iter()
            .map(|(year, counts)| {
                let words: Vec<String> = counts.into_iter().map(|(kind, count)| counted(kind, count)).collect();
                format!("{year}: {}.", kith_domain::words::in_words(&words))
            })
            .collect();
        if !story.is_empty() {
            cover.push(part("The story in short", story));
        }
        if documents > 0 {
            let words = match documents {
                1 => "1 document goes along as a file of its own. It is named in the part that says what it is."
                    .to_owned(),
                many => format!(
                    "{many} documents go along as files of their own. Each is named in the part that says what it is."
                ),
            };
            cover.push(part("Documents", vec![words]));
        }
        let mut taken = Vec::new();
        if removed == 0 {
            taken.push("Nothing is taken out.".to_owned());
        } else {
            let times = if removed == 1 { "once".to_owned() } else { format!("{removed} times") };
            taken.push(format!(
                "A black bar with a number stands where we took something out, {times}. We did it because it is about somebody else who \
                 has the same rights as you, or because the law tells us to keep it back. What was there is not in this paper any more.",
            ));
        }
        if out > 0 {
            let parts = if out == 1 { "1 part is".to_owned() } else { format!("{out} parts are") };
            taken.push(format!("{parts} left out as a whole, and named in the list."));
        }
        if not_theirs > 0 {
            taken.push(
                "A number that is missing in the list is a part in which a name stands that turned out to be somebody else’s."
                    .to_owned(),
            );
        }
        taken.push("If you think that we took out too much, tell us, and somebody else looks at it again.".to_owned());
        cover.push(part("What is not in it", taken));
        cover.push(part("What the law says that you are told", self.told(files)));
        Ok(cover)
    }

    /// What everybody is told who asks for access, from the register (UK GDPR Art 15(1)(a) to (h)).
    fn told(&self, files: &[FileInPack]) -> Vec<String> {
        let register = self.service.register();
        let authority = register.authority();
        let mut told = vec![
            format!(
                "We use it to arrange contact between children in care and their families and to keep the record of it, because the \
                 law tells us to (Children Act 1989, section 34). All that we use it for, with whom it is shared and for how long each \
                 kind is kept stands in our privacy notice: ask us for it on paper, or read it at the address of this service under \
                 /privacy.",
            ),
            "It came from the social workers who refer children to us, from you and your family, from the people who care for the \
             child, and from what our own staff saw and heard. Part by part it says who said it."
                .to_owned(),
            "No decision about you is taken by a machine.".to_owned(),
        ];
        if files.iter().any(|file| file.body.is_child) {
            told.push(
                "A child’s file is kept until the 75th anniversary of the child’s birth, and then destroyed."
                    .to_owned(),
            );
        }
        told.push(format!(
            "You can ask us to put something right or to note that you see it otherwise, to delete it, to stop using it for a while, and \
             you can object: {}, {}. You can complain to us, and to {COMMISSIONER}.",
            authority.phone, authority.dpo_email
        ));
        told
    }

    /// A volume of a pack, as a PDF file, for those who put it together and check it.
    pub async fn pack_volume(&self, id: RequestId, number: i64) -> Result<Vec<u8>, ServiceError> {
        let desk = self.of_rights();
        let (look, ..) = desk.look_at_pack(id).await?;
        let bytes = volume_bytes(&look, id, number).await?;
        look.done("pack.volume_read", self.now_ms()).await?;
        Ok(bytes)
    }

    /// A document of a pack, for those who decide whether it goes along.
    pub async fn pack_document(&self, id: RequestId, number: i64) -> Result<PackedDocument, ServiceError> {
        let desk = self.of_rights();
        let (look, ..) = desk.look_at_pack(id).await?;
        let document = document_in(&look, id, number).await?;
        look.done("pack.document_read", self.now_ms()).await?;
        Ok(document)
    }

    /// A pack as data, as it leaves.
    pub async fn pack_data(&self, id: RequestId) -> Result<Value, ServiceError> {
        let desk = self.of_rights();
        let (look, pack, _) = desk.look_at_pack(id).await?;
        if !matches!(pack.state, PackState::Ready | PackState::Released) {
            return Err(ServiceError::NotFound);
        }
        let data = data(&look, id).await?;
        look.done("pack.data_read", self.now_ms()).await?;
        Ok(data)
    }

    /// What was taken out of a pack and why.
    pub async fn pack_schedule(&self, id: RequestId) -> Result<Schedule, ServiceError> {
        let desk = self.of_rights();
        let (look, ..) = desk.look_at_pack(id).await?;
        let mut schedule = Schedule { reference: id.reference(), lines: Vec::new(), not_theirs: 0 };
        each_part(&look, id, |part| {
            let Some(redacted) = leaving(&part) else {
                schedule.not_theirs += 1;
                return;
            };
            for removal in redacted.removals {
                let names: Vec<String> = removal.by.iter().map(|by| self.service.name_of(*by)).collect();
                let by = if names.is_empty() { "Nobody yet".to_owned() } else { kith_domain::words::in_words(&names) };
                schedule.lines.push(ScheduleLine { part: (part.number, part.body.title.clone()), removal, by });
            }
        })
        .await?;
        look.done("pack.schedule_read", self.now_ms()).await?;
        Ok(schedule)
    }
}

/// Takes the document out of a part from which it was taken off since somebody decided of it.
async fn as_there(look: &Look, part: &mut PartInPack) -> Result<(), ServiceError> {
    if part.body.document.is_some() && document_of(look, part.source).await?.is_none() {
        was_taken_off(part);
    }
    Ok(())
}

fn was_taken_off(part: &mut PartInPack) {
    part.body.document = None;
    part.body.lines.push(Line::new("The document itself", "It was taken off and is not held any more"));
}

/// The documents that go along, each read once from its beginning to its end.
async fn documents_of(look: &Look, id: RequestId) -> Result<Vec<EnclosedDocument>, ServiceError> {
    let mut chosen = Vec::new();
    each_part(look, id, |part| {
        let name = part.body.enclosed().map(|document| document.name(part.number));
        chosen.extend(name.map(|name| (part.number, DocumentId(part.source), name)));
    })
    .await?;
    let mut enclosed = Vec::with_capacity(chosen.len());
    for (part, document, name) in chosen {
        let of = look.document(document).await?;
        if of.state == DocumentState::TakenOff {
            continue;
        }
        let mut content = pin!(look.content_of(&of).await?);
        let (mut hash, mut length) = (Sha256::new(), 0);
        while let Some(piece) = content.next().await {
            let piece = piece?;
            hash.update(&piece);
            length += piece.len() as u64;
        }
        enclosed.push(EnclosedDocument { part, name, length, digest: hex::encode(hash.finalize()) });
    }
    Ok(enclosed)
}

/// A document of a pack, whether it goes along or not, piece by piece: of what kind it is, its length in bytes, what is in it.
/// [`ServiceError::NotFound`] of one that is not there.
pub(super) async fn document_in(look: &Look, id: RequestId, number: i64) -> Result<PackedDocument, ServiceError> {
    let part = look.part_of_pack(id, number).await?;
    let document = part.body.document.ok_or(ServiceError::NotFound)?;
    let of = look.document(DocumentId(part.source)).await?;
    let content = look.content_of(&of).await?.boxed();
    Ok(PackedDocument { media: of.media(), length: of.body.length, name: document.name(number), content })
}

/// The same of one that goes along.
pub(super) async fn enclosed_in(look: &Look, id: RequestId, number: i64) -> Result<PackedDocument, ServiceError> {
    let pack = look.pack(id).await?.ok_or(ServiceError::NotFound)?;
    if !pack.body.documents.iter().any(|document| document.part == number) {
        return Err(ServiceError::NotFound);
    }
    document_in(look, id, number).await
}

/// The bytes of a volume.
pub(super) async fn volume_bytes(look: &Look, id: RequestId, number: i64) -> Result<Vec<u8>, ServiceError> {
    let volume = look.pack_volume_body(id, number).await?;
    let broken =
        || ServiceError::Broken("a volume of a pack cannot be read back: give the pack back and put it together again");
    let bytes = BASE64.decode(&volume.pdf).map_err(|_| broken())?;
    if hex::encode(Sha256::digest(&bytes)) != volume.digest {
        return Err(broken());
    }
    Ok(bytes)
}

/// A pack as it leaves, as data: the same parts and lines as in its volumes.
pub(super) async fn data(look: &Look, id: RequestId) -> Result<Value, ServiceError> {
    let documents = look.pack(id).await?.ok_or(ServiceError::NotFound)?.body.documents;
    let mut all = Vec::new();
    each_part(look, id, |mut part| {
        let goes = documents.iter().any(|document| document.part == part.number);
        if part.body.enclosed().is_some() && !goes {
            was_taken_off(&mut part);
        }
        all.extend(part_data(&part, &documents));
    })
    .await?;
    let accounts = look.accounts_in_pack(id).await?;
    all.extend(account_data(
        &accounts,
        usize::try_from(look.parts_listed(id, false, (0, 0)).await?.1).unwrap_or_default(),
    ));
    Ok(json!({ "format": "kith-access-pack/1", "request": id.reference(), "parts": all }))
}

/// A part as it leaves, as data; `None` of one that is not about the person.
fn part_data(part: &PartInPack, documents: &[EnclosedDocument]) -> Option<Value> {
    let redacted = leaving(part)?;
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => json!({ "words": words }),
        Piece::Removed(number) => json!({ "removed": number }),
    };
    let line =
        |line: &RedactedLine| json!({ "label": line.label, "text": line.pieces.iter().map(piece).collect::<Vec<_>>() });
    let at = jiff::Timestamp::from_millisecond(part.body.at_ms).map(|at| at.to_string()).unwrap_or_default();
    let document = documents.iter().find(|document| document.part == part.number);
    let document = document.map(|of| json!({ "name": of.name, "length": of.length, "sha256": of.digest }));
    Some(json!({
        "document": document,
        "number": part.number,
        "kind": part.kind.code(),
        "title": part.body.title,
        "at": at,
        "file": part.child.reference(),
        "left_out": part.body.left_out().is_some(),
        "lines": redacted.lines.iter().map(line).collect::<Vec<_>>(),
    }))
}

/// The same as a table (RFC 4180): number, title, instant, label and text of each line; a bar's number in brackets.
pub fn table(data: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut rows = line(["number", "title", "at", "label", "text"]);
    for part in data["parts"].as_array().into_iter().flatten() {
        for of in part["lines"].as_array().into_iter().flatten() {
            let pieces = of["text"].as_array().into_iter().flatten();
            let words: String = pieces
                .map(|piece| match piece["removed"].as_str() {
                    Some(number) => format!("[{number}]"),
                    None => text(&piece["words"]),
                })
                .collect();
            rows +=
                &line([part["number"].to_string(), text(&part["title"]), text(&part["at"]), text(&of["label"]), words]);
        }
    }
    rows
}

fn part_paper(part: &PartInPack, redacted: &Redacted) -> PackPartPaper {
    let piece = |piece: &Piece| match piece {
        Piece::Words(words) => PackPiecePaper { words: words.clone(), removed: String::new() },
        Piece::Removed(number) => PackPiecePaper { words: String::new(), removed: number.clone() },
    };
    PackPartPaper {
        number: part.number.to_string(),
        title: part.body.title.clone(),
        left_out: redacted.lines.is_empty(),
        lines: redacted
            .lines
            .iter()
            .map(|line| PackLinePaper { label: line.label.clone(), pieces: line.pieces.iter().map(piece).collect() })
            .collect(),
    }
}

/// `2 contact sessions`.
fn counted(kind: PartKind, count: usize) -> String {
    let words = kith_domain::form::lower_first(kind.label());
    match (kind, count) {
        (PartKind::Refusal, 1) => "contact refused once".to_owned(),
        (PartKind::Refusal, count) => format!("contact refused {count} times"),
        (PartKind::Call, 1) => "1 phone call that checked a referral".to_owned(),
        (PartKind::Call, count) => format!("{count} phone calls that checked referrals"),
        (PartKind::Report, count) if count > 1 => format!("{count} reports for court"),
        (_, 1) => format!("1 {words}"),
        (_, count) => format!("{count} {words}s"),
    }
}
