"""What a judge finds, and the receipts that have to hold."""
import pathlib
import re
import subprocess

from node import Deviation

BATCH = 500  # files a program is given at once
FOREIGN_SAMPLE = 25  # receipts that other people's programs verify, one process each


class Findings:
    """Every finding is kept; `deviations` is empty when all is well."""

    def __init__(self, ca, messages, receivers):
        self.ca = ca
        self.messages = messages
        self.deliveries = {}
        for receiver in receivers:
            self.deliveries.update(receiver.deliveries)
        self.lost = 0
        self.doubled = 0
        self.deviations = []
        self.receipts = {}

    def require(self, condition, text):
        if not condition:
            self.deviations.append(text)
        return condition

    def verify_receipts(self, directory, programs, foreign):
        """All of them by `truc verify`, some by the verifier that shares no code with the node."""
        directory.mkdir()
        files = []
        for event, xml in sorted(self.receipts.items()):
            files.append(str(directory / (event + ".xml")))
            pathlib.Path(files[-1]).write_text(xml, encoding="utf-8")
        for first in range(0, len(files), BATCH):
            self.verify([str(programs / "truc"), "--ca", self.ca, "verify"], files[first:first + BATCH])
        step = max(1, len(files) // FOREIGN_SAMPLE)
        self.verify(["/usr/bin/python3", "-B", str(foreign), "--ca", self.ca], files[::step])
        return len(files)

    def verify(self, command, files):
        run = subprocess.run(command + files, capture_output=True, text=True, check=False)
        self.require(run.returncode == 0, "%s: %s" % (command[0], (run.stdout + run.stderr)[-500:]))


def event_id(receipt):
    found = re.search(r'<Event [^>]*Id="([^"]+)"', receipt)
    if not found:
        raise Deviation("a receipt without event: " + receipt[:200])
    return found[1]
