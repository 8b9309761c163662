//! The gateway's rules on the wire, for whatever database it keeps its data in.
//!
//! Each rule gets a [`Site`] of its own. `tests/gateway.rs` runs all of them on SQLite and on PostgreSQL.

pub mod audit;
pub mod cases;
pub mod changes;
pub mod contacts;
pub mod files;
pub mod judgement;
pub mod retention;
pub mod sessions;
pub mod site;
pub mod submissions;
pub mod upgrade;
pub mod withdrawals;

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
                what_the_database_refuses_harms_nobody_else,
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
                a_file_that_no_case_asked_for_is_forgotten,
                an_upload_says_until_when_it_is_kept,
                the_same_content_comes_once_for_each_worker,
                files_without_a_case_have_limited_room;
            withdrawals:
                a_withdrawn_id_never_becomes_a_case,
                a_case_is_not_withdrawn,
                of_filing_and_withdrawing_at_once_one_wins,
                looking_first_is_not_enough,
                a_tombstone_is_its_workers_alone;
            changes:
                a_case_begins_as_received,
                changes_come_in_order_page_by_page,
                a_feed_is_its_workers_alone,
                a_waiting_reader_hears_of_a_change_at_once,
                a_waiting_reader_goes_when_the_gateway_stops,
                no_change_is_passed_by_a_cursor,
                a_number_is_read_after_all_lower_ones,
                a_database_that_was_set_back_is_read_again,
                a_cursor_that_is_none_is_refused;
            cases:
                how_a_case_stands_is_for_those_who_may_see_it,
                an_officer_moves_a_case,
                of_a_marked_case_nothing_is_said,
                each_look_is_kept;
            retention:
                what_had_its_time_goes_with_a_certificate,
                what_is_kept_by_default_stays,
                one_gateway_at_a_time_does_a_chore,
                a_chore_left_undone_is_taken_over;
            upgrade:
                a_database_of_the_first_release_keeps_everything,
                many_that_start_at_once_make_one_database;
            contacts:
                the_highest_revision_stays,
                a_contact_is_its_workers_alone,
                a_marking_of_the_call_marks_its_cases;
            audit:
                a_log_arrives_in_order_and_once,
                a_gap_is_refused_with_where_to_go_on,
                another_past_is_refused,
                a_change_of_what_is_stored_comes_to_light,
                a_broken_run_is_refused,
                a_log_is_its_workers_alone,
                many_at_once_store_each_event_once,
                verification_finds_what_was_done_to_a_log,
                a_log_whose_oldest_events_are_gone_goes_on;
            sessions:
                a_refresh_token_is_good_once,
                a_stolen_refresh_token_ends_the_chain,
                two_at_once_cannot_both_refresh;
        }
    };
}
