"""A PostgreSQL server of one's own: in a temporary directory, on a Unix socket, without a port.

    server = Postgres().start()
    ...
    server.stop()

initdb refuses root, so root's server runs as the user postgres, which Debian's package makes.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile

BINARIES = pathlib.Path("/usr/lib/postgresql/15/bin")
USER = "truc"
OPTIONS = {"listen_addresses": "", "max_connections": "20", "shared_buffers": "16MB", "fsync": "off",
           "autovacuum": "off", "log_min_messages": "fatal"}


class Postgres:
    """Nothing survives stop(). `fsync=off`: the machine does not fail here, only processes do."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="truc-pg-"))
        self.data = self.directory / "data"
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres")
            # The server's user must be able to reach its socket.
        self.directory.chmod(0o755)

    def start(self):
        if not self.data.exists():
            self._run("initdb", "-D", self.data, "-U", USER, "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = {**OPTIONS, "unix_socket_directories": self.directory}
        self._run("pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", self.directory / "log",
                  "-o", " ".join(f"-c {key}='{value}'" for key, value in options.items()), "start")
        return self

    def halt(self, mode="immediate"):
        """As a crash does it; start() goes on with the same data."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def stop(self):
        try:
            self.halt()
        except subprocess.CalledProcessError:
            pass  # it was down
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def dsn(self):
        """For libpq and psycopg2."""
        return f"host={self.directory} dbname=postgres user={USER}"

    @property
    def odbc(self):
        """For ODBC."""
        return f"Driver=PostgreSQL Unicode;Servername={self.directory};Database=postgres;Username={USER}"

    def _run(self, program, *arguments):
        command = [str(BINARIES / program), *map(str, arguments)]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
                       stdin=subprocess.DEVNULL, timeout=120)
