#!/usr/bin/env python3
"""Kills a loaded node with SIGKILL at random moments and compares it with what its clients were told.

    run.py [--rounds N] [--bin DIR] [--seed S] [--keep]

Senders submit distinct documents and statuses of 3 to 200 KiB and repeat some of them; receivers claim, compare digests and
acknowledge. Whoever loses an answer asks again with the same bytes. At the end every accepted message must be there and have
arrived once, every acknowledged delivery must have ended so, every receipt must be what it was and verify, and the books must
balance. The seed decides documents and moments; how far the node has come by then is up to the machine.
"""
import random
import subprocess
import sys
import time

import harness
from clients import Receiver, Sender, read_pool
from judge import Judge
from node import Deviation, Node

MESSAGES_A_ROUND = 80
START_SHARE = 0.3  # of the rounds end while the node is still starting
LONGEST_START = 0.15  # seconds
LONGEST_ROUND = 2  # seconds after it became ready
LONGEST_REST = 0.02  # seconds after the last message that is waited for


def accepted(senders):
    return sum(len(s.known) for s in senders)


def wait_for_progress(senders, count):
    """Until so many more messages are accepted, but not for ever: a round is short on every machine."""
    goal = accepted(senders) + count
    until = time.monotonic() + LONGEST_ROUND
    while accepted(senders) < goal and time.monotonic() < until:
        time.sleep(0.002)


def play(node, senders, rounds, chance):
    for number in range(1, rounds + 1):
        node.start()
        for sender in senders:
            sender.allow(MESSAGES_A_ROUND // len(senders))
        if chance.random() < START_SHARE:
            time.sleep(chance.uniform(0, LONGEST_START))
        else:
            node.wait_until_ready()
            wait_for_progress(senders, chance.randrange(MESSAGES_A_ROUND))
            time.sleep(chance.uniform(0, LONGEST_REST))
        node.kill()
        for actor in senders:
            if actor.deviation:
                raise actor.deviation
        if number % 10 == 0:
            print("round %d: %d messages accepted" % (number, accepted(senders)), flush=True)


def finish(node, actors, patience):
    """The last start: everybody gets what is still owed."""
    node.start()
    node.wait_until_ready()
    until = time.monotonic() + patience
    for kind in (Sender, Receiver):  # receivers leave when nothing can come any more
        for actor in actors:
            if isinstance(actor, kind):
                actor.finishing.set()
                if isinstance(actor, Sender):
                    actor.allow(len(actor.waiting))
        for actor in actors:
            if isinstance(actor, kind):
                actor.join(max(0.1, until - time.monotonic()))
                if actor.deviation:
                    raise actor.deviation
                if actor.is_alive():
                    raise Deviation("%s did not come to an end" % actor.name)


def crash_test(arguments, directory):
    programs = arguments.bin
    chance = random.Random(arguments.seed)
    subprocess.run([programs / "truc-bench", "pool", directory, "--documents", str(arguments.rounds * MESSAGES_A_ROUND),
                    "--seed", str(arguments.seed % 2**31)], check=True)
    pool = read_pool(directory / "pool.jsonl")
    node = Node(programs, directory)
    try:
        clients = [c["id"] for c in node.network["clients"]]
        senders = [Sender(node, c, [m for m in pool if m.client == c], chance.random()) for c in clients]
        receivers = [Receiver(node, c, chance.random()) for c in clients]
        for actor in senders + receivers:
            actor.start()
        play(node, senders, arguments.rounds, chance)
        finish(node, senders + receivers, 60 + 2 * arguments.rounds)
        judge = Judge(node, pool, receivers)
        judge.read()
        node.stop()
        judge.compare_files()
        verified = judge.verify_receipts(directory / "receipts", programs, harness.FOREIGN_VERIFIER)
    finally:
        node.close()
    report(arguments, pool, judge, verified)
    return judge.deviations


def report(arguments, pool, judge, verified):
    for text in judge.deviations[:20]:
        print("DEVIATION: " + text)
    print("%d rounds, %d messages accepted (%d answers lost, %d repetitions), %d deliveries: lost %d, doubled %d; "
          "%d receipts verified, %d deviations (seed %d)" %
          (arguments.rounds, len(pool), sum(m.lost_answers for m in pool), sum(m.repeated for m in pool),
           len(judge.deliveries), judge.lost, judge.doubled, verified, len(judge.deviations), arguments.seed))


if __name__ == "__main__":
    sys.exit(harness.run(crash_test, "crash", "SIGKILL under load: lost 0, doubled 0", "rounds", 100))
