//! Every way by which something leaves the service, in one place: which routes give it out, and for which purposes. There is none
//! without a purpose; a test walks the routes for one that is not here, and asks each of these for every purpose there is.

use kith_domain::access::Purpose;

/// A way out.
#[derive(Clone, Copy, Debug)]
pub struct Export {
    /// What leaves.
    pub what: &'static str,
    /// The routes that give it out.
    pub routes: &'static [&'static str],
    /// The action that the policies are asked for; empty of what is public.
    pub action: &'static str,
    /// The purposes for which it leaves; none of what is public.
    pub purposes: &'static [Purpose],
}

const fn export(
    what: &'static str,
    routes: &'static [&'static str],
    action: &'static str,
    purposes: &'static [Purpose],
) -> Export {
    Export { what, routes, action, purposes }
}

const FILE: &[Purpose] = &[Purpose::Assessment, Purpose::ServiceDelivery, Purpose::OfficialReporting];
const RECORD: &[Purpose] = &[Purpose::ServiceDelivery, Purpose::OfficialReporting];
const ANSWERING: &[Purpose] = &[Purpose::Accountability];

/// Every way out.
pub const EXPORTS: &[Export] = &[
    export(
        "A disclosure, as it went",
        &[
            "/disclosures/{id}/disclosure.pdf",
            "/disclosures/{id}/file",
            "/disclosures/{id}/enclosed/{number}",
            // The same, for the recipient, with a code that was made for the purpose for which it went.
            "/collect/{id}/information.pdf",
            "/collect/{id}/enclosed/{number}",
        ],
        "disclosure.make",
        FILE,
    ),
    export("The record of a session", &["/sessions/{id}/record.pdf"], "record.read", RECORD),
    export("A report for court", &["/reports/{id}/report.pdf"], "report.read", &[Purpose::OfficialReporting]),
    export("A referral", &["/referrals/{id}/referral.pdf"], "referral.read", &[Purpose::ServiceDelivery]),
    export("A contact agreement", &["/plans/{id}/agreement/{reader}/paper"], "file.read", FILE),
    export("A notice that contact is refused", &["/refusals/{id}/notices/{to}"], "file.read", FILE),
    export("A document of a file", &["/documents/{id}/content"], "file.read", FILE),
    export("A letter about a request", &["/requests/{id}/letters/{letter}"], "request.read", ANSWERING),
    export(
        "What is held about somebody who asks",
        &[
            "/requests/{id}/pack/volumes/{number}",
            "/requests/{id}/pack/{number}/document",
            "/requests/{id}/pack/pack.json",
            "/requests/{id}/pack/pack.csv",
            // The same, for whoever asked, with a code that an officer made when a second person had released it.
            "/collect/{id}/volumes/{number}",
            "/collect/{id}/documents/{number}",
            "/collect/{id}/pack.json",
            "/collect/{id}/pack.csv",
        ],
        "pack.keep",
        &[Purpose::Rights],
    ),
    export("A paper of a breach", &["/breaches/{id}/papers/{paper}"], "breach.read", ANSWERING),
    export(
        "A certificate of destruction",
        &["/retention/certificates/{id}/certificate.pdf", "/retention/certificates/{id}/certificate.json"],
        "retention.read",
        ANSWERING,
    ),
    export("A bag for an archive", &["/retention/archive/{id}/bag.tar"], "archive.send", &[Purpose::Archiving]),
    export(
        "A paper of the register",
        &["/register/papers/{name}", "/register/papers/{name}/pdf"],
        "register.read",
        ANSWERING,
    ),
    export(
        "Figures that were asked for",
        &["/research/{id}/extract.csv"],
        "research.read",
        &[Purpose::ServicePlanning],
    ),
    export("The public notice", &["/privacy/notice.pdf", "/privacy/notice.txt"], "", &[]),
];
