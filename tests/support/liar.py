"""A neighbour that says what a test wants it to say, by another implementation of AMQP (python3-qpid-proton)."""
import time

from proton import Message, SSLDomain, symbol
from proton.handlers import MessagingHandler
from proton.reactor import Container

from network import PATIENCE

ABILITIES = {"truc-version": 1, "truc-abilities": [symbol("custody-1")]}


def leg(*sections):
    """The bytes of a message of data sections."""
    return b"".join(b"\x00\x53\x75\xb0" + len(s).to_bytes(4, "big") + s for s in sections)


def announcement(text):
    return Message(subject="announcement", inferred=True, body=text).encode()


def section(text):
    return Message(subject="section", inferred=True, body=text).encode()


class _Session(MessagingHandler):
    def __init__(self, port, authority, certificate, key, properties, statements):
        super().__init__(auto_accept=True)
        self._port, self._properties, self._statements = port, properties, statements
        self._tls = SSLDomain(SSLDomain.MODE_CLIENT)
        self._tls.set_credentials(certificate, key, None)
        self._tls.set_trusted_ca_db(authority)
        self._tls.set_peer_authentication(SSLDomain.VERIFY_PEER)
        self._waiting = {}
        self._numbers = {}
        self.outcomes = [None] * len(statements)
        self.fault = None

    def on_start(self, event):
        self._until = event.container.schedule(PATIENCE, self)
        self._connection = event.container.connect(
            f"amqps://127.0.0.1:{self._port}", ssl_domain=self._tls, allowed_mechs="EXTERNAL", reconnect=False,
            properties={symbol(k): v for k, v in self._properties.items()})
        for number, (address, data) in enumerate(self._statements):
            self._waiting.setdefault(address, []).append((number, data))
        for address in self._waiting:
            event.container.create_sender(self._connection, address)
        if not self._statements:
            event.container.schedule(0.5, self)

    def on_timer_task(self, event):
        self._until.cancel()
        self._connection.close()

    def on_sendable(self, event):
        waiting = self._waiting[event.sender.target.address]
        while waiting and event.sender.credit:
            number, data = waiting.pop(0)
            delivery = event.sender.delivery(str(number))
            self._numbers[delivery.tag] = number
            event.sender.stream(data)
            event.sender.advance()

    def _end(self, event, what):
        event.delivery.settle()
        self.outcomes[self._numbers[event.delivery.tag]] = what
        if None not in self.outcomes:
            self._until.cancel()
            self._connection.close()

    def on_accepted(self, event):
        self._end(event, "accepted")

    def on_released(self, event):
        self._end(event, "released")

    def on_rejected(self, event):
        self._end(event, event.delivery.remote.condition.name)

    def on_connection_error(self, event):
        self.fault = event.connection.remote_condition
        event.connection.close()
        self._until.cancel()

    def on_transport_error(self, event):
        self.fault = event.transport.condition
        self._until.cancel()


def tell(node, as_node, *statements, properties=None):
    """Connects to a node with the certificate of another; `statements` are (address, bytes). What became of each:
    accepted, released, or the condition it was rejected with."""
    own = {"truc-node": as_node.name, **(ABILITIES if properties is None else properties)}
    session = _Session(node.amqp[1], node.description["ca"], str(as_node.directory / "node.pem"),
                       str(as_node.directory / "node-key.pem"), own, statements)
    Container(session).run()
    if session.fault:
        raise ConnectionError(session.fault)
    return session.outcomes


def now():
    return int(time.time() * 1000)
