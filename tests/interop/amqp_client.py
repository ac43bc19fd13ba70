#!/usr/bin/env python3
"""Another implementation's AMQP client (python3-qpid-proton) speaks to a session of ours: PORT CA CERTIFICATE KEY.

Sends to `relay` a small message, one that has no data section, and a large one; reads three messages from `receipts`. Prints
what became of each, a line each.
"""
import sys

from proton import Message, SSLDomain
from proton.handlers import MessagingHandler
from proton.reactor import Container

LARGE = 3_000_000


class Client(MessagingHandler):
    def __init__(self, port, authority, certificate, key):
        super().__init__(auto_accept=True, prefetch=2)
        self.url = f"amqps://127.0.0.1:{port}"
        self.tls = SSLDomain(SSLDomain.MODE_CLIENT)
        self.tls.set_credentials(certificate, key, None)
        self.tls.set_trusted_ca_db(authority)
        self.tls.set_peer_authentication(SSLDomain.VERIFY_PEER)
        self.messages = [
            Message(id="small", subject="document", content_type="application/xml", inferred=True, body=b"<edXML/>",
                    properties={"truc-priority": 2, "truc-to": "Sở Nội vụ"}),
            Message(id="value", body="a text that is no data section"),
            Message(id="large", inferred=True, body=b"x" * LARGE),
        ]
        self.sent = {}
        self.left = len(self.messages) + 3

    def on_start(self, event):
        connection = event.container.connect(self.url, ssl_domain=self.tls, allowed_mechs="EXTERNAL", reconnect=False)
        event.container.create_sender(connection, "relay")
        event.container.create_receiver(connection, "receipts")

    def on_sendable(self, event):
        while self.messages and event.sender.credit:
            message = self.messages.pop(0)
            self.sent[event.sender.send(message).tag] = message.id

    def end(self, event, line):
        print(line, flush=True)
        self.left -= 1
        if not self.left:
            event.connection.close()

    def on_accepted(self, event):
        self.end(event, f"{self.sent[event.delivery.tag]} accepted")

    def on_rejected(self, event):
        condition = event.delivery.remote.condition
        self.end(event, f"{self.sent[event.delivery.tag]} rejected {condition.name}")

    def on_message(self, event):
        body = bytes(event.message.body)
        self.end(event, f"{event.message.id} {event.message.subject} {len(body)} {event.message.properties}")

    def on_transport_error(self, event):
        print("transport error", event.transport.condition, flush=True)


if __name__ == "__main__":
    Container(Client(*sys.argv[1:5])).run()
