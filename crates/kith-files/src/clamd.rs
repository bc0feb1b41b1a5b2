//! The virus scanner: `ClamAV`'s clamd, asked by its command INSTREAM (clamd(8)) while a document comes in.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use crate::FileFault;

/// How long a connection, and each piece, may take.
const STEP_TIME: Duration = Duration::from_secs(10);
/// How long the answer may take.
const ANSWER_TIME: Duration = Duration::from_mins(1);
/// Longest answer that is read, bytes.
const ANSWER_MAX: u64 = 1_024;
/// How much it is given at once of what is there as a whole, bytes.
const AT_ONCE: usize = 256 * 1024;

/// Where clamd is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// At a host and port, such as `127.0.0.1:3310`.
    Tcp(String),
    /// At a socket of this machine, such as `/run/clamav/clamd.ctl`.
    Socket(PathBuf),
}

impl FromStr for Clamd {
    type Err = Infallible;
    /// A path begins with a slash; anything else is a host and port.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(if text.starts_with('/') { Self::Socket(text.into()) } else { Self::Tcp(text.to_owned()) })
    }
}

/// Both ways of reaching it.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// One document that is being scanned.
pub(crate) struct Scan {
    wire: Box<dyn Wire>,
}

impl Clamd {
    /// Whether it answers; [`FileFault::Unscanned`] says why not.
    pub async fn ping(&self) -> Result<(), FileFault> {
        let mut wire = self.connect().await?;
        within(STEP_TIME, wire.write_all(b"zPING\0")).await?;
        let mut answer = [0; 4];
        within(STEP_TIME, wire.read_exact(&mut answer)).await?;
        if &answer == b"PONG" { Ok(()) } else { Err(unscanned("it does not answer as clamd does")) }
    }

    /// Looks through bytes that are there as a whole: [`FileFault::Harmful`] of what is found, [`FileFault::Unscanned`] where it cannot
    /// look.
    pub async fn look_through(&self, bytes: &[u8]) -> Result<(), FileFault> {
        let mut scan = self.begin().await?;
        for some in bytes.chunks(AT_ONCE) {
            scan.give(some).await?;
        }
        scan.end().await
    }

    async fn connect(&self) -> Result<Box<dyn Wire>, FileFault> {
        Ok(match self {
            Self::Tcp(address) => Box::new(within(STEP_TIME, TcpStream::connect(address)).await?),
            Self::Socket(path) => Box::new(within(STEP_TIME, UnixStream::connect(path)).await?),
        })
    }

    pub(crate) async fn begin(&self) -> Result<Scan, FileFault> {
        let mut wire = self.connect().await?;
        within(STEP_TIME, wire.write_all(b"zINSTREAM\0")).await?;
        Ok(Scan { wire })
    }
}

impl Scan {
    /// Gives it more.
    pub(crate) async fn give(&mut self, some: &[u8]) -> Result<(), FileFault> {
        let Ok(length) = u32::try_from(some.len()) else { return Err(unscanned("too much at once")) };
        if length == 0 {
            return Ok(());
        }
        let given = async {
            self.wire.write_all(&length.to_be_bytes()).await?;
            self.wire.write_all(some).await
        };
        match within(STEP_TIME, given).await {
            Ok(()) => Ok(()),
            // It may have said why before it hung up.
            Err(fault) => Err(self.answer().await.err().unwrap_or(fault)),
        }
    }

    /// Nothing more comes: what does it say.
    pub(crate) async fn end(mut self) -> Result<(), FileFault> {
        let ended = async {
            self.wire.write_all(&0_u32.to_be_bytes()).await?;
            self.wire.flush().await
        };
        within(STEP_TIME, ended).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> Result<(), FileFault> {
        let mut answer = Vec::new();
        within(ANSWER_TIME, (&mut self.wire).take(ANSWER_MAX).read_to_end(&mut answer)).await?;
        let answer = String::from_utf8_lossy(&answer);
        let answer = answer.trim_end_matches('\0').trim();
        match answer.strip_prefix("stream: ").unwrap_or(answer) {
            "OK" => Ok(()),
            said => match said.strip_suffix(" FOUND") {
                Some(found) => Err(FileFault::Harmful { found: found.to_owned() }),
                None => Err(unscanned(if said.is_empty() { "it said nothing" } else { said })),
            },
        }
    }
}

fn unscanned(why: &str) -> FileFault {
    FileFault::Unscanned { why: why.to_owned() }
}

async fn within<T>(time: Duration, step: impl Future<Output = std::io::Result<T>>) -> Result<T, FileFault> {
    match tokio::time::timeout(time, step).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(unscanned(&error.kind().to_string())),
        Err(_) => Err(unscanned("it did not answer in time")),
    }
}
