//! The fields of each section, as the catalogue says; shared by the social worker's form and the coordinator's corrections.

use kith_domain::catalogue::{self, About, Item, RegisteredItems};
use kith_domain::ids::ReferralId;
use kith_domain::referral::{FamilyDraft, Next, ReferralDraft, Section, SiblingDraft};
use kith_domain::verification;

use super::answers::name_of;
use crate::ui::{FormView, Html, Options, People, item_fields, yes_no};

/// Which fields a page asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asks {
    /// A section of the first child, or of all, or of a family member.
    Section(Section),
    /// Where a brother or sister lives.
    SiblingHome,
    /// How a family member stands to a brother or sister.
    SiblingRelation,
}

impl Asks {
    /// The fields that an item of the phone call stands among.
    pub(crate) fn of_item(item: verification::Item) -> Asks {
        match (item.sibling, item.person, item.section()) {
            (Some(_), Some(_), _) => Asks::SiblingRelation,
            (Some(_), None, Section::Placement) => Asks::SiblingHome,
            (_, _, section) => Asks::Section(section),
        }
    }

    /// The items of the catalogue.
    pub(crate) fn items(self) -> Vec<&'static Item> {
        match self {
            Asks::Section(section) => catalogue::of_section(section).collect(),
            Asks::SiblingHome => catalogue::of_section(Section::Placement).collect(),
            Asks::SiblingRelation => {
                catalogue::of_section(Section::Family).filter(|item| item.about == About::Relationship).collect()
            }
        }
    }
}

/// The fields of a page, for the items that the register names. `draft` gives the family to choose from.
pub(crate) fn fields(asks: Asks, form: &FormView, draft: &ReferralDraft, held: &RegisteredItems) -> Html {
    let items: Vec<&'static Item> = asks.items().into_iter().filter(|item| held.has(item)).collect();
    let own = own_fields(&items, form, draft);
    if asks != Asks::SiblingHome {
        return own;
    }
    let homes = if form.value("address").trim().is_empty() { other_homes(draft) } else { Vec::new() };
    if homes.is_empty() {
        return with_the_first(own, form, draft);
    }
    let hint = "What you leave empty below is taken from there";
    let label = "Or with a brother or sister whose home is written down?";
    let with = form.select(SiblingDraft::HOME_OF, label, hint, homes);
    with_the_first(Html::joined(vec![with, own]), form, draft)
}

/// Brothers and sisters who live elsewhere than the first child.
fn other_homes(draft: &ReferralDraft) -> Options {
    draft.other_homes().map(|sibling| (sibling.id.to_string(), sibling.shown_name())).collect()
}

/// The fields that one item of the phone call is about, and no others of its section.
pub(crate) fn fields_of_item(
    item: verification::Item,
    form: &FormView,
    draft: &ReferralDraft,
    held: &RegisteredItems,
) -> Html {
    let asks = Asks::of_item(item);
    let about = |of: &&'static Item| of.fields().iter().any(|field| item.fields().contains(field));
    let items: Vec<&'static Item> = asks.items().into_iter().filter(about).collect();
    let items: Vec<&'static Item> = items.into_iter().filter(|item| held.has(item)).collect();
    let own = own_fields(&items, form, draft);
    if asks == Asks::SiblingHome { with_the_first(own, form, draft) } else { own }
}

fn own_fields(items: &[&'static Item], form: &FormView, draft: &ReferralDraft) -> Html {
    let named = |member: &FamilyDraft| (member.id.to_string(), name_of(member));
    let attending = draft.attending().map(named).collect();
    item_fields(items, form, &People { all: draft.family.iter().map(named).collect(), attending })
}

/// Whether a brother or sister lives with the first child, and where that is not so, these fields.
fn with_the_first(fields: Html, form: &FormView, draft: &ReferralDraft) -> Html {
    let question = format!("Does this child live with {}?", first_child(draft));
    form.radios_reveal(SiblingDraft::TOGETHER, &question, "", yes_no(), vec![("no", fields)])
}

/// The first child's name, for a sentence.
pub(crate) fn first_child(draft: &ReferralDraft) -> String {
    Some(draft.child_name()).filter(|name| !name.is_empty()).unwrap_or_else(|| "the first child".to_owned())
}

/// Where a form goes on, below its address; `then` is the button that was pressed.
pub(crate) fn goes_on(id: ReferralId, then: &str, next: Next) -> String {
    let below = match (then, next) {
        ("leave", _) => return format!("/referrals/{id}?done=saved"),
        ("another", _) | (_, Next::NewMember) => "family/new".to_owned(),
        (_, Next::Part(part)) => part.address(),
        (_, Next::Member(person)) => format!("family/{person}"),
        (_, Next::Check) => "answers".to_owned(),
    };
    format!("/referrals/{id}/{below}")
}
