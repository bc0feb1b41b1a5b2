//! What kind of browser somebody signed in with: as little as is needed to know one’s own devices again.

/// Names of browsers as they stand in a `User-Agent` header, the more telling first, and as they are said.
const BROWSERS: [(&str, &str, &str); 6] = [
    ("Edg", "edge", "Edge"),
    ("OPR/", "opera", "Opera"),
    ("Firefox/", "firefox", "Firefox"),
    ("FxiOS/", "firefox", "Firefox"),
    ("Chrome/", "chrome", "Chrome"),
    ("Safari/", "safari", "Safari"),
];
/// Names of systems in the same way.
const SYSTEMS: [(&str, &str, &str); 7] = [
    ("iPhone", "iphone", "an iPhone"),
    ("iPad", "ipad", "an iPad"),
    ("Android", "android", "Android"),
    ("CrOS", "chromeos", "a Chromebook"),
    ("Windows", "windows", "Windows"),
    ("Macintosh", "mac", "a Mac"),
    ("Linux", "linux", "Linux"),
];

/// The kind of browser of a `User-Agent` header, such as `firefox.windows`: one of a few dozen codes, with no version, so that it
/// tells nobody from another.
pub fn kind(user_agent: &str) -> String {
    let find = |of: &[(&str, &'static str, &str)]| {
        of.iter().find(|(sign, ..)| user_agent.contains(sign)).map_or("other", |(_, code, _)| code)
    };
    format!("{}.{}", find(&BROWSERS), find(&SYSTEMS))
}

/// A kind of browser in words, such as `Firefox on Windows`.
pub fn words(kind: &str) -> String {
    let (browser, system) = kind.split_once('.').unwrap_or((kind, ""));
    let find =
        |of: &[(&str, &str, &'static str)], code| of.iter().find(|(_, own, _)| *own == code).map(|(.., words)| *words);
    let browser = find(&BROWSERS, browser).unwrap_or("A browser");
    match find(&SYSTEMS, system) {
        Some(system) => format!("{browser} on {system}"),
        None => browser.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_in_plain_words() {
        for (agent, said) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on an iPad",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.0", "A browser"),
            ("", "A browser"),
        ] {
            assert_eq!(words(&kind(agent)), said, "{agent}");
        }
        assert_eq!(words("no kind"), "A browser");
    }
}
