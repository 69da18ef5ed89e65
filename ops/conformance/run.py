"""Replays the recorded scenarios against a fresh server, and again behind PgBouncer.

A scenario is required when every method that it speaks of is there (system.listMethods); the steps
of required scenarios are counted. The others are run as well and listed with what is missing.
Ends with "N passed, N failed".
"""

import argparse
import json
import random
import re
import string
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import local

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import wire  # noqa: E402
from replay import run_scenario  # noqa: E402
from pooler import Pooler  # noqa: E402
from server import Server  # noqa: E402
from wire import Target, load_scenarios  # noqa: E402

ACCOUNTS = {
    "admin": ("conformance-admin", "Admin-pass-2026"),
    "tester": ("conformance-tester", "Tester-pass-2026"),
    "other": ("conformance-other", "Other-pass-2026"),
    "spare": ("conformance-spare", "Spare-pass-2026"),
}
XML_NAME = re.compile(r"<methodName>\s*([^<]+?)\s*</methodName>")


def texts(value):
    """Every text inside a JSON value, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def wanted(step):
    return step.get("expect_build", step.get("expect"))


def recorded_methods(scenarios):
    """The names that system.listMethods answered on the recorded server."""
    for _, scenario in scenarios:
        for step in scenario["steps"]:
            if step.get("call") == "system.listMethods" and "result" in wanted(step):
                return set(texts(wanted(step)))
    raise LookupError("the corpus has no answer of system.listMethods")


def touched(scenario, known):
    """The methods a scenario calls, asks about, or finds in an answer."""
    names = set()
    for step in scenario["steps"]:
        for text in texts([step.get("call"), step.get("params"), step.get("http"), wanted(step)]):
            names.update(name for name in (text, *XML_NAME.findall(text)) if name in known)
            if text.startswith(("{", "[")):
                try:
                    names.update(name for name in texts(json.loads(text)) if name in known)
                except ValueError:
                    pass
    return names


def name_of_run():
    """Ten letters. With digits, a scenario that looks for names with a 5 finds too many at times."""
    return "".join(random.choices(string.ascii_lowercase, k=10))


wire.new_run = name_of_run


class Options:
    """What replay.run_scenario reads of its command line."""

    upstream = False
    verbose = False


def replay(base, scenarios):
    """(scenario, report) of each scenario; those marked `alone` run last, one by one."""
    first = Target(base, None, ACCOUNTS)
    for name in ACCOUNTS:
        first.cookie(name)
    first.learn_accounts()
    own = local()

    def work(item):
        if not hasattr(own, "target"):
            own.target = Target(base, None, ACCOUNTS)
            own.target.sessions, own.target.info = first.sessions, first.info
            own.target.refused = first.refused
        return item, run_scenario(own.target, *item, Options)

    together = [item for item in scenarios if not item[1].get("alone")]
    alone = [item for item in scenarios if item[1].get("alone")]
    for jobs, items in ((4, together), (1, alone)):
        with ThreadPoolExecutor(jobs) as pool:
            yield from pool.map(work, items)


def run(scenarios):
    """(passed, failed) steps of the required scenarios, on a database and then behind a pooler."""
    with Server("conformance") as server:
        create_accounts(server)
        first = run_at(server.http, scenarios)
    print("\nbehind a pooler that gives out connections for single transactions:")
    with Server("conformance-database") as server, Pooler(server) as pooler:
        create_accounts(server)
        with Server("conformance-pooler", environment=pooler.environment) as pooled:
            second = run_at(pooled.http, scenarios)
    return first[0] + second[0], first[1] + second[1]


def create_accounts(server):
    """The people of the scenarios, on a server that nobody has used."""
    server.create_superuser(*ACCOUNTS["admin"])
    server.create_user(*ACCOUNTS["tester"], groups=["Tester"])
    server.create_user(*ACCOUNTS["other"])
    server.create_user(*ACCOUNTS["spare"])


def run_at(base, scenarios):
    """(passed, failed) steps of the required scenarios at one server."""
    probe = Target(base, None, ACCOUNTS)
    answer, _ = probe.json_call("system.listMethods", [], probe.cookie("admin"))
    there = set(answer["result"])
    known = recorded_methods(load_scenarios(HERE / "scenarios", None))
    passed = failed = required = 0
    pending = []
    for (path, scenario), report in replay(base, scenarios):
        missing = sorted(touched(scenario, known) - there)
        if missing:
            pending.append((path, report, missing))
            continue
        required += 1
        passed += report.passed
        failed += report.failed
        for line in report.lines:
            print(line)
    print(f"\n{required} of {len(scenarios)} scenarios are required: all their methods are there")
    for path, report, missing in pending:
        steps = report.passed + report.failed
        shown = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
        print(f"not yet  {path.stem}: {report.passed} of {steps} steps pass; missing {shown}")
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="*", help="numbers of scenario files")
    arguments = parser.parse_args()
    scenarios = load_scenarios(HERE / "scenarios", arguments.only)
    try:
        passed, failed = run(scenarios)
    except Exception:
        traceback.print_exc()
        passed, failed = 0, 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
