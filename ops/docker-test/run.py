"""Tests of the image and of the compose files against a real container engine.

Usage: run.py [--keep] [--scenarios name…] [part of test names]

When no engine runs, the tests start one, as root; the images of others are made from Debian's
packages when the engine has none. The program in the image is $KIWI_BIN, else the release program;
$KIWI_BIN_BEFORE is that of the release before, from which tests upgrade, else it is the same one.
`--keep` leaves the images for the next run; `--scenarios start setup` runs these files of the suite
only; `--where-possible` uses an engine of its own only, and where none can be started says why and passes.
Ends with a table of the requirements and "N passed, N failed".
"""

import argparse
import shutil
import signal
import subprocess
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import images  # noqa: E402
from engine import WORK, Engine, NoEngine  # noqa: E402
from report import Report  # noqa: E402
from suite import SCENARIOS  # noqa: E402

IMAGE = "kiwitcms/kiwi"


class Lab:
    """What all scenarios work with."""

    def __init__(self, engine, stand_ins):
        self.engine = engine
        self.is_release = not images.is_for_developers(images.program())
        self.image = f"{IMAGE}:latest"
        self.before = f"{IMAGE}:{images.BEFORE}"
        self.stand_ins = stand_ins


def check_is_free(engine):
    """These tests use the names of a real installation, so there must be none."""
    for what, names in (
        ("ps", ["kiwi_web", "kiwi_db"]), ("volume", ["kiwi_uploads", "kiwi_db_data"])
    ):
        arguments = ["ps", "-a", "--format", "{{.Names}}"] if what == "ps" else \
            ["volume", "ls", "--format", "{{.Name}}"]
        taken = set(engine.run(*arguments).stdout.split()) & set(names)
        if taken:
            raise SystemExit(f"an installation is here already: {', '.join(sorted(taken))}")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", action="store_true", help="leave the images for the next run")
    parser.add_argument("--scenarios", nargs="+", metavar="NAME", help="run these scenarios only")
    parser.add_argument("--where-possible", action="store_true",
                        help="use an engine of its own; without one, say why and pass")
    parser.add_argument("only", nargs="?", default="", help="part of the names of tests to run")
    options = parser.parse_args()
    scenarios = SCENARIOS
    if options.scenarios:
        known = {scenario.__name__.rpartition(".")[2]: scenario for scenario in SCENARIOS}
        if unknown := set(options.scenarios) - set(known):
            parser.error(f"no scenario {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        scenarios = [known[name] for name in options.scenarios]
    report = Report(options.only)
    try:
        with Engine(alone=options.where_possible) as engine:
            check_is_free(engine)
            needed = {images.POSTGRES}.union(*(getattr(one, "IMAGES", ()) for one in scenarios))
            stand_ins = images.prepare(engine, IMAGE, needed)
            lab = Lab(engine, stand_ins)
            for scenario in scenarios:
                report.scenario(scenario, lab)
            unpacked, packed = images.sizes(engine, lab.image)
            print(f"\nimage: {unpacked / 1e6:.1f} MB unpacked, {packed / 1e6:.1f} MB compressed, "
                  f"on {images.DEBIAN}")
            print(f"stand-ins: {', '.join(sorted(stand_ins)) or 'none'}")
            is_own = engine.is_own
        if is_own and not options.keep:
            subprocess.run(["rm", "-rf", str(WORK / "engine"), str(WORK / "exec")], check=False)
    except NoEngine as reason:
        if options.where_possible:
            print(f"containers are not tested here: {reason}\n0 passed, 0 failed")
            return 0
        report.note("arrange", "engine and images", "fail", str(reason))
    except Exception:
        traceback.print_exc()
        report.note("arrange", "engine and images", "fail", "see above")
    for left in WORK.glob("kiwi-*"):
        shutil.rmtree(left, ignore_errors=True)
    report.table()
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
