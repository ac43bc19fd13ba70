"""The kill test of the adapters, short: as part of every test run; tools/dev kill-adapters plays for longer."""
import subprocess
import sys
import pathlib

if __name__ == "__main__":
    sys.exit(subprocess.call([sys.executable, "-B", pathlib.Path(__file__).with_name("adapters_run.py"), "--documents", "10"]))
