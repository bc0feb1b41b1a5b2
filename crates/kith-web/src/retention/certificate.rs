//! The certificate of a destruction: a page, a paper, data.

use askama::Template;
use axum::extract::Path;
use kith_domain::ids::CertificateId;

use super::{HERE, desk};
use crate::error::Answer;
use crate::person::Signed;
use crate::report::{attached, pdf};
use crate::ui::{Page, render};

#[derive(Template)]
#[template(path = "retention/certificate.html")]
struct CertificatePage {
    page: Page,
    id: CertificateId,
    reference: String,
    facts: Vec<(String, String)>,
    words: Vec<String>,
}

/// GET /retention/certificates/{id}
pub(crate) async fn show(signed: Signed, Path(id): Path<CertificateId>) -> Answer {
    let view = desk(&signed).certificate(id).await?;
    render(&CertificatePage {
        page: Page::new(&signed, "Certificate of destruction", HERE).back(HERE),
        id,
        reference: id.reference(),
        facts: view.facts,
        words: view.words,
    })
}

/// GET /retention/certificates/{id}/certificate.pdf
pub(crate) async fn paper(signed: Signed, Path(id): Path<CertificateId>) -> Answer {
    let bytes = desk(&signed).certificate_paper(id).await?;
    Ok(pdf(bytes, &format!("certificate-{}", id.reference())))
}

/// GET /retention/certificates/{id}/certificate.json
pub(crate) async fn json(signed: Signed, Path(id): Path<CertificateId>) -> Answer {
    let view = desk(&signed).certificate(id).await?;
    let text = format!("{:#}\n", view.json(&signed.app.service));
    Ok(attached("application/json", &format!("certificate-{}.json", id.reference()), text))
}
