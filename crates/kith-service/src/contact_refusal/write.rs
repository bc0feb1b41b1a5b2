//! Writing a refusal of contact down, the notices that were given, and how it ended.

use kith_domain::calendar;
use kith_domain::contact_refusal::{ContactRefusal, EndRefusal, NoticeGiven, RefusalState, RefusedContact};
use kith_domain::form::{Fields, Problem};
use kith_domain::ids::{AccountId, ChildId, ContactRefusalId};
use kith_domain::notice::NoticeKind;
use kith_domain::session::Flag;
use kith_store::{Look, RefusalOfContact, Relative, StoreError, Work};
use serde::{Deserialize, Serialize};

use crate::file::child_in_contact;
use crate::report::address::Address;
use crate::waiting::MORNING;
use crate::{Desk, ServiceError};

/// A refusal of contact that is written down.
#[derive(Clone, Serialize, Deserialize)]
pub struct RefuseContact {
    /// The id it will have, made when the form was shown: sent twice it is one.
    pub id: ContactRefusalId,
    /// With which child.
    pub child: ChildId,
    /// What was decided.
    pub refused: RefusedContact,
}

impl Desk {
    /// Writes down that contact is refused. What is booked with the person in its days is flagged and the supervisors told;
    /// the coordinators and managers of the area and the social worker are told, and again on days 5 and 7 and when it has
    /// run out (handbook section 7). Sent twice it is written down once. Returns how many sessions are flagged.
    pub async fn refuse_contact(&self, command: &RefuseContact) -> Result<usize, ServiceError> {
        self.allow_file("file.change", command.child).await?;
        let (me, now_ms) = (self.me()?, self.now_ms());
        let refused = &command.refused;
        let added = self.change("refusal.written", |work| async move {
            self.may_be_refused(&work, command).await?;
            let mut of = RefusalOfContact {
                id: command.id,
                version: 0,
                child: command.child,
                author: me,
                state: RefusalState::Running,
                created_ms: now_ms,
                until_day: calendar::day_number(refused.last_day()),
                body: ContactRefusal::new(refused.clone()),
            };
            work.insert_contact_refusal(&mut of).await?;
            let days = calendar::day_number(refused.began)..=calendar::day_number(refused.last_day());
            let (child, people) = (command.child, [refused.person]);
            let flagged = self.flag_for_people(&work, child, &people, days, Flag::ContactRefused).await?;
            let whom = self.concerned_by_refusal(&work, child).await?;
            self.tell(&work, whom, NoticeKind::RefusalBegan, of.id.0).await?;
            for (kind, day) in [
                (NoticeKind::RefusalDayFive, refused.warned_on()),
                (NoticeKind::RefusalDaySeven, refused.last_day()),
                (NoticeKind::RefusalRunOut, refused.owed_again()),
            ] {
                self.remind(&work, kind, of.id.0, child, calendar::instant_ms(day, MORNING)).await?;
            }
            Ok(flagged)
        });
        match added.await {
            // The same form again: it is there. Another's id is refused.
            Err(ServiceError::Store(StoreError::Duplicate)) => {
                self.contact_refusal(command.id).await?;
                Ok(0)
            }
            added => added,
        }
    }

    /// What stands against writing it down, each with its field.
    async fn may_be_refused(&self, look: &Look, command: &RefuseContact) -> Result<(), ServiceError> {
        let refused = &command.refused;
        let child = child_in_contact(look, command.child).await?;
        let family = look.family(command.child).await?;
        let can = self.can_be_refused(look, command.child, &family).await?;
        let mut problems = Vec::new();
        if !can.iter().any(|(person, _)| *person == refused.person) {
            let words = "Choose somebody who is entitled to contact under section 34(1) or named in an order. Contact with \
                         anybody else is changed in the contact plan";
            problems.push(Problem::new("person", words));
        }
        let others = look.refusals_of(command.child).await?;
        let same = others.iter().filter(|of| of.id != command.id && of.body.refused.person == refused.person);
        for other in same.filter(|of| of.state != RefusalState::Mistaken) {
            let (theirs, until) = (&other.body.refused, other.body.stands_until());
            let next = calendar::day_of(calendar::day_number(until) + 1);
            if refused.began <= next && theirs.began <= refused.last_day() {
                let words = format!(
                    "Contact with them is refused from {} to {} already, and the law allows seven days. From then on only a \
                     court can: ask legal for an order under section 34(4)",
                    calendar::long_date(theirs.began),
                    calendar::long_date(until)
                );
                problems.push(Problem::new("began-day", words));
                break;
            }
        }
        if let Some(address) = child.body.placement.as_ref().filter(|placement| placement.confidential) {
            let address = Address::of(&address.address);
            for (field, text) in [("reasons", &refused.reasons), ("urgency", &refused.urgency)] {
                if address.is_in(text) {
                    let words =
                        "The placement address is confidential, and the person reads this. Take the address out";
                    problems.push(Problem::new(field, words));
                }
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(problems)) }
    }

    /// Adds a notice that was given, as typed. The same notice twice is there once.
    pub async fn note_given(&self, id: ContactRefusalId, typed: &Fields) -> Result<(), ServiceError> {
        self.allow_refusal(id).await?;
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        self.change("refusal.notice_given", |work| async move {
            let mut of = work.contact_refusal(id).await?;
            let given = NoticeGiven::read(typed, &of.body.refused, today, me, now_ms).map_err(ServiceError::Invalid)?;
            if of.body.notices.iter().any(|there| there.is_same(&given)) {
                work.changed("contact_refusal", id.0, of.version);
                return Ok(());
            }
            of.body.notices.push(given);
            work.save_contact_refusal(&mut of).await?;
            Ok(())
        })
        .await
    }

    /// Writes down how a refusal ended: contact goes on, a court has decided, or it was a mistake. The coordinators, managers
    /// and the social worker are told; what was flagged stays so until somebody has looked at it again.
    pub async fn end_refusal(&self, id: ContactRefusalId, typed: &Fields) -> Result<(), ServiceError> {
        self.allow_refusal(id).await?;
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        self.change("refusal.ended", |work| async move {
            let mut of = work.contact_refusal(id).await?;
            let end = EndRefusal::read(typed, &of.body.refused, today).map_err(ServiceError::Invalid)?;
            if let EndRefusal::Order { order, .. } = &end {
                let orders = work.orders_of(of.child).await?;
                if !orders.iter().any(|known| known.id == *order) {
                    let words =
                        "Choose one of the orders on the child’s file. Write the order down first if it is not there";
                    return Err(ServiceError::field("order", words));
                }
            }
            of.state = of.body.end(of.state, end, today, me, now_ms)?;
            work.save_contact_refusal(&mut of).await?;
            let whom = self.concerned_by_refusal(&work, of.child).await?;
            self.tell(&work, whom, NoticeKind::RefusalEnded, id.0).await
        })
        .await
    }

    /// Allows a change of a refusal, before it is opened.
    async fn allow_refusal(&self, id: ContactRefusalId) -> Result<(), ServiceError> {
        let child = self.look().child_of_refusal(id).await?;
        self.allow_file_of("file.change", id.0, child).await.map(drop)
    }

    /// Whom a refusal of contact concerns: the coordinators and managers of the area, and the social worker.
    pub(crate) async fn concerned_by_refusal(
        &self,
        work: &Work,
        child: ChildId,
    ) -> Result<Vec<AccountId>, ServiceError> {
        let Some(scope) = work.file_scope(child).await? else { return Ok(Vec::new()) };
        let mut whom = self.who_allocates(&scope.area);
        whom.push(scope.social_worker);
        Ok(whom)
    }
}

/// Whether contact with a person is refused on a day, by which of the refusals.
pub(crate) fn refused_on<'a>(
    refusals: &'a [RefusalOfContact],
    relative: &Relative,
    day: jiff::civil::Date,
) -> Option<&'a RefusalOfContact> {
    refusals.iter().find(|of| of.body.refused.person == relative.person.id && of.body.refuses(day))
}
