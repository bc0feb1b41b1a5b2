//! Sending: a job in the outbox, written with the notice that it tells of.

use std::time::{Duration, SystemTime};

use kith_domain::access::Purpose;
use kith_domain::ids::AccountId;
use kith_store::{AccountState, Job, MAIL, Notice, Work};
use lettre::Message;
use lettre::message::header::ContentType;
use serde::{Deserialize, Serialize};

use super::words::{is_sent, subject, text};
use super::{Mail, NotSent};
use crate::unread::id_of;
use crate::{Desk, Service, ServiceError};

/// Notices of one person in the same minute make one message.
const TOGETHER_MS: i64 = 60_000;
/// How long after the minute what was begun in it is committed at the latest.
const SETTLED_MS: i64 = 15_000;
/// For how long one server holds a message: a mail server may be slow for each of those it took.
const LEASE_MS: i64 = 120_000;
/// Most messages taken at once.
const TAKE: u32 = 5;
/// Until a message is tried again for the first time; each time after that twice as long. Ten tries take eight hours and a half.
const BACKOFF_MS: i64 = 60_000;
/// How many days the administrator is told of a message that could not be sent.
const TOLD_DAYS: i64 = 7;
/// Most colleagues named to the administrator.
const NAMED_MAX: u64 = 20;

/// A message: to whom, of which minute.
#[derive(Clone, Copy, Serialize, Deserialize)]
struct Post {
    account: AccountId,
    from_ms: i64,
}

impl Desk {
    /// Has a message sent of a notice, if messages are sent: it is written down in the same transaction, once for each person and
    /// minute. Whether it is sent, and when, never touches the notice.
    pub(crate) async fn message_of(&self, work: &Work, notice: &Notice) -> Result<(), ServiceError> {
        if self.service.mail().is_none() {
            return Ok(());
        }
        let from_ms = notice.created_ms - notice.created_ms.rem_euclid(TOGETHER_MS);
        let post = Post { account: notice.account, from_ms };
        let id = id_of(&[MAIL.as_bytes(), notice.account.0.as_bytes(), &from_ms.to_be_bytes()]);
        Ok(work.enqueue_once(id, MAIL, &post, from_ms + TOGETHER_MS + SETTLED_MS).await?)
    }

    /// Names of colleagues to whom a message could not be sent lately, for the administrator.
    pub async fn mail_not_sent(&self) -> Result<Vec<String>, ServiceError> {
        self.allow_service("accounts.manage").await?;
        let from_ms = self.now_ms() - TOLD_DAYS * 24 * 3_600_000;
        let look = self.look();
        let given_up: Vec<Post> = look.mail_given_up(from_ms, NAMED_MAX).await?;
        let mut names: Vec<String> = given_up.iter().map(|post| self.service.name_of(post.account)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }
}

impl Service {
    /// Whether messages are sent by email.
    pub fn sends_mail(&self) -> bool {
        self.mail().is_some()
    }

    /// Sends the messages that are due; called about once a second while serving, apart from other work. Returns how many were
    /// taken by the mail server.
    pub async fn send_mail(&self) -> Result<usize, ServiceError> {
        let Some(mail) = self.mail() else { return Ok(0) };
        // It waits until there is room on the disk again.
        if self.only_reads().is_some() {
            return Ok(0);
        }
        let mut sent = 0;
        for job in self.store().lease_mail(self.now_ms(), LEASE_MS, TAKE).await? {
            match self.post(mail, &job).await {
                Ok(Ok(taken)) => sent += usize::from(taken),
                Ok(Err(NotSent::Never(why))) => {
                    tracing::warn!(job = %job.id, why, "a message was given up");
                    self.store().give_up(&job, self.now_ms()).await?;
                }
                Ok(Err(NotSent::Later(why))) => self.later(&job, &why).await?,
                Err(error) => self.later(&job, &error.to_string()).await?,
            }
        }
        Ok(sent)
    }

    async fn later(&self, job: &Job, why: &str) -> Result<(), ServiceError> {
        tracing::warn!(job = %job.id, attempt = job.attempt, why, "a message was not sent; it is tried again, or given up in the end");
        let doubled = u32::try_from(job.attempt - 1).unwrap_or_default().min(10);
        Ok(self.store().fail(job, self.now_ms(), BACKOFF_MS << doubled).await?)
    }

    /// Sends one message, if there is still something to say in it. It is done when the server has taken it: a program that ends
    /// before it is noted sends it twice, under the same id.
    async fn post(&self, mail: &Mail, job: &Job) -> Result<Result<bool, NotSent>, ServiceError> {
        let post: Post = job.payload()?;
        let desk = self.own_desk(Purpose::Administration);
        let Some(message) = desk.message(mail, job, post).await? else {
            self.store().complete(job, self.now_ms()).await?;
            return Ok(Ok(false));
        };
        let message = match message {
            Ok(message) => message,
            Err(why) => return Ok(Err(NotSent::Never(why))),
        };
        if let Err(not) = mail.send(message).await {
            return Ok(Err(not));
        }
        desk.change("mail.sent", |work| async move {
            work.note("account", post.account.0);
            work.changed("outbox", job.id, 1);
            work.complete(job, self.now_ms()).await?;
            Ok(())
        })
        .await?;
        Ok(Ok(true))
    }
}

impl Desk {
    /// The message of what somebody was told in a minute and has not put away since; `None` if there is nothing left to say, or
    /// nobody to say it to.
    async fn message(
        &self,
        mail: &Mail,
        job: &Job,
        post: Post,
    ) -> Result<Option<Result<Message, String>>, ServiceError> {
        let look = self.look();
        let account = look.account(post.account).await?;
        let mut notices = look.told_between(post.account, post.from_ms, post.from_ms + TOGETHER_MS).await?;
        look.done("mail.written", self.now_ms()).await?;
        notices.retain(|notice| is_sent(notice.kind, account.body.only_urgent_mail));
        if notices.is_empty() || account.state != AccountState::Active || account.body.email.trim().is_empty() {
            return Ok(None);
        }
        let Ok(to) = account.body.email.trim().parse::<lettre::Address>() else {
            return Ok(Some(Err("the address of the account is none".to_owned())));
        };
        let now = Duration::from_millis(u64::try_from(self.now_ms()).unwrap_or_default());
        let domain = mail.from.email.domain();
        let authority = self.service.register().authority();
        let service = format!("{}, {}", authority.name, authority.service);
        let message = Message::builder()
            .from(mail.from.clone())
            .to(to.into())
            .subject(subject(&notices))
            .date(SystemTime::UNIX_EPOCH + now)
            .message_id(Some(format!("<{}@{domain}>", job.id)))
            .header(ContentType::TEXT_PLAIN)
            .body(text(&service, &notices, &mail.address));
        Ok(Some(message.map_err(|error| error.to_string())))
    }
}
