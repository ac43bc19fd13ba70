"""Test cases against a node by its façade for systems of the national axis SDK."""
import edxml
import vxp
from broker_case import ERRORS, BrokerCase
from network import GOVERNMENT, INFORMATION


class AxisCase(BrokerCase):
    """Documents are unsigned, as those of most such systems."""

    def service(self, code, system_id=None):
        """A service object of that agency's system, on a connection of its own."""
        service = vxp.of_network(self.network.description, code, system_id)
        self.addCleanup(service.close)
        return service

    def assert_ok(self, answer):
        self.assertTrue(answer.ok, answer)
        self.assertEqual(answer.headers["content-type"], "application/json;charset=UTF-8")
        return answer

    def assert_failed(self, answer, code):
        """FAIL with the number and the name that the catalogue gives that code."""
        self.assertEqual((answer.status, answer.json["status"]), (200, "FAIL"), answer)
        self.assertEqual(answer.code, str(ERRORS[code]["axis"]), answer)
        self.assertTrue(answer.description.startswith(code + ": "), answer)
        return answer

    def submit(self, sender=GOVERNMENT, *recipients, service=None, **members):
        """A document sent by the façade; gives DocId, the bytes and the DocumentId."""
        recipients = recipients or (INFORMATION,)
        content = edxml.document(sender, *recipients, **members).encode()
        answer = self.assert_ok((service or self.service(sender)).send_edoc(content, sender, list(recipients)))
        return answer.doc_id, content

    @staticmethod
    def waiting(service, kind="edoc"):
        """What waits, by docId, in its order."""
        return {item["docId"]: item for item in service.get_received_edoc_list(kind).data}

    @staticmethod
    def sent(service, doc_id, kind="edoc"):
        """The sender's rows of one dispatch, by recipient."""
        return {row["toCode"]: row for row in service.get_sent_edoc_list(kind).data if row["senderDocId"] == doc_id}

    def delivery(self, sender=GOVERNMENT, recipient=INFORMATION, **members):
        """The docId under which a new document waits for its recipient."""
        service = self.service(sender)
        doc_id, _ = self.submit(sender, recipient, service=service, **members)
        return self.sent(service, doc_id)[recipient]["receiverDocId"]
