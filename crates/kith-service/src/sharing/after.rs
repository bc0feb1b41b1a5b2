//! What became of a disclosure: given to the recipient, asked back, told that something was wrong. And a file's whole sharing.

use kith_domain::access::{Purpose, Role};
use kith_domain::fact::Statement;
use kith_domain::form::{Fields, Words};
use kith_domain::hand_over::HandsOver;
use kith_domain::ids::{AccountId, ChildId, DisclosureId, StatementId};
use kith_domain::notice::NoticeKind;
use kith_domain::sharing::{Delivery, DeliveryWay, Recall, RecallAnswer, ToldWrong, Wrong, read_told, wrong_since};
use kith_store::{DemandByLaw, Disclosure, Look, Work};

use super::consent::{ConsentView, views};
use super::corrected::corrected;
use super::encrypt::{For, encrypt};
use super::paper::file_name;
use crate::hand_over::HandOverLine;
use crate::paging::{Paged, on_page};
use crate::policy::Resource;
use crate::{Desk, ServiceError};

/// A disclosure in the list of a file, the newest first. No Debug: it names people.
pub struct Sent {
    /// The disclosure.
    pub disclosure: Disclosure,
    /// How much of it was wrong and has not been told.
    pub to_tell: usize,
}

/// Everything of a file that is about sharing. No Debug: it names people.
pub struct FileSharing {
    /// The child's name.
    pub child: String,
    /// What was said of consent, the newest first.
    pub consents: Vec<ConsentView>,
    /// What went, the newest first.
    pub sent: Paged<Disclosure>,
    /// Of all that went: what was wrong, and they were not told.
    pub to_tell: Vec<Sent>,
    /// What was demanded by law, the newest first.
    pub demands: Vec<DemandByLaw>,
    /// Whether this person may write down a consent.
    pub may_change: bool,
    /// Whether this person may send something.
    pub may_send: bool,
}

/// A disclosure with what a page needs beside it. No Debug: it names people.
pub struct DisclosureView {
    /// The disclosure.
    pub disclosure: Disclosure,
    /// The child's name.
    pub child: String,
    /// Who sent it.
    pub author: String,
    /// The family by name.
    pub names: kith_store::Names,
    /// What of it was wrong.
    pub wrong: Vec<Wrong>,
    /// The ways in which the recipient can take it, the newest first.
    pub ways: Vec<HandOverLine>,
    /// Whether this person may give it to the recipient, ask it back and tell them.
    pub may_change: bool,
}

/// Everything that was said of a child and the family.
async fn said_in(look: &Look, child: ChildId) -> Result<Vec<Statement>, ServiceError> {
    let family: Vec<_> = look.family(child).await?.into_iter().map(|of| of.person.id).collect();
    Ok(look.statements_of_file(child, &family).await?)
}

async fn wrong(look: &Look, of: &Disclosure) -> Result<Vec<Wrong>, ServiceError> {
    let statements = said_in(look, of.child).await?;
    let mut wrong = wrong_since(&of.body, of.child, of.created_ms, &statements);
    wrong.extend(corrected(look, of).await?);
    Ok(wrong)
}

/// What of everything that went from a file was wrong, as it was said since an instant, with what went.
pub(crate) async fn wrong_that_went(
    look: &Look,
    child: ChildId,
    since_ms: i64,
) -> Result<Vec<(Disclosure, Wrong)>, ServiceError> {
    let mut all = Vec::new();
    for sent in look.disclosures_of(child).await? {
        for of in wrong(look, &sent).await?.into_iter().filter(|of| of.recorded_ms >= since_ms) {
            all.push((sent.clone(), of));
        }
    }
    Ok(all)
}

/// That something was not asked back.
pub(super) fn not_recalled(of: &Disclosure) -> Result<(), ServiceError> {
    if of.body.recalled.is_none() {
        return Ok(());
    }
    let words = "This was asked back: it is not given to them again. Send it anew if they are to have it";
    Err(ServiceError::rule("disclosure.recalled", words))
}

/// A whole paper that went with a disclosure, with the name of its file.
pub(crate) async fn enclosed_file(
    look: &Look,
    of: &Disclosure,
    number: i64,
) -> Result<(String, Vec<u8>), ServiceError> {
    let went = of.body.went_enclosed().find(|paper| paper.number == number).ok_or(ServiceError::NotFound)?;
    Ok((file_name(of.id, went), look.enclosed_paper(of.id, number).await?))
}

impl Desk {
    /// Consents, what went (a page of it, from 1) and what was demanded, of one file.
    pub async fn file_sharing(&self, child: ChildId, page: usize) -> Result<FileSharing, ServiceError> {
        let (look, scope) = self.look_into_file("file.read", child).await?;
        let of = look.child(child).await?;
        let consents = views(self, &look, child).await?;
        let all = look.disclosures_of(child).await?;
        let statements = if all.is_empty() { Vec::new() } else { said_in(&look, child).await? };
        let demands = look.demands_of(child).await?;
        // What was wrong is asked of everything that went: it must not wait on a page that nobody turns to.
        let mut to_tell = Vec::new();
        for disclosure in &all {
            let mut wrong = wrong_since(&disclosure.body, child, disclosure.created_ms, &statements);
            wrong.extend(corrected(&look, disclosure).await?);
            let untold = wrong.iter().filter(|of| of.told.is_none()).count();
            if untold > 0 {
                to_tell.push(Sent { to_tell: untold, disclosure: disclosure.clone() });
            }
        }
        look.done("sharing.file_read", self.now_ms()).await?;
        let total = all.len();
        let open = of.state == kith_store::ChildState::Open;
        Ok(FileSharing {
            child: of.name(),
            consents,
            sent: Paged::new(on_page(all, page), total, page),
            to_tell,
            demands,
            may_change: open && self.permits("file.change", &Resource::File(&scope)),
            may_send: open && self.permits("disclosure.make", &Resource::File(&scope)),
        })
    }

    /// One disclosure: what went, to whom, and what became of it.
    pub async fn disclosure(&self, id: DisclosureId) -> Result<DisclosureView, ServiceError> {
        let child = self.look().child_of_disclosure(id).await?;
        let (look, scope) = self.look_into_file_of("file.read", id.0, child).await?;
        let disclosure = look.disclosure(id).await?;
        let wrong = wrong(&look, &disclosure).await?;
        let child = look.child(disclosure.child).await?.name();
        let names = kith_store::Names::of(&look.family(disclosure.child).await?);
        let ways = self.hand_over_lines(&look, HandsOver::Disclosure(id, disclosure.child)).await?;
        look.done("disclosure.read", self.now_ms()).await?;
        let may_change = self.permits("disclosure.make", &Resource::File(&scope));
        Ok(DisclosureView {
            author: self.service.name_of(disclosure.author),
            child,
            names,
            wrong,
            ways,
            may_change,
            disclosure,
        })
    }

    /// The purpose for which something went.
    pub async fn purpose_of(&self, id: DisclosureId) -> Result<Purpose, ServiceError> {
        Ok(self.disclosure(id).await?.disclosure.body.purpose)
    }

    /// The paper as it went, byte for byte; for the purpose for which it went and no other.
    pub async fn disclosure_paper(&self, id: DisclosureId) -> Result<Vec<u8>, ServiceError> {
        let child = self.look().child_of_disclosure(id).await?;
        let (look, _) = self.look_into_file_of("disclosure.make", id.0, child).await?;
        let disclosure = look.disclosure(id).await?;
        if disclosure.body.purpose != self.access.purpose {
            return self.unknown("disclosure.make", id.0).await;
        }
        let paper = look.disclosure_paper(id).await?;
        look.done("disclosure.paper", self.now_ms()).await?;
        Ok(paper)
    }

    /// A whole paper that went beside it, byte for byte, with the name of its file; for the purpose for which it went and no other.
    pub async fn disclosure_enclosed(&self, id: DisclosureId, number: i64) -> Result<(String, Vec<u8>), ServiceError> {
        let child = self.look().child_of_disclosure(id).await?;
        let (look, _) = self.look_into_file_of("disclosure.make", id.0, child).await?;
        let disclosure = look.disclosure(id).await?;
        if disclosure.body.purpose != self.access.purpose {
            return self.unknown("disclosure.make", id.0).await;
        }
        let file = enclosed_file(&look, &disclosure, number).await?;
        look.done("disclosure.paper", self.now_ms()).await?;
        Ok(file)
    }

    /// The paper as a file that the recipient alone can open, with the whole papers beside it as one ZIP; that it was made for them is
    /// written down.
    pub async fn encrypted_disclosure(&self, id: DisclosureId, whom: &For) -> Result<Vec<u8>, ServiceError> {
        let paper = self.disclosure_paper(id).await?;
        let numbers: Vec<i64> =
            self.disclosure(id).await?.disclosure.body.went_enclosed().map(|of| of.number).collect();
        let mut beside = Vec::new();
        for number in numbers {
            beside.push(self.disclosure_enclosed(id, number).await?);
        }
        let file = encrypt(whom, (format!("information-{}.pdf", id.reference()), paper), beside).await?;
        self.deliver(id, whom.way(), whom.key()).await?;
        Ok(file)
    }

    /// Writes down that it was given to the recipient on paper.
    pub async fn disclosure_handed_over(&self, id: DisclosureId) -> Result<(), ServiceError> {
        self.deliver(id, DeliveryWay::Print, None).await
    }

    async fn deliver(&self, id: DisclosureId, way: DeliveryWay, key: Option<String>) -> Result<(), ServiceError> {
        let delivery = Delivery { way, key, by: self.me()?, at_ms: self.now_ms() };
        let delivery = &delivery;
        self.keep_disclosure("disclosure.delivered", id, |row| {
            not_recalled(row)?;
            row.body.deliveries.push(delivery.clone());
            Ok(())
        })
        .await
    }

    async fn keep_disclosure(
        &self,
        action: &'static str,
        id: DisclosureId,
        what: impl Fn(&mut Disclosure) -> Result<(), ServiceError>,
    ) -> Result<(), ServiceError> {
        let child = self.look().child_of_disclosure(id).await?;
        self.allow_file_of("disclosure.make", id.0, child).await?;
        let what = &what;
        self.change(action, |work| async move {
            let mut row = work.disclosure(id).await?;
            what(&mut row)?;
            if row.body.recalled.is_some() {
                work.take_hand_overs_back(HandsOver::Disclosure(id, row.child)).await?;
            }
            Ok(work.save_disclosure(&mut row).await?)
        })
        .await
    }

    /// Asks something back, with why: whoever could take it with a code cannot any more. Done twice it is done once.
    pub async fn recall_disclosure(&self, id: DisclosureId, why: &Words) -> Result<(), ServiceError> {
        let recall = Recall { why: why.as_str().to_owned(), by: self.me()?, at_ms: self.now_ms(), answer: None };
        let recall = &recall;
        self.keep_disclosure("disclosure.recalled", id, |row| {
            if row.body.recalled.is_none() {
                row.recalled_ms = Some(recall.at_ms);
                row.body.recalled = Some(recall.clone());
            }
            Ok(())
        })
        .await
    }

    /// Writes down what the recipient answered when it was asked back.
    pub async fn answer_recall(&self, id: DisclosureId, typed: &Fields) -> Result<(), ServiceError> {
        let answer = RecallAnswer::read(typed, self.me()?, self.service.today())?;
        let answer = &answer;
        self.keep_disclosure("disclosure.recall_answered", id, |row| {
            let Some(recall) = &mut row.body.recalled else { return Err(ServiceError::NotFound) };
            recall.answer = Some(answer.clone());
            Ok(())
        })
        .await
    }

    /// Writes down that the recipient was told that something was wrong. Told twice of the same it is there once.
    pub async fn told_wrong(&self, id: DisclosureId, of: StatementId, typed: &Fields) -> Result<(), ServiceError> {
        let (on, how) = read_told(typed, self.service.today())?;
        let view = self.disclosure(id).await?;
        if !view.wrong.iter().any(|wrong| wrong.statement == of) {
            return Err(ServiceError::NotFound);
        }
        let told = ToldWrong { statement: of, on, how, by: self.me()? };
        let told = &told;
        self.keep_disclosure("disclosure.told_wrong", id, |row| {
            if !row.body.told.iter().any(|there| there.statement == told.statement) {
                row.body.told.push(told.clone());
            }
            Ok(())
        })
        .await
    }

    /// After something was said in a file: who sent what is now known to be wrong is told, and the coordinators of the area (UK
    /// GDPR Art 19). `said` are the statements that were just added.
    pub(crate) async fn tell_of_wrong(
        &self,
        work: &Work,
        child: ChildId,
        said: &[StatementId],
    ) -> Result<(), ServiceError> {
        if work.count_disclosures_of(child).await? == 0 {
            return Ok(());
        }
        let statements = said_in(work, child).await?;
        let area = work.child(child).await?.area;
        for sent in work.disclosures_of(child).await? {
            let wrong = wrong_since(&sent.body, child, sent.created_ms, &statements);
            if !wrong.iter().any(|wrong| said.contains(&wrong.statement)) {
                continue;
            }
            let mut whom: Vec<AccountId> = self.of_area(Role::Coordinator, &area);
            if !whom.contains(&sent.author) {
                whom.push(sent.author);
            }
            self.tell(work, whom, NoticeKind::DisclosureWrong, sent.id.0).await?;
        }
        Ok(())
    }
}
