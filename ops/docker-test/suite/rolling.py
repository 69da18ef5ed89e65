"""Upgrades while people and CI are at work."""

import threading
import time

from installation import PASSWORD, Browser, request, rpc
from suite.keep import releases
from suite.variants import scaled

IMAGES = {"haproxy:lts"}


class Work:
    """Pages and calls of the API, one after the other in each of some threads."""

    def __init__(self, readers=2, writers=2):
        self.failures = []
        self.pages = 0
        self.written = []
        self.is_over = False
        self.threads = [threading.Thread(target=self.read) for _ in range(readers)]
        self.threads += [threading.Thread(target=self.write, args=[n]) for n in range(writers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        for thread in self.threads:
            thread.join()

    def each(self, step):
        """Repeats a step; whatever goes wrong is kept."""
        while not self.is_over:
            try:
                step()
            except Exception as error:
                self.failures.append(f"{time.strftime('%X')} {error!r}"[:300])
            time.sleep(0.02)

    def read(self):
        """Opens pages."""
        browser = visitor()

        def step():
            cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
            reply = request(browser.base, "GET", {"Cookie": cookies}, None, browser.address)
            assert reply.status == 200, reply.status
            self.pages += 1

        self.each(step)

    def write(self, number):
        """Creates something by the API, and remembers what was confirmed."""
        browser = visitor()
        counter = iter(range(1_000_000))

        def step():
            name = f"load {number} {next(counter)}"
            rpc(browser, "Classification.create", {"name": name})
            self.written.append(name)

        self.each(step)


def visitor():
    """Somebody who is logged in."""
    browser = Browser("https://tests.example.com/", address="127.0.0.1")
    browser.log_in("anna")
    rpc(browser, "Auth.login", "anna", PASSWORD)
    return browser


def opa_025_opa_020_a_rolling_upgrade(lab):
    """Two servers are replaced by those of a new image, one by one: no request fails, no write is lost."""
    with scaled(lab, KIWI_IMAGE=lab.before) as it:
        it.left = it.volumes()
        it.environment["KIWI_IMAGE"] = lab.image
        with Work() as work:
            time.sleep(2)
            it.compose("run", "--rm", "-T", "--no-deps", "web_1", "/Kiwi/manage.py", "migrate")
            for service, container in (("web_1", "kiwi_web"), ("web_2", "kiwi_web_2")):
                it.compose("up", "-d", "--no-deps", service)
                image = it.engine.run("inspect", "-f", "{{.Config.Image}}", container).stdout.strip()
                assert image == lab.image, image
                # the proxy takes it in when it is ready
                it.healthy(container)
                time.sleep(3)
        assert not work.failures, (len(work.failures), work.failures[:5])
        assert work.pages > 50 and len(work.written) > 50, (work.pages, len(work.written))
        kept = {row["name"] for row in rpc(visitor(), "Classification.filter", {})}
        lost = set(work.written) - kept
        assert not lost, f"{len(lost)} of {len(work.written)}: {sorted(lost)[:5]}"
        assert "[ ]" not in it.manage("showmigrations").stdout
    return f"{work.pages} pages and {len(work.written)} writes, {releases(lab)}"
