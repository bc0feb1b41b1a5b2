//! What somebody is told on their home page: one kind for each thing that happens. A notice holds no personal data; its
//! words are made from its kind.

use crate::codes::codes;

codes! {
    /// What happened, in the words of the home page.
    NoticeKind {
        ReferralSubmitted = "referral.submitted", "A referral is waiting to be verified";
        ReferralVerifyBy = "referral.verify_by", "A referral has not been verified in time";
        MatchElsewhere = "match.elsewhere", "Somebody in a referral may be known in a file of another area: speak to the manager there";
        MemberElsewhere = "member.elsewhere", "Somebody added to this family may be known in a file of another area: speak to the manager there";
        MatchHere = "match.here", "Somebody in this file may be known in another area too: speak to the manager there";
        ReferralReturned = "referral.returned", "A referral has been returned to you for information";
        ReferralAccepted = "referral.accepted", "Your referral has been accepted";
        ReferralDeclined = "referral.declined", "Your referral has been declined";
        ReferralChildTakenOff = "referral.child_taken_off", "A child has been taken off your referral";
        VerificationNotKnown = "verification.not_known", "Something about a referral is not known: you can decide that it may be accepted";
        VerificationTaken = "verification.taken", "A colleague has taken up a call that you had begun";
        VerificationCallBack = "verification.call_back", "It is time to call a social worker back about a referral";
        VerificationOverridden = "verification.overridden", "A manager has decided on what is not known";
        FileAllocated = "file.allocated", "A child’s file has been given to you";
        FileWithoutWorker = "file.without_worker", "A child has no social worker here: give the file to somebody";
        FileRefused = "file.refused", "A colleague must not see a child’s file: look at who has it and its sessions";
        FileRestricted = "file.restricted", "Something in a child’s file must not be used as before: look at the file";
        FileCovered = "file.covered", "You cover a child’s file for a colleague";
        RecordLeft = "record.left", "A record was left unsigned by somebody who has left: release it as what it is";
        AssessmentLeft = "assessment.left", "A risk assessment is nobody’s: its author has left. Take it over, or begin another";
        AssessmentTaken = "assessment.taken", "A risk assessment that a colleague had begun is yours now";
        AssessmentAwaiting = "assessment.awaiting", "A risk assessment waits for approval";
        AssessmentApproved = "assessment.approved", "Your risk assessment has been approved";
        AssessmentReturned = "assessment.returned", "Your risk assessment has been returned";
        AssessmentVoid = "assessment.void", "A risk assessment is void: look at the sessions it endangers";
        AssessmentValidUntil = "assessment.valid_until", "A risk assessment has run out";
        PlanReviewBy = "plan.review_by", "A contact plan is due for review";
        PlanSuspended = "plan.suspended", "A contact plan has been suspended";
        PlanEnded = "plan.ended", "A contact plan has ended";
        RefusalBegan = "refusal.began", "Contact with somebody is refused for at most seven days: look at the sessions booked";
        RefusalDayFive = "refusal.day_five", "A refusal of contact is in its fifth day: prepare for contact to go on, or for the court";
        RefusalDaySeven = "refusal.day_seven", "A refusal of contact ends today: say when contact goes on, or which order there is";
        RefusalRunOut = "refusal.run_out", "A refusal of contact has run out and nobody has said what came of it";
        RefusalEnded = "refusal.ended", "A refusal of contact has ended: look at the sessions booked";
        SessionRefused = "session.refused", "A supervisor must not have a family: put somebody else into this session";
        SessionConfirmed = "session.confirmed", "A session has been confirmed";
        SessionCancelled = "session.cancelled", "A session has been cancelled";
        SessionMoved = "session.moved", "A session has been moved";
        SessionCorrected = "session.corrected", "What was said of a cancelled session has been corrected";
        SessionStoodIn = "session.stood_in", "You stand in at a session";
        SessionLost = "session.lost", "A colleague stands in for you at a session";
        SessionFlagged = "session.flagged", "A session must be looked at again";
        SessionEndedEarly = "session.ended_early", "A session ended early";
        SessionNotAttended = "session.not_attended", "A session did not take place";
        SessionUnrecorded = "session.unrecorded", "A session has passed and nobody has written how it went";
        SessionLeaveGiven = "session.leave_given", "You may write up a session whose week has passed";
        ConcernRaised = "concern.raised", "A concern has been raised at a session";
        ConcernDanger = "concern.danger", "Immediate danger has been reported from a session";
        RecordSignBy = "record.sign_by", "A record has not been signed in time";
        RecordSigned = "record.signed", "A record has been signed";
        RecordAddedTo = "record.added_to", "Somebody has added to your record";
        RecordReturned = "record.returned", "A record has been returned with comments";
        RecordAccepted = "record.accepted", "Your record has been accepted";
        RecordReleased = "record.released", "A record has been released without a signature";
        ReportLeft = "report.left", "A draft report is nobody’s: its author has left. Take it over, or begin another";
        ReportTaken = "report.taken", "A draft report that a colleague had begun is yours now";
        ReportSigned = "report.signed", "A report for court has been signed";
        FirstSessionBy = "first_session.by", "A child’s first session has not been held in time";
        OrderEnds = "order.ends", "An order about contact ends soon";
        HearingSoon = "hearing.soon", "A hearing about a child is coming";
        UnreadSession = "unread.session", "Something urgent about a session was not read in time by those who were told";
        UnreadConcern = "unread.concern", "A concern was not read in time by those who were told";
        UnreadAssessment = "unread.assessment", "That a risk assessment is void was not read in time by those who were told";
        UnreadFile = "unread.file", "Something urgent about a child’s file was not read in time by those who were told";
        RequestCame = "request.came", "Somebody has asked about information that is held of them";
        RequestReady = "request.ready", "An answer to somebody’s request waits for a second person";
        RequestGivenBack = "request.given_back", "An answer that you prepared needs more work";
        RequestDueSoon = "request.due_soon", "The last day of somebody’s request is a week away, and it has no answer yet";
        HandOverLocked = "hand_over.locked", "A wrong code for what somebody asked to see was typed too often: find out who tried";
        BreachSuspected = "breach.suspected", "Something may have happened to personal data: the time to tell the Commissioner runs";
        HoldReviewBy = "hold.review_by", "A legal hold is due to be looked at again: say why it is still needed, or lift it";
        DestructionProposed = "destruction.proposed", "A list of files to be destroyed waits for approval";
        DestructionApproved = "destruction.approved", "A list of files that you proposed has been approved by two people";
        ArchiveReady = "archive.ready", "A bag for an archive is ready: fetch it, give it to the archive, and write down what they answer";
        DemandAsked = "demand.asked", "A demand for information by law waits for a manager’s decision";
        DemandDecided = "demand.decided", "A demand for information by law that you entered has been decided";
        CollectLocked = "collect.locked", "A wrong code for information that you made ready was typed too often: find out who tried";
        CollectStopped = "collect.stopped", "Information that you made ready to be taken was not given out, since something changed: send it anew";
        DisclosureWrong = "disclosure.wrong", "Something that went to a recipient was wrong: tell them";
        SharingReviewBy = "sharing.review_by", "An information sharing agreement is due to be looked at again";
        RegisterProposed = "register.proposed", "A new version of the register waits for a manager’s decision";
        RegisterDecided = "register.decided", "A version of the register that you proposed has been decided";
        RegisterInForce = "register.in_force", "A new version of the register is in force";
        RegisterStopped = "register.stopped", "A version of the register was not put in force on its day: something speaks against it";
        ResearchAsked = "research.asked", "A request for figures for planning or research waits for a decision";
        ResearchDecided = "research.decided", "A request for figures that you made has been decided";
        ResearchReady = "research.ready", "The figures that you asked for are ready";
        AccountProposed = "account.proposed", "Something asked for a colleague’s account waits for your agreement";
        AccountAgreed = "account.agreed", "What you asked for an account has been agreed to";
        AccountRefused = "account.refused", "What you asked for an account has been refused";
        AccountInvitedAgain = "account.invited_again", "a new invitation has been agreed to. The password and authenticator there were have stopped working";
        AccountOpened = "account.opened", "the invitation has been opened for the first time";
        AccountTakenUp = "account.taken_up", "a password and an authenticator have been set up";
        AccountPassword = "account.password", "the password has been changed";
        AccountAuthenticator = "account.authenticator", "the authenticator has been changed";
        AccountRecoveryMade = "account.recovery_made", "new recovery codes have been made. The ones before have stopped working";
        AccountRecoveryUsed = "account.recovery_used", "somebody signed in with a recovery code";
        AccountLocked = "account.locked", "locked for a while after too many wrong attempts to sign in";
        AccountCorrected = "account.corrected", "the name, telephone number or email has been corrected";
        AccountMoved = "account.moved", "the role or area has been changed";
        AccountClosed = "account.closed", "the account has been closed";
    }
}

impl NoticeKind {
    /// Whether it tells what happened to a staff account: it is said of “your account” or of a colleague’s.
    pub const fn is_of_account(self) -> bool {
        matches!(
            self,
            NoticeKind::AccountInvitedAgain
                | NoticeKind::AccountOpened
                | NoticeKind::AccountTakenUp
                | NoticeKind::AccountPassword
                | NoticeKind::AccountAuthenticator
                | NoticeKind::AccountRecoveryMade
                | NoticeKind::AccountRecoveryUsed
                | NoticeKind::AccountLocked
                | NoticeKind::AccountCorrected
                | NoticeKind::AccountMoved
                | NoticeKind::AccountClosed
        )
    }

    /// What is told, and to others, when nobody has read it in time; `None` for what can wait. Urgent is what leaves a child
    /// unsafe, or without contact, as long as nobody acts on it: a concern; an assessment that is void, since what is booked
    /// on it goes on; a supervisor or a worker who must not have the child, since somebody else is needed.
    pub const fn unread(self) -> Option<NoticeKind> {
        match self {
            NoticeKind::ConcernRaised | NoticeKind::ConcernDanger => Some(NoticeKind::UnreadConcern),
            NoticeKind::AssessmentVoid => Some(NoticeKind::UnreadAssessment),
            NoticeKind::SessionRefused => Some(NoticeKind::UnreadSession),
            NoticeKind::FileRefused | NoticeKind::FileWithoutWorker => Some(NoticeKind::UnreadFile),
            _ => None,
        }
    }

    /// Whether it cannot wait: told also to somebody else when it is not read, and by email to whoever wants none.
    pub const fn is_urgent(self) -> bool {
        self.unread().is_some()
            || matches!(
                self,
                NoticeKind::UnreadConcern
                    | NoticeKind::UnreadAssessment
                    | NoticeKind::UnreadSession
                    | NoticeKind::UnreadFile
                    | NoticeKind::FirstSessionBy
                    | NoticeKind::RefusalDaySeven
                    | NoticeKind::RefusalRunOut
                    | NoticeKind::BreachSuspected
            )
    }

    /// What happened, told to the person whose own account it is (`own`) or to somebody else.
    pub fn words(self, own: bool) -> String {
        match (self.is_of_account(), own) {
            (false, _) => self.label().to_owned(),
            (true, true) => format!("Your account: {}", self.label()),
            (true, false) => format!("A colleague’s account: {}", self.label()),
        }
    }
}
