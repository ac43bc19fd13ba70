#!/usr/bin/env python3
"""The order of the modules: each may include only itself and those before it; private headers stay at home."""
import re

import tree

ORDER = "base model xml trust dsig pack ledger directory store intake deliver net amqp http api client".split()
# These are tested without any network; a socket in them would end that.
NO_SOCKETS = {"model", "ledger", "directory", "intake", "deliver"}
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
SOCKETS = re.compile(r"(boost/(asio|beast)|sys/socket\.h|netinet/|arpa/)")


def module_of(path):
    """The module that a file belongs to, or None for programs and tests."""
    parts = path.parts
    if parts[0] == "src" and len(parts) > 2:
        return parts[1] if parts[1] != "pch" else None
    if parts[:2] == ("include", "truc") and len(parts) > 3:
        return parts[2]
    return None


def angle_finding(module, name):
    used = re.match(r"truc/(\w+)/", name)
    if module in NO_SOCKETS and SOCKETS.match(name):
        return f"{module} knows nothing of sockets; move what needs <{name}> to net, http or api"
    if not used:
        return None
    if used[1] not in ORDER:
        return f"<{name}> is of no module; modules are: {' '.join(ORDER)}"
    if module in ORDER and ORDER.index(used[1]) > ORDER.index(module):
        return f"{module} may not use {used[1]}, which comes after it; move the code up or pass in what it needs"
    return None


def quote_finding(root, path, module, name):
    home = (root / path).parent
    target = (home / name).resolve()
    if name.startswith("truc/"):
        return f'write #include <{name}>: quotes are for private headers beside the file'
    if module and root / "src" / module not in target.parents:
        return f'"{name}" is a private header of another place; use an interface header <truc/module/x.hpp>'
    own_test = path.parts[:2] == ("tests", "unit") and root / "src" / path.parts[2] in target.parents
    if root / "src" in target.parents and not module and not own_test and path.parts[1:2] != ("pch",):
        return f'"{name}" is a private header of a module; use its interface header <truc/module/x.hpp>'
    return None


def check(root):
    for path in tree.sources(root):
        module = module_of(path)
        if module and module not in ORDER:
            yield path, 1, f"unknown module {module}; modules are: {' '.join(ORDER)}"
        text = (root / path).read_text(encoding="utf-8")
        for found in INCLUDE.finditer(text):
            kind, name = found.groups()
            finding = angle_finding(module, name) if kind == "<" else quote_finding(root, path, module, name)
            if finding:
                yield path, text.count("\n", 0, found.start()) + 1, finding


if __name__ == "__main__":
    tree.run(check)
