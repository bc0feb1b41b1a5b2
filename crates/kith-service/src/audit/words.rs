//! The codes of the access log in words.

use kith_domain::form::upper_first;

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
        "mail.written" => Some("Wrote a message by email"),
        "mail.sent" => Some("Sent a message by email"),
        "notice.unread" => Some("Looked whether something urgent was read"),
        "retention.looked_through" => Some("Looked through all files for those whose time is over"),
        "retention.forecast" => Some("Counted how many files come to their end in which year"),
        "retention.found_destroyed" => Some("Took out of the data a file that had been destroyed"),
        "destruction.begun" => Some("Asked for the last time whether a file may be destroyed, and began it if so"),
        "destruction.done" => Some("Destroyed a file"),
        "archive.begun" => Some("Asked whether a file may go to an archive, and began its bag if so"),
        "archive.looked_through" => Some("Looked through a file that goes to an archive"),
        "archive.collected" => Some("Read a file for the bag of an archive"),
        "archive.documents_collected" => Some("Took the documents of a file into the bag of an archive"),
        "archive.made" => Some("Made the bag for an archive"),
        "archive.read" => Some("Read what goes to an archive"),
        "archive.asked" => Some("Asked for a file to go to an archive first"),
        "archive.unasked" => Some("Took back that a file goes to an archive first"),
        "archive.sent" => Some("Fetched a bag to give it to an archive"),
        "archive.received" => Some("Wrote down that an archive has a file"),
        "archive.stopped" => Some("Stopped that a file goes to an archive"),
        "archive.again" => Some("Had the bag for an archive made again"),
        "archive.bag_ended" => Some("Took away a bag for an archive"),
        "hand_over.code_tried" => Some("Typed a code to take what was made ready"),
        "hand_over.taken" => Some("Took what was made ready, with a code"),
        "breach.log_read" => Some("Read what an account opened, beside a breach"),
        "breach.files_read" => Some("Read whose files an account opened, beside a breach"),
        "breach.account_named" => Some("Named an account to be looked at, beside a breach"),
        "breach.affected_said" => Some("Said whose files a breach affects"),
        "pack.ended" => Some("Took away what was collected for a request, or put it off"),
        "request.ended" => Some("Ended a request, or put it off"),
        "request.found_ended" => Some("Took out of the data a request that had ended"),
        "hold.begun" => Some("Began to set a legal hold"),
        "clocks.read" => Some("Read what is running out"),
        "log.joined" => Some("One more server signs the log"),
        "log.restored" => Some("The signed log was taken up from a backup"),
        "keys.master_rotated" => Some("Another master key was taken"),
        "keys.shares_made" => Some("The master key was written out in shares"),
        "keys.index_rotation" => Some("Began to take another key for searching"),
        "index.marks_renewed" => Some("Made findable by what this Kith compares"),
        "keys.index_renewed" => Some("Made findable under another key for searching"),
        "keys.index_rotated" => Some("Took another key for searching"),
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
        "token" => Some("What a file is found by"),
        "clock" => Some("Until when something runs"),
        "hold_file" => Some("File kept by a theme"),
        "destruction_list" => Some("List of files to be destroyed"),
        "destruction_item" => Some("File on a list to be destroyed"),
        "certificate" => Some("Certificate of destruction"),
        "archive_transfer" => Some("File that goes to an archive"),
        "archive_bag" => Some("Bag for an archive"),
        "index_state" => Some("Key for searching"),
        _ => None,
    };
    known.map_or_else(|| plain(table), str::to_owned)
}

fn plain(code: &str) -> String {
    let text = code.replacen('.', ": ", 1).replace(['_', '.'], " ");
    upper_first(&text)
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
        for code in ["master_rotated", "shares_made", "index_rotation", "index_renewed", "index_rotated"] {
            assert!(!action_words(&format!("keys.{code}")).contains(':'), "{code} has no words of its own");
        }
    }
}
