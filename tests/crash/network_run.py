#!/usr/bin/env python3
"""Kills random nodes of the demonstration network with SIGKILL while all its levels send, and compares what is left.

    network_run.py [--seconds N] [--bin DIR] [--seed S] [--keep]

Agencies of every node submit distinct documents to several recipients at every level; recipients compare digests and
acknowledge. Whoever loses an answer asks again with the same bytes. Meanwhile nodes are killed, sometimes two at a time, and
started again. When all of them run again everything has to come to its end by itself: every accepted document is in its
recipients' inboxes exactly once, every origin holds verified evidence of the end of every delivery, and all books balance.
"""
import collections
import concurrent.futures
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import edxml  # pylint: disable=wrong-import-position
import harness  # pylint: disable=wrong-import-position
import ports  # pylint: disable=wrong-import-position
from clients import Message, Receiver, Sender  # pylint: disable=wrong-import-position
from network_judge import NetworkJudge  # pylint: disable=wrong-import-position
from node import Deviation, Node  # pylint: disable=wrong-import-position

DOCUMENTS_A_SECOND = 12  # of the whole network, on average
MOST_RECIPIENTS = 4
LARGE_SHARE = 0.05  # of the documents have an attachment beyond what is kept inline
LONGEST_PAUSE = 2.0  # seconds between two kills
LONGEST_DEATH = 1.5  # seconds until a killed node is started again
PATIENCE = 180  # seconds until everything that was accepted has to have come to its end


class World:
    """The network, its processes, and who works in it."""

    def __init__(self, programs, directory):
        subprocess.run([programs / "truc", "demo", "init", directory / "network", "--base-port", str(ports.reserve(nodes=4))],
                       check=True, stdout=subprocess.DEVNULL)
        self.programs = programs
        self.directory = directory / "network"
        first = Node(programs, self.directory)
        self.network = first.network
        first.close()
        self.nodes = {n["name"]: Node(programs, self.directory, n["name"]) for n in self.network["nodes"]}
        self.agencies = {a["code"]: a for a in self.network["agencies"]}

    def start(self):
        for node in self.nodes.values():
            node.start()
        for node in self.nodes.values():
            node.wait_until_ready()
            self.wait_for_directory(node)

    def wait_for_directory(self, node):
        """Until the sections of all nodes have come to this one: before, it does not know all recipients."""
        until = time.monotonic() + PATIENCE
        admin = node.administrator()
        while not set(self.agencies) <= {a["code"] for a in admin.pages("/v1/agencies")}:
            if time.monotonic() > until:
                raise Deviation("%s does not get to know all agencies" % node.node["name"])
            time.sleep(0.05)
        admin.close()

    def close(self):
        for node in self.nodes.values():
            node.close()


def make_pool(world, count, chance):
    """Signed documents in files; each to a few recipients anywhere."""
    place = world.directory / "pool"
    place.mkdir()
    codes = sorted(world.agencies)

    def make(number, sender, recipients, size):
        own = world.agencies[sender]
        text = edxml.document(sender, *recipients, number=number, priority=number % 3, attachment=random.Random(number).randbytes(size))
        file = place / ("%d.xml" % number)
        file.write_bytes(edxml.sign(text, own["certificate"], own["key"]))
        return Message(str(file), "edoc", number, own["client"], sender, recipients)

    orders = []
    for number in range(1, count + 1):
        sender = chance.choice(codes)
        others = [c for c in codes if c != sender]
        size = 100_000 if chance.random() < LARGE_SHARE else chance.randrange(200, 3000)
        orders.append((number, sender, chance.sample(others, chance.randint(1, MOST_RECIPIENTS)), size))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as signers:
        return list(signers.map(lambda order: make(*order), orders))


def disturb(world, actors, seconds, chance):
    """Kills and restarts for so long. Returns how often."""
    kills = collections.Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(chance.uniform(0, LONGEST_PAUSE))
        victims = chance.sample(sorted(world.nodes), chance.choice([1, 1, 1, 2]))
        for name in victims:
            world.nodes[name].kill()
            kills[name] += 1
        for name in victims:
            time.sleep(chance.uniform(0, LONGEST_DEATH / len(victims)))
            world.nodes[name].start()
        for actor in actors:
            if actor.deviation:
                raise actor.deviation
    return kills


def finish(world, actors):
    """Nobody is killed any more: what is owed is delivered, and the receivers leave when nothing can come."""
    until = time.monotonic() + PATIENCE
    for node in world.nodes.values():
        node.wait_until_ready()
    for actor in actors:
        if isinstance(actor, Sender):
            actor.finishing.set()
    expected = lambda: sum(len(m.recipients) for a in actors if isinstance(a, Sender) for m in a.known)
    while time.monotonic() < until:
        senders_done = not any(a.is_alive() for a in actors if isinstance(a, Sender))
        ended = sum(d.answer is not None for a in actors if isinstance(a, Receiver) for d in list(a.deliveries.values()))
        if any(a.deviation for a in actors) or (senders_done and ended >= expected()):
            break
        time.sleep(0.1)
    for actor in actors:
        actor.finishing.set()
    for actor in actors:
        actor.join(max(0.1, until - time.monotonic()))
        if actor.deviation:
            raise actor.deviation
        if actor.is_alive():
            raise Deviation("%s did not come to an end" % actor.name)


def kill_test(arguments, directory):
    chance = random.Random(arguments.seed)
    world = World(arguments.bin, directory)
    try:
        pool = make_pool(world, arguments.seconds * DOCUMENTS_A_SECOND, chance)
        world.start()
        senders, receivers = [], []
        for code, agency in sorted(world.agencies.items()):
            node = world.nodes[agency["node"]]
            mine = [m for m in pool if m.sender == code]
            sender = Sender(node, agency["client"], mine, chance.random(), pause=arguments.seconds / max(1, len(mine)))
            sender.allow(len(mine))
            senders.append(sender)
            receivers.append(Receiver(node, agency["client"], chance.random()))
        begin = time.monotonic()
        for actor in senders + receivers:
            actor.start()
        kills = disturb(world, senders + receivers, arguments.seconds, chance)
        disturbed = time.monotonic()
        finish(world, senders + receivers)
        judge = NetworkJudge(world, [m for s in senders for m in s.known], receivers)
        judge.wait_for_evidence(PATIENCE)
        quiet = time.monotonic()
        judge.read()
        verified = judge.verify_receipts(directory / "receipts", world.programs, harness.FOREIGN_VERIFIER)
        for node in world.nodes.values():
            node.stop()
    finally:
        world.close()
    report(arguments, judge, kills, verified, disturbed - begin, quiet - disturbed)
    return judge.deviations


def report(arguments, judge, kills, verified, disturbed, calmed):
    for text in judge.deviations[:20]:
        print("DEVIATION: " + text)
    print("%d kills in %.0f s (%s); %d documents with %d deliveries accepted (%d answers lost, %d repetitions): lost %d, "
          "doubled %d, without evidence of their end %d; %d receipts verified; calm %.1f s after the last kill; "
          "%d deviations (seed %d)" %
          (sum(kills.values()), disturbed, ", ".join("%s %d" % k for k in sorted(kills.items())), len(judge.messages),
           sum(len(m.recipients) for m in judge.messages), sum(m.lost_answers for m in judge.messages),
           sum(m.repeated for m in judge.messages), judge.lost, judge.doubled, judge.unproven, verified, calmed,
           len(judge.deviations), arguments.seed))


if __name__ == "__main__":
    sys.exit(harness.run(kill_test, "kill", "SIGKILL of four nodes under load: lost 0, doubled 0, everything proven", "seconds", 300))
