//! What Typst may see: the templates, one paper's data, the shipped fonts. No files, no network, no clock.

use std::sync::OnceLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::fonts::fonts;

/// File name and text of every template.
const TEMPLATES: [(&str, &str); 12] = [
    ("common.typ", include_str!("../templates/common.typ")),
    ("session.typ", include_str!("../templates/session.typ")),
    ("weeks.typ", include_str!("../templates/weeks.typ")),
    ("record.typ", include_str!("../templates/record.typ")),
    ("report.typ", include_str!("../templates/report.typ")),
    ("referral.typ", include_str!("../templates/referral.typ")),
    ("letter.typ", include_str!("../templates/letter.typ")),
    ("certificate.typ", include_str!("../templates/certificate.typ")),
    ("pack.typ", include_str!("../templates/pack.typ")),
    ("disclosure.typ", include_str!("../templates/disclosure.typ")),
    ("agreement.typ", include_str!("../templates/agreement.typ")),
    ("notice.typ", include_str!("../templates/notice.typ")),
];

/// The parsed templates, the library and the name under which a template reads its data.
struct Shelf {
    sources: Vec<(&'static str, Source)>,
    data: FileId,
    library: LazyHash<Library>,
}

fn shelf() -> &'static Shelf {
    static SHELF: OnceLock<Shelf> = OnceLock::new();
    SHELF.get_or_init(|| Shelf {
        sources: TEMPLATES
            .into_iter()
            .map(|(name, text)| (name, Source::new(file_id(name), text.to_owned())))
            .collect(),
        data: file_id("data.json"),
        library: LazyHash::new(Library::default()),
    })
}

fn file_id(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the names above are plain file names");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

/// The kind of paper to set: which template comes first.
#[derive(Clone, Copy)]
pub(crate) enum Template {
    Record,
    Report,
    Referral,
    Letter,
    Certificate,
    Pack,
    Disclosure,
    Agreement,
    Notice,
}

/// One paper being set.
pub(crate) struct Setting {
    main: FileId,
    data: Bytes,
}

impl Setting {
    /// A desk with the template and the JSON text it reads.
    pub(crate) fn new(template: Template, data: Vec<u8>) -> Self {
        let main = match template {
            Template::Record => "record.typ",
            Template::Report => "report.typ",
            Template::Referral => "referral.typ",
            Template::Letter => "letter.typ",
            Template::Certificate => "certificate.typ",
            Template::Pack => "pack.typ",
            Template::Disclosure => "disclosure.typ",
            Template::Agreement => "agreement.typ",
            Template::Notice => "notice.typ",
        };
        Self { main: file_id(main), data: Bytes::new(data) }
    }
}

/// The template's file name and text.
pub(crate) fn template(id: FileId) -> Option<(&'static str, &'static Source)> {
    shelf().sources.iter().find(|(_, source)| source.id() == id).map(|(name, source)| (*name, source))
}

impl World for Setting {
    fn library(&self) -> &LazyHash<Library> {
        &shelf().library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &fonts().book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        template(id).map(|(_, source)| source.clone()).ok_or(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == shelf().data { Ok(self.data.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        fonts().all.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
