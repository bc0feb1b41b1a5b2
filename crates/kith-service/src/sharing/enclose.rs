//! Whole papers beside a disclosure: read so that they can be weighed, set or fetched as they go, held against how much goes at all.

use futures_util::StreamExt;
use kith_domain::document::DocumentState;
use kith_domain::ids::{ChildId, DocumentId, ReportId, SessionId};
use kith_domain::sharing::{ENCLOSED_BYTES_MAX, Enclosed, Enclosure, Stays, WeighedEnclosure, WentEnclosed};
use kith_papers::{PeriodReportPaper, SessionRecordPaper};
use kith_store::{Document, FileFault, FileScope, Look, StoreError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::choose::{document_label, record_label, report_label};
use super::exports::EXPORTS;
use crate::policy::Resource;
use crate::record::record_paper_of;
use crate::report::address::Address;
use crate::report::as_signed;
use crate::{Desk, ServiceError, typesetting};

/// A paper with what it is made from. No Debug: it is personal.
pub(super) struct ReadPaper {
    pub(super) of: Enclosed,
    source: Source,
}

/// What a paper is made from.
enum Source {
    /// Nothing: it cannot go.
    None,
    Record(Box<SessionRecordPaper>),
    Report(Box<PeriodReportPaper>),
    Document(Box<Document>),
}

/// A paper as it goes.
pub(super) struct SetPaper {
    /// What is kept of it.
    pub(super) went: WentEnclosed,
    /// It.
    pub(super) bytes: Vec<u8>,
}

impl ReadPaper {
    fn not(what: Enclosure, fault: Stays) -> Self {
        let of = Enclosed {
            what,
            label: what.kind().label().to_owned(),
            items: Vec::new(),
            permitted: false,
            fault: Some(fault),
            readable: false,
            names_address: false,
            kept_from: false,
            mark: String::new(),
            length: 0,
        };
        Self { of, source: Source::None }
    }
}

/// A digest of a paper that is to be set, and whether it names an address.
fn looked_through<T: Serialize + DeserializeOwned>(
    paper: &T,
    address: &Address,
) -> Result<(String, bool), ServiceError> {
    let text =
        serde_json::to_vec(paper).map_err(|_| ServiceError::Broken("a paper could not be read (an error in Kith)"))?;
    Ok((hex::encode(Sha256::digest(&text)), address.withheld_from(paper)?.1))
}

/// A document of a child's file, if it is in it and there.
pub(super) async fn document_in(look: &Look, child: ChildId, id: DocumentId) -> Result<Option<Document>, ServiceError> {
    match look.document(id).await {
        Ok(of) if of.state == DocumentState::Kept && of.body.children.contains(&child) => Ok(Some(of)),
        Ok(_) | Err(StoreError::NotFound | StoreError::Destroyed) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Desk {
    /// Reads the papers that were chosen. What is not there, not of this child or not signed says so and goes to nobody. `address` is
    /// where the child lives.
    pub(super) async fn read_papers(
        &self,
        look: &Look,
        child: ChildId,
        address: &Address,
        chosen: &[Enclosure],
    ) -> Result<Vec<ReadPaper>, ServiceError> {
        let mut papers = Vec::with_capacity(chosen.len());
        if chosen.is_empty() {
            return Ok(papers);
        }
        let scope = look.file_scope(child).await?.ok_or(ServiceError::NotFound)?;
        for what in chosen {
            papers.push(match *what {
                Enclosure::Record(id) => self.read_record_to_go(look, child, address, id).await?,
                Enclosure::Report(id) => self.read_report_to_go(look, child, &scope, address, id).await?,
                Enclosure::Document(id) => self.read_document_to_go(look, child, &scope, id).await?,
            });
        }
        Ok(papers)
    }

    /// Whether such a paper may be read for this purpose: by whoever sends it. Whoever types a code is nobody here, and that the sender
    /// may was asked when it was sent; by then it is asked whether such a paper leaves for this purpose at all.
    fn may_go(&self, action: &str, of: &Resource) -> bool {
        if self.actor().account.is_some() {
            return self.permits(action, of);
        }
        EXPORTS.iter().any(|export| export.action == action && export.purposes.contains(&self.access.purpose))
    }

    async fn read_record_to_go(
        &self,
        look: &Look,
        child: ChildId,
        address: &Address,
        id: SessionId,
    ) -> Result<ReadPaper, ServiceError> {
        let what = Enclosure::Record(id);
        let Some(listed) = look.readable_record(child, id).await? else {
            let of_child = look.session_scope(id).await?.is_some_and(|scope| scope.children().contains(&child));
            return Ok(ReadPaper::not(what, if of_child { Stays::NotSigned } else { Stays::Gone }));
        };
        let scope = look.session_scope(id).await?.ok_or(ServiceError::NotFound)?;
        let label = record_label(&listed);
        if !self.may_go("record.read", &Resource::Session(&scope)) {
            let mut paper = ReadPaper::not(what, Stays::NotForPurpose);
            paper.of.label = label;
            return Ok(paper);
        }
        let view = self.load_record_of(look, id, child).await?;
        let paper = record_paper_of(&view, self.service.register());
        let (mark, names_address) = looked_through(&paper, address)?;
        let mut items = what.kind().items(None);
        if !paper.concerns.is_empty() {
            items.push("child.concerns".to_owned());
        }
        let of = Enclosed {
            what,
            label,
            items,
            permitted: true,
            fault: None,
            readable: true,
            names_address,
            kept_from: false,
            mark,
            length: 0,
        };
        Ok(ReadPaper { of, source: Source::Record(Box::new(paper)) })
    }

    async fn read_report_to_go(
        &self,
        look: &Look,
        child: ChildId,
        scope: &FileScope,
        address: &Address,
        id: ReportId,
    ) -> Result<ReadPaper, ServiceError> {
        let what = Enclosure::Report(id);
        let Some(listed) = look.signed_reports_of(child).await?.into_iter().find(|of| of.id == id) else {
            let of_child = look.child_of_report(id).await? == Some(child);
            return Ok(ReadPaper::not(what, if of_child { Stays::NotSigned } else { Stays::Gone }));
        };
        let label = report_label(&listed);
        if !self.may_go("report.read", &Resource::File(scope)) {
            let mut paper = ReadPaper::not(what, Stays::NotForPurpose);
            paper.of.label = label;
            return Ok(paper);
        }
        let report = look.report(id).await?;
        let paper = as_signed(&report)?;
        let (mark, names_address) = looked_through(&paper, address)?;
        let of = Enclosed {
            what,
            label,
            items: what.kind().items(None),
            permitted: true,
            fault: None,
            readable: true,
            names_address,
            kept_from: false,
            mark,
            length: 0,
        };
        Ok(ReadPaper { of, source: Source::Report(Box::new(paper)) })
    }

    async fn read_document_to_go(
        &self,
        look: &Look,
        child: ChildId,
        scope: &FileScope,
        id: DocumentId,
    ) -> Result<ReadPaper, ServiceError> {
        let what = Enclosure::Document(id);
        // Taken off or never there: asked before it is opened, so that nothing of another's file is.
        let theirs = look.whose_document(id).await?.is_some_and(|(_, children)| children.contains(&child));
        let found = if theirs { document_in(look, child, id).await? } else { None };
        let Some(document) = found else { return Ok(ReadPaper::not(what, Stays::Gone)) };
        let fault = match look.content_of(&document).await {
            Ok(_) => None,
            Err(StoreError::DocumentAltered { .. } | StoreError::NotFound) => Some(Stays::Unreadable),
            Err(error) => return Err(error.into()),
        };
        let mark = [hex::encode(&document.digest), format!("{:?}", document.body.confidential_from)].join(" ");
        let of = Enclosed {
            what,
            label: document_label(&document),
            items: what.kind().items(Some(document.body.facts.kind)),
            permitted: self.may_go("file.read", &Resource::File(scope)),
            fault,
            readable: false,
            names_address: false,
            kept_from: !document.body.confidential_from.is_empty(),
            mark,
            length: document.body.length,
        };
        Ok(ReadPaper { of, source: Source::Document(Box::new(document)) })
    }

    /// What is in the documents that go, within the look in which they were weighed: each as bytes, in the order of the papers.
    pub(super) async fn fetch_documents(
        &self,
        look: &Look,
        papers: &[ReadPaper],
        weighed: &[WeighedEnclosure],
    ) -> Result<Vec<Option<Vec<u8>>>, ServiceError> {
        not_too_much(weighed.iter().filter(|of| of.stays.is_none()).map(|of| of.length).sum())?;
        let mut fetched = Vec::with_capacity(papers.len());
        for (paper, weighed) in papers.iter().zip(weighed) {
            let Source::Document(document) = &paper.source else {
                fetched.push(None);
                continue;
            };
            if weighed.stays.is_some() {
                fetched.push(None);
                continue;
            }
            fetched.push(Some(content(look, document, &weighed.label).await?));
        }
        Ok(fetched)
    }

    /// Sets records and reports, and puts what goes in order, with its digests.
    pub(super) async fn set_papers(
        &self,
        papers: Vec<ReadPaper>,
        weighed: &[WeighedEnclosure],
        documents: Vec<Option<Vec<u8>>>,
    ) -> Result<Vec<SetPaper>, ServiceError> {
        let (mut set, mut number, mut total) = (Vec::with_capacity(papers.len()), 0, 0);
        for ((paper, weighed), document) in papers.into_iter().zip(weighed).zip(documents) {
            let mut went = WentEnclosed {
                what: weighed.what,
                label: weighed.label.clone(),
                stays: weighed.stays,
                number: 0,
                media: String::new(),
                digest: String::new(),
                length: 0,
            };
            if weighed.stays.is_some() {
                set.push(SetPaper { went, bytes: Vec::new() });
                continue;
            }
            let (media, bytes) = match (paper.source, document) {
                (Source::Record(paper), _) => {
                    ("pdf".to_owned(), typesetting::set(move || kith_papers::session_record(&paper)).await?)
                }
                (Source::Report(paper), _) => {
                    ("pdf".to_owned(), typesetting::set(move || kith_papers::period_report(&paper)).await?)
                }
                (Source::Document(document), Some(bytes)) => (document.media().code().to_owned(), bytes),
                (Source::None | Source::Document(_), _) => return Err(ServiceError::NotFound),
            };
            number += 1;
            total += bytes.len() as u64;
            not_too_much(total)?;
            went.number = number;
            went.media = media;
            went.digest = hex::encode(Sha256::digest(&bytes));
            went.length = bytes.len() as u64;
            set.push(SetPaper { went, bytes });
        }
        Ok(set)
    }
}

fn not_too_much(bytes: u64) -> Result<(), ServiceError> {
    if bytes <= ENCLOSED_BYTES_MAX {
        return Ok(());
    }
    let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
    let words = format!(
        "Together they are {} MB, and {} MB is the most that goes at once. Nothing has gone: choose fewer, and give the others in a second \
         one",
        mib(bytes),
        mib(ENCLOSED_BYTES_MAX)
    );
    Err(ServiceError::rule("sharing.too_much", words))
}

/// What is in a document, looked through once more by the virus scanner where there is one: the recipient opens it.
async fn content(look: &Look, document: &Document, label: &str) -> Result<Vec<u8>, ServiceError> {
    let unreadable = || {
        let words = format!(
            "{label}: it cannot be read to its end. Nothing has gone: leave it out, and tell your administrator"
        );
        ServiceError::rule("sharing.unreadable", words)
    };
    let mut pieces = Box::pin(look.content_of(document).await?);
    let mut bytes = Vec::new();
    while let Some(piece) = pieces.next().await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(StoreError::DocumentAltered { .. }) => return Err(unreadable()),
            Err(error) => return Err(error.into()),
        }
    }
    match look.look_through(&bytes).await {
        Ok(()) => Ok(bytes),
        Err(StoreError::Document(FileFault::Harmful { found })) => {
            tracing::error!(found, "the virus scanner found something in a document that was to be given to somebody");
            let words = format!(
                "{label}: the virus scanner found something in it, so it is given to nobody. Nothing has gone: leave it out, and tell your \
                 administrator"
            );
            Err(ServiceError::rule("sharing.harmful", words))
        }
        Err(StoreError::Document(_)) => {
            let words = format!(
                "{label}: the virus scanner does not answer, so it was not looked through. Nothing has gone: try again later"
            );
            Err(ServiceError::rule("sharing.not_scanned", words))
        }
        Err(error) => Err(error.into()),
    }
}
