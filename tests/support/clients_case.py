"""Clients that administrators add to a node, and whether they get in."""
import json
import pathlib

import vxp
from agency_link import AgencyLink, Refused
from broker_case import BrokerCase


class ClientsCase(BrokerCase):
    def setUp(self):
        self.administration = self.administrator()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.issuer = cls.network.issuer()

    def change(self, path, **body):
        return self.administration.post("/admin/clients" + path, json.dumps(body), "application/json")

    def changed(self, path, **body):
        answer = self.change(path, **body)
        self.assertIn(answer.status, (200, 201), answer)
        return answer.json

    def certificate(self, name):
        return self.issuer.issue(name)

    @staticmethod
    def pem(credentials):
        return pathlib.Path(credentials.certificate).read_text()

    def added(self, client, *agencies, **members):
        return self.changed("", id=client, agencies=list(agencies), **members)

    def file(self, name):
        return self.network.config.parent / name

    # --- whether it gets in -------------------------------------------------------------------------------------------

    def by_http(self, credentials):
        """What REST says to that certificate."""
        return self.client(credentials).get("/v1/inbox")

    def link(self, **members):
        link = AgencyLink(self.network, **members)
        self.addCleanup(link.close)
        return link

    def assert_out_at_amqp(self, condition="unauthorized-access", **members):
        with self.assertRaises(Refused) as refusal:
            self.link(**members).receiver("inbox")
        self.assertIn(condition, str(refusal.exception))

    def service(self, name, secret):
        service = vxp.Service(self.network.vxp, name, secret)
        self.addCleanup(service.connection.close)
        return service

    def by_axis(self, name, secret):
        """The SDK's error code; "0" is good."""
        return self.service(name, secret).get_sent_edoc_list("edoc").code
