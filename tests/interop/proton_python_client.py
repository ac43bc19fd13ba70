#!/usr/bin/env python3
"""An agency's system with python3-qpid-proton. What it does and prints is in amqp_clients_test.py."""
import pathlib
import sys

from proton import Message, SSLDomain
from proton.handlers import MessagingHandler
from proton.reactor import Backoff, Container


def options_of(authority, identity):
    kind, first, second = identity.split(":", 2)
    tls = SSLDomain(SSLDomain.MODE_CLIENT)
    tls.set_trusted_ca_db(authority)
    tls.set_peer_authentication(SSLDomain.VERIFY_PEER)
    if kind == "password":
        return {"ssl_domain": tls, "allowed_mechs": "PLAIN", "user": first, "password": second}
    tls.set_credentials(first, second, None)
    return {"ssl_domain": tls, "allowed_mechs": "EXTERNAL"}


class Client(MessagingHandler):
    def __init__(self, url, options, verb, *task):
        super().__init__(auto_accept=False, prefetch=0)
        self._url, self._options, self._verb, self._task = url, options, verb, list(task)
        self._sent = {}
        self._left = len(task)

    def on_start(self, event):
        connection = event.container.connect(self._url, reconnect=Backoff(initial=0.05, max_delay=0.5), **self._options)
        if self._verb == "send":
            event.container.create_sender(connection, "submit")
            return
        if self._verb == "receive":
            self._left = int(self._task.pop())
        event.container.create_receiver(connection, "inbox" if self._verb == "receive" else self._task.pop())

    def on_link_opened(self, event):
        if event.receiver and self._verb == "receive":
            event.receiver.flow(1)
        elif event.receiver and event.receiver.remote_source.address:  # a link that is refused opens without a source
            self._tell(event, "attached")

    def on_sendable(self, event):
        while event.sender.credit and self._task:
            file = pathlib.Path(self._task.pop(0))
            delivery = event.sender.send(Message(id=file.stem, inferred=True, content_type="application/xml",
                                                 body=file.read_bytes()))
            self._sent[delivery.tag] = file.stem

    def _tell(self, event, line):
        print(line, flush=True)
        self._left -= 1
        if not self._left:
            event.connection.close()

    def on_accepted(self, event):
        self._tell(event, f"{self._sent[event.delivery.tag]} accepted")

    def on_released(self, event):
        self._tell(event, f"{self._sent[event.delivery.tag]} released")

    def on_rejected(self, event):
        self._tell(event, f"{self._sent[event.delivery.tag]} rejected {event.delivery.remote.condition.name}")

    def on_message(self, event):
        m = event.message
        self.accept(event.delivery)
        self._tell(event, f"{m.subject} {m.id} {m.properties['truc-from']} {len(m.body)}")
        event.receiver.flow(1)

    def on_link_error(self, event):
        print("refused", event.link.remote_condition.name, flush=True)
        event.connection.close()

    def on_connection_error(self, event):
        print("lost", event.connection.remote_condition.name, flush=True)

    def on_transport_error(self, event):
        """The container goes on trying; the library's own answer would be to give up."""
        print("lost", event.transport.condition and event.transport.condition.name, flush=True)


if __name__ == "__main__":
    Container(Client(sys.argv[1], options_of(*sys.argv[2:4]), *sys.argv[4:])).run()
