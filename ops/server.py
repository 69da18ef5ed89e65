"""A kiwi server for one test run: own data directory, own private PostgreSQL, free ports.

Used by the conformance, client and browser suites. The binary is $KIWI_BIN, else the newest of
target/debug/kiwi and target/release/kiwi.
"""

import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "target" / "test-logs"
START_SECONDS = 120
STOP_SECONDS = 30


class ServerError(Exception):
    """The server or one of its commands did not do what a test run needs."""


def binary():
    """Path of the program under test."""
    if given := os.environ.get("KIWI_BIN"):
        return Path(given)
    built = [ROOT / "target" / kind / "kiwi" for kind in ("debug", "release")]
    built = [path for path in built if path.exists()]
    if not built:
        raise ServerError("no kiwi program: run `cargo build -p server` or set KIWI_BIN")
    return max(built, key=lambda path: path.stat().st_mtime)


class Server:
    """Starts on entering the context, stops on leaving it."""

    def __init__(self, name, tenants_domain=None, environment=None):
        self.name = name
        self.tenants_domain = tenants_domain
        self.extra = environment or {}
        self.data = None
        self.process = None
        self.ready = None
        self.reader = None

    def __enter__(self):
        # a suite that is told to end still stops its server
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        LOGS.mkdir(parents=True, exist_ok=True)
        # the private cluster runs as another user when the tests run as root, so that user must
        # be able to reach the directory
        self.data = Path(tempfile.mkdtemp(prefix="kiwi-"))
        self.data.chmod(0o755)
        log = (LOGS / f"{self.name}-server.log").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [
                str(binary()),
                "serve",
                "--http=127.0.0.1:0",
                "--https=127.0.0.1:0",
                "--internal=127.0.0.1:0",
                f"--data-dir={self.data}",
            ],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        announced = threading.Event()

        def read():
            with log:
                for line in self.process.stdout:
                    log.write(line)
                    log.flush()
                    if '"server_ready"' in line:
                        with contextlib.suppress(ValueError):
                            self.ready = json.loads(line)
                        announced.set()
            announced.set()

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()
        try:
            if not announced.wait(START_SECONDS) or not self.ready:
                raise ServerError(f"the server did not start, see {log.name}")
            self.wait_until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.reader:
            self.reader.join(5)
        shutil.rmtree(self.data, ignore_errors=True)

    def environment(self):
        """The environment of the server and its commands."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("KIWI_")}
        kept.pop("DATABASE_URL", None)
        for key in ("KIWI_PG_BIN", "KIWI_LOG"):
            if key in os.environ:
                kept[key] = os.environ[key]
        kept["KIWI_DATA_DIR"] = str(self.data)
        kept["KIWI_DONT_ENFORCE_HTTPS"] = "true"
        # who joins which group is said by each suite
        kept["KIWI_DEFAULT_GROUPS"] = ""
        if self.tenants_domain:
            kept["KIWI_TENANTS_DOMAIN"] = self.tenants_domain
        return kept | self.extra

    def wait_until_ready(self):
        """Waits for /readyz on the internal listener."""
        deadline = time.monotonic() + START_SECONDS
        url = f"http://{self.ready['internal']}/readyz"
        while True:
            try:
                with urllib.request.urlopen(url, timeout=5) as reply:
                    if reply.status == 200:
                        return
            except OSError:
                pass
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise ServerError(f"{url} did not become ready")
            time.sleep(0.1)

    @property
    def http(self):
        return f"http://{self.ready['http']}"

    @property
    def https_port(self):
        return int(self.ready["https"].rpartition(":")[2])

    @property
    def http_port(self):
        return int(self.ready["http"].rpartition(":")[2])

    @property
    def authority(self):
        """The file with the certificate authority that signed the server's certificate."""
        return self.data / "static" / "ca.crt"

    def tls_context(self):
        """Trusts this server only."""
        return ssl.create_default_context(cafile=str(self.authority))

    def kiwi(self, *arguments):
        """Runs a kiwi command beside the server and returns its output."""
        done = subprocess.run(
            [str(binary()), *arguments],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise ServerError(
                f"kiwi {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def _with_password(self, password, *arguments):
        path = self.data / "password"
        path.write_text(password, encoding="utf-8")
        path.chmod(0o600)
        try:
            return self.kiwi(*arguments, f"--password-file={path}")
        finally:
            path.unlink()

    def create_superuser(self, username, password):
        self._with_password(
            password,
            "createsuperuser",
            "--noinput",
            f"--username={username}",
            f"--email={username}@example.com",
        )

    def create_user(self, username, password, groups=(), tenants=()):
        self._with_password(
            password,
            "createuser",
            f"--username={username}",
            f"--email={username}@example.com",
            *(f"--group={group}" for group in groups),
            *(f"--tenant={tenant}" for tenant in tenants),
        )
