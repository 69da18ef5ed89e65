"""Browser tests of apps/frontend against a fresh server with the demonstration.

The tests read from the environment:

  KIWI_BASE_URL   the demonstration tenant, over HTTPS with a self-signed certificate
  KIWI_PUBLIC_URL the public tenant
  KIWI_USERNAME, KIWI_PASSWORD   a superuser
  CHROMIUM        the browser

Ends with "N passed, N failed".
"""

import os
import re
import shutil
import subprocess
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from server import ROOT, Server  # noqa: E402

DOMAIN = "kiwi.localhost"
ADMINISTRATOR, PASSWORD = "browser-admin", "Browser-admin-2026"
COUNTS = re.compile(r"\d+ passed, \d+ failed$")


def chromium():
    if given := os.environ.get("CHROMIUM"):
        return given
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    raise LookupError("no Chromium: install the package chromium or set CHROMIUM")


def run():
    """(exit code, whether the tests printed their counts); what they print is passed on at once."""
    with Server("browser", tenants_domain=DOMAIN) as server:
        server.create_superuser(ADMINISTRATOR, PASSWORD)
        server.kiwi("tenant", "apply", str(ROOT / "tenants"), "--owner", ADMINISTRATOR)
        tests = subprocess.Popen(
            ["npm", "run", "--silent", "e2e"],
            cwd=ROOT / "apps" / "frontend",
            env=os.environ | {
                "KIWI_BASE_URL": f"https://demo.{DOMAIN}:{server.https_port}",
                "KIWI_PUBLIC_URL": f"https://localhost:{server.https_port}",
                "KIWI_USERNAME": ADMINISTRATOR,
                "KIWI_PASSWORD": PASSWORD,
                "CHROMIUM": chromium(),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        counted = False
        with tests:
            for line in tests.stdout:
                print(line, end="", flush=True)
                counted = counted or bool(COUNTS.match(line))
        return tests.returncode, counted


def main():
    try:
        code, counted = run()
        if counted:
            return code
        passed, failed = (0, 1) if code else (1, 0)
    except Exception:
        traceback.print_exc()
        passed, failed = 0, 1
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
