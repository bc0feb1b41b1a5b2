//! The written agreement: what each reader gets on paper, in their language, with nothing that is not for them (handbook
//! section 7: "printed, in the family's language where a checked translation exists, and signatures are recorded").

mod phrases;
#[cfg(test)]
mod tests;

use kith_domain::form::Fields;
use kith_domain::ids::PlanId;
use kith_domain::plan::{AgreementReader, AgreementSignature, Arrangement, Mode, PlanState};
use kith_papers::{AgreementPaper, AgreementPart, Fact};

pub(crate) use phrases::{Phrases, english_kept, shipped};
use phrases::{english, put};

use super::PlanView;
use crate::record::letterhead;
use crate::typesetting::{self, dated};
use crate::{Desk, ServiceError};

/// The agreement as one reader gets it. No Debug: it names people.
#[derive(Clone)]
pub struct Agreement {
    /// ISO 639-1 code of its language.
    pub language: String,
    /// What it is called.
    pub title: String,
    /// That it is a draft, or that nobody has checked the translation; nothing once it can be given to somebody.
    pub warnings: Vec<String>,
    /// What it is about.
    pub intro: String,
    /// With whom, and what was agreed.
    pub parts: Vec<(String, Vec<(String, String)>)>,
    /// What is kept to every time: the heading, and what.
    pub every_time: (String, Vec<String>),
    /// What is known of the child that everybody keeps to.
    pub known: Vec<(String, String)>,
    /// Whom to ask.
    pub questions: String,
    /// Which language the plan's own words are in, where it is another.
    pub original: Option<String>,
    /// Above the signatures: the heading, and what the columns are called.
    pub signatures: (String, [String; 3]),
    /// Who signs.
    pub signing: Vec<String>,
}

/// Somebody who gets the agreement. No Debug: it names people.
pub struct AgreementFor {
    /// Who.
    pub reader: AgreementReader,
    /// Their name, or what they are.
    pub name: String,
    /// The language that they speak best, as the file has it.
    pub speaks: Option<String>,
    /// How they signed, the last first.
    pub signed: Vec<AgreementSignature>,
}

impl PlanView {
    /// Who gets the agreement: each member of the family of whom an arrangement is, the child, the carer, and those who work
    /// with it.
    pub fn agreement_readers(&self) -> Vec<AgreementFor> {
        let mut people = Vec::new();
        for person in self.plan.body.arrangements.iter().flat_map(|line| &line.with) {
            if !people.contains(person) {
                people.push(*person);
            }
        }
        let family = people.into_iter().map(|person| {
            let relative = self.family.iter().find(|of| of.person.id == person);
            let speaks = relative.and_then(|of| of.person.body.language.clone());
            (AgreementReader::Person(person), self.names(&[person]), speaks)
        });
        let others =
            [AgreementReader::Child, AgreementReader::Carer, AgreementReader::SocialWorker, AgreementReader::Service];
        let others = others.into_iter().map(|reader| (reader, called(reader, english(), self), None));
        let with_signed = |(reader, name, speaks)| {
            let signed = self.plan.body.signatures.iter().rev().filter(|of| of.who == reader).cloned().collect();
            AgreementFor { reader, name, speaks, signed }
        };
        family.chain(others).map(with_signed).collect()
    }
}

/// What a reader is called on the paper.
fn called(reader: AgreementReader, words: &Phrases, view: &PlanView) -> String {
    match reader {
        AgreementReader::Person(person) => view.names(&[person]),
        AgreementReader::Child => words.readers.child.clone(),
        AgreementReader::Carer => words.readers.carer.clone(),
        AgreementReader::SocialWorker => words.readers.social_worker.clone(),
        AgreementReader::Service => words.readers.service.clone(),
    }
}

impl Desk {
    /// The agreement of a plan as one reader gets it, in a language; in English where there is none of that code.
    ///
    /// [`ServiceError::NotFound`] for somebody of whom no arrangement is.
    pub async fn agreement(
        &self,
        id: PlanId,
        reader: AgreementReader,
        language: &str,
    ) -> Result<(PlanView, Agreement), ServiceError> {
        let view = self.plan(id).await?;
        if !view.agreement_readers().iter().any(|of| of.reader == reader) {
            return Err(ServiceError::NotFound);
        }
        let words = self.service.register().translations().of(language);
        let agreement = self.as_read_by(&view, reader, &words);
        Ok((view, agreement))
    }

    fn as_read_by(&self, view: &PlanView, reader: AgreementReader, words: &Phrases) -> Agreement {
        let register = self.service.register();
        let child = view.child_first_name.as_str();
        let w = &words.words;
        let theirs = |line: &&Arrangement| match reader {
            AgreementReader::Person(person) => line.with.contains(&person),
            _ => true,
        };
        let lines: Vec<&Arrangement> = view.plan.body.arrangements.iter().filter(theirs).collect();
        let parts = lines.iter().map(|line| {
            let names: Vec<String> = line.with.iter().map(|person| view.names(&[*person])).collect();
            let heading = put(&w.with, &[("child", child), ("people", &words.all(&names))]);
            (heading, facts(view, line, reader, words))
        });
        let parts: Vec<_> = parts.collect();
        let minutes = register.wait_minutes().to_string();
        let every_time = [
            w.only_named.clone(),
            put(&w.late, &[("minutes", &minutes), ("child", child)]),
            put(&w.safe, &[("child", child)]),
            w.written.clone(),
        ];
        let mut warnings = Vec::new();
        warnings.extend((view.plan.state == PlanState::Draft).then(|| w.draft.clone()));
        warnings.extend((!words.is_checked()).then(|| w.unchecked.clone()));
        let known = view.on_agreement.iter().map(|(label, text)| (label.clone(), view.for_the_family(text)));
        // Who is named on the paper of a parent is who comes with them, and no other parent.
        let mut signing: Vec<String> = Vec::new();
        for name in lines.iter().flat_map(|line| &line.with).map(|person| view.names(&[*person])) {
            if !signing.contains(&name) {
                signing.push(name);
            }
        }
        let beside = [AgreementReader::Carer, AgreementReader::SocialWorker, AgreementReader::Service];
        signing.extend(beside.map(|reader| called(reader, words, view)));
        let own_words = !view.on_agreement.is_empty()
            || lines.iter().any(|line| line.rules.is_some() || line.contingency.is_some() || line.transport.is_some());
        Agreement {
            language: words.language.clone(),
            title: w.title.clone(),
            warnings,
            intro: put(&w.intro, &[("child", child)]),
            parts: if parts.is_empty() { vec![(w.nothing.clone(), Vec::new())] } else { parts },
            every_time: (w.every_time.clone(), every_time.to_vec()),
            known: known.collect(),
            questions: put(&w.questions, &[("phone", &register.authority().phone)]),
            original: (words.language != "en" && own_words).then(|| w.original.clone()),
            signatures: (w.signatures.clone(), [w.name.clone(), w.signature.clone(), w.date.clone()]),
            signing,
        }
    }

    /// The same as a PDF file.
    pub async fn agreement_paper(
        &self,
        id: PlanId,
        reader: AgreementReader,
        language: &str,
    ) -> Result<Vec<u8>, ServiceError> {
        let (view, agreement) = self.agreement(id, reader, language).await?;
        let fact = |(label, value): (String, String)| Fact { label, value };
        let part = |(heading, facts): (String, Vec<(String, String)>)| AgreementPart {
            heading,
            facts: facts.into_iter().map(fact).collect(),
        };
        let paper = AgreementPaper {
            letterhead: letterhead(self.service.register()),
            language: agreement.language.clone(),
            reference: format!("{} version {}", view.plan.id.reference(), view.plan.version),
            title: agreement.title.clone(),
            warnings: agreement.warnings,
            intro: agreement.intro,
            parts: agreement.parts.into_iter().map(part).collect(),
            every_time_title: agreement.every_time.0,
            every_time: agreement.every_time.1,
            known: agreement.known.into_iter().map(fact).collect(),
            questions: agreement.questions,
            original: agreement.original.unwrap_or_default(),
            signatures_title: agreement.signatures.0,
            columns: agreement.signatures.1.to_vec(),
            signing: agreement.signing,
            dated: dated(self.now_ms()),
        };
        typesetting::set(move || kith_papers::agreement(&paper)).await
    }

    /// Writes down that somebody signed the agreement, or did not, as typed. The same twice is there once.
    pub async fn sign_agreement(&self, id: PlanId, typed: &Fields) -> Result<(), ServiceError> {
        self.allow_plan("plan.write", id).await?;
        let (me, now_ms, today) = (self.me()?, self.now_ms(), self.service.today());
        let view = self.plan(id).await?;
        let readers: Vec<AgreementReader> = view.agreement_readers().iter().map(|of| of.reader).collect();
        let languages = self.service.register().translations().languages();
        let begun = kith_domain::calendar::in_london(view.plan.created_ms).date();
        let signed = AgreementSignature::read(typed, &readers, &languages, (begun, today), (me, now_ms))
            .map_err(ServiceError::Invalid)?;
        self.change("plan.signed", |work| {
            let signed = signed.clone();
            async move {
                let mut plan = work.plan(id).await?;
                // What can still be changed would not be what they signed.
                if plan.state == PlanState::Draft {
                    return Err(ServiceError::rule(
                        "plan.not_agreed",
                        "This plan can still be changed. Write down first that it is agreed, then who signed it",
                    ));
                }
                if plan.body.signatures.iter().any(|there| there.is_same(&signed)) {
                    work.changed("contact_plan", id.0, plan.version);
                    return Ok(());
                }
                plan.body.signatures.push(signed);
                work.save_plan(&mut plan).await?;
                Ok(())
            }
        })
        .await
    }
}

/// What was agreed for one line, as a reader gets it.
fn facts(view: &PlanView, line: &Arrangement, reader: AgreementReader, words: &Phrases) -> Vec<(String, String)> {
    let w = &words.words;
    let mut rows = vec![
        (w.how_often.clone(), words.how_often(&line.term(line.from, None))),
        (w.when.clone(), words.when(&line.pattern, line.minutes)),
        (w.dates.clone(), words.dates(line)),
        (w.how.clone(), words.mode(line.mode).to_owned()),
    ];
    if line.mode == Mode::InPerson
        && let Some(venue) = line.venue.and_then(|id| view.venues.iter().find(|venue| venue.id == id))
    {
        let address = venue.address.clone().unwrap_or_else(|| venue.name.clone());
        rows.push((w.place.clone(), address));
        rows.extend(venue.directions.clone().map(|directions| (w.getting_there.clone(), directions)));
    }
    if line.mode != Mode::Letterbox {
        rows.push((w.staff.clone(), words.staff(line.supervision).to_owned()));
    }
    rows.extend(line.interpreter.clone().map(|interpreter| (w.interpreter.clone(), interpreter)));
    // A journey tells where the child lives: it is for those who know that.
    let outsider = matches!(reader, AgreementReader::Person(_));
    let journey = line.transport.clone().filter(|_| !(outsider && view.address_confidential()));
    rows.extend(journey.map(|journey| (w.journey.clone(), journey)));
    let texts = [(&w.rules, &line.rules), (&w.if_not, &line.contingency)];
    rows.extend(
        texts.into_iter().filter_map(|(label, text)| Some((label.clone(), view.for_the_family(text.as_deref()?)))),
    );
    rows
}
