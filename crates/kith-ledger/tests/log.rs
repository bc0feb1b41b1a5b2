//! The log against RFC 6962 and the tile layout, whatever the batches.

mod common;

use std::fs;

use common::{Places, copy_dir, entries, entry, key, signer};
use kith_ledger::{Hash, LedgerError, Log, Signer, leaf_hash, verify, verify_consistency, verify_inclusion};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

/// MTH of RFC 6962 §2.1, as written there.
fn mth(entries: &[Vec<u8>]) -> Hash {
    match entries {
        [] => Sha256::digest([]).into(),
        [entry] => leaf_hash(entry),
        _ => {
            let middle = entries.len().next_power_of_two() / 2;
            let (left, right) = entries.split_at(middle);
            Sha256::digest([&[1][..], &mth(left), &mth(right)].concat()).into()
        }
    }
}

/// The leaves of the Certificate Transparency test vectors
/// (`google/certificate-transparency`, `merkle_tree_test.cc`).
fn ct_leaves() -> Vec<Vec<u8>> {
    vec![
        vec![],
        vec![0x00],
        vec![0x10],
        vec![0x20, 0x21],
        vec![0x30, 0x31],
        (0x40..0x44).collect(),
        (0x50..0x58).collect(),
        (0x60..0x70).collect(),
    ]
}

#[test]
fn roots_are_those_of_the_ct_test_vectors() {
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let places = Places::new();
    let mut log = places.open().unwrap();
    assert_eq!(hex::encode(log.root()), roots[0]);
    for (leaf, root) in ct_leaves().into_iter().zip(&roots[1..]) {
        let checkpoint = log.append(&[leaf]).unwrap();
        assert_eq!(hex::encode(checkpoint.root), *root);
    }
    assert_eq!(places.verify().unwrap().checkpoints_checked, 9);
}

#[test]
fn crosses_the_levels_of_tiles_and_verifies() {
    let places = Places::new();
    let mut log = places.open().unwrap();
    let all = entries(0, 65_800);
    for end in [255, 256, 257, 511, 65_535, 65_536, 65_537, 65_800] {
        let start = usize::try_from(log.size()).unwrap();
        let checkpoint = log.append(&all[start..end]).unwrap();
        assert_eq!(checkpoint.root, mth(&all[..end]), "{end}");
        if end == 256 {
            assert!(places.dir.join("tile/1/000.p/1").exists());
            assert!(!places.dir.join("tile/0/000.p").exists());
            assert!(!places.dir.join("tile/entries/000.p").exists());
        }
    }
    for (tile, length) in [
        ("tile/0/255", 256 * 32),
        ("tile/0/256", 256 * 32),
        ("tile/0/257.p/8", 8 * 32),
        ("tile/1/000", 256 * 32),
        ("tile/1/001.p/1", 32),
        ("tile/2/000.p/1", 32),
    ] {
        let found = fs::metadata(places.dir.join(tile)).unwrap().len();
        assert_eq!(found, length, "{tile}");
    }
    assert!(places.dir.join("tile/entries/257.p/8").exists());
    let mut seen = Vec::new();
    let report = verify(&places.dir, Some(&places.second), &key(), |index, entry| {
        assert_eq!(index, seen.len() as u64);
        seen.push(entry.to_vec());
        Ok(())
    })
    .unwrap();
    assert_eq!(seen, all);
    assert_eq!((report.size, report.root), (65_800, log.root()));
    assert_eq!(report.checkpoints_checked, 9);
    // Proofs across tiles of three levels.
    for index in [0, 255, 256, 65_535, 65_536, 65_799] {
        for size in [65_537, 65_800] {
            if index < size {
                let leaf = leaf_hash(&entry(index));
                let proof = log.inclusion_proof(index, size).unwrap();
                let root = mth(&all[..usize::try_from(size).unwrap()]);
                assert!(verify_inclusion(&leaf, index, size, &proof, &root));
            }
        }
    }
    drop(log);
    assert_eq!(places.open().unwrap().root(), mth(&all));
}

#[test]
fn proofs_of_all_pairs_hold_and_no_other() {
    let places = Places::filled(40, 40);
    let log = places.open().unwrap();
    let all = entries(0, 40);
    let root = |size: u64| mth(&all[..usize::try_from(size).unwrap()]);
    for size in 0..=40 {
        for index in 0..size {
            let proof = log.inclusion_proof(index, size).unwrap();
            let leaf = leaf_hash(&entry(index));
            assert!(verify_inclusion(&leaf, index, size, &proof, &root(size)));
            let other = leaf_hash(b"not logged");
            assert!(!verify_inclusion(&other, index, size, &proof, &root(size)));
            assert!(!verify_inclusion(&leaf, index + size, size, &proof, &root(size)));
            let longer = [&proof[..], &[other]].concat();
            assert!(!verify_inclusion(&leaf, index, size, &longer, &root(size)));
            if let [shorter @ .., _] = &proof[..] {
                assert!(!verify_inclusion(&leaf, index, size, shorter, &root(size)));
            }
        }
        for old in 0..=size {
            let proof = log.consistency_proof(old, size).unwrap();
            let check = |proof: &[Hash], a: &Hash, b: &Hash| verify_consistency(old, size, proof, a, b);
            assert!(check(&proof, &root(old), &root(size)), "{old} {size}");
            assert!(!check(&proof, &[1; 32], &root(size)));
            assert!(!check(&[&proof[..], &[[1; 32]]].concat(), &root(old), &root(size)));
            if old > 0 {
                assert!(!check(&proof, &root(old), &[1; 32]));
            }
            if let [shorter @ .., _] = &proof[..] {
                assert!(!check(shorter, &root(old), &root(size)));
            }
        }
    }
    assert!(!verify_consistency(2, 1, &[], &root(2), &root(1)));
    for (index, size) in [(0, 0), (3, 3), (0, 41)] {
        let error = log.inclusion_proof(index, size).unwrap_err();
        assert!(matches!(error, LedgerError::OutOfRange { size: 40 }));
    }
    assert!(log.consistency_proof(3, 2).is_err());
    assert!(log.consistency_proof(3, 41).is_err());
}

#[test]
fn a_crash_before_the_checkpoint_leaves_the_log_as_it_was() {
    // Within a tile, filling one, and filling one after a partial: what the lost batch wrote must
    // not be found later, even where the next batches differ.
    for (size, lost) in [(10, 20), (250, 300), (256, 600), (0, 3)] {
        let places = Places::filled(size, 90);
        let before = fs::read(places.dir.join("checkpoint")).unwrap();
        let crashed = Places::new();
        copy_dir(&places.dir, &crashed.dir);
        copy_dir(&places.second, &crashed.second);
        let other: Vec<Vec<u8>> = (size..lost).map(|_| b"lost".to_vec()).collect();
        let mut log = crashed.open().unwrap();
        log.append(&other).unwrap();
        drop(log);
        // The tiles of the lost batch over those of the log: as if it had come to no checkpoint.
        copy_dir(&crashed.dir.join("tile"), &places.dir.join("tile"));
        assert_eq!(fs::read(places.dir.join("checkpoint")).unwrap(), before);

        assert_eq!(places.verify().unwrap().size, size);
        let mut log = places.open().unwrap();
        assert_eq!(log.size(), size);
        for start in (size..700).step_by(70) {
            log.append(&entries(start, start + 70)).unwrap();
            places.verify().unwrap();
        }
        let end = usize::try_from(log.size()).unwrap();
        assert_eq!(log.root(), mth(&entries(0, 800)[..end]));
    }
}

#[test]
fn a_checkpoint_the_second_place_lacks_is_made_up_for() {
    let places = Places::filled(30, 10);
    let whole = fs::read(places.checkpoints()).unwrap();
    let newest = fs::read(places.dir.join("checkpoint")).unwrap();
    // Cut anywhere within the newest note, or before it.
    for kept in [0, 1, 20, newest.len() / 2, newest.len() - 1] {
        let cut = &whole[..whole.len() - newest.len() + kept];
        fs::write(places.checkpoints(), cut).unwrap();
        assert_eq!(places.verify().unwrap().checkpoints_checked, 3);
        places.open().unwrap();
        assert_eq!(fs::read(places.checkpoints()).unwrap(), whole, "{kept}");
        assert_eq!(places.verify().unwrap().checkpoints_checked, 4);
    }
}

#[test]
fn refuses_what_it_cannot_hold() {
    let places = Places::filled(3, 3);
    let mut log = places.open().unwrap();
    assert!(matches!(places.open(), Err(LedgerError::InUse)));
    let error = log.append(&[vec![], vec![0; 65_536]]).unwrap_err().to_string();
    assert_eq!(error, "entry 1 of the batch has 65536 bytes; the most is 65535");
    assert_eq!(log.append(&[]).unwrap().size, 3);
    assert_eq!(log.append(&[vec![7; 65_535]]).unwrap().size, 4);
    drop(log);
    assert_eq!(places.verify().unwrap().size, 4);
    let other = Signer::from_seed("kith.example/ledger", &[6; 32]).unwrap();
    let error = Log::open(&places.dir, None, other).unwrap_err();
    assert!(matches!(error, LedgerError::KeyMismatch));
    assert_eq!(fs::read_to_string(places.dir.join("public-key")).unwrap(), format!("{}\n", signer().verifier()));
}

#[test]
fn a_second_place_out_of_reach_stops_the_log_after_one_checkpoint() {
    let places = Places::filled(5, 5);
    let mut log = places.open().unwrap();
    let aside = places.second.with_extension("aside");
    fs::rename(&places.second, &aside).unwrap();
    assert!(log.append(&entries(5, 7)).is_err());
    assert_eq!(log.size(), 7, "the batch is in; only the second place lacks it");
    assert!(log.append(&entries(7, 9)).is_err());
    assert_eq!(log.size(), 7);
    fs::rename(&aside, &places.second).unwrap();
    assert_eq!(log.append(&entries(7, 9)).unwrap().size, 9);
    assert_eq!(places.verify().unwrap().checkpoints_checked, 4);
}

#[test]
fn a_checkpoint_that_cannot_take_its_place_stops_the_log_until_opened_anew() {
    let places = Places::filled(5, 5);
    let mut log = places.open().unwrap();
    let (checkpoint, aside) = (places.dir.join("checkpoint"), places.dir.join("aside"));
    // A directory of that name: the rename must fail.
    fs::rename(&checkpoint, &aside).unwrap();
    fs::create_dir(&checkpoint).unwrap();
    assert!(matches!(log.append(&entries(5, 7)), Err(LedgerError::Io { .. })));
    assert!(matches!(log.append(&entries(5, 7)), Err(LedgerError::Uncertain)));
    drop(log);
    fs::remove_dir(&checkpoint).unwrap();
    fs::rename(&aside, &checkpoint).unwrap();
    let mut log = places.open().unwrap();
    assert_eq!(log.size(), 5);
    assert_eq!(log.append(&entries(5, 7)).unwrap().root, mth(&entries(0, 7)));
    places.verify().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn batches_of_any_sizes_give_the_tree_of_one(
        batches in prop::collection::vec(0_u64..200, 0..8),
        reopen in any::<bool>(),
    ) {
        let places = Places::new();
        let mut log = places.open().unwrap();
        for batch in batches {
            let size = log.size();
            log.append(&entries(size, size + batch)).unwrap();
            if reopen {
                drop(log);
                log = places.open().unwrap();
            }
        }
        prop_assert_eq!(log.root(), mth(&entries(0, log.size())));
        let once = Places::filled(log.size(), 10_000);
        prop_assert_eq!(once.verify().unwrap().root, log.root());
        prop_assert_eq!(places.verify().unwrap().root, log.root());
    }
}
