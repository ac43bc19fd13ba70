"""The crash test, short: a few rounds as part of every test run; tools/dev crash plays many."""
import subprocess
import sys
import pathlib

if __name__ == "__main__":
    sys.exit(subprocess.call([sys.executable, "-B", pathlib.Path(__file__).with_name("run.py"), "--rounds", "8"]))
