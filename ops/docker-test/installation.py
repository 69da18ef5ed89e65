"""One compose file in a directory of its own, and what people do with it."""

import http.client
import json
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.parse
from pathlib import Path

from engine import ROOT, WORK

COMPOSE = ROOT / "compose"
#: changes to a compose file, which the default one takes by itself
OVERRIDE = "docker-compose.override.yml"
#: longest wait for what needs no more than some seconds
READY_SECONDS = 60
PASSWORD = "Kettle-94-harbour"


class Reply:
    """An answer to a request."""

    def __init__(self, reply):
        self.status = reply.status
        self.headers = reply.headers
        self.body = reply.read()

    @property
    def text(self):
        """The body as text."""
        return self.body.decode("utf-8", "replace")

    def all(self, name):
        """Every value of a header."""
        return self.headers.get_all(name) or []


def until(holds, seen):
    """Waits until `holds()`, as long as a slow machine may need; `seen()` tells what is there."""
    deadline = time.monotonic() + READY_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {READY_SECONDS} s: {seen()}")
        time.sleep(0.1)


def request(url, method="GET", headers=None, body=None, address=None, context=None):
    """Asks once, without following redirects; any certificate is good unless a context says else.

    `address` is where to connect, when the name in the URL leads elsewhere.
    """
    parts = urllib.parse.urlsplit(url)
    secure = parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    host = address or parts.hostname
    if secure:
        if context is None:
            context = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection(host, port, timeout=30, context=context)
        if address:
            raw = socket.create_connection((host, port), 30)
            connection.sock = context.wrap_socket(raw, server_hostname=parts.hostname)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=30)
    path = parts.path or "/"
    if parts.query:
        path += f"?{parts.query}"
    try:
        given = {"Host": parts.netloc} | (headers or {})
        connection.request(method, path, body=body, headers=given)
        return Reply(connection.getresponse())
    finally:
        connection.close()


class Browser:
    """Keeps cookies and follows redirects."""

    def __init__(self, base, address=None, headers=None):
        self.base = base
        self.address = address
        self.headers = headers or {}
        self.cookies = {}
        self.url = base

    def open(self, path, form=None):
        """Opens a page, or sends a form to it."""
        self.url = urllib.parse.urljoin(self.url, path)
        method, body = ("GET", None) if form is None else ("POST", urllib.parse.urlencode(form))
        for _ in range(10):
            headers = dict(self.headers)
            if self.cookies:
                headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
            if body is not None:
                headers |= {"Content-Type": "application/x-www-form-urlencoded",
                            "Referer": self.url}
            reply = request(self.url, method, headers, body, self.address)
            for cookie in reply.all("set-cookie"):
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
                if re.search(r"max-age=0\b", cookie, re.I):
                    del self.cookies[name]
            if reply.status not in (301, 302, 303, 307, 308):
                return reply
            self.url = urllib.parse.urljoin(self.url, reply.headers["location"])
            method, body = "GET", None
        raise AssertionError(f"redirects without end at {self.url}")

    def log_in(self, username, password=PASSWORD):
        """Fills in the log-in page."""
        page = self.open("/accounts/login/")
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token, f"no log-in form: {page.status} {page.text[:500]}"
        return self.open(
            "/accounts/login/",
            {"csrfmiddlewaretoken": token[1], "username": username, "password": password},
        )


def rpc(browser, method, *params):
    """Calls a method of the API with the browser's session; returns the result."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    reply = request(f"{browser.base}json-rpc/", "POST", {
        "Content-Type": "application/json", "Cookie": cookies,
    }, body, browser.address)
    for cookie in reply.all("set-cookie"):
        name, _, value = cookie.partition(";")[0].partition("=")
        browser.cookies[name] = value
    answer = json.loads(reply.text)
    assert "result" in answer, answer
    return answer["result"]


class Installation:
    """The containers of one compose file."""

    def __init__(self, engine, file="docker-compose.yml", program=None, extra=(), **environment):
        self.engine = engine
        self.program = program or engine.compose[-1]
        self.directory = Path(tempfile.mkdtemp(prefix="kiwi-", dir=WORK))
        self.file = file
        #: further compose files, which change that one
        self.changes = []
        for name in (file, *extra):
            source = COMPOSE / name
            copy = shutil.copytree if source.is_dir() else shutil.copy
            copy(source, self.directory / source.name)
        self.environment = engine.environment | environment
        #: volumes without a name of containers that were replaced, which compose leaves behind
        self.left = []
        self.base = f"https://localhost:{environment.get('KIWI_HTTPS_PORT', 443)}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.compose("down", "--volumes", "--timeout=5", check=False)
        if self.left:
            self.engine.run("volume", "rm", "--force", *self.left)
        shutil.rmtree(self.directory, ignore_errors=True)

    def add(self, name):
        """Takes a compose file that changes the first one."""
        shutil.copy(COMPOSE / name, self.directory)
        self.changes.append(name)

    def volumes(self):
        """Names of the volumes of all its containers."""
        containers = self.compose("ps", "-q").stdout.split()
        form = '{{range .Mounts}}{{if eq .Type "volume"}}{{.Name}} {{end}}{{end}}'
        return self.engine.run("inspect", "-f", form, *containers).stdout.split()

    def compose(self, *arguments, check=True, program=None):
        """Runs a compose command in the directory."""
        file = []
        if self.file != "docker-compose.yml":
            file = [part for name in (self.file, *self.changes) for part in ("-f", name)]
            if (self.directory / OVERRIDE).exists():
                file += ["-f", OVERRIDE]
        done = subprocess.run(
            [*(program or self.program), *file, *arguments],
            cwd=self.directory, env=self.environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=300, check=False,
        )
        if check:
            assert done.returncode == 0, (
                f"compose {' '.join(arguments)}: exit {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done

    def up(self):
        """Starts everything and waits until the server answers; returns the seconds it took."""
        started = time.monotonic()
        self.compose("up", "-d")
        self.wait()
        return time.monotonic() - started

    def wait(self, path="/accounts/login/"):
        """Waits for an answer."""
        last = None

        def answers():
            nonlocal last
            try:
                last = request(self.base + path)
            except OSError as error:
                last = error
                return False
            # an empty database has a page of its own
            return last.status < 500 or "<title>Kiwi - Database set-up" in last.text

        def seen():
            found = f"{last.status} {last.text[:200]}" if isinstance(last, Reply) else last
            return f"{found}\n{self.logs()[-4000:]}"

        until(answers, seen)
        return last

    def healthy(self, container="kiwi_web"):
        """Waits until the server in a container says that it is ready."""
        until(
            lambda: self.manage("healthcheck", container=container, check=False).returncode == 0,
            lambda: self.logs(container)[-4000:],
        )

    def manage(self, *arguments, input=None, check=True, container="kiwi_web", options=()):
        """Runs `docker exec -i <container> /Kiwi/manage.py …`; text in, text out."""
        given = {"input": input} if input is not None else {}
        done = self.engine.run(
            "exec", "-i", *options, container, "/Kiwi/manage.py", *arguments, check=False, **given
        )
        if check:
            assert done.returncode == 0, (
                f"manage.py {' '.join(arguments)}: exit {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done

    def shell(self, command, container="kiwi_web", check=True):
        """Runs a shell line in a container and returns what it printed."""
        return self.engine.run("exec", container, "sh", "-c", command, check=check).stdout

    def sql(self, query):
        """Asks the database."""
        return self.engine.run(
            "exec", "kiwi_db", "psql", "-U", "kiwi", "-d", "kiwi", "-Atc", query
        ).stdout.strip()

    def logs(self, container="kiwi_web", *options):
        """What a container printed, both streams."""
        done = self.engine.run("logs", *options, container, check=False)
        return done.stdout + done.stderr

    def set_up(self, username="anna", domain="tests.example.com"):
        """Migrates, creates a superuser and sets the domain, without a terminal."""
        self.manage(
            "initial_setup", "--domain", domain,
            input=f"{username}\n{username}@example.com\n{PASSWORD}\n{PASSWORD}\n",
        )
