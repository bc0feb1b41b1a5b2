//! Taking something without signing in: an address that is sent one way and a code that is told another. The code opens it once; what
//! was opened can be taken for a day in that browser.

use std::net::IpAddr;

use kith_domain::access::Purpose;
use kith_domain::hand_over::{HandOverBody, HandOverState, HandsOver, Tried};
use kith_domain::ids::{HandOverId, RequestId};
use kith_domain::notice::NoticeKind;
use kith_domain::pack::EnclosedDocument;
use kith_domain::sharing::WentEnclosed;
use kith_store::{HandOver, Look, StoreError, Work};
use uuid::Uuid;

use crate::sharing::enclosed_file;
use crate::sign_in::{random_code, read_code};
use crate::{Desk, Service, ServiceError};

/// Characters of a code, five bits each: with five tries nobody guesses it.
const CODE_CHARS: usize = 12;
/// For how long a code opens something.
const EXPIRES_MS: i64 = 14 * 24 * 3_600_000;
/// For how long what was opened can be taken.
const OPEN_MS: i64 = 24 * 3_600_000;

/// A new way to take something: shown once, to whoever made it.
pub struct NewHandOver {
    /// Its id, which stands in its address.
    pub id: HandOverId,
    /// The code, in groups of four.
    pub code: String,
    /// Until when it opens, UTC milliseconds.
    pub expires_ms: i64,
}

/// A way to take something in words.
pub struct HandOverLine {
    /// Which.
    pub id: HandOverId,
    /// Where it stands now.
    pub state: HandOverState,
    /// Whether its time is over.
    pub expired: bool,
    /// When it was made, UTC milliseconds.
    pub created_ms: i64,
    /// Until when it opens, UTC milliseconds.
    pub expires_ms: i64,
    /// When it was opened, UTC milliseconds.
    pub opened_ms: Option<i64>,
    /// Who made it.
    pub by: String,
}

/// What somebody who has opened it can take.
pub struct Handed {
    /// The reference of the request or of the disclosure.
    pub reference: String,
    /// What it is.
    pub what: HandedWhat,
    /// Until when it can be taken, UTC milliseconds.
    pub until_ms: i64,
}

/// What can be taken.
pub enum HandedWhat {
    /// A pack: the number and length in bytes of each volume, and the documents that go along.
    Pack(Vec<(i64, usize)>, Vec<EnclosedDocument>),
    /// A disclosure: the length of its paper in bytes, and the whole papers beside it.
    Disclosure(u64, Vec<WentEnclosed>),
}

impl Desk {
    /// The ways to take something in words, the newest first.
    pub(crate) async fn hand_over_lines(&self, look: &Look, of: HandsOver) -> Result<Vec<HandOverLine>, ServiceError> {
        let now_ms = self.now_ms();
        let line = |of: HandOver| HandOverLine {
            id: of.id,
            state: of.state,
            expired: of.state == HandOverState::Waiting && of.expires_ms <= now_ms,
            created_ms: of.created_ms,
            expires_ms: of.expires_ms,
            opened_ms: of.body.opened_ms,
            by: self.service.name_of(of.author),
        };
        Ok(look.hand_overs(of).await?.into_iter().map(line).collect())
    }

    /// A new way to take something, to be put in with [`put_hand_over_in`](Self::put_hand_over_in). The code is in no row: whoever
    /// loses it gets another.
    pub(crate) fn new_hand_over(&self, of: HandsOver) -> Result<(NewHandOver, HandOver), ServiceError> {
        let now_ms = self.now_ms();
        // Random as a whole: nobody guesses the address of one from another.
        let id = HandOverId(Uuid::new_v4());
        let code = random_code(CODE_CHARS)?;
        let expires_ms = now_ms + EXPIRES_MS;
        let body = HandOverBody::new(self.service.hand_over_code(id, &code));
        let row = HandOver::new(id, of, self.me()?, now_ms, expires_ms, body);
        Ok((NewHandOver { id, code, expires_ms }, row))
    }

    /// Puts a way in, in the place of those that were there: they open nothing any more.
    pub(crate) async fn put_hand_over_in(
        &self,
        work: &Work,
        of: HandsOver,
        row: &HandOver,
    ) -> Result<(), ServiceError> {
        work.take_hand_overs_back(of).await?;
        Ok(work.insert_hand_over(&mut row.clone()).await?)
    }

    /// Whether what a way is to may still be given out. Of a disclosure that may not, whoever made the way is told.
    async fn may_be_taken(&self, work: &Work, row: &HandOver, of: HandsOver) -> Result<bool, ServiceError> {
        match of {
            HandsOver::Pack(id) => self.pack_is_released(work, id).await,
            HandsOver::Disclosure(id, _) => self.still_goes_out(work, row, id).await,
        }
    }

    /// Tries a code at an address. Each try is in the access log, also one at an address that is none.
    async fn try_code(
        &self,
        work: &Work,
        id: HandOverId,
        of: Option<HandsOver>,
        typed: &str,
        now_ms: i64,
    ) -> Result<Tried, ServiceError> {
        let row = match work.hand_over(id).await {
            // There is none, or the file was destroyed and with it what there was to take.
            Err(StoreError::NotFound | StoreError::Destroyed) => None,
            row => Some(row?),
        };
        let waits = |row: &HandOver| row.state == HandOverState::Waiting && now_ms < row.expires_ms;
        let (Some(mut row), Some(of)) = (row.filter(waits), of) else {
            work.changed("hand_over", id.0, 0);
            return Ok(Tried::Wrong);
        };
        let mut tried = row.body.try_code(typed, now_ms);
        match tried {
            Tried::Opened if self.may_be_taken(work, &row, of).await? => {
                row.state = HandOverState::Opened;
                if let HandsOver::Disclosure(disclosure, _) = of {
                    self.was_taken(work, &row, disclosure).await?;
                }
            }
            // It opens nothing any more, and whoever types it learns no more than that.
            Tried::Opened => {
                row.state = HandOverState::TakenBack;
                row.body.opened_ms = None;
                tried = Tried::Wrong;
            }
            Tried::Locked => {
                row.state = HandOverState::Locked;
                match of {
                    HandsOver::Pack(request) => {
                        self.tell_officers(work, NoticeKind::HandOverLocked, request.0).await?;
                    }
                    HandsOver::Disclosure(disclosure, _) => {
                        self.tell(work, vec![row.author], NoticeKind::CollectLocked, disclosure.0).await?;
                    }
                }
            }
            Tried::Wrong => {}
        }
        work.save_hand_over(&mut row).await?;
        Ok(tried)
    }
}

impl Service {
    fn hand_over_code(&self, id: HandOverId, code: &str) -> String {
        hex::encode(self.web_mac("hand-over", format!("{id} {}", read_code(code)).as_bytes()))
    }

    /// The desk of somebody who is not signed in and has an address, for the purpose of what it is a way to.
    async fn taker(&self, id: HandOverId) -> Result<Option<(Desk, HandsOver)>, ServiceError> {
        let Some(of) = self.own_desk(Purpose::Rights).look().hands_over(id).await? else { return Ok(None) };
        let purpose = match of {
            HandsOver::Pack(_) => Purpose::Rights,
            HandsOver::Disclosure(disclosure, _) => match self.purpose_it_went_for(disclosure).await? {
                Some(purpose) => purpose,
                None => return Ok(None),
            },
        };
        Ok(Some((self.own_desk(purpose), of)))
    }

    /// Opens something with its code, for somebody who is not signed in. Gives what their browser keeps, to be known by for a day. A
    /// wrong code, one that was used, one for something that is not given out any more and an address that is none get the same answer.
    pub async fn open_hand_over(&self, id: HandOverId, code: &str, from: IpAddr) -> Result<String, ServiceError> {
        self.pass_public_door(from)?;
        let typed = self.hand_over_code(id, code);
        let now_ms = self.now_ms();
        let (desk, of) = match self.taker(id).await? {
            Some((desk, of)) => (desk, Some(of)),
            None => (self.own_desk(Purpose::Rights), None),
        };
        let (at, typed) = (&desk, &typed);
        let tried = desk
            .change("hand_over.code_tried", |work| async move { at.try_code(&work, id, of, typed, now_ms).await })
            .await?;
        match tried {
            Tried::Opened => {
                let mac = self.web_mac("handed", format!("{id} {now_ms}").as_bytes());
                Ok(format!("{now_ms}.{}", hex::encode(mac)))
            }
            Tried::Wrong | Tried::Locked => Err(ServiceError::field(
                "code",
                "This code does not open anything: it may be mistyped, used before, or too old. Check it, or call us for another",
            )),
        }
    }

    /// The look of a browser that opened something, by what it kept: what it is, and until when it can be taken.
    /// [`ServiceError::NotFound`] for a browser that did not open it, after a day, and once it was taken back.
    async fn handed_to(&self, id: HandOverId, kept: &str) -> Result<(Look, HandsOver, i64), ServiceError> {
        let Some((at, mac)) = kept.split_once('.') else { return Err(ServiceError::NotFound) };
        if hex::encode(self.web_mac("handed", format!("{id} {at}").as_bytes())) != mac {
            return Err(ServiceError::NotFound);
        }
        let Some((desk, of)) = self.taker(id).await? else { return Err(ServiceError::NotFound) };
        let look = desk.snapshot().await?;
        let row = match look.hand_over(id).await {
            Err(StoreError::NotFound | StoreError::Destroyed) => return Err(ServiceError::NotFound),
            row => row?,
        };
        let opened_ms = row.body.opened_ms.filter(|opened| *at == opened.to_string());
        let until_ms = opened_ms.map(|opened| opened + OPEN_MS).filter(|until| self.now_ms() < *until);
        match until_ms {
            Some(until_ms) if row.state == HandOverState::Opened => Ok((look, of, until_ms)),
            _ => Err(ServiceError::NotFound),
        }
    }

    /// What can be taken of what was opened; see [`open_hand_over`](Self::open_hand_over).
    pub async fn handed(&self, id: HandOverId, kept: &str) -> Result<Handed, ServiceError> {
        let (look, of, until_ms) = self.handed_to(id, kept).await?;
        let (reference, what) = match of {
            HandsOver::Pack(pack) => {
                let mut volumes = Vec::new();
                for number in look.volume_numbers(pack).await? {
                    volumes.push((number, look.pack_volume_body(pack, number).await?.length));
                }
                let documents = look.pack(pack).await?.ok_or(ServiceError::NotFound)?.body.documents;
                (pack.reference(), HandedWhat::Pack(volumes, documents))
            }
            HandsOver::Disclosure(disclosure, _) => {
                let body = look.disclosure(disclosure).await?.body;
                let beside = body.went_enclosed().cloned().collect();
                (disclosure.reference(), HandedWhat::Disclosure(body.length, beside))
            }
        };
        look.done("hand_over.taken", self.now_ms()).await?;
        Ok(Handed { reference, what, until_ms })
    }

    /// The pack that was opened, read as `what` says; see [`handed`](Self::handed).
    pub(crate) async fn of_handed_pack<T>(
        &self,
        id: HandOverId,
        kept: &str,
        what: impl AsyncFnOnce(&Look, RequestId) -> Result<T, ServiceError>,
    ) -> Result<T, ServiceError> {
        let (look, of, _) = self.handed_to(id, kept).await?;
        let HandsOver::Pack(pack) = of else { return Err(ServiceError::NotFound) };
        let taken = what(&look, pack).await?;
        look.done("hand_over.taken", self.now_ms()).await?;
        Ok(taken)
    }

    /// The paper of a disclosure that was opened, as it went; see [`handed`](Self::handed).
    pub async fn handed_paper(&self, id: HandOverId, kept: &str) -> Result<Vec<u8>, ServiceError> {
        let (look, of, _) = self.handed_to(id, kept).await?;
        let HandsOver::Disclosure(disclosure, _) = of else { return Err(ServiceError::NotFound) };
        let paper = look.disclosure_paper(disclosure).await?;
        look.done("hand_over.taken", self.now_ms()).await?;
        Ok(paper)
    }

    /// A whole paper beside a disclosure that was opened, with the name of its file; see [`handed`](Self::handed).
    pub async fn handed_enclosed(
        &self,
        id: HandOverId,
        kept: &str,
        number: i64,
    ) -> Result<(String, Vec<u8>), ServiceError> {
        let (look, of, _) = self.handed_to(id, kept).await?;
        let HandsOver::Disclosure(disclosure, _) = of else { return Err(ServiceError::NotFound) };
        let file = enclosed_file(&look, &look.disclosure(disclosure).await?, number).await?;
        look.done("hand_over.taken", self.now_ms()).await?;
        Ok(file)
    }
}
