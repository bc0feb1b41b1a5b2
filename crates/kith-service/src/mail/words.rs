//! What a message says: the kinds of what happened, and where to sign in. No name, no number, no id.

use std::collections::BTreeMap;

use kith_domain::notice::NoticeKind;
use kith_store::Notice;

/// The subject line, which others see in passing.
pub(super) fn subject(notices: &[Notice]) -> &'static str {
    if notices.iter().any(|notice| notice.kind.is_urgent()) {
        "Kith: something urgent for you to read"
    } else {
        "Kith: something for you to read"
    }
}

/// The text: each kind of thing once, the urgent ones first, with how many there are; `address` is where to sign in.
pub(super) fn text(service: &str, notices: &[Notice], address: &str) -> String {
    let mut kinds: BTreeMap<(bool, String), usize> = BTreeMap::new();
    for notice in notices {
        let words = notice.kind.words(notice.subject == notice.account.0);
        *kinds.entry((!notice.kind.is_urgent(), words)).or_default() += 1;
    }
    let line = |((later, words), count): (&(bool, String), &usize)| {
        let urgent = if *later { "" } else { "Urgent: " };
        let times = if *count > 1 { format!(" ({count} times)") } else { String::new() };
        format!("- {urgent}{words}{times}")
    };
    let lines: Vec<String> = kinds.iter().map(line).collect();
    let text = format!(
        "{service}\n\n{}\n\nSign in to read it:\n{address}/\n\nThis message names nobody. Please do not answer it.\n\
         Under “My account” you can choose which messages you get.\n",
        lines.join("\n")
    );
    // Plain letters pass through every server as they are.
    text.replace(['’', '‘'], "'").replace(['“', '”'], "\"")
}

/// Whether a message is sent for this to somebody who wants urgent ones alone.
pub(super) const fn is_sent(kind: NoticeKind, only_urgent: bool) -> bool {
    !only_urgent || kind.is_urgent()
}
