//! The gateway's rules on the wire, for whatever database it keeps its data in.
//!
//! Each rule gets a [`Site`] of its own. `tests/gateway.rs` runs all of them on SQLite and on PostgreSQL.

pub mod audit;
pub mod contacts;
pub mod files;
pub mod judgement;
pub mod sessions;
pub mod site;
pub mod submissions;

pub use site::{Clerk, Site};

/// Gives every rule to a macro that makes tests of them. A rule is an async function from [`Site`] that fails with what
/// was seen instead.
#[macro_export]
macro_rules! every_gateway_rule {
    ($tests:ident) => {
        $tests! {
            submissions:
                one_id_has_one_case,
                another_id_is_another_case,
                other_content_under_an_id_is_refused,
                many_connections_make_one_case,
                two_gateways_on_one_database_make_one_case,
                numbers_have_no_gaps_and_no_order,
                a_receipt_proves_and_a_changed_one_does_not,
                key_and_digest_are_demanded,
                a_case_is_its_workers_alone,
                a_case_outlives_the_gateway,
                a_newer_database_is_refused;
            judgement:
                wrong_answers_are_refused_by_name,
                missing_answers_wait_where_speech_is_enough,
                missing_answers_are_refused_where_it_is_not,
                dates_are_judged_by_the_day_of_freezing,
                protection_is_judged_and_kept,
                an_unknown_or_changed_service_is_refused,
                a_retired_service_is_refused_and_undoes_nothing,
                nonsense_is_malformed_and_never_a_failure;
            files:
                a_case_waits_for_its_files,
                a_file_in_a_row_counts,
                an_upload_goes_on_where_it_broke_off,
                the_same_chunk_twice_at_once_is_stored_once,
                a_damaged_chunk_or_file_is_found_out,
                an_upload_is_its_workers_alone,
                an_upload_has_limits,
                a_file_that_no_case_asked_for_is_forgotten;
            contacts:
                the_highest_revision_stays,
                a_contact_is_its_workers_alone;
            audit:
                a_log_arrives_in_order_and_once,
                a_gap_is_refused_with_where_to_go_on,
                another_past_is_refused,
                a_change_of_what_is_stored_comes_to_light,
                a_broken_run_is_refused,
                a_log_is_its_workers_alone,
                many_at_once_store_each_event_once;
            sessions:
                a_refresh_token_is_good_once,
                a_stolen_refresh_token_ends_the_chain,
                two_at_once_cannot_both_refresh;
        }
    };
}
