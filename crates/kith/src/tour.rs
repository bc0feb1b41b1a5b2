//! The tour: walks one child's case all the way, from the referral form to the signed report for court, through the same
//! pages and forms a browser uses. Everyone in it is invented.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use kith_domain::access::Role;
use kith_service::demo::DemoLogin;
use serde_json::json;

use crate::output::{Failure, say};
use crate::walker::{Answer, Walker};

/// The child and the family of the tour: what is typed about them must be found nowhere in the clear.
pub mod people {
    /// Typed on the referral's section "the child".
    pub const CHILD: &[(&str, &str)] = &[
        ("given_name", "Rhosyn Mair"),
        ("family_name", "Tallowfield"),
        ("former_names", "Rhosyn Quennell"),
        ("birth_kind", "on"),
        ("dob-day", "14"),
        ("dob-month", "8"),
        ("dob-year", "2020"),
        ("sex", "female"),
        ("care_first", "CF-778120"),
        ("school", "Millrace Infant School"),
        ("language", "Welsh and English"),
        ("interpreter", "no"),
        ("has_allergies", "yes"),
        ("allergies", "Cashew nuts: swelling of the lips. Auto-injector in the red pouch, then 999"),
        ("medication", "Salbutamol inhaler before running about"),
    ];
    /// Typed on the section "where the child lives".
    pub const PLACEMENT: &[(&str, &str)] = &[
        ("placement_type", "U4"),
        ("address", "19 Tannery Steps, Nenebridge NB4 2QQ"),
        ("confidential", "yes"),
        ("confidential_from", "Dorian Tallowfield"),
        ("carer", "Philippa Oakhanger"),
        ("carer_phone", "01632 960 733"),
    ];
    /// Typed on the section "legal status and order".
    pub const LEGAL: &[(&str, &str)] = &[
        ("legal_status", "C1"),
        ("court", "Family Court at Nenebridge"),
        ("case_number", "NB26C00931"),
        ("terms", "No less than twice a week for an hour and a half with the mother"),
    ];
    /// Typed about the mother.
    pub const MOTHER: &[(&str, &str)] = &[
        ("given_name", "Eluned"),
        ("family_name", "Tallowfield"),
        ("former_names", "Eluned Quennell"),
        ("relationship", "mother"),
        ("parental_responsibility", "yes"),
        ("entitlement", "a"),
        ("may_attend", "yes"),
        ("phone", "07700 900 417"),
        ("address", "2 Gasworks Cottages, Nenebridge NB1 8XZ"),
        ("language", "Welsh and English"),
        ("interpreter", "no"),
        ("risk_marker", "history"),
        ("risk_detail", "Drank heavily until March 2026. Sober at every visit since April"),
    ];
    /// Typed about the father, who must not attend.
    pub const FATHER: &[(&str, &str)] = &[
        ("given_name", "Dorian"),
        ("family_name", "Tallowfield"),
        ("relationship", "father"),
        ("parental_responsibility", "no"),
        ("entitlement", "a"),
        ("may_attend", "no"),
        ("risk_marker", "known"),
        ("risk_detail", "Bail condition not to come within half a mile of the child"),
    ];
    /// Typed on the section "contact wanted".
    pub const CONTACT: &[(&str, &str)] = &[
        ("wanted.0.sees", "own"),
        ("wanted.0.bound", "at_least"),
        ("wanted.0.count", "2"),
        ("wanted.0.per", "week"),
        ("wanted.0.mode", "in_person"),
        ("wanted.0.minutes", "90"),
        ("wanted.0.court_ordered", "yes"),
        ("wanted.0.supervision", "supervised"),
        ("wanted.0.wishes", "After ten, before the afternoon sleep"),
        ("constraints", "No photographs. Welsh may be spoken; the supervisor speaks it"),
    ];
    /// Typed on the section "risks and emergency contact".
    pub const RISK: &[(&str, &str)] = &[
        ("concerns", "Left alone overnight twice in February 2026"),
        ("staff_safety", "The father has waited outside the centre before"),
        ("emergency_name", "Philippa Oakhanger"),
        ("emergency_phone", "01632 960 733"),
    ];
    /// Typed on the risk assessment of the mother.
    pub const ASSESSMENT: &[(&str, &str)] = &[
        ("substance", "yes"),
        ("substance-l", "2"),
        ("substance-i", "4"),
        ("substance-controls", "Greeted at the door; the session does not start if she has been drinking"),
        ("substance-rl", "1"),
        ("substance-ri", "4"),
        ("uninvited", "yes"),
        ("uninvited-l", "3"),
        ("uninvited-i", "4"),
        ("uninvited-controls", "Side entrance, police marker on the address, door kept shut"),
        ("uninvited-rl", "2"),
        ("uninvited-ri", "4"),
        ("supervision", "supervised"),
        ("staff", "1"),
        ("bag_check", "no"),
        ("meeting_before", "no"),
        ("summary", "Settled for eight months. The father is the greater risk and is kept away"),
    ];
    /// The entries of the record: heading, basis, whether somebody's own words, text.
    pub const ENTRIES: &[(&str, &str, bool, &str)] = &[
        ("arrival", "seen", false, "Rhosyn ran to the door when she heard her mother's voice and took her hand."),
        (
            "play",
            "seen",
            false,
            "They built a harbour of bricks on the floor. Rhosyn chose the blue ones; Eluned handed them up and waited.",
        ),
        ("child_said", "heard", true, "Mam, will you come on Thursday as well?"),
        (
            "care",
            "seen",
            false,
            "Eluned had brought a cheese roll and an apple, and asked about cashews before opening the raisins.",
        ),
        (
            "ending",
            "seen",
            false,
            "Ten minutes before the end Eluned said how long was left. Rhosyn put the bricks away and waved from the stairs.",
        ),
    ];
    /// The addendum.
    pub const ADDENDUM: &[(&str, &str)] =
        &[("reason", "I had the colour wrong"), ("text", "The bricks of the harbour were green, not blue.")];
    /// The author's statement in the report.
    pub const STATEMENT: &str =
        "I have read every record of this period.\n\nEluned Tallowfield came to each session on time.";
}

/// What the tour made, for the tests that go on from there.
pub struct Walked {
    /// Where the child's file is.
    pub file: String,
    /// Where the session is.
    pub session: String,
    /// The report as PDF.
    pub report: PathBuf,
}

/// The walk: people at their browsers, and what was made so far.
pub struct Tour {
    base: String,
    logins: Vec<DemoLogin>,
    at: HashMap<Role, Walker>,
    json: bool,
    step: usize,
}

/// Walks the whole case and leaves the papers in a directory.
pub fn walk(base: &str, logins: &[DemoLogin], out: &Path, json: bool) -> Result<Walked, Failure> {
    let mut tour = Tour::new(base, logins, json);
    let referral = tour.refer()?;
    let file = tour.verify(&referral)?;
    tour.assess(&file)?;
    let plan = tour.plan(&file)?;
    let session = tour.book(&plan)?;
    tour.put_clock_forward_to(&session)?;
    tour.record(&session)?;
    tour.review(&session)?;
    let (record, report) = tour.report(&file, &session)?;
    fs::create_dir_all(out)?;
    fs::write(out.join("session-record.pdf"), record)?;
    let path = out.join("report-for-court.pdf");
    fs::write(&path, report)?;
    tour.say(&format!("Done. The papers are in {}", out.display()));
    Ok(Walked { file, session, report: path })
}

impl Tour {
    /// Nobody is signed in yet.
    pub fn new(base: &str, logins: &[DemoLogin], json: bool) -> Self {
        Self { base: base.to_owned(), logins: logins.to_vec(), at: HashMap::new(), json, step: 0 }
    }

    fn say(&mut self, words: &str) {
        self.step += 1;
        say(self.json, &format!("{:>2}. {words}", self.step), &json!({ "step": self.step, "done": words }));
    }

    /// Somebody of a role, signed in the first time they are needed. The demo's people of the north area walk the tour.
    pub fn person(&mut self, role: Role) -> Result<&mut Walker, Failure> {
        if !self.at.contains_key(&role) {
            let login = self.logins.iter().find(|login| login.role == role);
            let login = login.ok_or_else(|| Failure(format!("the demo has nobody who is {}", role.label())))?.clone();
            let mut walker = Walker::at(&self.base);
            let page = walker.get("/sign-in")?;
            let code = code_of(&login.totp_secret)?;
            let fields = [("login", login.login.as_str()), ("password", &login.password), ("code", &code)];
            walker.submit(&page, "/sign-in", &fields)?;
            self.say(&format!("{} signs in as {}", login.name, login.role.label().to_lowercase()));
            self.at.insert(role, walker);
        }
        self.at.get_mut(&role).ok_or_else(|| Failure("nobody signed in".into()))
    }

    /// A social worker refers the child; its address comes back.
    pub fn refer(&mut self) -> Result<String, Failure> {
        let worker = self.person(Role::SocialWorker)?;
        let page = worker.get("/referrals/new")?;
        let begun = worker.submit(&page, "/referrals", &[])?;
        let referral = begun.path().trim_end_matches("/sections/child").to_owned();
        let today = kith_domain::calendar::in_london(jiff::Timestamp::now().as_millisecond()).date();
        let ordered = today.checked_sub(jiff::Span::new().days(40))?;
        let order: Vec<(String, String)> = [
            ("day", ordered.day().to_string()),
            ("month", ordered.month().to_string()),
            ("year", ordered.year().to_string()),
        ]
        .into_iter()
        .map(|(part, value)| (format!("order_date-{part}"), value))
        .collect();
        let mut legal = people::LEGAL.to_vec();
        legal.extend(order.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        for (section, fields) in
            [("child", people::CHILD), ("placement", people::PLACEMENT), ("legal", &legal), ("risk", people::RISK)]
        {
            let page = worker.get(&format!("{referral}/sections/{section}"))?;
            worker.submit(&page, &format!("/sections/{section}"), fields)?;
        }
        for member in [people::MOTHER, people::FATHER] {
            let page = worker.get(&format!("{referral}/family/new"))?;
            let forms = page.page().forms();
            let form = forms
                .iter()
                .find(|form| form.action.contains("/family/"))
                .ok_or_else(|| Failure("no form for the family".into()))?;
            worker.submit(&page, &form.action, member)?;
        }
        let page = worker.get(&format!("{referral}/sections/contact"))?;
        worker.submit(&page, "/sections/contact", people::CONTACT)?;
        let answers = worker.get(&format!("{referral}/answers"))?;
        worker.submit(&answers, "/submit", &[])?.says("Submitted")?;
        self.say(
            "The social worker refers a child: six sections, a mother who may attend, a father who must not, the order",
        );
        Ok(referral)
    }

    /// The coordinator verifies it by phone, item by item with one correction, and accepts it; the file comes back.
    pub fn verify(&mut self, referral: &str) -> Result<String, Failure> {
        let coordinator = self.person(Role::Coordinator)?;
        let verification = format!("{referral}/verification");
        let page = coordinator.get(&verification)?;
        let page = coordinator.submit(&page, "/verification", &[])?;
        let mut page = coordinator.submit(&page, "/call", &[("reached", "yes"), ("minutes", "11")])?;
        let mut items = 0;
        while page.page().form("/answer").is_some() {
            page = coordinator.submit(&page, "/answer", &[("outcome", "confirmed")])?;
            items += 1;
        }
        let correct = coordinator.get(&format!("{verification}/items/emergency"))?;
        let page = coordinator.submit(&correct, "/items/emergency", &[("emergency_phone", "01632 960 734")])?;
        let file = coordinator.submit(&page, "/accept", &[])?.says("accepted")?;
        let path = file.path().to_owned();
        self.say(&format!(
            "The coordinator phones, confirms {items} items, corrects one and accepts: the child's file is open"
        ));
        Ok(path)
    }

    /// The coordinator assesses the risk, and another person, the manager, approves it.
    pub fn assess(&mut self, file: &str) -> Result<(), Failure> {
        let coordinator = self.person(Role::Coordinator)?;
        let page = coordinator.get(file)?;
        let page = coordinator.submit(&page, "/assessments", &[])?;
        let assessment = page.path().to_owned();
        let page = coordinator.submit(&page, &assessment, people::ASSESSMENT)?;
        let page = if page.page().form("/send").is_some() { page } else { coordinator.get(&assessment)? };
        coordinator.submit(&page, "/send", &[])?;
        let manager = self.person(Role::Manager)?;
        let page = manager.get(&assessment)?;
        manager.submit(&page, "/approve", &[])?.says("Approved")?;
        self.say("The coordinator assesses the risk from the mother; the manager, another person, approves it");
        Ok(())
    }

    /// The coordinator writes the plan from the order, agrees and starts it; its address comes back.
    pub fn plan(&mut self, file: &str) -> Result<String, Failure> {
        let coordinator = self.person(Role::Coordinator)?;
        let page = coordinator.get(file)?;
        let page = coordinator.submit(&page, "/plans", &[])?;
        let plan = page.path().to_owned();
        let to = page.page().links().into_iter().map(|(_, to)| to).find(|to| to.contains("/arrangements/"));
        let page = coordinator.get(&to.ok_or_else(|| Failure("the plan has no way to add an arrangement".into()))?)?;
        let mother = page.page().choices("with").into_iter().next().unwrap_or_default();
        let today = today_of(&page);
        let (day, month, year) = (today.day().to_string(), today.month().to_string(), today.year().to_string());
        let weekday = |ahead: i64| {
            let day =
                today.checked_add(jiff::Span::new().days(ahead)).unwrap_or(today).weekday().to_monday_one_offset();
            if day == 7 { 1 } else { day }.to_string()
        };
        let (first, second) = (weekday(1), weekday(3));
        let fields = [
            ("with", mother.as_str()),
            ("bound", "at_least"),
            ("count", "2"),
            ("per", "week"),
            ("weekday", &first),
            ("weekday", &second),
            ("start", "12:00"),
            ("every_weeks", "1"),
            ("minutes", "90"),
            ("from-day", &day),
            ("from-month", &month),
            ("from-year", &year),
            ("court_ordered", "yes"),
            ("supervision", "supervised"),
            ("mode", "in_person"),
            ("transport", "The carer brings her and waits in the café opposite"),
            ("rules", "No photographs. No talk of the court"),
            ("contingency", "The next free morning of the same week"),
        ];
        let action = arrangement_action(&page)?;
        coordinator.submit(&page, &action, &fields)?;
        let page = coordinator.get(&format!("{plan}/agree"))?;
        let agreed = [("agreed_with", "Eluned Tallowfield, at the centre, this morning")];
        coordinator.submit(&page, "/agree", &agreed)?;
        let page = coordinator.get(&plan)?;
        coordinator.submit(&page, "/start", &[])?.says("Active")?;
        self.say(
            "The coordinator makes the plan from the court's order: twice a week, 12:00 to 13:30, agreed and started",
        );
        Ok(plan)
    }

    /// The coordinator has the sessions proposed from the pattern, books one into a room with a supervisor and confirms
    /// it; the session's address comes back.
    pub fn book(&mut self, plan: &str) -> Result<String, Failure> {
        let supervisor =
            self.logins.iter().find(|login| login.role == Role::Supervisor).map(|login| login.name.clone());
        let coordinator = self.person(Role::Coordinator)?;
        let page = coordinator.get(plan)?;
        let to = page.page().links().into_iter().map(|(_, to)| to).find(|to| to.ends_with("/sessions"));
        let page = coordinator.get(&to.ok_or_else(|| Failure("the plan has no way to its sessions".into()))?)?;
        let session = book_first(coordinator, &page, supervisor.as_deref().unwrap_or_default())?;
        let page = coordinator.get(&session)?;
        coordinator.submit(&page, "/confirm", &[])?.says("Confirmed")?;
        self.say("Kith proposes the sessions of the pattern; the coordinator books one into a room with a supervisor and confirms it");
        Ok(session)
    }

    /// The demo's clock is put forward to the session, and then to a quarter of an hour into it.
    pub fn put_clock_forward_to(&mut self, session: &str) -> Result<(), Failure> {
        for _ in 0..200 {
            if self.start(session).is_ok() {
                for _ in 0..3 {
                    self.clock_step(0)?;
                }
                self.say("The demo's clock is put forward to the session, and the supervisor starts it");
                return Ok(());
            }
            self.clock_step(1)?;
        }
        Err(Failure("the session cannot be started, however far the clock is put forward".into()))
    }

    /// One of the steps by which the demo's clock can be put forward: 0 is a quarter of an hour, 1 an hour.
    fn clock_step(&mut self, step: usize) -> Result<(), Failure> {
        let supervisor = self.person(Role::Supervisor)?;
        let page = supervisor.get("/demo")?;
        let forms = page.page().forms();
        let form = forms.iter().filter(|form| form.action == "/demo/clock").nth(step);
        let form = form.ok_or_else(|| Failure("the demo's clock has no controls".into()))?;
        supervisor.post(&form.action, &form.filled(&[]))?;
        Ok(())
    }

    /// The supervisor starts the session, writes timed entries, ends and signs.
    pub fn record(&mut self, session: &str) -> Result<(), Failure> {
        let password =
            self.logins.iter().find(|login| login.role == Role::Supervisor).map(|login| login.password.clone());
        let record = format!("{session}/record");
        let supervisor = self.person(Role::Supervisor)?;
        let page = supervisor.get(&record)?;
        let came = [("arrived-0", "11:56"), ("arrived-1", "12:00"), ("began", "12:00")];
        supervisor.submit(&page, "/record", &came)?;
        for (number, (heading, basis, quotation, text)) in people::ENTRIES.iter().enumerate() {
            let supervisor = self.person(Role::Supervisor)?;
            let page = supervisor.get(&record)?;
            let time = format!("12:{:02}", 3 + 12 * number.min(4));
            let mut fields = vec![("heading", *heading), ("about", time.as_str()), ("basis", *basis), ("text", *text)];
            if *quotation {
                fields.push(("quotation", "yes"));
            }
            supervisor.submit(&page, "/record", &fields)?;
            self.clock_step(0)?;
        }
        let supervisor = self.person(Role::Supervisor)?;
        let page = supervisor.get(&record)?;
        let left = [("arrived-0", "11:56"), ("left-0", "13:30"), ("arrived-1", "12:00"), ("left-1", "13:30")];
        supervisor.submit(&page, "/record", &left)?;
        let page = supervisor.get(&record)?;
        let end = [("press", "end"), ("how", "complete"), ("ended", "13:30")];
        let page = supervisor.submit(&page, "/record", &end)?;
        let page =
            if page.page().form("/sign").is_some() { page } else { supervisor.get(&format!("{record}/sign"))? };
        supervisor.submit(&page, "/sign", &[("password", password.as_deref().unwrap_or_default())])?.says("Signed")?;
        self.say(&format!(
            "The supervisor writes {} timed entries during the session, ends it and signs the record",
            people::ENTRIES.len()
        ));
        let supervisor = self.person(Role::Supervisor)?;
        let page = supervisor.get(&record)?;
        let page = if page.page().form("/addendum").is_some() {
            page
        } else {
            supervisor.get(&format!("{record}/addendum"))?
        };
        supervisor.submit(&page, "/addendum", people::ADDENDUM)?;
        self.say("The record is locked; an addendum corrects it and stands beside the first text");
        Ok(())
    }

    /// The supervisor starts the session.
    pub fn start(&mut self, session: &str) -> Result<(), Failure> {
        let supervisor = self.person(Role::Supervisor)?;
        let page = supervisor.get(session)?;
        supervisor.submit(&page, "/start", &[])?;
        Ok(())
    }

    /// The manager reviews the record.
    pub fn review(&mut self, session: &str) -> Result<(), Failure> {
        let manager = self.person(Role::Manager)?;
        let page = manager.get(&format!("{session}/record"))?;
        let page = if page.page().form("/review").is_some() {
            page
        } else {
            manager.get(&format!("{session}/record/review"))?
        };
        manager.submit(
            &page,
            "/review",
            &[("outcome", "accept"), ("comment", "Clear, timed, in the child's own words.")],
        )?;
        self.say("The manager, who did not write it, reviews the record and accepts it");
        Ok(())
    }

    /// The coordinator writes and signs the report; the papers come back.
    pub fn report(&mut self, file: &str, session: &str) -> Result<(Vec<u8>, Vec<u8>), Failure> {
        let password =
            self.logins.iter().find(|login| login.role == Role::Coordinator).map(|login| login.password.clone());
        let coordinator = self.person(Role::Coordinator)?;
        let record = pdf(coordinator.get(&format!("{session}/record.pdf"))?)?;
        let page = coordinator.get(&format!("{file}/reports/new"))?;
        let today = today_of(&page);
        let from = today.checked_sub(jiff::Span::new().days(28))?;
        let fields = [
            ("from-day", from.day().to_string()),
            ("from-month", from.month().to_string()),
            ("from-year", from.year().to_string()),
            ("to-day", today.day().to_string()),
            ("to-month", today.month().to_string()),
            ("to-year", today.year().to_string()),
            ("statement", people::STATEMENT.to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let page = coordinator.submit(&page, "/reports", &fields)?;
        let report = page.path().to_owned();
        let page =
            if page.page().form("/sign").is_some() { page } else { coordinator.get(&format!("{report}/sign"))? };
        coordinator.submit(&page, "/sign", &[("password", password.as_deref().unwrap_or_default())])?.says("Signed")?;
        let paper = pdf(coordinator.get(&format!("{report}/report.pdf"))?)?;
        self.say(&format!(
            "The coordinator writes the report for court and signs it: a PDF of {} kB",
            paper.len() / 1024
        ));
        Ok((record, paper))
    }
}

/// The code that an authenticator shows now for a secret.
pub fn code_of(totp_secret: &str) -> Result<String, Failure> {
    code_at(totp_secret, 0)
}

/// The code of some seconds from now.
pub fn code_at(totp_secret: &str, seconds: i64) -> Result<String, Failure> {
    let secret = totp_rs::Secret::try_from_base32(totp_secret)
        .map_err(|_| Failure("the demo's secret cannot be read".into()))?;
    let totp = totp_rs::Builder::new()
        .with_secret(secret)
        .build()
        .map_err(|_| Failure("the demo's secret is too short".into()))?;
    Ok(totp.generate(u64::try_from(jiff::Timestamp::now().as_second() + seconds)?).to_string())
}

/// Today by the demo's clock, as its banner says it: `Its clock: Tuesday 24 November 2026, 09:30`.
fn today_of(page: &Answer) -> jiff::civil::Date {
    let text = page.page().text();
    let clock = text.split("Its clock: ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
    let parts: Vec<&str> = clock.split(' ').collect();
    match parts.as_slice() {
        [_, day, month, year] => kith_domain::calendar::date_from_parts(day, month, year).unwrap_or_default(),
        _ => jiff::civil::Date::default(),
    }
}

fn arrangement_action(page: &Answer) -> Result<String, Failure> {
    let forms = page.page().forms();
    let form = forms.iter().find(|form| form.held.iter().any(|(name, _)| name == "start"));
    form.map(|form| form.action.clone()).ok_or_else(|| Failure("the arrangement has no form".into()))
}

/// Books the first proposal for which this supervisor is free.
fn book_first(walker: &mut Walker, page: &Answer, supervisor: &str) -> Result<String, Failure> {
    let read = page.page();
    for number in read.choices("chosen") {
        let (room, staff, id) = (format!("room-{number}"), format!("supervisor-{number}"), format!("id-{number}"));
        let free = read.options(&staff).into_iter().find(|(_, words)| words.contains(supervisor));
        let (Some((room_id, _)), Some((staff_id, _))) = (read.options(&room).into_iter().next(), free) else {
            continue;
        };
        let action = read.forms().into_iter().find(|form| form.held.iter().any(|(name, _)| *name == id));
        let action = action.ok_or_else(|| Failure("the proposals have no form".into()))?.action;
        let fields = [("chosen", number.as_str()), (&room, &room_id), (&staff, &staff_id)];
        let booked = walker.submit(page, &action, &fields)?;
        let session = booked.page().links().into_iter().map(|(_, to)| to).find(|to| to.starts_with("/sessions/"));
        return session.ok_or_else(|| Failure("nothing was booked".into()));
    }
    Err(Failure("no proposed day has a free room and the supervisor".into()))
}

fn pdf(answer: Answer) -> Result<Vec<u8>, Failure> {
    if answer.status == 200 && answer.body.starts_with(b"%PDF") {
        Ok(answer.body)
    } else {
        Err(Failure(format!("no PDF came back (status {})", answer.status)))
    }
}
