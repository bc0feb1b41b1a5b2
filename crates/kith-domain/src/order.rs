//! Orders of a court about contact: several at a time, each with its terms (handbook sections 3, 7 and 19).
//!
//! An order is never overwritten: what it said before a correction is kept with it, and an order that has ended stays.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::calendar::{self, long_date};
use crate::codes::codes;
use crate::delivery::{Anchor, Term, When};
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::ids::{AccountId, PersonId, TermId};
use crate::plan::{Frequency, Mode};
use crate::refusal::Refusal;

/// Most terms that one order can hold.
pub const TERM_LIMIT: usize = 30;

codes! {
    /// Whether an order stands.
    OrderState {
        Standing = "standing", "Stands";
        Ended = "ended", "Ended";
    }
}

/// What an order says beside its terms.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderFacts {
    /// The court that made it.
    pub court: String,
    /// Its case number.
    pub case_number: String,
    /// The day on which it was made.
    pub made_on: Date,
    /// The day on which it ends, if it says so.
    pub ends_on: Option<Date>,
    /// What it forbids.
    pub forbids: Option<String>,
    /// What it says about contact, in its own words.
    pub words: Option<String>,
}

impl OrderFacts {
    /// Reads `court`, `case_number`, `made_on`, `ends_on`, `forbids`, `words`.
    pub fn read(fields: &Fields, today: Date) -> Result<OrderFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let court = r.required("court", "Name of the court", SHORT_TEXT_CHARS);
        let case_number = r.required("case_number", "Case number", 50);
        let made_on = r.required_date("made_on", "The day on which the order was made");
        let ends_on = r.date("ends_on", "The day on which the order ends");
        if made_on.is_some_and(|made| made > today) {
            r.problem("made_on-day", "The day on which the order was made must be today or in the past");
        }
        if let (Some(made), Some(ends)) = (made_on, ends_on)
            && ends < made
        {
            r.problem("ends_on-day", "An order cannot end before it is made. Check both dates");
        }
        let forbids = r.text("forbids", "What the order forbids", LONG_TEXT_CHARS);
        let words = r.text("words", "What the order says about contact", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        match made_on {
            Some(made_on) if problems.is_empty() => {
                Ok(OrderFacts { court, case_number, made_on, ends_on, forbids, words })
            }
            _ => Err(problems),
        }
    }

    /// The form that [`OrderFacts::read`] reads this from.
    pub fn fields(&self) -> Fields {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let mut fields: Fields = [
            ("court", self.court.clone()),
            ("case_number", self.case_number.clone()),
            ("forbids", text(&self.forbids)),
            ("words", text(&self.words)),
        ]
        .into_iter()
        .collect();
        fields.set_date("made_on", self.made_on);
        if let Some(ends) = self.ends_on {
            fields.set_date("ends_on", ends);
        }
        fields
    }
}

/// One term of an order: what is owed to whom.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderTerm {
    /// Its id, by which an arrangement says that it serves this term.
    pub id: TermId,
    /// To each of these people.
    pub with: Vec<PersonId>,
    /// How often, how long, from when to when.
    pub owed: Term,
    /// In person, by video, by letter.
    pub mode: Mode,
}

impl OrderTerm {
    /// Reads `with`, `bound`, `count`, `per`, `anchor`, `when`, `mode`, `minutes`, `from`, `to`; an empty `from` is the
    /// day on which the order was made. Letters have no length.
    pub fn read(id: TermId, fields: &Fields, order: &OrderFacts) -> Result<OrderTerm, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let with: Vec<PersonId> = fields.all("with").iter().filter_map(|id| id.parse().ok()).collect();
        if with.is_empty() {
            r.problem("with", "Select who the child is to see");
        }
        let frequency = Frequency::read(&mut r);
        let anchor = r.choice("anchor", "From where months and years are counted", Anchor::from_code);
        let when = r.choice("when", "When in the year", When::from_code);
        let mode = r.required_choice("mode", "How contact takes place", Mode::from_code);
        let minutes = r.number("minutes", "How long each time, in minutes", 1, 480);
        let from = r.date("from", "First day").unwrap_or(order.made_on);
        let to = r.date("to", "Last day");
        if from < order.made_on {
            let day = long_date(order.made_on);
            r.problem("from-day", format!("First day must not be before the order was made, on {day}"));
        }
        if to.is_some_and(|to| to < from) {
            r.problem("to-day", "Last day must be on or after the first day");
        }
        if let Some(ends) = order.ends_on {
            if to.is_some_and(|to| to > ends) {
                r.problem(
                    "to-day",
                    format!("The order ends on {}. Choose that day or an earlier one", long_date(ends)),
                );
            }
            if from > ends {
                r.problem("from-day", format!("The order ends on {}. Choose an earlier first day", long_date(ends)));
            }
        }
        let problems = r.into_problems();
        match frequency.zip(mode) {
            Some((frequency, mode)) if problems.is_empty() => Ok(OrderTerm {
                id,
                with,
                owed: Term {
                    from,
                    to,
                    bound: frequency.bound,
                    count: frequency.count,
                    per: frequency.per,
                    anchor: anchor.unwrap_or(Anchor::Calendar),
                    minutes: minutes.filter(|_| mode != Mode::Letterbox),
                    when: when.unwrap_or(When::Always),
                },
                mode,
            }),
            _ => Err(problems),
        }
    }

    /// The form that [`OrderTerm::read`] reads this from.
    pub fn fields(&self) -> Fields {
        let with = self.with.iter().map(|id| ("with", id.to_string()));
        let single = [
            ("bound", self.owed.bound.code().to_owned()),
            ("count", self.owed.count.to_string()),
            ("per", self.owed.per.code().to_owned()),
            ("anchor", self.owed.anchor.code().to_owned()),
            ("when", self.owed.when.code().to_owned()),
            ("mode", self.mode.code().to_owned()),
            ("minutes", self.owed.minutes.map(|minutes| minutes.to_string()).unwrap_or_default()),
        ];
        let mut fields: Fields = with.chain(single).collect();
        fields.set_date("from", self.owed.from);
        if let Some(to) = self.owed.to {
            fields.set_date("to", to);
        }
        fields
    }

    /// The term as one sentence; `with` are the names.
    pub fn sentence(&self, with: &str) -> String {
        let mode = if self.mode == Mode::Letterbox { "by letterbox" } else { self.mode.label() };
        let from = long_date(self.owed.from);
        let until = self.owed.to.map(|to| format!(" to {}", long_date(to))).unwrap_or_default();
        format!("{with}: {}; {}; from {from}{until}.", self.owed.words(), crate::form::lower_first(mode))
    }
}

/// What an order said until it was corrected.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierOrder {
    /// What it said.
    pub facts: OrderFacts,
    /// Its terms then.
    pub terms: Vec<OrderTerm>,
    /// Until when it said so, UTC milliseconds.
    pub until_ms: i64,
    /// Who corrected it.
    pub by: AccountId,
    /// Why.
    pub why: String,
}

/// The end of an order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderEnd {
    /// Its last day.
    pub on: Date,
    /// Why it ended: replaced, discharged, run out.
    pub why: String,
    /// Who wrote that down.
    pub by: AccountId,
    /// When, UTC milliseconds.
    pub at_ms: i64,
}

impl OrderEnd {
    /// Reads `ended_on` and `reason`. The last day can be ahead, and not before the order was made.
    pub fn read(fields: &Fields, order: &OrderFacts, by: AccountId, at_ms: i64) -> Result<OrderEnd, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let on = r.required_date("ended_on", "The last day of the order");
        if on.is_some_and(|on| on < order.made_on) {
            r.problem("ended_on-day", "An order cannot end before it is made. Check the date");
        }
        let why = r.required("reason", "Why the order ends", LONG_TEXT_CHARS);
        let problems = r.into_problems();
        on.map(|on| OrderEnd { on, why, by, at_ms }).filter(|_| problems.is_empty()).ok_or(problems)
    }
}

/// An order about contact.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// What it says beside its terms.
    pub facts: OrderFacts,
    /// Its terms.
    pub terms: Vec<OrderTerm>,
    /// Its end, if it has ended or is known to.
    pub ended: Option<OrderEnd>,
    /// What it said before each correction, oldest first.
    pub earlier: Vec<EarlierOrder>,
    /// Where it was taken from, in words: the referral, the sealed order.
    pub source: String,
}

impl Order {
    /// Its last day, whether it says so itself or was ended.
    pub fn last_day(&self) -> Option<Date> {
        self.facts.ends_on.into_iter().chain(self.ended.as_ref().map(|ended| ended.on)).min()
    }

    /// Whether it stands on a day.
    pub fn stands_on(&self, day: Date) -> bool {
        self.facts.made_on <= day && self.last_day().is_none_or(|last| day <= last)
    }

    /// One of its terms.
    pub fn term(&self, id: TermId) -> Option<&OrderTerm> {
        self.terms.iter().find(|term| term.id == id)
    }

    /// What one of its terms owes: no longer than the order itself stands.
    pub fn owed(&self, term: &OrderTerm) -> Term {
        Term { to: term.owed.to.into_iter().chain(self.last_day()).min(), ..term.owed }
    }

    /// Keeps what it says now beside what it is to say, with who corrects it and why.
    pub fn correct(&mut self, facts: OrderFacts, by: AccountId, why: &str, at_ms: i64) -> Result<(), Refusal> {
        self.may_be_changed()?;
        if self.terms.iter().any(|term| term.owed.from < facts.made_on) {
            return Err(Refusal::new(
                "order.term_before_it",
                format!("A term begins before {}. Correct the terms first", long_date(facts.made_on)),
            ));
        }
        self.keep(by, why, at_ms);
        self.facts = facts;
        Ok(())
    }

    /// Adds a term, or puts it in the place of the one of the same id; a term that stood is kept.
    pub fn put_term(&mut self, term: OrderTerm, by: AccountId, why: &str, at_ms: i64) -> Result<(), Refusal> {
        self.may_be_changed()?;
        match self.terms.iter().position(|known| known.id == term.id) {
            Some(index) => {
                self.keep(by, why, at_ms);
                self.terms[index] = term;
            }
            None if self.terms.len() >= TERM_LIMIT => {
                return Err(Refusal::new("order.too_many_terms", format!("An order has at most {TERM_LIMIT} terms")));
            }
            None => self.terms.push(term),
        }
        Ok(())
    }

    /// Takes a term out that was written down in error; what it said is kept.
    pub fn remove_term(&mut self, id: TermId, by: AccountId, why: &str, at_ms: i64) -> Result<(), Refusal> {
        self.may_be_changed()?;
        if self.term(id).is_some() {
            self.keep(by, why, at_ms);
            self.terms.retain(|term| term.id != id);
        }
        Ok(())
    }

    fn keep(&mut self, by: AccountId, why: &str, at_ms: i64) {
        self.earlier.push(EarlierOrder {
            facts: self.facts.clone(),
            terms: self.terms.clone(),
            until_ms: at_ms,
            by,
            why: why.to_owned(),
        });
    }

    /// Whether it may still be corrected: one that has ended stays as it is.
    pub fn may_be_changed(&self) -> Result<(), Refusal> {
        match &self.ended {
            Some(ended) => Err(Refusal::new(
                "order.ended",
                format!("This order ended on {}. Write down the new order instead", long_date(ended.on)),
            )),
            None => Ok(()),
        }
    }
}

/// The first order of a child, as the referral's legal section tells it. Its terms are in its own words until somebody
/// sets them out. `None` where no court, case number or date is told.
pub fn from_referral(legal: &crate::referral::Legal) -> Option<Order> {
    Some(Order {
        facts: OrderFacts {
            court: legal.court.clone()?,
            case_number: legal.case_number.clone()?,
            made_on: legal.order_date?,
            ends_on: legal.order_ends,
            forbids: None,
            words: legal.terms.clone(),
        },
        terms: Vec::new(),
        ended: None,
        earlier: Vec::new(),
        source: "The referral".to_owned(),
    })
}

/// A day as the number that is stored.
pub fn stored_last_day(order: &Order) -> Option<i64> {
    order.last_day().map(calendar::day_number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::{Bound, Per};
    use jiff::civil::date;
    use uuid::Uuid;

    fn facts() -> OrderFacts {
        OrderFacts {
            court: "Family Court at Eddington".into(),
            case_number: "ED26C00417".into(),
            made_on: date(2026, 11, 2),
            ends_on: Some(date(2027, 5, 1)),
            forbids: None,
            words: None,
        }
    }

    fn term_fields(pairs: &[(&str, &str)]) -> Fields {
        let whole = [
            ("with", "018f0000-0000-7000-8000-000000000001"),
            ("bound", "at_least"),
            ("count", "3"),
            ("per", "week"),
            ("mode", "in_person"),
            ("minutes", "90"),
        ];
        let given: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        whole.into_iter().filter(|(name, _)| !given.contains(name)).chain(pairs.iter().copied()).collect()
    }

    fn term(pairs: &[(&str, &str)]) -> Result<OrderTerm, Vec<String>> {
        OrderTerm::read(TermId(Uuid::nil()), &term_fields(pairs), &facts())
            .map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    fn order() -> Order {
        Order { facts: facts(), terms: Vec::new(), ended: None, earlier: Vec::new(), source: "The sealed order".into() }
    }

    #[test]
    fn an_order_does_not_end_before_it_is_made_and_is_not_made_tomorrow() {
        let read = |made: &str, ends: &str| {
            let fields: Fields = [("court", "A court"), ("case_number", "ED1"), ("made_on", made), ("ends_on", ends)]
                .into_iter()
                .collect();
            let problems = OrderFacts::read(&fields, date(2026, 11, 24)).err().unwrap_or_default();
            problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>()
        };
        assert_eq!(read("2026-11-02", "2026-11-01"), ["ends_on-day"]);
        assert_eq!(read("2026-11-25", ""), ["made_on-day"]);
        assert!(read("2026-11-02", "2026-11-02").is_empty());
    }

    #[test]
    fn a_term_of_no_times_or_outside_its_order_is_refused_by_its_field() {
        assert_eq!(term(&[("count", "0")]).err().unwrap_or_default(), ["count"]);
        assert_eq!(term(&[("count", "366"), ("per", "year")]).map(|term| term.owed.count), Ok(366));
        assert_eq!(term(&[("from", "2026-11-01")]).err().unwrap_or_default(), ["from-day"]);
        assert_eq!(term(&[("to", "2027-05-02")]).err().unwrap_or_default(), ["to-day"]);
        assert_eq!(term(&[("from", "2027-05-02")]).err().unwrap_or_default(), ["from-day"]);
        let letters = term(&[("mode", "letterbox"), ("per", "month"), ("count", "1")]);
        assert_eq!(letters.map(|term| term.owed.minutes), Ok(None), "letters have no length");
    }

    #[test]
    fn the_form_of_a_term_reads_back_to_it() {
        let read = term(&[("when", "holidays"), ("anchor", "term"), ("to", "2027-03-31")]).ok();
        let again = read.as_ref().and_then(|term| OrderTerm::read(term.id, &term.fields(), &facts()).ok());
        assert!(read.is_some() && read == again);
    }

    #[test]
    fn what_a_term_owes_ends_with_its_order() {
        let mut order = order();
        let term = term(&[]).unwrap_or_else(|fields| panic!("{fields:?}"));
        assert_eq!(order.owed(&term).to, Some(date(2027, 5, 1)));
        let by = AccountId(Uuid::nil());
        order.ended = Some(OrderEnd { on: date(2026, 12, 31), why: "Discharged".into(), by, at_ms: 0 });
        assert_eq!(order.owed(&term).to, Some(date(2026, 12, 31)));
        assert!(order.stands_on(date(2026, 12, 31)) && !order.stands_on(date(2027, 1, 1)));
        let refused = order.put_term(term, by, "", 0);
        assert_eq!(refused.map_err(|refusal| refusal.code), Err("order.ended"));
    }

    #[test]
    fn a_correction_keeps_what_the_order_said_before() {
        let (mut order, by) = (order(), AccountId(Uuid::nil()));
        let first = term(&[]).unwrap_or_else(|fields| panic!("{fields:?}"));
        order.put_term(first, by, "", 1).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert!(order.earlier.is_empty(), "a term that is added takes nothing's place");
        let corrected = term(&[("count", "2")]).unwrap_or_else(|fields| panic!("{fields:?}"));
        order.put_term(corrected, by, "Misread", 2).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert_eq!(order.earlier[0].terms[0].owed.count, 3);
        assert_eq!((order.terms.len(), order.terms[0].owed.count), (1, 2));
        assert_eq!((order.terms[0].owed.bound, order.terms[0].owed.per), (Bound::AtLeast, Per::Week));
    }

    #[test]
    fn a_term_reads_as_one_sentence() {
        let term = term(&[("when", "holidays"), ("to", "2027-03-31")]).unwrap_or_else(|fields| panic!("{fields:?}"));
        assert_eq!(
            term.sentence("Ann Marsh"),
            "Ann Marsh: at least 3 times a week, 90 minutes each, in the school holidays; in person; from 2 November 2026 \
             to 31 March 2027."
        );
    }
}
