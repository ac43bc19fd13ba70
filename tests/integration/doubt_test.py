"""Orders about deliveries that a neighbour may have taken already: it was offered them and stands still."""
import os
import signal
import subprocess
import unittest

from network import DISTRICT, INFORMATION, PATIENCE, PROVINCE, program
from why_case import WhyCase


class Doubt(WhyCase):
    RUNNING = ("ninhthuan", "thuannam")

    def freeze(self, node):
        """Until the returned function is called, or the end of the test."""
        process = self.tree[node].process

        def wake():
            os.kill(process.pid, signal.SIGCONT)
        os.kill(process.pid, signal.SIGSTOP)
        self.addCleanup(wake)
        return wake

    def ordered(self, verb, told):
        answer = self.order("ninhthuan", "deliveries/" + verb, id=self.delivery(told), reason="x")
        self.assertEqual(answer.status, 200, answer)
        return answer.json["changed"], answer.json["in_doubt"]

    def under_way(self):
        return self.tree["ninhthuan"].neighbour("thuannam")["under_way"]

    def truc(self, *arguments, language):
        done = subprocess.run([program("truc"), "--socket", self.tree["ninhthuan"].node["admin"], *arguments],
                              capture_output=True, text=True, timeout=PATIENCE,
                              env={**os.environ, "LC_ALL": language})
        self.assertEqual(done.returncode, 0, done)
        return " ".join(done.stdout.split())

    def test_whoever_acts_learns_that_it_may_be_too_late(self):
        self.arrives(DISTRICT, self.send(PROVINCE, DISTRICT))  # they are connected
        wake = self.freeze("thuannam")
        held, expired, other, near = (self.send(PROVINCE, code) for code in (DISTRICT, DISTRICT, DISTRICT, INFORMATION))
        self.eventually(self.under_way, lambda legs: legs == 3)
        self.assertEqual(self.ordered("hold", held), (1, 1))
        self.assertEqual(self.ordered("hold", held), (0, 0))
        self.assertEqual(self.ordered("hold", near), (1, 0))
        self.assertEqual(self.ordered("release", near), (1, 0))
        self.assertIn("may be at a neighbour already", self.truc("expire", self.delivery(expired), "--reason", "x",
                                                                 language="C.UTF-8"))
        self.assertIn("có thể nút lân cận đã nhận", self.truc("hold", self.delivery(other), "--reason", "x",
                                                              language="vi_VN.UTF-8"))
        wake()
        for told in (held, expired, other):
            self.arrives(DISTRICT, told)


if __name__ == "__main__":
    unittest.main()
