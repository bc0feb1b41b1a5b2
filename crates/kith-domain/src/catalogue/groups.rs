//! Items that are changed together on a child's file: what is asked on one page, said by one person, true since one day.

use super::{About, ITEMS, Item, NoticeCategory, Topic};
use crate::codes::codes;
use crate::referral::Section;

codes! {
    /// Items that belong together on the file.
    Group {
        Identity = "identity", "Who the child is";
        School = "school", "School";
        Siblings = "siblings", "Brothers and sisters";
        Health = "health", "Allergies, medication and health";
        Placement = "placement", "Where the child lives";
        Carer = "carer", "The carers";
        Legal = "legal", "Legal status and order";
        Hearing = "hearing", "Hearing to come";
        Rules = "rules", "What must and must not happen";
        Safety = "safety", "Concerns and emergency contact";
        Death = "death", "The child has died";
        Contact = "contact", "Name and how to reach them";
        Attendance = "attendance", "How they stand to the child, and may they attend";
        Risk = "risk", "Risk from them";
    }
}

impl Group {
    /// Whether it is about a member of the family.
    pub const fn is_of_family(self) -> bool {
        matches!(self, Group::Contact | Group::Attendance | Group::Risk)
    }

    /// Its items, in the order of the catalogue.
    pub fn items(self) -> impl Iterator<Item = &'static Item> {
        ITEMS.iter().filter(move |item| item.group() == Some(self))
    }
}

impl Item {
    /// The group in which it is changed on the file; `None` for what is wanted on a referral, which the plan and the order
    /// take over.
    pub fn group(&self) -> Option<Group> {
        let by_category = |category: NoticeCategory| self.category == category;
        Some(match self.about {
            About::Contact => return None,
            About::Person | About::Relationship if self.call == Some(Topic::Risk) => Group::Risk,
            About::Person => Group::Contact,
            About::Relationship => Group::Attendance,
            About::Order if self.code.starts_with("hearing_") => Group::Hearing,
            About::Order => Group::Legal,
            About::Placement if by_category(NoticeCategory::Carers) => Group::Carer,
            About::Placement => Group::Placement,
            About::Child if self.code == "died" => Group::Death,
            About::Child if self.section == Section::Contact => Group::Rules,
            About::Child if self.section == Section::Risk => Group::Safety,
            About::Child if self.call == Some(Topic::Health) => Group::Health,
            About::Child if by_category(NoticeCategory::School) => Group::School,
            About::Child if by_category(NoticeCategory::Siblings) => Group::Siblings,
            About::Child => Group::Identity,
        })
    }
}
