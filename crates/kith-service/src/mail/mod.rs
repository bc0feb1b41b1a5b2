//! Messages by email: that something happened, and where to sign in. They name nobody.

mod post;
#[cfg(test)]
mod tests;
mod words;

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

type Smtp = AsyncSmtpTransport<Tokio1Executor>;
type Files = AsyncFileTransport<Tokio1Executor>;

/// How long a mail server may take for an answer: behind it other messages wait.
const ANSWER_MAX: Duration = Duration::from_secs(10);

/// Why messages cannot be sent as it was said.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The place is none.
    #[error("{given} is no mail server: give it as smtp://host:port, smtps://user@host or file:DIR")]
    Place {
        /// What was given, without a password.
        given: String,
    },
    /// There is a password in the address.
    #[error("the address of the mail server has a password in it: take it out, and give it in a file or a credential")]
    Password,
    /// A user without a password, or the other way round.
    #[error(
        "a user of a mail server needs a password, and a password a user: smtps://user@host, with the password in a file"
    )]
    Half,
    /// A user over a connection that can be read.
    #[error("a password is not sent to a mail server in the clear: give it as smtps://user@host")]
    InTheClear,
    /// The sender is no address.
    #[error("{given} is no address that messages can come from: give it as contact@council.example")]
    From {
        /// What was given.
        given: String,
    },
    /// TLS cannot be set up.
    #[error("the connection to the mail server cannot be made safe: {0}")]
    Tls(#[from] lettre::transport::smtp::Error),
}

/// Why one message was not taken.
pub(crate) enum NotSent {
    /// It may be taken another time.
    Later(String),
    /// It never will be: there is no such address, or it is refused for good.
    Never(String),
}

/// How messages are sent. Cloning gives another handle to the same.
#[derive(Clone)]
pub struct Mail {
    carrier: Carrier,
    from: Mailbox,
    address: String,
}

#[derive(Clone)]
enum Carrier {
    Smtp(Smtp),
    Files(Arc<Files>),
}

/// An address of a mail server, in its parts.
struct Server<'a> {
    user: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
}

impl Mail {
    /// Messages go to `place`: `smtps://user@host:port` over TLS; `smtp://host:port` over TLS by STARTTLS, but for a server on this
    /// machine; or `file:DIR`, a file for each. `from` is whom they come from, `address` where people sign in.
    pub fn new(place: &str, from: &str, password: Option<&str>, address: &str) -> Result<Self, MailError> {
        let carrier = match (place.strip_prefix("file:"), password) {
            (Some(""), _) => return Err(MailError::Place { given: place.to_owned() }),
            (Some(directory), _) => Carrier::Files(Arc::new(Files::new(PathBuf::from(directory)))),
            (None, password) => Carrier::Smtp(smtp(place, password)?),
        };
        let from = from.parse().map_err(|_| MailError::From { given: from.to_owned() })?;
        Ok(Self { carrier, from, address: address.trim_end_matches('/').to_owned() })
    }

    pub(crate) async fn send(&self, message: Message) -> Result<(), NotSent> {
        match &self.carrier {
            Carrier::Smtp(smtp) => match smtp.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(NotSent::Never(said(&error))),
                Err(error) => Err(NotSent::Later(said(&error))),
            },
            Carrier::Files(files) => match files.send(message).await {
                Ok(_) => Ok(()),
                Err(error) => Err(NotSent::Later(error.to_string())),
            },
        }
    }
}

/// What a server answered, without its words: they may repeat the address of a person.
fn said(error: &lettre::transport::smtp::Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server did not answer in time".to_owned(),
        None if error.is_tls() => "the connection to the mail server cannot be made safe".to_owned(),
        None => "the mail server could not be reached".to_owned(),
    }
}

fn server(rest: &str) -> Option<Server<'_>> {
    let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') => (host, Some(port.parse().ok()?)),
        _ => (place, None),
    };
    let bad = host.is_empty() || host.contains(['/', '?', '#', ' ']) || user.is_some_and(str::is_empty);
    (!bad).then_some(Server { user, host, port })
}

fn smtp(place: &str, password: Option<&str>) -> Result<Smtp, MailError> {
    let (scheme, rest) = place.split_once("://").unwrap_or_default();
    if rest.rsplit_once('@').is_some_and(|(user, _)| user.contains(':')) {
        return Err(MailError::Password);
    }
    let unknown = || MailError::Place { given: place.to_owned() };
    let Server { user, host, port } = server(rest).ok_or_else(unknown)?;
    let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let builder: AsyncSmtpTransportBuilder = match scheme {
        "smtps" => Smtp::relay(host)?,
        "smtp" if here => Smtp::builder_dangerous(host),
        "smtp" => Smtp::starttls_relay(host)?,
        _ => return Err(unknown()),
    };
    let builder = match (user, password) {
        (Some(_), Some(_)) if scheme == "smtp" && here => return Err(MailError::InTheClear),
        (Some(user), Some(password)) => builder.credentials(Credentials::new(user.to_owned(), password.to_owned())),
        (None, None) => builder,
        _ => return Err(MailError::Half),
    };
    let builder = port.into_iter().fold(builder, AsyncSmtpTransportBuilder::port);
    Ok(builder.timeout(Some(ANSWER_MAX)).build())
}
