//! Whatever is changed afterwards is found, and its place named.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Places, copy_dir, entries, key, signer};
use kith_ledger::{LedgerError, Log, verify};

const SIZE: u64 = 700;

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(dir).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The tiles that stand under the checkpoint of `SIZE` entries.
fn live_tiles(places: &Places) -> Vec<PathBuf> {
    let mut tiles = files(&places.dir.join("tile"));
    tiles.retain(|path| {
        let path = path.to_str().unwrap();
        !path.contains(".p/") || path.ends_with(".p/188") || path.ends_with("1/000.p/2")
    });
    assert_eq!(tiles.len(), 7);
    tiles
}

#[test]
fn a_changed_byte_is_found_and_its_tile_named() {
    let places = Places::filled(SIZE, 94);
    for path in live_tiles(&places) {
        let name = path.strip_prefix(&places.dir).unwrap().to_str().unwrap();
        let good = fs::read(&path).unwrap();
        for at in (0..good.len()).step_by(41).chain([good.len() - 1]) {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            fs::write(&path, bad).unwrap();
            let error = places.verify().unwrap_err();
            let message = error.to_string();
            assert!(message.contains(name), "{name} byte {at}: {message}");
            let first = match error {
                LedgerError::AlteredTile { first_entry, .. } => {
                    assert!(!name.contains("entries"), "{message}");
                    Some(first_entry)
                }
                LedgerError::AlteredEntry { .. } | LedgerError::Malformed { .. } => {
                    assert!(name.contains("entries"), "{message}");
                    None
                }
                other => panic!("{other}"),
            };
            if let Some(first) = first {
                let tile: u64 = name[7..10].parse().unwrap();
                let hash = at as u64 / 32;
                let expected = if name.starts_with("tile/0/") { tile * 256 + hash } else { hash * 256 };
                assert_eq!(first, expected, "{name} byte {at}");
            }
        }
        // Cut short, made longer, gone.
        fs::write(&path, &good[..good.len() - 1]).unwrap();
        assert!(places.verify().unwrap_err().to_string().contains(name));
        fs::write(&path, [&good[..], b"x"].concat()).unwrap();
        assert!(places.verify().unwrap_err().to_string().contains(name));
        fs::remove_file(&path).unwrap();
        let error = places.verify().unwrap_err();
        assert!(matches!(error, LedgerError::MissingTile { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
        fs::write(&path, good).unwrap();
    }
    assert_eq!(places.verify().unwrap().size, SIZE);
}

#[test]
fn an_altered_entry_is_named_by_its_number() {
    let places = Places::filled(SIZE, 94);
    let path = places.dir.join("tile/entries/001");
    let mut bundle = fs::read(&path).unwrap();
    let at = bundle.windows(3).position(|w| w == b"300").unwrap();
    bundle[at] = b'9';
    fs::write(&path, &bundle).unwrap();
    let error = places.verify().unwrap_err();
    assert_eq!(
        error.to_string(),
        "altered entry 300 in tile/entries/001: its hash is not the one under the signed checkpoint"
    );
    // Its length, not its content: still this entry, not those that move because of it.
    bundle[at] = b'3';
    bundle[at - 1] -= 1;
    fs::write(&path, &bundle).unwrap();
    let error = places.verify().unwrap_err();
    assert!(matches!(error, LedgerError::AlteredEntry { index: 300, .. }), "{error}");
}

#[test]
fn tiles_rewritten_together_do_not_give_the_signed_root() {
    let places = Places::filled(SIZE, SIZE);
    let forged = Places::new();
    let mut log = forged.open().unwrap();
    let mut changed = entries(0, SIZE);
    changed[300] = b"changed".to_vec();
    log.append(&changed).unwrap();
    fs::remove_dir_all(places.dir.join("tile")).unwrap();
    copy_dir(&forged.dir.join("tile"), &places.dir.join("tile"));
    let error = verify(&places.dir, None, &key(), |_, _| Ok(())).unwrap_err();
    assert!(matches!(error, LedgerError::WrongRoot { size: SIZE }), "{error}");
    assert!(matches!(places.open(), Err(LedgerError::RewrittenNewest { .. })));

    let alone = Log::open(&places.dir, None, signer());
    assert!(matches!(alone, Err(LedgerError::WrongRoot { size: SIZE })));

    // Even with the key: the second place remembers.
    fs::copy(forged.dir.join("checkpoint"), places.dir.join("checkpoint")).unwrap();
    verify(&places.dir, None, &key(), |_, _| Ok(())).unwrap();
    let error = places.verify().unwrap_err();
    assert!(matches!(error, LedgerError::Rewritten { number: 2, size: SIZE, from: 0 }), "{error}");
    let error = places.open().unwrap_err();
    assert!(matches!(error, LedgerError::RewrittenNewest { size: SIZE }), "{error}");
}

#[test]
fn a_changed_checkpoint_has_a_bad_signature() {
    let places = Places::filled(20, 10);
    for (path, place) in
        [(places.dir.join("checkpoint"), "the checkpoint"), (places.checkpoints(), "of the second place")]
    {
        let good = fs::read(&path).unwrap();
        // The very last byte is the newline: without it the second place's note is unfinished.
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1;
            fs::write(&path, bad).unwrap();
            let message = match places.verify() {
                Err(error) => error.to_string(),
                Ok(_) => panic!("byte {at} of {place}"),
            };
            assert!(message.contains(place) || message.contains("second place"), "{message}");
        }
        fs::write(&path, good).unwrap();
    }
    fs::remove_file(places.dir.join("checkpoint")).unwrap();
    assert!(matches!(places.verify(), Err(LedgerError::MissingCheckpoint)));
    assert!(matches!(places.open(), Err(LedgerError::MissingCheckpoint)));
}

#[test]
fn a_log_rolled_back_is_found_by_the_second_place() {
    let places = Places::filled(300, 100);
    let old = Places::new();
    copy_dir(&places.dir, &old.dir);
    let mut log = places.open().unwrap();
    log.append(&entries(300, 400)).unwrap();
    drop(log);
    // The directory of an hour ago, with its good signature.
    fs::remove_dir_all(&places.dir).unwrap();
    copy_dir(&old.dir, &places.dir);
    verify(&places.dir, None, &key(), |_, _| Ok(())).unwrap();
    for error in [places.verify().unwrap_err(), places.open().unwrap_err()] {
        assert_eq!(
            error.to_string(),
            "rolled back: the second place has a checkpoint over 400 entries, the ledger has only 300"
        );
    }
    // Or all of it, to begin anew.
    fs::remove_dir_all(&places.dir).unwrap();
    let error = places.open().unwrap_err();
    assert!(matches!(error, LedgerError::RolledBack { size: 0, seen: 400 }), "{error}");
}

#[test]
fn a_log_shortened_and_grown_again_is_found() {
    let places = Places::filled(200, 100);
    let grown = Places::new();
    copy_dir(&places.dir, &grown.dir);
    // Grown differently while the second place looked away, and then past what it saw.
    let mut log = places.open().unwrap();
    log.append(&entries(200, 260)).unwrap();
    drop(log);
    let mut log = grown.open().unwrap();
    log.append(&entries(500, 700)).unwrap();
    drop(log);
    copy_dir(&places.second, &grown.second);
    let error = grown.verify().unwrap_err();
    assert!(matches!(error, LedgerError::Rewritten { number: 4, size: 260, from: 200 }), "{error}");
    // Sizes that go down are no history.
    let places = Places::filled(200, 100);
    let notes = fs::read_to_string(places.checkpoints()).unwrap();
    fs::write(places.checkpoints(), format!("{notes}{notes}")).unwrap();
    let error = places.verify().unwrap_err();
    assert!(matches!(error, LedgerError::Shrunk { number: 4, size: 0, before: 200 }), "{error}");
}

#[test]
fn a_second_place_that_is_gone_or_holds_something_else_is_found() {
    let places = Places::filled(20, 10);
    let notes = fs::read(places.checkpoints()).unwrap();
    fs::write(places.checkpoints(), [&notes[..], b"other"].concat()).unwrap();
    for error in [places.verify().unwrap_err(), places.open().unwrap_err()] {
        assert!(error.to_string().contains("the end of the second place"), "{error}");
    }
    for file in [Some(b""), None] {
        fs::remove_file(places.checkpoints()).unwrap();
        if let Some(bytes) = file {
            fs::write(places.checkpoints(), bytes).unwrap();
        }
        let error = places.verify().unwrap_err();
        assert!(matches!(error, LedgerError::MissingSecondPlace), "{error}");
    }
}

#[test]
fn the_callers_own_comparison_is_reported_with_the_entry() {
    let places = Places::filled(20, 10);
    let error = verify(&places.dir, None, &key(), |index, _| {
        if index == 12 { Err("the database has no such entry".into()) } else { Ok(()) }
    })
    .unwrap_err();
    assert_eq!(error.to_string(), "entry 12 is intact but does not agree: the database has no such entry");
}

#[test]
fn a_quick_look_at_the_start_finds_what_is_gone_cut_short_or_altered() {
    // "A quick look at the tiles at start": every file that is full, and a sample of what is in them.
    let places = Places::filled(SIZE, 94);
    drop(places.open().unwrap());
    let full = live_tiles(&places).into_iter().filter(|path| !path.to_str().unwrap().contains(".p/"));
    for path in full {
        let good = fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[40] ^= 1;
        for changed in [None, Some(&good[..good.len() / 2]), Some(&bad[..])] {
            match changed {
                None => fs::remove_file(&path).unwrap(),
                Some(bytes) => fs::write(&path, bytes).unwrap(),
            }
            assert!(places.open().is_err(), "{}: {:?}", path.display(), changed.map(<[u8]>::len));
        }
        fs::write(&path, &good).unwrap();
    }
    drop(places.open().unwrap());
}
