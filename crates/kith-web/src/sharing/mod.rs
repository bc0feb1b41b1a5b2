//! Pages of sharing: what people consented to, what goes to whom, demands by law; and for the data protection officer the
//! agreements and what went to each recipient.

mod agreement;
mod consent;
mod demand;
mod disclosure;
mod file;
mod send;
#[cfg(test)]
mod tests;

use kith_domain::access::Purpose;
use kith_domain::calendar;
use kith_domain::catalogue::by_key;
use kith_domain::sharing::{EnclosureKind, RecipientKind, package};
use kith_service::Desk;
use kith_store::Disclosure;

pub(crate) use agreement::{
    ask_end as ask_end_agreement, ask_review, end as end_agreement, ended, log, new as new_agreement, overview, review,
    show as agreement, sign, write,
};
pub(crate) use consent::{add as add_consent, ask_withdraw, new as new_consent, withdraw};
pub(crate) use demand::{decide, enter, new as new_demand, show as demand};
pub(crate) use disclosure::{
    answer as answer_recall, ask_recall, enclosed, file, handed_over, make_collect, paper, recall, show as disclosure,
    take_collect_back, told,
};
pub(crate) use file::show as of_file;
pub(crate) use send::{check, look_for_papers, new as new_disclosure, send};

use crate::person::Signed;
use crate::ui::{Options, Tag, pairs};

/// Where the pages of the data protection officer are.
const HERE: &str = "/sharing";

fn officer(signed: &Signed) -> Desk {
    signed.desk(Purpose::Accountability)
}

/// The items of packages to choose from, each once.
fn items_of(kinds: &[RecipientKind]) -> Options {
    let mut options = Options::new();
    for item in kinds.iter().flat_map(|kind| package(*kind).items()).filter_map(by_key) {
        let about = item.about.label();
        if !options.iter().any(|(key, _)| *key == item.key()) {
            options.push((item.key(), format!("{}: {}", about, kith_domain::form::lower_first(item.label))));
        }
    }
    options.sort();
    options
}

/// The kinds of whole papers to choose from.
fn kinds_of_papers() -> Options {
    pairs(EnclosureKind::CHOICES)
}

pub(crate) fn kinds() -> Options {
    RecipientKind::ALL.iter().map(|kind| (kind.code().to_owned(), kind.label().to_owned())).collect()
}

/// Whether something was asked back, as a tag.
fn recalled(of: &Disclosure) -> Tag {
    match (&of.body.recalled, of.body.deliveries.is_empty()) {
        (Some(recall), _) if recall.answer.is_some() => Tag { kind: "ended", words: "Asked back, answered".to_owned() },
        (Some(_), _) => Tag { kind: "due", words: "Asked back".to_owned() },
        (None, true) => Tag { kind: "draft", words: "Not given to them yet".to_owned() },
        (None, false) => Tag { kind: "active", words: "Given to them".to_owned() },
    }
}

fn sent_words(of: &Disclosure) -> String {
    let papers = of.body.went_enclosed().map(|paper| &paper.label);
    let went = of.body.went().map(|part| &part.label).chain(papers).map(|label| kith_domain::form::lower_first(label));
    let went: Vec<String> = went.collect();
    let mut each: Vec<String> = Vec::new();
    for label in went {
        if !each.contains(&label) {
            each.push(label);
        }
    }
    let when = calendar::long_instant(of.created_ms);
    format!("{when}, for {}: {}", kith_domain::form::lower_first(of.body.purpose.label()), each.join(", "))
}
