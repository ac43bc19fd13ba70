"""`truc demo init` for tests: its keys and password hashes, which cost more than a node's start, are made once for all tests
of a build; each gets a copy with ports of its own."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

FIRST_PORT = 20000
LAST_PORT = FIRST_PORT + 99
ADDRESS = re.compile(rb"(127\.0\.0\.1|localhost):(\d{5})\b")


def make(truc, directory, base_port, *options):
    """What `truc demo init DIRECTORY --base-port PORT OPTIONS…` makes."""
    template = _template(truc, options)
    shutil.copytree(template, directory, symlinks=True)

    def address(found):
        port = int(found[2])
        moved = port - FIRST_PORT + base_port if FIRST_PORT <= port <= LAST_PORT else port
        return b"%s:%d" % (found[1], moved)
    for file in (f for f in pathlib.Path(directory).rglob("*") if f.is_file() and not f.is_symlink()):
        before = file.read_bytes()
        after = ADDRESS.sub(address, before.replace(os.fsencode(template), os.fsencode(directory)))
        if after != before:
            file.write_bytes(after)


def _template(truc, options):
    """The network that is copied; made by whoever comes first, anew each day and for each build of the program."""
    program = os.stat(truc)
    name = "-".join(["truc-demo", str(os.getuid()), time.strftime("%Y%m%d"), f"{program.st_mtime_ns:x}", f"{program.st_size:x}",
                     *(o.strip("-") for o in options)])
    template = pathlib.Path(tempfile.gettempdir()) / name
    if template.exists():
        return template
    own = pathlib.Path(tempfile.mkdtemp(prefix=name + "."))
    try:
        made = subprocess.run([str(truc), "demo", "init", str(own / "n"), "--base-port", str(FIRST_PORT), *options],
                              capture_output=True, text=True, timeout=120, check=False)
        if made.returncode != 0:
            raise RuntimeError(made.stdout + made.stderr)
        for file in (f for f in (own / "n").rglob("*") if f.is_file()):
            before = file.read_bytes()
            after = before.replace(os.fsencode(own / "n"), os.fsencode(template))
            if after != before:
                file.write_bytes(after)
        try:
            (own / "n").rename(template)
        except OSError:
            if not template.exists():  # else another test was faster
                raise
    finally:
        shutil.rmtree(own, ignore_errors=True)
    return template
