//! Messages, as a mail server gets them: one on this machine that speaks as much SMTP (RFC 5321) as is needed.

use std::sync::{Arc, Mutex};

use jiff::civil::date;
use kith_domain::access::{Purpose, Role};
use kith_domain::notice::NoticeKind;
use kith_store::ATTEMPTS_MAX;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

use super::Mail;
use crate::testing::{Colleague, TestService};

const FROM: &str = "contact@nenedale.example";
const ADDRESS: &str = "https://contact.nenedale.example";

/// What a mail server took: for whom, and the whole message.
type Taken = Arc<Mutex<Vec<(String, String)>>>;

/// A mail server on this machine; what it says to a recipient decides what becomes of a message.
async fn mail_server(to_recipient: &'static str) -> (String, Taken) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let place = format!("smtp://{}", listener.local_addr().unwrap());
    let taken = Taken::default();
    let kept = taken.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(speak(stream, kept.clone(), to_recipient));
        }
    });
    (place, taken)
}

async fn speak(stream: TcpStream, taken: Taken, to_recipient: &'static str) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut recipient = String::new();
    let _ = write.write_all(b"220 here\r\n").await;
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let answer = match verb.as_str() {
            "RCPT" => {
                line.clone_into(&mut recipient);
                to_recipient
            }
            "DATA" => {
                let _ = write.write_all(b"354 go on\r\n").await;
                let mut message = String::new();
                while let Ok(Some(line)) = lines.next_line().await {
                    if line == "." {
                        break;
                    }
                    message.push_str(&line);
                    message.push('\n');
                }
                taken.lock().unwrap().push((recipient.clone(), message));
                "250 taken"
            }
            "QUIT" => "221 bye",
            _ => "250 well",
        };
        let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
    }
}

struct House {
    test: TestService,
    worker: Colleague,
    _dir: tempfile::TempDir,
}

async fn house(place: &str) -> House {
    let dir = tempfile::tempdir().unwrap();
    let mail = Mail::new(place, FROM, None, ADDRESS).unwrap();
    let test = TestService::open_with_mail(dir.path(), mail).await.unwrap();
    let worker = test.colleague(Role::SocialWorker, "north", "will").await.unwrap();
    House { test, worker, _dir: dir }
}

impl House {
    async fn told(&self, kinds: &[NoticeKind]) {
        let desk = self.test.service.own_desk(Purpose::ServiceDelivery);
        let told = desk.change("test.told", |work| {
            let (desk, kinds, whom) = (desk.clone(), kinds.to_vec(), self.worker.id);
            async move {
                for kind in kinds {
                    desk.tell(&work, [whom], kind, Uuid::now_v7()).await?;
                }
                Ok(())
            }
        });
        told.await.unwrap();
    }

    /// Sends what is due so many minutes later.
    async fn minutes_later(&self, minutes: i64) -> usize {
        self.test.clock.move_to(self.test.service.now_ms() + minutes * 60_000);
        self.test.service.send_mail().await.unwrap()
    }

    async fn not_sent(&self) -> Vec<String> {
        let admin = self.test.colleague(Role::Administrator, "", &format!("ad{}", Uuid::now_v7().simple())).await;
        self.test.desk(&admin.unwrap(), Purpose::Administration).mail_not_sent().await.unwrap()
    }
}

/// Without the id of the message, which is made from random ids.
fn steady(message: &str) -> String {
    let lines = message.lines().map(|line| if line.starts_with("Message-ID:") { "Message-ID: ID" } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn what_was_told_within_a_minute_is_one_message_that_names_nobody() {
    let (place, taken) = mail_server("250 well").await;
    let h = house(&place).await;
    h.told(&[NoticeKind::RecordSigned, NoticeKind::ConcernRaised, NoticeKind::RecordSigned]).await;
    assert_eq!(h.minutes_later(1).await, 0, "the minute is not settled yet");
    assert_eq!(h.minutes_later(1).await, 1);
    assert_eq!(h.minutes_later(60).await, 0, "and never again");
    let taken = taken.lock().unwrap();
    let [(to, message)] = &taken[..] else { panic!("{} messages", taken.len()) };
    assert_eq!(to, "RCPT TO:<will@nenedale.example>");
    insta::assert_snapshot!(steady(message));
}

#[tokio::test]
async fn a_message_is_a_file_where_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let h = house(&format!("file:{}", dir.path().display())).await;
    h.told(&[NoticeKind::AssessmentAwaiting]).await;
    assert_eq!(h.minutes_later(2).await, 1);
    let files: Vec<_> = std::fs::read_dir(dir.path()).unwrap().collect();
    let [Ok(file)] = &files[..] else { panic!("one file") };
    let message = std::fs::read_to_string(file.path()).unwrap();
    assert!(message.contains("- A risk assessment waits for approval"), "{message}");
    assert!(message.contains("Subject: Kith: something for you to read\r\n"), "{message}");
}

#[tokio::test]
async fn no_message_of_a_whole_case_holds_a_name_an_id_or_a_number_of_it() {
    let (place, taken) = mail_server("250 well").await;
    let h = house(&place).await;
    let case = h.test.accepted_child("m").await.unwrap();
    h.test.approved_assessment(&case, case.mother).await.unwrap();
    h.test.active_plan(&case, &[case.mother]).await.unwrap();
    h.test.clock_to(date(2027, 3, 1), 600);
    while h.test.service.do_waiting_work().await.unwrap() > 0 {}
    for _ in 0..10 {
        h.minutes_later(2).await;
    }
    let taken = taken.lock().unwrap();
    assert!(taken.len() > 3, "{} messages", taken.len());
    let child = case.child.to_string();
    let personal = [
        "Robin",
        "Marsh",
        "Ann",
        "Joe",
        "Len",
        "Priya",
        "Dale",
        "Orchard",
        "CF-",
        "204417",
        "ED26",
        "Eddington",
        "2021",
        "01632",
        &child,
        &case.child.reference(),
        "sw-m SOCIAL",
        "SW-M",
    ];
    for (_, message) in taken.iter() {
        let (_, text) = message.split_once("\n\n").unwrap();
        let subject = message.lines().find(|line| line.starts_with("Subject:")).unwrap();
        for word in personal {
            assert!(!text.contains(word) && !subject.contains(word), "{word}: {message}");
        }
        let ids = text.split_whitespace().filter(|word| word.parse::<Uuid>().is_ok());
        assert_eq!(ids.count(), 0, "{message}");
    }
}

#[tokio::test]
async fn every_kind_of_notice_is_said_without_anything_personal() {
    // The words are those of the kind alone: nothing in them comes from a record.
    for kind in NoticeKind::ALL {
        let words = kind.words(false);
        assert!(!words.contains(['{', '}', '/']) && !words.chars().any(|c| c.is_ascii_digit()), "{words}");
    }
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_again_and_the_notice_is_there() {
    // Nobody listens on a port that was just given back.
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let h = house(&format!("smtp://{free}")).await;
    h.told(&[NoticeKind::RecordSigned]).await;
    assert_eq!(h.minutes_later(2).await, 0);
    let desk = h.test.at_work(&h.worker);
    assert_eq!(desk.notices().await.unwrap().len(), 1);
    assert_eq!(h.not_sent().await, Vec::<String>::new(), "it is tried again");
    for attempt in 1..ATTEMPTS_MAX {
        assert_eq!(h.minutes_later(1 << attempt).await, 0);
    }
    assert_eq!(h.not_sent().await, ["WILL Social worker"], "given up, and the administrator reads of whom");
    assert_eq!(desk.notices().await.unwrap().len(), 1, "the notice is as it was");
}

#[tokio::test]
async fn a_server_that_says_later_is_asked_later() {
    let (place, taken) = mail_server("451 later").await;
    let h = house(&place).await;
    h.told(&[NoticeKind::RecordSigned]).await;
    assert_eq!(h.minutes_later(2).await, 0);
    assert_eq!(h.not_sent().await, Vec::<String>::new());
    assert!(taken.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_is_given_up_at_once() {
    let (place, _) = mail_server("550 nobody").await;
    let h = house(&place).await;
    h.told(&[NoticeKind::RecordSigned]).await;
    assert_eq!(h.minutes_later(2).await, 0);
    assert_eq!(h.not_sent().await, ["WILL Social worker"]);
}

#[tokio::test]
async fn who_wants_urgent_ones_alone_or_has_read_it_gets_no_other() {
    let (place, taken) = mail_server("250 well").await;
    let h = house(&place).await;
    let desk = h.test.at_work(&h.worker);
    h.told(&[NoticeKind::RecordSigned]).await;
    desk.put_notices_away().await.unwrap();
    h.minutes_later(2).await;
    assert!(taken.lock().unwrap().is_empty(), "it was read before the message was written");
    h.test.desk(&h.worker, Purpose::Administration).choose_mail(true).await.unwrap();
    h.told(&[NoticeKind::RecordSigned]).await;
    h.minutes_later(2).await;
    assert!(taken.lock().unwrap().is_empty());
    h.told(&[NoticeKind::RecordSigned, NoticeKind::ConcernDanger]).await;
    assert_eq!(h.minutes_later(2).await, 1);
    let taken = taken.lock().unwrap();
    assert!(taken[0].1.contains("Immediate danger") && !taken[0].1.contains("signed"), "{}", taken[0].1);
}
