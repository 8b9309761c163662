//! The `Municipality` port against the real gateway, on both databases.

use anyhow::{Context, Result};
use ledsaga_contract::{municipality, postgres::Cluster, town::Town};

macro_rules! promises {
    ($($promise:ident),* $(,)?) => {
        $(
            #[tokio::test]
            async fn $promise() -> Result<()> {
                municipality::$promise(Town::start().await?).await
            }
        )*

        #[tokio::test]
        #[ignore = "needs PostgreSQL: cargo xtask test runs it"]
        async fn all_of_it_on_postgresql() -> Result<()> {
            if std::env::var_os("LEDSAGA_NO_POSTGRES").is_some_and(|value| value == "1") {
                return Ok(());
            }
            let cluster = Cluster::start()?;
            $(
                let town = Town::on_database(&cluster.database()?).await?;
                municipality::$promise(town).await.context(stringify!($promise))?;
            )*
            Ok(())
        }
    };
}

promises! {
    the_catalogue_is_sent_only_when_it_is_new,
    encoding_is_deterministic,
    a_case_is_received_once_however_often_it_is_sent,
    other_content_under_the_same_id_is_refused,
    a_no_names_the_questions_and_makes_no_case,
    a_case_waits_for_its_files,
    a_withdrawn_id_never_becomes_a_case,
    a_withdrawal_that_comes_too_late_gives_the_receipt,
    of_a_withdrawal_and_an_arrival_at_once_one_comes_first,
    anothers_submission_is_not_withdrawn,
    a_large_file_arrives_whole,
    a_contact_record_may_be_sent_again_and_grow,
    one_workers_cases_are_nothing_to_another,
    what_becomes_of_a_case_is_told_and_answered_by_its_number,
    a_log_is_handed_over_once_and_goes_on_where_it_stands,
    another_log_under_the_same_numbers_is_refused,
    a_gateway_that_comes_back_takes_up_where_it_was,
}

/// Looks through the files that SQLite writes.
#[tokio::test]
async fn a_protected_callers_phone_number_never_leaves() -> Result<()> {
    municipality::a_protected_callers_phone_number_never_leaves(Town::start().await?).await
}
