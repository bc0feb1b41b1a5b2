//! The master key in shares for several custodians (Shamir, "How to share a secret", CACM 22 (1979)): any `k` of `n` put it
//! together, fewer learn nothing of it.
//!
//! ```text
//! kith-share 1
//! master 5f0c2d9e81ab3746
//! set 7d0a41c2b9e83f65
//! share 2 of 5, any 3 open
//! value 8c1f 03aa … (32 bytes)
//! check 1f9a03c7
//! ```
//!
//! The check is the beginning of SHA-256 over the lines before it: a slip of the pen is found in the share that has it. Shares
//! of one set fit each other; the id of the master key shows whether what was put together is right.

use crate::{FileKey, MasterKey, VaultError, aead, keys::KEY};
use getrandom::{SysRng, rand_core::UnwrapErr};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use vsss_rs::Gf256;
use zeroize::Zeroizing;

const HEADING: &str = "kith-share 1";
/// Most shares: more custodians than a council has.
pub const SHARES_MAX: u8 = 20;
/// Bytes of a check.
const CHECK: usize = 4;

/// What one custodian keeps.
pub struct Share {
    master: String,
    set: String,
    number: u8,
    of: u8,
    needed: u8,
    value: Zeroizing<Vec<u8>>,
}

/// Why shares do not give the master key. Places count from 0, in the order in which they were given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShareFault {
    /// There are too few.
    TooFew {
        /// How many open it.
        needed: u8,
        /// How many different ones were given.
        given: u8,
    },
    /// One of them is not like the others, or was altered.
    Wrong {
        /// Which.
        at: usize,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Together they do not give the key, and it cannot be said which of them was altered: with one more it can.
    NotTheKey,
}

/// Puts a master key into `of` shares, of which any `needed` give it back. [`VaultError::Shares`] for numbers that are no such
/// rule, with two custodians at least.
pub fn split(master: &MasterKey, needed: u8, of: u8) -> Result<Vec<Share>, VaultError> {
    if !(2..=of).contains(&needed) || of > SHARES_MAX {
        return Err(VaultError::Shares);
    }
    let set = hex::encode(aead::random::<8>()?);
    let rng = UnwrapErr(SysRng);
    let values = Gf256::split_bytes(needed.into(), of.into(), master.key().as_bytes(), rng);
    let values = values.map_err(|_| VaultError::Shares)?;
    let share = |value: Vec<u8>| {
        let value = Zeroizing::new(value);
        let (&number, rest) = value.split_first().ok_or(VaultError::Shares)?;
        let (master, set) = (master.id().to_owned(), set.clone());
        Ok(Share { master, set, number, of, needed, value: Zeroizing::new(rest.to_vec()) })
    };
    values.into_iter().map(share).collect()
}

/// Puts the master key of this id together. Shares beyond those that are needed are held against it, too.
pub fn combine(shares: &[Share], master: &str) -> Result<MasterKey, ShareFault> {
    let Some(first) = shares.first() else { return Err(ShareFault::TooFew { needed: 2, given: 0 }) };
    let wrong = |at, why| Err(ShareFault::Wrong { at, why });
    // What most of them say is what is right.
    let like = |share: &Share| (share.set.clone(), share.needed, share.of);
    let alike = |one: &Share| shares.iter().filter(|other| like(one) == like(other)).count();
    let model = shares.iter().max_by_key(|share| alike(share)).unwrap_or(first);
    for (at, share) in shares.iter().enumerate() {
        if share.master != master {
            return wrong(at, "it is of another master key");
        }
        if like(share) != like(model) {
            return wrong(
                at,
                "it is of another set of shares than the others: shares that were made together belong together",
            );
        }
        if shares[..at].iter().any(|earlier| earlier.number == share.number) {
            return wrong(at, "it was given twice");
        }
    }
    let (needed, given) = (usize::from(model.needed), shares.len());
    if given < needed {
        return Err(ShareFault::TooFew { needed: model.needed, given: u8::try_from(given).unwrap_or(u8::MAX) });
    }
    let mut chosen: Vec<usize> = (0..needed).collect();
    loop {
        if let Some(key) = key_of(shares, &chosen, master) {
            // Each of the others must give the same in the place of one of these.
            let altered = (0..given).filter(|at| !chosen.contains(at)).find(|at| {
                let others = chosen[1..].iter().copied().chain([*at]).collect::<Vec<_>>();
                key_of(shares, &others, master).is_none()
            });
            return match altered {
                Some(at) => wrong(at, "it was altered"),
                None => Ok(key),
            };
        }
        if !next(&mut chosen, given) {
            return Err(ShareFault::NotTheKey);
        }
    }
}

/// The master key that these shares give, if it is that of the id.
fn key_of(shares: &[Share], chosen: &[usize], master: &str) -> Option<MasterKey> {
    let value = |at: &usize| [&[shares[*at].number][..], &shares[*at].value].concat();
    let values = Zeroizing::new(chosen.iter().map(value).collect::<Vec<_>>());
    let key = Zeroizing::new(Gf256::combine_bytes(&*values).ok()?);
    let key = MasterKey::of(FileKey::from_slice(&key).ok()?);
    (key.id() == master).then_some(key)
}

/// The next choice of so many out of `of`, in order; false after the last.
fn next(chosen: &mut [usize], of: usize) -> bool {
    let count = chosen.len();
    let Some(at) = (0..count).rev().find(|at| chosen[*at] < of - count + at) else { return false };
    chosen[at] += 1;
    for later in at + 1..count {
        chosen[later] = chosen[later - 1] + 1;
    }
    true
}

impl Share {
    /// Which one it is, from 1.
    pub fn number(&self) -> u8 {
        self.number
    }

    /// The id of the master key it is of.
    pub fn master(&self) -> &str {
        &self.master
    }

    /// As it is kept, with what to do with it for the custodian.
    pub fn to_text(&self) -> Zeroizing<String> {
        let (lines, Self { number, of, needed, master, .. }) = (self.lines(), self);
        let mut text = Zeroizing::new(String::with_capacity(2048));
        // A string takes what is written.
        let _ = write!(
            text,
            "{}check {}\n\n\
             This is share {number} of {of} of the master key of Kith, the records of the children's contact service.\n\
             Any {needed} of the {of} shares together open every record; fewer open nothing. It is needed when the master\n\
             key is lost: then somebody who may asks {needed} custodians to bring theirs (kith keys restore).\n\n\
             Keep it where only you reach it, on paper in a sealed envelope best. Do not keep it with another share, do not\n\
             copy or photograph it, and send it to nobody. When you leave, or if it is lost or was seen by somebody else,\n\
             say so at once: new shares are made, and this one is then worth nothing once the master key was replaced.\n\
             Nobody needs it to do their work; who asks for it by telephone or e-mail is not who they say they are.\n\n\
             The value is 32 bytes in hexadecimal digits; spaces and capitals are of no account when it is typed in.\n\
             Master key {master}.\n",
            &*lines,
            check(&lines),
        );
        text
    }

    /// The lines that the check is of.
    fn lines(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(256));
        let Self { master, set, number, of, needed, value } = self;
        let _ = write!(text, "{HEADING}\nmaster {master}\nset {set}\nshare {number} of {of}, any {needed} open\nvalue");
        for pair in value.chunks(2) {
            text.push(' ');
            for byte in pair {
                let _ = write!(text, "{byte:02x}");
            }
        }
        text.push('\n');
        text
    }

    /// Reads a share, wherever in the text it stands. Says what is wrong with one that is damaged.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let mut lines = text.lines().map(str::trim).skip_while(|line| *line != HEADING).skip(1);
        let mut part = |name: &str| {
            let line = lines.next()?.strip_prefix(name)?.trim().to_lowercase();
            Some(Zeroizing::new(line))
        };
        let no = "it is no share, or its first lines are damaged";
        let (master, set) = (part("master").ok_or(no)?, part("set").ok_or(no)?);
        let which = part("share").ok_or(no)?;
        let value = part("value").ok_or("its value is missing or damaged")?;
        let said = part("check").ok_or("its check is missing or damaged")?;
        let mut numbers = which.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u8>().ok());
        let (Some(number), Some(of), Some(needed)) = (numbers.next(), numbers.next(), numbers.next()) else {
            return Err(no);
        };
        let digits = Zeroizing::new(value.chars().filter(|c| !c.is_whitespace()).collect::<String>());
        let value = hex::decode(digits.as_bytes()).map_err(|_| "its value has other signs than hexadecimal digits")?;
        let value = Zeroizing::new(value);
        let share = Self { master: master.to_string(), set: set.to_string(), number, of, needed, value };
        if *said != check(&share.lines()) || share.value.len() != KEY {
            return Err("it is damaged: its check does not fit. Compare it with the paper, digit by digit");
        }
        Ok(share)
    }
}

fn check(lines: &str) -> String {
    hex::encode(&Sha256::digest(lines.as_bytes())[..CHECK])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(of: usize, count: usize) -> Vec<Vec<usize>> {
        let mut chosen: Vec<usize> = (0..count).collect();
        let mut all = vec![chosen.clone()];
        while next(&mut chosen, of) {
            all.push(chosen.clone());
        }
        all
    }

    fn read(share: &Share) -> Share {
        Share::parse(&share.to_text()).unwrap_or_else(|why| panic!("{why}"))
    }

    // "escrow by shares (k of n) with a restore that is tried in a test"; ASVS 5.0, 11.1.1.
    #[test]
    fn any_k_of_n_shares_give_the_key_and_fewer_do_not() {
        let master = MasterKey::generate().unwrap();
        for (needed, of) in [(2, 2), (2, 3), (3, 5), (5, 7)] {
            let shares = split(&master, needed, of).unwrap();
            assert_eq!(shares.len(), usize::from(of));
            for chosen in choices(of.into(), needed.into()) {
                let some: Vec<Share> = chosen.iter().map(|at| read(&shares[*at])).collect();
                let key = combine(&some, master.id()).unwrap_or_else(|fault| panic!("{chosen:?}: {fault:?}"));
                assert_eq!(key.key().as_bytes(), master.key().as_bytes());
            }
            for chosen in choices(of.into(), usize::from(needed) - 1) {
                let some: Vec<Share> = chosen.iter().map(|at| read(&shares[*at])).collect();
                let given = needed - 1;
                assert_eq!(combine(&some, master.id()).unwrap_err(), ShareFault::TooFew { needed, given });
            }
            let all: Vec<Share> = shares.iter().map(read).collect();
            assert!(combine(&all, master.id()).is_ok());
        }
        for (needed, of) in [(1, 3), (0, 0), (4, 3), (2, SHARES_MAX + 1)] {
            assert!(matches!(split(&master, needed, of), Err(VaultError::Shares)), "{needed} of {of}");
        }
    }

    // RUSTSEC-2024-0398 (another library) and the audit of this one in 2026: coefficients that are never zero, or always odd,
    // tell something of the secret. With two needed, the share of number 1 is secret + coefficient in each byte.
    #[test]
    fn every_byte_is_hidden_behind_every_other_as_often() {
        let master = MasterKey::generate().unwrap();
        let mut seen = [0_u32; 256];
        for _ in 0..800 {
            let shares = split(&master, 2, 2).unwrap();
            assert_eq!(shares[0].number, 1);
            for (value, secret) in shares[0].value.iter().zip(master.key().as_bytes()) {
                seen[usize::from(value ^ secret)] += 1;
            }
        }
        // A hundred of each are expected; by chance alone none is this far off in more starts than there are atoms.
        assert!(seen.iter().all(|count| (20..300).contains(count)), "{seen:?}");
    }

    #[test]
    fn a_share_that_says_that_fewer_are_needed_opens_nothing() {
        let master = MasterKey::generate().unwrap();
        let mut shares = split(&master, 3, 5).unwrap();
        shares.truncate(2);
        for share in &mut shares {
            share.needed = 2;
        }
        assert_eq!(combine(&shares, master.id()).unwrap_err(), ShareFault::NotTheKey);
    }

    #[test]
    fn a_damaged_share_is_found_whichever_digit_it_is() {
        let master = MasterKey::generate().unwrap();
        let text = split(&master, 2, 3).unwrap()[1].to_text();
        let end = text.find("\n\n").unwrap();
        for (at, letter) in text[..end].char_indices().filter(|(_, letter)| letter.is_ascii_hexdigit()) {
            // The words of the lines are no part of what is checked.
            if text[..at].ends_with("value ") || !text[..at].ends_with(|c: char| c.is_ascii_hexdigit() || c == ' ') {
                continue;
            }
            let mut slip = text[..].to_owned();
            slip.replace_range(at..=at, if letter == '1' { "2" } else { "1" });
            assert!(Share::parse(&slip).is_err() || slip == *text, "{slip}");
        }
        let typed = text[..end].to_uppercase().replace("KITH-SHARE 1", HEADING);
        let typed = ["MASTER", "SET", "SHARE", "VALUE", "CHECK"]
            .iter()
            .fold(typed, |typed, name| typed.replace(&format!("\n{name}"), &format!("\n{}", name.to_lowercase())));
        assert!(Share::parse(&format!("Found in the safe:\n\n  {}  ", typed.replace('\n', "\n  "))).is_ok(), "{typed}");
        for text in ["", "a letter", "kith-share 1", "kith-share 1\nmaster x\nset y\nshare 1"] {
            assert!(Share::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_wrong_share_is_named() {
        let master = MasterKey::generate().unwrap();
        let (mut shares, again) = (split(&master, 3, 5).unwrap(), split(&master, 3, 5).unwrap());
        let other = split(&MasterKey::generate().unwrap(), 3, 5).unwrap();
        let at_two = |shares: &[Share]| match combine(shares, master.id()) {
            Err(ShareFault::Wrong { at: 2, why }) => why,
            result => panic!("{result:?}"),
        };
        let some = |third: &Share| vec![read(&shares[0]), read(&shares[1]), read(third)];
        assert!(at_two(&some(&other[2])).contains("another master key"));
        assert!(at_two(&some(&again[2])).contains("another set"));
        assert!(at_two(&some(&read(&shares[1]))).contains("twice"));
        // Altered with a check that fits: one more share than are needed shows which.
        shares[2].value[7] ^= 1;
        let forged: Vec<Share> = shares.iter().map(read).collect();
        assert_eq!(at_two(&forged), "it was altered");
        assert_eq!(combine(&forged[..3], master.id()).unwrap_err(), ShareFault::NotTheKey);
    }
}
