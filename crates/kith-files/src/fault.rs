//! Why a document is not taken, or not given out.

/// Why a document is not taken, in words for whoever chose it; or cannot be read, in words for the server's log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileFault {
    /// Nothing is in it.
    #[error("The file is empty. Open it to see whether it is the right one, then choose it again")]
    Empty,
    /// Longer than is taken.
    #[error(
        "The file is larger than 20 MB. Make it smaller, for example by scanning in black and white, or add it in parts"
    )]
    TooLong,
    /// None of what is taken.
    #[error("The file is not a PDF, a Word document (.docx), a JPEG or a PNG. Save it as a PDF and choose that")]
    Unknown,
    /// A program.
    #[error(
        "The file is a program, whatever its name says. Choose the document itself, and tell your administrator where the file came from"
    )]
    Program,
    /// An old or a locked Word document.
    #[error(
        "The file is an old Word document, or one that is locked by a password. Save it as .docx without a password, or as a PDF, and choose that"
    )]
    OldWord,
    /// A picture as some phones make it.
    #[error("The file is a picture in the format HEIC. Save it as a JPEG and choose that")]
    Heic,
    /// A PDF or a picture that ends too soon.
    #[error(
        "The file is not whole: its end is missing. Open it to see whether it is damaged, save it again and choose that"
    )]
    CutShort,
    /// It begins as what it is said to be and goes on as something else.
    #[error("The file is damaged: it cannot be read to its end. Open it, save it again and choose that")]
    Damaged,
    /// A PDF that does something when it is opened.
    #[error("The PDF contains a script, or starts a program. Print it as a PDF and choose that")]
    Active,
    /// A PDF that is locked.
    #[error(
        "The PDF is locked, so nobody can check what is in it. Print it as a PDF without a password and choose that"
    )]
    Locked,
    /// A PDF whose parts are packed so that they cannot be looked into.
    #[error("The PDF is packed in a way that nobody can check. Print it as a PDF and choose that")]
    Opaque,
    /// Far more comes out of it than there should.
    #[error(
        "The file unpacks to far more than a document holds, so it may be made to do harm. Open it where it came from, save it as a PDF and choose that"
    )]
    Bomb,
    /// A Word document with macros or other programs in it.
    #[error(
        "The Word document contains macros or another program. Save it as .docx without macros, or as a PDF, and choose that"
    )]
    Macros,
    /// A Word document that fetches something from elsewhere when it is opened.
    #[error("The Word document loads something from elsewhere when it is opened. Save it as a PDF and choose that")]
    Remote,
    /// A zip, but no Word document.
    #[error(
        "The file is a packed folder or another kind of Office file, not a Word document (.docx). Save it as a PDF and choose that"
    )]
    NotWord,
    /// A picture with more points than anybody needs.
    #[error("The picture has more than 100 million points. Save it smaller and choose that")]
    Huge,
    /// The scanner found something.
    #[error(
        "The virus scanner found something harmful in the file, so it was not kept. Do not open it. Tell your administrator where it came from"
    )]
    Harmful {
        /// What the scanner calls it.
        found: String,
    },
    /// The scanner cannot be asked.
    #[error(
        "Files cannot be checked for viruses at the moment, so nothing was kept. Try again later; tell your administrator if it goes on"
    )]
    Unscanned {
        /// Why, for the server's log.
        why: String,
    },
    /// It stopped coming in.
    #[error("The file did not arrive whole: the connection was interrupted. Nothing was kept. Choose it again")]
    Interrupted,
    /// There is no room, or whoever takes it says that it must stop.
    #[error("there is no room")]
    NoRoom,
    /// Where documents are kept fails.
    #[error("where documents are kept cannot be used: {0}")]
    Depot(String),
    /// What is kept is not there.
    #[error("what was kept is not there any more")]
    Gone,
    /// What is kept is not what was laid down.
    #[error("what was kept was altered, exchanged or cut short")]
    Altered,
    /// Sealing failed.
    #[error(transparent)]
    Vault(#[from] kith_vault::VaultError),
}

impl From<object_store::Error> for FileFault {
    fn from(error: object_store::Error) -> Self {
        if matches!(error, object_store::Error::NotFound { .. }) {
            return Self::Gone;
        }
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
        while let Some(inner) = source {
            if let Some(io) = inner.downcast_ref::<std::io::Error>()
                && matches!(io.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
            {
                return Self::NoRoom;
            }
            source = inner.source();
        }
        // Its own words may name the address and the path of what was asked for: the kind is enough to look further.
        Self::Depot(match error {
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                "it does not let us in: check its credentials and permissions".to_owned()
            }
            object_store::Error::Precondition { .. } | object_store::Error::AlreadyExists { .. } => {
                "it holds something else there".to_owned()
            }
            _ => "it did not answer as it should: check that it runs and can be reached".to_owned(),
        })
    }
}
