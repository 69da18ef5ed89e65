"""The compose file alone in a directory, for the first time."""

import contextlib
import json
import re
import subprocess

from engine import ROOT
from installation import Browser, Installation, request, until
from report import NotYet

FILE = ROOT / "compose" / "docker-compose.yml"
#: seconds from `up -d` to the first answer, of a release program
FIRST_PAGE = 10


@contextlib.contextmanager
def scenario(lab):
    with Installation(lab.engine) as installation:
        installation.lab = lab
        yield installation


def seed_010_the_file_stands_alone(it):
    """The compose file refers to no other file of the repository."""
    assert [path.name for path in it.directory.iterdir()] == ["docker-compose.yml"]
    for program in it.engine.compose:
        it.compose("config", "-q", program=program)


def seed_014_the_image_is_a_variable(it):
    """The web container runs the newest image; KIWI_IMAGE names another."""
    assert "image: kiwitcms/kiwi:latest" in it.compose("config").stdout
    it.environment["KIWI_IMAGE"] = "tests.example/other:1"
    assert "image: tests.example/other:1" in it.compose("config").stdout
    del it.environment["KIWI_IMAGE"]


def seed_015_the_database_is_pinned(it):
    """The database is PostgreSQL of a fixed major version."""
    assert "image: postgres:18\n" in FILE.read_text()


def seed_019_the_file_explains_itself(it):
    """Comments explain the parts of the file."""
    lines = FILE.read_text().splitlines()
    comments = [line for line in lines if line.strip().startswith("#")]
    assert len(comments) * 4 >= len(lines), f"{len(comments)} of {len(lines)}"


def seed_020_no_secret_but_the_placeholder(it):
    """The file holds no secret but the documented placeholder."""
    found = re.findall(r"^\s*\w*(?:PASSWORD|SECRET|KEY|TOKEN)\w*:\s*(.*)$", FILE.read_text(), re.M)
    assert found and set(found) <= {"${KIWI_DB_PASSWORD:-kiwi}", "${KIWI_SECRET_KEY:-}"}, found


def seed_011_up_starts_everything(it):
    """`up -d` of every compose program starts the installation."""
    used = []
    for program in it.engine.compose:
        it.compose("down", "--volumes", "--timeout=5")
        it.program = program
        seconds = it.up()
        version = subprocess.run(
            [*program, "version", "--short"], capture_output=True, text=True, check=True
        ).stdout.strip()
        used.append(f"{version}: first answer after {seconds:.1f} s")
        assert seconds <= FIRST_PAGE or not it.lab.is_release, used
    if len(used) < 2:
        used.append("only one compose program is here")
    return "; ".join(used)


def seed_012_answers_on_https(it):
    """https://localhost answers with a page, also while the database is empty."""
    reply = Browser("https://localhost/").open("/")
    assert reply.status in (200, 503) and "<title>Kiwi" in reply.text, (reply.status, reply.text[:500])


def seed_013_two_containers(it):
    """There are exactly the containers kiwi_web and kiwi_db."""
    names = it.engine.run("ps", "-a", "--format", "{{.Names}}").stdout.split()
    assert sorted(names) == ["kiwi_db", "kiwi_web"], names


def seed_016_two_volumes(it):
    """There are exactly the volumes kiwi_db_data and kiwi_uploads."""
    names = it.engine.run("volume", "ls", "--format", "{{.Name}}").stdout.split()
    assert sorted(names) == ["kiwi_db_data", "kiwi_uploads"], names


def seed_017_all_addresses_of_the_host(it):
    """The ports are open on every address of the host, IPv4 and IPv6."""
    details = json.loads(it.engine.run("inspect", "kiwi_web").stdout)[0]
    for port in ("8080/tcp", "8443/tcp"):
        hosts = {binding["HostIp"] for binding in details["NetworkSettings"]["Ports"][port]}
        assert hosts == {"0.0.0.0", "::"}, hosts
    # from a container of another network, as from a second machine
    (network,) = details["NetworkSettings"]["Networks"].values()
    it.engine.run("run", "--rm", "--entrypoint=bash", it.lab.image, "-c",
                  f"exec 3<>/dev/tcp/{network['Gateway']}/443")


def seed_018_any_host_name(it):
    """Every host name leads to the installation."""
    for host in ("tcms.example.com", "10.1.2.3", "localhost:443"):
        reply = request(f"https://{host}/robots.txt", address="127.0.0.1")
        assert reply.status == 200, (host, reply.status)
        page = request(f"https://{host}/", address="127.0.0.1")
        assert page.status != 404, host


def opa_003_the_health_is_known(it):
    """Docker knows the health within 60 s; after a restart it begins anew."""
    def state():
        return it.engine.run(
            "inspect", "--format", "{{.State.Health.Status}}", "kiwi_web"
        ).stdout.strip()

    until(lambda: state() == "healthy", state)
    it.compose("restart", "--timeout=10", "web")
    assert state() == "starting", state()
    it.healthy()
    assert it.manage("healthcheck").stdout.strip() == "ok"


def opa_002_the_browser_initialises_the_database(it):
    """The page /init-db/ initialises an empty database."""
    browser = Browser("https://localhost/")
    page = browser.open("/init-db/")
    assert "Initialize database" in page.text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    log = browser.open("/init-db/", {"csrfmiddlewaretoken": token[1], "init_db": "yes"})
    assert log.text.rstrip().endswith("Complete!"), log.text
    redirect = request("http://localhost/")
    assert redirect.status == 301, redirect.status
    assert 'id="page-login"' in browser.open("/").text
