//! The weights: what each level of agreement says for and against two records being one person.

use crate::compare::Agreement;
use crate::frequency::Frequencies;
use crate::learn::log_odds;
use crate::level::{ALL, FIELDS, Field, LEVELS, Level, Table};

/// For levels of agreement, their shares among records of one person (m) and of two (u).
type Shares = &'static [(Level, f32, f32)];

/// The shares of pairs in each level that are expected before any data is seen: among records of one person (m) and among
/// records of two (u). Rounded from experience with registers; the same for every file.
const EXPECTED: &[(Field, Shares)] = &[
    (
        Field::Given,
        &[
            (Level::Exact, 0.72, 0.003),
            (Level::First, 0.06, 0.003),
            (Level::Nickname, 0.04, 0.003),
            (Level::Former, 0.01, 0.002),
            (Level::Sound, 0.04, 0.004),
            (Level::Close, 0.06, 0.004),
            (Level::Other, 0.015, 0.003),
            (Level::Initial, 0.015, 0.05),
            (Level::Near, 0.015, 0.02),
            (Level::Different, 0.025, 0.908),
        ],
    ),
    (
        Field::Family,
        &[
            (Level::Exact, 0.78, 0.001),
            (Level::Former, 0.04, 0.001),
            (Level::FormerClose, 0.01, 0.002),
            (Level::Part, 0.03, 0.001),
            (Level::Sound, 0.04, 0.003),
            (Level::Close, 0.05, 0.002),
            (Level::Near, 0.01, 0.012),
            (Level::Different, 0.04, 0.978),
        ],
    ),
    // That names are straight says nothing; that they change places is rare among records of one person, and no rarer among
    // others than their agreement, which is counted already.
    (Field::Order, &[(Level::Exact, 0.985, 1.0), (Level::Swapped, 0.015, 1.0)]),
    (
        Field::Birth,
        &[
            (Level::Exact, 0.88, 0.0001),
            (Level::Swapped, 0.015, 0.00005),
            (Level::Digit, 0.05, 0.0012),
            (Level::Parts, 0.02, 0.004),
            (Level::Placeholder, 0.01, 0.0004),
            (Level::Within, 0.9, 0.1),
            (Level::Near, 0.005, 0.003),
            (Level::Year, 0.005, 0.04),
            (Level::Different, 0.015, 0.95),
        ],
    ),
    (Field::Sex, &[(Level::Exact, 0.98, 0.5), (Level::Different, 0.02, 0.5)]),
    (
        Field::House,
        &[
            (Level::Exact, 0.72, 0.015),
            (Level::Base, 0.03, 0.005),
            (Level::Digit, 0.05, 0.08),
            (Level::Different, 0.2, 0.9),
        ],
    ),
    (
        Field::Street,
        &[
            (Level::Exact, 0.68, 0.002),
            (Level::Close, 0.08, 0.002),
            (Level::Shares, 0.03, 0.01),
            (Level::Near, 0.01, 0.01),
            (Level::Different, 0.2, 0.976),
        ],
    ),
    (
        Field::SecondStreet,
        &[
            (Level::Exact, 0.68, 0.002),
            (Level::Close, 0.08, 0.002),
            (Level::Shares, 0.03, 0.01),
            (Level::Near, 0.01, 0.01),
            (Level::Different, 0.2, 0.976),
        ],
    ),
    (
        Field::Locality,
        &[
            (Level::Exact, 0.74, 0.02),
            (Level::Close, 0.06, 0.004),
            (Level::Near, 0.02, 0.02),
            (Level::Different, 0.18, 0.956),
        ],
    ),
    (
        Field::Postcode,
        &[
            (Level::Exact, 0.72, 0.001),
            (Level::Digit, 0.06, 0.01),
            (Level::District, 0.05, 0.04),
            (Level::Different, 0.17, 0.949),
        ],
    ),
    (
        Field::County,
        &[
            (Level::Exact, 0.9, 0.2),
            (Level::Close, 0.03, 0.01),
            (Level::Near, 0.01, 0.02),
            (Level::Different, 0.06, 0.77),
        ],
    ),
    (
        Field::Phone,
        &[
            (Level::Exact, 0.6, 0.0002),
            (Level::Base, 0.02, 0.0002),
            (Level::Digit, 0.03, 0.0003),
            (Level::Different, 0.35, 0.9993),
        ],
    ),
    (
        Field::Identifier,
        &[
            (Level::Exact, 0.86, 0.00005),
            (Level::Base, 0.03, 0.00005),
            (Level::Digit, 0.04, 0.0001),
            (Level::Different, 0.07, 0.9998),
        ],
    ),
];

/// The table of what is expected: m when `same`, u otherwise.
pub(crate) fn expected(same: bool) -> Table {
    let mut table = [[0.0; LEVELS]; FIELDS];
    for (field, levels) in EXPECTED {
        for (level, m, u) in *levels {
            table[*field as usize][*level as usize] = if same { *m } else { *u };
        }
    }
    table
}

/// The shares of pairs in each level among two people of one household, where these are neither as among strangers nor as
/// among records of one person. They have one address and mostly one family name; twins have one birthday, some fathers and
/// sons one name.
const HOUSEHOLD: &[(Field, &[(Level, f32)])] = &[
    (
        Field::Family,
        &[
            (Level::Exact, 0.75),
            (Level::Former, 0.04),
            (Level::FormerClose, 0.005),
            (Level::Part, 0.05),
            (Level::Sound, 0.015),
            (Level::Close, 0.01),
            (Level::Near, 0.005),
            (Level::Different, 0.125),
        ],
    ),
    (Field::Phone, &[(Level::Exact, 0.5), (Level::Base, 0.01), (Level::Digit, 0.01), (Level::Different, 0.48)]),
];
/// The least shares of agreement among two people of one household: in the given name, in one of the given names (a middle
/// name after an aunt, a first name that all brothers have), and in the birthday.
const NAMESAKES: f32 = 0.008;
const ONE_NAME: f32 = 0.03;
const TWINS: f32 = 0.03;
/// The share of numbers that differ in one digit alone among two people of one household, where numbers are given in order.
const NEXT_NUMBER: f32 = 0.25;
/// How many others of their household a person has among many, before learning; among a handful not all of them are there.
const MATES: f64 = 2.5;
const HANDFUL: f64 = 5.0;

/// How likely each level is in the records of one person, of two strangers, and of two people of one household.
#[derive(Clone)]
pub(crate) struct Model {
    /// ln m: of one person.
    pub(crate) m: Table,
    /// u: of two strangers.
    pub(crate) u: Table,
    /// ln of the share among two people of one household, where it is of its own.
    household: Table,
    /// The natural logarithm of the odds that two records taken by chance are of one person, and of two people of one
    /// household, against two strangers.
    pub(crate) prior: f32,
    pub(crate) prior_household: f32,
}

/// An agreement with the chance of each of its levels among strangers, as natural logarithms.
#[derive(Clone, Copy)]
pub(crate) struct Weighed {
    pub(crate) levels: [Level; FIELDS],
    chance: [f32; FIELDS],
}

/// Logarithmic odds, by the weights that are expected, below which a pair is dropped.
const HOPELESS: f32 = -12.0;

/// The logarithmic odds of two records against their being of two strangers.
#[derive(Clone, Copy)]
pub(crate) struct Odds {
    pub(crate) one_person: f32,
    pub(crate) household: f32,
}

impl Odds {
    /// The logarithmic odds of one person against anything else.
    pub(crate) fn same(self) -> f32 {
        self.one_person - self.household.exp().ln_1p()
    }

    /// The probability of two people of one household.
    pub(crate) fn mates(self) -> f64 {
        probability(self.household - self.one_person.exp().ln_1p())
    }

    /// Whether a pair can teach anything of one person or of households; that it cannot, no weights that are learnt change.
    pub(crate) fn teaches(self) -> bool {
        self.one_person.max(self.household) > HOPELESS
    }
}

impl Model {
    /// What is expected before any data is seen of pairs with one of `people` people, of which `share` are of one person.
    pub(crate) fn expected(share: f64, people: f64) -> Model {
        let mut household = [[0.0; LEVELS]; FIELDS];
        for (field, levels) in HOUSEHOLD {
            for (level, share) in *levels {
                household[*field as usize][*level as usize] = share.ln();
            }
        }
        Model {
            m: expected(true).map(|row| row.map(f32::ln)),
            u: expected(false),
            household,
            prior: log_odds(share),
            prior_household: log_odds(MATES / (people + HANDFUL)),
        }
    }

    /// Looks up the chances of an agreement.
    pub(crate) fn weigh(&self, agreement: &Agreement, frequencies: &Frequencies) -> Weighed {
        let mut weighed = Weighed { levels: agreement.levels, chance: [0.0; FIELDS] };
        for field in ALL {
            let level = agreement.level(field);
            if level == Level::Missing {
                continue;
            }
            let at = field as usize;
            let expected = self.u[at][level as usize];
            let chance = frequencies.chance(field, level, agreement.values[at], expected).unwrap_or(expected);
            weighed.chance[at] = chance.ln();
        }
        weighed
    }

    /// The logarithmic odds. What agrees never speaks against one person, what differs never for: so an item more in which
    /// two records agree makes them no less likely the same.
    ///
    /// That address and family name agree has one cause where people live together. Counted as if each were chance, every
    /// brother would be his sister; so two people of one household are a third kind of pair beside Fellegi's and Sunter's
    /// two, in which all of this agrees at the price of one.
    pub(crate) fn odds(&self, weighed: &Weighed) -> Odds {
        let mut odds = Odds { one_person: self.prior, household: self.prior_household };
        for field in ALL {
            let at = field as usize;
            let level = weighed.levels[at];
            if level == Level::Missing {
                continue;
            }
            let same = self.m[at][level as usize];
            let mut strangers = weighed.chance[at];
            let mut household = match field {
                Field::Family | Field::Phone => self.household[at][level as usize],
                // Brothers and sisters are registered one after the other.
                Field::Identifier if level == Level::Digit => strangers.max(NEXT_NUMBER.ln()),
                Field::House
                | Field::Street
                | Field::SecondStreet
                | Field::Locality
                | Field::Postcode
                | Field::County => same,
                Field::Given if matches!(level, Level::First | Level::Other) => strangers.max(ONE_NAME.ln()),
                Field::Given => strangers.max(NAMESAKES.ln() + same),
                // Twins have one birthday, and it is written down wrong as often as one person's.
                Field::Birth => strangers.max(TWINS.ln() + same),
                _ => strangers,
            };
            if level == Level::Exact {
                strangers = strangers.min(same);
                household = household.min(same);
            } else if level == Level::Different {
                strangers = strangers.max(same);
                household = household.max(same);
            }
            odds.one_person += same - strangers;
            odds.household += household - strangers;
        }
        odds
    }
}

/// The probability with these logarithmic odds.
pub(crate) fn probability(odds: f32) -> f64 {
    1.0 / (1.0 + (-f64::from(odds)).exp())
}
