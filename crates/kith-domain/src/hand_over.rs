//! Ways to take something without signing in: an address that is sent one way, and a code that is told another and opens it once.

use serde::{Deserialize, Serialize};

use crate::codes::codes;
use crate::ids::{ChildId, DisclosureId, RequestId};

/// What is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandsOver {
    /// The pack that answers a request.
    Pack(RequestId),
    /// What goes to a recipient, of a child's file.
    Disclosure(DisclosureId, ChildId),
}

codes! {
    /// Where a way to take something stands.
    HandOverState {
        Waiting = "waiting", "Waits for the code";
        Opened = "opened", "Opened";
        Locked = "locked", "Locked: a wrong code was typed too often";
        TakenBack = "taken_back", "Taken back";
    }
}

/// What is kept of a way to take something. No Debug: a keyed hash of the code is in it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandOverBody {
    /// A keyed hash of the code, hexadecimal.
    pub code: String,
    /// How often a wrong one was typed.
    pub wrong: u32,
    /// When the right one was, UTC milliseconds.
    pub opened_ms: Option<i64>,
}

/// Wrong codes after which a way to take something is locked.
pub const WRONG_CODES_MAX: u32 = 5;

/// What became of a code that was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It opened what it is for.
    Opened,
    /// It is wrong.
    Wrong,
    /// It is wrong, and was the last that could be tried.
    Locked,
}

impl HandOverBody {
    /// A way that waits for its code, whose keyed hash is `code`.
    pub fn new(code: String) -> Self {
        Self { code, wrong: 0, opened_ms: None }
    }

    /// Tries a code, whose keyed hash is `typed`, at an instant (UTC milliseconds), and writes down what came of it. Both are keyed
    /// hashes: how long comparing takes tells nothing of the code.
    pub fn try_code(&mut self, typed: &str, now_ms: i64) -> Tried {
        if typed == self.code {
            self.opened_ms = Some(now_ms);
            return Tried::Opened;
        }
        self.wrong += 1;
        if self.wrong >= WRONG_CODES_MAX { Tried::Locked } else { Tried::Wrong }
    }
}

#[cfg(test)]
mod tests {
    use super::{HandOverBody, Tried};

    #[test]
    fn the_fifth_wrong_code_locks_and_the_right_one_opens() {
        let mut body = HandOverBody::new("right".into());
        let tried: Vec<Tried> = (0..5).map(|_| body.try_code("wrong", 1)).collect();
        assert_eq!(tried, [Tried::Wrong, Tried::Wrong, Tried::Wrong, Tried::Wrong, Tried::Locked]);
        assert_eq!((body.try_code("right", 7), body.opened_ms), (Tried::Opened, Some(7)));
    }
}
