"""An agency's system that speaks AMQP 1.0, by python3-qpid-proton.

    with AgencyLink(network, GOVERNMENT) as link:            # its certificate; or password=(name, password). `address`:
                                                             # "host:port" instead of the node's
        link.submit(message)                                 # ("accepted", None)
        item = link.receiver("inbox").next()                 # waits for a message
        item.accept()
"""
import urllib.parse

from proton import ConnectionException, Delivery, Message, SSLDomain, Timeout, symbol
from proton.reactor import LinkOption
from proton.utils import BlockingConnection, LinkDetached

from network import PATIENCE

OUTCOMES = {Delivery.ACCEPTED: "accepted", Delivery.REJECTED: "rejected", Delivery.RELEASED: "released",
            Delivery.MODIFIED: "modified"}
Refused = (ConnectionException, LinkDetached)  # the connection, or a link


class Properties(LinkOption):
    """Properties of a link."""

    def __init__(self, values):
        super().__init__()
        self._values = {symbol(k): v for k, v in values.items()}

    def apply(self, link):
        link.properties = self._values


class Item:
    """A message that was received and is not settled yet."""

    def __init__(self, connection, message, delivery):
        self._connection = connection
        self._delivery = delivery
        self.id = message.id
        self.subject = message.subject
        self.document_id = message.correlation_id
        self.content_type = message.content_type
        self.properties = message.properties
        self.delivery_count = message.delivery_count
        self.body = bytes(message.body)

    def accept(self):
        self._settle(Delivery.ACCEPTED)

    def release(self):
        self._settle(Delivery.RELEASED)

    def modify(self, failed=False, not_here=False, **annotations):
        self._delivery.local.failed = failed
        self._delivery.local.undeliverable = not_here
        if annotations:
            self._delivery.local.annotations = {symbol(k.replace("_", "-")): v for k, v in annotations.items()}
        self._settle(Delivery.MODIFIED)

    def reject(self):
        self._settle(Delivery.REJECTED)

    def _settle(self, state):
        self._delivery.update(state)
        self._delivery.settle()
        self._connection.flush()


class Receiver:
    def __init__(self, link, receiver):
        self._link = link
        self._receiver = receiver

    def next(self, patience=PATIENCE):
        message = self._receiver.receive(patience)
        return Item(self._link, message, self._receiver.fetcher.unsettled.popleft())

    def is_silent(self, seconds=0.5):
        try:
            self._receiver.receive(seconds)
        except Timeout:
            return True
        return False

    def close(self):
        self._receiver.close()


class AgencyLink:
    def __init__(self, network, who=None, password=None, address=None):
        domain = SSLDomain(SSLDomain.MODE_CLIENT)
        domain.set_trusted_ca_db(network.description["ca"])
        domain.set_peer_authentication(SSLDomain.VERIFY_PEER)
        if who:
            own = network.agency(who) if isinstance(who, str) else vars(who)
            domain.set_credentials(own["certificate"], own["key"], None)
        options = {"allowed_mechs": "EXTERNAL"}
        if password:
            options = {"allowed_mechs": "PLAIN", "user": password[0], "password": password[1]}
        address = address or urllib.parse.urlsplit(network.node["amqp"]).netloc
        self._connection = BlockingConnection(f"amqps://{address}", timeout=PATIENCE, ssl_domain=domain,
                                              reconnect=False, **options)
        self._sender = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self._connection.close()
        except ConnectionException:
            pass

    def send(self, message, content_type="application/xml", **members):
        """Begins to submit it; the delivery."""
        if self._sender is None:
            self._sender = self._connection.create_sender("submit")
        return self._sender.link.send(Message(body=message, inferred=True, content_type=content_type, **members))

    def submit(self, message, **members):
        """(outcome, name of the condition or None)."""
        return self.outcome(self.send(message, **members))

    def outcome(self, delivery):
        self._connection.wait(lambda: delivery.settled, timeout=PATIENCE)
        condition = delivery.remote.condition
        seen = (OUTCOMES[delivery.remote_state], condition and condition.name)
        delivery.settle()
        return seen

    def sender(self, address):
        return self._connection.create_sender(address)

    def receiver(self, address, credit=1, **properties):
        options = [Properties({k.replace("_", "-"): v for k, v in properties.items()})] if properties else None
        return Receiver(self, self._connection.create_receiver(address, credit=credit, options=options))

    def flush(self):
        """What was settled goes out."""
        self._connection.container.process()
        self._connection.wait(lambda: self._connection.conn.transport.pending() <= 0, timeout=PATIENCE)
