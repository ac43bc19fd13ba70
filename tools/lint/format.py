#!/usr/bin/env python3
"""clang-format over the tree: reports what is not in the house form, or corrects it with --fix."""
import re
import subprocess
import sys

import tree


def chunks(items, size):
    return (items[i:i + size] for i in range(0, len(items), size))


def check(root):
    mode = ["-i"] if "--fix" in sys.argv else ["--dry-run", "-Werror"]
    for part in chunks([str(path) for path in tree.sources(root)], 32):
        done = subprocess.run(["clang-format", *mode, *part], cwd=root, capture_output=True, text=True)
        wrong = re.findall(r"^([^\s:]+):(\d+):\d+: error", done.stderr, re.M)
        for path in dict.fromkeys(path for path, _ in wrong):
            line = next(line for name, line in wrong if name == path)
            yield path, line, "not formatted; run tools/dev format"
        if done.returncode and not wrong:
            yield part[0], 1, "clang-format failed: " + done.stderr.strip()


if __name__ == "__main__":
    tree.run(check)
