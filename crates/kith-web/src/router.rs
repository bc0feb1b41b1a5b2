//! Every route, to be read from top to bottom.

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;
use crate::{
    admin, allocate, assets, audit, breach, clocks, collect, contact_refusal, document, fact, file, home, order, own,
    pack, picture, plan, privacy, record, referral, register, report, research, retention, rights, risk, security,
    session, sharing, sign_in, verification,
};

/// The routes of the application with the layers around them.
pub fn router(app: App) -> Router {
    let front = app.front.clone();
    // Routes on which documents come in; each with what is read on the same address.
    let documents = Router::new()
        .route("/referrals/{id}/documents", get(document::of_referral).post(document::add_to_referral))
        .route("/children/{child}/documents", get(document::of_child).post(document::add_to_child))
        .route("/orders/{id}/documents", get(document::of_order).post(document::add_to_order))
        .route("/children/{child}/orders", post(order::add))
        .with_state(app.clone());
    let routes = Router::new()
        // Getting in and out.
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/alive", post(sign_in::alive))
        .route("/invitation/{account}/{secret}", get(sign_in::invitation).post(sign_in::take_up))
        // My account.
        .route("/me", get(own::show))
        .route("/me/password", get(own::ask_password).post(own::change_password))
        .route("/me/authenticator", get(own::ask_authenticator).post(own::begin_authenticator))
        .route("/me/authenticator/confirm", post(own::finish_authenticator))
        .route("/me/mail", post(own::choose_mail))
        .route("/me/recovery", post(own::new_recovery))
        .route("/me/devices/{id}/end", post(own::end_device))
        .route("/me/sign-out", post(own::sign_out_everywhere))
        // Home.
        .route("/", get(home::home))
        .route("/clocks", get(clocks::list))
        .route("/notices/read", post(home::read_notices))
        .route("/notices/{id}/read", post(home::read_notice))
        .route("/demo", get(home::demo))
        .route("/demo/clock", post(home::move_clock))
        // Referral: written by the social worker.
        .route("/referrals", get(referral::listed::list).post(referral::write::begin))
        .route("/referrals/new", get(referral::write::new))
        .route("/referrals/find", post(referral::listed::find))
        .route("/referrals/{id}", get(referral::list::show))
        .route("/referrals/{id}/sections/{section}", get(referral::write::section).post(referral::write::save_section))
        .route("/referrals/{id}/family/new", get(referral::family::new))
        .route("/referrals/{id}/family/{person}", get(referral::family::show).post(referral::family::save))
        .route("/referrals/{id}/family/{person}/remove", post(referral::family::remove))
        .route("/referrals/{id}/children/new", get(referral::siblings::new))
        .route(
            "/referrals/{id}/children/{child}/remove",
            get(referral::siblings::ask_remove).post(referral::siblings::remove),
        )
        .route(
            "/referrals/{id}/children/{child}/{section}",
            get(referral::siblings::show).post(referral::siblings::save),
        )
        .route(
            "/referrals/{id}/children/{child}/family/{person}",
            get(referral::siblings::relation).post(referral::siblings::save_relation),
        )
        .route("/referrals/{id}/children/{child}/family/{person}/same", post(referral::siblings::same))
        .route("/referrals/{id}/answers", get(referral::list::answers))
        .route("/referrals/{id}/referral.pdf", get(referral::list::paper))
        .route("/referrals/{id}/submit", post(referral::decide::submit))
        .route("/referrals/{id}/hand-over", get(referral::hand_over::ask).post(referral::hand_over::hand_over))
        .route("/referrals/{id}/{decision}", get(referral::decide::ask).post(referral::decide::decide))
        // Verification: the phone call.
        .route("/referrals/{id}/verification", get(verification::show).post(verification::begin))
        .route("/referrals/{id}/verification/take", post(verification::take))
        .route("/referrals/{id}/verification/call", post(verification::call))
        .route("/referrals/{id}/verification/override", post(verification::accept_despite))
        .route("/referrals/{id}/verification/items/{item}", get(verification::correction).post(verification::correct))
        .route("/referrals/{id}/verification/items/{item}/answer", post(verification::answer))
        .route("/referrals/{id}/matches", get(referral::matches::show).post(referral::matches::answer))
        .route("/referrals/{id}/part/{child}", get(referral::matches::ask_part).post(referral::matches::part))
        .route("/referrals/{id}/accept", post(referral::decide::accept))
        // The child's file.
        .route("/children", get(file::list).post(file::search))
        .route("/children/{child}", get(file::show))
        .route("/children/{child}/family-picture", get(picture::show))
        .route("/children/{child}/records", get(file::records))
        .route("/children/{child}/worker", get(allocate::file::ask).post(allocate::file::change))
        .route("/children/{child}/refuse", get(allocate::file::ask_refuse).post(allocate::file::refuse))
        .route("/children/{child}/refuse/{allocation}/lift", post(allocate::file::lift))
        .route("/children/{child}/past", get(fact::past::past))
        .route("/children/{child}/on", get(fact::past::on_a_day))
        .route(
            "/children/{child}/facts/{group}/{item}/doubt",
            get(fact::doubt::of_child).post(fact::doubt::say_of_child),
        )
        .route(
            "/children/{child}/facts/{group}/{item}/doubt/{of}/lift",
            get(fact::doubt::ask_lift_of_child).post(fact::doubt::lift_of_child),
        )
        .route(
            "/children/{child}/family/{person}/{group}/{item}/doubt",
            get(fact::doubt::of_person).post(fact::doubt::say_of_person),
        )
        .route(
            "/children/{child}/family/{person}/{group}/{item}/doubt/{of}/lift",
            get(fact::doubt::ask_lift_of_person).post(fact::doubt::lift_of_person),
        )
        .route("/children/{child}/facts/{group}", get(fact::change::of_child).post(fact::change::change_child))
        .route("/children/{child}/family", post(fact::family::add))
        .route("/children/{child}/family/new", get(fact::family::new))
        .route("/children/{child}/family/{person}/end", get(fact::family::ask_end).post(fact::family::end))
        .route("/children/{child}/family/{person}/same", get(fact::same::show).post(fact::same::decide))
        .route("/children/{child}/family/{person}/same/{other}/part", get(fact::same::ask_part).post(fact::same::part))
        .route(
            "/children/{child}/family/{person}/{group}",
            get(fact::change::of_person).post(fact::change::change_person),
        )
        // Social workers: who has which files, who covers.
        .route("/workers", get(allocate::team::list))
        .route("/workers/{worker}/hand-over", get(allocate::team::ask_hand_over).post(allocate::team::hand_over))
        .route("/workers/{worker}/cover", get(allocate::team::ask_cover).post(allocate::team::cover))
        .route("/workers/{worker}/cover/{by}/end", post(allocate::team::end_cover))
        // Risk assessment: written by one, approved by another.
        .route("/children/{child}/assessments", post(risk::write::begin))
        .route("/children/{child}/assessments/new", get(risk::write::new))
        .route("/assessments/{id}", get(risk::show::show).post(risk::write::save))
        .route("/assessments/{id}/check", get(risk::show::check))
        .route("/assessments/{id}/send", post(risk::write::send))
        .route("/approvals", get(risk::approve::list))
        .route("/assessments/{id}/approve", post(risk::approve::approve))
        .route("/assessments/{id}/return", get(risk::approve::ask_return).post(risk::approve::give_back))
        .route("/assessments/{id}/take", post(risk::approve::take))
        .route("/assessments/{id}/void", get(risk::approve::ask_void).post(risk::approve::void))
        // Orders of a court.
        .route("/children/{child}/orders/new", get(order::new))
        .route("/orders/{id}", get(order::show))
        .route("/orders/{id}/correct", get(order::ask_correct).post(order::correct))
        .route("/orders/{id}/end", get(order::ask_end).post(order::end))
        .route("/orders/{id}/terms/new", get(order::new_term))
        .route("/orders/{id}/terms/{term}", get(order::term).post(order::put_term))
        .route("/orders/{id}/terms/{term}/remove", get(order::ask_remove).post(order::remove))
        // Refusing contact for at most seven days.
        .route("/children/{child}/refusals", post(contact_refusal::refuse))
        .route("/children/{child}/refusals/new", get(contact_refusal::new))
        .route("/refusals/{id}", get(contact_refusal::show))
        .route("/refusals/{id}/notices", post(contact_refusal::note_given))
        .route("/refusals/{id}/notices/{to}", get(contact_refusal::notice))
        .route("/refusals/{id}/end", get(contact_refusal::ask_end).post(contact_refusal::end))
        // Consent and sharing.
        .route("/children/{child}/sharing", get(sharing::of_file))
        .route("/children/{child}/consents", post(sharing::add_consent))
        .route("/children/{child}/consents/new", get(sharing::new_consent))
        .route("/consents/{id}/withdraw", get(sharing::ask_withdraw).post(sharing::withdraw))
        .route("/children/{child}/disclosures", post(sharing::send))
        .route("/children/{child}/disclosures/new", get(sharing::new_disclosure))
        .route("/children/{child}/disclosures/check", post(sharing::check))
        .route("/children/{child}/disclosures/papers", post(sharing::look_for_papers))
        .route("/disclosures/{id}", get(sharing::disclosure))
        .route("/disclosures/{id}/disclosure.pdf", get(sharing::paper))
        .route("/disclosures/{id}/file", post(sharing::file))
        .route("/disclosures/{id}/enclosed/{number}", get(sharing::enclosed))
        .route("/disclosures/{id}/handed-over", post(sharing::handed_over))
        .route("/disclosures/{id}/collect", post(sharing::make_collect))
        .route("/disclosures/{id}/collect/back", post(sharing::take_collect_back))
        .route("/disclosures/{id}/recall", get(sharing::ask_recall).post(sharing::recall))
        .route("/disclosures/{id}/answer", post(sharing::answer_recall))
        .route("/disclosures/{id}/told", post(sharing::told))
        .route("/children/{child}/demands", post(sharing::enter))
        .route("/children/{child}/demands/new", get(sharing::new_demand))
        .route("/demands/{id}", get(sharing::demand).post(sharing::decide))
        // Documents.
        .route("/documents/{id}", get(document::show))
        .route("/documents/{id}/content", get(document::content))
        .route("/documents/{id}/kept-from", post(document::keep_from))
        .route("/documents/{id}/take-off", get(document::ask_take_off).post(document::take_off))
        // Contact plan.
        .route("/children/{child}/plans", post(plan::begin))
        .route("/children/{child}/plans/new", get(plan::new))
        .route("/plans", get(plan::list))
        .route("/plans/{id}", get(plan::show))
        .route("/plans/{id}/arrangements/new", get(plan::add))
        .route("/plans/{id}/arrangements/{arrangement}", get(plan::arrangement).post(plan::save))
        .route("/plans/{id}/arrangements/{arrangement}/remove", post(plan::remove))
        .route("/plans/{id}/agreement", get(plan::agreement).post(plan::sign_agreement))
        .route("/plans/{id}/agreement/{reader}", get(plan::read_agreement))
        .route("/plans/{id}/agreement/{reader}/paper", get(plan::agreement_paper))
        .route("/plans/{id}/copy", post(plan::copy))
        .route("/plans/{id}/{step}", get(plan::ask).post(plan::step))
        // Sessions: booked from the plan, kept in the diary.
        .route("/diary", get(session::diary::diary))
        .route(
            "/plans/{id}/arrangements/{arrangement}/sessions",
            get(session::propose::list).post(session::propose::book),
        )
        .route("/plans/{id}/arrangements/{arrangement}/sessions/confirm", post(session::propose::confirm))
        .route("/plans/{id}/arrangements/{arrangement}/sessions/new", get(session::book::new).post(session::book::book))
        .route("/sessions/{id}", get(session::show::show))
        .route("/sessions/{id}/confirm", post(session::show::confirm))
        .route("/sessions/{id}/move", get(session::change::ask_move).post(session::change::move_it))
        .route("/sessions/{id}/cancel", get(session::change::ask_cancel).post(session::change::cancel))
        .route("/sessions/{id}/correct", get(session::change::ask_correct).post(session::change::correct))
        .route("/sessions/{id}/stand-in", get(session::stand_in::ask).post(session::stand_in::stand_in))
        .route("/sessions/{id}/refuse", get(session::refuse::ask).post(session::refuse::refuse))
        .route("/sessions/{id}/late", get(session::stand_in::ask_late).post(session::stand_in::late))
        .route("/sessions/{id}/children", get(session::children::ask))
        .route("/sessions/{id}/children/add", post(session::children::add))
        .route("/sessions/{id}/children/take-off", post(session::children::take_off))
        // The day and the record.
        .route("/my-day", get(session::my_day::my_day))
        .route("/sessions/{id}/start", post(session::show::start))
        .route("/sessions/{id}/record", get(record::read::record).post(record::write::save))
        .route("/sessions/{id}/record/strike", get(record::strike::ask).post(record::strike::strike))
        .route("/sessions/{id}/record/release", get(record::release::ask_release).post(record::release::release))
        .route("/sessions/{id}/concerns", get(record::concern::list))
        .route("/sessions/{id}/record.pdf", get(record::read::paper))
        .route("/sessions/{id}/record/sign", get(record::sign::ask).post(record::sign::sign))
        .route("/sessions/{id}/record/addendum", get(record::add::ask).post(record::add::add))
        // Its review.
        .route("/reviews", get(record::review::list))
        .route("/sessions/{id}/record/review", get(record::review::ask).post(record::review::review))
        // The report for court.
        .route("/children/{child}/reports/new", get(report::new))
        .route("/children/{child}/reports", post(report::begin))
        .route("/reports/{id}", get(report::show).post(report::save))
        .route("/reports/{id}/take", post(report::take))
        .route("/reports/{id}/sign", post(report::sign))
        .route("/reports/{id}/report.pdf", get(report::paper))
        // Administration.
        .route("/admin/accounts", get(admin::accounts::list).post(admin::accounts::create))
        .route("/admin/accounts/new", get(admin::accounts::new))
        .route("/admin/accounts/{id}", get(admin::accounts::show).post(admin::accounts::correct))
        .route("/admin/accounts/{id}/correct", get(admin::accounts::ask_correct))
        .route("/admin/accounts/{id}/invite", post(admin::accounts::invite))
        .route("/admin/accounts/{id}/link", post(admin::accounts::link))
        .route("/admin/accounts/{id}/close", get(admin::close_account::ask).post(admin::close_account::close))
        // The second person.
        .route("/agreements", get(admin::agree::list))
        .route("/agreements/{id}", get(admin::agree::show).post(admin::agree::agree))
        .route("/agreements/{id}/refuse", post(admin::agree::refuse))
        .route("/admin/venues", get(admin::venues::list).post(admin::venues::create))
        .route("/admin/venues/new", get(admin::venues::new))
        .route("/admin/venues/{id}", get(admin::venues::show).post(admin::venues::save))
        .route("/admin/venues/{id}/close", get(admin::venues::ask_close).post(admin::venues::close))
        .route("/admin/venues/{id}/rooms", post(admin::rooms::create))
        .route("/admin/venues/{id}/rooms/new", get(admin::rooms::new))
        .route("/admin/rooms/{id}", get(admin::rooms::show).post(admin::rooms::save))
        .route("/admin/rooms/{id}/close", get(admin::rooms::ask_close).post(admin::rooms::close))
        .route("/admin/hours", get(admin::hours::list))
        .route("/admin/hours/{account}", get(admin::hours::show).post(admin::hours::set))
        // Retention: holds, lists, certificates.
        .route("/retention", get(retention::overview))
        .route("/retention/holds", get(retention::holds).post(retention::set_hold))
        .route("/retention/holds/new", get(retention::new_hold))
        .route("/retention/holds/find", post(retention::find))
        .route("/retention/holds/person", get(retention::ask_hold_person).post(retention::look_for_person))
        .route("/retention/holds/person/set", post(retention::set_hold_on_person))
        .route("/retention/holds/{id}", get(retention::hold))
        .route("/retention/holds/{id}/review", get(retention::ask_review).post(retention::review))
        .route("/retention/holds/{id}/lift", get(retention::ask_lift).post(retention::lift))
        .route("/retention/holds/{id}/files", post(retention::add))
        .route("/retention/lists", post(retention::propose))
        .route("/retention/lists/{id}", get(retention::list))
        .route("/retention/lists/{id}/approve", post(retention::approve))
        .route("/retention/lists/{id}/withdraw", get(retention::ask_withdraw).post(retention::withdraw))
        .route("/retention/items/{id}/take-off", get(retention::ask_take_off).post(retention::take_off))
        .route("/retention/items/{id}/archive", get(retention::ask_archive).post(retention::mark))
        .route("/retention/items/{id}/no-archive", get(retention::ask_unmark).post(retention::unmark))
        .route("/retention/archive/{id}", get(retention::transfer))
        .route("/retention/archive/{id}/bag.tar", post(retention::bag))
        .route("/retention/archive/{id}/receipt", post(retention::receipt))
        .route("/retention/archive/{id}/again", post(retention::again))
        .route("/retention/archive/{id}/stop", get(retention::ask_stop).post(retention::stop))
        .route("/retention/certificates/{id}", get(retention::certificate))
        .route("/retention/certificates/{id}/certificate.pdf", get(retention::paper))
        .route("/retention/certificates/{id}/certificate.json", get(retention::json))
        // The register as versions.
        .route("/register/versions", get(register::versions::list).post(register::versions::begin))
        .route("/register/versions/{id}", get(register::versions::show).post(register::versions::decide))
        .route("/register/versions/{id}/text", get(register::versions::text).post(register::versions::save))
        .route(
            "/register/versions/{id}/sections/{section}",
            get(register::sections::show).post(register::sections::save),
        )
        .route(
            "/register/versions/{id}/sections/{section}/new",
            get(register::sections::new).post(register::sections::put_in),
        )
        .route(
            "/register/versions/{id}/sections/{section}/rows/{row}",
            get(register::sections::row).post(register::sections::change),
        )
        .route(
            "/register/versions/{id}/sections/{section}/rows/{row}/remove",
            get(register::sections::ask).post(register::sections::take_out),
        )
        .route("/register/versions/{id}/propose", post(register::versions::propose))
        .route("/register/versions/{id}/withdraw", post(register::versions::withdraw))
        // Sharing: agreements, and what went to whom.
        .route("/research", get(research::list).post(research::ask))
        .route("/research/new", get(research::new))
        .route("/research/{id}", get(research::show).post(research::decide))
        .route("/research/{id}/end", post(research::end))
        .route("/research/{id}/extract.csv", get(research::csv))
        .route("/sharing", get(sharing::overview))
        .route("/sharing/ended", get(sharing::ended))
        .route("/sharing/log", get(sharing::log))
        .route("/sharing/agreements", post(sharing::write))
        .route("/sharing/agreements/new", get(sharing::new_agreement))
        .route("/sharing/agreements/{id}", get(sharing::agreement).post(sharing::sign))
        .route("/sharing/agreements/{id}/review", get(sharing::ask_review).post(sharing::review))
        .route("/sharing/agreements/{id}/end", get(sharing::ask_end_agreement).post(sharing::end_agreement))
        // Accountability.
        .route("/audit", get(audit::log))
        .route("/audit/searches", get(audit::searches::ask).post(audit::searches::show))
        .route("/register", get(register::show))
        .route("/register/promises", get(privacy::promises))
        .route("/register/papers/{name}", get(privacy::register_page))
        .route("/register/papers/{name}/pdf", get(privacy::register_paper))
        // Open to everybody: the public notice.
        .route("/privacy", get(privacy::show))
        .route("/privacy/notice.pdf", get(privacy::paper))
        .route("/privacy/notice.txt", get(privacy::text))
        // Rights: asked by anybody, answered by the data protection officer.
        .route("/your-rights", get(rights::public::ask).post(rights::public::send))
        .route("/requests", get(rights::list).post(rights::enter))
        .route("/requests/new", get(rights::new))
        .route("/requests/{id}", get(rights::show::show).post(rights::show::step))
        .route("/requests/{id}/held", get(rights::held::ask).post(rights::held::say))
        .route("/requests/{id}/decide", get(rights::decide::ask).post(rights::decide::say))
        .route("/requests/{id}/use-again/{statement}", get(rights::decide::ask_again).post(rights::decide::again))
        .route("/requests/{id}/letters/{letter}", get(rights::show::letter))
        .route("/requests/{id}/pack", get(pack::show).post(pack::begin))
        .route("/requests/{id}/pack/names", post(pack::names))
        .route("/requests/{id}/pack/hand-over", post(pack::make_hand_over))
        .route("/requests/{id}/pack/take-back", post(pack::take_back))
        .route("/requests/{id}/pack/schedule", get(pack::schedule))
        .route("/requests/{id}/pack/pack.json", get(pack::data))
        .route("/requests/{id}/pack/pack.csv", get(pack::csv))
        .route("/requests/{id}/pack/volumes/{number}", get(pack::volume))
        .route("/requests/{id}/pack/{number}/document", get(pack::part::document))
        .route("/requests/{id}/pack/{number}", get(pack::part::show).post(pack::part::change))
        .route("/collect/{id}", get(collect::ask).post(collect::open))
        .route("/collect/{id}/files", get(collect::files))
        .route("/collect/{id}/volumes/{number}", get(collect::volume))
        .route("/collect/{id}/documents/{number}", get(collect::document))
        .route("/collect/{id}/information.pdf", get(collect::paper))
        .route("/collect/{id}/enclosed/{number}", get(collect::enclosed))
        .route("/collect/{id}/pack.json", get(collect::data))
        .route("/collect/{id}/pack.csv", get(collect::csv))
        // What may have happened to personal data.
        .route("/breaches", get(breach::list).post(breach::suspect))
        .route("/breaches/new", get(breach::new))
        .route("/breaches/{id}", get(breach::show).post(breach::step))
        .route("/breaches/{id}/opened", get(breach::opened::show).post(breach::opened::name))
        .route("/breaches/{id}/affected", post(breach::opened::affected))
        .route("/breaches/{id}/papers/{paper}", get(breach::paper))
        // Styles, scripts, fonts.
        .route("/assets/{*path}", get(assets::asset))
        .fallback(security::nowhere)
        .method_not_allowed_fallback(security::nowhere)
        .with_state(app);
    security::guard(routes, documents, front)
}
