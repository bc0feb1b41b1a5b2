//! A form with a file in it (RFC 7578): what was typed comes first and is read as any form is; the file is last, and is read
//! piece by piece by whoever takes it in.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use axum::http::header;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use kith_domain::form::Fields;
use multer::{Field, Multipart};

use crate::app::App;
use crate::error::{WebError, plain};
use crate::person::{Signed, recognise};
use crate::posted::{KNOWN, Posted, STRANGER, wants_json};
use crate::security::FIELDS_MAX;

/// The name of the file's box.
pub(crate) const FILE: &str = "file";
/// How long a piece may take to come.
const PIECE_TIME: Duration = Duration::from_secs(30);
/// How much is read, and thrown away, of a file that is not taken: a browser shows no answer before it has sent all, and a
/// file that is far too long is not waited for.
const AFTER_MAX: usize = 64 * 1024 * 1024;

/// A form with a file, sent by a signed-in person from one of our own pages; or the same form without one.
pub(crate) struct Uploaded {
    /// Who.
    pub(crate) signed: Signed,
    /// What was typed, without the token.
    pub(crate) fields: Fields,
    /// The file, if one was chosen.
    pub(crate) file: Option<Incoming>,
}

/// A file that is coming in.
pub(crate) struct Incoming {
    /// How it is called, as the browser says.
    pub(crate) name: String,
    field: Field<'static>,
    /// Keeps the rest of the form.
    _form: Multipart<'static>,
}

impl FromRequest<App> for Uploaded {
    type Rejection = WebError;

    async fn from_request(request: Request, app: &App) -> Result<Self, WebError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        // A form that was given back after signing in has no file any more.
        let Ok(boundary) = multer::parse_boundary(kind) else {
            let Posted { signed, fields } = Posted::from_request(request, app).await?;
            return Ok(Self { signed, fields, file: None });
        };
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let json = wants_json(&parts.headers);
        let signed = recognise(app, &parts.headers).await?;
        let most = if signed.is_some() { KNOWN } else { STRANGER };
        let form = Multipart::new(body.into_data_stream(), boundary);
        let typed = tokio::time::timeout(most.time, typed(form, most.bytes)).await;
        let Ok(Some((all, file))) = typed else { return Err(cut_off()) };
        let Posted { signed, fields } = Posted::of(app, signed, &all, path, json).await?;
        Ok(Self { signed, fields, file })
    }
}

/// Reads what was typed, up to the file; `None` when it is no form of ours, or did not come whole.
async fn typed(mut form: Multipart<'static>, most: usize) -> Option<(Fields, Option<Incoming>)> {
    let (mut pairs, mut length): (Vec<(String, String)>, usize) = (Vec::new(), 0);
    while let Some(mut field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        if let Some(file) = field.file_name().map(str::to_owned) {
            // A browser sends the box without a name when nothing was chosen.
            if name != FILE {
                return None;
            }
            let incoming = (!file.is_empty()).then_some(Incoming { name: file, field, _form: form });
            return Some((pairs.into_iter().collect(), incoming));
        }
        let mut value = Vec::new();
        while let Some(some) = field.chunk().await.ok()? {
            length += some.len();
            if length > most {
                return None;
            }
            value.extend_from_slice(&some);
        }
        length += name.len();
        pairs.push((name, String::from_utf8_lossy(&value).replace("\r\n", "\n")));
        if pairs.len() > FIELDS_MAX || length > most {
            return None;
        }
    }
    Some((pairs.into_iter().collect(), None))
}

fn cut_off() -> WebError {
    WebError::Answer(Box::new(plain(
        axum::http::StatusCode::BAD_REQUEST,
        "This did not arrive whole",
        "The connection was interrupted, or the form is too long. Nothing was saved. Go back: what you typed is still there. \
         Send it again.",
    )))
}

impl Incoming {
    /// The file, piece by piece. One that does not come in time, or not whole, is an error.
    pub(crate) fn pieces(&mut self) -> impl Stream<Item = Result<Bytes, ()>> + Send + Unpin + '_ {
        Box::pin(futures_util::stream::unfold(&mut self.field, |field| async move {
            match tokio::time::timeout(PIECE_TIME, field.next()).await {
                Ok(Some(Ok(piece))) => Some((Ok(piece), field)),
                Ok(None) => None,
                Ok(Some(Err(_))) | Err(_) => Some((Err(()), field)),
            }
        }))
    }

    /// Reads what is left of a file that is not taken, so that its sender sees why.
    pub(crate) async fn throw_away(mut self) {
        let mut pieces = self.pieces();
        let mut length = 0;
        while let Some(Ok(piece)) = pieces.next().await {
            length += piece.len();
            if length > AFTER_MAX {
                return;
            }
        }
    }
}
