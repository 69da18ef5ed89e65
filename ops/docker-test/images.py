"""The images the tests need, under the names that the Dockerfile and the compose files use.

Images that the engine has already, such as pulled ones, are taken as they are. The others are
stand-ins, made from Debian's packages.
"""

import gzip
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from engine import ROOT, WORK, EngineError

HERE = Path(__file__).resolve().parent
DEBIAN = "debian:bookworm-slim"
POSTGRES = "postgres:18"
#: made from images/<folder>
STAND_INS = {POSTGRES: "postgres", "nginx:stable": "nginx", "haproxy:lts": "haproxy",
             "edoburu/pgbouncer:latest": "pgbouncer"}
#: what slim images of Debian leave out, too
LEFT_OUT = ("usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale",
            "var/cache/apt", "var/lib/apt/lists", "var/log")
PROGRAM = "kiwi-program:test"
WITH_PAGES = "kiwi-pages:test"
#: what programs for developers do not hold
PAGES = ("apps/frontend/dist/static", "libs/views/templates", "libs/views/locales")
#: tag of the image that is upgraded from
BEFORE = "before-upgrade"


def prepare(engine, image, needed):
    """Makes what is missing, builds the images under test, and returns the names of stand-ins.

    `needed` are the images of others that the tests start.
    """
    made = set()
    if not engine.has_image(DEBIAN):
        debian(engine)
    wanted = {name: folder for name, folder in STAND_INS.items() if name in needed}
    for name, folder in wanted.items():
        if not engine.has_image(name):
            print(f"  making the stand-in {name}", flush=True)
            engine.run("build", "--network=host", f"--tag={name}",
                       "--label=kiwi.stand-in=true", str(HERE / "images" / folder), timeout=900)
    for name in wanted:
        label = '{{index .Config.Labels "kiwi.stand-in"}}'
        if engine.run("image", "inspect", "--format", label, name).stdout.strip() == "true":
            made.add(name)
    previous = os.environ.get("KIWI_BIN_BEFORE")
    if previous:
        build(engine, image, Path(previous))
        # the newest image is made anew, so this tag stays with the one of before
        engine.run("tag", f"{image}:latest", f"{image}:{BEFORE}")
    build(engine, image, program())
    if not previous:
        engine.run("tag", f"{image}:latest", f"{image}:{BEFORE}")
    return made


def debian(engine):
    """A small Debian, by debootstrap."""
    print(f"  making the stand-in {DEBIAN}", flush=True)
    debootstrap = shutil.which("debootstrap") or "/usr/sbin/debootstrap"
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        root = Path(scratch) / "root"
        done = subprocess.run(
            [debootstrap, "--variant=minbase", "bookworm", str(root)],
            capture_output=True, text=True, check=False,
        )
        if done.returncode:
            raise EngineError(f"debootstrap: exit {done.returncode}\n{done.stdout[-2000:]}")
        for folder in LEFT_OUT:
            for entry in (root / folder).iterdir():
                shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
        with subprocess.Popen(
            ["tar", "-C", str(root), "--exclude=./dev/*", "-c", "."], stdout=subprocess.PIPE
        ) as tar:
            engine.run("import", "--change", 'CMD ["bash"]', "-", DEBIAN, stdin=tar.stdout)


def program():
    """The program to put into the image: KIWI_BIN, else the release program, built if need be."""
    if given := os.environ.get("KIWI_BIN"):
        return Path(given)
    path = ROOT / "target" / "release" / "kiwi"
    if not path.exists():
        subprocess.run([ROOT / "ops" / "scripts" / "build.sh"], check=True)
    return path


def build(engine, image, binary):
    """Builds an image by `make docker-image`, around a program that exists."""
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        context = Path(scratch)
        subprocess.run(["strip", "-o", context / "kiwi", binary], check=True)
        (context / "kiwi").chmod(0o755)
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", context)
        (context / "Dockerfile").write_text(
            f"FROM {DEBIAN}\n"
            "COPY ca-certificates.crt /etc/ssl/certs/ca-certificates.crt\n"
            "COPY kiwi /kiwi\n",
            encoding="utf-8",
        )
        engine.run("build", f"--tag={PROGRAM}", str(context))
    base = {"BASE_IMAGE": pages(engine)} if is_for_developers(binary) else {}
    make(engine, IMAGE=image, BUILD_IMAGE=PROGRAM, **base)


def is_for_developers(binary):
    """Whether a program reads pages from the checkout that it was built in."""
    return binary.resolve() == (ROOT / "target" / "debug" / "kiwi").resolve()


def pages(engine):
    """A Debian with what such a program reads, where it looks for it."""
    with tempfile.TemporaryDirectory(dir=WORK) as scratch:
        context = Path(scratch)
        for folder in PAGES:
            shutil.copytree(ROOT / folder, context / folder)
        (context / "Dockerfile").write_text(f"FROM {DEBIAN}\nCOPY . {ROOT}\n", encoding="utf-8")
        engine.run("build", f"--tag={WITH_PAGES}", str(context))
    return WITH_PAGES


def make(engine, **variables):
    """Runs `make docker-image`."""
    done = subprocess.run(
        ["make", "--no-print-directory", "docker-image"],
        cwd=ROOT,
        env=engine.environment | {"DOCKER": engine.client} | variables,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )
    if done.returncode:
        raise EngineError(f"make docker-image: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def sizes(engine, image):
    """Size of an image on disk and compressed as a registry holds it, in bytes."""
    unpacked = int(engine.run("image", "inspect", "--format", "{{.Size}}", image).stdout)
    with subprocess.Popen(
        [engine.client, "save", image], env=engine.environment, stdout=subprocess.PIPE
    ) as save:
        packed = Counter()
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=6) as out:
            shutil.copyfileobj(save.stdout, out, 1 << 20)
    return unpacked, packed.count


class Counter:
    """Counts what is written to it."""

    def __init__(self):
        self.count = 0

    def write(self, data):
        """Takes bytes."""
        self.count += len(data)
        return len(data)
