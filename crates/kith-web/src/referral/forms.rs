//! The fields of each section, shared by the social worker's form and the coordinator's corrections.

use askama::Template;
use kith_domain::referral::{ReferralDraft, Section};

use super::answers::name_of;
use crate::ui::{self, FormView, Html, Options};

#[derive(Template)]
#[template(path = "referral/fields_child.html")]
struct ChildFields<'a> {
    form: &'a FormView,
}

#[derive(Template)]
#[template(path = "referral/fields_placement.html")]
struct PlacementFields<'a> {
    form: &'a FormView,
}

#[derive(Template)]
#[template(path = "referral/fields_legal.html")]
struct LegalFields<'a> {
    form: &'a FormView,
}

#[derive(Template)]
#[template(path = "referral/fields_family.html")]
struct FamilyFields<'a> {
    form: &'a FormView,
}

#[derive(Template)]
#[template(path = "referral/fields_contact.html")]
struct ContactFields<'a> {
    form: &'a FormView,
    family: Options,
}

#[derive(Template)]
#[template(path = "referral/fields_risk.html")]
struct RiskFields<'a> {
    form: &'a FormView,
}

/// The fields of a section. `draft` gives the family to choose from.
pub(crate) fn fields(section: Section, form: &FormView, draft: &ReferralDraft) -> Html {
    match section {
        Section::Child => Html::of(&ChildFields { form }),
        Section::Placement => Html::of(&PlacementFields { form }),
        Section::Legal => Html::of(&LegalFields { form }),
        Section::Family => Html::of(&FamilyFields { form }),
        Section::Contact => {
            let may_attend = draft.family.iter().filter(|member| member.fields.get("may_attend") != "no");
            let family = may_attend.map(|member| (member.id.to_string(), name_of(member))).collect();
            Html::of(&ContactFields { form, family })
        }
        Section::Risk => Html::of(&RiskFields { form }),
    }
}
