//! Papers for those who answer for the service, made from the same register as the notice: the record of processing (UK GDPR
//! Art 30), and what is fact in a data protection impact assessment (Art 35).

use kith_domain::access::Purpose;
use kith_domain::catalogue::{About, ITEMS, NoticeCategory, Sensitivity};
use kith_domain::form::lower_first;

use super::{KEPT_BY, NoticeBlock, NoticeSection, PrivacyNotice, Statement};
use crate::Register;
use crate::register::Processor;

impl Register {
    /// The record of processing activities (UK GDPR Art 30(1)): one section for each purpose that reads personal data.
    pub fn record_of_processing(&self) -> PrivacyNotice {
        let of = self.authority();
        let mut sections = vec![NoticeSection {
            heading: "Controller".to_owned(),
            blocks: vec![
                lines([of.name.clone(), format!("Registration {}", of.registration)]),
                paragraph("Data protection officer"),
                lines(self.officer()),
            ],
        }];
        for purpose in self.purposes() {
            let Some(known) = Purpose::from_code(purpose.code()) else { continue };
            let read: Vec<_> = ITEMS.iter().filter(|item| self.items().purposes(item).contains(&known)).collect();
            let about = About::ALL.iter().filter(|about| read.iter().any(|item| item.about == **about));
            let about: Vec<String> = about.map(|about| about.label().to_owned()).collect();
            let categories: Vec<String> = NoticeCategory::ALL
                .iter()
                .filter_map(|category| {
                    let of = read.iter().filter(|item| item.category == *category);
                    let items: Vec<String> = of
                        .map(|item| {
                            let label = lower_first(item.label);
                            match item.sensitivity {
                                Sensitivity::Ordinary => label,
                                other => format!("{label} [{}]", other.label()),
                            }
                        })
                        .collect();
                    (!items.is_empty()).then(|| format!("{}: {}", category.label(), items.join(", ")))
                })
                .collect();
            let transfers = self.processors().iter().filter(|of| !of.transfer.trim().is_empty());
            let transfers: Vec<String> = transfers.map(|of| format!("{}: {}", of.name(), of.transfer)).collect();
            let mut blocks = vec![table(
                ["", ""],
                vec![
                    ["Legal basis".to_owned(), purpose.legal_basis.clone()],
                    ["About whom".to_owned(), or_none(about.join(", "))],
                    ["Recipients inside".to_owned(), or_none(of.departments.join(", "))],
                    ["Recipients outside".to_owned(), or_none(of.partners.join(", "))],
                    ["Transfers to third countries".to_owned(), or_none(transfers.join(", "))],
                ],
            )];
            if categories.is_empty() {
                blocks.push(paragraph("No personal data of children and families is read for this purpose."));
            } else {
                blocks.push(paragraph("Categories of personal data"));
                blocks.push(bullets(categories));
            }
            sections.push(NoticeSection { heading: format!("Purpose: {}", lower_first(&purpose.name)), blocks });
        }
        sections.extend(self.processed_by());
        sections.push(NoticeSection { heading: "Time limits for erasure".to_owned(), blocks: vec![self.periods()] });
        sections.push(self.kept_safe());
        self.in_english("Record of processing activities", sections)
    }

    /// What is fact in a data protection impact assessment (UK GDPR Art 35(7)): what is done, with what, on which basis, for how
    /// long, and what keeps each promise. What is judgement, necessity, proportion and risk, is for people.
    pub fn impact_facts(&self) -> PrivacyNotice {
        let count = |wanted: Sensitivity| {
            ITEMS.iter().filter(|item| self.items().has(item) && item.sensitivity == wanted).count()
        };
        let special = |wanted: Sensitivity| -> Vec<String> {
            let items = ITEMS.iter().filter(|item| self.items().has(item) && item.sensitivity == wanted);
            items.map(|item| format!("{}: {}", item.about.label(), lower_first(item.label))).collect()
        };
        let mut sections = vec![
            NoticeSection {
                heading: "What is processed".to_owned(),
                blocks: vec![
                    paragraph(&format!(
                        "{} items of personal data about children in care, their families and carers: {} ordinary, {} of special \
                         categories, {} about criminal offences.",
                        count(Sensitivity::Ordinary) + count(Sensitivity::Special) + count(Sensitivity::Criminal),
                        count(Sensitivity::Ordinary),
                        count(Sensitivity::Special),
                        count(Sensitivity::Criminal)
                    )),
                    paragraph("Of special categories (Art 9)"),
                    bullets(special(Sensitivity::Special)),
                    paragraph("About criminal offences (Art 10)"),
                    bullets(special(Sensitivity::Criminal)),
                ],
            },
            NoticeSection {
                heading: "What for, and on which basis".to_owned(),
                blocks: vec![table(
                    ["Purpose", "Legal basis"],
                    self.purposes().iter().map(|of| [of.name.clone(), of.legal_basis.clone()]).collect(),
                )],
            },
            NoticeSection { heading: "For how long".to_owned(), blocks: vec![self.periods()] },
            self.kept_safe(),
            NoticeSection {
                heading: "What keeps each promise of the notice".to_owned(),
                blocks: vec![table(
                    ["Promise", "Kept by"],
                    KEPT_BY
                        .iter()
                        .map(|line| [line.code.to_owned(), format!("{}. {}", line.by.label(), line.how)])
                        .collect(),
                )],
            },
        ];
        let place = sections.len() - 2;
        sections.splice(place..place, self.processed_by());
        self.in_english("Data protection impact assessment: the facts", sections)
    }

    /// What is handed over with a referral: the notice in half a page.
    pub fn referral_slip(&self) -> PrivacyNotice {
        let of = self.authority();
        let say = |code: &str, text: String| NoticeBlock::Paragraph(Statement { code: code.to_owned(), text });
        let blocks = vec![
            say("inform.what", format!("{} keeps information about the child and the family, so that they can see each other safely.", of.name)),
            say("items.ways", "It comes from the social worker’s referral, and is checked with them by phone.".to_owned()),
            say("purpose.only", "It is used for this work, reports to the court and what the law asks for, and nothing else.".to_owned()),
            say("security.need", "Only people who need it for their work can see it, and every look is written down.".to_owned()),
            say("retention.periods", "A child’s file is kept until the 75th anniversary of the birth.".to_owned()),
            say("rights.free", "You can ask to see it, to have it put right, and more, free of charge:".to_owned()),
            lines(self.requests_to()),
            say("inform.what", "The whole notice, in plain words and for children too, is on the page “Privacy”, or on paper if you ask.".to_owned()),
        ];
        self.in_english(
            "What happens with this information",
            vec![NoticeSection { heading: of.service.clone(), blocks }],
        )
    }

    /// Who processes data for the authority (Art 28, and a recipient by Art 4(9)); nothing where nobody does.
    fn processed_by(&self) -> Option<NoticeSection> {
        let row = |of: &Processor| {
            let transfer = if of.transfer.trim().is_empty() { String::new() } else { format!(" ({})", of.transfer) };
            [of.name().to_owned(), format!("{}. {}{transfer}. Contract {}", of.does, of.place, of.contract)]
        };
        let rows: Vec<[String; 2]> = self.processors().iter().map(row).collect();
        (!rows.is_empty()).then(|| NoticeSection {
            heading: "Processors".to_owned(),
            blocks: vec![table(["Processor", "What they do, where, under which contract"], rows)],
        })
    }

    /// What keeps data safe (Art 32), each with what keeps it; what Kith does by itself where the register names nothing.
    fn kept_safe(&self) -> NoticeSection {
        let heading = "Security measures (Art 32)".to_owned();
        if self.measures().is_empty() {
            return NoticeSection { heading, blocks: vec![measures("security.")] };
        }
        let rows = self.measures().iter().map(|of| [of.words.clone(), of.kept_by()]).collect();
        NoticeSection { heading, blocks: vec![table(["Measure", "Kept by"], rows)] }
    }

    fn periods(&self) -> NoticeBlock {
        table(
            ["Category of information", "Retention period"],
            self.retention().iter().map(|of| [of.name.clone(), of.rule.clone()]).collect(),
        )
    }

    fn in_english(&self, title: &str, sections: Vec<NoticeSection>) -> PrivacyNotice {
        let remarks = self
            .in_force_since()
            .map(|day| format!("From the register in force since {}.", kith_domain::calendar::long_date(day)));
        PrivacyNotice {
            language: "en".to_owned(),
            title: title.to_owned(),
            remarks: remarks.into_iter().collect(),
            sections,
        }
    }
}

/// The lines of [`KEPT_BY`] whose code begins so, as a table.
fn measures(prefix: &str) -> NoticeBlock {
    let of = KEPT_BY.iter().filter(|line| line.code.starts_with(prefix));
    bullets(of.map(|line| line.how.to_owned()).collect())
}

fn or_none(text: String) -> String {
    if text.is_empty() { "None".to_owned() } else { text }
}

fn fact(text: impl Into<String>) -> Statement {
    Statement { code: "inform.what".to_owned(), text: text.into() }
}

fn paragraph(text: &str) -> NoticeBlock {
    NoticeBlock::Paragraph(fact(text))
}

fn bullets(all: Vec<String>) -> NoticeBlock {
    NoticeBlock::Bullets(all.into_iter().map(fact).collect())
}

fn lines(all: impl IntoIterator<Item = String>) -> NoticeBlock {
    NoticeBlock::Lines(all.into_iter().map(fact).collect())
}

fn table(heads: [&str; 2], rows: Vec<[String; 2]>) -> NoticeBlock {
    NoticeBlock::Table { code: "inform.what".to_owned(), heads: heads.map(str::to_owned), rows }
}
