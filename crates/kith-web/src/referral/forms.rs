//! The fields of each section, as the catalogue says; shared by the social worker's form and the coordinator's corrections.

use kith_domain::catalogue::{self, Item, RegisteredItems};
use kith_domain::referral::{ReferralDraft, Section};

use super::answers::name_of;
use crate::ui::{FormView, Html, Options, item_fields};

/// The fields of a section, for the items that the register names. `draft` gives the family to choose from.
pub(crate) fn fields(section: Section, form: &FormView, draft: &ReferralDraft, held: &RegisteredItems) -> Html {
    let items: Vec<&'static Item> = catalogue::of_section(section).filter(|item| held.has(item)).collect();
    let may_attend = draft.family.iter().filter(|member| member.fields.get("may_attend") != "no");
    let family: Options = may_attend.map(|member| (member.id.to_string(), name_of(member))).collect();
    item_fields(&items, form, &family)
}
