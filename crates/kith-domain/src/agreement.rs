//! Who agrees to what an administrator asks for an account: nobody becomes another alone.

use crate::access::Role;
use crate::codes::codes;

codes! {
    /// What is asked for an account.
    Proposed {
        New = "new", "A new account";
        Invite = "invite", "A new invitation";
        Move = "move", "Another role or area";
    }
}

/// Whether a colleague is one of those who agree to what is asked for an account of a role and area: the managers of the area
/// and the data protection officers; for the data protection officer’s own a manager; for an administrator’s another
/// administrator or a data protection officer. Whoever asked, and whose account it is, agrees to nothing: the service sees to
/// that.
pub fn agrees(to: Role, area: &str, who: Role, who_area: &str) -> bool {
    match to {
        Role::DataProtection => who == Role::Manager,
        Role::Auditor => matches!(who, Role::Manager | Role::DataProtection),
        Role::Administrator => matches!(who, Role::Administrator | Role::DataProtection),
        _ => who == Role::DataProtection || (who == Role::Manager && who_area == area),
    }
}

/// Whether a colleague stands in where nobody is in use who [`agrees`]: any manager or data protection officer.
pub const fn stands_in(who: Role) -> bool {
    matches!(who, Role::Manager | Role::DataProtection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_agrees_by_the_role_and_area_of_the_account() {
        let staff = [
            (Role::Manager, "north"),
            (Role::Manager, "south"),
            (Role::DataProtection, ""),
            (Role::Administrator, ""),
            (Role::Coordinator, "north"),
            (Role::Supervisor, "north"),
            (Role::SocialWorker, "north"),
            (Role::Auditor, ""),
        ];
        let of = |to, area: &str| -> Vec<usize> {
            staff.iter().enumerate().filter(|(_, (who, of))| agrees(to, area, *who, of)).map(|(at, _)| at).collect()
        };
        for role in [Role::SocialWorker, Role::Coordinator, Role::Supervisor, Role::Manager] {
            assert_eq!(of(role, "north"), [0, 2], "{role:?}");
        }
        assert_eq!(of(Role::DataProtection, ""), [0, 1]);
        assert_eq!(of(Role::Auditor, ""), [0, 1, 2]);
        assert_eq!(of(Role::Administrator, ""), [2, 3]);
    }
}
