//! `kith keys`: the keys apart, replaced while a service serves, given to custodians and brought back.

#![allow(clippy::similar_names, missing_docs, reason = "a test")]

mod common;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use common::{Database, Running};
use kith::tour::Tour;
use kith::walker::Walker;
use kith_domain::access::Role;
use serde_json::Value;

fn kith(arguments: &[&dyn AsRef<std::ffi::OsStr>], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kith"));
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command.envs(environment.iter().copied()).output().expect("it runs")
}

fn fine(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// "`kith keys status|rotate|escrow|restore`", with the keys in a database of `PostgreSQL`.
#[tokio::test]
async fn keys_are_replaced_while_a_service_serves_and_brought_back_by_custodians() {
    let keys = Database::new().await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name);
    let (data, safe) = (path("data"), path("safe.key"));
    let place = safe.display().to_string();
    let apart = [("KITH_KEYS_URL", keys.url.as_str()), ("KITH_MASTER_KEY", &place)];
    let running = Running::start_with(&data, &path("kith.log"), &apart);
    for name in ["keys.sqlite", "master.key"] {
        assert!(!data.join(name).exists(), "{name} lies in the directory");
    }
    let mut tour = Tour::new(&running.base, &running.logins, true);
    let referral = tour.refer().unwrap_or_else(|failure| panic!("{}", failure.0));
    let status = || fine(&kith(&[&"keys", &"status", &"--json", &"--data", &data], &apart));
    let before = status();
    assert!(before["file_keys"].as_u64() > Some(0) && before["under_older"] == 0, "{before}");

    let rotated = fine(&kith(&[&"keys", &"rotate", &"master", &"--json", &"--data", &data], &apart));
    assert!(rotated["wrapped_again"].as_u64() > before["file_keys"].as_u64(), "{rotated}");
    let taken = fine(&kith(&[&"keys", &"rotate", &"index", &"--json", &"--data", &data], &apart));
    assert_eq!((&taken["index_key"], &taken["taken"]), (&Value::from(2), &Value::from(true)));
    let after = status();
    assert_ne!(after["master_key"], before["master_key"]);
    let words = kith(&[&"keys", &"status", &"--data", &data], &apart);
    let words = String::from_utf8_lossy(&words.stdout).into_owned();
    for said in
        ["Every key is wrapped by it.", "Key of the index: number 2, since", "No shares of the master key were made"]
    {
        assert!(words.contains(said), "{words}");
    }
    assert!(!words.contains("kith:kith"), "no password in {words}");
    assert_eq!((&after["under_older"], &after["index_rotating"]), (&Value::from(0), &Value::from(false)));
    let file = tour.verify(&referral).unwrap_or_else(|failure| panic!("{}", failure.0));
    assert!(!file.is_empty(), "the case goes on while its keys are replaced");
    let cookie = tour.person(Role::Coordinator).unwrap_or_else(|failure| panic!("{}", failure.0)).cookie();

    let shares = path("shares");
    let made = ["--shares", "3", "--threshold", "2", "--json"];
    let made: [&dyn AsRef<std::ffi::OsStr>; 5] = [&made[0], &made[1], &made[2], &made[3], &made[4]];
    fine(&kith(&[&[&"keys" as _, &"escrow" as _], &made[..], &[&"--to", &shares, &"--data", &data]].concat(), &apart));
    let share = |number: u8| shares.join(format!("kith-share-{number}-of-3.txt"));
    for number in 1..=3 {
        let mode = fs::metadata(share(number)).expect("a share").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    running.stop();

    // The master key is lost.
    fs::remove_file(&safe).expect("it is removed");
    let lost = refused(&kith(&[&"keys", &"status", &"--data", &data], &apart));
    assert!(lost.contains("safe.key"), "{lost}");
    let restore = |given: &[&Path]| {
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"keys", &"restore", &"--json", &"--data", &data];
        arguments.extend(given.iter().map(|share| share as &dyn AsRef<std::ffi::OsStr>));
        kith(&arguments, &apart)
    };
    let (one, two, three) = (share(1), share(2), share(3));
    let few = refused(&restore(&[&one]));
    assert!(few.contains("2 are needed"), "{few}");
    let whole = fs::read_to_string(&two).expect("a share");
    fs::write(&two, whole.replacen("value ", "value 0", 1)).expect("it is damaged");
    let damaged = refused(&restore(&[&one, &two]));
    assert!(damaged.contains("kith-share-2-of-3.txt"), "a damaged share is named: {damaged}");
    fine(&restore(&[&three, &one]));
    let running = Running::start_with(&data, &path("kith.log"), &apart);
    let mut walker = Walker::signed_in(&running.base, &cookie);
    let page = walker.get(&file).unwrap_or_else(|failure| panic!("{}", failure.0));
    assert!(page.page().text().contains("Assess the risk"), "the file is opened as before");
    running.stop();
    let verify = kith(&[&"ledger", &"verify", &"--json", &"--data", &data], &apart);
    fine(&verify);
    keys.remove().await;
}

/// "crash at any instant leaves a state that starts"; and no request fails meanwhile.
#[test]
fn a_rotation_that_is_killed_at_any_instant_goes_on_and_nobody_who_works_notices() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("data");
    let running = Running::start(&data, &dir.path().join("kith.log"));
    let mut tour = Tour::new(&running.base, &running.logins, true);
    let mut killed = 0;
    for round in 0..16_u64 {
        let mut rotation = Command::new(env!("CARGO_BIN_EXE_kith"))
            .args(["keys", "rotate", "master", "--data"])
            .arg(&data)
            .stdout(Stdio::null())
            .spawn()
            .expect("it starts");
        // Somebody works until the rotation is killed, on a page that takes a moment and opens nothing.
        let person = tour.person(Role::Coordinator).unwrap_or_else(|failure| panic!("{}", failure.0));
        for _ in 0..2 * round {
            person.get("/workers").unwrap_or_else(|failure| panic!("{}", failure.0));
        }
        rotation.kill().expect("it ends");
        killed += u32::from(!rotation.wait().expect("it ended").success());
    }
    assert!(killed > 0, "every rotation was quicker than this");
    println!("killed {killed} times out of 16");
    fine(&kith(&[&"keys", &"rotate", &"master", &"--json", &"--data", &data], &[]));
    let status = fine(&kith(&[&"keys", &"status", &"--json", &"--data", &data], &[]));
    assert_eq!((&status["under_older"], &status["master_keys_in_file"]), (&Value::from(0), &Value::from(1)));
    tour.refer().unwrap_or_else(|failure| panic!("{}", failure.0));
    running.stop();
    Running::start(&data, &dir.path().join("kith.log")).stop();
    fine(&kith(&[&"ledger", &"verify", &"--json", &"--data", &data], &[]));
}

/// The words of `kith serve` until it serves or ends.
fn serve(data: &Path, environment: &[(&str, &str)]) -> (Vec<String>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kith"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut said = Vec::new();
    for line in BufReader::new(child.stdout.take().expect("its output")).lines() {
        said.push(line.expect("a line"));
        if said.last().is_some_and(|line| line.starts_with("Kith serves")) {
            break;
        }
    }
    child.kill().expect("it ends");
    let output = child.wait_with_output().expect("it ended");
    (said, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// "a warning from `serve` when it is in the data directory"; "a directory open to others refused".
#[test]
fn serve_warns_of_a_master_key_beside_the_data_and_refuses_what_others_reach() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = |name: &str| dir.path().join(name);
    let warned = |said: &[String]| said.iter().filter(|line| line.contains("The master key lies in the data")).count();
    let (said, _) = serve(&path("beside"), &[]);
    assert_eq!(warned(&said), 1, "{said:?}");
    let inside = path("beside").join("master.key").display().to_string();
    let (said, _) = serve(&path("beside"), &[("KITH_MASTER_KEY", &inside)]);
    assert_eq!(warned(&said), 1, "{said:?}");

    let safe = path("safe.key").display().to_string();
    let (said, _) = serve(&path("apart"), &[("KITH_MASTER_KEY", &safe)]);
    assert_eq!(warned(&said), 0, "{said:?}");
    assert!(said.last().is_some_and(|line| line.starts_with("Kith serves")), "{said:?}");

    // As systemd gives it.
    let credentials = path("credentials");
    fs::create_dir(&credentials).expect("made");
    fs::copy(&safe, credentials.join("kith.key")).expect("copied");
    let folder = credentials.display().to_string();
    let credential = [("KITH_MASTER_KEY", "credential:kith.key"), ("CREDENTIALS_DIRECTORY", &folder)];
    let (said, errors) = serve(&path("apart"), &credential);
    assert!(said.last().is_some_and(|line| line.starts_with("Kith serves")), "{said:?} {errors}");
    assert_eq!(warned(&said), 0, "{said:?}");
    let untouched = refused(&kith(&[&"keys", &"rotate", &"master", &"--data", &path("apart")], &credential));
    assert!(untouched.contains("--prepare"), "{untouched}");

    fs::set_permissions(&safe, fs::Permissions::from_mode(0o644)).expect("set");
    let (_, errors) = serve(&path("apart"), &[("KITH_MASTER_KEY", &safe)]);
    assert!(errors.contains("chmod 600"), "{errors}");
    fs::set_permissions(path("beside"), fs::Permissions::from_mode(0o755)).expect("set");
    let (_, errors) = serve(&path("beside"), &[]);
    assert!(errors.contains("chmod 700"), "{errors}");
    let itself = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";
    let (_, errors) = serve(&path("new"), &[("KITH_MASTER_KEY", itself)]);
    assert!(errors.contains("the key itself") && !errors.contains(itself), "{errors}");
}
