"""Test cases against a running node."""
import json
import unittest

import network
from network import GOVERNMENT, INFORMATION

ERRORS = {e["code"]: e for e in json.loads((network.SOURCE / "schemas/errors.json").read_text())["errors"]}


class BrokerCase(unittest.TestCase):
    """One node for all tests of the class; each test makes its own documents."""

    @classmethod
    def setUpClass(cls):
        cls.network = network.Network()
        cls.addClassCleanup(cls.network.close)
        cls.prepare(cls.network)
        cls.network.start()

    @classmethod
    def prepare(cls, net):
        """Changes directory and configuration before the node starts."""

    def client(self, who):
        caller = self.network.client(who)
        self.addCleanup(caller.close)
        return caller

    def administrator(self):
        caller = self.network.administrator()
        self.addCleanup(caller.close)
        return caller

    def signed(self, *arguments, by=None, **members):
        """A signed document; arguments as edxml.document. Signed by its sender unless told otherwise."""
        return self.network.sign(network.edxml.document(*arguments, **members), by or arguments[0])

    def send(self, sender=GOVERNMENT, *recipients, **members):
        """Submits a new document; gives what the sender was told, with the bytes as `bytes`."""
        message = self.signed(sender, *(recipients or (INFORMATION,)), **members)
        answer = self.client(sender).submit(message)
        self.assertEqual(answer.status, 201, answer)
        return {**answer.json, "bytes": message}

    def assert_problem(self, answer, code):
        """A problem with that code, as the catalogue describes it."""
        self.assertGreaterEqual(answer.status, 400, answer)
        problem = answer.json
        self.assertEqual(problem["code"], code, answer)
        entry = ERRORS[code]
        self.assertEqual((answer.status, problem["status"]), (entry["http"], entry["http"]))
        self.assertEqual((problem["retryable"], problem["who"]), (entry["retryable"], entry["who"]))
        return problem


class RefusalCase(BrokerCase):
    """For what is refused at the door: the refusal event is all that a refused message leaves behind."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._receipts = []
        # All at once: starting the foreign tools takes longer than their work.
        cls.addClassCleanup(lambda: cls._receipts and cls.network.verify_receipts(*cls._receipts))

    def kept(self):
        """Everything the node keeps, beside the count of refusals and the length of the ledger."""
        admin = self.administrator()
        books = admin.get("/admin/books").json
        self.assertTrue(books["balance"])
        refused = books.pop("refused_at_door")
        documents = admin.get("/v1/documents?max=1000").json
        ledger = admin.get("/admin/ledger/check").json
        self.assertTrue(ledger["consistent"])
        return (books, documents, self.network.content_files()), refused, ledger["size"]

    def assert_refused(self, message, code, by=GOVERNMENT, **headers):
        """Submits it as that agency: refused with that code, and nothing else happens. Gives the problem."""
        client = self.client(by)
        series = f'truc_refused_total{{code="{code}"}}'
        kept, refused, size = self.kept()
        counted = self.network.metric(series)

        problem = self.assert_problem(client.submit(message, **headers), code)

        self.assertEqual(self.kept(), (kept, refused + 1, size + 1))
        self.assertEqual(self.network.metric(series), counted + 1)
        self.assertIn("<Name>SubmissionRejection</Name>", problem["receipt"])
        self.assertIn(f'Id="{problem["id"]}"', problem["receipt"])
        self.assertIn(f"<Reason>{code}", problem["receipt"])
        self._receipts.append(problem["receipt"])
        return problem
