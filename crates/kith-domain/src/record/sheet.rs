//! The recorder's sheet: everything that was typed on its one page, whichever button was pressed. Each part is kept
//! by itself, so that what is wrong with one loses nothing of another; and sent again, a sheet adds nothing.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::came::CameSaid;
use super::{Concern, DeviceClock, Ended, Observation};
use crate::calendar;
use crate::form::{Fields, LONG_TEXT_CHARS, Problem, Reader};
use crate::ids::{ChildId, EntryId};

/// Most people of one session, and so lines of a sheet.
pub const LINES_MAX: usize = 40;

/// A text of an entry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed {
    /// The entry, made with the page.
    pub entry: EntryId,
    /// How many texts of it the page had seen: 0 for a new one.
    pub version: i64,
    /// What it says.
    pub observation: Observation,
    /// The children it is about; empty for all of the session.
    pub children: Vec<ChildId>,
    /// The clock of the device.
    pub device: Option<DeviceClock>,
}

/// A value of the page: what it showed, and what is said now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change<T> {
    /// What the page showed.
    pub shown: Option<T>,
    /// What is said now.
    pub said: T,
}

/// How a session ended, as it is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndSaid {
    /// When, minutes from midnight.
    pub minute: i64,
    /// How.
    pub how: Ended,
    /// Why it ended early, did not take place or lasted so long.
    pub note: Option<String>,
}

/// A concern, and the entry that it becomes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raised {
    /// The entry, made with the page.
    pub entry: EntryId,
    /// What it says.
    pub concern: Concern,
    /// The clock of the device.
    pub device: Option<DeviceClock>,
}

/// Who came, start and end, as a page says them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Course {
    /// Who came, the lines on which something new is said.
    pub came: Vec<CameSaid>,
    /// When the session began.
    pub start: Option<Change<i64>>,
    /// When and how it ended.
    pub end: Option<Change<EndSaid>>,
    /// The clock of the device.
    pub device: Option<DeviceClock>,
}

impl Course {
    /// Whether it says nothing new.
    pub fn is_empty(&self) -> bool {
        self.came.is_empty() && self.start.is_none() && self.end.is_none()
    }
}

/// Everything that was typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Made with the page; entries that have no id of their own get theirs from it.
    pub page: Uuid,
    /// A text, if one was typed.
    pub text: Option<Typed>,
    /// Who came, start and end.
    pub course: Course,
    /// A concern, if one is raised.
    pub raised: Option<Raised>,
}

impl Sheet {
    /// Reads a page. What can be read is in the sheet, what cannot is a problem beside it.
    pub fn read(fields: &Fields) -> (Sheet, Vec<Problem>) {
        let mut problems = Vec::new();
        let device = DeviceClock::read(fields);
        let sheet = Sheet {
            page: fields.get("page").parse().unwrap_or_default(),
            text: kept(read_text(fields, device), &mut problems),
            course: read_course(fields, device, &mut problems),
            raised: kept(read_concern(fields, device), &mut problems),
        };
        // Nothing says "saved" where there was nothing to save.
        let nothing = sheet.text.is_none() && sheet.course.is_empty() && sheet.raised.is_none();
        if pressed(fields, "save") && nothing && problems.is_empty() {
            problems.push(Problem::new("text", "Write what happened, then save it"));
        }
        (sheet, problems)
    }
}

/// Whether this button of the page was pressed, by its code.
fn pressed(fields: &Fields, button: &str) -> bool {
    fields.get("press") == button
}

fn kept<T>(read: Result<Option<T>, Vec<Problem>>, problems: &mut Vec<Problem>) -> Option<T> {
    read.unwrap_or_else(|wrong| {
        problems.extend(wrong);
        None
    })
}

fn read_text(fields: &Fields, device: Option<DeviceClock>) -> Result<Option<Typed>, Vec<Problem>> {
    let version = fields.get("version").parse().unwrap_or(0);
    if fields.get("text").trim().is_empty() {
        // An entry that is taken up again and emptied is not gone by that; a new one was never written.
        let words = "An entry is not taken out by emptying it. Strike it out, and say why: both stay readable";
        return if version == 0 { Ok(None) } else { Err(vec![Problem::new("text", words)]) };
    }
    let observation = Observation::read(fields)?;
    let entry = fields.get("entry_id").parse().map_err(|_| vec![Problem::new("text", "Open the page again")])?;
    let children = fields.all("about_child").iter().filter_map(|id| id.parse().ok()).collect();
    Ok(Some(Typed { entry, version, observation, children, device }))
}

fn read_concern(fields: &Fields, device: Option<DeviceClock>) -> Result<Option<Raised>, Vec<Problem>> {
    let asked = pressed(fields, "concern");
    let Some(concern) = Concern::read(fields, asked)? else { return Ok(None) };
    let entry =
        fields.get("concern_id").parse().map_err(|_| vec![Problem::new("concern_text", "Open the page again")])?;
    Ok(Some(Raised { entry, concern, device }))
}

fn read_course(fields: &Fields, device: Option<DeviceClock>, problems: &mut Vec<Problem>) -> Course {
    let came = (0..LINES_MAX).filter_map(|line| kept(CameSaid::read(fields, line), problems)).collect();
    let start = kept(read_start(fields), problems);
    let end = kept(read_end(fields), problems);
    Course { came, start, end, device }
}

fn read_start(fields: &Fields) -> Result<Option<Change<i64>>, Vec<Problem>> {
    let mut r = Reader::new(fields);
    let shown = r.time("was-began", "Began").map(calendar::time_minute);
    let said = r.time("began", "The time it began").map(calendar::time_minute);
    r.finish(())?;
    match said {
        None if shown.is_some() => Err(vec![Problem::new(
            "began",
            "Enter when the session began. What was written down can be corrected, not emptied",
        )]),
        said => Ok(said.filter(|said| shown != Some(*said)).map(|said| Change { shown, said })),
    }
}

fn read_end(fields: &Fields) -> Result<Option<Change<EndSaid>>, Vec<Problem>> {
    let names = ["ended", "how", "ending_note"];
    let same = |name: &&str| fields.get(name).trim() == fields.get(&format!("was-{name}")).trim();
    // Who presses the button before saying how it ended is told what to say; what stands already is said.
    let asked = pressed(fields, "end") && fields.get("was-ended").is_empty();
    if names.iter().all(same) && !asked {
        return Ok(None);
    }
    let mut r = Reader::new(fields);
    let minute = r.required_time("ended", "When it ended").map(calendar::time_minute);
    let how = r.required_choice("how", "How it ended", Ended::from_code);
    let note = match how {
        Some(Ended::Early) => Some(r.required("ending_note", "Why it ended early", LONG_TEXT_CHARS)),
        Some(Ended::NotHeld) => {
            Some(r.required("ending_note", "Why it did not take place, and what you did", LONG_TEXT_CHARS))
        }
        _ => r.text("ending_note", "Note", LONG_TEXT_CHARS),
    };
    let shown = r.time("was-ended", "Ended").map(calendar::time_minute);
    let shown = shown.zip(Ended::from_code(fields.get("was-how"))).map(|(minute, how)| EndSaid {
        minute,
        how,
        note: Some(fields.get("was-ending_note").trim().to_owned()).filter(|note| !note.is_empty()),
    });
    let said = minute.zip(how).map(|(minute, how)| EndSaid { minute, how, note });
    r.finish(said)?.map_or(Ok(None), |said| Ok(Some(Change { shown, said })))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> (Sheet, Vec<String>) {
        let (sheet, problems) = Sheet::read(&pairs.iter().copied().collect());
        (sheet, problems.into_iter().map(|problem| problem.field).collect())
    }

    const ID: &str = "00000000-0000-0000-0000-000000000007";

    #[test]
    fn a_button_pressed_with_nothing_to_keep_says_what_is_missing() {
        let missing = |button| read(&[("entry_id", ID), ("heading", "play"), ("press", button)]).1;
        assert_eq!(missing("save"), ["text"]);
        assert_eq!(missing("end"), ["ended", "how"]);
        assert_eq!(missing("concern"), ["concern", "concern_text"]);
        assert!(missing("came").is_empty() && missing("sign").is_empty());
        let times = read(&[("press", "save"), ("began", "10:00")]);
        assert!(times.1.is_empty() && !times.0.course.is_empty(), "times alone can be saved");
    }

    #[test]
    fn a_page_on_which_nothing_was_typed_says_nothing() {
        let (sheet, problems) = read(&[("entry_id", ID), ("heading", "play"), ("about", "10:00"), ("text", " ")]);
        assert!(sheet.text.is_none() && sheet.course.is_empty() && sheet.raised.is_none());
        assert!(problems.is_empty());
    }

    #[test]
    fn what_is_wrong_with_one_part_loses_nothing_of_another() {
        let (sheet, problems) = read(&[
            ("entry_id", ID),
            ("heading", "play"),
            ("text", "They built a tower."),
            ("began", "25:00"),
            ("how", "end_early"),
            ("concern", "safeguarding"),
        ]);
        assert_eq!(sheet.text.map(|typed| typed.observation.text).as_deref(), Some("They built a tower."));
        assert_eq!(problems, ["began", "ended", "ending_note", "concern_text"]);
    }

    #[test]
    fn an_entry_is_not_emptied() {
        assert_eq!(read(&[("entry_id", ID), ("version", "2"), ("text", "")]).1, ["text"]);
    }

    #[test]
    fn only_what_differs_from_what_was_shown_is_said() {
        let shown = [
            ("was-began", "10:02"),
            ("was-ended", "11:30"),
            ("was-how", "complete"),
            ("ended", "11:30"),
            ("how", "complete"),
        ];
        let with = |began| {
            let mut pairs = shown.to_vec();
            pairs.push(("began", began));
            read(&pairs)
        };
        assert!(with("10:02").0.course.is_empty());
        assert_eq!(with("10:04").0.course.start, Some(Change { shown: Some(602), said: 604 }));
        assert_eq!(with("").1, ["began"]);
    }

    #[test]
    fn an_early_end_says_why() {
        let end = |how, note| read(&[("ended", "11:00"), ("how", how), ("ending_note", note)]);
        assert!(end("complete", "").1.is_empty());
        for how in ["end_early", "not_held"] {
            assert_eq!(end(how, " ").1, ["ending_note"]);
            assert!(end(how, "She was unwell").1.is_empty());
        }
    }

    #[test]
    fn sixty_thousand_words_are_told_their_limit() {
        let long = "word ".repeat(60_000);
        assert_eq!(read(&[("entry_id", ID), ("heading", "play"), ("text", &long)]).1, ["text"]);
    }

    #[test]
    fn a_concern_about_staff_names_them() {
        let raise = |pairs: &[(&str, &str)]| {
            let mut all = vec![("concern_id", ID), ("concern_text", "He shouted")];
            all.extend_from_slice(pairs);
            read(&all)
        };
        assert_eq!(raise(&[("concern", "about_staff")]).1, ["concern_staff"]);
        assert_eq!(raise(&[("concern", "note"), ("concern_staff", ID)]).1, ["concern"]);
        let (sheet, _) = raise(&[("concern", "about_staff"), ("concern_staff", ID)]);
        let concern = sheet.raised.unwrap().concern;
        assert!(!concern.may_be_shown(concern.staff));
        assert!(concern.may_be_shown(Some(crate::ids::AccountId(Uuid::nil()))));
        assert_eq!(raise(&[]).1, ["concern"]);
    }
}
