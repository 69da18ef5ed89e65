"""The other compose files."""

import base64
import contextlib
import re
import secrets
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from installation import PASSWORD, Browser, Installation, request, rpc
from suite.proxies import behind

IMAGES = {"haproxy:lts", "edoburu/pgbouncer:latest"}


def opa_005_secrets_as_files(lab):
    """docker-compose.with-secrets starts; no value of the database is in the container's settings."""
    with Installation(lab.engine, "docker-compose.with-secrets") as it:
        folder = it.directory / "secrets"
        folder.mkdir()
        password = secrets.token_hex(16)
        for name, text in {"db-name": "kiwi", "db-user": "kiwi\n", "db-password.txt": password,
                           "secret-key": secrets.token_hex(32)}.items():
            (folder / name).write_text(text)
        it.up()
        it.manage("migrate")
        assert request("https://localhost/accounts/login/").status == 200
        assert password not in it.engine.run("inspect", "kiwi_web", "kiwi_db").stdout
        assert password not in it.logs()


def opa_008_several_tenants(lab):
    """docker-compose.tenants.yml: set-up without a terminal, the domain from the variable, tenants by host."""
    with Installation(lab.engine, "docker-compose.tenants.yml",
                      KIWI_TENANTS_DOMAIN="tests.example.com") as it:
        it.compose("up", "-d")
        it.wait()
        it.manage("initial_setup",
                  input=f"anna\nanna@example.com\n{PASSWORD}\n{PASSWORD}\n")
        it.manage("tenant", "create", "team", "--owner", "anna", "--title", "Team")
        for host, status in (("tests.example.com", 200), ("team.tests.example.com", 200),
                             ("other.example.org", 404)):
            reply = request(f"https://{host}/accounts/login/", address="127.0.0.1")
            assert reply.status == status, (host, reply.status)
            # with several tenants an address may open three of these pages at once, then ten a second
            time.sleep(0.2)
        page = Browser("https://team.tests.example.com/", address="127.0.0.1").log_in("anna")
        assert page.status == 200


class Bucket(BaseHTTPRequestHandler):
    """Stand-in for an S3-compatible service: keeps objects, checks no signature."""

    protocol_version = "HTTP/1.1"
    objects = {}

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_PUT(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.objects[self.path.partition("?")[0]] = body
        self.answer(200, ETag='"1"')

    def do_GET(self):
        body = self.objects.get(self.path.partition("?")[0])
        if body is None:
            self.answer(404)
            return
        seen = {"ETag": '"1"', "Last_Modified": "Sun, 22 Nov 2026 00:00:00 GMT"}
        wanted = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not wanted:
            self.answer(200, body, **seen)
            return
        first, last = int(wanted[1]), int(wanted[2] or len(body) - 1)
        part = body[first:last + 1]
        self.answer(206, part, Content_Range=f"bytes {first}-{last}/{len(body)}", **seen)

    do_HEAD = do_GET

    def do_DELETE(self):
        self.objects.pop(self.path, None)
        self.answer(204)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def scaled(lab, pooler=False, **environment):
    """Two servers behind a proxy, set up, with a bucket beside them, perhaps with a pooler."""
    service = ThreadingHTTPServer(("0.0.0.0", 0), Bucket)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    try:
        with behind(
            lab, "scale", "haproxy.scale.cfg",
            KIWI_DB_PASSWORD=secrets.token_hex(16), KIWI_SECRET_KEY=secrets.token_hex(32),
            KIWI_STORAGE_S3_BUCKET="files", KIWI_STORAGE_S3_REGION="somewhere",
            KIWI_STORAGE_S3_ACCESS_KEY="key", KIWI_STORAGE_S3_SECRET_KEY="secret",
            KIWI_STORAGE_S3_ENDPOINT=f"http://172.31.240.1:{service.server_port}",
            KIWI_STORAGE_S3_PATH_STYLE="true", **environment,
        ) as it:
            if pooler:
                it.add("docker-compose.pooler.yml")
            it.up()
            it.set_up(domain="tests.example.com")
            yield it
    finally:
        service.shutdown()


def opa_025_several_replicas(lab):
    """docker-compose.scale.yml: two servers share log-ins and files in a bucket; one may go."""
    with scaled(lab) as it:
        share(it)


def opa_025_replicas_behind_a_pooler(lab):
    """docker-compose.pooler.yml: two servers share six connections of PgBouncer, and the same holds."""
    with scaled(lab, pooler=True, KIWI_POOL_SIZE="6") as it:
        share(it)
        asked = it.engine.run("exec", "kiwi_db", "psql", "-U", "kiwi", "-d", "kiwi", "-Atc",
                              "SELECT client_addr, count(*) FROM pg_stat_activity "
                              "WHERE application_name = 'kiwi' GROUP BY 1").stdout
        counts = dict(line.split("|") for line in asked.split())
        form = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        address = it.engine.run("inspect", "-f", form, "kiwi_pooler").stdout.strip()
        assert 0 < int(counts.pop(address)) <= 6, asked
        # past the pooler goes one connection of each server, for what they tell each other
        assert all(int(count) <= 2 for count in counts.values()), asked
        for container in ("kiwi_web", "kiwi_web_2"):
            assert '"level":"error"' not in it.logs(container).lower(), it.logs(container)[-3000:]


def share(it):
    """Everything works whichever server answers, and while one is away."""
    browser = Browser("https://tests.example.com/", address="127.0.0.1")
    browser.log_in("anna")
    rpc(browser, "Auth.login", "anna", PASSWORD)
    content = b"kept in a bucket " * 100
    file = rpc(browser, "User.add_attachment", "note.txt", base64.b64encode(content).decode())
    assert Bucket.objects, "the bucket is empty"
    path = urllib.parse.urlsplit(file["url"]).path

    def look():
        page = browser.open("/")
        assert page.status == 200 and "/accounts/login/" not in browser.url, page.status
        reply = browser.open(path)
        assert reply.status == 200 and reply.body == content, reply.status

    for _ in range(10):
        look()
    for container in ("kiwi_web", "kiwi_web_2"):
        it.engine.run("stop", "--time=15", container)
        for _ in range(10):
            look()
        it.engine.run("start", container)
        it.wait()
        time.sleep(3)
    for container in ("kiwi_web", "kiwi_web_2"):
        asked = [line for line in it.logs(container).splitlines() if '"request"' in line]
        assert any('"path":"/"' in line for line in asked), f"{container} answered nothing"
        assert any('"client":"172.31.240.1"' in line for line in asked), asked[-1]
