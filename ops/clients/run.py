"""Unmodified clients from PyPI report into two tenants at the same time, with the same names.

Each client runs twice in each tenant; afterwards both tenants must hold exactly what one client
leaves behind, and nothing of the other tenant. Ends with "N passed, N failed".
"""

import os
import shutil
import subprocess
import sys
import tempfile
import traceback
import urllib.error
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import resolver.sitecustomize  # noqa: E402, F401  names below localhost, in this process too
from expected import BUILD, CLIENTS, JUNIT5, PRODUCT, VERSION  # noqa: E402
from server import ROOT, Server  # noqa: E402
from wire import Fault, Rpc, junit5, phpunit  # noqa: E402

DOMAIN = "kiwi.localhost"
TENANTS = ("alpha", "beta")
BOT, PASSWORD = "report-bot", "Report-bot-2026"
STRANGER = "no-groups"
VENV = ROOT / "target" / "tools" / "clients"


class Report:
    """Counts checks and prints each one."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problem):
        """`problem` is empty when the check holds."""
        if problem:
            self.failed += 1
            print(f"FAIL  {name}: {problem}", flush=True)
        else:
            self.passed += 1
            print(f"ok    {name}", flush=True)

    def equal(self, name, got, wanted):
        self.check(name, None if got == wanted else f"expected {wanted!r}, got {got!r}")


class Tenant:
    """One tenant as its clients see it."""

    def __init__(self, name, server, work):
        self.name = name
        self.base = f"https://{name}.{DOMAIN}:{server.https_port}"
        self.tls = server.tls_context()
        self.work = work / name
        self.home = self.work / "home"
        self.home.mkdir(parents=True)
        shutil.copytree(HERE / "suites", self.work / "suites")
        self.configure(BOT, PASSWORD)
        self.authority = server.authority
        self.runs_seen = {}

    def configure(self, username, password):
        (self.home / ".tcms.conf").write_text(
            f"[tcms]\nurl = {self.base}/xml-rpc/\nusername = {username}\npassword = {password}\n",
            encoding="utf-8",
        )

    def execute(self, command, folder=".", **variables):
        """Runs a program of the virtual environment as a client of this tenant."""
        return subprocess.run(
            [str(VENV / "bin" / command[0]), *command[1:]],
            cwd=self.work / "suites" / folder,
            env={
                "HOME": str(self.home),
                "PATH": f"{VENV / 'bin'}:/usr/bin:/bin",
                "LANG": "C.UTF-8",
                "PYTHONPATH": str(HERE / "resolver"),
                "PYTHONDONTWRITEBYTECODE": "1",
                "SSL_CERT_FILE": str(self.authority),
                "TCMS_PRODUCT": PRODUCT,
                "TCMS_PRODUCT_VERSION": VERSION,
                "TCMS_BUILD": BUILD,
                **variables,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    def rpc(self):
        return Rpc(self.base, self.tls).login(BOT, PASSWORD)


def install_clients():
    """Creates the virtual environment once; again when the pins change."""
    requirements = HERE / "requirements.txt"
    stamp = VENV / "installed"
    wanted = requirements.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    subprocess.run(
        [VENV / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
         "-r", str(requirements)],
        check=True,
    )
    stamp.write_text(wanted, encoding="utf-8")


def rows(rpc, client):
    """(plans, runs, plan type, stopped, executions) that one client left in a tenant."""
    plans = rpc("TestPlan.filter", [{"name": client.plan}])
    runs = rpc("TestRun.filter", [{"summary": client.run}])
    executions = []
    stopped = None
    if runs:
        newest = runs[-1]
        stopped = newest["stop_date"] is not None
        for row in rpc("TestExecution.filter", [{"run": newest["id"]}]):
            comments = rpc("TestExecution.get_comments", [row["id"]])
            executions.append((
                row["status__name"], row["case__summary"], len(comments),
                row["start_date"] is not None, row["stop_date"] is not None,
            ))
    return plans, runs, stopped, executions


def check_rows(report, tenant, client, turn):
    """Compares what the tenant holds with what the client reports on each run."""
    label = f"{tenant.name} {client.prefix} run {turn}"
    rpc = tenant.rpc()
    plans, runs, stopped, executions = rows(rpc, client)
    report.equal(f"{label}: one plan", len(plans), 1)
    report.equal(f"{label}: plan type", plans and plans[0]["type__name"], client.plan_type)
    report.equal(f"{label}: runs", len(runs), turn)
    report.equal(f"{label}: stopped", stopped, client.stopped)
    report.equal(f"{label}: executions", sorted(executions), sorted(client.executions))
    cases = rpc("TestCase.filter", [{"plan": plans[0]["id"]}]) if plans else []
    report.equal(f"{label}: cases", len(cases), len(client.executions))


def run_client(tenant, client):
    done = tenant.execute(client.command, client.folder)
    if done.returncode not in client.exit_codes or "INTERNALERROR" in done.stdout:
        return f"exit {done.returncode}\n{done.stdout}"
    return None


def in_both(tenants, work):
    """Does the same in both tenants at the same time; returns their results in order."""
    def guarded(tenant):
        try:
            return work(tenant)
        except Exception:
            return traceback.format_exc()

    with ThreadPoolExecutor(len(tenants)) as pool:
        return list(pool.map(guarded, tenants))


def check_clients(report, tenants):
    for turn in (1, 2):
        for client in CLIENTS:
            for tenant, problem in zip(tenants, in_both(tenants, lambda t, c=client: run_client(t, c))):
                report.check(f"{tenant.name} {client.prefix} run {turn}: reports", problem)
                check_rows(report, tenant, client, turn)
        replay = lambda t: junit5(Rpc(t.base, t.tls), BOT, PASSWORD)  # noqa: E731
        for tenant, problem in zip(tenants, in_both(tenants, replay)):
            report.check(f"{tenant.name} {JUNIT5.prefix} run {turn}: reports", problem)
            check_rows(report, tenant, JUNIT5, turn)


def check_details(report, tenant):
    """Fields beyond the executions."""
    rpc = tenant.rpc()
    done = tenant.execute(
        ["python", "-c", "from tcms_api import TCMS; print(TCMS().exec.KiwiTCMS.version())"]
    )
    report.equal(f"{tenant.name} tcms-api: version", done.stdout.strip(), rpc("KiwiTCMS.version"))
    documented = rpc("TestCase.filter", [{"summary": "test_e2e.py::test_ok"}])
    report.equal(f"{tenant.name} [pytest]: docstring is the text",
                 [row["text"] for row in documented], ["Documented intent."])
    runs = rpc("TestRun.filter", [{"summary__startswith": "[RF] Results"}])
    report.equal(f"{tenant.name} [RF]: run notes",
                 {row["notes"] for row in runs}, {"Suite documentation"})
    case = rpc("TestCase.filter", [{"summary": "Hello.Hello World"}])
    report.equal(
        f"{tenant.name} [RF]: case fields",
        [(row["text"], row["script"], row["arguments"]) for row in case],
        [("Body of the case", "hello.robot", "Hello World")],
    )
    plan, case = phpunit(Rpc(tenant.base, tenant.tls), BOT, PASSWORD)
    for kind, row in (("plan", plan), ("case", case)):
        # answers leave the fraction out when it is zero
        report.equal(f"{tenant.name} [PHPUnit]: create_date of the {kind}",
                     row["create_date"].removesuffix(".000"), "2026-11-22T13:00:00")


def totals(rpc):
    """Number of rows a tenant shows of everything that clients create."""
    return {
        name: len(rpc(f"{name}.filter", [{}]))
        for name in ("Product", "Version", "Build", "TestPlan", "TestCase", "TestRun", "TestExecution")
    }


def check_isolation(report, tenants):
    """Same names, same numbers, and nothing of the other tenant."""
    cases = sum(len(client.executions) for client in CLIENTS) + len(JUNIT5.executions)
    wanted = {
        "Product": 1,
        "Version": 2,  # the reported one and "unspecified"
        "Build": 3,  # the reported one and an "unspecified" of each version
        "TestPlan": len(CLIENTS) + 2,
        "TestCase": cases + 1,
        "TestRun": 2 * (len(CLIENTS) + 1),
        "TestExecution": 2 * cases,
    }
    for tenant in tenants:
        report.equal(f"{tenant.name}: rows in all", totals(tenant.rpc()), wanted)
    first, second = (tenant.rpc() for tenant in tenants)
    category = first("Category.filter", [{}])[0]["id"]
    for number in range(3):
        first("TestCase.create", [{
            "summary": f"only here {number}", "category": category,
            "priority": first("Priority.filter", [{}])[0]["id"],
            "case_status": first("TestCaseStatus.filter", [{"name": "CONFIRMED"}])[0]["id"],
        }])
    report.equal("isolation: a case of one tenant is not found in the other",
                 second("TestCase.filter", [{"summary__startswith": "only here"}]), [])
    newest = max(row["id"] for row in first("TestCase.filter", [{}]))
    report.equal("isolation: its id is not there either", second("TestCase.filter", [{"pk": newest}]), [])


def fault_of(work):
    try:
        work()
    except Fault as fault:
        return fault.code
    except urllib.error.HTTPError as error:
        return f"HTTP {error.code}"
    return "no error"


def check_refusals(report, tenants):
    """Wrong password, unknown run, and a user without groups: a fault, and no rows."""
    tenant = tenants[0]
    before = totals(tenant.rpc())
    report.equal("wrong password: fault",
                 fault_of(lambda: Rpc(tenant.base, tenant.tls).login(BOT, "wrong")), -32603)
    report.equal(
        "user without groups: fault",
        fault_of(lambda: Rpc(tenant.base, tenant.tls).login(STRANGER, PASSWORD)(
            "Product.create", [{"name": "x", "classification": 1}])),
        -32098,
    )
    for client in CLIENTS:
        # one account for both, because a log-in that succeeds forgives the one before
        tenant.configure(STRANGER, "wrong")
        done = tenant.execute(client.command, client.folder)
        shown = "Wrong username or password" in done.stdout
        report.check(f"{client.prefix} wrong password: says so", None if shown else done.stdout)
        tenant.configure(STRANGER, PASSWORD)
        done = tenant.execute(client.command, client.folder)
        shown = "-32098" in done.stdout
        report.check(f"{client.prefix} user without groups: fault", None if shown else done.stdout)
        tenant.configure(BOT, PASSWORD)
    report.equal("refused clients leave no rows", totals(tenant.rpc()), before)
    for client in CLIENTS:
        done = tenant.execute(client.command, client.folder, TCMS_RUN_ID="999999")
        shown = "-32603" in done.stdout and "TestRun" in done.stdout
        report.check(f"{client.prefix} unknown run: fault", None if shown else done.stdout)


def main():
    install_clients()
    report = Report()
    work = Path(tempfile.mkdtemp(prefix="kiwi-clients-"))
    try:
        with Server("clients", tenants_domain=DOMAIN) as server:
            server.create_superuser("root-user", PASSWORD)
            for name in TENANTS:
                server.kiwi("tenant", "create", name, "--owner", "root-user")
            server.create_user(BOT, PASSWORD, groups=["Tester"], tenants=TENANTS)
            server.create_user(STRANGER, PASSWORD, tenants=TENANTS)
            tenants = [Tenant(name, server, work) for name in TENANTS]
            check_clients(report, tenants)
            for tenant in tenants:
                check_details(report, tenant)
            check_isolation(report, tenants)
            check_refusals(report, tenants)
    except Exception:
        report.check("the suite runs to its end", traceback.format_exc())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
