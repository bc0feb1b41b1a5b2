//! Codes of the field: each has what is stored and what a person reads.

use serde::{Deserialize, Serialize};

/// Declares an enum whose variants have a stored code and a label.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $code:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[doc = $label] #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of a list on a page.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// Every code with its label, in the same order.
            pub const CHOICES: &'static [(&'static str, &'static str)] = &[$(($code, $label)),+];

            /// The stored code.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code),+ }
            }

            /// What a person reads.
            pub const fn label(self) -> &'static str {
                match self { $($name::$variant => $label),+ }
            }

            /// The value of a stored code; `None` for a code that is none of ours.
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// The child's legal status (SSDA903 codes; handbook section 3).
    LegalStatus {
        InterimCareOrder = "C1", "Interim care order (C1)";
        FullCareOrder = "C2", "Full care order (C2)";
        FreeingOrder = "D1", "Freeing order (D1)";
        PlacementOrder = "E1", "Placement order (E1)";
        Section20 = "V2", "Single period of accommodation under section 20 (V2)";
        ShortBreaksV3 = "V3", "Accommodated in short breaks, individual episodes (V3)";
        ShortBreaksV4 = "V4", "Accommodated in short breaks, agreed pattern (V4)";
        PoliceProtection = "L1", "Police protection (L1)";
        EmergencyProtection = "L2", "Emergency protection order (L2)";
        ChildAssessment = "L3", "Child assessment order (L3)";
        Remand = "J1", "Remanded to youth detention or local authority accommodation (J1)";
        PaceDetention = "J2", "Detained in local authority accommodation under PACE (J2)";
        YouthJustice = "J3", "Youth justice sentence with a residence requirement (J3)";
    }
}

impl LegalStatus {
    /// Whether a court made this status, so that an order with a date and a case number stands behind it.
    pub const fn rests_on_an_order(self) -> bool {
        !matches!(
            self,
            LegalStatus::Section20
                | LegalStatus::ShortBreaksV3
                | LegalStatus::ShortBreaksV4
                | LegalStatus::PoliceProtection
                | LegalStatus::PaceDetention
        )
    }

    /// Whether care proceedings are on foot, which decides what a record dwells on (handbook section 9).
    pub const fn in_proceedings(self) -> bool {
        matches!(self, LegalStatus::InterimCareOrder | LegalStatus::EmergencyProtection | LegalStatus::ChildAssessment)
    }
}

codes! {
    /// Sex as recorded, the coding of the statutory return with "not known" kept apart from unanswered.
    Sex {
        Female = "female", "Female";
        Male = "male", "Male";
        NotKnown = "not_known", "Not known yet";
    }
}

codes! {
    /// How a person stands to the child.
    Relationship {
        Mother = "mother", "Mother";
        Father = "father", "Father";
        Parent = "parent", "Parent";
        StepParent = "step_parent", "Step-parent";
        Guardian = "guardian", "Guardian or special guardian";
        Sibling = "sibling", "Brother or sister";
        Grandparent = "grandparent", "Grandparent";
        AuntUncle = "aunt_uncle", "Aunt or uncle";
        OtherFamily = "other_family", "Other family";
        Friend = "friend", "Friend of the family";
    }
}

codes! {
    /// Entitlement to reasonable contact under Children Act 1989 s34(1).
    Entitlement {
        Parent = "a", "Parent: section 34(1)(a)";
        Guardian = "b", "Guardian or special guardian: section 34(1)(b)";
        ParentalResponsibility = "ba", "Person with parental responsibility under section 4A: section 34(1)(ba)";
        ResidenceBefore = "c", "Named in a child arrangements order before care: section 34(1)(c)";
        CareByCourt = "d", "Had care under the High Court’s inherent jurisdiction: section 34(1)(d)";
        None = "none", "None of these";
    }
}

impl Entitlement {
    /// The entitlement that values say, or that a relationship gives: a mother, a father and a parent have it under
    /// section 34(1)(a), with parental responsibility or without.
    pub fn of(values: &crate::form::Fields) -> Entitlement {
        let by_relationship = match Relationship::from_code(values.get("relationship")) {
            Some(Relationship::Mother | Relationship::Father | Relationship::Parent) => Entitlement::Parent,
            _ => Entitlement::None,
        };
        Entitlement::from_code(values.get("entitlement")).unwrap_or(by_relationship)
    }
}

codes! {
    /// Where the child lives (SSDA903 placement codes).
    PlacementType {
        FosterRelativeLongTerm = "U1", "Foster care with a relative or friend, long term (U1)";
        FosterRelativeAdoption = "U2", "Foster care with a relative or friend who may adopt (U2)";
        FosterRelative = "U3", "Foster care with a relative or friend (U3)";
        Foster = "U4", "Foster care, long term (U4)";
        FosterAdoption = "U5", "Foster care with carers who may adopt (U5)";
        FosterShort = "U6", "Foster care (U6)";
        AdoptionConsentCurrent = "A3", "Placed for adoption with consent, with the present carers (A3)";
        AdoptionConsentNew = "A4", "Placed for adoption with consent, with other carers (A4)";
        AdoptionOrderCurrent = "A5", "Placed for adoption by order, with the present carers (A5)";
        AdoptionOrderNew = "A6", "Placed for adoption by order, with other carers (A6)";
        ChildrensHome = "K2", "Children’s home (K2)";
        SecureUnit = "K1", "Secure unit (K1)";
        WithParents = "P1", "Placed with parents (P1)";
        Independent = "P2", "Independent living (P2)";
        ResidentialEmployment = "P3", "Residential employment (P3)";
        SemiIndependent = "H5", "Semi-independent living (H5)";
        ResidentialCare = "R1", "Residential care home (R1)";
        Health = "R2", "NHS or other health provision (R2)";
        FamilyCentre = "R3", "Family centre or mother and baby unit (R3)";
        YoungOffender = "R5", "Young offender institution (R5)";
        School = "S1", "Residential school (S1)";
        Temporary = "T0", "All other temporary placements (T0)";
        TemporaryHospital = "T1", "Temporary: in hospital (T1)";
        TemporaryHoliday = "T2", "Temporary: on holiday (T2)";
        TemporaryCarerHoliday = "T3", "Temporary: the usual carer is on holiday (T3)";
        TemporaryUpToAWeek = "T4", "Temporary: up to seven days (T4)";
        Other = "Z1", "Other (Z1)";
    }
}

codes! {
    /// Ethnicity (SSDA903 codes, as the Department for Education groups them).
    Ethnicity {
        WhiteBritish = "WBRI", "White British";
        WhiteIrish = "WIRI", "White Irish";
        Traveller = "WIRT", "Traveller of Irish heritage";
        WhiteOther = "WOTH", "Any other White background";
        Roma = "WROM", "Gypsy or Roma";
        MixedCaribbean = "MWBC", "White and Black Caribbean";
        MixedAfrican = "MWBA", "White and Black African";
        MixedAsian = "MWAS", "White and Asian";
        MixedOther = "MOTH", "Any other mixed background";
        Indian = "AIND", "Indian";
        Pakistani = "APKN", "Pakistani";
        Bangladeshi = "ABAN", "Bangladeshi";
        AsianOther = "AOTH", "Any other Asian background";
        Caribbean = "BCRB", "Caribbean";
        African = "BAFR", "African";
        BlackOther = "BOTH", "Any other Black background";
        Chinese = "CHNE", "Chinese";
        Other = "OOTH", "Any other ethnic group";
        Refused = "REFU", "Refused to say";
        NotObtained = "NOBT", "Not obtained yet";
    }
}

impl Ethnicity {
    /// The groups of the return: a title, and how many in a row belong to it.
    pub const GROUPS: &'static [(&'static str, usize)] = &[
        ("White", 5),
        ("Mixed or multiple ethnic groups", 4),
        ("Asian or Asian British", 4),
        ("Black, African, Caribbean or Black British", 3),
        ("Chinese and other ethnic groups", 2),
        ("Not stated", 2),
    ];
}

impl PlacementType {
    /// The groups of the return: a title, and how many in a row belong to it.
    pub const GROUPS: &'static [(&'static str, usize)] = &[
        ("Foster care", 6),
        ("Adoption", 4),
        ("Children’s homes", 2),
        ("With parents or living independently", 4),
        ("Residential settings", 5),
        ("Temporary", 5),
        ("Other", 1),
    ];
}

codes! {
    /// How somebody likes to be reached.
    PreferredContact {
        Phone = "phone", "By phone";
        Text = "text", "By text message";
        Email = "email", "By email";
        Letter = "letter", "By letter";
        SocialWorker = "social_worker", "Through the social worker";
        Solicitor = "solicitor", "Through their solicitor";
    }
}

codes! {
    /// Where a brother or sister lives who is not referred with the child.
    SiblingHome {
        Together = "together", "With this child";
        Placed = "placed", "In another placement";
        Parent = "parent", "With a parent";
        Family = "family", "With others of the family";
        Adopted = "adopted", "Adopted";
        Own = "own", "In a home of their own";
        NotKnown = "not_known", "Not known";
    }
}

codes! {
    /// Whether the child may see a brother or sister.
    SiblingSeen {
        Yes = "yes", "Yes";
        Supervised = "supervised", "Yes, supervised";
        Letters = "letters", "Only letters, calls or video";
        No = "no", "No";
        Undecided = "undecided", "Not decided";
    }
}

codes! {
    /// What holds somebody who was charged or released.
    Hold {
        Bail = "bail", "Bail";
        Licence = "licence", "Licence";
    }
}

codes! {
    /// What is often not allowed in a session (handbook section 3, considerations and constraints).
    SessionRule {
        Phones = "phones", "Phones";
        Photographs = "photographs", "Photographs or films";
        Gifts = "gifts", "Gifts that were not agreed";
        Food = "food", "Food from home";
        Topics = "topics", "Talk about the case, court or coming home";
        OtherLanguages = "other_languages", "Languages that the supervisor does not understand";
        Smoke = "smoke", "Smoking or vaping, and clothes that smell of smoke";
        Leaving = "leaving", "Leaving the room or the building with the child";
        Visitors = "visitors", "Visitors who were not agreed";
    }
}

codes! {
    /// How closely staff watch (handbook section 6).
    Supervision {
        Supervised = "supervised", "Supervised: within sight and hearing throughout";
        Supported = "supported", "Supported: staff near";
        HandoverOnly = "handover", "Handover only";
        Unsupervised = "unsupervised", "Unsupervised";
    }
}

codes! {
    /// Whether a risk is known about an adult, as the social worker says on the form and again on the phone.
    RiskMarker {
        NoneKnown = "none", "No risk known";
        Known = "known", "Risk known: see what is written";
        History = "history", "History only, nothing current";
    }
}

/// Days of the week on which the service works, Monday first (handbook section 8: six days a week).
pub const WEEKDAYS: [(i8, &str); 6] =
    [(1, "Monday"), (2, "Tuesday"), (3, "Wednesday"), (4, "Thursday"), (5, "Friday"), (6, "Saturday")];

/// The name of a weekday, 1 Monday to 7 Sunday.
pub fn weekday_name(weekday: i8) -> &'static str {
    WEEKDAYS.iter().find(|(number, _)| *number == weekday).map_or("Sunday", |(_, name)| name)
}

/// Yes or no, of a question that must not be left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

impl YesNo {
    /// Reads `yes` or `no`.
    pub fn from_code(code: &str) -> Option<YesNo> {
        match code {
            "yes" => Some(YesNo::Yes),
            "no" => Some(YesNo::No),
            _ => None,
        }
    }

    /// Whether it is yes.
    pub fn is_yes(self) -> bool {
        self == YesNo::Yes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_legal_status_of_the_return_is_there() {
        // Handbook section 3.
        for code in ["C1", "C2", "D1", "E1", "V2", "V3", "V4", "L1", "L2", "L3", "J1", "J2", "J3"] {
            assert_eq!(LegalStatus::from_code(code).map(LegalStatus::code), Some(code));
        }
        assert_eq!(LegalStatus::ALL.len(), 13);
        assert_eq!(LegalStatus::from_code("C9"), None);
    }
}
