"""The kill test of the whole network, short: as part of every test run; tools/dev kill plays for longer."""
import subprocess
import sys
import pathlib

if __name__ == "__main__":
    sys.exit(subprocess.call([sys.executable, "-B", pathlib.Path(__file__).with_name("network_run.py"), "--seconds", "12"]))
