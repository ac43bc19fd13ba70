#!/usr/bin/env python3
"""Kills adapters, their nodes and what stands in for legacy systems with SIGKILL while documents and statuses pass in both
directions, and compares what is at both ends.

    adapters_run.py [--documents N] [--bin DIR] [--seed S] [--keep]

Each legacy system writes N documents to an agency, and that agency N documents to each legacy system. Whoever receives a
document reports on it. In the end every document is at the other end exactly once, every status exactly once and right, both in
the legacy system and in the exchange.
"""
import collections
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import edxml  # pylint: disable=wrong-import-position
import harness  # pylint: disable=wrong-import-position
import ports  # pylint: disable=wrong-import-position
from clients import Actor, Message, Sender  # pylint: disable=wrong-import-position
from legacy_sides import make_sides  # pylint: disable=wrong-import-position
from lxml import etree  # pylint: disable=wrong-import-position
from node import Deviation, Node  # pylint: disable=wrong-import-position

PARTNER = "000.00.12.H43"  # the agency that every legacy system exchanges documents with, over HTTP
NODES = ("vpcp", "ninhthuan", "thuannam")
LONGEST_PAUSE = 1.5  # seconds between two kills
LONGEST_DEATH = 0.8  # seconds until what was killed is started again
STATUSES = ("03", "06")  # that are reported on every document, beside 01, which an adapter reports by itself
PATIENCE = 300  # seconds for all to arrive once nobody is killed any more
QUIET = 5  # seconds in which nothing may come a second time
NAMES = {"e": edxml.NAMESPACE}


class Process:
    """An adapter or a stand-in. A node is one as well, by its own class."""

    def __init__(self, name, command, log):
        self.name = name
        self.command = command
        self.log = open(log, "ab")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def require_running(self):
        if self.process.poll() is not None:
            raise Deviation("%s ended by itself with status %d" % (self.name, self.process.returncode))

    def kill(self):
        self.require_running()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


class World:
    """The demonstration network without its story."""

    def __init__(self, programs, directory):
        self.directory = directory / "n"
        subprocess.run([programs / "truc", "demo", "init", self.directory, "--base-port", str(ports.reserve(nodes=4))],
                       check=True, stdout=subprocess.DEVNULL)
        self.nodes = {name: Node(programs, self.directory, name) for name in NODES}
        self.network = self.nodes["vpcp"].network
        self.agencies = {a["code"]: a for a in self.network["agencies"]}
        self.others = {}
        for stand_in in self.network["stand_ins"]:
            self.add(stand_in["name"], stand_in["command"])
        for adapter in self.network["adapters"]:
            self.add(adapter["name"], [str(programs / "truc-adapter"), "--config", adapter["config"]])
        self.sides = make_sides(self.network)

    def add(self, name, command):
        self.others[name] = Process(name, command, self.directory / (name + ".log"))

    def start(self):
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            node.wait_until_ready()
        for other in self.others.values():
            other.start()
        for side in self.sides:
            side.wait_until_ready()
        self.wait_for_directory()

    def wait_for_directory(self):
        """Until everybody knows everybody, those behind the axis included."""
        wanted = {PARTNER} | {side.agency for side in self.sides}
        until = time.monotonic() + PATIENCE
        for node in self.nodes.values():
            admin = node.administrator()
            while not wanted <= {a["code"] for a in admin.pages("/v1/agencies")}:
                if time.monotonic() > until:
                    raise Deviation("%s does not get to know all agencies" % node.node["name"])
                time.sleep(0.1)
            admin.close()

    def everything(self):
        return {**self.nodes, **self.others}

    def close(self):
        for one in self.everything().values():
            one.close()


class Partner(Actor):
    """Receives what the legacy systems send, and reports on each document."""

    def __init__(self, node, client, seed):
        super().__init__(node, client, seed)
        self.documents = collections.Counter()  # by DocumentId: how many deliveries
        self.statuses = collections.Counter()  # by (DocumentId, reporting agency, StatusCode): how many deliveries
        self.seen = set()
        self.sent = set()

    def act(self):
        answer = self.persist("GET", "/v1/inbox?max=20&wait=1")
        if answer.status != 200:
            raise Deviation("inbox: %s" % answer)
        for item in answer.json["items"]:
            self.receive(item)
        return not self.finishing.is_set()

    def receive(self, item):
        content = self.persist("GET", "/v1/inbox/%s/content" % item["delivery_id"])
        if content.status != 200:
            raise Deviation("delivery %s: %s" % (item["delivery_id"], content))
        header = etree.fromstring(content.body).find(".//e:MessageHeader", NAMES)
        if item["delivery_id"] not in self.seen:
            self.seen.add(item["delivery_id"])
            if item["kind"] == "edoc":
                self.documents[item["document_id"]] += 1
            else:
                self.statuses[(item["document_id"], item["from"], header.findtext("e:StatusCode", None, NAMES))] += 1
        if item["kind"] == "edoc":
            for code in STATUSES:
                self.report(item, code)
        answer = self.persist("POST", "/v1/inbox/%s/ack" % item["delivery_id"], '{"outcome": "accepted"}',
                              **{"Content-Type": "application/json"})
        if answer.status != 200:
            raise Deviation("delivery %s: %s" % (item["delivery_id"], answer))

    def report(self, item, code):
        """The same bytes each time: a repetition is known for what it is."""
        text = edxml.status(PARTNER, item["from"], item["document_id"], code, "Báo cáo " + code)
        answer = self.persist("POST", "/v1/documents", text.encode(), **{"Content-Type": "application/xml"})
        if answer.status not in (200, 201):
            raise Deviation("status %s on %s: %s" % (code, item["document_id"], answer))


class Clerks(threading.Thread):
    """Those who work in the legacy systems: each writes its documents and reports on what came."""

    def __init__(self, side, count, seed):
        super().__init__(name="clerk of " + side.name, daemon=True)
        self.side = side
        self.numbers = list(range(count, 0, -1))
        self.random = random.Random(seed)
        self.written = []
        self.finishing = threading.Event()
        self.deviation = None

    def run(self):
        try:
            while not self.finishing.is_set():
                if self.numbers:
                    self.written.append(self.side.write(self.numbers.pop(), PARTNER))
                self.side.work(STATUSES)
                time.sleep(self.random.uniform(0, 0.1))
        except Exception as problem:  # pylint: disable=broad-except
            self.deviation = problem


def make_documents(world, side, count):
    """Signed documents of the partner to that legacy system's agency."""
    place = world.directory / ("to-" + side.name)
    place.mkdir()
    own = world.agencies[PARTNER]
    messages = []
    for number in range(1, count + 1):
        unique = "%d%s" % (number, side.initial)
        text = edxml.document(PARTNER, side.agency, number=unique, attachment=b"%PDF-1.4 " + unique.encode() * 50)
        file = place / (unique + ".xml")
        file.write_bytes(edxml.sign(text, own["certificate"], own["key"]))
        messages.append(Message(str(file), "edoc", number, own["client"], PARTNER, [side.agency]))
    return messages


def document_id(message):
    return etree.parse(message.file).findtext(".//e:MessageHeader/e:DocumentId", None, NAMES)


def check_all(actors):
    for actor in actors:
        if actor.deviation:
            raise actor.deviation


def disturb(world, actors, done, chance):
    """Kills one or two of them at a time until `done` or long enough; returns how often each died."""
    kills = collections.Counter()
    while not done():
        time.sleep(chance.uniform(0, LONGEST_PAUSE))
        everything = world.everything()
        victims = chance.sample(sorted(everything), chance.choice([1, 1, 2]))
        for name in victims:
            everything[name].kill()
            kills[name] += 1
        time.sleep(chance.uniform(0, LONGEST_DEATH))
        for name in victims:
            everything[name].start()
        check_all(actors)
        for name, one in everything.items():
            one.require_running()
    return kills


class Judge:
    """What has to be at both ends."""

    def __init__(self, partner, clerks, sent):
        self.partner = partner
        self.clerks = clerks
        self.sent = sent  # by side's name: DocumentIds
        self.findings = []

    def compare(self, what, wanted, found):
        if found != wanted:
            self.findings.append("%s: %d instead of %d" % (what, found, wanted))

    def find(self):
        """Everything that is not as it has to be; empty as soon as all has arrived."""
        self.findings = []
        for clerk in self.clerks:
            self.judge_outgoing(clerk)
            self.judge_incoming(clerk.side)
        return self.findings

    def judge_outgoing(self, clerk):
        side = clerk.side
        statuses = side.statuses()
        for document in clerk.written:
            self.compare("%s → partner, %s" % (side.name, document), 1, self.partner.documents[document])
            for code in STATUSES:
                self.compare("status %s of the partner at %s, %s" % (code, side.name, document), 1, statuses[(document, code)])
        for (document, code), count in statuses.items():
            self.compare("status %s of nothing at %s, %s" % (code, side.name, document), 1 if document in clerk.written else 0, count)

    def judge_incoming(self, side):
        received = side.received()
        wanted = STATUSES + (("01",) if side.reports_arrival else ())
        for document in self.sent[side.name]:
            self.compare("partner → %s, %s" % (side.name, document), 1, received[document])
            for code in wanted:
                self.compare("status %s of %s at the partner, %s" % (code, side.name, document), 1,
                             self.partner.statuses[(document, side.agency, code)])
        for document in received:
            if document not in self.sent[side.name]:
                self.findings.append("%s received %s, which nobody sent" % (side.name, document))


def await_end(world, judge, actors):
    """Nobody is killed any more: all that is owed arrives by itself, and nothing comes twice."""
    until = time.monotonic() + PATIENCE
    while judge.find():
        check_all(actors)
        for one in world.everything().values():
            one.require_running()
        if time.monotonic() > until:
            return
        time.sleep(0.2)
    time.sleep(QUIET)


def play(arguments, directory):
    chance = random.Random(arguments.seed)
    world = World(arguments.bin, directory)
    try:
        world.start()
        node = world.nodes["ninhthuan"]
        client = world.agencies[PARTNER]["client"]
        pools = {side.name: make_documents(world, side, arguments.documents) for side in world.sides}
        partner = Partner(node, client, chance.random())
        senders = [Sender(node, client, list(pool), chance.random(), pause=0.05) for pool in pools.values()]
        clerks = [Clerks(side, arguments.documents, chance.random()) for side in world.sides]
        judge = Judge(partner, clerks, {name: [document_id(m) for m in pool] for name, pool in pools.items()})
        actors = [partner, *senders, *clerks]
        begun = time.monotonic()
        for actor in actors:
            actor.start()
        for sender in senders:
            sender.allow(arguments.documents)
        kills = disturb(world, actors, lambda: not any(c.numbers for c in clerks) and not any(s.waiting for s in senders), chance)
        await_end(world, judge, actors)
        for actor in actors:
            actor.finishing.set()
        for actor in actors:
            actor.join(PATIENCE)
        check_all(actors)
        findings = judge.find()
        report(world, arguments, kills, findings, time.monotonic() - begun)
        return findings
    finally:
        world.close()


def report(world, arguments, kills, findings, seconds):
    for name, count in sorted(kills.items()):
        print("killed %2d times: %s" % (count, name))
    print("%d documents in each direction of each of %s, %d statuses on each: %d not as they have to be, %.0f s"
          % (arguments.documents, ", ".join(side.name for side in world.sides), len(STATUSES) + 1, len(findings), seconds))
    for finding in findings[:20]:
        print("DEVIATION: " + finding)


if __name__ == "__main__":
    sys.exit(harness.run(play, "truc-adapters", __doc__.splitlines()[0], "documents", 200))
