//! Handing a pack over: an address that is sent one way and a code that is told another. The code opens it once; what was opened can be
//! taken for a day in that browser.

use std::net::IpAddr;

use kith_domain::access::Purpose;
use kith_domain::ids::{HandOverId, RequestId};
use kith_domain::notice::NoticeKind;
use kith_domain::pack::{HandOverBody, HandOverState, PackState, WRONG_CODES_MAX};
use kith_store::{HandOver, Look, StoreError, Work};
use serde_json::Value;
use uuid::Uuid;

use super::set::{data, volume_bytes};
use crate::sign_in::{random_code, read_code};
use crate::{Desk, Service, ServiceError};

/// Characters of a code, five bits each: with five tries nobody guesses it.
const CODE_CHARS: usize = 12;
/// For how long a code opens a pack.
const EXPIRES_MS: i64 = 14 * 24 * 3_600_000;
/// For how long what was opened can be taken.
const OPEN_MS: i64 = 24 * 3_600_000;

/// A new way to take a pack: shown once, to whoever made it.
pub struct NewHandOver {
    /// Its id, which stands in its address.
    pub id: HandOverId,
    /// The code, in groups of four.
    pub code: String,
    /// Until when it opens, UTC milliseconds.
    pub expires_ms: i64,
}

/// A way to take a pack in words.
pub struct HandOverLine {
    /// Which.
    pub id: HandOverId,
    /// Where it stands now.
    pub state: HandOverState,
    /// Whether its time is over.
    pub expired: bool,
    /// When it was made, and until when it opens, UTC milliseconds.
    pub created_ms: i64,
    /// Until when it opens, UTC milliseconds.
    pub expires_ms: i64,
    /// When it was opened, UTC milliseconds.
    pub opened_ms: Option<i64>,
    /// Who made it.
    pub by: String,
}

/// What somebody who has opened a pack can take.
pub struct Handed {
    /// The reference of the request.
    pub reference: String,
    /// The volumes: number and length in bytes.
    pub volumes: Vec<(i64, usize)>,
    /// Until when it can be taken, UTC milliseconds.
    pub until_ms: i64,
}

/// What became of a code.
enum Tried {
    /// It opened the pack, at this instant, UTC milliseconds.
    Opened(i64),
    /// It is wrong, or there is nothing to be opened with it.
    Wrong,
}

impl Desk {
    pub(super) async fn hand_over_lines(&self, look: &Look, id: RequestId) -> Result<Vec<HandOverLine>, ServiceError> {
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
        Ok(look.hand_overs(id).await?.into_iter().map(line).collect())
    }

    /// Makes a way to take a pack that was released. Those that were there open nothing any more. The code is in no row: whoever loses
    /// it gets another.
    pub async fn make_hand_over(&self, id: RequestId) -> Result<NewHandOver, ServiceError> {
        let desk = self.of_rights();
        let (look, pack, _) = desk.look_at_pack(id).await?;
        look.done("pack.read", self.now_ms()).await?;
        if pack.state != PackState::Released {
            return Err(ServiceError::rule("pack.not_released", "A second person releases the answer first"));
        }
        let (me, now_ms) = (self.me()?, self.now_ms());
        // Random as a whole: nobody guesses the address of one from another.
        let new = HandOverId(Uuid::new_v4());
        let code = random_code(CODE_CHARS)?;
        let expires_ms = now_ms + EXPIRES_MS;
        let body = HandOverBody { code: self.service.hand_over_code(new, &code), wrong: 0, opened_ms: None };
        desk.change("pack.hand_over_made", |work| {
            let body = body.clone();
            async move {
                take_back(&work, id).await?;
                let state = HandOverState::Waiting;
                let mut row =
                    HandOver { id: new, version: 0, pack: id, author: me, state, created_ms: now_ms, expires_ms, body };
                work.insert_hand_over(&mut row).await?;
                Ok(())
            }
        })
        .await?;
        Ok(NewHandOver { id: new, code, expires_ms })
    }

    /// Takes the ways to take a pack back: what was not taken yet cannot be taken any more.
    pub async fn take_hand_overs_back(&self, id: RequestId) -> Result<(), ServiceError> {
        let desk = self.of_rights();
        let (look, pack, _) = desk.look_at_pack(id).await?;
        look.done("pack.read", self.now_ms()).await?;
        desk.change("pack.hand_over_taken_back", |work| async move {
            work.changed("pack", id.0, pack.version);
            take_back(&work, id).await
        })
        .await
    }
}

/// Takes back what opens a pack, or was opened.
async fn take_back(work: &Work, id: RequestId) -> Result<(), ServiceError> {
    for mut before in work.hand_overs(id).await? {
        if matches!(before.state, HandOverState::Waiting | HandOverState::Opened) {
            before.state = HandOverState::TakenBack;
            work.save_hand_over(&mut before).await?;
        }
    }
    Ok(())
}

impl Service {
    fn hand_over_code(&self, id: HandOverId, code: &str) -> String {
        hex::encode(self.web_mac("hand-over", format!("{id} {}", read_code(code)).as_bytes()))
    }

    /// Opens a pack with its code, for somebody who is not signed in. Gives what their browser keeps, to be known by for a day. A wrong
    /// code, one that was used and an address that is none get the same answer.
    pub async fn open_hand_over(&self, id: HandOverId, code: &str, from: IpAddr) -> Result<String, ServiceError> {
        self.pass_public_door(from)?;
        let desk = self.own_desk(Purpose::Rights);
        let now_ms = self.now_ms();
        let typed = self.hand_over_code(id, code);
        let tried = desk
            .change("pack.code_tried", |work| {
                let typed = typed.clone();
                let desk = desk.clone();
                async move {
                    let mut row = match work.hand_over(id).await {
                        Err(StoreError::NotFound) => {
                            work.changed("hand_over", id.0, 0);
                            return Ok(Tried::Wrong);
                        }
                        row => row?,
                    };
                    let open = row.state == HandOverState::Waiting && now_ms < row.expires_ms;
                    let released = work.pack(row.pack).await?.is_some_and(|pack| pack.state == PackState::Released);
                    if !open || !released {
                        work.changed("hand_over", id.0, row.version);
                        return Ok(Tried::Wrong);
                    }
                    // Both are keyed hashes: how long comparing takes tells nothing of the code.
                    if typed == row.body.code {
                        row.state = HandOverState::Opened;
                        row.body.opened_ms = Some(now_ms);
                        work.save_hand_over(&mut row).await?;
                        return Ok(Tried::Opened(now_ms));
                    }
                    row.body.wrong += 1;
                    if row.body.wrong >= WRONG_CODES_MAX {
                        row.state = HandOverState::Locked;
                        desk.tell_officers(&work, NoticeKind::HandOverLocked, row.pack.0).await?;
                    }
                    work.save_hand_over(&mut row).await?;
                    Ok(Tried::Wrong)
                }
            })
            .await?;
        match tried {
            Tried::Opened(at_ms) => {
                Ok(format!("{at_ms}.{}", hex::encode(self.web_mac("handed", format!("{id} {at_ms}").as_bytes()))))
            }
            Tried::Wrong => Err(ServiceError::field(
                "code",
                "This code does not open anything: it may be mistyped, used before, or too old. Check it, or call us for another",
            )),
        }
    }

    /// Whether a browser is the one that opened a pack, by what it kept, and its time is not over; the pack.
    async fn handed_to(&self, look: &Look, id: HandOverId, kept: &str) -> Result<(RequestId, i64), ServiceError> {
        let Some((at, mac)) = kept.split_once('.') else { return Err(ServiceError::NotFound) };
        let expected = hex::encode(self.web_mac("handed", format!("{id} {at}").as_bytes()));
        let row = match look.hand_over(id).await {
            Err(StoreError::NotFound) => return Err(ServiceError::NotFound),
            row => row?,
        };
        let same = expected == mac;
        let opened_ms = row.body.opened_ms.filter(|opened| *at == opened.to_string());
        let until_ms = opened_ms.map(|opened| opened + OPEN_MS).filter(|until| self.now_ms() < *until);
        match until_ms {
            Some(until_ms) if same && row.state == HandOverState::Opened => Ok((row.pack, until_ms)),
            _ => Err(ServiceError::NotFound),
        }
    }

    /// What can be taken of a pack that was opened. [`ServiceError::NotFound`] for a browser that did not open it, and after a day.
    pub async fn handed(&self, id: HandOverId, kept: &str) -> Result<Handed, ServiceError> {
        let look = self.own_desk(Purpose::Rights).snapshot().await?;
        let (pack, until_ms) = self.handed_to(&look, id, kept).await?;
        let mut volumes = Vec::new();
        for number in look.volume_numbers(pack).await? {
            volumes.push((number, look.volume_of_pack(pack, number).await?.body.length));
        }
        look.done("pack.handed_over", self.now_ms()).await?;
        Ok(Handed { reference: pack.reference(), volumes, until_ms })
    }

    /// A volume of a pack that was opened, as a PDF file; see [`handed`](Self::handed).
    pub async fn handed_volume(&self, id: HandOverId, kept: &str, number: i64) -> Result<Vec<u8>, ServiceError> {
        let look = self.own_desk(Purpose::Rights).snapshot().await?;
        let (pack, _) = self.handed_to(&look, id, kept).await?;
        let bytes = volume_bytes(&look, pack, number).await?;
        look.done("pack.handed_over", self.now_ms()).await?;
        Ok(bytes)
    }

    /// A pack that was opened, as data; see [`handed`](Self::handed).
    pub async fn handed_data(&self, id: HandOverId, kept: &str) -> Result<Value, ServiceError> {
        let look = self.own_desk(Purpose::Rights).snapshot().await?;
        let (pack, _) = self.handed_to(&look, id, kept).await?;
        let data = data(&look, pack).await?;
        look.done("pack.handed_over", self.now_ms()).await?;
        Ok(data)
    }
}
