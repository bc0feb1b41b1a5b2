//! Fictional papers for the tests.

use crate::{
    AddendumLine, AttendanceLine, Dated, DeliveryLine, EntryLine, Fact, HeadingBlock, Letterhead, PeriodReportPaper,
    ReviewLine, SessionLine, SessionRecordPaper, SignatureLine, WeekBar,
};

pub(super) fn letterhead() -> Letterhead {
    Letterhead {
        authority: "Northmoor Council".into(),
        service: "Family Time Service".into(),
        address: vec!["Elm House".into(), "12 Weir Street".into(), "Northmoor NM1 4QT".into()],
        contact: "01632 960 114 · familytime@northmoor.example".into(),
    }
}

pub(super) fn fact(label: &str, value: &str) -> Fact {
    Fact { label: label.into(), value: value.into() }
}

pub(super) fn entry(about: &str, basis: &str, quotation: bool, text: &str) -> EntryLine {
    EntryLine {
        about: about.into(),
        written: format!("{about}, during the session"),
        basis: basis.into(),
        quotation,
        text: text.into(),
        children: String::new(),
        struck: String::new(),
        earlier: Vec::new(),
    }
}

fn attendance(name: &str, relationship: &str, arrived: &str, note: &str) -> AttendanceLine {
    AttendanceLine {
        name: name.into(),
        relationship: relationship.into(),
        expected: "10:00".into(),
        arrived: arrived.into(),
        left: if arrived.is_empty() { String::new() } else { "11:30".into() },
        note: note.into(),
    }
}

fn signature(name: &str, role: &str, lateness: Option<&str>) -> SignatureLine {
    SignatureLine {
        name: name.into(),
        role: role.into(),
        at: "5 January 2027 at 16:12".into(),
        lateness: lateness.map(Into::into),
        digest: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
    }
}

pub(super) fn record(number: usize) -> SessionRecordPaper {
    SessionRecordPaper {
        letterhead: letterhead(),
        reference: format!("NFT-2027-{number:04} version 1"),
        child: "Maja Wiśniewska".into(),
        title: format!("Record of the session on {number} January 2027"),
        facts: vec![
            fact("Date", "Tuesday 5 January 2027, 10:00 to 11:30"),
            fact("Place", "Elm House, garden room"),
            fact("Supervision", "Supervised throughout; notes taken in the room"),
            fact("Supervisor", "Tomos Llŷr"),
        ],
        attendance: vec![
            attendance("Maja Wiśniewska", "Child", "10:02", ""),
            attendance("Piotr Wiśniewski", "Father", "10:14", "14 minutes late; said that the bus did not come"),
            attendance("Halina Wiśniewska", "Grandmother", "", "Did not come; no message received"),
        ],
        corrected: vec!["Piotr Wiśniewski: arrived 10:12, written 10:13, corrected 10:16".into()],
        concerns: Vec::new(),
        released: String::new(),
        headings: vec![
            HeadingBlock {
                heading: "Arrival and greeting".into(),
                entries: vec![
                    entry(
                        "10:02",
                        "seen",
                        false,
                        "Maja came in holding her carer’s hand. She put her bag under the table, looked at the door and asked when Daddy was coming. She accepted an apple and sat by the window.",
                    ),
                    entry(
                        "10:14",
                        "seen",
                        false,
                        "Mr Wiśniewski arrived. Maja ran to him and he knelt to hug her for about ten seconds. Both smiled.",
                    ),
                    entry("10:15", "heard", true, "I was looking out for the bus and then it was you."),
                ],
            },
            HeadingBlock {
                heading: "Play".into(),
                entries: vec![
                    entry(
                        "10:30",
                        "seen",
                        false,
                        "They built a tower together. When it fell Maja cried for a short while; Mr Wiśniewski counted the bricks with her in Polish until she laughed.\n\nHe then asked whether she would like to build it again, and waited for her answer.",
                    ),
                    entry(
                        "10:52",
                        "told",
                        false,
                        "Mr Wiśniewski told me that he has a new flat with a room for Maja. I reminded him that plans are talked about with the social worker first. He said that he understood.",
                    ),
                ],
            },
            HeadingBlock {
                heading: "Ending and goodbye".into(),
                entries: vec![entry("11:28", "heard", true, "Do zobaczenia, tatusiu. Next Tuesday!")],
            },
        ],
        addenda: vec![AddendumLine {
            written: "7 January 2027, 09:40".into(),
            author: "Tomos Llŷr".into(),
            about: "10:14".into(),
            reason: "The time of arrival was read from the wrong clock.".into(),
            text: "Mr Wiśniewski arrived at 10:11, as the signing-in book shows.".into(),
        }],
        reviews: vec![
            ReviewLine {
                outcome: "Returned".into(),
                reviewer: "Efua Mensah".into(),
                at: "6 January 2027, 11:05".into(),
                comment: "Please check the time of arrival against the signing-in book.".into(),
            },
            ReviewLine {
                outcome: "Accepted".into(),
                reviewer: "Efua Mensah".into(),
                at: "7 January 2027, 12:30".into(),
                comment: String::new(),
            },
        ],
        signatures: vec![signature(
            "Tomos Llŷr",
            "Contact supervisor",
            number.is_multiple_of(2).then_some("5 hours after the service’s 24 hours; the tablet had no signal"),
        )],
        dated: Dated { year: 2027, month: 1, day: 7 },
    }
}

pub(super) fn report(records: usize) -> PeriodReportPaper {
    PeriodReportPaper {
        letterhead: letterhead(),
        reference: "NFT-R-2027-0031 version 2".into(),
        court: "In the Family Court at Northmoor".into(),
        case_number: "NM27C00114".into(),
        child: "Maja Wiśniewska".into(),
        facts: vec![fact("Child born", "14 March 2020"), fact("Social worker", "Zsófia Őry")],
        period: "5 January to 29 March 2027".into(),
        author: "Efua Mensah".into(),
        author_role: "Service manager".into(),
        introduction: vec![
            "I am the manager of the Family Time Service of Northmoor Council. I make this report at the direction of the court of 18 December 2026.".into(),
            "It is drawn from the records written by the supervisors in the sessions. I was present at none of them.".into(),
        ],
        delivery: vec![
            DeliveryLine { with: "Piotr Wiśniewski, father".into(), ordered: "One and a half hours, weekly".into(), due: 12, offered: 11, held: 9, shortfall: 3, excess: 0, hours: "13 h 30 min of 18 h, 4 h 30 min short".into(), running: "1 of 2 so far".into(), court_ordered: true, reasons: "Father did not come (1), no supervisor (2)".into() },
            DeliveryLine { with: "Halina Wiśniewska, grandmother".into(), ordered: "One hour, monthly".into(), due: 3, offered: 3, held: 2, shortfall: 1, excess: 0, hours: "2 h of 3 h, 1 h short".into(), running: String::new(), court_ordered: false, reasons: "Illness".into() },
            DeliveryLine { with: "Jan Wiśniewski, brother".into(), ordered: "Two hours, every four weeks".into(), due: 0, offered: 5, held: 5, shortfall: 0, excess: 2, hours: String::new(), running: String::new(), court_ordered: true, reasons: String::new() },
        ],
        weeks: (0..12u32)
            .map(|week| WeekBar {
                label: format!("{} {}", 1 + (4 + 7 * week) % 28, ["Jan", "Feb", "Mar"][(week / 4) as usize]),
                held: [1, 2, 0, 1, 1, 3, 1, 0, 1, 1, 2, 1][week as usize],
                not_held: [0, 0, 2, 0, 1, 0, 0, 1, 0, 0, 0, 0][week as usize],
                due: [1, 2, 2, 1, 2, 2, 1, 1, 1, 1, 2, 1][week as usize],
            })
            .collect(),
        sessions: (0..18)
            .map(|session| SessionLine {
                date: format!("Tue {} January 2027", 1 + session),
                time: "10:00–11:30".into(),
                with: "Piotr Wiśniewski".into(),
                outcome: if session % 6 == 2 { "Not held: no supervisor".into() } else { "Held".into() },
                lateness: if session % 5 == 0 { "Father 14 minutes late".into() } else { String::new() },
            })
            .collect(),
        records: (1..=records).map(record).collect(),
        statement: vec!["Maja has come to every session willingly.".into(), "The service could not staff two sessions. They have been offered again in April.".into()],
        declaration: "I believe that the facts stated in this report are true.".into(),
        signature: Some(signature("Efua Mensah", "Service manager", None)),
        draft: false,
        dated: Dated { year: 2027, month: 4, day: 2 },
    }
}
