//! Where contact takes place: venues, their rooms, and the hours in which it can (handbook section 8).

use jiff::civil::Date;

use crate::calendar;
use crate::codes::WEEKDAYS;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader, SHORT_TEXT_CHARS};
use crate::session::{Hours, Week, hours_on, read_week};

/// A venue, from its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VenueFacts {
    /// Name, as families and drivers know it.
    pub name: String,
    /// Area it lies in, a code of the register.
    pub area: String,
    /// Address, one line each, as families find it.
    pub address: Option<String>,
    /// How to get there: bus, parking, which door.
    pub directions: Option<String>,
    /// Opening hours.
    pub open: Week,
}

impl VenueFacts {
    /// Reads `name`, `area`, `address`, `directions` and the week of [`read_week`]. `areas` are the register's codes, `opening` the service's own
    /// hours, which a venue's hours lie within.
    pub fn read(fields: &Fields, areas: &[&str], opening: &Week) -> Result<VenueFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let name = r.required("name", "Name of the venue", SHORT_TEXT_CHARS);
        let area = r.required_choice("area", "The area", |code| areas.contains(&code).then(|| code.to_owned()));
        let address = r.text("address", "The address", SHORT_TEXT_CHARS);
        let directions = r.text("directions", "How to get there", LONG_TEXT_CHARS);
        let mut problems = r.into_problems();
        let open = match read_week(fields) {
            Ok(week) => {
                problems.extend(outside_opening(&week, opening));
                if problems.is_empty() && week.iter().all(Option::is_none) {
                    problems.push(Problem::new("open-1", "Enter opening hours for at least one day"));
                }
                week
            }
            Err(wrong) => {
                problems.extend(wrong);
                [None; 6]
            }
        };
        match area {
            Some(area) if problems.is_empty() => Ok(VenueFacts { name, area, address, directions, open }),
            _ => Err(problems),
        }
    }

    /// The form that reads as this venue.
    pub fn fields(&self) -> Fields {
        let mut fields = week_fields(&self.open);
        fields.set("name", self.name.clone());
        fields.set("area", self.area.clone());
        fields.set("address", self.address.clone().unwrap_or_default());
        fields.set("directions", self.directions.clone().unwrap_or_default());
        fields
    }
}

/// A room, from its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomFacts {
    /// Name.
    pub name: String,
    /// What is special about it, in words: accessible, baby, sensory, outdoor, observation window.
    pub features: String,
}

impl RoomFacts {
    /// Reads `name` and `features`.
    pub fn read(fields: &Fields) -> Result<RoomFacts, Vec<Problem>> {
        let mut r = Reader::new(fields);
        let name = r.required("name", "Name of the room", SHORT_TEXT_CHARS);
        let features = r.text("features", "What the room has", LONG_TEXT_CHARS).unwrap_or_default();
        r.finish(RoomFacts { name, features })
    }

    /// The form that reads as this room.
    pub fn fields(&self) -> Fields {
        [("name", self.name.clone()), ("features", self.features.clone())].into_iter().collect()
    }
}

/// Reads working hours: a week within the service's own hours. A week without a day is nobody's shift, and allowed.
pub fn read_working_hours(fields: &Fields, opening: &Week) -> Result<Week, Vec<Problem>> {
    let week = read_week(fields)?;
    let problems = outside_opening(&week, opening);
    if problems.is_empty() { Ok(week) } else { Err(problems) }
}

/// The form that [`read_week`] reads as this week.
pub fn week_fields(week: &Week) -> Fields {
    let mut fields = Fields::default();
    for ((number, _), hours) in WEEKDAYS.iter().zip(week) {
        let clock = |minute: fn(&Hours) -> i64| hours.as_ref().map(minute).map(calendar::clock).unwrap_or_default();
        fields.set(format!("open-{number}"), clock(|hours| hours.start_minute));
        fields.set(format!("close-{number}"), clock(|hours| hours.end_minute));
    }
    fields
}

/// Whether a stretch of a day, minutes from midnight, lies within the hours of that day.
pub fn lies_within(week: &Week, day: Date, start_minute: i64, end_minute: i64) -> bool {
    hours_on(week, day).is_some_and(|hours| hours.start_minute <= start_minute && end_minute <= hours.end_minute)
}

/// The week as one line, to compare what somebody saw with what is there: `540-1140,540-1140,-,-,-,540-1020`.
pub fn week_code(week: &Week) -> String {
    let day = |hours: &Option<Hours>| {
        hours.map_or_else(|| "-".to_owned(), |hours| format!("{}-{}", hours.start_minute, hours.end_minute))
    };
    week.iter().map(day).collect::<Vec<_>>().join(",")
}

fn outside_opening(week: &Week, opening: &Week) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (((number, name), hours), service) in WEEKDAYS.iter().zip(week).zip(opening) {
        let Some(hours) = hours else { continue };
        match service {
            None => problems.push(Problem::new(
                format!("open-{number}"),
                format!("The service is shut on {name}s. Leave {name} empty"),
            )),
            Some(service) if hours.start_minute < service.start_minute || hours.end_minute > service.end_minute => {
                let field = if hours.start_minute < service.start_minute { "open" } else { "close" };
                problems.push(Problem::new(
                    format!("{field}-{number}"),
                    format!(
                        "{name} must lie within the service’s own hours, {} to {}",
                        calendar::clock(service.start_minute),
                        calendar::clock(service.end_minute)
                    ),
                ));
            }
            Some(_) => {}
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREAS: [&str; 2] = ["north", "south"];

    /// Handbook section 8: 09:00 to 19:00, Saturday to 17:00.
    fn opening() -> Week {
        let mut week = [Some(Hours { start_minute: 540, end_minute: 1140 }); 6];
        week[5] = Some(Hours { start_minute: 540, end_minute: 1020 });
        week
    }

    fn form(pairs: &[(&str, &str)]) -> Fields {
        let whole = [("name", "Elm House"), ("area", "north"), ("open-1", "9:00"), ("close-1", "19:00")];
        let given: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
        whole.into_iter().filter(|(name, _)| !given.contains(name)).chain(pairs.iter().copied()).collect()
    }

    fn wrong(pairs: &[(&str, &str)]) -> Vec<String> {
        let problems = VenueFacts::read(&form(pairs), &AREAS, &opening()).err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_venue_is_read_and_written_back() {
        let facts = VenueFacts::read(&form(&[]), &AREAS, &opening()).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        assert_eq!(facts.open[0], Some(Hours { start_minute: 540, end_minute: 1140 }));
        assert_eq!(VenueFacts::read(&facts.fields(), &AREAS, &opening()), Ok(facts));
    }

    #[test]
    fn a_venue_is_open_only_while_the_service_is() {
        assert_eq!(wrong(&[("open-6", "9:00"), ("close-6", "17:15")]), ["close-6"]);
        assert_eq!(wrong(&[("open-6", "8:45"), ("close-6", "17:00")]), ["open-6"]);
        assert!(wrong(&[("open-6", "9:00"), ("close-6", "17:00")]).is_empty());
        let mut shut = opening();
        shut[0] = None;
        let problems = VenueFacts::read(&form(&[]), &AREAS, &shut).err().unwrap_or_default();
        assert_eq!(problems[0].field, "open-1");
    }

    #[test]
    fn a_venue_needs_a_name_an_area_of_the_register_and_a_day() {
        assert_eq!(wrong(&[("name", ""), ("area", "")]), ["name", "area"]);
        assert_eq!(wrong(&[("area", "east")]), ["area"]);
        assert_eq!(wrong(&[("open-1", ""), ("close-1", "")]), ["open-1"]);
        assert_eq!(wrong(&[("close-1", "8:00")]), ["close-1"]);
    }

    #[test]
    fn a_session_lies_within_the_hours_of_its_day() {
        let saturday = jiff::civil::date(2026, 11, 28);
        assert!(lies_within(&opening(), saturday, 930, 1020));
        assert!(!lies_within(&opening(), saturday, 930, 1035));
        assert!(!lies_within(&opening(), saturday.tomorrow().unwrap_or(saturday), 600, 660), "a Sunday");
        assert!(lies_within(&opening(), jiff::civil::date(2026, 11, 27), 930, 1140));
    }

    #[test]
    fn a_week_has_one_code() {
        let mut week = opening();
        week[2] = None;
        assert_eq!(week_code(&week), "540-1140,540-1140,-,540-1140,540-1140,540-1020");
    }

    #[test]
    fn working_hours_lie_within_the_service_s_and_can_be_none() {
        let none = read_working_hours(&Fields::default(), &opening());
        assert_eq!(none, Ok([None; 6]));
        let late: Fields = [("open-2", "9:00"), ("close-2", "20:00")].into_iter().collect();
        assert_eq!(read_working_hours(&late, &opening()).err().unwrap_or_default()[0].field, "close-2");
    }
}
