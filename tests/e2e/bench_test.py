"""The bench runs to its end: everything it sends is accepted, the books balance, and each figure is there. How fast that
is, is not asked here."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

BENCH = pathlib.Path(os.environ["TRUC_BIN_DIR"]) / "truc-bench"
SHORT = ["--seconds", "1", "--waiting", "40", "--misbehaving", "80", "--backlog", "5000", "--events", "200000"]
PATIENCE = 200  # seconds


class Bench(unittest.TestCase):
    def figures(self, *measurements):
        with tempfile.TemporaryDirectory() as directory:
            done = subprocess.run([BENCH, "--json", *SHORT, "--directory", directory, "--only", ",".join(measurements)],
                                  capture_output=True, text=True, timeout=PATIENCE)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(os.listdir(directory), [])
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return {line["name"]: line["value"] for line in lines}

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

    def test_a_neighbour_that_is_dead_and_back(self):
        seen = self.figures("backlog")
        for name in ("backlog_accept", "backlog_accept_ratio", "backlog_rss", "backlog_start", "backlog_drain", "queue_5k",
                     "shape_5k", "why_queued_5k_p99"):
            self.assertGreater(seen[name], 0)

    def test_questions_about_a_filled_ledger(self):
        seen = self.figures("ledger_10M")
        for name in ("trace_200k_p50", "trace_200k_p99", "why_200k_p50", "why_200k_p99", "books_200k"):
            self.assertGreater(seen[name], 0)

    def test_what_it_does_not_know_it_does_not_measure(self):
        done = subprocess.run([BENCH, "--only", "accept_smoke_signals"], capture_output=True, text=True, timeout=PATIENCE)
        self.assertEqual(done.returncode, 1)
        self.assertIn("accept_smoke_signals", done.stderr)


if __name__ == "__main__":
    unittest.main()
