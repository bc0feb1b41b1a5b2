//! The notices of a refusal of contact, as letters: what regulation 8(3) of the Care Planning, Placement and Case Review
//! (England) Regulations 2010 says is in them: the decision, its date, the reasons, how long, and what can be done against it.

use kith_domain::calendar::{long_date, weekday_date};
use kith_domain::contact_refusal::{Recipient, RefusalState, RefusedContact};
use kith_domain::ids::ContactRefusalId;
use kith_papers::{LetterPaper, LetterPart};

use crate::record::letterhead;
use crate::referral::MARKING;
use crate::report::address::Address;
use crate::typesetting::{self, dated};
use crate::{Desk, Register, ServiceError};

/// Whom a notice is about.
struct Whom {
    /// The person's name.
    person: String,
    /// What the child calls them, where the file says: "your mother".
    to_the_child: String,
    /// The child's first name.
    child: String,
    /// The social worker.
    worker: String,
}

impl Desk {
    /// The notice to the person or to the child, as a PDF file. [`ServiceError::NotFound`] where there is none to them, and of
    /// what was written down by mistake.
    pub async fn refusal_notice(&self, id: ContactRefusalId, to: Recipient) -> Result<Vec<u8>, ServiceError> {
        let child = self.look().child_of_refusal(id).await?;
        let (look, _) = self.look_into_file_of("file.read", id.0, child).await?;
        let refusal = look.contact_refusal(id).await?;
        let child = look.child(refusal.child).await?;
        let family = look.family(refusal.child).await?;
        look.done("refusal.notice_printed", self.now_ms()).await?;
        if refusal.state == RefusalState::Mistaken {
            return Err(ServiceError::NotFound);
        }
        let refused = &refusal.body.refused;
        let relative = family.iter().find(|of| of.person.id == refused.person).ok_or(ServiceError::NotFound)?;
        let whom = Whom {
            person: relative.name(),
            to_the_child: format!("{} ({})", relative.name(), relative.relation.relationship.label().to_lowercase()),
            child: child.first_name(),
            worker: self.service.name_of(child.social_worker),
        };
        let register = self.service.register();
        let (title, addressed, parts) = match (to, &refused.for_the_child) {
            (Recipient::Person, _) => {
                let address = child.body.placement.as_ref().filter(|placement| placement.confidential);
                let address = address.map(|placement| Address::of(&placement.address));
                let parts = to_the_person(refused, &whom, register, address.as_ref());
                ("Notice that contact is refused", whom.person.clone(), parts)
            }
            (Recipient::Child, Some(words)) => {
                ("About seeing your family", whom.child.clone(), to_the_child(refused, &whom, words, register))
            }
            _ => return Err(ServiceError::NotFound),
        };
        let paper = LetterPaper {
            letterhead: letterhead(register),
            marking: MARKING.to_owned(),
            reference: id.reference(),
            title: title.to_owned(),
            to: addressed,
            date: long_date(self.service.today()),
            parts,
            closing: format!("{}, for {}", refused.decided_by, register.authority().name),
            dated: dated(self.now_ms()),
        };
        typesetting::set(move || kith_papers::letter(&paper)).await
    }
}

fn part(heading: &str, paragraphs: Vec<String>) -> LetterPart {
    LetterPart { heading: heading.to_owned(), paragraphs }
}

fn to_the_person(
    refused: &RefusedContact,
    whom: &Whom,
    register: &Register,
    address: Option<&Address>,
) -> Vec<LetterPart> {
    let authority = register.authority();
    let safe = |text: &String| address.map_or_else(|| text.clone(), |address| address.withheld(text));
    let (began, last) = (weekday_date(refused.began), weekday_date(refused.last_day()));
    vec![
        part(
            "What has been decided",
            vec![
                format!(
                    "{} has decided that for now you and {} will have no contact: no visits, calls, messages or letters \
                     that the council arranges.",
                    authority.name, whom.child
                ),
                format!("The decision was made on {began}, by {}.", refused.decided_by),
            ],
        ),
        part("Why", vec![safe(&refused.reasons)]),
        part("Why it could not wait for a court", vec![safe(&refused.urgency)]),
        part(
            "For how long",
            vec![
                format!("From {began} to {last} at the latest: seven days, and the first of them counts."),
                format!(
                    "Contact goes on from {} unless a court has decided otherwise by then. If the council asks a court for an \
                     order, you will be told and can be heard.",
                    weekday_date(refused.owed_again())
                ),
            ],
        ),
        part(
            "The law",
            vec![
                "Children Act 1989, section 34(6): a council may refuse contact with a child in its care only if it is \
                 satisfied that this is needed to safeguard or promote the child’s welfare, only as a matter of urgency, and \
                 for not more than seven days."
                    .to_owned(),
            ],
        ),
        part(
            "If you do not agree",
            vec![
                format!(
                    "Speak to {}, the social worker, or to the contact service: {}, {}.",
                    whom.worker, authority.phone, authority.email
                ),
                format!(
                    "You can complain to {} (Children Act 1989, section 26), and ask that the independent reviewing officer \
                     looks at the decision.",
                    authority.name
                ),
                "You can ask the Family Court to decide about contact (Children Act 1989, section 34). A solicitor can tell \
                 you how, and whether legal aid pays for it."
                    .to_owned(),
            ],
        ),
    ]
}

fn to_the_child(refused: &RefusedContact, whom: &Whom, words: &str, register: &Register) -> Vec<LetterPart> {
    let authority = register.authority();
    vec![
        part(
            "What has been decided",
            vec![format!(
                "For a few days you will not see {}. This begins on {}.",
                whom.to_the_child,
                weekday_date(refused.began)
            )],
        ),
        part("Why", vec![words.to_owned(), "This is not your fault.".to_owned()]),
        part(
            "What happens next",
            vec![format!(
                "It lasts until {} at the latest. After that you see each other again, or a judge decides what is best for \
                 you. You will be told.",
                weekday_date(refused.last_day())
            )],
        ),
        part(
            "If you are not happy with it",
            vec![
                format!("You can tell {}, your social worker, or anybody you trust.", whom.worker),
                "You can ask for your independent reviewing officer: the person who checks that you are looked after well."
                    .to_owned(),
                "You can ask for an advocate: somebody who is on your side and speaks up for you.".to_owned(),
                format!(
                    "You can complain, and somebody will help you to do it: {}, {}.",
                    authority.phone, authority.email
                ),
            ],
        ),
    ]
}
