//! Settings of how Kith is reached, and of how it reaches its database.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use kith_service::{Mail, Service, Setup, SystemClock};
use kith_store::{Clamd, MasterKeyPlace, Settings};
use kith_web::Front;

use crate::accept::Room;
use crate::output::Failure;
use crate::serve;

/// What says where the database is, when it is not on the command line.
const DATABASE_VARIABLE: &str = "KITH_DATABASE_URL";
/// The same of the keys.
const KEYS_VARIABLE: &str = "KITH_KEYS_URL";

/// The most connections at once, if nothing else is said; and from one address.
const CONNECTIONS: usize = 1024;
const CONNECTIONS_OF_ONE: usize = 256;

/// How people reach the service.
#[derive(Args, Debug)]
pub(crate) struct FrontArgs {
    /// Where people reach Kith, such as `https://contact.example`. With https nothing is served in the clear: cookies are
    /// bound to the host and never sent in the clear, and what did not come over TLS is sent there.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// A proxy before Kith whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; can be given several times.
    #[arg(long, value_name = "ADDR")]
    pub(crate) trusted_proxy: Vec<IpAddr>,
    /// The most connections at once.
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS)]
    pub(crate) connections: usize,
    /// The most connections at once from one address that is no trusted proxy.
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS_OF_ONE)]
    pub(crate) connections_per_address: usize,
}

impl Default for FrontArgs {
    fn default() -> Self {
        Self {
            public_url: None,
            trusted_proxy: Vec::new(),
            connections: CONNECTIONS,
            connections_per_address: CONNECTIONS_OF_ONE,
        }
    }
}

impl FrontArgs {
    /// Whether it is an address that people can be sent to, and somebody says how they came.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        let Some(url) = &self.public_url else { return Ok(()) };
        let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
            return Err(Failure(format!(
                "--public-url {url} is no address of a service: give it as https://contact.example, without anything after it"
            )));
        }
        if url.starts_with("https://") && self.trusted_proxy.is_empty() {
            return Err(Failure(
                "--public-url begins with https, and Kith does not know who ends TLS before it: say --trusted-proxy with the \
                 address from which your TLS proxy comes, such as 127.0.0.1"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn front(&self) -> Front {
        let proxies = self.trusted_proxy.iter().map(IpAddr::to_canonical).collect();
        Front { public_url: self.public_url.clone(), proxies }
    }

    pub(crate) fn room(&self) -> Room {
        Room { all: self.connections, of_one: self.connections_per_address, proxies: self.front().proxies }
    }
}

/// Where the data is.
#[derive(Args, Debug, Default)]
pub(crate) struct DatabaseArgs {
    /// A `PostgreSQL` database instead of the embedded `SQLite`, such as `postgres://kith@host/kith`, without a password:
    /// everybody on the machine can read a command line. A password comes from a file (`PGPASSFILE`), or with the whole
    /// address from `KITH_DATABASE_URL` or `--database-file` [env: `KITH_DATABASE_URL`]
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// A file whose first line is the address of the `PostgreSQL` database; a password may be in it.
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    database_file: Option<PathBuf>,
}

impl DatabaseArgs {
    /// The address of the database; `None` for the embedded one.
    pub(crate) fn url(&self) -> Result<Option<String>, Failure> {
        if let Some(url) = &self.database {
            return without_password(url, "--database", &format!("{DATABASE_VARIABLE} or --database-file")).map(Some);
        }
        if let Some(path) = &self.database_file {
            let text = std::fs::read_to_string(path)
                .map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))?;
            let url = text.lines().next().map(str::trim).filter(|url| !url.is_empty());
            return match url {
                Some(url) => Ok(Some(url.to_owned())),
                None => Err(Failure(format!("{} has no address of a database in its first line", path.display()))),
            };
        }
        Ok(said_by(DATABASE_VARIABLE))
    }
}

/// Where the keys are, and the master key that opens them.
#[derive(Args, Debug, Default)]
pub(crate) struct KeysArgs {
    /// A `PostgreSQL` database of its own for the keys instead of `DIR/keys.sqlite`, such as `postgres://kith@host/keys`, best on
    /// another server than the data's, without a password, as for `--database` [env: `KITH_KEYS_URL`]
    #[arg(long, value_name = "URL")]
    keys_url: Option<String>,
    /// Where the master key is: a file, or the name of a systemd credential; never the key itself [env: `KITH_MASTER_KEY`]
    /// [default: DIR/master.key, beside what it opens]
    #[arg(long, value_name = "FILE|credential:NAME")]
    master_key: Option<String>,
}

impl KeysArgs {
    /// The address of the database of the keys; `None` for the file in the data directory.
    pub(crate) fn url(&self) -> Result<Option<String>, Failure> {
        match &self.keys_url {
            Some(url) => without_password(url, "--keys-url", KEYS_VARIABLE).map(Some),
            None => Ok(said_by(KEYS_VARIABLE)),
        }
    }

    /// Where the master key is.
    pub(crate) fn master_key(&self) -> Result<MasterKeyPlace, Failure> {
        let said = self.master_key.clone().or_else(|| said_by("KITH_MASTER_KEY"));
        Ok(said.map(|said| said.parse()).transpose()?.unwrap_or_default())
    }
}

/// Where documents are kept.
#[derive(Args, Debug, Default)]
pub(crate) struct DepotArgs {
    /// Where documents are kept, sealed, instead of `DIR/files`: another directory, `file:///srv/kith`, or a bucket,
    /// `s3://bucket/prefix` or `https://host:port/bucket/prefix` of another store that speaks S3. Its credentials and region come from
    /// the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`) and never from here.
    #[arg(long, value_name = "URL", env = "KITH_FILES_URL")]
    pub(crate) files_url: Option<String>,
}

/// Where a service is that a command opens, asks and closes.
#[derive(Args, Debug)]
pub(crate) struct HeldArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR", default_value = "kith-data")]
    data: PathBuf,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    keys: KeysArgs,
    #[command(flatten)]
    depot: DepotArgs,
}

impl HeldArgs {
    /// Opens the service. `register` is the file of the authority's register; without one it is the data directory's, else the shipped one.
    pub(crate) async fn open(&self, register: Option<&Path>) -> Result<Service, Failure> {
        if !self.data.is_dir() {
            return Err(Failure(format!("{}: there is no such directory. Say --data", self.data.display())));
        }
        let register = serve::register(register, &self.data)?;
        let of = Settings::of(self.data.clone(), register.code().to_owned(), register.items().clone());
        let store = Settings {
            database_url: self.database.url()?,
            keys_url: self.keys.url()?,
            master_key: self.keys.master_key()?,
            files_url: self.depot.files_url.clone(),
            reserve_mib: 0,
            ..of
        };
        let clock = Arc::new(SystemClock);
        Ok(Service::open(Setup { store, register, clock: clock.clone(), real_clock: clock, mail: None }).await?)
    }
}

/// Where documents are kept, and who looks at them before.
#[derive(Args, Debug, Default)]
pub(crate) struct FilesArgs {
    #[command(flatten)]
    pub(crate) depot: DepotArgs,
    /// The virus scanner that every document is shown to before it is kept: where `ClamAV`'s clamd listens, a socket's path or a
    /// host and port. What it finds is not kept, and while it does not answer none is.
    #[arg(long, value_name = "ADDR|SOCKET", env = "KITH_CLAMD")]
    pub(crate) clamd: Option<Clamd>,
}

/// How messages are sent by email.
#[derive(Args, Debug, Default)]
pub(crate) struct MailArgs {
    /// Where messages go that tell people to sign in, naming nobody: a mail server over TLS, `smtps://user@host` or
    /// `smtp://host:587` (STARTTLS, which must be there), one on this machine, `smtp://127.0.0.1:25`, or a file for each message,
    /// `file:DIR`. Needs --mail-from and --public-url [default: none are sent]
    #[arg(long, value_name = "URL", env = "KITH_MAIL")]
    mail: Option<String>,
    /// Whom the messages come from, such as `contact@council.example`.
    #[arg(long, value_name = "ADDRESS", env = "KITH_MAIL_FROM")]
    mail_from: Option<String>,
    /// Where the password of the mail server's user is: a file whose first line it is, or the name of a systemd credential; never
    /// the password itself.
    #[arg(long, value_name = "FILE|credential:NAME", env = "KITH_MAIL_PASSWORD")]
    mail_password: Option<String>,
}

impl MailArgs {
    /// How messages are sent; `None` if none are. `public_url` is where people sign in.
    pub(crate) fn mail(&self, public_url: Option<&str>) -> Result<Option<Mail>, Failure> {
        let Some(place) = self.mail.as_deref().filter(|place| !place.is_empty()) else { return Ok(None) };
        let Some(from) = &self.mail_from else {
            return Err(Failure("--mail needs --mail-from: the address that the messages come from".to_owned()));
        };
        let Some(address) = public_url else {
            return Err(Failure(
                "--mail needs --public-url: a message says where to sign in, and nothing else".to_owned(),
            ));
        };
        let password = self.mail_password.as_deref().map(password).transpose()?;
        Ok(Some(Mail::new(place, from, password.as_deref(), address)?))
    }
}

/// The first line of a file, or of a credential that systemd gives.
fn password(place: &str) -> Result<String, Failure> {
    let place = place.parse::<MasterKeyPlace>().map_err(|_| {
        Failure("--mail-password names a file or credential:NAME, and never the password itself".to_owned())
    })?;
    let path = place
        .path(std::path::Path::new(""))
        .map_err(|error| Failure(error.to_string().replace("master key", "mail password")))?;
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure(format!("the mail password cannot be read at {}: {error}", path.display())))?;
    match text.lines().next().map(str::trim_end).filter(|line| !line.is_empty()) {
        Some(line) => Ok(line.to_owned()),
        None => Err(Failure(format!("{} has no password in its first line", path.display()))),
    }
}

fn said_by(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|said| !said.is_empty())
}

fn without_password(url: &str, option: &str, else_in: &str) -> Result<String, Failure> {
    if has_password(url) {
        return Err(Failure(format!(
            "{option} has a password in it, which everybody on this machine can read while Kith runs. Change that password, and \
             give it in a file (PGPASSFILE), or the whole address in {else_in}"
        )));
    }
    Ok(url.to_owned())
}

/// Whether an address of a database has a password in it, as its user's or as a parameter (RFC 3986, section 3.2.1).
fn has_password(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    // The last: a password may have the sign in it, too.
    let user = place.rsplit_once('@').map_or("", |(user, _)| user);
    user.contains(':') || query.split('&').any(|pair| pair.starts_with("password="))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_on_the_command_line_is_refused() {
        // "Database password on the command line"; ASVS 5.0, 13.3.1.
        for url in [
            "postgres://kith:secret@host/kith",
            "postgres://kith:a@b@host/kith",
            "postgres://host/kith?password=secret",
        ] {
            let args = DatabaseArgs { database: Some(url.to_owned()), database_file: None };
            let keys = KeysArgs { keys_url: Some(url.to_owned()), master_key: None };
            for said in [args.url(), keys.url()] {
                let Err(Failure(words)) = said else { panic!("{url} was taken") };
                assert!(words.contains("PGPASSFILE") && !words.contains("secret"), "{words}");
            }
        }
        for url in ["postgres://kith@host/kith", "postgres://host:5432/kith?sslmode=verify-full", "postgres:///kith"] {
            let args = DatabaseArgs { database: Some(url.to_owned()), database_file: None };
            assert_eq!(args.url().ok().flatten().as_deref(), Some(url));
        }
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("database");
        std::fs::write(&path, "postgres://kith:secret@host/kith\n").unwrap();
        let args = DatabaseArgs { database: None, database_file: Some(path) };
        assert_eq!(args.url().ok().flatten().as_deref(), Some("postgres://kith:secret@host/kith"));
    }

    #[test]
    fn messages_need_a_sender_an_address_to_sign_in_and_no_password_on_the_command_line() {
        // ASVS 5.0, 13.3.1: no secret where others can read it.
        let args = |mail: &str, from: Option<&str>, password: Option<&str>| MailArgs {
            mail: Some(mail.to_owned()),
            mail_from: from.map(str::to_owned),
            mail_password: password.map(str::to_owned),
        };
        let (from, url) = (Some("contact@council.example"), Some("https://contact.example"));
        let said = |args: &MailArgs, url: Option<&str>| match args.mail(url) {
            Ok(mail) => Ok(mail.is_some()),
            Err(Failure(words)) => Err(words),
        };
        assert_eq!(said(&MailArgs::default(), None), Ok(false), "off, unless it is said");
        assert_eq!(said(&args("smtp://127.0.0.1:2525", from, None), url), Ok(true));
        assert!(said(&args("file:/tmp/mail", None, None), url).is_err_and(|words| words.contains("--mail-from")));
        assert!(said(&args("file:/tmp/mail", from, None), None).is_err_and(|words| words.contains("--public-url")));
        for place in ["smtps://kith:secret@mail.example", "smtp://kith:secret@mail.example:587"] {
            let words = said(&args(place, from, None), url).unwrap_err();
            assert!(words.contains("password") && !words.contains("secret"), "{words}");
        }
        assert!(said(&args("smtps://kith@mail.example", from, None), url).is_err(), "a user without a password");
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("password");
        std::fs::write(&path, "quiet words\n").unwrap();
        let path = path.to_str();
        assert_eq!(said(&args("smtps://kith@mail.example", from, path), url), Ok(true));
        assert!(said(&args("smtp://kith@127.0.0.1:25", from, path), url).is_err(), "a password in the clear");
        for place in ["mail.example", "ftp://mail.example", "smtp://", "file:", "smtp://host:many"] {
            assert!(said(&args(place, from, None), url).is_err(), "{place}");
        }
    }

    #[test]
    fn an_address_over_tls_needs_somebody_who_ends_it() {
        let args = |url: &str, proxies: &[IpAddr]| FrontArgs {
            public_url: Some(url.to_owned()),
            trusted_proxy: proxies.to_vec(),
            ..FrontArgs::default()
        };
        let here = [IpAddr::from([127, 0, 0, 1])];
        assert!(args("https://contact.example", &here).check().is_ok());
        assert!(args("https://contact.example", &[]).check().is_err());
        for url in ["contact.example", "https://", "https://contact.example/kith", "ftp://contact.example"] {
            assert!(args(url, &here).check().is_err(), "{url}");
        }
    }
}
