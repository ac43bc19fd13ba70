"""What the tests that kill nodes share: their command line, the directory they leave behind when something is wrong."""
import argparse
import os
import pathlib
import random
import shutil
import tempfile

from node import Deviation

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FOREIGN_VERIFIER = SOURCE / "tests/interop/verify_receipt.py"


def run(test, name, description, length, default):
    """`test(arguments, directory)` gives what it found wrong. The option `length` says how long it goes on. Returns the exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--" + length, type=int, default=default)
    parser.add_argument("--bin", type=pathlib.Path,
                        default=pathlib.Path(os.environ.get("TRUC_BIN_DIR", SOURCE / "build/release/bin")))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    parser.add_argument("--keep", action="store_true", help="keep the directory, also when all is well")
    arguments = parser.parse_args()
    arguments.bin = arguments.bin.resolve()
    # Beside the programs: a disk, where the system's directory for temporary files may be memory.
    directory = pathlib.Path(tempfile.mkdtemp(prefix=name + "-", dir=arguments.bin.parent))
    print("seed %d, %d %s" % (arguments.seed, getattr(arguments, length), length), flush=True)
    deviations = ["the test did not come to its end"]
    try:
        deviations = test(arguments, directory)
    except Deviation as problem:
        print("DEVIATION: %s (seed %d)" % (problem, arguments.seed))
    if deviations or arguments.keep:
        print("everything is kept in %s" % directory)
    else:
        shutil.rmtree(directory)
    return 1 if deviations else 0
