"""Runs tests, scenario by scenario, and says which requirements they show.

A test is a function whose name begins with the rows it shows, such as `seed_012_answers_on_https`;
its docstring says what is shown. A scenario is a module with tests, which run in the order they
are written in, and perhaps a context manager `scenario(lab)` whose value every test gets.
"""

import contextlib
import re
import time
import traceback

ROW = re.compile(r"(seed|opa|sec)_(\d{3})_")


def rows(name):
    """The rows that a function shows: `seed_048_seed_049_nginx` shows two."""
    found = []
    while row := ROW.match(name):
        found.append(f"{row[1].upper()}-{row[2]}")
        name = name[row.end():]
    return found


class NotShown(Exception):
    """These tests cannot show it: something that only a real place has is missing."""


class NotYet(Exception):
    """The product does not have it yet."""


class Report:
    """What happened, for each row."""

    def __init__(self, only=""):
        self.only = only
        self.passed = self.failed = self.others = 0
        self.rows = {}

    def scenario(self, module, lab):
        """Runs the tests of a module."""
        tests = [
            (name, test) for name, test in vars(module).items()
            if rows(name) and callable(test) and self.only in name
        ]
        if not tests:
            return
        print(f"\n-- {module.__name__}: {module.__doc__.strip().splitlines()[0]}", flush=True)
        begin = getattr(module, "scenario", lambda lab: contextlib.nullcontext(lab))
        try:
            with begin(lab) as given:
                for name, test in tests:
                    self.one(name, test, given)
        except Exception:
            traceback.print_exc()
            self.note("scenario", module.__name__, "fail", "the scenario could not be arranged")

    def one(self, name, test, given):
        """Runs one test."""
        started = time.monotonic()
        text = " ".join((test.__doc__ or name).split())
        try:
            remark = test(given)
            outcome, why = "pass", remark or ""
        except NotShown as reason:
            outcome, why = "not shown", str(reason)
        except NotYet as reason:
            outcome, why = "not yet", str(reason)
        except Exception as error:
            outcome, why = "FAIL", str(error).strip()[:2000] or repr(error)
            if not isinstance(error, AssertionError) or not str(error):
                why += "\n" + traceback.format_exc()
        print(f"{outcome:9} {name} {time.monotonic() - started:.1f} s", flush=True)
        if outcome == "FAIL":
            print("    " + why.replace("\n", "\n    "), flush=True)
            why = why.splitlines()[0]
        self.count(outcome)
        for row in rows(name):
            self.rows.setdefault(row, []).append((outcome, text, why))

    def note(self, row, text, outcome, why=""):
        """Keeps a result that is no test's."""
        self.count(outcome)
        self.rows.setdefault(row, []).append((outcome, text, why))

    def count(self, outcome):
        """Counts a result."""
        self.passed += outcome == "pass"
        self.failed += outcome.lower() == "fail"
        self.others += outcome in ("not yet", "not shown")

    def table(self):
        """Prints a line for each result, by row, and the count."""
        print("\n== requirements")
        for row in sorted(self.rows):
            for outcome, text, why in self.rows[row]:
                print(f"{row:9} {outcome:9} {text}" + (f" [{why}]" if why else ""))
        print(f"\n{self.others} not yet in the product or not shown here")
        print(f"{self.passed} passed, {self.failed} failed")
