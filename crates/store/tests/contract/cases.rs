//! What every engine promises (the documentation of the crate `store` lists it), as tests that run on any of them.

use super::model::start;
use base::clock::{Clock, FixedClock};
use std::sync::Arc;
use store::Store;

/// A location for data, and the engine that stores it there.
pub(crate) trait Engine {
    /// An empty location.
    fn fresh() -> Self;
    /// Opens the store there. Only one is open at a time.
    fn open(&self, clock: Arc<dyn Clock>) -> Arc<dyn Store>;
}

/// A new, empty store, with its clock.
pub(crate) struct Bench<E> {
    pub(crate) engine: E,
    pub(crate) clock: FixedClock,
    pub(crate) store: Arc<dyn Store>,
}

impl<E: Engine> Bench<E> {
    pub(crate) fn new() -> Self {
        let (engine, clock) = (E::fresh(), FixedClock::at(start()));
        let store = engine.open(Arc::new(clock.clone()));
        Self { engine, clock, store }
    }

    /// Closes the store and opens it again.
    pub(crate) async fn reopen(&mut self) {
        self.store.close().await.unwrap();
        self.store = self.engine.open(Arc::new(self.clock.clone()));
    }
}

/// Defines a test for every case, on one engine.
macro_rules! cases {
    ($engine:ty) => {
        $crate::cases::cases!($engine, log:
            seq_counts_commits_in_order,
            providers_do_not_see_each_other,
            bytes_come_back_exactly_as_stamped,
            an_equivalent_statement_changes_nothing,
            a_statement_that_differs_refuses_its_whole_commit,
            stored_never_decreases_when_the_clock_does,
            a_promise_is_kept_by_every_later_statement,
            seq_at_finds_the_last_statement_of_an_instant,
            a_void_is_honored_whichever_comes_first,
            a_guarded_statement_is_voided_only_by_its_guard,
            a_voiding_statement_is_never_voided,
            a_reference_is_found_by_its_target_whichever_comes_first,
            a_chain_of_references_is_found_by_its_end_in_every_order_of_arrival,
            a_chain_of_references_is_followed_so_far_and_no_further,
            references_in_a_circle_come_to_an_end,
            everything_survives_reopening,
            a_closed_store_refuses_everything,
        );
        $crate::cases::cases!($engine, redactions:
            a_redaction_changes_words_and_keys_and_nothing_else,
            what_is_redacted_differs_from_what_was_sent,
            a_redaction_of_other_words_undoes_its_whole_commit,
            those_that_refer_lose_and_gain_what_their_target_does,
            a_redaction_reaches_as_far_as_a_chain_is_followed,
            a_redaction_and_what_is_written_beside_it_agree,
            a_forgotten_blob_is_gone_and_can_be_kept_again,
        );
        $crate::cases::cases!($engine, scans:
            a_scan_keeps_to_its_bounds_order_and_limit,
            a_scan_for_several_tokens_finds_what_has_them_all,
            scans_return_what_a_full_search_would,
        );
        $crate::cases::cases!($engine, records:
            a_record_is_inserted_replaced_and_deleted_by_version,
            a_unique_key_belongs_to_one_record,
            a_unique_key_is_free_again_within_the_same_commit,
            a_range_goes_on_where_it_stopped,
            a_span_begins_with_its_prefix,
            a_refused_write_undoes_its_whole_commit,
            what_is_too_large_is_refused_alone_and_what_is_large_is_kept,
        );
        $crate::cases::cases!($engine, due:
            due_work_is_claimed_when_its_time_has_come,
            work_that_is_due_later_than_its_queue_allows_is_claimed_after_what_has_waited,
            a_lapsed_claim_is_given_to_another,
            work_that_is_due_anew_voids_the_claim_on_it,
            a_ticket_is_never_given_twice,
            a_void_claim_undoes_its_whole_commit,
            the_longest_waiting_is_claimed_first,
        );
        $crate::cases::cases!($engine, blobs:
            a_blob_is_known_by_its_digest,
            a_blob_is_read_in_ranges,
            a_stream_is_kept_as_its_bytes_would_be,
            a_broken_stream_leaves_nothing,
        );
        $crate::cases::cases!($engine, concurrency:
            readers_never_see_a_hole_while_others_write,
            one_refusal_among_many_fails_alone,
            of_many_who_replace_one_record_one_wins_each_round,
            what_stays_is_in_every_listing_while_others_move_come_and_go,
        );
    };
    ($engine:ty, $part:ident: $($case:ident),* $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            async fn $case() {
                $crate::$part::$case($crate::cases::Bench::<$engine>::new()).await;
            }
        )*
    };
}
pub(crate) use cases;
