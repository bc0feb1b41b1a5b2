//! The job that makes a bag: everything in the file, volume by volume as PDF/A and as JSON, and the documents as they were added. It may
//! be cut short at any instant and run again: what it laid down by then is referred to by nothing, and its key is in no row.

use bytes::Bytes;
use futures_util::StreamExt as _;
use kith_domain::calendar::{self, long_date};
use kith_domain::document::DocumentState;
use kith_domain::form::lower_first;
use kith_domain::ids::{ArchiveBagId, ArchiveTransferId, ChildId, PackFileId, RequestId};
use kith_domain::notice::NoticeKind;
use kith_domain::pack::{PackFile, PackSource, PartKind};
use kith_domain::retention::{BagState, MadeBag, ToArchive, TransferState};
use kith_papers::{LetterPart, PackLinePaper, PackPaper, PackPartPaper, PackPiecePaper};
use kith_store::{ArchiveBag, ArchiveTransfer, FileInPack, Job, Laid, Laying, StoreError};
use serde_json::{Value, json};
use uuid::Uuid;

use super::bag::{BagInfo, BagWriter, WrittenBag};
use super::{ENDED, OfBag, OfTransfer};
use crate::pack::VOLUME_CHARS;
use crate::pack::words::{Written, enclosed_as};
use crate::record::letterhead;
use crate::referral::MARKING;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

/// The schema of the volumes as data.
const SCHEMA: &str = include_str!("schema.json");

/// A part of the file with where it comes from.
struct Part {
    number: usize,
    source: PackSource,
    written: Written,
    document: Option<String>,
}

/// A bag that is being laid down.
struct Making<'l> {
    bag: BagWriter,
    laying: Laying<'l>,
}

impl Making<'_> {
    async fn give(&mut self, some: Vec<u8>) -> Result<(), ServiceError> {
        Ok(self.laying.give(Bytes::from(some)).await.map_err(StoreError::from)?)
    }

    async fn file(&mut self, path: &str, bytes: &[u8]) -> Result<(), ServiceError> {
        let out = self.bag.file(path, bytes)?;
        self.give(out).await
    }
}

impl Desk {
    /// Makes the bag of a transfer, if nothing came in between: an approval that counts no more, a hold, a date that moved.
    pub(crate) async fn make_bag(&self, job: &Job) -> Result<(), ServiceError> {
        let OfTransfer { transfer: id } = job.payload()?;
        let goes_on = self
            .change("archive.begun", |work| async move {
                let transfer = self.still_goes(&work, id).await?;
                if transfer.is_none() {
                    self.job_done(&work, job).await?;
                }
                Ok(transfer)
            })
            .await?;
        let Some(transfer) = goes_on else { return Ok(()) };
        // Cut short and run again, it is the same bag with the same key: none stays that belongs to nothing.
        let bag = ArchiveBagId(job.id);
        let made_ms = self.now_ms();
        let (laid, written) = self.lay_bag_down(&transfer, made_ms).await?;
        self.service.store().create_file_key(bag.0).await?;
        let kept = self
            .change("archive.made", |work| {
                let made = MadeBag {
                    bag,
                    at_ms: made_ms,
                    digest: written.digest.clone(),
                    length: written.length,
                    files: written.files,
                    days: self.service.register().archive_bag_days(),
                };
                let laid = &laid;
                async move {
                    let still = self.still_goes(&work, id).await?;
                    let kept = still.is_some();
                    if let Some(mut transfer) = still {
                        work.insert_archive_bag(&mut ArchiveBag::new(bag, &transfer, laid, made_ms)).await?;
                        work.enqueue(ENDED, &OfBag { bag }, made.until_ms()).await?;
                        transfer.state = TransferState::Made;
                        transfer.body.made.push(made);
                        work.save_archive_transfer(&mut transfer).await?;
                        self.tell_officers(&work, NoticeKind::ArchiveReady, id.0).await?;
                    } else if !work.has_bag(bag).await? {
                        // Something came in between: it has ended before it was there, and its key goes by the door for such.
                        let transfer = work.archive_transfer(id).await?;
                        let mut ended = ArchiveBag::new(bag, &transfer, laid, made_ms);
                        ended.state = BagState::Ended;
                        work.insert_archive_bag(&mut ended).await?;
                        work.enqueue(ENDED, &OfBag { bag }, made_ms).await?;
                    }
                    self.job_done(&work, job).await?;
                    Ok(kept)
                }
            })
            .await;
        // Where it is not certain that nothing was saved, what was laid down stays: without its row nobody can read it.
        if matches!(kept, Ok(false)) {
            self.look().let_go(laid.object).await?;
        }
        kept.map(drop)
    }

    /// Writes the bag and lays it down, sealed.
    async fn lay_bag_down(&self, transfer: &ArchiveTransfer, made_ms: i64) -> Result<(Laid, WrittenBag), ServiceError> {
        let own = self.look();
        let (bag, first) = BagWriter::begin(bag_name(transfer.id), made_ms)?;
        let laying = own.lay_down().await?;
        let mut making = Making { bag, laying };
        let written = match self.fill(&mut making, transfer, made_ms, first).await {
            Ok(()) => making.bag.finish(&self.bag_info(transfer.id, made_ms)),
            Err(error) => Err(error),
        };
        match written {
            Ok((written, last)) => {
                making.laying.give(Bytes::from(last)).await.map_err(StoreError::from)?;
                Ok((making.laying.finish().await.map_err(StoreError::from)?, written))
            }
            Err(error) => {
                making.laying.abort().await;
                Err(error)
            }
        }
    }

    async fn fill(
        &self,
        making: &mut Making<'_>,
        transfer: &ArchiveTransfer,
        made_ms: i64,
        first: Vec<u8>,
    ) -> Result<(), ServiceError> {
        making.give(first).await?;
        let asked = &transfer.body.asked;
        making.file("about.txt", about(transfer, made_ms).as_bytes()).await?;
        making.file("volume.schema.json", SCHEMA.as_bytes()).await?;
        let look = self.snapshot().await?;
        let mut sources = self.sources(&look, transfer.child, &[]).await?;
        look.done("archive.looked_through", self.now_ms()).await?;
        sources.retain(|source| !asked.left_out.contains(&source.kind));
        let (mut sources, mut number) = (sources.as_slice(), 0);
        for volume in 1.. {
            let (parts, rest) = self.volume_of_file(transfer, sources, number).await?;
            let Some(last) = parts.last() else { break };
            number = last.number;
            sources = rest;
            let data = format!("{:#}\n", data(transfer, volume, &parts));
            let paper = self.volume_paper(transfer, volume, made_ms, parts);
            let pdf = typesetting::set(move || kith_papers::archived(&paper)).await?;
            making.file(&format!("volume-{volume}.pdf"), &pdf).await?;
            making.file(&format!("volume-{volume}.json"), data.as_bytes()).await?;
        }
        if !asked.left_out.contains(&PartKind::Document) {
            self.enclose(making, transfer.child).await?;
        }
        Ok(())
    }

    /// The parts of the next volume, and what is left for those after it. A look of its own: what a volume opened is in the log before
    /// the next one is begun.
    async fn volume_of_file<'s>(
        &self,
        transfer: &ArchiveTransfer,
        sources: &'s [PackSource],
        before: usize,
    ) -> Result<(Vec<Part>, &'s [PackSource]), ServiceError> {
        let look = self.snapshot().await?;
        let file = whole_file(transfer.child);
        let of = self.reading(&look, &file).await?.with_documents();
        let (mut parts, mut chars, mut taken): (Vec<Part>, usize, usize) = (Vec::new(), 0, 0);
        for source in sources {
            if chars > VOLUME_CHARS {
                break;
            }
            taken += 1;
            let written = match of.row(*source).await {
                Err(ServiceError::Store(StoreError::NotFound | StoreError::Destroyed)) => None,
                written => written?,
            };
            let Some(written) = written else { continue };
            chars += written.lines.iter().map(|(line, _)| line.fills()).sum::<usize>();
            let document = match source.kind {
                PartKind::Document => {
                    let of = look.document(kith_domain::ids::DocumentId(source.id)).await?;
                    (of.state == DocumentState::Kept).then(|| enclosed_as(&of))
                }
                _ => None,
            };
            parts.push(Part { number: before + parts.len() + 1, source: *source, written, document });
        }
        drop(of);
        look.done("archive.collected", self.now_ms()).await?;
        Ok((parts, &sources[taken..]))
    }

    fn volume_paper(&self, transfer: &ArchiveTransfer, volume: usize, made_ms: i64, parts: Vec<Part>) -> PackPaper {
        let words = |words: String| PackPiecePaper { words, removed: String::new() };
        let part = |part: Part| PackPartPaper {
            number: part.number.to_string(),
            title: part.written.title,
            left_out: false,
            lines: part
                .written
                .lines
                .into_iter()
                .map(|(line, _)| PackLinePaper { label: line.label, pieces: vec![words(line.text)] })
                .collect(),
        };
        let paragraphs = about_lines(transfer, made_ms);
        let cover = LetterPart { heading: "What this is".to_owned(), paragraphs };
        PackPaper {
            letterhead: letterhead(self.service.register()),
            marking: MARKING.to_owned(),
            reference: format!("{} volume {volume}", transfer.id.reference()),
            title: "A file for the archive".to_owned(),
            volume: format!("Volume {volume}"),
            to: transfer.body.asked.archive.clone(),
            stands: format!("File {}", transfer.child.reference()),
            cover: if volume == 1 { vec![cover] } else { Vec::new() },
            parts: parts.into_iter().map(part).collect(),
            dated: dated(made_ms),
        }
    }

    /// The documents of the file as they were added, piece by piece.
    async fn enclose(&self, making: &mut Making<'_>, child: ChildId) -> Result<(), ServiceError> {
        let look = self.snapshot().await?;
        let mut documents = look.documents_of(child).await?;
        documents.retain(|document| document.state == DocumentState::Kept);
        documents.sort_by_key(|document| (document.created_ms, document.id));
        look.done("archive.documents_collected", self.now_ms()).await?;
        for document in documents {
            let look = self.look();
            let head = making.bag.open(&enclosed_as(&document), document.body.length)?;
            making.give(head).await?;
            let mut content = Box::pin(look.content_of(&document).await?);
            while let Some(piece) = content.next().await {
                let piece = piece?;
                making.bag.more(&piece)?;
                making.laying.give(piece).await.map_err(StoreError::from)?;
            }
            let end = making.bag.close()?;
            making.give(end).await?;
        }
        Ok(())
    }

    fn bag_info(&self, id: ArchiveTransferId, made_ms: i64) -> BagInfo {
        let authority = self.service.register().authority();
        BagInfo {
            organisation: authority.name.clone(),
            address: authority.address.join(", "),
            phone: authority.phone.clone(),
            email: authority.dpo_email.clone(),
            reference: id.reference(),
            made_on: calendar::in_london(made_ms).date(),
        }
    }
}

/// The directory of a bag, and how its file is called: it names nobody.
pub(super) fn bag_name(id: ArchiveTransferId) -> String {
    format!("kith-{}", id.reference())
}

/// A file as a whole: nobody's name is looked for in it, and nothing is about somebody else.
fn whole_file(child: ChildId) -> FileInPack {
    let body = PackFile {
        people: Vec::new(),
        is_child: true,
        stands: String::new(),
        gave: false,
        own_names: Vec::new(),
        names: Vec::new(),
        sources: Vec::new(),
        done: 0,
    };
    FileInPack { id: PackFileId(Uuid::nil()), version: 0, pack: RequestId(Uuid::nil()), child, body }
}

/// A volume as data, see `schema.json`.
fn data(transfer: &ArchiveTransfer, volume: usize, parts: &[Part]) -> Value {
    let part = |part: &Part| {
        let at = jiff::Timestamp::from_millisecond(part.source.at_ms).map(|at| at.to_string()).unwrap_or_default();
        let lines = part.written.lines.iter().map(|(line, _)| json!({ "label": line.label, "text": line.text }));
        let mut value = json!({
            "number": part.number,
            "kind": part.source.kind.code(),
            "title": part.written.title,
            "at": at,
            "source": part.source.id,
            "lines": lines.collect::<Vec<_>>(),
        });
        if let Some(document) = &part.document {
            value["document"] = json!(document);
        }
        value
    };
    json!({
        "format": "kith-archive/1",
        "transfer": transfer.id.reference(),
        "file": transfer.child.reference(),
        "volume": volume,
        "parts": parts.iter().map(part).collect::<Vec<_>>(),
    })
}

/// What a bag is, for whoever opens it in a hundred years.
fn about(transfer: &ArchiveTransfer, made_ms: i64) -> String {
    let mut text = about_lines(transfer, made_ms).join("\n\n");
    text.push_str(
        "\n\nvolume-1.pdf and the volumes after it are to be read by people (PDF/A-2a, ISO 19005-2). volume-1.json and those after it \
         say the same, to be read by machines; volume.schema.json says how (JSON Schema 2020-12). In documents/ are letters, orders and \
         pictures as they were added, each under its id: the part that describes it names it.\n",
    );
    text
}

fn about_lines(transfer: &ArchiveTransfer, made_ms: i64) -> Vec<String> {
    let asked: &ToArchive = &transfer.body.asked;
    let day = long_date(calendar::in_london(made_ms).date());
    let mut lines = vec![format!(
        "This is the file {} about a child’s contact with their family, made on {day} for {}. Its time with the council is over. \
         Nobody’s name is taken out of it: it is not for the public before the archive says so.",
        transfer.child.reference(),
        asked.archive,
    )];
    let basis = lower_first(asked.basis.label());
    lines.push(format!("It went on this basis: {basis}: {}. Asked for by {}.", asked.under, asked.asked_by));
    if asked.left_out.is_empty() {
        lines.push("Everything that the file said is in it.".to_owned());
    } else {
        let kinds: Vec<String> = asked.left_out.iter().map(|kind| lower_first(kind.label())).collect();
        let why = asked.left_out_why.as_deref().unwrap_or_default();
        lines.push(format!("Left out of it: {}. Why: {why}.", kinds.join("; "), why = why.trim_end_matches('.')));
    }
    lines
}
