//! How wide words are, and where they are broken.
//!
//! The reader's browser sets the type, so widths are estimated, and rather too wide: what does not fit here would overlap there.

/// Size of the type, in CSS pixels.
pub(crate) const FONT: i32 = 14;
/// From one line to the next.
pub(crate) const LINE: i32 = 18;

/// Letters that are narrow in most typefaces.
const NARROW: &str = "iIlj.,:;'’‘|!()[]ftr-";
/// Letters that are wide in most typefaces.
const BROAD: &str = "mwMW@%—…";

/// Width of a letter, in thousandths of the size.
fn letter(letter: char) -> i32 {
    match letter {
        ' ' | '\u{a0}' => 300,
        '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0,
        _ if NARROW.contains(letter) => 400,
        _ if BROAD.contains(letter) => 960,
        'a'..='z' => 590,
        '0'..='9' => 640,
        'A'..='Z' => 720,
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' => 1_050,
        '\u{10000}'.. => 1_250,
        _ => 780,
    }
}

/// Width of words, in CSS pixels.
pub(crate) fn width(text: &str, bold: bool) -> i32 {
    let thousandths: i32 = text.chars().map(letter).sum();
    let thousandths = if bold { thousandths * 107 / 100 } else { thousandths };
    (thousandths * FONT + 999) / 1_000
}

/// Breaks words into lines no wider than `most` pixels; what is left after `lines` of them is cut, and three dots say so.
pub(crate) fn wrap(text: &str, bold: bool, most: i32, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    // A name with a hyphen can be broken after it.
    let words = text.split_whitespace();
    let parts = words.flat_map(|word| word.split_inclusive('-').enumerate().map(|(at, part)| (at == 0, part)));
    for (begins, word) in parts {
        let between = if begins && !line.is_empty() { " " } else { "" };
        let longer = format!("{line}{between}{word}");
        if width(&longer, bold) <= most {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            done.push(std::mem::take(&mut line));
        }
        // One word that is wider than a line.
        for letter in word.chars() {
            let longer = format!("{line}{letter}");
            if width(&longer, bold) > most && !line.is_empty() {
                done.push(std::mem::take(&mut line));
            }
            line.push(letter);
        }
    }
    if !line.is_empty() {
        done.push(line);
    }
    if done.len() > lines {
        done.truncate(lines);
        if let Some(last) = done.last_mut() {
            while width(&format!("{last}…"), bold) > most && last.pop().is_some() {}
            *last = format!("{}…", last.trim_end());
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_broken_and_then_cut() {
        let name = "Maria-Magdalena Featherstonehaugh-Cholmondeley of Wolverhampton";
        let lines = wrap(name, true, 140, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines[1].ends_with('…'), "{lines:?}");
        assert!(lines.iter().all(|line| width(line, true) <= 140), "{lines:?}");
        assert_eq!(wrap("Ann Marsh", true, 140, 2), ["Ann Marsh"]);
        assert_eq!(wrap("Okafor-Featherstonehaugh", true, 160, 2), ["Okafor-", "Featherstonehaugh"]);
        assert_eq!(wrap("Half-term", true, 140, 2), ["Half-term"]);
        assert!(wrap("   ", true, 140, 2).is_empty());
    }

    #[test]
    fn letters_of_other_scripts_are_counted_wide() {
        assert!(width("林小雨", false) >= 42);
        assert_eq!(width("e\u{301}", false), width("e", false));
    }
}
