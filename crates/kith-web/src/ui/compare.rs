//! Two people changed one form: both texts side by side, nothing lost.

use askama::Template;
use kith_domain::form::Fields;

use super::Html;

#[derive(Template)]
#[template(path = "ui/compare.html")]
struct Compare {
    rows: Vec<(String, String, String)>,
}

/// What differs between what this person typed and what somebody else saved meanwhile. `describe` turns a form into
/// labels and values for reading.
pub(crate) fn compare(mine: &Fields, theirs: &Fields, describe: impl Fn(&Fields) -> Vec<(String, String)>) -> Html {
    let (mine, theirs) = (describe(mine), describe(theirs));
    let mut rows: Vec<(String, String, String)> = Vec::new();
    for (label, value) in &mine {
        let other = theirs.iter().find(|(l, _)| l == label).map_or("", |(_, v)| v.as_str());
        if other != value {
            rows.push((label.clone(), value.clone(), other.to_owned()));
        }
    }
    for (label, value) in &theirs {
        if !mine.iter().any(|(l, _)| l == label) {
            rows.push((label.clone(), String::new(), value.clone()));
        }
    }
    Html::of(&Compare { rows })
}
