"""What a client can do wrong over AMQP, frame by frame: each file of tests/data/amqp_dialogues is a test. All are played
at once, beside a client that does nothing wrong."""
import concurrent.futures
import threading
import unittest

import network
from agency_link import AgencyLink
from amqp_dialogue import Dialogue
from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, INTERIOR

# Those that wait for the node to lose its patience begin first.
FILES = sorted((network.SOURCE / "tests/data/amqp_dialogues").glob("*.txt"), key=lambda f: (f.stem[:7] != "silence", f))
AT_ONCE = 16


class Dialogues(BrokerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        documents = [cls.network.sign(network.edxml.document(INTERIOR, INFORMATION), INTERIOR) for _ in range(20)]
        cls.outcomes = []
        over = threading.Event()
        bystander = threading.Thread(target=cls.go_on, args=(documents, over))
        bystander.start()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            cls.played = {file.stem: pool.submit(cls.play, file) for file in FILES}
        over.set()
        bystander.join()

    @classmethod
    def play(cls, file):
        document = cls.network.sign(network.edxml.document(GOVERNMENT, INFORMATION), GOVERNMENT)
        Dialogue(cls.network, document).play(file.read_text())

    @classmethod
    def go_on(cls, documents, over):
        """One connection, one document after the other, until everybody else has done."""
        with AgencyLink(cls.network, INTERIOR) as link:
            while not over.is_set():
                for document in documents:
                    cls.outcomes.append(link.submit(document))

    def test_others_go_on(self):
        self.assertGreater(len(self.outcomes), len(FILES))
        self.assertEqual(set(self.outcomes), {("accepted", None)})

    def test_nothing_is_left_behind(self):
        self.network.wait_until(lambda: self.network.open_spools() == 0)


def dialogue(name):
    def test(self):
        self.played[name].result()
    return test


for each in FILES:
    setattr(Dialogues, "test_" + each.stem.replace("-", "_"), dialogue(each.stem))


if __name__ == "__main__":
    unittest.main()
