"""How much one client may ask: it is told when to come again, and the others do not notice."""
import threading
import time
import unittest

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PLANNING

ACCEPTED = 'truc_accepted_total{entrance="http"}'


def limit(net, **values):
    net.config.write_text(net.config.read_text() + "\n[limits]\n" + "".join(f"{k} = {v}\n" for k, v in values.items()))


class Rate(BrokerCase):
    @classmethod
    def prepare(cls, net):
        limit(net, requests_per_second=2, burst=5)

    def test_a_client_in_a_hurry_is_told_when_to_come_again(self):
        hasty = self.client(GOVERNMENT)
        answers = [hasty.get("/v1/agencies/" + GOVERNMENT) for _ in range(40)]
        refused = [a for a in answers if a.status == 429]
        self.assertGreaterEqual(len(answers) - len(refused), 5)
        self.assertGreater(len(refused), 0)
        for answer in refused:
            problem = self.assert_problem(answer, "rate_limited")
            self.assertEqual(answer.headers["Retry-After"], "1")
            self.assertIn("next_at", problem)
            self.assertIn("2", problem["detail"])
        self.assertEqual(self.client(INFORMATION).get("/v1/inbox").status, 200)  # others have their own measure
        self.assertGreaterEqual(self.network.metric("truc_rate_limited_total"), len(refused))

        while True:  # as it was told to
            answer = hasty.get("/v1/inbox")
            if answer.status == 200:
                break
            time.sleep(int(answer.headers["Retry-After"]))

    def test_the_refusal_is_told_in_vietnamese_and_leaves_the_connection_usable(self):
        hasty = self.client(PLANNING)
        message = self.signed(PLANNING, INFORMATION)
        while (answer := hasty.get("/v1/inbox", Accept_Language="vi")).status == 200:
            pass
        self.assertEqual(answer.json["title"], "Quá nhiều yêu cầu")
        self.assertIn("yêu cầu mỗi giây", answer.json["detail"])
        before = self.network.metric(ACCEPTED)
        while (told := hasty.submit(message)).status == 429:
            self.assertEqual(self.network.metric(ACCEPTED), before)  # nothing was stored
            time.sleep(int(told.headers["Retry-After"]))
        self.assertEqual(told.status, 201)


class AtOnce(BrokerCase):
    @classmethod
    def prepare(cls, net):
        limit(net, at_once=2)

    def test_long_polls_count_until_they_end(self):
        answers = []

        def wait_for_news():
            client = self.client(GOVERNMENT)
            while (answer := client.get("/v1/inbox?wait=60")).status == 429:
                pass  # the other calls of this test had the place
            answers.append(answer.status)

        threads = [threading.Thread(target=wait_for_news) for _ in range(2)]
        for thread in threads:
            thread.start()
        another = self.client(GOVERNMENT)
        self.network.wait_until(lambda: another.get("/v1/inbox").status == 429)
        self.assert_problem(another.get("/v1/inbox"), "rate_limited")
        self.send(INFORMATION, GOVERNMENT)  # ends both polls
        for thread in threads:
            thread.join()
        self.assertEqual(answers, [200, 200])
        self.assertEqual(another.get("/v1/inbox").status, 200)


if __name__ == "__main__":
    unittest.main()
