"""Logs, and what to do about trouble."""

import contextlib
import json

from installation import PASSWORD, Browser, Installation, request


@contextlib.contextmanager
def scenario(lab):
    with Installation(lab.engine) as installation:
        installation.up()
        installation.set_up()
        yield installation


def seed_090_requests_are_logged(it):
    """The log of the container shows the request just made, and lies in no file."""
    request("https://localhost/accounts/login/?mark=4711")
    assert "/accounts/login/" in it.logs("kiwi_web", "--tail", "20")
    files = it.shell("find / -xdev -name '*.log' -newer /Kiwi/manage.py 2>/dev/null; true")
    assert not files.strip(), files


def seed_091_whole_lines(it):
    """`docker logs --tail` shows whole lines, one for each event."""
    for _ in range(50):
        request("https://localhost/robots.txt")
    for line in it.logs("kiwi_web", "--tail", "40").strip().splitlines():
        json.loads(line)


def seed_092_errors_are_in_the_log(it):
    """What goes wrong is in the log with its reason, also without DEBUG."""
    browser = Browser("https://localhost/")
    browser.log_in("anna")
    it.compose("stop", "--timeout=5", "db")
    reply = browser.open("/")
    assert reply.status == 503, reply.status
    assert "database" in it.logs("kiwi_web", "--tail", "20").lower()
    it.compose("start", "db")
    it.wait()
    return "for a database that is gone"


def seed_093_details_on_the_page(it):
    """With DEBUG the page of an error shows details, without it only an id."""
    browser = Browser("https://localhost/")
    assert browser.open("/debug/fail").status == 404
    overlay = it.directory / "docker-compose.override.yml"
    overlay.write_text('services:\n  web:\n    environment:\n      DEBUG: "True"\n')
    try:
        it.compose("up", "-d")
        it.wait()
        assert '"debug"' in it.manage("show-config", "debug", "--json").stdout
        reply = Browser("https://localhost/").open("/debug/fail")
        assert reply.status == 500 and "Copy as text" in reply.text, reply.text[:1000]
    finally:
        overlay.unlink()
        it.compose("up", "-d")
        it.wait()


def seed_094_traces_as_text(it):
    """Logs are plain text; `support-bundle` collects what a report needs, without secrets."""
    it.manage("support-bundle", "--out", "/run/kiwi/bundle.tar.gz")
    names = it.shell("tar -tzf /run/kiwi/bundle.tar.gz")
    assert len(names.splitlines()) > 3, names
    text = it.shell("tar -xzOf /run/kiwi/bundle.tar.gz")
    assert "kiwi" in text and PASSWORD not in text
