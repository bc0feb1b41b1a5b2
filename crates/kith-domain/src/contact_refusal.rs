//! Refusing contact for at most seven days without an order (Children Act 1989 s34(6); Care Planning, Placement and Case Review
//! (England) Regulations 2010 reg 8; handbook section 7).
//!
//! Who is entitled to contact under s34(1), or by an order, can be refused it only when the child's welfare needs it, only as a
//! matter of urgency, and for seven days at most. By the seventh contact goes on, or a court has made an order under s34(4).

#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{self, long_date};
use crate::clock::{REFUSAL_DAYS, REFUSAL_WARNED_ON_DAY};
use crate::codes::{YesNo, codes};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, OrderId, PersonId};
use crate::refusal::Refusal;

/// How far back a refusal can be written down, in days: what happened is written down late rather than never.
pub const LATE_DAYS: i64 = 60;

codes! {
    /// Where a refusal of contact stands.
    RefusalState {
        Running = "running", "Contact is refused";
        Resumed = "resumed", "Contact goes on";
        Ordered = "ordered", "A court has decided";
        Mistaken = "mistaken", "Written down by mistake";
    }
}

codes! {
    /// Who is told in writing (regulation 8(2)).
    Recipient {
        Person = "person", "The person who is refused contact";
        Child = "child", "The child";
        Parent = "parent", "Another parent, or somebody with parental responsibility";
        Reviewing = "iro", "The independent reviewing officer";
        Other = "other", "Somebody else whose wishes and feelings matter";
    }
}

codes! {
    /// How a notice was given.
    GivenBy {
        Hand = "hand", "By hand";
        Post = "post", "By post";
        Email = "email", "By email";
        Solicitor = "solicitor", "Through a solicitor";
    }
}

/// What is decided when contact is refused.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedContact {
    /// Who is refused contact.
    pub person: PersonId,
    /// The first day, which is day 1.
    pub began: Date,
    /// Who decided it: name and role.
    pub decided_by: String,
    /// Why the child's welfare needs it, as the person reads it in the notice.
    pub reasons: String,
    /// Why it could not wait for a court, as the person reads it.
    pub urgency: String,
    /// The reasons as the child reads them; `None` when the child is not told in writing.
    pub for_the_child: Option<String>,
    /// Why the child is not told in writing: age and understanding.
    pub child_not_told: Option<String>,
}

/// A notice that was given: who had it, when and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeGiven {
    /// Who is told.
    pub to: Recipient,
    /// Their name, where it is not the person or the child.
    pub name: Option<String>,
    /// On which day.
    pub on: Date,
    /// How.
    pub how: GivenBy,
    /// Who wrote it down.
    pub by: AccountId,
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
}

/// How a refusal ended.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalEnd {
    /// From which day contact goes on, on which day the order was made, or the day on which the mistake was found.
    pub on: Date,
    /// What there is to say of it.
    pub note: Option<String>,
    /// The order under s34(4), on the file.
    pub order: Option<OrderId>,
    /// Who wrote it down.
    pub by: AccountId,
    /// When it was written down, UTC milliseconds.
    pub at_ms: i64,
}

/// A refusal of contact as it is kept. Notices are only added; what was decided is never changed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactRefusal {
    /// What was decided.
    pub refused: RefusedContact,
    /// Notices given, in the order in which they were written down.
    pub notices: Vec<NoticeGiven>,
    /// How it ended.
    pub ended: Option<RefusalEnd>,
}

/// What is done to end a refusal.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EndRefusal {
    /// Contact goes on from a day.
    Resume {
        /// From which day.
        on: Date,
        /// What there is to say of it.
        note: Option<String>,
    },
    /// A court has made an order under s34(4).
    Order {
        /// On the file.
        order: OrderId,
        /// What there is to say of it.
        note: Option<String>,
    },
    /// It was written down by mistake.
    Mistake {
        /// What was wrong.
        why: String,
    },
}

/// What a refusal's clock says on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalClock {
    /// It has not begun.
    Before,
    /// Which day of it this is, 1 to 7.
    Day(i64),
    /// It has run out and nobody said what came of it: for how many days.
    RunOut(i64),
}

impl RefusedContact {
    /// Reads `person`, `began`, `decided_by`, `reasons`, `urgency`, `tell_child` (`yes`, `no`) and by that `for_the_child` or
    /// `child_not_told`.
    pub fn read(fields: &Fields, today: Date) -> Result<RefusedContact, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let person = r.required_id("person", "Who is refused contact").map(PersonId);
        let began = r.required_date("began", "First day of the refusal");
        if began.is_some_and(|began| began > today) {
            let words = "First day of the refusal must be today or in the past: it is for what cannot wait";
            r.problem("began-day", words);
        }
        if began.is_some_and(|began| calendar::day_number(today) - calendar::day_number(began) > LATE_DAYS) {
            r.problem("began-day", "First day of the refusal is more than two months ago. Check the date");
        }
        let decided_by = r.required("decided_by", "Who decided it", SHORT_TEXT_CHARS);
        let reasons = r.required("reasons", "Why contact is refused", LONG_TEXT_CHARS);
        let urgency = r.required("urgency", "Why it could not wait for a court", LONG_TEXT_CHARS);
        let tell = r.required_choice("tell_child", "Whether the child is told in writing", YesNo::from_code);
        let (mut for_the_child, mut child_not_told) = (None, None);
        match tell {
            Some(YesNo::Yes) => {
                for_the_child = Some(r.required("for_the_child", "Why, in words for the child", LONG_TEXT_CHARS));
            }
            Some(YesNo::No) => {
                let label = "Why the child is not told in writing";
                child_not_told = Some(r.required("child_not_told", label, LONG_TEXT_CHARS));
            }
            None => {}
        }
        let problems = r.into_problems();
        match (person, began) {
            (Some(person), Some(began)) if problems.is_empty() => {
                Ok(RefusedContact { person, began, decided_by, reasons, urgency, for_the_child, child_not_told })
            }
            _ => Err(problems),
        }
    }

    /// The last day on which contact may be refused without an order: the seventh, the first counted.
    pub fn last_day(&self) -> Date {
        self.day(REFUSAL_DAYS)
    }

    /// The day from which contact is owed again, unless a court has decided otherwise.
    pub fn owed_again(&self) -> Date {
        self.day(REFUSAL_DAYS + 1)
    }

    /// The day on which Kith warns.
    pub fn warned_on(&self) -> Date {
        self.day(REFUSAL_WARNED_ON_DAY)
    }

    fn day(&self, number: i64) -> Date {
        calendar::day_of(calendar::day_number(self.began) + number - 1)
    }

    /// What its clock says on a day.
    pub fn clock(&self, today: Date) -> RefusalClock {
        let day = calendar::day_number(today) - calendar::day_number(self.began) + 1;
        match day {
            ..=0 => RefusalClock::Before,
            1..=REFUSAL_DAYS => RefusalClock::Day(day),
            over => RefusalClock::RunOut(over - REFUSAL_DAYS),
        }
    }

    /// Whether contact is refused on a day, as long as nothing has ended it.
    pub fn covers(&self, day: Date) -> bool {
        matches!(self.clock(day), RefusalClock::Day(_))
    }
}

impl RefusalClock {
    /// In words.
    pub fn words(self) -> String {
        match self {
            RefusalClock::Before => "Not begun".to_owned(),
            RefusalClock::Day(day) => format!("Day {day} of {REFUSAL_DAYS}"),
            RefusalClock::RunOut(1) => "Ran out yesterday".to_owned(),
            RefusalClock::RunOut(days) => format!("Ran out {days} days ago"),
        }
    }

    /// Whether somebody has to do something about it: from the day on which Kith warns (handbook section 7).
    pub const fn presses(self) -> bool {
        match self {
            RefusalClock::Before => false,
            RefusalClock::Day(day) => day >= REFUSAL_WARNED_ON_DAY,
            RefusalClock::RunOut(_) => true,
        }
    }
}

impl NoticeGiven {
    /// Reads `to`, `name`, `on`, `how`. A notice is given from the day of the decision on, and not in the future.
    pub fn read(
        fields: &Fields,
        of: &RefusedContact,
        today: Date,
        by: AccountId,
        at_ms: i64,
    ) -> Result<NoticeGiven, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let to = r.required_choice("to", "Who was told", Recipient::from_code);
        let mut name = r.text("name", "Their name", SHORT_TEXT_CHARS);
        match to {
            Some(Recipient::Person | Recipient::Child) => name = None,
            Some(_) if name.is_none() && r.count() == 0 => r.problem("name", "Enter their name"),
            _ => {}
        }
        let on = r.required_date("on", "On which day they were told");
        if on.is_some_and(|on| on > today) {
            r.problem("on-day", "On which day they were told must be today or in the past");
        }
        if on.is_some_and(|on| on < of.began) {
            r.problem(
                "on-day",
                format!("Nobody was told before the refusal began, on {}. Check the date", long_date(of.began)),
            );
        }
        let how = r.required_choice("how", "How they were told", GivenBy::from_code);
        let read = (|| Some(NoticeGiven { to: to?, name, on: on?, how: how?, by, at_ms }))();
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }

    /// Whether it says the same as another, whoever wrote it down and when.
    pub fn is_same(&self, other: &NoticeGiven) -> bool {
        (self.to, &self.name, self.on, self.how) == (other.to, &other.name, other.on, other.how)
    }
}

impl ContactRefusal {
    /// What was decided, with nothing done yet.
    pub fn new(refused: RefusedContact) -> Self {
        Self { refused, notices: Vec::new(), ended: None }
    }

    /// Whom the law says to tell in writing and nobody has told yet: the person, and the child who is told in writing.
    pub fn to_be_told(&self) -> Vec<Recipient> {
        let told = |to| self.notices.iter().any(|given| given.to == to);
        let child = self.refused.for_the_child.is_some();
        let must = [Some(Recipient::Person), child.then_some(Recipient::Child), Some(Recipient::Reviewing)];
        must.into_iter().flatten().filter(|to| !told(*to)).collect()
    }

    /// From which day on it does not stand in the way of contact any more: it never lasts longer than seven days.
    pub fn stands_until(&self) -> Date {
        let last = self.refused.last_day();
        match &self.ended {
            // An order takes over from the refusal: what it says is on the order and on who may attend.
            Some(end) => {
                let before = calendar::day_of(calendar::day_number(end.on) - 1);
                if end.order.is_some() { last } else { before.min(last) }
            }
            None => last,
        }
    }

    /// Whether contact is refused on a day by it.
    pub fn refuses(&self, day: Date) -> bool {
        day >= self.refused.began && day <= self.stands_until()
    }

    /// The state after it is ended, or why it cannot be.
    pub fn end(
        &mut self,
        state: RefusalState,
        how: EndRefusal,
        today: Date,
        by: AccountId,
        at_ms: i64,
    ) -> Result<RefusalState, Refusal> {
        if state != RefusalState::Running {
            return Err(Refusal::new("refusal.ended", "It has been said already how this refusal of contact ended"));
        }
        let (state, on, note, order) = match how {
            EndRefusal::Resume { on, note } => (RefusalState::Resumed, on, note, None),
            EndRefusal::Order { order, note } => (RefusalState::Ordered, today, note, Some(order)),
            EndRefusal::Mistake { why } => (RefusalState::Mistaken, self.refused.began, Some(why), None),
        };
        self.ended = Some(RefusalEnd { on, note, order, by, at_ms });
        Ok(state)
    }
}

impl EndRefusal {
    /// Reads `how` (`resumed`, `ordered`, `mistaken`) and by that `resumed_on` and `note`, `order` and `note`, or `why`.
    pub fn read(fields: &Fields, of: &RefusedContact, today: Date) -> Result<EndRefusal, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let known = |code: &str| RefusalState::from_code(code).filter(|state| *state != RefusalState::Running);
        let how = r.required_choice("how", "What came of it", known);
        let read = match how {
            Some(RefusalState::Resumed) => {
                let on = r.required_date("resumed_on", "From which day contact goes on");
                if on.is_some_and(|on| on <= of.began) {
                    let words = "From which day contact goes on must be after the first day of the refusal. If it was never \
                                 refused, say that it was written down by mistake";
                    r.problem("resumed_on-day", words);
                }
                let latest = calendar::day_of(calendar::day_number(today.max(of.last_day())) + 1);
                if on.is_some_and(|on| on > latest) {
                    let words = format!(
                        "Contact can be refused until {} at most. Choose the day after it or an earlier one",
                        long_date(of.last_day())
                    );
                    r.problem("resumed_on-day", words);
                }
                let note = r.text("note", "Anything to say of it", LONG_TEXT_CHARS);
                on.map(|on| EndRefusal::Resume { on, note })
            }
            Some(RefusalState::Ordered) => {
                let order = r.required_id("order", "The order under section 34(4)").map(OrderId);
                let note = r.text("note", "Anything to say of it", LONG_TEXT_CHARS);
                order.map(|order| EndRefusal::Order { order, note })
            }
            Some(RefusalState::Mistaken) => {
                Some(EndRefusal::Mistake { why: r.required("why", "What was wrong", LONG_TEXT_CHARS) })
            }
            _ => None,
        };
        let problems = r.into_problems();
        read.filter(|_| problems.is_empty()).ok_or(problems)
    }
}
