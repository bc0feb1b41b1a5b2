//! Closing an account: what waits for the person is given to whom is said, in the same transaction; what nobody takes is
//! marked, and those are told who can give it to somebody.

use kith_domain::access::Role;
use kith_domain::account::{CloseAccount, Waits};
use kith_domain::calendar;
use kith_domain::form::Problem;
use kith_domain::ids::{AccountId, AssessmentId, ChildId, ReferralId, ReportId, SessionId};
use kith_domain::notice::NoticeKind;
use kith_domain::session::{BOOK_AHEAD_DAYS, Flag, Seat, SessionState};
use kith_store::{AccountState, Look, Work};
use uuid::Uuid;

use crate::session::StandIn;
use crate::{Card, Desk, ServiceError};

/// One thing that waits for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// What it is.
    pub kind: Waits,
    /// Its id.
    pub id: Uuid,
    /// The areas of the children it is about.
    pub areas: Vec<String>,
    /// Which one it is, in words that name nobody.
    pub words: String,
}

/// What waits for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitsFor(pub Vec<Waiting>);

impl WaitsFor {
    /// Whether nothing waits.
    pub fn is_nothing(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of one kind.
    pub fn of(&self, kind: Waits) -> impl Iterator<Item = &Waiting> {
        self.0.iter().filter(move |waiting| waiting.kind == kind)
    }
}

impl Desk {
    /// What waits for a person: asked before their account is closed. Ids and times; nothing is opened.
    pub async fn waits_for(&self, id: AccountId) -> Result<WaitsFor, ServiceError> {
        self.allow_service("accounts.manage").await?;
        self.what_waits(&self.snapshot().await?, id).await
    }

    pub(super) async fn what_waits(&self, look: &Look, id: AccountId) -> Result<WaitsFor, ServiceError> {
        let today = calendar::day_number(self.service.today());
        let mut waits = Vec::new();
        let sessions = look.diary_of_staff(id, today, today + BOOK_AHEAD_DAYS).await?;
        let children: Vec<ChildId> = sessions.iter().flat_map(|of| of.places.iter().map(|place| place.child)).collect();
        let scopes = look.file_scopes(&children).await?;
        for session in sessions {
            let kind = match session.state {
                SessionState::InProgress => Waits::InCourse,
                SessionState::Planned | SessionState::Confirmed if session.slot.ends_ms() > self.now_ms() => {
                    Waits::Sessions
                }
                _ => continue,
            };
            let here = |child| session.places.iter().any(|place| place.child == child);
            let mut areas: Vec<String> =
                scopes.iter().filter(|scope| here(scope.child)).map(|scope| scope.area.clone()).collect();
            areas.sort_unstable();
            areas.dedup();
            waits.push(Waiting { kind, id: session.id.0, areas, words: session.slot.label() });
        }
        for left in look.left_by(id).await? {
            let (file, begun) = (left.child.reference(), calendar::long_instant(left.at_ms));
            let words = match left.kind {
                Waits::Files => format!("File {file}"),
                _ => format!("Begun {begun}, file {file}"),
            };
            waits.push(Waiting { kind: left.kind, id: left.id, areas: vec![left.area], words });
        }
        // The record of a session that is in course is written by who stands in at it.
        let in_course: Vec<Uuid> = waits.iter().filter(|of| of.kind == Waits::InCourse).map(|of| of.id).collect();
        waits.retain(|of| of.kind != Waits::Records || !in_course.contains(&of.id));
        Ok(WaitsFor(waits))
    }

    /// Closes an account: every browser signed in with it is signed out at once, and what waits for the person goes to whom
    /// is said, or is marked and told to those who can give it to somebody. All of it or nothing. Nobody closes their own,
    /// nor the last administrator's. Closed twice is closed once.
    pub async fn close_account(&self, id: AccountId, command: &CloseAccount) -> Result<(), ServiceError> {
        self.allow_service("accounts.manage").await?;
        if self.actor().is(id) {
            return Err(ServiceError::rule(
                "account.own",
                "You cannot close your own account. Ask another administrator",
            ));
        }
        let now_ms = self.service.real_now_ms();
        let account = self
            .change("account.closed", |work| async move {
                let mut account = work.account(id).await?;
                self.another_administrator(&work, id).await?;
                self.another_second(&work, &account).await?;
                let waits = self.what_waits(&work, id).await?;
                self.may_close(id, command, &waits)?;
                for waiting in &waits.0 {
                    match command.taker(waiting.kind, waiting.id) {
                        Some((to, field)) => self.hand_on(&work, id, waiting, to, &field).await?,
                        None => self.leave(&work, waiting).await?,
                    }
                }
                account.state = AccountState::Closed;
                account.proposed_ms = None;
                account.body.proposal = None;
                work.put_away(NoticeKind::AccountProposed, id.0, self.now_ms()).await?;
                self.tell_of_account(&work, &account, NoticeKind::AccountClosed).await?;
                work.save_account(&mut account).await?;
                work.end_sign_ins(id, None, now_ms).await?;
                Ok(account)
            })
            .await?;
        self.service.directory().put(&account);
        Ok(())
    }

    /// Whether everything goes to somebody who can take it, and nobody is taken from a child in the middle of a session
    /// unsaid.
    fn may_close(&self, id: AccountId, command: &CloseAccount, waits: &WaitsFor) -> Result<(), ServiceError> {
        let mut problems: Vec<Problem> = Vec::new();
        let mut wrong = |field: String, words: String| {
            if !problems.iter().any(|problem| problem.field == field) {
                problems.push(Problem::new(field, words));
            }
        };
        for waiting in &waits.0 {
            let Some((to, field)) = command.taker(waiting.kind, waiting.id) else {
                if waiting.kind == Waits::InCourse && !command.during_session {
                    let words = format!(
                        "{} is with a child now, in the session {}. Choose who stands in, or say that the account is closed \
                         all the same",
                        self.service.name_of(id),
                        waiting.words
                    );
                    wrong(format!("to-{}", Waits::InCourse.code()), words);
                }
                continue;
            };
            if to == id {
                wrong(field, "Choose somebody else: this account is being closed".to_owned());
            } else if !self.service.card(to).is_some_and(|card| takes(&card, waiting)) {
                wrong(
                    field,
                    "Choose somebody from the list: an account in use, in a role and area that can take this".into(),
                );
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(ServiceError::Invalid(problems)) }
    }

    /// Gives what waits to somebody.
    async fn hand_on(
        &self,
        work: &Work,
        from: AccountId,
        waiting: &Waiting,
        to: AccountId,
        field: &str,
    ) -> Result<(), ServiceError> {
        let id = waiting.id;
        match waiting.kind {
            Waits::InCourse | Waits::Sessions => {
                let mut session = work.session(SessionId(id)).await?;
                let seat = if session.supervisor == from { Seat::First } else { Seat::Second };
                let stand_in = StandIn { seat, who: to, why: "The supervisor has left the service".to_owned() };
                let done = self.put_in(work, &mut session, from, &stand_in, &self.service.name_of(to)).await;
                done.map_err(|error| at_field(error, field, &waiting.words))
            }
            Waits::Files => {
                let by = self.access.actor.account;
                let done = self.give(work, ChildId(id), to, by, "The social worker has left").await;
                done.map_err(|error| at_field(error, field, &waiting.words))
            }
            // It goes with its file.
            Waits::Referrals => Ok(()),
            Waits::Verifications => {
                let of = work.verification(ReferralId(id)).await?;
                if let Some(mut of) = of {
                    of.verifier = to;
                    work.save_verification(&mut of).await?;
                }
                self.tell(work, [to], NoticeKind::ReferralSubmitted, id).await
            }
            Waits::Records => self.tell(work, [to], NoticeKind::RecordLeft, id).await,
            Waits::Assessments => self.take_assessment_in(work, AssessmentId(id), to).await,
            Waits::Reports => self.take_report_in(work, ReportId(id), to).await,
        }
    }

    /// Marks what nobody takes, and tells those who can give it to somebody.
    async fn leave(&self, work: &Work, waiting: &Waiting) -> Result<(), ServiceError> {
        let of_areas = |role| waiting.areas.iter().flat_map(move |area| self.of_area(role, area)).collect::<Vec<_>>();
        let team = || [of_areas(Role::Coordinator), of_areas(Role::Manager)].concat();
        let (whom, kind) = match waiting.kind {
            Waits::InCourse => (team(), NoticeKind::SessionFlagged),
            Waits::Sessions => {
                let session = work.session(SessionId(waiting.id)).await?;
                self.flag(work, &[session], Flag::SupervisorGone).await?;
                (of_areas(Role::Coordinator), NoticeKind::SessionFlagged)
            }
            Waits::Files => (team(), NoticeKind::FileWithoutWorker),
            Waits::Referrals => return Ok(()),
            Waits::Verifications => (of_areas(Role::Coordinator), NoticeKind::ReferralSubmitted),
            Waits::Records => (of_areas(Role::Manager), NoticeKind::RecordLeft),
            Waits::Assessments => (team(), NoticeKind::AssessmentLeft),
            Waits::Reports => (team(), NoticeKind::ReportLeft),
        };
        self.tell(work, whom, kind, waiting.id).await
    }

    /// Whether somebody who began something has left, so that a colleague can take it over.
    pub(crate) fn has_left(&self, id: AccountId) -> bool {
        self.service.card(id).is_none_or(|card| !card.active)
    }
}

/// Whether somebody can take a thing: an account in use, in the right role, and of one of its areas. A social worker takes a
/// file wherever they work.
fn takes(card: &Card, waiting: &Waiting) -> bool {
    let of_area = waiting.kind == Waits::Files || waiting.areas.contains(&card.area);
    card.active && of_area && waiting.kind.takers().contains(&card.role)
}

/// A problem with who was chosen for one thing, said at the field that chose them.
fn at_field(error: ServiceError, field: &str, which: &str) -> ServiceError {
    match error {
        ServiceError::Invalid(problems) => {
            let words = problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join(". ");
            ServiceError::field(field, format!("{which}: {words}"))
        }
        error => error,
    }
}
