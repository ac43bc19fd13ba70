#!/usr/bin/env python3
"""Measures how many documents and statuses a minute pass through each adapter, and what delay it adds.

    adapters.py [--json] [--documents N] [--rounds N] [--only NAME,NAME] [--bin DIR]

On a demonstration network of its own. An agency at the province's node, over HTTP, is the partner of everybody: of the four
legacy systems, and of an agency without an adapter at each of the nodes that have one, which shows what adapters add.
"""
import argparse
import itertools
import json
import math
import os
import pathlib
import random
import sys
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(SOURCE / "tests/support"), str(SOURCE / "tests/crash")]

import adapters_run  # pylint: disable=wrong-import-position
import offices  # pylint: disable=wrong-import-position
from node import Deviation  # pylint: disable=wrong-import-position

SMALL, LARGE = 6_500, 277_000  # bytes of an attachment, which make documents of 10 kB and 370 kB
ONE_IN = 5  # so many fewer of the large
PATIENCE = 300  # seconds
LOOK = 0.002  # seconds between two looks whether all is there
PAUSE = 0.3  # seconds at most between two single ones, by chance: no poll shall be met in step
NEIGHBOURS = {"ninhthuan": "000.00.03.H43", "thuannam": "000.00.36.H43", "vpcp": "000.00.00.G22"}  # without an adapter
NAMES = ("folder", "database", "soap", "axis", *NEIGHBOURS)


def percentile(values, part):
    return sorted(values)[max(math.ceil(part * len(values)), 1) - 1]


def processor_seconds(process):
    fields = pathlib.Path("/proc/%d/stat" % process.pid).read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Passage:
    """One direction between an office and the partner: how to hand over, how to see what has arrived."""

    def __init__(self, partner, office, direction):
        self.partner = partner
        self.office = office
        self.out = direction == "out"
        self.name = "%s_%s" % (office.label, direction)

    def documents(self, count, size):
        if self.out:
            return self.office.documents(count, size)
        return self.partner.documents(count, size, self.office.agency)

    def reports(self, ids):
        """On documents that went in the other direction."""
        return self.office.reports(ids) if self.out else self.partner.reports(ids, self.office.agency)

    def arrived(self, kind):
        return self.partner.count(kind, self.office.agency) if self.out else self.office.count(kind)

    def time(self, kind, count, hand_over):
        """Seconds: when all was handed over, and when all had arrived; counted from the beginning."""
        wanted = self.arrived(kind) + count
        begun = time.monotonic()
        hand_over()
        handed = time.monotonic()
        while self.arrived(kind) < wanted:
            if time.monotonic() > begun + PATIENCE:
                raise Deviation("%s: %d of %d %s do not arrive" % (self.name, wanted - self.arrived(kind), count, kind))
            time.sleep(LOOK)
        return handed - begun, time.monotonic() - begun


class Bench:
    def __init__(self, world, only, tell):
        self.world = world
        self.tell = tell
        self.partner = offices.Direct(world, adapters_run.PARTNER, "partner")
        self.offices = [offices.make_legacy(world, adapter) for adapter in world.network["adapters"]
                        if offices.name_of(adapter) in only]
        self.offices += [offices.Direct(world, code, node) for node, code in NEIGHBOURS.items() if node in only]
        for office in self.offices:
            office.partner = adapters_run.PARTNER
        self.arrivals = {office.name: 0 for office in self.offices}  # statuses that the partner has to have of each
        self.seconds = {}  # by (office, direction, kind): of single ones

    def close(self):
        for one in (self.partner, *self.offices):
            one.close()

    def settle(self, office, documents):
        """Adapters report arrivals by themselves: waits for them, so that nothing is mistaken for something else."""
        until = time.monotonic() + PATIENCE
        self.arrivals[office.name] += documents if office.reports_arrival else 0
        while self.partner.count("status", office.agency) < self.arrivals[office.name]:
            if time.monotonic() > until:
                raise Deviation("%s: statuses 01 do not arrive" % office.name)
            time.sleep(LOOK)
        self.partner.acknowledge()
        office.acknowledge()

    def processors(self, office):
        """Seconds of each, so far."""
        used = {"nodes": sum(processor_seconds(node.process) for node in self.world.nodes.values())}
        for who, name in (("adapter", office.adapter), ("stand_in", office.stand_in)):
            if name:
                used[who] = processor_seconds(self.world.others[name].process)
        return used

    def figure(self, office, name, value, unit):
        self.tell("%s_%s" % (office.label, name), value, unit)

    # --- as many as can be -------------------------------------------------------------------------------------------

    def saturate(self, office, count):
        went = {}
        for direction in ("out", "in"):
            went[direction] = self.many_documents(office, direction, count, SMALL, "documents_per_minute")
        for direction, other in (("out", "in"), ("in", "out")):
            passage = Passage(self.partner, office, direction)
            _, took = passage.time("status", count, passage.reports(went[other]))
            self.figure(office, direction + "_statuses_per_minute", 60 * count / took, "/min")
            self.arrivals[office.name] += count if direction == "out" else 0
            self.settle(office, 0)
        for direction in ("out", "in"):
            self.many_documents(office, direction, max(count // ONE_IN, 1), LARGE, "documents_per_minute_370KiB")

    def many_documents(self, office, direction, count, size, name):
        passage = Passage(self.partner, office, direction)
        ids, hand_over = passage.documents(count, size)
        before = self.processors(office)
        handed, took = passage.time("edoc", count, hand_over)
        if direction == "out" and office.atomic:
            took -= handed
        self.figure(office, "%s_%s" % (direction, name), 60 * count / took, "/min")
        if size == SMALL:
            for who, used in self.processors(office).items():
                self.figure(office, "%s_cpu_%s" % (direction, who), 1000 * (used - before[who]) / count, "ms")
        self.settle(office, count if direction == "in" else 0)
        return ids

    # --- one at a time -----------------------------------------------------------------------------------------------

    def single(self, office, direction, kind, hand_over):
        time.sleep(random.uniform(0, PAUSE) if office.adapter else 0)
        handed, arrived = Passage(self.partner, office, direction).time(kind, 1, hand_over)
        # What a clerk does until the legacy system has it is no delay; what an agency's request takes is.
        begun = handed if direction == "out" and office.adapter else 0
        self.seconds.setdefault((office.name, direction, kind), []).append(arrived - begun)

    def round(self):
        """One document and one status in each direction of everybody."""
        for office in self.offices:
            out, into = (Passage(self.partner, office, direction) for direction in ("out", "in"))
            sent, hand_over = out.documents(1, SMALL)
            self.single(office, "out", "edoc", hand_over)
            self.single(office, "in", "status", into.reports(sent))
            received, hand_over = into.documents(1, SMALL)
            self.single(office, "in", "edoc", hand_over)
            self.settle(office, 1)
            self.single(office, "out", "status", out.reports(received))
            self.arrivals[office.name] += 1
            self.settle(office, 0)

    def tell_delays(self):
        for direction, (kind, name) in itertools.product(("out", "in"), (("edoc", ""), ("status", "_status"))):
            for office, (part, label) in itertools.product(self.offices, ((0.5, "p50"), (0.99, "p99"))):
                took = percentile(self.seconds[(office.name, direction, kind)], part)
                if not office.adapter:
                    self.figure(office, "%s%s_took_%s" % (direction, name, label), 1000 * took, "ms")
                elif (office.beside, direction, kind) in self.seconds:
                    added = took - percentile(self.seconds[(office.beside, direction, kind)], part)
                    self.figure(office, "%s%s_delay_%s" % (direction, name, label), 1000 * added, "ms")


def tell_json(name, value, unit):
    print(json.dumps({"name": name, "value": round(value, 3 if abs(value) < 100 else 1), "unit": unit}), flush=True)


def tell_people(name, value, unit):
    print("%-56s %12.1f %s" % (name, value, unit), flush=True)


def measure(arguments, directory):
    world = adapters_run.World(arguments.bin, directory)
    bench = None
    try:
        wanted = {a["name"] for a in world.network["adapters"] if offices.name_of(a) in arguments.only}
        world.sides = [side for side in world.sides if side.name in wanted]  # for agencies of the axis it waits long
        world.start()
        bench = Bench(world, arguments.only, tell_json if arguments.json else tell_people)
        bench.round()  # the first of each is slower than all that follow
        bench.seconds.clear()
        for office in bench.offices:
            bench.saturate(office, arguments.documents)
        for _ in range(arguments.rounds):
            bench.round()
        bench.tell_delays()
    finally:
        if bench is not None:
            bench.close()
        world.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="one figure a line")
    parser.add_argument("--documents", type=int, default=300, help="at once, when as many as can be are to pass")
    parser.add_argument("--rounds", type=int, default=50, help="how many pass one at a time")
    parser.add_argument("--only", type=lambda text: text.split(","), default=NAMES, help="of " + ", ".join(NAMES))
    parser.add_argument("--bin", type=pathlib.Path, default=SOURCE / "build/release/bin")
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    # Beside the programs: a disk, where the system's directory for temporary files may be memory.
    with tempfile.TemporaryDirectory(prefix="truc-bench-adapters-", dir=arguments.bin.parent) as directory:
        measure(arguments, pathlib.Path(directory))


if __name__ == "__main__":
    sys.exit(main())
