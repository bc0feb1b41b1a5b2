//! What comes in by a raw connection: heads and bodies that do not end, requests that two programs read in two ways, more
//! connections than there is room for.

mod common;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::time::Duration;

use common::Running;

fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("it listens");
    stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
    stream
}

/// Everything that comes back until the connection is closed.
fn answer(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    // Closed by a reset, because we have sent more than was read: what came before is there.
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}

fn ask(to: SocketAddr, request: &str) -> String {
    let mut stream = connect(to);
    stream.write_all(request.as_bytes()).expect("sent");
    answer(stream)
}

#[test]
fn the_front_door_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    let running = Running::start(&dir.path().join("data"), &dir.path().join("kith.log"));
    let to: SocketAddr = running.base.trim_start_matches("http://").parse().expect("an address");

    // "Double Host and CL+TE accepted": RFC 9112, sections 3.2 and 6.3; the connection is closed each time.
    for head in [
        "GET /sign-in HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
        "GET /sign-in HTTP/1.1\r\n\r\n",
        "POST /sign-in HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /sign-in HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n",
        "POST /sign-in HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
    ] {
        let said = ask(to, head);
        assert!(said.starts_with("HTTP/1.1 400 "), "{head:?}: {said:.60}");
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "nothing that follows is read as a request: {head:?}");
    }
    // A head that is long, and one of many lines: RFC 6585, section 5.
    let long = format!("GET /sign-in HTTP/1.1\r\nHost: a.example\r\nCookie: kith={}\r\n\r\n", "x".repeat(20_000));
    let lines = format!("GET /sign-in HTTP/1.1\r\nHost: a.example\r\n{}\r\n", "X-More: 1\r\n".repeat(80));
    for head in [&long, &lines] {
        assert!(ask(to, head).starts_with("HTTP/1.1 431 "), "{:.80}", ask(to, head));
    }
    // A stranger who says that 9 MB will come is told at once.
    let said = ask(to, "POST /sign-in HTTP/1.1\r\nHost: a.example\r\nContent-Length: 9000000\r\n\r\n");
    assert!(said.starts_with("HTTP/1.1 413 "), "{said:.60}");

    // "2,000 half heads took 257 MiB": from one address there is room for 256, and the next is told so at once.
    let mut half: Vec<TcpStream> = Vec::new();
    let refused = loop {
        let mut stream = connect(to);
        stream.set_read_timeout(Some(Duration::from_millis(40))).expect("a timeout");
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: a.exa");
        let mut said = [0; 12];
        if half.len() >= 250 && stream.read(&mut said).is_ok_and(|read| read == 12) {
            break said;
        }
        half.push(stream);
        assert!(half.len() < 400, "there is no end of room");
    };
    assert_eq!(&refused, b"HTTP/1.1 503");
    // Both end by themselves: half a head without a word, half a body with 408 (RFC 9110, section 15.5.9).
    drop(half.split_off(2));
    let mut body = loop {
        let mut stream = connect(to);
        let head = b"POST /sign-in HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1000\r\n\r\nlogin=";
        stream.write_all(head).expect("sent");
        stream.set_read_timeout(Some(Duration::from_millis(200))).expect("a timeout");
        // Until the places of those that were closed are free again.
        if stream.peek(&mut [0; 1]).is_err() {
            break stream;
        }
    };
    body.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
    let mut said = [0; 12];
    body.read_exact(&mut said).expect("an answer");
    assert_eq!(&said, b"HTTP/1.1 408");
    for stream in half {
        stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
        assert_eq!(answer(stream), "", "half a head is closed");
    }
    let said = ask(to, "GET /sign-in HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n");
    assert!(said.starts_with("HTTP/1.1 200 "), "and everybody else is served: {said:.60}");
    let written = std::fs::read_to_string(dir.path().join("kith.log")).expect("a log");
    assert!(written.contains("\"from\":\"127.0.0.1\""), "the log says where a request came from (ASVS 5.0, 16.2.1)");
    running.stop();
}

#[test]
fn a_password_of_the_database_is_not_taken_from_the_command_line() {
    let dir = tempfile::tempdir().expect("a directory");
    for command in [&["serve"][..], &["demo"], &["ledger", "verify"]] {
        let run = Command::new(env!("CARGO_BIN_EXE_kith"))
            .args(command)
            .args(["--database", "postgres://kith:very-secret@127.0.0.1/kith", "--data"])
            .arg(dir.path().join("data"))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(!run.status.success() && said.contains("KITH_DATABASE_URL") && !said.contains("very-secret"), "{said}");
    }
}
