//! What the public notice says of the authority beside the rest of the register.

use serde::Deserialize;

use super::Register;

/// The `[notice]` of a register. A register without one has a notice too: what is missing is said in general words.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct NoticeFacts {
    short_name: String,
    provider: String,
    provider_services: Vec<String>,
    sources: Vec<String>,
    ways: Vec<String>,
    schedule_url: String,
    statement_url: String,
    requests_url: String,
    dpo_address: Vec<String>,
    dpo_phone: String,
    fraud_act: String,
}

/// The Act under which authorities of England take part in the National Fraud Initiative today.
const FRAUD_ACT: &str = "Schedule 9 of the Local Audit and Accountability Act 2014";

impl Register {
    fn notice(&self) -> &NoticeFacts {
        &self.file.notice
    }

    /// How the authority is called for short.
    pub fn short_name(&self) -> &str {
        or(&self.notice().short_name, &self.authority().name)
    }

    /// The part of the authority that runs the service.
    pub fn provider(&self) -> &str {
        or(&self.notice().provider, &self.authority().service)
    }

    /// What that part does beside.
    pub fn provider_services(&self) -> &[String] {
        &self.notice().provider_services
    }

    /// From whom information is sought beside the family.
    pub fn sources(&self) -> Vec<String> {
        or_else(&self.notice().sources, &["Social worker, child care social worker"])
    }

    /// In which ways information is collected.
    pub fn ways(&self) -> Vec<String> {
        let ways = [
            "referral form completed by a social worker",
            "via phone to verify information with referring social worker",
        ];
        or_else(&self.notice().ways, &ways)
    }

    /// Where the retention schedule, the corporate privacy statement and the page of requests are, each empty where the
    /// register does not say.
    pub fn notice_links(&self) -> [&str; 3] {
        let notice = self.notice();
        [&notice.schedule_url, &notice.statement_url, &notice.requests_url]
    }

    /// Where requests go: the lines of an address, the email and the phone number.
    pub fn requests_to(&self) -> Vec<String> {
        let of = self.authority();
        let mut lines = of.address.clone();
        lines.extend([format!("Email: {}", of.email), format!("Phone: {}", of.phone)]);
        lines
    }

    /// Where the data protection officer is: the lines of an address, the email and the phone number.
    pub fn officer(&self) -> Vec<String> {
        let (of, notice) = (self.authority(), self.notice());
        let mut lines = if notice.dpo_address.is_empty() {
            let rest = of.address.iter().skip(1).cloned();
            std::iter::once("Data Protection Officer".to_owned()).chain(rest).collect()
        } else {
            notice.dpo_address.clone()
        };
        lines.extend([format!("Email: {}", of.dpo_email), format!("Phone: {}", or(&notice.dpo_phone, &of.phone))]);
        lines
    }

    /// The Act under which the authority takes part in the National Fraud Initiative.
    pub fn fraud_act(&self) -> &str {
        or(&self.notice().fraud_act, FRAUD_ACT)
    }

    /// Every legal basis of a purpose, each once, in the order of the file.
    pub fn legal_bases(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for purpose in self.purposes() {
            for basis in purpose.legal_basis.split(';').map(str::trim).filter(|basis| !basis.is_empty()) {
                if !all.iter().any(|known| known == basis) {
                    all.push(basis.to_owned());
                }
            }
        }
        all
    }

    /// On how many days of a week the service is open.
    pub fn days_open(&self) -> usize {
        self.opening().iter().flatten().count()
    }
}

fn or<'a>(given: &'a str, otherwise: &'a str) -> &'a str {
    if given.trim().is_empty() { otherwise } else { given }
}

fn or_else(given: &[String], otherwise: &[&str]) -> Vec<String> {
    if given.is_empty() { otherwise.iter().map(|text| (*text).to_owned()).collect() } else { given.to_vec() }
}
