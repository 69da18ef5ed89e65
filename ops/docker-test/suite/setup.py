"""The first configuration."""

import contextlib
import json
import os
import pty
import select
import subprocess
import time

from installation import PASSWORD, Browser, Installation, request, rpc


@contextlib.contextmanager
def scenario(lab):
    with Installation(lab.engine) as installation:
        installation.up()
        yield installation


def seed_021_migrate_creates_the_tables(it):
    """`manage.py migrate` works on an empty database, and a second time changes nothing."""
    first = it.manage("migrate")
    tables = it.sql("select count(*) from pg_tables where schemaname not like 'pg_%'")
    assert int(tables) > 20, tables
    second = it.manage("migrate")
    assert second.stdout != first.stdout, second.stdout
    assert it.sql("select count(*) from pg_tables where schemaname not like 'pg_%'") == tables


def seed_022_createsuperuser_asks_in_the_known_order(it):
    """The questions come in the order username, e-mail, password, password again."""
    seen = dialogue(it, "boris", "boris@example.com", PASSWORD, PASSWORD)
    places = [seen.lower().find(word) for word in ("user", "mail", "password:", "again")]
    assert -1 not in places and places == sorted(places), seen
    page = Browser("https://localhost/").log_in("boris")
    assert page.status == 200, page.status


def seed_023_a_terminal_hides_the_password(it):
    """On a terminal a typed password is not shown."""
    seen = dialogue(it, "clara", "clara@example.com", PASSWORD, PASSWORD)
    assert "clara@example.com" in seen and PASSWORD not in seen, seen


def dialogue(it, *answers):
    """Types answers at `docker exec -it … createsuperuser` and returns what the terminal showed."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [it.engine.client, "exec", "-it", "kiwi_web", "/Kiwi/manage.py", "createsuperuser"],
        stdin=follower, stdout=follower, stderr=follower, env=it.environment, close_fds=True,
    )
    os.close(follower)
    seen = ""
    pending = list(answers)
    asked = 0
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if select.select([leader], [], [], 0.2)[0]:
            try:
                data = os.read(leader, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data.decode("utf-8", "replace")
        elif process.poll() is not None:
            break
        # answer each prompt once it stands there
        if pending and seen.rstrip(" ").endswith(":") and len(seen) > asked:
            asked = len(seen)
            os.write(leader, (pending.pop(0) + "\n").encode())
            time.sleep(0.1)
    assert process.wait(10) == 0, seen
    os.close(leader)
    return seen


def seed_024_everything_works_without_a_terminal(it):
    """createsuperuser and initial_setup read their answers line by line, and print plain text."""
    answers = f"dora\ndora@example.com\n{PASSWORD}\n{PASSWORD}\n"
    one = it.manage("createsuperuser", input=answers)
    two = it.manage("initial_setup", input=f"emil\nemil@example.com\n{PASSWORD}\n{PASSWORD}\n127.0.0.1:8000\n")
    for text in (one.stdout, one.stderr, two.stdout, two.stderr):
        assert "\x1b" not in text and "\r" not in text, repr(text)
        assert PASSWORD not in text
    assert Browser("https://localhost/").log_in("dora").status == 200


def seed_025_the_set_up_asks_for_the_domain(it):
    """`initial_setup` asks for the domain."""
    done = it.manage("initial_setup", check=False,
                     input=f"fritz\nfritz@example.com\n{PASSWORD}\n{PASSWORD}\n")
    assert done.returncode == 2 and "domain" in done.stderr.lower(), done


def seed_027_the_first_domain(it):
    """The domain is 127.0.0.1:8000 at first, and the dashboard says that it must be set."""
    assert it.manage("set_domain").stdout.strip() == "127.0.0.1:8000"
    browser = Browser("https://localhost/")
    page = browser.log_in("dora")
    assert "Base URL is not configured" in page.text, page.text


def seed_029_what_a_domain_may_be(it):
    """Host names and addresses with ports are taken; addresses with scheme or path are not."""
    for name in ("tcms.example.com", "10.0.0.7:8443", "[::1]:8443"):
        it.manage("set_domain", name)
        assert it.manage("set_domain").stdout.strip() == name
    for name in ("https://x", "a b", "x/y"):
        done = it.manage("set_domain", name, check=False)
        assert done.returncode == 2 and name in done.stderr, done
    return "by the command"


def seed_030_set_domain(it):
    """`manage.py set_domain` sets domain and name, and shows the domain."""
    done = it.manage("set_domain", "public.tenant.kiwitcms.org")
    assert done.stdout == "Domain updated successfully.\n"
    assert it.manage("set_domain").stdout == "public.tenant.kiwitcms.org\n"
    assert it.sql("select name from public.site") == "Kiwi TCMS"


def seed_026_links_use_the_domain(it):
    """Links in mail and in the API are built with the domain, never with the Host header."""
    it.manage("set_domain", "tests.example.com:8443")

    def visitor(name):
        browser = Browser("https://elsewhere.example/", address="127.0.0.1")
        rpc(browser, "Auth.login", name, PASSWORD)
        return browser

    dora, emil = visitor("dora"), visitor("emil")
    kind = rpc(dora, "Classification.create", {"name": "Kettles"})["id"]
    product = rpc(dora, "Product.create", {"name": "Kettle", "classification": kind})["id"]
    version = rpc(dora, "Version.create", {"product": product, "value": "3.1"})["id"]
    plan = rpc(dora, "TestPlan.create", {
        "name": "Boil", "text": "", "product": product, "product_version": version,
        "type": rpc(dora, "PlanType.filter", {})[0]["id"],
    })["id"]
    link = f"https://tests.example.com:8443/plan/{plan}"
    assert [node["url"] for node in rpc(dora, "TestPlan.tree", plan)] == [link]
    # its author is told
    rpc(emil, "TestPlan.update", plan, {"name": "Boil more"})
    [mail] = json.loads(it.manage("mail", "list", "--json").stdout)
    told = it.manage("mail", "show", str(mail["id"])).stdout
    assert link in told and "elsewhere" not in told, told


def seed_028_the_domain_on_a_page(it):
    """/admin/sites/site/1/ changes the domain."""
    browser = Browser("https://localhost/")
    browser.log_in("dora")
    reply = browser.open("/admin/sites/site/1/")
    assert reply.status == 200 and "Domain name" in reply.text, reply.status


def opa_011_two_migrations_at_once(it):
    """Of two `migrate` at once one works and one waits; both succeed."""
    it.compose("down", "--volumes", "--timeout=5")
    it.up()
    both = [
        subprocess.Popen(
            [it.engine.client, "exec", "kiwi_web", "/Kiwi/manage.py", "migrate"],
            env=it.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]
    for process in both:
        text, _ = process.communicate(timeout=120)
        assert process.returncode == 0, text
    assert request("https://localhost/accounts/login/").status == 200
