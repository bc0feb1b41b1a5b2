//! Reading what was typed of a request.

use jiff::civil::Date;

use super::{Asked, Asker, Channel, Ground, Right, Step, StepKind};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, RequestId};

/// The longest that somebody writes on the public page.
pub(super) const WHAT_CHARS: usize = 4_000;
/// How long ago a request that staff write down can have come, in days: a letter that lay somewhere is written down late
/// rather than never.
pub(super) const LATE_DAYS: i64 = 3 * 365;

impl Asked {
    /// Reads a request: `right`, `asker`, `name`, `address`, `email`, `phone`, `about`, `birth`, `former_names`, `what`, `needs`;
    /// of one that staff write down `channel` and `received` too.
    pub fn read(fields: &Fields, by_staff: bool, today: Date) -> Result<Asked, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let right = r.required_choice("right", "What they ask for", Right::from_code);
        let asker = r.required_choice("asker", "Who asks", Asker::from_code);
        let (channel, received) = if by_staff {
            let came = |code: &str| Channel::from_code(code).filter(|channel| *channel != Channel::Page);
            let channel = r.required_choice("channel", "How it came", came);
            (channel, r.required_date("received", "Day on which it was received"))
        } else {
            (Some(Channel::Page), Some(today))
        };
        if let Some(received) = received {
            let ago = crate::calendar::day_number(today) - crate::calendar::day_number(received);
            if ago < 0 {
                r.problem("received-day", "Day on which it was received must be today or in the past");
            } else if ago > LATE_DAYS {
                r.problem("received-day", "Day on which it was received is more than three years ago. Check the date");
            }
        }
        let name = r.required("name", "Name of who asks", SHORT_TEXT_CHARS);
        let address = r.text("address", "Address", LONG_TEXT_CHARS);
        let email = r.email("email", "Email");
        let phone = r.phone("phone", "Phone number");
        if address.is_none() && email.is_none() && phone.is_none() && r.count() == 0 {
            r.problem("address", "Enter an address, an email or a phone number: without one nobody can be answered");
        }
        let about = match asker {
            Some(Asker::Themselves) | None => None,
            Some(_) => Some(r.required("about", "Name of the person it is about", SHORT_TEXT_CHARS)),
        };
        let birth = r.date("birth", "Date of birth of the person it is about");
        if let (Some(birth), Some(received)) = (birth, received)
            && birth > received
        {
            let words = "Date of birth is after the day on which the request was received. Check both";
            r.problem("birth-day", words);
        }
        let former_names = r.text("former_names", "Former names and other spellings", SHORT_TEXT_CHARS);
        let what = r.required("what", "What they ask, in their words", WHAT_CHARS);
        let needs = r.text("needs", "What they need to read or hear the answer", SHORT_TEXT_CHARS);
        let problems = r.into_problems();
        match (right, asker, channel, received) {
            (Some(right), Some(asker), Some(channel), Some(received)) if problems.is_empty() => Ok(Asked {
                right,
                asker,
                channel,
                received,
                name,
                address,
                email,
                phone,
                about,
                birth,
                former_names,
                what,
                needs,
            }),
            _ => Err(problems),
        }
    }
}

impl Step {
    /// Reads a step: `kind`, `on` (today where nothing is typed), `words`, `ground` of a refusal, `other` of one that is the
    /// same as another.
    pub fn read(fields: &Fields, today: Date, by: AccountId, at_ms: i64) -> Result<Step, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let known = |code: &str| StepKind::from_code(code).filter(|kind| !kind.has_own_page());
        let kind = r.required_choice("kind", "What was done", known);
        let on = r.date("on", "Day").unwrap_or(today);
        let ground = match kind {
            Some(StepKind::Refused) => r.required_choice("ground", "Why it is refused", Ground::from_code),
            _ => None,
        };
        let other = match kind {
            Some(StepKind::Joined) => r.required_id("other", "The other request").map(RequestId),
            _ => None,
        };
        let words = match kind.map(StepKind::asks) {
            Some(Some(label)) => r.required("words", label, LONG_TEXT_CHARS),
            _ => r.text("words", "What there is to say", LONG_TEXT_CHARS).unwrap_or_default(),
        };
        let problems = r.into_problems();
        match kind {
            Some(kind) if problems.is_empty() => {
                Ok(Step { ground, other, ..Step::of(kind, on, words, Some(by), at_ms) })
            }
            _ => Err(problems),
        }
    }
}

impl StepKind {
    /// What must be said of it; `None` where nothing must.
    pub const fn asks(self) -> Option<&'static str> {
        match self {
            StepKind::Acknowledged | StepKind::Joined | StepKind::Found => None,
            StepKind::Lifted => Some("Why it is used again, and how they were told before"),
            StepKind::IdentityAsked => Some("What they were asked for"),
            StepKind::IdentitySettled => Some("How we know who they are"),
            StepKind::AuthoritySettled => Some("What was seen of their authority"),
            StepKind::ChildConsidered => Some("What was considered, and what follows"),
            StepKind::ClarificationAsked => Some("What they were asked, as they read it"),
            StepKind::ClarificationCame => Some("What they said"),
            StepKind::Extended => Some("Why it takes longer, as they read it"),
            StepKind::Prepared => Some("What the answer is, as they read it"),
            StepKind::GivenBack => Some("What it needs"),
            StepKind::Released => Some("How the answer went out, and where to"),
            StepKind::Refused | StepKind::Decided => Some("Why, as they read it"),
            StepKind::NotHeld => Some("Where was looked"),
            StepKind::Withdrawn => Some("How they withdrew it"),
            StepKind::Noted => Some("The note"),
            StepKind::Contested => Some("Where, and under which reference"),
            StepKind::ContestOver => Some("What was decided"),
        }
    }
}
