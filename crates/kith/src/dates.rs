//! Days and times on the command line.

use jiff::civil::{Date, DateTime};

/// Years in which a day of this service can be.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2200;

/// Reads `YYYY-MM-DD`, a day that there is.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let shape = text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    if !shape {
        return Err("must be a day as YYYY-MM-DD, such as 2027-01-31".to_owned());
    }
    let day: Date = text.parse().map_err(|_| "there is no such day: check day and month".to_owned())?;
    if !YEARS.contains(&day.year()) {
        return Err(format!("must have a year from {} to {}", YEARS.start(), YEARS.end()));
    }
    Ok(day)
}

/// Reads `YYYY-MM-DDTHH:MM`, the time in London.
pub(crate) fn moment(text: &str) -> Result<DateTime, String> {
    let wrong = || "must be a day and a time in London as YYYY-MM-DDTHH:MM, such as 2027-01-31T16:30".to_owned();
    let (on, time) = text.split_once(['T', ' ']).ok_or_else(wrong)?;
    let on = day(on)?;
    let shape = time.len() == 5 && time.bytes().enumerate().all(|(at, byte)| (at == 2) == (byte == b':'));
    if !shape {
        return Err(wrong());
    }
    let time: jiff::civil::Time = time.parse().map_err(|_| wrong())?;
    Ok(on.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::{day, moment};

    #[test]
    fn a_day_is_a_day_and_nothing_else() {
        assert!(day("2028-02-29").is_ok() && day("1900-01-01").is_ok() && day("2200-12-31").is_ok());
        for text in [
            "",
            "soon",
            "2027-02-29",
            "2027-13-01",
            "2027-00-10",
            "2027-1-31",
            "31/01/2027",
            "20270131",
            "2027-01-31T10:00",
            "1899-12-31",
            "2201-01-01",
            "-044-03-15",
            "２０２７-01-31",
            " 2027-01-31",
        ] {
            assert!(day(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_moment_is_a_day_and_a_minute() {
        assert_eq!(moment("2026-11-27T16:30").map(|at| at.to_string()), Ok("2026-11-27T16:30:00".to_owned()));
        assert_eq!(moment("2026-11-27 16:30"), moment("2026-11-27T16:30"));
        for text in
            ["2026-11-27", "2026-11-27T24:30", "2026-11-27T4:30", "2026-11-27T16:30Z", "2026-11-31T16:30", "T16:30"]
        {
            assert!(moment(text).is_err(), "{text}");
        }
    }
}
