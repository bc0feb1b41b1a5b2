//! The scores as a picture and as text: the matrix of likelihood × impact, and a row for each hazard.

use askama::Template;
use kith_domain::risk::{Assessment, IMPACTS, LIKELIHOODS, Level, Scored};

use super::{level_kind, level_tag};
use crate::ui::{Html, Tag};

#[derive(Template)]
#[template(path = "risk/matrix.html")]
struct Matrix {
    caption: &'static str,
    impacts: [&'static str; 5],
    rows: Vec<(i64, &'static str, Vec<Cell>)>,
}

struct Cell {
    score: i64,
    kind: &'static str,
    band: &'static str,
    /// Numbers of the hazards that stand here with their controls.
    after: String,
    /// Numbers of the hazards that stood here before.
    before: String,
}

/// The matrix with the hazards of an assessment in it, by their numbers in the list; without an assessment, what each
/// score means.
pub(super) fn matrix(assessment: Option<&Assessment>) -> Html {
    let hazards = assessment.map_or(&[][..], |assessment| &assessment.hazards);
    let at = |place: fn(&Scored) -> (i64, i64), likelihood, impact| {
        let numbered = (1..).zip(hazards).filter(|(_, scored)| place(scored) == (likelihood, impact));
        numbered.map(|(number, _): (i32, _)| number.to_string()).collect::<Vec<_>>().join(", ")
    };
    let cell = |likelihood, impact| {
        let level = Level::of_score(likelihood * impact);
        Cell {
            score: likelihood * impact,
            kind: level_kind(level),
            band: level.label(),
            after: at(|scored| (scored.residual_likelihood, scored.residual_impact), likelihood, impact),
            before: at(|scored| (scored.likelihood, scored.impact), likelihood, impact),
        }
    };
    // The likeliest on top, as such matrices are drawn.
    let rows = (1..=5).rev().map(|likelihood| {
        (likelihood, word(LIKELIHOODS, likelihood), (1..=5).map(|impact| cell(likelihood, impact)).collect())
    });
    let caption = match assessment {
        Some(_) => "Where each hazard stands, by its number: dark with the controls, dashed or in brackets without",
        None => "What each score means",
    };
    Html::of(&Matrix { caption, impacts: IMPACTS, rows: rows.collect() })
}

/// A hazard for reading.
pub(super) struct HazardRow {
    pub(super) number: usize,
    pub(super) name: String,
    pub(super) before: String,
    pub(super) before_tag: Tag,
    pub(super) controls: String,
    pub(super) after: String,
    pub(super) after_tag: Tag,
}

/// The hazards of an assessment for reading, numbered as in the matrix.
pub(super) fn hazard_rows(assessment: &Assessment) -> Vec<HazardRow> {
    let sum = |likelihood: i64, impact: i64| {
        format!("{} × {}: {}", word(LIKELIHOODS, likelihood), word(IMPACTS, impact).to_lowercase(), likelihood * impact)
    };
    let row = |(index, scored): (usize, &Scored)| HazardRow {
        number: index + 1,
        name: scored.label().to_owned(),
        before: sum(scored.likelihood, scored.impact),
        before_tag: level_tag(Level::of_score(scored.score())),
        controls: scored.controls.clone(),
        after: sum(scored.residual_likelihood, scored.residual_impact),
        after_tag: level_tag(Level::of_score(scored.residual())),
    };
    assessment.hazards.iter().enumerate().map(row).collect()
}

/// The word of a likelihood or an impact from 1 to 5.
pub(super) fn word(words: [&'static str; 5], number: i64) -> &'static str {
    usize::try_from(number - 1).ok().and_then(|index| words.get(index)).copied().unwrap_or_default()
}
