//! What a document is.

/// What a document is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// A PDF.
    Pdf,
    /// A Word document without macros.
    Docx,
    /// A JPEG.
    Jpeg,
    /// A PNG.
    Png,
}

impl Media {
    /// Every one.
    pub const ALL: [Media; 4] = [Media::Pdf, Media::Docx, Media::Jpeg, Media::Png];

    /// The code stored; also how the name of such a file ends.
    pub const fn code(self) -> &'static str {
        match self {
            Media::Pdf => "pdf",
            Media::Docx => "docx",
            Media::Jpeg => "jpg",
            Media::Png => "png",
        }
    }

    /// What a code stands for; `None` for one that is none of ours.
    pub fn from_code(code: &str) -> Option<Media> {
        Media::ALL.into_iter().find(|media| media.code() == code)
    }

    /// How it is called on a page.
    pub const fn label(self) -> &'static str {
        match self {
            Media::Pdf => "PDF",
            Media::Docx => "Word document",
            Media::Jpeg => "JPEG picture",
            Media::Png => "PNG picture",
        }
    }

    /// Its type in a header (IANA media types).
    pub const fn mime(self) -> &'static str {
        match self {
            Media::Pdf => "application/pdf",
            Media::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Media::Jpeg => "image/jpeg",
            Media::Png => "image/png",
        }
    }

    /// Whether a browser shows it by itself; a Word document is only given out.
    pub const fn is_shown(self) -> bool {
        !matches!(self, Media::Docx)
    }

    /// Whether it is a picture.
    pub const fn is_picture(self) -> bool {
        matches!(self, Media::Jpeg | Media::Png)
    }
}
