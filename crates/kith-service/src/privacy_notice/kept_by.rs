//! What makes each statement of the public notice true: a rule of Kith with the tests that show it, or people, by name of the
//! role. A notice in which a statement has no line here is refused.

use kith_domain::privacy_notice::By;

/// What makes a statement true.
#[derive(Clone, Copy, Debug)]
pub struct KeptBy {
    /// The statement's code, as the words of the notice have it.
    pub code: &'static str,
    /// Who makes it true.
    pub by: By,
    /// How, in a sentence.
    pub how: &'static str,
    /// The tests that show it; none where people do it.
    pub tests: &'static [&'static str],
}

/// The line of a statement's code.
pub fn kept_by(code: &str) -> Option<&'static KeptBy> {
    KEPT_BY.iter().find(|line| line.code == code)
}

const fn kith(code: &'static str, how: &'static str, tests: &'static [&'static str]) -> KeptBy {
    KeptBy { code, by: By::Kith, how, tests }
}

const fn both(code: &'static str, how: &'static str, tests: &'static [&'static str]) -> KeptBy {
    KeptBy { code, by: By::Both, how, tests }
}

const fn people(code: &'static str, how: &'static str) -> KeptBy {
    KeptBy { code, by: By::People, how, tests: &[] }
}

/// Every statement of the notice, in the order in which it is said.
pub const KEPT_BY: &[KeptBy] = &[
    kith(
        "inform.what",
        "The notice is rendered from the register that the service enforces, and is read without signing in.",
        &[
            "the_notice_is_read_by_everybody_in_each_edition_and_language",
            "the_founding_notice_is_said_sentence_by_sentence",
        ],
    ),
    both(
        "controller.registered",
        "The register names the entry; that it is in force is for the data protection officer to see to.",
        &["the_register_is_read_beside_the_audit_by_those_who_answer_for_it"],
    ),
    both(
        "controller.part_of",
        "The register says who runs the service.",
        &["the_founding_notice_is_said_sentence_by_sentence"],
    ),
    kith(
        "service.six_days",
        "The days are counted from the opening hours outside which nothing can be booked.",
        &[
            "a_venue_is_open_only_while_the_service_is",
            "the_days_of_the_notice_are_the_days_on_which_something_can_be_booked",
        ],
    ),
    kith(
        "service.looked_after",
        "Each file has a legal status, and what an order or plan owes is counted against what was held.",
        &["a_status_that_rests_on_an_order_needs_it"],
    ),
    kith(
        "service.interim_order",
        "An interim care order is a status of its own, with shorter days until the first session for a baby.",
        &["a_status_that_rests_on_an_order_needs_it"],
    ),
    kith(
        "service.supervised",
        "A session has a supervisor, and whether a text was written during or after it is worked out from the real hours.",
        &[
            "a_text_is_during_immediately_after_or_later_by_the_real_hours",
            "an_end_that_was_forgotten_makes_nothing_during",
        ],
    ),
    kith(
        "items.collected",
        "Only what the catalogue and the register name can be stored; the list is made from both.",
        &["what_the_register_does_not_name_cannot_be_stored", "the_notice_lists_what_is_held_and_nothing_else"],
    ),
    kith(
        "items.sources",
        "Every fact says who gave it and when.",
        &["what_stood_is_kept_with_who_said_it_and_until_when"],
    ),
    kith(
        "items.ways",
        "A referral is a form of its social worker, verified by phone item by item before it is accepted.",
        &["verified_item_by_item_then_accepted", "nobody_accepts_before_verification"],
    ),
    kith(
        "retention.schedule",
        "Each record's category, date and rule stand on its page.",
        &["each_rule_of_the_notice_and_the_handbook"],
    ),
    kith(
        "retention.periods",
        "The day is worked out from the notice's rules. What is over is proposed, approved by two others and destroyed by its key, with a \
         certificate; what goes to an archive is destroyed only when the archive has it; a hold set meanwhile stops it.",
        &[
            "each_rule_of_the_notice_and_the_handbook",
            "nothing_is_destroyed_before_it_may_be",
            "a_file_is_proposed_by_one_approved_by_two_others_and_destroyed",
            "a_hold_set_meanwhile_stops_its_part_and_its_lifting_destroys_nothing",
            "a_file_that_was_destroyed_is_nowhere_and_the_brother_s_stays",
            "a_file_goes_to_the_archive_and_is_destroyed_only_when_the_archive_has_it",
            "what_was_collected_goes_after_its_days_and_the_request_after_its_years",
            "a_request_ends_by_one_door_whoever_is_killed_and_whatever_comes_back",
        ],
    ),
    kith(
        "purpose.enforced",
        "Every look and every change names its purpose; one that the register does not have is refused everywhere.",
        &["a_purpose_that_does_not_cover_it_is_refused", "what_a_purpose_does_not_cover_is_not_opened"],
    ),
    kith(
        "purpose.only",
        "What a purpose does not cover is not opened for it.",
        &["what_a_purpose_does_not_cover_is_not_opened"],
    ),
    kith(
        "sharing.not_sold",
        "There is no export without a purpose: every way out stands in one list, each is tried with every purpose, and what leaves is entered in \
         the access log.",
        &[
            "every_export_with_every_purpose_is_refused_but_for_its_own",
            "every_route_that_gives_out_a_file_is_in_the_list_of_exports",
        ],
    ),
    kith(
        "basis.uses",
        "The purposes of the register are the only ones; each has its legal basis.",
        &["a_purpose_that_does_not_cover_it_is_refused"],
    ),
    kith(
        "basis.governs",
        "The legal basis stands with each purpose in the register.",
        &["the_register_is_read_beside_the_audit_by_those_who_answer_for_it"],
    ),
    both(
        "sharing.departments",
        "A department gets its package and no field more, for a purpose of the case: a person sends it, and what went is kept and logged.",
        &[
            "every_package_can_be_made_and_names_items_of_the_catalogue",
            "nothing_of_somebody_who_must_not_attend_goes_where_nobody_needs_it",
            "what_bears_on_it_is_asked_again_and_a_change_is_told",
        ],
    ),
    kith(
        "sharing.partners",
        "Outside the council something goes only under a signed agreement in force that covers the purpose and the items, and with consent where \
         it rests on it; all of it is asked again at the moment of sending.",
        &[
            "without_an_agreement_in_force_nothing_leaves_the_council",
            "a_consent_withdrawn_between_choosing_and_sending_stops_it",
            "the_driver_gets_what_a_driver_needs_and_no_field_more",
            "what_the_agreement_or_the_purpose_does_not_cover_stays",
        ],
    ),
    both(
        "sharing.law",
        "A demand names its power, and a manager who did not enter it decides; what answers it goes and nothing else.",
        &["a_demand_names_its_power_and_another_manager_approves"],
    ),
    both(
        "rights.free",
        "A request is written down with its clock; there is nowhere to ask for a fee.",
        &["a_request_from_the_public_page_is_on_the_desk_with_its_day"],
    ),
    both(
        "rights.access",
        "A request for access has its clock, steps and letters; who is held is looked for in every file, from the request alone. What is \
         held is collected from each, decided about word by word, read by a second person and handed over.",
        &[
            "a_childs_pack_has_every_kind_of_thing_in_the_file_in_order_of_time",
            "nothing_that_is_taken_out_is_in_a_volume_or_in_the_data",
            "a_request_from_the_public_page_is_on_the_desk_with_its_day",
            "a_request_is_answered_only_when_identity_and_authority_are_settled",
            "who_asks_is_looked_for_from_their_request_and_confirmed_by_a_person",
        ],
    ),
    kith(
        "rights.rectification",
        "A fact is corrected with the old one kept, or the dispute stands beside it; whoever was given it is to be told.",
        &[
            "corrected_with_the_old_kept_and_ended",
            "a_dispute_stands_beside_the_fact_and_is_taken_back_with_why",
            "what_was_wrong_when_it_went_is_told_and_what_changed_later_is_not",
        ],
    ),
    kith(
        "rights.marketing",
        "Kith sends no marketing: messages go to staff, and name nobody.",
        &["nobody_is_named_in_titles_and_addresses"],
    ),
    both(
        "rights.complaint",
        "A complaint is written down and its confirmation within 30 days is a clock.",
        &["a_complaint_is_acknowledged_within_thirty_days"],
    ),
    both(
        "rights.consent",
        "A withdrawal is asked for on the public page or written down on the file, and stops the next thing that rests on it at once; what \
         rests on a duty goes on, and the page says to tell them so.",
        &[
            "a_request_from_the_public_page_is_on_the_desk_with_its_day",
            "what_rests_on_consent_goes_as_long_as_it_was_given_and_not_withdrawn",
            "withdrawn_while_it_is_being_sent_one_of_the_two_comes_first",
        ],
    ),
    both(
        "rights.erasure",
        "A request for erasure is refused with the rule and the day in plain words; what rests on consent is withdrawn from the request.",
        &[
            "erasure_is_refused_with_the_duty_the_reason_and_the_way_to_complain",
            "erasure_names_the_rule_and_what_rests_on_consent_goes",
        ],
    ),
    both(
        "rights.portability",
        "What somebody gave themselves is put together as data (JSON) and as a table (CSV), read by a second person and handed over.",
        &["what_somebody_gave_themselves_is_data_and_a_table"],
    ),
    kith(
        "rights.decisions",
        "Kith decides nothing about anybody: what it proposes takes effect when a named person confirms it.",
        &["another_person_approves_and_only_what_was_sent"],
    ),
    both(
        "rights.objection",
        "An objection is a request with a clock, weighed by a person with both sides written down, and answered in writing; what is upheld \
         stops.",
        &[
            "a_request_from_the_public_page_is_on_the_desk_with_its_day",
            "an_objection_is_weighed_and_what_is_upheld_stops",
        ],
    ),
    kith(
        "rights.restriction",
        "What is restricted is in no row that a page, list, search or paper reads from, and not on the referral that said it.",
        &[
            "a_restricted_fact_is_shown_to_nobody_who_works_with_the_file_until_it_is_lifted",
            "what_is_restricted_is_not_shown_by_the_referral_that_said_it",
            "a_restriction_from_the_request_stops_use_at_once_under_the_hands_of_who_reads_the_page",
        ],
    ),
    both(
        "rights.duty",
        "A refusal names the duty, the reason, and how to complain.",
        &["erasure_is_refused_with_the_duty_the_reason_and_the_way_to_complain"],
    ),
    people("rights.guidance", "The Commissioner's guidance is public; the letters of Kith say where."),
    people("fraud.initiative", "Kith makes no extract for data matching yet: the authority makes it from elsewhere."),
    kith(
        "security.measures",
        "What identifies or describes a person is sealed; the keys lie apart; the log cannot be altered unseen; backups are tried.",
        &[
            "nothing_readable_is_in_the_sealed_bytes",
            "a_service_is_backed_up_while_it_serves_put_back_verified_and_served",
            "a_signature_does_not_hide_what_was_altered_behind_it",
        ],
    ),
    kith(
        "security.need",
        "Access follows from allocation, and every look is entered in the access log.",
        &["every_action_by_every_role_allocated_and_not", "who_is_refused_sees_nothing_of_it_whatever_their_role"],
    ),
    both(
        "breach.procedure",
        "Anybody on the staff says that something may have happened; the 72 hours run from then, and people are told.",
        &["a_suspicion_starts_seventy_two_hours_and_ends_with_a_decision_and_its_reason"],
    ),
    kith(
        "rights.who",
        "Anybody can ask: on the public page, or by letter, email or phone, which staff write down.",
        &["a_request_from_the_public_page_is_on_the_desk_with_its_day"],
    ),
    kith(
        "rights.month",
        "The day is counted from receipt, with pauses, extension and bank holidays, and stands on the desk in the order of harm.",
        &[
            "a_request_from_the_public_page_is_on_the_desk_with_its_day",
            "a_pause_moves_the_day_and_an_extension_is_told_within_the_first_month",
        ],
    ),
    people("inform.corporate", "The authority publishes its own statement; the register says where."),
    both(
        "inform.officer",
        "The register says where the data protection officer is.",
        &["the_founding_notice_is_said_sentence_by_sentence"],
    ),
];
