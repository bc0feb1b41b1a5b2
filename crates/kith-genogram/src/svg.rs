//! The picture as SVG, for the inside of an HTML page: classes and no styles, so that a strict content security policy lets it be.

use std::fmt::Write;

use crate::family::Sex;
use crate::lines::{Line, Mark};
use crate::measure::LINE;
use crate::place::{Picture, Rect, SHAPE, Tone};

/// Height of a tooth of the line between two who are kept apart, and half its width.
const TOOTH: i32 = 4;

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            letter => safe.push(letter),
        }
    }
    safe
}

fn points(of: impl IntoIterator<Item = (i32, i32)>) -> String {
    of.into_iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}

/// A line with teeth.
fn toothed(line: &Line) -> Vec<(i32, i32)> {
    let mut teeth: Vec<(i32, i32)> = line.points.first().copied().into_iter().collect();
    for ends in line.points.windows(2) {
        let (from, to) = (ends[0], ends[1]);
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let many = across.abs().max(down.abs()) / (2 * TOOTH);
        for tooth in 1..many {
            let side = if tooth % 2 == 0 { TOOTH } else { -TOOTH };
            let (x, y) = (from.0 + across * tooth / many, from.1 + down * tooth / many);
            teeth.push(if across == 0 { (x + side, y) } else { (x, y + side) });
        }
        teeth.push(to);
    }
    teeth
}

struct Svg(String);

impl Svg {
    fn add(&mut self, element: std::fmt::Arguments<'_>) {
        // Writing into a string does not fail.
        let _ = self.0.write_fmt(element);
        self.0.push('\n');
    }

    fn group(&mut self, class: &str, lines: &[Line]) {
        for line in lines {
            self.add(format_args!(
                "<polyline class=\"kith-genogram__{class}\" points=\"{}\"/>",
                points(line.points.iter().copied())
            ));
        }
    }

    fn text(&mut self, class: &str, at: Rect, line: usize, text: &str) {
        let y = at.y + LINE * i32::try_from(line).unwrap_or(0) + LINE - 5;
        self.add(format_args!(
            "<text class=\"kith-genogram__{class}\" x=\"{}\" y=\"{y}\" text-anchor=\"middle\">{}</text>",
            at.x + at.w / 2,
            escaped(text)
        ));
    }

    fn backing(&mut self, class: &str, at: Rect) {
        self.add(format_args!(
            "<rect class=\"kith-genogram__{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            at.x, at.y, at.w, at.h
        ));
    }

    /// A stroke across a line.
    fn stroke(&mut self, class: &str, (x, y): (i32, i32), (across, down): (i32, i32)) {
        self.add(format_args!(
            "<line class=\"kith-genogram__{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            x - across,
            y - down,
            x + across,
            y + down
        ));
    }

    fn bar(&mut self, bar: &Mark) {
        let (x, y) = bar.at;
        if bar.level {
            self.stroke("bar", (x, y), (0, 9));
            self.stroke("bar", (x + 5, y), (0, 9));
        } else {
            self.stroke("bar", (x, y), (9, 0));
            self.stroke("bar", (x, y - 5), (9, 0));
        }
    }

    fn shape(&mut self, at: Rect, sex: Sex, unborn: bool, class: &str) {
        let (x, y, w, h) = (at.x, at.y, at.w, at.h);
        let (cx, cy) = (x + w / 2, y + h / 2);
        if unborn {
            let corners = points([(cx, y), (x + w, y + h), (x, y + h)]);
            self.add(format_args!("<polygon class=\"{class}\" points=\"{corners}\"/>"));
            return;
        }
        match sex {
            Sex::Male => {
                self.add(format_args!("<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"/>"));
            }
            Sex::Female => {
                self.add(format_args!("<circle class=\"{class}\" cx=\"{cx}\" cy=\"{cy}\" r=\"{}\"/>", w / 2));
            }
            Sex::NotKnown => {
                let corners = points([(cx, y), (x + w, cy), (cx, y + h), (x, cy)]);
                self.add(format_args!("<polygon class=\"{class}\" points=\"{corners}\"/>"));
            }
        }
    }
}

fn smaller(at: Rect, by: i32) -> Rect {
    Rect { x: at.x + by, y: at.y + by, w: at.w - 2 * by, h: at.h - 2 * by }
}

impl Picture {
    /// The picture as an `svg` element, of class `kith-genogram` and its parts `kith-genogram__…`. `id` begins the ids of
    /// its title and description, which a screen reader says instead of it.
    pub fn svg(&self, id: &str, title: &str, description: &str) -> String {
        let mut svg = Svg(String::new());
        let id = escaped(id);
        svg.add(format_args!(
            "<svg class=\"kith-genogram\" viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" \
             aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\" focusable=\"false\">",
            w = self.width,
            h = self.height
        ));
        svg.add(format_args!("<title id=\"{id}-title\">{}</title>", escaped(title)));
        svg.add(format_args!("<desc id=\"{id}-desc\">{}</desc>", escaped(description)));
        for home in &self.homes {
            let at = home.at;
            svg.add(format_args!(
                "<rect class=\"kith-genogram__home\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"12\"/>",
                at.x, at.y, at.w, at.h
            ));
        }
        let drawn = &self.drawn;
        svg.group("family", &drawn.family);
        svg.group("placed", &drawn.placed);
        svg.group("sees", &drawn.sees);
        svg.group("barred", &drawn.barred);
        for line in &drawn.apart {
            svg.add(format_args!("<polyline class=\"kith-genogram__apart\" points=\"{}\"/>", points(toothed(line))));
        }
        for slash in &drawn.slashes {
            svg.stroke("slash", slash.at, (4, -7));
        }
        for shape in &self.shapes {
            svg.shape(shape.at, shape.sex, shape.unborn, "kith-genogram__shape");
            if shape.index {
                svg.shape(smaller(shape.at, 6), shape.sex, shape.unborn, "kith-genogram__inner");
            }
            if shape.dead {
                let middle = (shape.at.x + SHAPE / 2, shape.at.y + SHAPE / 2);
                svg.stroke("dead", middle, (SHAPE / 2, SHAPE / 2));
                svg.stroke("dead", middle, (SHAPE / 2, -SHAPE / 2));
            }
        }
        for dot in &drawn.dots {
            let (x, y) = dot.at;
            svg.add(format_args!("<circle class=\"kith-genogram__dot\" cx=\"{x}\" cy=\"{y}\" r=\"5\"/>"));
        }
        for bar in &drawn.bars {
            svg.bar(bar);
        }
        for home in &self.homes {
            svg.backing("home-backing", home.caption.at);
            for (line, words) in home.caption.words.iter().enumerate() {
                svg.text("caption", home.caption.at, line, words);
            }
        }
        for words in &drawn.apart_words {
            svg.backing("backing", *words);
            svg.text("apart-words", *words, 0, "kept apart");
        }
        for label in &self.labels {
            for (line, word) in label.words.iter().enumerate() {
                let class = match word.tone {
                    Tone::Name => "name",
                    Tone::Note => "note",
                    Tone::Sees => "sees-words",
                    Tone::Barred => "barred-words",
                    Tone::Apart => "apart-words",
                };
                svg.text(class, label.at, line, &word.text);
            }
        }
        svg.0.push_str("</svg>");
        svg.0
    }
}
