"""The bench runs to its end: everything it sends is accepted, the books balance, and each figure is there. How fast that
is, is not asked here."""
import subprocess
import unittest

from bench_case import BENCH, PATIENCE, BenchCase


class Bench(BenchCase):
    def test_documents_over_amqp_and_http(self):
        seen = self.figures("accept_amqp_4KiB", "accept_http_4KiB")
        for name in ("accept_amqp_4KiB", "accept_http_4KiB", "stage_cpu_amqp_4KiB", "stage_cpu_4KiB"):
            self.assertGreater(seen[name], 0)

    def test_clients_that_wait(self):
        seen = self.figures("rss_amqp_idle", "rss_long_poll", "push")
        self.assertLessEqual({"rss_amqp_idle_each", "rss_long_poll_each", "push_p50", "push_p99", "push_long_poll_p50",
                              "push_long_poll_p99"}, seen.keys())

    def test_clients_that_misbehave(self):
        seen = self.figures("bad_peers")
        for name in ("bad_peers_ratio", "bad_peers_ratio_p99", "bad_peers_new_ratio", "bad_peers_new_ratio_p99"):
            self.assertGreater(seen[name], 0)

    def test_what_it_does_not_know_it_does_not_measure(self):
        done = subprocess.run([BENCH, "--only", "accept_smoke_signals"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("accept_smoke_signals", done.stderr)


if __name__ == "__main__":
    unittest.main()
