"""A neighbour that is connected and takes nothing; by another implementation of AMQP (python3-qpid-proton).

    with RefusingNeighbour(tree["vpcp"], tree["ninhthuan"], "no_space", "full"):  # says that to each leg
        …
    with RefusingNeighbour(tree["vpcp"], tree["ninhthuan"]):                      # says nothing at all
"""
import threading

from proton import Condition, Delivery, SSLDomain, symbol
from proton.handlers import IncomingMessageHandler, MessagingHandler
from proton.reactor import ApplicationEvent, Container, EventInjector

from liar import ABILITIES
from network import PATIENCE

CREDIT = 50


class _Session(MessagingHandler):
    def __init__(self, node, as_node, code, what, properties):
        super().__init__(prefetch=CREDIT, auto_accept=False)
        # What comes in has several sections, which is no message for it.
        self.handlers = [h for h in self.handlers if not isinstance(h, IncomingMessageHandler)]
        self._port, self._code, self._what = node.amqp[1], code, what
        self._properties = {"truc-node": as_node.name, **(ABILITIES if properties is None else properties)}
        self._tls = SSLDomain(SSLDomain.MODE_CLIENT)
        self._tls.set_credentials(str(as_node.directory / "node.pem"), str(as_node.directory / "node-key.pem"), None)
        self._tls.set_trusted_ca_db(node.description["ca"])
        self._tls.set_peer_authentication(SSLDomain.VERIFY_PEER)
        self.offered = threading.Event()
        self.connected = threading.Event()

    def on_start(self, event):
        self._connection = event.container.connect(
            f"amqps://127.0.0.1:{self._port}", ssl_domain=self._tls, allowed_mechs="EXTERNAL", reconnect=False,
            properties={symbol(k): v for k, v in self._properties.items()})

    def on_link_opening(self, event):
        event.link.source.copy(event.link.remote_source)
        event.link.target.copy(event.link.remote_target)
        if event.link.remote_target.address == "relay":
            self.connected.set()

    def on_delivery(self, event):
        delivery = event.delivery
        if not event.link.is_receiver or delivery.partial or not delivery.readable:
            return
        event.link.recv(delivery.pending)
        event.link.advance()
        if event.link.remote_target.address != "relay":
            delivery.update(Delivery.ACCEPTED)
            delivery.settle()
            return
        self.offered.set()
        if self._code:
            delivery.local.condition = Condition("truc:" + self._code, self._what)
            delivery.update(Delivery.REJECTED)
            delivery.settle()

    def on_stop(self, _):
        self._connection.close()


class RefusingNeighbour:
    def __init__(self, node, as_node, code=None, what="", properties=None):
        self._session = _Session(node, as_node, code, what, properties)
        self._injector = EventInjector()
        self._container = Container(self._session)
        self._container.selectable(self._injector)
        self._thread = threading.Thread(target=self._container.run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._injector.trigger(ApplicationEvent("stop"))
        self._injector.close()
        self._thread.join(PATIENCE)

    def wait_until_offered(self):
        """Something was offered to it."""
        assert self._session.offered.wait(PATIENCE), "nothing was offered"
