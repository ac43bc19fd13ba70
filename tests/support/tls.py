"""TLS connections to a node whose sessions a test keeps, as any good client does.

    lane = tls.Client(network, GOVERNMENT, ssl.TLSVersion.TLSv1_3)
    with lane.connect() as first:
        first.get("/v1/inbox")          # (status, body)
    with lane.connect(first.session) as second:
        second.resumed
"""
import http.client
import socket
import ssl

import openapi
from network import PATIENCE, Answer


class Connection:
    """One HTTP connection; `session` may be taken up by another one of the same client."""

    def __init__(self, sock):
        self.sock = sock
        self.session = sock.session

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    @property
    def resumed(self):
        return self.sock.session_reused

    def get(self, target):
        """(status, body). With TLS 1.3 the session comes behind the handshake, with the first bytes."""
        self.sock.sendall(f"GET {target} HTTP/1.1\r\nHost: truc\r\n\r\n".encode())
        response = http.client.HTTPResponse(self.sock)
        response.begin()
        answer = Answer(response, response.read())
        openapi.check("GET", target, answer)
        self.session = self.sock.session
        return answer.status, answer.body

    @property
    def server_certificate(self):
        return self.sock.getpeercert(binary_form=True)


class Client:
    """With the certificate of an agency, with other credentials, or with none (None)."""

    def __init__(self, network, who=None, version=ssl.TLSVersion.TLSv1_3):
        own = network.agency(who) if isinstance(who, str) else who and vars(who)
        self.port = network.port
        self.context = ssl.create_default_context(cafile=network.description["ca"])
        self.context.minimum_version = self.context.maximum_version = version
        if own:
            self.context.load_cert_chain(own["certificate"], own["key"])

    def connect(self, session=None, port=None):
        plain = socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE)
        return Connection(self.context.wrap_socket(plain, server_hostname="127.0.0.1", session=session))

    def is_refused(self, session=None):
        """The alert's name; None: it is let in. With TLS 1.3 a client hears of it when it reads, and a list that becomes
        valid between the handshake and the request ends the connection without an alert."""
        try:
            with self.connect(session) as connection:
                connection.get("/v1/inbox")
        except ssl.SSLError as refusal:
            return refusal.reason
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            return "closed"
        return None
