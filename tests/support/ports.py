"""Ports for networks that `truc demo init --base-port` makes: ten a node, of which it uses the first four."""
import contextlib
import random
import socket

PER_NODE = 10
FIRST, LAST = 10000, 32000  # below those that the kernel gives to connections


def reserve(nodes=1, closing=None):
    """The first port of a free block. While `closing` (an ExitStack) is open, the last port of each ten is held, which
    keeps other tests off the block; without it nothing is held."""
    chance = random.SystemRandom()  # whatever seed the test has
    size = nodes * PER_NODE
    while True:
        base = chance.randrange(FIRST, LAST - size, PER_NODE)
        with contextlib.ExitStack() as held:
            try:
                for port in range(base + PER_NODE - 1, base + size, PER_NODE):
                    held.enter_context(socket.socket()).bind(("127.0.0.1", port))
                for port in (p for p in range(base, base + size) if p % PER_NODE != PER_NODE - 1):
                    with socket.socket() as probe:
                        probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if closing is not None:
                closing.enter_context(held.pop_all())
            return base
