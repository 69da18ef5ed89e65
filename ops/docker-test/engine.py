"""A container engine for the tests: the running one, else a dockerd of their own.

An engine of our own keeps everything under target/docker-test and ends with the tests.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WORK = ROOT / "target" / "docker-test"
START_SECONDS = 60
#: which the compose files publish
PORTS = (80, 443)


class EngineError(Exception):
    """There is no engine, or it did not do what a test run needs."""


class NoEngine(EngineError):
    """There is no engine, and none can be started."""


class Engine:
    """Starts on entering the context when none runs, and stops what it started on leaving it.

    With `alone` one that runs already is left alone, as are programs on the ports of the tests.
    """

    def __init__(self, alone=False):
        self.alone = alone
        self.environment = dict(os.environ, DOCKER_BUILDKIT="1")
        self.client = None
        self.compose = []
        self.daemon = None

    def __enter__(self):
        WORK.mkdir(parents=True, exist_ok=True)
        self.client = self._client()
        self.compose = self._compose()
        if self.alone:
            self._check_is_alone()
        if not self._answers():
            self._start()
        return self

    def __exit__(self, *_):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(60)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
                self.daemon.wait()

    def _check_is_alone(self):
        if self._answers():
            raise NoEngine("an engine runs already, and its images and containers are somebody's")
        for port in PORTS:
            try:
                socket.create_server(("", port)).close()
            except OSError as error:
                raise NoEngine(f"port {port} cannot be used: {error}") from error

    @staticmethod
    def _client():
        """The first docker client that can build with BuildKit."""
        found = [os.environ.get("DOCKER"), shutil.which("docker"), "/usr/bin/docker"]
        for path in filter(None, found):
            if not Path(path).exists():
                continue
            version = subprocess.run(
                [path, "--version"], capture_output=True, text=True, check=False
            ).stdout
            # up to version 22 the client builds by itself, later ones need the plug-in
            major = version.partition("version ")[2].partition(".")[0]
            plugin = subprocess.run([path, "buildx", "version"], capture_output=True, check=False)
            if plugin.returncode == 0 or (major.isdigit() and int(major) < 23):
                return path
        raise NoEngine("no docker client with BuildKit: install docker.io, or docker-buildx")

    def _compose(self):
        """The compose programs that are here: the old one, then the plug-in."""
        found = []
        if old := shutil.which("docker-compose"):
            found.append([old])
        plugin = [self.client, "compose"]
        if subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode == 0:
            found.append(plugin)
        elif alone := os.environ.get("COMPOSE_PLUGIN"):
            found.append([alone])
        if not found:
            raise NoEngine("no compose program: install docker-compose or the plug-in")
        return found

    def _answers(self):
        return self.run("info", check=False, quiet=True).returncode == 0

    def _start(self):
        program = shutil.which("dockerd") or "/usr/sbin/dockerd"
        if not Path(program).exists():
            raise NoEngine("no engine runs, and there is no dockerd: install docker.io")
        if os.geteuid() != 0:
            raise NoEngine("no engine runs, and only root can start one")
        address = f"unix://{WORK / 'engine.sock'}"
        self.environment["DOCKER_HOST"] = address
        log = (WORK / "engine.log").open("w", encoding="utf-8")
        self.daemon = subprocess.Popen(
            [
                program,
                f"--data-root={WORK / 'engine'}",
                f"--exec-root={WORK / 'exec'}",
                f"--pidfile={WORK / 'engine.pid'}",
                f"--host={address}",
                "--log-level=warn",
            ],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # an interrupt from the terminal is for the tests, which then stop the engine
            start_new_session=True,
        )
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                raise NoEngine(f"dockerd did not start, see {log.name}")
            time.sleep(0.2)

    @property
    def is_own(self):
        """Whether this engine runs for the tests only."""
        return self.daemon is not None

    def run(self, *arguments, check=True, quiet=False, **options):
        """Runs the docker client."""
        options.setdefault("stdin", subprocess.DEVNULL if "input" not in options else None)
        if options["stdin"] is None:
            del options["stdin"]
        done = subprocess.run(
            [self.client, *arguments],
            env=self.environment,
            capture_output=True,
            text=options.pop("text", True),
            timeout=options.pop("timeout", 600),
            check=False,
            **options,
        )
        if check and done.returncode:
            raise EngineError(
                f"docker {' '.join(arguments)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def has_image(self, name):
        """Whether the engine has an image of this name."""
        return self.run("image", "inspect", name, check=False).returncode == 0
