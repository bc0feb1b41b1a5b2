//! How many files come to their end in which year.

use std::collections::{BTreeMap, BTreeSet};

use kith_domain::access::Purpose;
use kith_domain::ids::ChildId;

use super::day_of;
use crate::{Service, ServiceError};

/// The last year that is counted by itself; what ends later is counted together.
const LAST_YEAR: i16 = 2101;

/// How many files come to their end in a year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForecastYear {
    /// The year.
    pub year: i16,
    /// The files.
    pub files: u64,
    /// How many of them a legal hold keeps as things stand.
    pub held: u64,
}

/// How many files come to their end, year by year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Whose period is over already: of the year before this one.
    pub before: ForecastYear,
    /// Each year from this one on.
    pub years: Vec<ForecastYear>,
    /// Whose period ends after the last of the years.
    pub later: ForecastYear,
    /// Of which nothing is known yet.
    pub unknown: u64,
}

impl Service {
    /// Counts the files that come to their end year by year, by the month of retention: nothing else of a file is used, and nobody is
    /// named.
    pub async fn retention_forecast(&self) -> Result<Forecast, ServiceError> {
        let desk = self.own_desk(Purpose::Accountability);
        let look = desk.look();
        let mut held: BTreeSet<ChildId> = BTreeSet::new();
        for hold in look.holds(false).await? {
            held.extend(look.kept_by(hold.id).await?);
        }
        let of = |child: &kith_store::Child| Some((child.id, child.retention_month().get(..4)?.parse::<i16>().ok()));
        let all = look.sifted(of).await?;
        look.done("retention.forecast", self.now_ms()).await?;
        let this = kith_domain::calendar::day_of(day_of(self.now_ms())).year();
        let mut counted: BTreeMap<i16, (u64, u64)> = BTreeMap::new();
        let mut unknown = 0;
        for (child, year) in all {
            let Some(year) = year else {
                unknown += 1;
                continue;
            };
            let of = counted.entry(year.clamp(this - 1, LAST_YEAR + 1)).or_default();
            of.0 += 1;
            of.1 += u64::from(held.contains(&child));
        }
        let year = |year: i16| {
            let (files, held) = counted.get(&year).copied().unwrap_or_default();
            ForecastYear { year, files, held }
        };
        Ok(Forecast {
            before: year(this - 1),
            years: (this..=LAST_YEAR).map(year).collect(),
            later: year(LAST_YEAR + 1),
            unknown,
        })
    }
}
