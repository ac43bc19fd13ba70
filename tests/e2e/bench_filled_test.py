"""What the bench measures on stores that it has filled: nodes start with them, work, and find books and ledger good. How
fast that is, is not asked here."""
import unittest

from bench_case import BenchCase


class FilledStores(BenchCase):
    def test_a_neighbour_that_is_dead_and_back(self):
        seen = self.figures("backlog")
        for name in ("backlog_accept", "backlog_accept_ratio", "backlog_rss", "backlog_start", "backlog_drain", "queue_1k",
                     "shape_1k", "why_queued_1k_p99"):
            self.assertGreater(seen[name], 0)

    def test_questions_about_a_filled_ledger(self):
        seen = self.figures("ledger_10M")
        for name in ("trace_20k_p50", "trace_20k_p99", "why_20k_p50", "why_20k_p99", "books_20k"):
            self.assertGreater(seen[name], 0)


if __name__ == "__main__":
    unittest.main()
