"""PgBouncer in transaction mode before the private PostgreSQL of a running server."""

import os
import pwd
import shutil
import socket
import subprocess
import time
from pathlib import Path

from server import LOGS, ServerError

START_SECONDS = 20
#: few, so that each of them serves many transactions of many clients
CONNECTIONS = 6


class Pooler:
    """Starts on entering the context, stops on leaving it."""

    def __init__(self, server):
        self.server = server
        self.direct_host = server.data / "postgres" / "socket"
        self.folder = server.data / "pooler"
        self.process = None
        self.port = None

    def __enter__(self):
        owner = pwd.getpwuid(self.direct_host.stat().st_uid)
        self.folder.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        settings = self.folder / "pgbouncer.ini"
        settings.write_text(
            "[databases]\n"
            f"kiwi = host={self.direct_host} user=kiwi\n"
            "[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {self.port}\nunix_socket_dir =\n"
            f"auth_type = any\npool_mode = transaction\ndefault_pool_size = {CONNECTIONS}\n"
            + (f"user = {owner.pw_name}\n" if os.getuid() == 0 else ""),
            encoding="utf-8",
        )
        log = (LOGS / "pooler.log").open("w", encoding="utf-8")
        with log:
            self.process = subprocess.Popen(
                [program(), str(settings)], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return self
            except OSError as error:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.__exit__()
                    raise ServerError(f"the pooler did not start, see {log.name}") from error
                time.sleep(0.05)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)

    @property
    def environment(self):
        """Settings of a server that uses it. Debian's release keeps no prepared statements."""
        return {
            "KIWI_DB_HOST": "127.0.0.1",
            "KIWI_DB_PORT": str(self.port),
            "KIWI_DB_DIRECT_HOST": str(self.direct_host),
            "KIWI_DB_PREPARED": "false",
            "SECRET_KEY": str(self.server.data / "secret_key"),
        }


def program():
    """Path of PgBouncer, which Debian puts where only the superuser looks."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not found:
        raise ServerError("no pgbouncer: ops/scripts/install-dependencies.sh test installs it")
    return Path(found)
