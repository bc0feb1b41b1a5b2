//! The form of a risk assessment: its fields, and what was typed in words.

use askama::Template;
use kith_domain::codes::Supervision;
use kith_domain::form::Fields;
use kith_domain::risk::{Hazard, IMPACTS, LIKELIHOODS, Level, VenueFeature};

use super::figures::{matrix, word};
use crate::ui::{self, FormView, Html, Options, pairs};

#[derive(Template)]
#[template(path = "risk/fields.html")]
struct RiskFields<'a> {
    form: &'a FormView,
    hazards: Vec<HazardFields>,
    matrix: Html,
    levels: Options,
}

/// One hazard, folded away until it applies.
struct HazardFields {
    label: &'static str,
    /// What to say beside its name.
    state: &'static str,
    open: bool,
    fields: Html,
}

#[derive(Template)]
#[template(path = "risk/hazard.html")]
struct OneHazard<'a> {
    form: &'a FormView,
    code: &'static str,
    label: &'static str,
    free: bool,
}

impl OneHazard<'_> {
    // Each label stands on its own, since every hazard asks the same.

    fn applies(&self) -> Html {
        let label = format!("{}: does it apply?", self.label);
        self.form.radios(self.code, &label, "", ui::yes_no())
    }

    fn what(&self) -> Html {
        if !self.free {
            return Html::default();
        }
        self.form.input(&format!("{}-what", self.code), "What the other hazard is", "")
    }

    fn scale(&self, suffix: &str, words: &str) -> Html {
        let numbers = if suffix.ends_with('l') { LIKELIHOODS } else { IMPACTS };
        let (name, label) = (format!("{}-{suffix}", self.code), format!("{}: {words}", self.label));
        self.form.scale(&name, &label, numbered(numbers))
    }

    fn controls(&self) -> Html {
        let (name, label) = (format!("{}-controls", self.code), format!("{}: controls", self.label));
        self.form.textarea(&name, &label, "What is done about it: by whom, before and during the session", 3)
    }
}

fn numbered(words: [&'static str; 5]) -> Options {
    (1..=5).map(|number| (number.to_string(), format!("{number} {}", word(words, number)))).collect()
}

/// Every field of an assessment.
pub(super) fn fields(form: &FormView) -> Html {
    let hazard = |hazard: &Hazard| {
        let (code, label) = (hazard.code(), hazard.label());
        let names = [code.to_owned()].into_iter().chain(SUFFIXES.iter().map(|(suffix, _)| format!("{code}-{suffix}")));
        let wrong = names.into_iter().any(|name| form.error(&name).is_some());
        let applies = form.has(code, "yes");
        HazardFields {
            label,
            state: match (wrong, applies, form.has(code, "no")) {
                (true, _, _) => "something is missing",
                (false, true, _) => "applies",
                (false, false, true) => "does not apply",
                (false, false, false) => "",
            },
            open: applies || wrong,
            fields: Html::of(&OneHazard { form, code, label, free: *hazard == Hazard::Other }),
        }
    };
    let levels = pairs(&[("", "As the scores give")]).into_iter();
    let levels = levels.chain(Level::ALL.iter().map(|level| (level.code().to_owned(), level.label().to_owned())));
    Html::of(&RiskFields {
        form,
        hazards: Hazard::ALL.iter().map(hazard).collect(),
        matrix: matrix(None),
        levels: levels.collect(),
    })
}

/// What is asked of each hazard, and how it is called.
const SUFFIXES: &[(&str, &str)] = &[
    ("what", "what it is"),
    ("l", "likelihood without controls"),
    ("i", "impact without controls"),
    ("controls", "controls"),
    ("rl", "likelihood with controls"),
    ("ri", "impact with controls"),
];

/// What was typed in words, without what was left empty: for two versions side by side.
pub(super) fn readable(fields: &Fields) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let mut put = |label: String, words: &str| {
        if !words.trim().is_empty() {
            rows.push((label, words.trim().to_owned()));
        }
    };
    let yes_no = |code: &str| match code {
        "yes" => "Yes".to_owned(),
        "no" => "No".to_owned(),
        other => other.to_owned(),
    };
    for hazard in Hazard::ALL {
        let code = hazard.code();
        put(hazard.label().to_owned(), &yes_no(fields.get(code)));
        for (suffix, words) in SUFFIXES {
            put(format!("{}: {words}", hazard.label()), fields.get(&format!("{code}-{suffix}")));
        }
    }
    put("None of the hazards applies".into(), &yes_no(fields.get("none_applies")));
    let or_typed = |label: Option<&'static str>, name: &str| label.unwrap_or(fields.get(name)).to_owned();
    put("Overall level".into(), &or_typed(Level::from_code(fields.get("raise")).map(Level::label), "raise"));
    let supervision = Supervision::from_code(fields.get("supervision")).map(Supervision::label);
    put("Supervision".into(), &or_typed(supervision, "supervision"));
    put("Staff".into(), fields.get("staff"));
    put("Bag check".into(), &yes_no(fields.get("bag_check")));
    put("Meeting before".into(), &yes_no(fields.get("meeting_before")));
    let features = fields.all("venue").iter().filter_map(|code| VenueFeature::from_code(code)).map(VenueFeature::label);
    put("What the venue must have".into(), &features.collect::<Vec<_>>().join("; "));
    put("Why this is the level".into(), fields.get("summary"));
    rows
}

/// What is ticked when no hazard applies.
fn none_applies() -> Options {
    pairs(&[("yes", "I have considered each hazard of this list, and none applies")])
}

/// What a venue can be asked to have.
fn venue_features() -> Options {
    VenueFeature::ALL.iter().map(|feature| (feature.code().to_owned(), feature.label().to_owned())).collect()
}

/// How many staff.
fn staff() -> Options {
    pairs(&[("1", "1"), ("2", "2")])
}
