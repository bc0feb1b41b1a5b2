//! Form fields in the GOV.UK pattern: label, hint, what is wrong, what was typed.

use std::borrow::Cow;
use std::fmt;

use askama::Template;
use axum::http::StatusCode;
use kith_domain::form::{Fields, Problem};
use kith_genogram::Picture;

use super::options::Options;

/// HTML that was made by a template and is not escaped again.
#[derive(Clone, Default)]
pub(crate) struct Html(String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

impl Html {
    /// Renders a part of a page. A template that fails leaves a gap, which the page's test finds.
    pub(crate) fn of(template: &impl Template) -> Self {
        Self(template.render().unwrap_or_default())
    }

    /// A picture, which escapes its words itself. `id` begins the ids of its title and description.
    pub(crate) fn picture(picture: &Picture, id: &str, title: &str, description: &str) -> Self {
        Self(picture.svg(id, title, description))
    }

    /// Parts one after the other.
    pub(crate) fn joined(parts: Vec<Html>) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect::<Vec<_>>().join("\n"))
    }
}

/// A form as typed, with what is wrong with it.
#[derive(Clone, Default)]
pub(crate) struct FormView {
    fields: Fields,
    problems: Vec<Problem>,
}

#[derive(Template)]
#[template(path = "ui/input.html")]
struct Input<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    value: &'a str,
    width: &'a str,
    kind: &'a str,
    autocomplete: &'a str,
}

#[derive(Template)]
#[template(path = "ui/file.html")]
struct FileInput<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "ui/textarea.html")]
struct Textarea<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    value: &'a str,
    rows: u8,
}

#[derive(Template)]
#[template(path = "ui/date.html")]
struct DateInput<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    parts: Vec<(&'a str, &'a str, String, bool)>,
}

/// Code, words, and whether it is chosen.
type Chosen = (String, String, bool);

/// An answer that can be chosen.
struct Offered {
    /// The first has the field's own name as its id, so that the error summary's link finds it.
    id: String,
    code: String,
    words: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "ui/choice.html")]
struct Choice<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    kind: &'a str,
    inline: bool,
    options: Vec<Offered>,
    reveal: Vec<(&'a str, Html)>,
}

#[derive(Template)]
#[template(path = "ui/select.html")]
struct Select<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    groups: Vec<(&'a str, Vec<Chosen>)>,
}

#[derive(Template)]
#[template(path = "ui/language.html")]
struct LanguageInput<'a> {
    name: &'a str,
    label: &'a str,
    hint: &'a str,
    error: Option<&'a str>,
    value: &'a str,
    languages: &'a [&'a str],
}

#[derive(Template)]
#[template(path = "ui/error_summary.html")]
struct ErrorSummary<'a> {
    title: &'a str,
    problems: &'a [Problem],
}

impl FormView {
    /// A form without problems.
    pub(crate) fn new(fields: Fields) -> Self {
        Self { fields, problems: Vec::new() }
    }

    /// A form with what is wrong with it.
    pub(crate) fn with(fields: Fields, problems: Vec<Problem>) -> Self {
        Self { fields, problems }
    }

    /// What was typed.
    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.get(name)
    }

    /// Whether a box is ticked.
    pub(crate) fn has(&self, name: &str, value: &str) -> bool {
        self.fields.has(name, value)
    }

    /// Whether anything is wrong.
    pub(crate) fn has_problems(&self) -> bool {
        !self.problems.is_empty()
    }

    /// The status of a page that comes back: what stands `against` all that was sent comes before what is wrong in it.
    pub(crate) fn status(&self, against: &str) -> StatusCode {
        match (against.is_empty(), self.has_problems()) {
            (false, _) => StatusCode::CONFLICT,
            (true, true) => StatusCode::UNPROCESSABLE_ENTITY,
            (true, false) => StatusCode::OK,
        }
    }

    /// What is wrong with a field.
    pub(crate) fn error(&self, name: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == name).map(|problem| problem.message.as_str())
    }

    /// Whether anything is typed for an item, or wrong with it.
    pub(crate) fn concerns(&self, item: &kith_domain::catalogue::Item) -> bool {
        item.is_there(&self.fields) || self.problems.iter().any(|problem| item.is_of(&problem.field))
    }

    /// The list of what is wrong, each with a link to its field. Nothing when nothing is.
    pub(crate) fn error_summary(&self) -> Html {
        self.error_summary_titled("There is a problem")
    }

    fn boxed(&self, name: &str, label: &str, hint: &str, width: &str, kind: &str, autocomplete: &str) -> Html {
        let (error, value) = (self.error(name), if kind == "password" { "" } else { self.value(name) });
        Html::of(&Input { name, label, hint, error, value, width, kind, autocomplete })
    }

    /// The same under a heading in another language.
    pub(crate) fn error_summary_titled(&self, title: &str) -> Html {
        let problems = &self.problems;
        if problems.is_empty() { Html::default() } else { Html::of(&ErrorSummary { title, problems }) }
    }

    /// One line of text.
    pub(crate) fn input(&self, name: &str, label: &str, hint: &str) -> Html {
        self.boxed(name, label, hint, "govuk-!-width-two-thirds", "text", "off")
    }

    /// A file to be chosen. A browser does not keep what was chosen: after a mistake it is chosen again.
    pub(crate) fn file(&self, name: &str, label: &str, hint: &str) -> Html {
        Html::of(&FileInput { name, label, hint, error: self.error(name) })
    }

    /// A short text: a number, a code, a time.
    pub(crate) fn short(&self, name: &str, label: &str, hint: &str) -> Html {
        self.boxed(name, label, hint, "govuk-input--width-10", "text", "off")
    }

    /// A phone number.
    pub(crate) fn phone(&self, name: &str, label: &str, hint: &str) -> Html {
        self.boxed(name, label, hint, "govuk-input--width-20", "tel", "off")
    }

    /// An email address.
    pub(crate) fn email(&self, name: &str, label: &str, hint: &str) -> Html {
        self.boxed(name, label, hint, "govuk-!-width-two-thirds", "email", "off")
    }

    /// A password; never shown again.
    pub(crate) fn password(&self, name: &str, label: &str, hint: &str, autocomplete: &str) -> Html {
        self.boxed(name, label, hint, "govuk-input--width-20", "password", autocomplete)
    }

    /// A sign-in name.
    pub(crate) fn login(&self, name: &str, label: &str, hint: &str) -> Html {
        self.boxed(name, label, hint, "govuk-input--width-20", "text", "username")
    }

    /// A code of six digits.
    pub(crate) fn code(&self, name: &str, label: &str, hint: &str) -> Html {
        self.boxed(name, label, hint, "govuk-input--width-5", "code", "one-time-code")
    }

    /// Free text.
    pub(crate) fn textarea(&self, name: &str, label: &str, hint: &str, rows: u8) -> Html {
        Html::of(&Textarea { name, label, hint, error: self.error(name), value: self.value(name), rows })
    }

    /// A date in three boxes.
    pub(crate) fn date(&self, name: &str, label: &str, hint: &str) -> Html {
        self.date_in(["Day", "Month", "Year"], name, label, hint)
    }

    /// The same with the words of another language for day, month and year.
    pub(crate) fn date_in(&self, words: [&str; 3], name: &str, label: &str, hint: &str) -> Html {
        let part = |(suffix, words)| {
            let field = format!("{name}-{suffix}");
            let wrong = self.problems.iter().any(|problem| problem.field == field);
            (suffix, words, self.value(&field).to_owned(), wrong)
        };
        let parts = ["day", "month", "year"].into_iter().zip(words).map(part).collect();
        let prefix = format!("{name}-");
        let error = self
            .problems
            .iter()
            .find(|problem| {
                problem.field == name
                    || problem.field.strip_prefix(&prefix).is_some_and(|s| ["day", "month", "year"].contains(&s))
            })
            .map(|problem| problem.message.as_str());
        Html::of(&DateInput { name, label, hint, error, parts })
    }

    fn choices(&self, name: &str, options: Options) -> Vec<(String, String, bool)> {
        let chosen = |code: &str| self.fields.has(name, code);
        options
            .into_iter()
            .map(|(code, words)| {
                let is = chosen(&code);
                (code, words, is)
            })
            .collect()
    }

    fn offered(&self, name: &str, options: Options) -> Vec<Offered> {
        let of = |(index, (code, words, chosen)): (usize, (String, String, bool))| {
            let id = if index == 0 { name.to_owned() } else { format!("{name}-{code}") };
            Offered { id, code, words, chosen }
        };
        self.choices(name, options).into_iter().enumerate().map(of).collect()
    }

    /// One of several, all in sight.
    pub(crate) fn radios(&self, name: &str, label: &str, hint: &str, options: Options) -> Html {
        let inline = options.len() == 2 && options.iter().all(|(_, words)| words.len() < 16);
        let options = self.offered(name, options);
        Html::of(&Choice {
            name,
            label,
            hint,
            error: self.error(name),
            kind: "radios",
            inline,
            options,
            reveal: Vec::new(),
        })
    }

    /// One of a few short answers, side by side where there is room.
    pub(crate) fn scale(&self, name: &str, label: &str, options: Options) -> Html {
        let (options, error) = (self.offered(name, options), self.error(name));
        Html::of(&Choice { name, label, hint: "", error, kind: "radios", inline: true, options, reveal: Vec::new() })
    }

    /// One of several; an answer may ask for more, which is always in sight without JavaScript.
    pub(crate) fn radios_reveal(
        &self,
        name: &str,
        label: &str,
        hint: &str,
        options: Options,
        reveal: Vec<(&str, Html)>,
    ) -> Html {
        let options = self.offered(name, options);
        Html::of(&Choice { name, label, hint, error: self.error(name), kind: "radios", inline: false, options, reveal })
    }

    /// Any of several.
    pub(crate) fn checkboxes(&self, name: &str, label: &str, hint: &str, options: Options) -> Html {
        let options = self.offered(name, options);
        Html::of(&Choice {
            name,
            label,
            hint,
            error: self.error(name),
            kind: "checkboxes",
            inline: false,
            options,
            reveal: Vec::new(),
        })
    }

    /// One of a long list.
    pub(crate) fn select(&self, name: &str, label: &str, hint: &str, options: Options) -> Html {
        let one = [("", options.len())];
        self.select_of_groups(name, label, hint, options, &one)
    }

    /// One of a long list in groups: a title, and how many of the list in a row belong to it.
    pub(crate) fn select_of_groups(
        &self,
        name: &str,
        label: &str,
        hint: &str,
        options: Options,
        groups: &[(&str, usize)],
    ) -> Html {
        let mut rest = self.choices(name, options).into_iter();
        let groups = groups.iter().map(|(title, many)| (*title, rest.by_ref().take(*many).collect())).collect();
        Html::of(&Select { name, label, hint, error: self.error(name), groups })
    }

    /// A language, with names to choose from while it is typed.
    pub(crate) fn language(&self, name: &str, label: &str, hint: &str) -> Html {
        let (error, value) = (self.error(name), self.value(name));
        let languages = kith_domain::catalogue::languages();
        Html::of(&LanguageInput { name, label, hint, error, value, languages })
    }

    /// The same form with an answer chosen where nothing is.
    pub(crate) fn with_preset(&self, name: &str, answer: &str) -> Cow<'_, FormView> {
        if answer.is_empty() || !self.value(name).is_empty() {
            return Cow::Borrowed(self);
        }
        let mut form = self.clone();
        form.fields.set(name, answer);
        Cow::Owned(form)
    }

    /// The rows of a list, each as its fields are typed; what is wrong with them is said as on the whole form.
    pub(crate) fn rows(&self, list: &str, first: &str) -> Vec<Fields> {
        self.fields.rows(list, first).iter().map(kith_domain::fact::unsettled).collect()
    }

    /// The form of one row.
    pub(crate) fn of_row(&self, list: &str, place: usize, row: &Fields) -> FormView {
        FormView { fields: row.as_row(list, place), problems: self.problems.clone() }
    }
}

impl Choice<'_> {
    fn revealed(&self, code: &str) -> Option<&Html> {
        self.reveal.iter().find(|(when, _)| *when == code).map(|(_, more)| more)
    }
}
