//! What is compared, and how far it can agree.

/// What two people are compared by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Field {
    Given,
    Family,
    /// Whether given and family name stand in each other's place.
    Order,
    Birth,
    Sex,
    House,
    Street,
    /// A second part of the address, such as the building or the district.
    SecondStreet,
    Locality,
    Postcode,
    County,
    Phone,
    Identifier,
}

/// How many fields there are.
pub(crate) const FIELDS: usize = 13;

/// Each field, in the order of reasons.
pub(crate) const ALL: [Field; FIELDS] = [
    Field::Given,
    Field::Family,
    Field::Order,
    Field::Birth,
    Field::Sex,
    Field::House,
    Field::Street,
    Field::SecondStreet,
    Field::Locality,
    Field::Postcode,
    Field::County,
    Field::Phone,
    Field::Identifier,
];

/// How far a field agrees. Not every field knows every level.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(u8)]
pub(crate) enum Level {
    /// One of the two does not say: no evidence either way.
    #[default]
    Missing,
    /// The same.
    Exact,
    /// The first given name is the same, further ones are not.
    First,
    /// Forms of one given name.
    Nickname,
    /// The same as a former or other name.
    Former,
    /// Spelled or sounding like a former name.
    FormerClose,
    /// One part of a double name is the same.
    Part,
    /// Sounds the same.
    Sound,
    /// Spelled almost the same.
    Close,
    /// Another of the given names is the same.
    Other,
    /// An initial that fits.
    Initial,
    /// Somewhat alike; for a birth, days apart.
    Near,
    /// Day and month, or given and family name, in each other's place.
    Swapped,
    /// One digit off, or two exchanged.
    Digit,
    /// Two of day, month and year are the same.
    Parts,
    /// The same year, and one of them is 1 January, as is written when the day is not known.
    Placeholder,
    /// Within the days between which it is known to be.
    Within,
    /// The same year.
    Year,
    /// The same but for a letter beside the number (12, 12a), or a prefix.
    Base,
    /// The same postal district.
    District,
    /// A word in common.
    Shares,
    /// Different.
    Different,
}

/// How many levels there are.
pub(crate) const LEVELS: usize = 22;

/// For a value of each field and level.
pub(crate) type Table = [[f32; LEVELS]; FIELDS];
