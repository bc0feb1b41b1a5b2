//! The browser that has signed in before: what it keeps, and how Kith knows it again. Why so: `docs/decisions/0024`.
//!
//! For each account that signed in there it keeps 40 bytes: the day, a salt, and two keyed hashes. The first is of the account
//! and of what is stored of its password, so that a new password makes a stranger of every browser; the second is of all of
//! it, by which Kith sees before it reads anything that it gave this out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kith_store::Account;

use crate::door::WRONG_MAX;
use crate::{Service, ServiceError};

/// How many days a browser is known after it was last signed in at.
pub const DEVICE_DAYS: i64 = 180;
/// Of how many accounts a browser keeps something: a tablet of a venue is used by many.
pub const DEVICES_MAX: usize = 16;

const DAY_MS: i64 = 86_400_000;
/// Bytes of the day, of the salt, of each hash.
const PARTS: [usize; 4] = [4, 8, 14, 14];

/// What a browser keeps of one account.
struct Device {
    day: [u8; PARTS[0]],
    salt: [u8; PARTS[1]],
    of_account: [u8; PARTS[2]],
    of_all: [u8; PARTS[3]],
}

impl Device {
    fn read(text: &str) -> Option<Self> {
        let bytes: [u8; 40] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (day, rest) = bytes.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (of_account, of_all) = rest.split_first_chunk()?;
        Some(Self { day: *day, salt: *salt, of_account: *of_account, of_all: of_all.try_into().ok()? })
    }

    fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode([&self.day[..], &self.salt, &self.of_account, &self.of_all].concat())
    }
}

impl Service {
    /// What a browser keeps after an account signed in there: this account first, the others after it, as many as there is
    /// room for.
    pub(super) fn keep_device(&self, kept: &str, account: &Account) -> Result<String, ServiceError> {
        let mut salt = [0; PARTS[1]];
        getrandom::fill(&mut salt).map_err(|_| ServiceError::Broken("the machine gives no random numbers"))?;
        let day = u32::try_from(self.real_now_ms() / DAY_MS).unwrap_or_default().to_be_bytes();
        let of_account = self.device_account(&salt, account);
        let of_all = self.device_all(&day, &salt, &of_account);
        let new = Device { day, salt, of_account, of_all };
        let others = self.devices(kept).filter(|device| !self.is_of(device, account));
        let all: Vec<String> =
            std::iter::once(new).chain(others).take(DEVICES_MAX).map(|device| device.text()).collect();
        Ok(all.join("~"))
    }

    fn is_of(&self, device: &Device, account: &Account) -> bool {
        let expected = self.device_account(&device.salt, account);
        self.web_mac("compare", &expected) == self.web_mac("compare", &device.of_account)
    }

    fn device_account(&self, salt: &[u8], account: &Account) -> [u8; PARTS[2]] {
        let password = account.body.credentials.password_hash.as_deref().unwrap_or_default();
        let hash = self.web_mac("device account", &[salt, account.id.0.as_bytes(), password.as_bytes()].concat());
        std::array::from_fn(|at| hash[at])
    }

    fn device_all(&self, day: &[u8], salt: &[u8], of_account: &[u8]) -> [u8; PARTS[3]] {
        let hash = self.web_mac("device", &[day, salt, of_account].concat());
        std::array::from_fn(|at| hash[at])
    }

    /// What of it was given out here, and not too long ago.
    fn devices(&self, kept: &str) -> impl Iterator<Item = Device> {
        let today = self.real_now_ms() / DAY_MS;
        kept.split('~').take(DEVICES_MAX).filter_map(Device::read).filter(move |device| {
            let age = today - i64::from(u32::from_be_bytes(device.day));
            // Compared as keyed hashes of what is compared: the time it takes tells nothing.
            let same = self.web_mac("compare", &self.device_all(&device.day, &device.salt, &device.of_account))
                == self.web_mac("compare", &device.of_all);
            same && (0..=DEVICE_DAYS).contains(&age)
        })
    }

    /// Whether somebody has signed in at this browser before; says nothing of who.
    pub fn is_known_browser(&self, kept: &str) -> bool {
        self.devices(kept).next().is_some()
    }

    /// By which such a browser is told from others at the door.
    pub(super) fn browser_key(&self, kept: &str) -> Option<u128> {
        self.devices(kept).next().map(|device| self.door_key("door browser", &device.salt))
    }

    /// By which attempts are counted of a browser that has signed in to this account before. `None` for a stranger's, and for
    /// one at which the password was wrong too often in a row.
    pub(super) fn known_device(&self, kept: &str, account: &Account) -> Option<u128> {
        let device = self.devices(kept).find(|device| self.is_of(device, account))?;
        let key = self.door_key("door device", &device.salt);
        (self.door().wrong(key) < WRONG_MAX).then_some(key)
    }
}
