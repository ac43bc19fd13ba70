"""Clients take turns: who submits many documents at once holds up nobody by more than a few."""
import unittest

from broker_case import BrokerCase
from network import GOVERNMENT, INFORMATION, PLANNING

MANY = 60


class Turns(BrokerCase):
    def held_back(self, sender, message):
        """A submission of which only the last byte is missing: what sends that, and what gets the answer."""
        caller = self.client(sender)
        connection = caller.connection()
        connection.putrequest("POST", "/v1/documents")
        connection.putheader("Content-Type", "application/xml")
        connection.putheader("Content-Length", str(len(message)))
        connection.endheaders(message[:-1])
        return lambda: connection.send(message[-1:]), lambda: caller.receive("POST", "/v1/documents")

    def test_one_document_among_many_of_another_client_does_not_wait_for_them(self):
        messages = [self.signed(GOVERNMENT, INFORMATION) for _ in range(MANY)]
        own = self.signed(PLANNING, INFORMATION)
        crowd = [self.held_back(GOVERNMENT, message) for message in messages]
        one = self.held_back(PLANNING, own)
        for send, _ in crowd:
            send()
        one[0]()  # the last of all to be complete
        answers = [answer() for _, answer in (*crowd, one)]
        self.assertEqual({a.status for a in answers}, {201})
        # The order of acceptance is the order of the events in the ledger.
        order = [int(a.json["receipt"].partition('Id="')[2].partition('"')[0].rpartition(".")[2]) for a in answers]
        after = sum(position > order[-1] for position in order[:-1])
        # Without turns it would be the last. Some of the crowd was done before it was even sent.
        self.assertGreater(after, MANY // 3, order)


if __name__ == "__main__":
    unittest.main()
