"""What the lints share: the files of the tree, C++ text without comments and literals, and how findings are told."""
import pathlib
import re
import subprocess
import sys


def files(root, *suffixes):
    """The files of the working tree that git does not ignore, as paths relative to root."""
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout.decode().split("\0")
    paths = sorted({pathlib.Path(name) for name in names if name})
    return [path for path in paths if (not suffixes or path.suffix in suffixes) and (root / path).is_file()]


def sources(root):
    return files(root, ".cpp", ".hpp")


_NOISE = re.compile(r"""//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])*'""", re.S)


def code_only(text):
    """Blanks comments and literals, keeping every line where it was."""
    return _NOISE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]) if m[0].startswith("/") else '""' + "\n" * m[0].count("\n"), text)


def literals(text):
    """What its string literals say. Neighbours are one, as for the compiler."""
    found, end = [], None
    for m in _NOISE.finditer(text):
        if m[0].startswith("R"):
            said = m[0][m[0].index("(") + 1:m[0].rindex(")")]
        elif m[0].startswith('"'):
            said = re.sub(r'\\(["\\])', r"\1", m[0][1:-1])
        else:
            continue
        if end is not None and not text[end:m.start()].strip():
            found[-1] += said
        else:
            found.append(said)
        end = m.end()
    return found


def run(check):
    """check(root) yields (path, line, message); prints them as path:line: message and ends with 1 if there were any."""
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = 0
    for path, line, message in check(root):
        print(f"{path}:{line}: {message}")
        found += 1
    sys.exit(1 if found else 0)
