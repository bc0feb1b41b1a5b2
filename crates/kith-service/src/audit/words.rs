//! The codes of the access log in words.

/// What was done, in words: `referral.read` is "Referral: read". Every code has words, also one that a later version
/// wrote.
pub fn action_words(code: &str) -> String {
    let known = match code {
        "search" => Some("Searched for a file"),
        "look.abandoned" => Some("Looked, without getting an answer"),
        "sign_in.begin" => Some("Began to sign in"),
        "sign_in.attempted" => Some("Tried to sign in"),
        "sign_in.told" => Some("Told of attempts to sign in"),
        "sign_in.success" => Some("Signed in"),
        "sign_in.failed" => Some("Failed to sign in"),
        "sign_in.ended" => Some("Signed out"),
        "sign_in.step_up" | "sign_in.confirmed" => Some("Gave the password again"),
        "referral.compared" => Some("Compared a referral with whom is held"),
        "ledger.searches_read" => Some("Asked who searched for somebody"),
        "ledger.read" => Some("Read the access log"),
        kith_store::NOT_OURS => Some("Not written by Kith, or altered since: do not believe it, and tell the auditor"),
        "log.begun_anew" => Some("The signed log was begun anew"),
        "store.renewed" => Some("Kept as this version of Kith keeps it"),
        "log.restored" => Some("The signed log was taken up from a backup"),
        _ => None,
    };
    known.map_or_else(|| plain(code), str::to_owned)
}

/// What kind of record, in words.
pub fn record_words(table: &str) -> String {
    let known = match table {
        "child" => Some("Child’s file"),
        "person" => Some("Family member"),
        "relationship" => Some("Family relationship"),
        "record" => Some("Session record"),
        "entry" => Some("Record entry"),
        "session" => Some("Contact session"),
        "account" => Some("Staff account"),
        "shift" => Some("Working hours"),
        "outbox" => Some("Reminder"),
        _ => None,
    };
    known.map_or_else(|| plain(table), str::to_owned)
}

fn plain(code: &str) -> String {
    let text = code.replacen('.', ": ", 1).replace(['_', '.'], " ");
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_words() {
        assert_eq!(action_words("referral.being_verified"), "Referral: being verified");
        assert_eq!(action_words("sign_in.success"), "Signed in");
        assert_eq!(record_words("contact_plan"), "Contact plan");
        assert_eq!(action_words(""), "");
    }
}
