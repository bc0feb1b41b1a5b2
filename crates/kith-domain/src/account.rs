//! Staff accounts: whom one is for, taking one up, and closing one with what is given to whom.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::Role;
use crate::codes::codes;
use crate::form::{Fields, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::AccountId;

/// Shortest password, in characters.
pub const PASSWORD_CHARS: usize = 12;
/// Longest password, in characters.
const PASSWORD_CHARS_MAX: usize = 200;

/// Whom an account is for. No Debug: it names a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountFacts {
    /// Name.
    pub name: String,
    /// Sign-in name.
    pub login: String,
    /// Role.
    pub role: Role,
    /// Area, a code of the register; empty for roles without one.
    pub area: String,
    /// Work phone.
    pub phone: String,
    /// Work email.
    pub email: String,
}

impl AccountFacts {
    /// Reads `name`, `login`, `role`, `area`, `phone`, `email`. `areas` are the register's codes.
    pub fn read(fields: &Fields, areas: &[&str]) -> Result<AccountFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let name = r.required("name", "Name", SHORT_TEXT_CHARS);
        let login = r.required("login", "Sign-in name", 80).to_lowercase();
        if !login.is_empty() && !login.chars().all(in_login) {
            r.problem(
                "login",
                "Sign-in name can have the letters a to z, digits, full stops, hyphens and underscores. Leave out spaces and accents",
            );
        }
        let role =
            r.required_choice("role", "The role", |code| Role::STAFF.into_iter().find(|role| role.code() == code));
        let area = r.text("area", "Area", SHORT_TEXT_CHARS).unwrap_or_default();
        let needs_area = role.is_some_and(Role::has_area);
        if needs_area && !areas.contains(&area.as_str()) {
            r.problem("area", "Select the area this person works for");
        }
        let phone = r.required_phone("phone", "Work phone number").unwrap_or_default();
        let email = r.required("email", "Work email", SHORT_TEXT_CHARS);
        if !email.is_empty() && !email.contains('@') {
            r.problem("email", "Work email must look like name@council.gov.uk");
        }
        let area = if needs_area { area } else { String::new() };
        let facts = role.map(|role| AccountFacts { name, login, role, area, phone, email });
        let problems = r.into_problems();
        facts.filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// Whether a character can stand in a sign-in name. So few that no two names look the same and are not: a Cyrillic `a` beside
/// a Latin one (Unicode Technical Standard 39, section 3.1: the ASCII-only restriction level).
fn in_login(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')
}

/// A password typed twice; the problem with its length or its second writing, if there is one. Whether it is easy to guess
/// is said by the service, which knows the local words.
fn password_twice(r: &mut Reader, name: &str, again: &str) -> String {
    let password = r.fields().get(name).to_owned();
    let length = password.chars().count();
    if length < PASSWORD_CHARS {
        r.problem(
            name,
            format!("Password must have at least {PASSWORD_CHARS} characters. Three or four words do well"),
        );
    } else if length > PASSWORD_CHARS_MAX {
        r.problem(name, format!("Password must be {PASSWORD_CHARS_MAX} characters or fewer"));
    }
    if r.fields().get(again) != password {
        r.problem(again, "The two passwords are not the same. Type them again");
    }
    password
}

/// Another password for one's own account. No Debug: it holds both.
#[derive(Clone)]
pub struct ChangePassword {
    /// The present one.
    pub present: String,
    /// The new one.
    pub new: String,
}

impl ChangePassword {
    /// Reads `password`, which is the present one, `new_password` and `new_password_again`.
    pub fn read(fields: &Fields) -> Result<ChangePassword, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let present = fields.get("password").to_owned();
        if present.is_empty() {
            r.problem("password", "Enter the password that you have now");
        }
        let new = password_twice(&mut r, "new_password", "new_password_again");
        if !new.is_empty() && new == present {
            r.problem("new_password", "This is the password that you have now. Choose another");
        }
        r.finish(ChangePassword { present, new })
    }
}

/// Taking up an invitation. No Debug: it holds a password.
#[derive(Clone)]
pub struct TakeUp {
    /// The password that was chosen.
    pub password: String,
    /// The six digits of the authenticator.
    pub code: String,
}

impl TakeUp {
    /// Reads `password`, `password_again`, `code`.
    pub fn read(fields: &Fields) -> Result<TakeUp, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let password = password_twice(&mut r, "password", "password_again");
        let code = r.required("code", "The code", 20);
        r.finish(TakeUp { password, code })
    }
}

codes! {
    /// A kind of what waits for somebody whose account is to be closed.
    Waits {
        InCourse = "in_course", "Session in course";
        Sessions = "sessions", "Sessions to come";
        Files = "files", "Files";
        Referrals = "referrals", "Referrals not decided";
        Verifications = "verifications", "Referrals being verified";
        Records = "records", "Records not signed";
        Assessments = "assessments", "Risk assessments not approved";
        Reports = "reports", "Draft reports";
    }
}

impl Waits {
    /// Who can take it. A referral goes with its file.
    pub const fn takers(self) -> &'static [Role] {
        match self {
            Waits::InCourse | Waits::Sessions => &[Role::Supervisor],
            Waits::Files => &[Role::SocialWorker],
            Waits::Referrals => &[],
            Waits::Verifications => &[Role::Coordinator],
            Waits::Records => &[Role::Manager],
            Waits::Assessments | Waits::Reports => &[Role::Coordinator, Role::Manager],
        }
    }

    /// The question of the form.
    pub const fn question(self) -> &'static str {
        match self {
            Waits::InCourse => "Who stands in at the session that is in course?",
            Waits::Sessions => "Who takes the sessions to come?",
            Waits::Files => "Who takes the files?",
            Waits::Referrals => "Referrals go with their files",
            Waits::Verifications => "Who goes on verifying?",
            Waits::Records => "Who releases the records that are not signed?",
            Waits::Assessments => "Who goes on with the risk assessments?",
            Waits::Reports => "Who goes on with the draft reports?",
        }
    }

    /// What happens to what nobody takes.
    pub const fn otherwise(self) -> &'static str {
        match self {
            Waits::InCourse => "Somebody must be with the child. The coordinators and managers are told at once",
            Waits::Sessions => "Left open, they are marked and the coordinators are told",
            Waits::Files => {
                "Left open, they are marked, and the coordinators and managers are told that nobody has them"
            }
            Waits::Referrals => "",
            Waits::Verifications => "Left open, every coordinator of the area is told that they wait",
            Waits::Records => "Left open, every manager of the area is told",
            Waits::Assessments | Waits::Reports => {
                "Left open, the coordinators and managers are told, and any of them can take them over"
            }
        }
    }
}

/// How an account is closed: who takes what waits for the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAccount {
    /// Who takes all of a kind that is not given to somebody else.
    pub all: BTreeMap<Waits, AccountId>,
    /// Who takes a single one, by its id.
    pub each: BTreeMap<Uuid, AccountId>,
    /// Whether it is closed although the person is in a session and nobody stands in.
    pub during_session: bool,
}

impl CloseAccount {
    /// Reads `to-KIND` for all of a kind, `to-ID` for a single one, and `during_session`.
    pub fn read(fields: &Fields) -> Result<CloseAccount, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let mut command =
            CloseAccount { during_session: fields.has("during_session", "yes"), ..CloseAccount::default() };
        for (name, _) in fields.iter() {
            let Some(what) = name.strip_prefix("to-") else { continue };
            let Some(to) = r.id(name, "Somebody").map(AccountId) else { continue };
            if let Some(kind) = Waits::from_code(what) {
                command.all.insert(kind, to);
            } else if let Ok(one) = what.parse() {
                command.each.insert(one, to);
            }
        }
        r.finish(command)
    }

    /// Who takes one, and the field of the form that says so.
    pub fn taker(&self, kind: Waits, id: Uuid) -> Option<(AccountId, String)> {
        let one = self.each.get(&id).map(|to| (*to, format!("to-{id}")));
        one.or_else(|| self.all.get(&kind).map(|to| (*to, format!("to-{}", kind.code()))))
    }
}

/// That somebody went on with what a colleague had begun who has left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenOver {
    /// Whose it was.
    pub from: AccountId,
    /// Whose it is since.
    pub to: AccountId,
    /// Since when, UTC milliseconds.
    pub at_ms: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_sign_in_names_look_the_same() {
        // `admin` beside the same with a Cyrillic letter (Unicode Technical Standard 39).
        let read = |login: &str| {
            let fields: Fields = [
                ("name", "Nia Larch"),
                ("login", login),
                ("role", "auditor"),
                ("phone", "01632 960 222"),
                ("email", "nia@nenedale.example"),
            ]
            .into_iter()
            .collect();
            AccountFacts::read(&fields, &[])
        };
        for login in
            ["\u{430}dmin", "\u{ff41}dmin", "adm\u{131}n", "nia larch", "ni\u{e1}", "admin\u{301}", "nia/larch"]
        {
            let problems = read(login).err().unwrap_or_default();
            assert!(problems.iter().any(|problem| problem.field == "login"), "{login:?}");
        }
        // What is not seen does not come in.
        assert_eq!(read("admin\u{200b}").ok().map(|facts| facts.login).as_deref(), Some("admin"));
        assert_eq!(read("Nia.Larch-2_b").ok().map(|facts| facts.login).as_deref(), Some("nia.larch-2_b"));
    }

    #[test]
    fn one_choice_for_all_of_a_kind_and_another_for_a_single_one() {
        let (wanda, omar) = (AccountId(Uuid::from_u128(1)), AccountId(Uuid::from_u128(2)));
        let (one, other) = (Uuid::from_u128(10), Uuid::from_u128(11));
        let fields: Fields = [
            ("to-files".to_owned(), wanda.to_string()),
            (format!("to-{one}"), omar.to_string()),
            (format!("to-{other}"), String::new()),
        ]
        .into_iter()
        .collect();
        let command = CloseAccount::read(&fields).unwrap();
        assert_eq!(command.taker(Waits::Files, one), Some((omar, format!("to-{one}"))));
        assert_eq!(command.taker(Waits::Files, other), Some((wanda, "to-files".to_owned())));
        assert_eq!(command.taker(Waits::Reports, other), None);
        let wrong: Fields = [("to-files", "nobody")].into_iter().collect();
        assert_eq!(CloseAccount::read(&wrong).unwrap_err()[0].field, "to-files");
    }
}
