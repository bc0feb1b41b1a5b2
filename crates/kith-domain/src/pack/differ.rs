//! Two packs of one family: what one takes out and the other shows.

use super::{PackPart, Piece, redact};

/// Words that one of two packs takes out and the other shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    /// In which line of the first, from 0; `None` for the part as a whole.
    pub line: Option<usize>,
    /// The words.
    pub words: String,
    /// Whether the first one takes them out.
    pub taken_out_here: bool,
}

/// The words that one of two parts of the same source takes out and the other shows. `is_theirs` says of words that were found, by
/// the place in the part's own list of names, whether they name the person whose pack the *other* is: what is about them is shown to them.
pub fn differences(here: &PackPart, there: &PackPart, is_theirs: impl Fn(&PackPart, usize) -> bool) -> Vec<Difference> {
    let mut all = one_way(here, there, true, &is_theirs);
    all.extend(one_way(there, here, false, &is_theirs));
    all
}

fn one_way(
    takes: &PackPart,
    shows: &PackPart,
    here: bool,
    is_theirs: &impl Fn(&PackPart, usize) -> bool,
) -> Vec<Difference> {
    if shows.left_out().is_some() {
        return Vec::new();
    }
    let stays = redact(shows, 0);
    let removals = redact(takes, 0).removals;
    let mut all = Vec::new();
    for removal in removals {
        let Some(line) = removal.line else {
            // A document that both keep back is no difference.
            if takes.left_out().is_none() && shows.enclosed().is_none() {
                continue;
            }
            all.push(Difference { line: None, words: takes.title.clone(), taken_out_here: here });
            continue;
        };
        let names_them = takes.found.iter().any(|found| {
            found.place.line == line && takes.words(found.place) == removal.words && is_theirs(takes, found.whose)
        });
        if names_them {
            continue;
        }
        let same = |of: &super::Line| *of == takes.lines[line];
        let Some(other) = shows.lines.iter().position(same) else { continue };
        // Shown there as often as it stands, less what is taken out.
        let stands = stays.lines[other].pieces.iter().any(|piece| match piece {
            Piece::Words(words) => words.contains(&removal.words),
            Piece::Removed(_) => false,
        });
        if stands {
            let line = if here { Some(line) } else { here_line(shows, &takes.lines[line]) };
            let there = all.iter().any(|known: &Difference| known.line == line && known.words == removal.words);
            if !there {
                all.push(Difference { line, words: removal.words, taken_out_here: here });
            }
        }
    }
    all
}

fn here_line(part: &PackPart, of: &super::Line) -> Option<usize> {
    part.lines.iter().position(|line| line == of)
}
