//! Reading a page as a browser without JavaScript would: its words, its links, its forms with what they hold. For the
//! tour, which walks the service through its pages, and for the tests.

use scraper::{ElementRef, Html, Selector};

/// A page that came back.
pub struct PageRead {
    html: Html,
}

/// A form of a page: where it goes and what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRead {
    /// Its address.
    pub action: String,
    /// Its fields with their values, as a browser would send them untouched.
    pub held: Vec<(String, String)>,
}

impl FormRead {
    /// What is sent when these fields are filled in: they take the place of fields of the same name.
    pub fn filled<'a>(&'a self, fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
        let untouched = self.held.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        untouched
            .filter(|(name, _)| !fields.iter().any(|(given, _)| given == name))
            .chain(fields.iter().copied())
            .collect()
    }
}

impl PageRead {
    /// Reads a page's HTML.
    pub fn new(body: &[u8]) -> Self {
        Self { html: Html::parse_document(&String::from_utf8_lossy(body)) }
    }

    /// The page's words with spaces folded, scripts and hidden fields left out.
    pub fn text(&self) -> String {
        self.html.root_element().text().collect::<Vec<_>>().join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The words of the page's main part, a line for each piece of text, spaces folded.
    pub fn lines(&self) -> Vec<String> {
        let texts = self.all("main").into_iter().flat_map(|main| main.text().collect::<Vec<_>>());
        let folded = texts.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
        folded.filter(|line| !line.is_empty()).collect()
    }

    fn all(&self, css: &str) -> Vec<ElementRef<'_>> {
        Selector::parse(css).map(|selector| self.html.select(&selector).collect()).unwrap_or_default()
    }

    /// Every link: its words and where it leads.
    pub fn links(&self) -> Vec<(String, String)> {
        let words =
            |link: &ElementRef| link.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        self.all("a[href]").iter().map(|link| (words(link), link.attr("href").unwrap_or_default().to_owned())).collect()
    }

    /// The values offered by a field's choices (radios, checkboxes, options), the empty one left out.
    pub fn choices(&self, name: &str) -> Vec<String> {
        let css = format!("input[name=\"{name}\"], select[name=\"{name}\"] option");
        let values = self.all(&css).into_iter().filter_map(|choice| choice.attr("value").map(str::to_owned));
        values.filter(|value| !value.is_empty()).collect()
    }

    /// What a list offers: value and words, the empty one left out.
    pub fn options(&self, name: &str) -> Vec<(String, String)> {
        let css = format!("select[name=\"{name}\"] option");
        let of = |option: ElementRef| {
            Some((option.attr("value")?.to_owned(), option.text().collect::<String>().trim().to_owned()))
        };
        self.all(&css).into_iter().filter_map(of).filter(|(value, _)| !value.is_empty()).collect()
    }

    /// Every form that is posted, in order; one whose button leads elsewhere is there once more with that address.
    pub fn forms(&self) -> Vec<FormRead> {
        self.all("form[method=post]").iter().flat_map(forms).collect()
    }

    /// The first form whose address ends so.
    pub fn form(&self, action: &str) -> Option<FormRead> {
        self.forms().into_iter().find(|form| form.action.ends_with(action))
    }
}

fn forms(form: &ElementRef) -> Vec<FormRead> {
    let mut held = Vec::new();
    let (Ok(fields), Ok(buttons)) =
        (Selector::parse("input[name], textarea[name], select[name]"), Selector::parse("button[formaction]"))
    else {
        return Vec::new();
    };
    for field in form.select(&fields) {
        let name = field.attr("name").unwrap_or_default().to_owned();
        let value = match (field.value().name(), field.attr("type").unwrap_or_default()) {
            ("input", "radio" | "checkbox") if field.attr("checked").is_none() => continue,
            ("input", "submit" | "button") => continue,
            ("textarea", _) => {
                let text: String = field.text().collect();
                text.strip_prefix('\n').unwrap_or(&text).to_owned()
            }
            ("select", _) => selected(&field),
            _ => field.attr("value").unwrap_or_default().to_owned(),
        };
        held.push((name, value));
    }
    let elsewhere = form.select(&buttons).filter_map(|button| button.attr("formaction"));
    let actions = [form.attr("action").unwrap_or_default()].into_iter().chain(elsewhere);
    actions.map(|action| FormRead { action: action.to_owned(), held: held.clone() }).collect()
}

fn selected(field: &ElementRef) -> String {
    let Ok(options) = Selector::parse("option[selected]") else { return String::new() };
    field.select(&options).next().and_then(|option| option.attr("value")).unwrap_or_default().to_owned()
}

/// Encodes fields as a browser sends them (`application/x-www-form-urlencoded`).
pub fn encoded(fields: &[(&str, &str)]) -> String {
    let encode = crate::person::encode;
    fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&")
}
