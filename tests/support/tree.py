"""The four nodes of the demonstration, each started, stopped and killed on its own.

    tree = Tree()                          # truc demo init, on free ports; nothing runs
    tree.start("vpcp", "ninhthuan")        # waits until they are ready and know each other's agencies
    tree["vpcp"].client(GOVERNMENT)        # everything that network.Network can do with its one node
    tree.close()                           # SIGTERM to all; one that did not end well is an error
"""
import contextlib
import json
import pathlib
import re
import socket
import tempfile
import threading
import time

import demonstration
import network
import ports
from network import PATIENCE, program

NODES = 4


class Node(network.Network):
    """One node of a tree."""

    def __init__(self, tree, description):  # pylint: disable=super-init-not-called
        self._closing = contextlib.ExitStack()
        self.name = description["name"]
        self.description = tree.description
        self.node = description
        self.config = pathlib.Path(description["config"])
        self.directory = self.config.parent
        self.data = pathlib.Path(description["data_dir"])
        self.directory_file = self.directory / "directory.jsonl"
        self.process = None

    @property
    def amqp(self):
        """(host, port) of its AMQP listener."""
        host, _, port = self.node["amqp"].removeprefix("amqps://").rpartition(":")
        return host, int(port)

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process = None

    def ask(self, path):
        """What the administrator's socket answers."""
        return self.look(path).json

    def look(self, path):
        with contextlib.closing(self.administrator()) as admin:
            return admin.get(path)

    def neighbour(self, name):
        return next(n for n in self.ask("/admin/neighbours")["items"] if n["name"] == name)

    def alarms(self, kind):
        return [a for a in self.ask("/admin/alarms")["items"] if a["kind"] == kind]

    def knows(self, agency):
        return self.look("/v1/agencies/" + agency).status == 200

    def neighbour_at(self, name, address):
        """Changes where it dials that neighbour; None: nowhere. Takes effect when it starts."""
        text = re.sub(rf'(\[\[neighbours\]\]\nname = "{name}"\n)(address = .*\n?)?',
                      rf'\1address = "{address}"\n' if address else r"\1", self.config.read_text())
        self.config.write_text(text)

    def is_sanitized(self):
        """AddressSanitizer keeps what was freed, so that memory says nothing about the program."""
        return "libasan" in pathlib.Path(f"/proc/{self.process.pid}/maps").read_text()

    def peak_memory(self):
        """The most that was resident, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024


class Tree:
    def __init__(self):
        self._closing = contextlib.ExitStack()
        try:
            self.directory = pathlib.Path(self._closing.enter_context(tempfile.TemporaryDirectory(prefix="truc-")))
            demonstration.make(program("truc"), self.directory / "n", ports.reserve(NODES, self._closing))
        except BaseException:
            self._closing.close()
            raise
        self.description = json.loads((self.directory / "n" / "network.json").read_text())
        self.nodes = {n["name"]: Node(self, n) for n in self.description["nodes"]}

    def __getitem__(self, name):
        return self.nodes[name]

    def start(self, *names):
        """Starts them, and waits until those that run are connected and know the agencies of each other."""
        for name in names:
            self.nodes[name].start()
        running = {n.name for n in self.nodes.values() if n.process}
        codes = [a["code"] for a in self.description["agencies"] if a["node"] in running]
        for name in running:
            node = self.nodes[name]
            node.wait_until(lambda n=node: all(neighbour["connected"] for neighbour in n.ask("/admin/neighbours")["items"]
                                               if neighbour["name"] in running))
            node.wait_until(lambda n=node: all(map(n.knows, codes)))
        return self

    def client(self, code):
        """A connection of that agency to its home node."""
        return self.nodes[self.home(code)].client(code)

    def home(self, code):
        return next(a["node"] for a in self.description["agencies"] if a["code"] == code)

    def close(self):
        with self._closing:
            for node in self.nodes.values():
                self._closing.callback(node.close)


class Wire:
    """A TCP relay in front of a node that can be cut: what a bad line does to two nodes."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets = []
        self._deaf = threading.Event()
        self._open = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self._listener.getsockname()[1]

    def swallow_answers(self):
        """From now on what the side that dialled says is lost, while it still hears the other."""
        self._deaf.set()

    def cut(self):
        """Ends every connection; later ones work again."""
        sockets, self._sockets = self._sockets, []
        self._deaf.clear()
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self):
        self._open = False
        self._listener.close()
        self.cut()

    def _accept(self):
        while self._open:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target, PATIENCE)
            except OSError:
                time.sleep(0.05)
                continue
            self._sockets += [near, far]
            threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source, target, from_dialler):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not (from_dialler and self._deaf.is_set()):
                    target.sendall(data)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
