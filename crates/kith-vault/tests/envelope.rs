//! What an envelope promises: it opens at its place through any of its files, and in no other way.

use kith_vault::{FileKey, Place, VaultError, Zeroizing, files_of, open, seal};
use uuid::Uuid;

const SISTER: Uuid = Uuid::from_u128(1);
const BROTHER: Uuid = Uuid::from_u128(2);
const PLACE: Place =
    Place { authority: "Glanrhyd", table: "session", row: Uuid::from_u128(7), version: 3, clear: b"open" };
const TEXT: &[u8] = b"Siblings built a den in the garden room.";

fn key(byte: u8) -> FileKey {
    FileKey::from_bytes([byte; 32])
}

/// The key store before anything was destroyed.
fn both(file: Uuid) -> Option<FileKey> {
    match file {
        SISTER => Some(key(1)),
        BROTHER => Some(key(2)),
        _ => None,
    }
}

fn only(remaining: Uuid) -> impl FnMut(Uuid) -> Option<FileKey> {
    move |file| both(file).filter(|_| file == remaining)
}

fn sealed_for_one() -> Vec<u8> {
    seal(&PLACE, &[(SISTER, &key(1))], TEXT).unwrap()
}

fn sealed_for_both() -> Vec<u8> {
    seal(&PLACE, &[(BROTHER, &key(2)), (SISTER, &key(1))], TEXT).unwrap()
}

fn tampered(result: &Result<Zeroizing<Vec<u8>>, VaultError>) -> bool {
    matches!(result, Err(VaultError::Tampered))
}

#[test]
fn a_record_opens_at_its_place() {
    for text in [TEXT, b"", &[0; 16_000]] {
        let sealed = seal(&PLACE, &[(SISTER, &key(1))], text).unwrap();
        assert_eq!(&**open(&PLACE, &sealed, both).unwrap(), text);
    }
}

#[test]
fn a_record_opens_at_no_other_place() {
    for sealed in [sealed_for_one(), sealed_for_both()] {
        for place in [
            Place { authority: "Glanrhyd2", ..PLACE },
            Place { table: "report", ..PLACE },
            Place { clear: b"closed", ..PLACE },
            Place { clear: b"", ..PLACE },
            Place { row: Uuid::from_u128(8), ..PLACE },
            Place { version: 2, ..PLACE },
            Place { version: -3, ..PLACE },
            // The same letters divided otherwise.
            Place { authority: "Glanrhyds", table: "ession", ..PLACE },
        ] {
            assert!(tampered(&open(&place, &sealed, both)), "{place:?}");
        }
    }
}

#[test]
fn records_exchanged_between_rows_do_not_open() {
    let other = Place { row: Uuid::from_u128(8), ..PLACE };
    let (here, there) = (sealed_for_one(), seal(&other, &[(SISTER, &key(1))], b"another").unwrap());
    assert!(tampered(&open(&PLACE, &there, both)));
    assert!(tampered(&open(&other, &here, both)));
}

#[test]
fn the_record_of_another_envelope_does_not_open_under_this_ones_wraps() {
    let (one, other) = (sealed_for_one(), sealed_for_one());
    let head = 4 + 1 + 2 + 16 + 12 + 48;
    let spliced = [&one[..head], &other[head..]].concat();
    assert!(tampered(&open(&PLACE, &spliced, both)));
}

#[test]
fn a_record_with_any_bit_flipped_does_not_open() {
    let sealed = sealed_for_one();
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        assert!(open(&PLACE, &altered, |_| Some(key(1))).is_err(), "bit {bit}");
    }
}

/// Damage to the wrap of one file leaves the record to the other; any other damage leaves it to nobody.
#[test]
fn a_flipped_bit_costs_a_shared_record_at_most_one_of_its_files() {
    let sealed = sealed_for_both();
    for bit in 0..sealed.len() * 8 {
        let mut altered = sealed.clone();
        altered[bit / 8] ^= 1 << (bit % 8);
        let results = [open(&PLACE, &altered, only(SISTER)), open(&PLACE, &altered, only(BROTHER))];
        let opened = results.iter().flatten().inspect(|text| assert_eq!(&***text, TEXT)).count();
        let (first_wrap, second_wrap) = (7 + 16..7 + 76, 7 + 76 + 16..7 + 152);
        let in_a_wrap = first_wrap.contains(&(bit / 8)) || second_wrap.contains(&(bit / 8));
        assert_eq!(opened, usize::from(in_a_wrap), "bit {bit}");
        assert_eq!(open(&PLACE, &altered, both).is_ok(), in_a_wrap, "bit {bit}");
    }
}

#[test]
fn a_record_cut_short_or_lengthened_does_not_open() {
    let sealed = sealed_for_both();
    for length in 0..sealed.len() {
        assert!(open(&PLACE, &sealed[..length], both).is_err(), "length {length}");
    }
    assert!(tampered(&open(&PLACE, &[&sealed[..], &[0]].concat(), both)));
    assert!(matches!(open(&PLACE, &[], both), Err(VaultError::Malformed { .. })));
    assert!(matches!(open(&PLACE, b"Siblings built a den", both), Err(VaultError::Malformed { .. })));
    assert!(matches!(files_of(b"KTHE\x01\x00\x00"), Err(VaultError::Malformed { .. })));
    assert!(matches!(files_of(b"KTHE\x02\x00\x01"), Err(VaultError::UnknownAlgorithm(2))));
}

#[test]
fn destroying_one_file_leaves_a_shared_record_to_the_other() {
    let sealed = sealed_for_both();
    assert_eq!(&**open(&PLACE, &sealed, only(SISTER)).unwrap(), TEXT);
    assert_eq!(&**open(&PLACE, &sealed, only(BROTHER)).unwrap(), TEXT);
    assert!(matches!(open(&PLACE, &sealed, |_| None), Err(VaultError::Destroyed)));
    assert!(matches!(open(&PLACE, &sealed_for_one(), only(BROTHER)), Err(VaultError::Destroyed)));
}

#[test]
fn a_key_made_anew_for_a_file_does_not_open_its_old_records() {
    assert!(tampered(&open(&PLACE, &sealed_for_one(), |_| FileKey::generate().ok())));
}

#[test]
fn a_file_cannot_be_struck_from_a_record() {
    let sealed = sealed_for_both();
    let struck = [&sealed[..5], &[0, 1], &sealed[7..7 + 76], &sealed[7 + 152..]].concat();
    assert_eq!(files_of(&struck).unwrap(), [SISTER]);
    assert!(tampered(&open(&PLACE, &struck, both)));
}

#[test]
fn a_wrap_cannot_be_moved_to_another_file() {
    // Under one key for both files, only the wraps' binding to their files tells them apart.
    let key = key(1);
    let sealed = seal(&PLACE, &[(SISTER, &key), (BROTHER, &key)], TEXT).unwrap();
    let (first, second) = (7 + 16..7 + 76, 7 + 76 + 16..7 + 152);
    let mut exchanged = sealed.clone();
    exchanged[first.clone()].copy_from_slice(&sealed[second.clone()]);
    exchanged[second].copy_from_slice(&sealed[first]);
    assert!(open(&PLACE, &sealed, |_| Some(key.clone())).is_ok());
    assert!(tampered(&open(&PLACE, &exchanged, |_| Some(key.clone()))));
}

#[test]
fn a_record_names_its_files_once_each_in_order() {
    assert_eq!(files_of(&sealed_for_both()).unwrap(), [SISTER, BROTHER]);
    let (one, other) = (key(1), key(2));
    let sealed = seal(&PLACE, &[(BROTHER, &other), (SISTER, &one), (BROTHER, &other)], TEXT).unwrap();
    assert_eq!(files_of(&sealed).unwrap(), [SISTER, BROTHER]);
    assert_eq!(sealed.len(), sealed_for_both().len());
    assert_eq!(&**open(&PLACE, &sealed, only(BROTHER)).unwrap(), TEXT);
}

#[test]
fn a_record_of_no_file_or_too_many_is_not_sealed() {
    assert!(matches!(seal(&PLACE, &[], TEXT), Err(VaultError::NoFile)));
    let key = key(1);
    let many: Vec<_> = (0..=u128::from(u16::MAX)).map(|id| (Uuid::from_u128(id), &key)).collect();
    assert!(matches!(seal(&PLACE, &many, TEXT), Err(VaultError::TooManyFiles { count: 65_536 })));
}

#[test]
fn two_seals_of_one_text_share_nothing_but_their_heads() {
    let (one, other) = (sealed_for_one(), sealed_for_one());
    // Magic, algorithm, count and file id are equal; nonce, wrap and record are not, in any run of eight bytes.
    assert_eq!(one[..23], other[..23]);
    assert!(one[23..].windows(8).all(|run| !other.windows(8).any(|other| run == other)));
}

#[test]
fn nothing_readable_is_in_the_sealed_bytes() {
    let sealed = sealed_for_both();
    for secret in [TEXT, PLACE.authority.as_bytes(), PLACE.table.as_bytes(), key(1).as_bytes(), key(2).as_bytes()] {
        for run in secret.windows(5) {
            assert!(!sealed.windows(5).any(|sealed| sealed == run));
        }
    }
}
