"""Prints "<passed> <failed>" for the log of one suite, whichever runner wrote it.

Arguments: log file, exit status of the suite. A runner that prints no counts is one check.
A suite that ended with an error never counts as all passed.
"""

import re
import sys

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
PLAIN = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, \d+ skipped)?$")
NEXTEST = re.compile(r"Summary \[.*\] +\d+(?:/\d+)? tests? run: (\d+) passed(?:.*?(\d+) failed)?")
CARGO = re.compile(r"^test result: .*? (\d+) passed; (\d+) failed")
VITEST = re.compile(r"^ *Tests +(?:(\d+) failed \| )?(?:(\d+) passed)?")


def count(lines):
    passed = failed = 0
    seen = False
    for line in lines:
        if found := PLAIN.match(line):
            # a runner's own last line speaks for everything before it
            passed, failed = int(found[1]), int(found[2])
        elif found := NEXTEST.search(line):
            passed, failed = int(found[1]), int(found[2] or 0)
        elif found := CARGO.match(line):
            passed, failed = passed + int(found[1]), failed + int(found[2])
        elif (found := VITEST.match(line)) and (found[1] or found[2]):
            passed, failed = int(found[2] or 0), int(found[1] or 0)
        else:
            continue
        seen = True
    return (passed, failed) if seen else None


def main():
    path, status = sys.argv[1], int(sys.argv[2])
    with open(path, encoding="utf-8", errors="replace") as log:
        counts = count(ESCAPES.sub("", line.rstrip("\n")) for line in log)
    passed, failed = counts or (1, 0)
    if status and not failed:
        failed = 1
        if counts is None:
            passed = 0
    print(passed, failed)


main()
