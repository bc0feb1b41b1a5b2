//! The page of the call: one item at a time, the rest and the decision in sight.

use askama::Template;
use kith_domain::calendar;
use kith_domain::ids::ReferralId;
use kith_domain::referral::ReferralState;
use kith_domain::verification::{Answered, Call, CallOutcome, Item, Outcome, is_same_number};
use kith_service::verification::VerificationView;

use crate::error::WebError;
use crate::person::Signed;
use crate::referral::answers::of_item;
use crate::referral::tag;
use crate::ui::{FormView, Html, Page, Tag};

#[derive(Template)]
#[template(path = "verification/show.html")]
pub(super) struct ShowPage {
    page: Page,
    id: ReferralId,
    child: String,
    tag: Tag,
    begun: bool,
    open: bool,
    /// Name and number in the staff directory.
    whom: Option<(String, String)>,
    /// The number on the form, when it is another one.
    other_number: Option<String>,
    /// The colleague who has the call, if it is one.
    held_by: Option<String>,
    /// When to call back, if that is said.
    call_back: Option<String>,
    calls: Vec<String>,
    /// The item in question, while the call goes on; every item, when it is over.
    shown: Vec<ItemView>,
    /// Every item in a line.
    lines: Vec<ItemLine>,
    /// What the call corrected, item by item.
    corrected: Vec<(String, Vec<(String, String)>)>,
    answered: usize,
    /// Why an answer was not kept.
    meanwhile: Option<String>,
    missing: Vec<String>,
    not_known: bool,
    call_form: FormView,
    override_form: FormView,
    decided_despite: Option<(String, String)>,
    may_decide: bool,
    may_override: bool,
    same: Option<String>,
    overdue: bool,
    verify_by: Option<String>,
    may_take_off: Vec<(String, String)>,
}

/// An item as it is asked.
struct ItemView {
    code: String,
    title: String,
    question: &'static str,
    rows: Vec<(String, String)>,
    answer: Option<(Tag, String)>,
    /// How many answers there are: what whoever answers has seen.
    seen: usize,
    /// Which it is, from 1.
    number: usize,
    history: Vec<Told>,
}

/// An item among the others.
struct ItemLine {
    to: String,
    title: String,
    tag: Tag,
    /// Who answered.
    by: String,
    current: bool,
}

/// One answer, kept for ever.
struct Told {
    tag: Tag,
    who: String,
    changes: Vec<(String, String)>,
}

/// What is asked of the page.
#[derive(Default)]
pub(super) struct Asked {
    /// The item that was chosen.
    pub(super) item: Option<Item>,
    /// Else the one that waits after this.
    pub(super) after: Option<Item>,
    pub(super) call_form: FormView,
    pub(super) override_form: FormView,
    pub(super) done: Option<&'static str>,
    pub(super) meanwhile: Option<String>,
}

impl ShowPage {
    /// What is asked when the social worker was not reached: why.
    fn not_reached(&self) -> Vec<(&'static str, Html)> {
        let outcomes = CallOutcome::ALL.iter().map(|outcome| (outcome.code().to_owned(), outcome.label().to_owned()));
        vec![("no", self.call_form.radios("outcome", "What happened?", "", outcomes.collect()))]
    }
}

fn item_view(number: usize, item: Item, view: &VerificationView, signed: &Signed) -> ItemView {
    let now = item.section_of(&view.form).unwrap_or_default();
    let answer = view.verification.answer(item, &view.form).map(|answered| {
        let by = signed.app.service.name_of(answered.by);
        (outcome_tag(answered.outcome), format!("{by}, {}", calendar::long_instant(answered.at_ms)))
    });
    let history: Vec<Told> =
        view.verification.answers_to(item).map(|answered| told(item, answered, view, signed)).collect();
    ItemView {
        code: item.code(),
        title: item.title(&view.form),
        question: item.question(),
        rows: of_item(item, &now, &view.form),
        answer,
        seen: history.len(),
        number,
        history,
    }
}

fn line(id: ReferralId, item: Item, current: bool, view: &VerificationView, signed: &Signed) -> ItemLine {
    let answer = view.verification.answer(item, &view.form);
    let due = |words: &str| Tag { kind: "due", words: words.to_owned() };
    let tag = match answer {
        Some(answered) => outcome_tag(answered.outcome),
        None if view.verification.answers_to(item).next().is_some() => due("Ask again"),
        None => due("To ask"),
    };
    ItemLine {
        to: format!("/referrals/{id}/verification?item={}#item", item.code()),
        title: item.title(&view.form),
        tag,
        by: answer.map(|answered| signed.app.service.name_of(answered.by)).unwrap_or_default(),
        current,
    }
}

/// How many possible matches there are, and how many of them have no answer.
fn possible(of: &kith_service::referral::Matches) -> Option<String> {
    if !of.joined.is_empty() {
        return Some("This referral joined the file of a child who was held".to_owned());
    }
    let matches = &of.matches;
    if !of.open && matches.iter().all(|of| of.answer.is_none()) {
        return None;
    }
    let open = matches.iter().filter(|of| of.answer.is_none()).count();
    let many = |count: usize| if count == 1 { "1 person".to_owned() } else { format!("{count} people") };
    let answered = match open {
        0 => "all are answered".to_owned(),
        open => format!("{open} without an answer"),
    };
    (!matches.is_empty()).then(|| format!("{} in files you see may be the same: {answered}", many(matches.len())))
}

fn outcome_tag(outcome: Outcome) -> Tag {
    let kind = match outcome {
        Outcome::Confirmed => "verified",
        Outcome::Corrected => "accepted",
        Outcome::NotKnown => "not-known",
    };
    Tag { kind, words: outcome.label().to_owned() }
}

/// Each child's name, and where the child is taken off.
fn taking_off(id: ReferralId, view: &VerificationView) -> Vec<(String, String)> {
    let referral = &view.referral.referral;
    let own =
        referral.children().into_iter().filter_map(|child| Some((child, view.form.own_of(child, referral.child)?)));
    own.map(|(child, own)| (own.shown_name(), format!("/referrals/{id}/children/{child}/remove"))).collect()
}

/// What the call established of an item: who said it to whom, on which number, and from what to what.
fn told(item: Item, answered: &Answered, view: &VerificationView, signed: &Signed) -> Told {
    let by = signed.app.service.name_of(answered.by);
    let call =
        view.verification.call_of(answered).map(|call| format!(", who spoke to {} on {}", call.called, call.number));
    let who = format!("{by}{}, {}", call.unwrap_or_default(), calendar::long_instant(answered.at_ms));
    Told { tag: outcome_tag(answered.outcome), who, changes: changes(item, answered, view) }
}

/// What a correction changed, from what to what.
fn changes(item: Item, answered: &Answered, view: &VerificationView) -> Vec<(String, String)> {
    let (Some(old), Some(new)) = (&answered.old, &answered.new) else { return Vec::new() };
    let (old, new) = (of_item(item, old, &view.form), of_item(item, new, &view.form));
    let find = |rows: &[(String, String)], label: &str| {
        rows.iter().find(|row| row.0 == label).map_or_else(|| "nothing".to_owned(), |row| row.1.clone())
    };
    let mut changes: Vec<(String, String)> = Vec::new();
    for (label, _) in old.iter().chain(&new) {
        let (was, is) = (find(&old, label), find(&new, label));
        if was != is && !changes.iter().any(|known| known.0 == *label) {
            changes.push((label.clone(), format!("from “{was}” to “{is}”")));
        }
    }
    changes
}

/// A call or an attempt at one in a sentence: when, who, whom, on which number, what came of it.
fn called(call: &Call, signed: &Signed) -> String {
    let outcome = match (call.reached, call.outcome) {
        (true, _) => format!("spoke for {} minutes", call.minutes),
        (false, Some(outcome)) => {
            format!("not reached: {}", kith_domain::form::lower_first(outcome.label()))
        }
        (false, None) => "not reached".to_owned(),
    };
    let caller = signed.app.service.name_of(call.caller);
    let again = call.call_back_ms.map(|at| format!(". Call back {}", calendar::long_instant(at))).unwrap_or_default();
    let note = call.note.as_ref().map_or_else(String::new, |note| format!(". {note}"));
    let when = calendar::long_instant(call.at_ms);
    format!("{when}: {caller} called {} on {}, {outcome}{again}{note}", call.called, call.number)
}

/// Calls, attempts, and who took the call up from whom, in the order in which they were.
fn attempts(view: &VerificationView, signed: &Signed) -> Vec<String> {
    let of = &view.verification;
    let name = |id| signed.app.service.name_of(id);
    let calls = of.calls.iter().map(|call| (call.at_ms, called(call, signed)));
    let taken = of.taken.iter().map(|taken| {
        let when = calendar::long_instant(taken.at_ms);
        (taken.at_ms, format!("{when}: {} took the call up from {}", name(taken.by), name(taken.from)))
    });
    let mut all: Vec<(i64, String)> = calls.chain(taken).collect();
    all.sort_by_key(|(at_ms, _)| *at_ms);
    all.into_iter().map(|(_, words)| words).collect()
}

pub(super) async fn page(signed: &Signed, id: ReferralId, asked: Asked) -> Result<ShowPage, WebError> {
    let desk = signed.delivery();
    let view = desk.verification(id).await?;
    let state = view.referral.referral.state;
    let compared = matches!(state, ReferralState::Submitted | ReferralState::BeingVerified | ReferralState::Accepted);
    let same = if view.referral.may_decide && compared { possible(&desk.matches(id).await?) } else { None };
    let open = state == ReferralState::BeingVerified;
    let chosen = asked.item.filter(|item| view.items.contains(item));
    let current = chosen.or_else(|| view.verification.next(asked.after, &view.form)).filter(|_| open);
    let numbered = (1..).zip(view.items.iter().copied());
    let shown = numbered.filter(|(_, item)| !open || current == Some(*item));
    let shown: Vec<ItemView> = shown.map(|(number, item)| item_view(number, item, &view, signed)).collect();
    let line = |item: &Item| line(id, *item, current == Some(*item), &view, signed);
    let corrected = view.items.iter().filter_map(|item| {
        let changes: Vec<_> =
            view.verification.answers_to(*item).flat_map(|answered| changes(*item, answered, &view)).collect();
        (!changes.is_empty()).then(|| (item.title(&view.form), changes))
    });
    let despite = view.verification.accepted_despite.as_ref().map(|despite| {
        let by = signed.app.service.name_of(despite.by);
        (format!("{by}, {}", calendar::long_instant(despite.at_ms)), despite.reason.clone())
    });
    let wrong = asked.call_form.has_problems() || asked.override_form.has_problems() || asked.meanwhile.is_some();
    let page = Page::new(signed, "Verify by phone", "/referrals").back("/referrals");
    Ok(ShowPage {
        page: page.with_error(wrong).with_done(asked.done),
        id,
        child: view.form.children_names(),
        may_take_off: taking_off(id, &view),
        tag: tag(state),
        begun: view.verifier.is_some(),
        open,
        whom: view.directory.as_ref().map(|card| (card.name.clone(), card.phone.clone())),
        other_number: view
            .form
            .own_number
            .clone()
            .filter(|number| view.directory.as_ref().is_none_or(|card| !is_same_number(&card.phone, number))),
        held_by: view.verifier.filter(|by| !signed.actor().is(*by)).map(|by| signed.app.service.name_of(by)),
        call_back: view.verification.call_back_ms().map(calendar::long_instant),
        calls: attempts(&view, signed),
        shown,
        lines: view.items.iter().map(line).collect(),
        corrected: corrected.collect(),
        answered: view.items.iter().filter(|item| view.verification.answer(**item, &view.form).is_some()).count(),
        meanwhile: asked.meanwhile,
        missing: view.missing.clone(),
        not_known: !view.verification.not_known(&view.form).is_empty(),
        call_form: asked.call_form,
        override_form: asked.override_form,
        decided_despite: despite,
        may_decide: view.referral.may_decide,
        may_override: view.referral.may_override,
        same,
        overdue: view.referral.overdue,
        verify_by: view.referral.verify_by_ms.map(|by| calendar::long_date(calendar::in_london(by).date())),
    })
}
