"""The image itself."""

import json
import re
import subprocess

from engine import ROOT
from report import NotShown


def inspect(lab, image=None):
    return json.loads(lab.engine.run("image", "inspect", image or lab.image).stdout)[0]


def run(lab, *command, options=()):
    """Runs a command in a fresh container and returns what it printed."""
    return lab.engine.run("run", "--rm", *options, lab.image, *command).stdout


def git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def seed_001_nothing_but_docker_is_needed(lab):
    """Docker and compose are all that a host needs."""
    raise NotShown("needs a fresh host; the other rows run with nothing else of this host")


def seed_002_the_image_is_pulled_by_one_command(lab):
    """One `docker pull` without a tag fetches the image."""
    raise NotShown("needs the public registry")


def seed_003_seed_080_make_docker_image_builds_it(lab):
    """`make docker-image` builds the image from the sources."""
    assert inspect(lab)["Config"]["Cmd"] == ["/httpd-foreground"]
    return "around a program that was compiled outside"


def seed_004_seed_083_a_build_names_its_commit(lab):
    """The version of the image names the commit unless the tree is exactly a release."""
    version = inspect(lab)["Config"]["Labels"]["org.opencontainers.image.version"]
    tags = git("tag", "--points-at", "HEAD").split()
    clean = not git("status", "--porcelain")
    if clean and f"v{version}" in tags:
        return
    assert re.search(r"-dev\.[0-9a-f]{7,}$", version), version


def seed_005_the_default_tags(lab):
    """The build tags kiwitcms/kiwi:latest and kiwitcms/kiwi:<version>."""
    details = inspect(lab)
    version = details["Config"]["Labels"]["org.opencontainers.image.version"]
    assert {"kiwitcms/kiwi:latest", f"kiwitcms/kiwi:{version}"} <= set(details["RepoTags"])


def seed_006_labels_name_version_and_commit(lab):
    """The image carries version and commit as labels."""
    labels = inspect(lab)["Config"]["Labels"]
    assert labels["org.opencontainers.image.revision"] == git("rev-parse", "HEAD"), labels
    for name in ("title", "version", "created", "licenses", "base.name"):
        assert labels[f"org.opencontainers.image.{name}"], name


def seed_007_versions_stay_in_the_registry(lab):
    """Tags of versions are published and never move."""
    raise NotShown("needs the public registry")


def opa_001_sec_040_the_image_runs_without_rights(lab):
    """User 1001 of group 0, no setuid files, the promised paths and programs."""
    assert run(lab, "id", "-u").strip() == "1001"
    assert run(lab, "id", "-g").strip() == "0"
    found = run(lab, "sh", "-c", "find / -xdev -type f -perm /6000 2>/dev/null; true")
    assert not found.strip(), found
    for path in ("/Kiwi/manage.py", "/Kiwi/uploads", "/Kiwi/ssl", "/Kiwi/static", "/Kiwi/etc",
                 "/Kiwi/etc/cron.jobs", "/Kiwi/secrets", "/run/kiwi", "/httpd-foreground",
                 "/bin/bash", "/bin/sh", "/bin/tar", "/bin/rm", "/bin/cat"):
        run(lab, "test", "-e", path)
    for path in ("/Kiwi/uploads", "/Kiwi/ssl", "/run/kiwi"):
        run(lab, "test", "-w", path, options=("--user=54321:0",))
    run(lab, "sh", "-c", "! test -w /Kiwi/manage.py")
    missing = run(lab, "sh", "-c", "command -v python3 gcc cargo npm; true")
    assert not missing.strip(), missing
    assert set(inspect(lab)["Config"]["ExposedPorts"]) == {"8080/tcp", "8443/tcp"}


def seed_081_one_variable_names_the_image(lab):
    """`make IMAGE=…` and KIWI_IMAGE name another image."""
    import images

    images.make(lab.engine, IMAGE="tests.example/own", BUILD_IMAGE=images.PROGRAM)
    assert lab.engine.has_image("tests.example/own:latest")
    names = inspect(lab, "tests.example/own:latest")["RepoTags"]
    lab.engine.run("rmi", *[name for name in names if name.startswith("tests.example/")])


def seed_073_seed_084_own_layers_on_top(lab):
    """`FROM kiwitcms/kiwi:latest` with a settings file, an authority and a static file builds and runs."""
    dockerfile = (
        f"FROM {lab.image}\n"
        "COPY local_settings.toml /Kiwi/etc/local_settings.toml\n"
        "COPY corp.crt /usr/local/share/ca-certificates/corp.crt\n"
        "COPY logo.svg /Kiwi/static/images/logo.svg\n"
    )
    from engine import WORK
    context = WORK / "derived"
    context.mkdir(exist_ok=True)
    (context / "Dockerfile").write_text(dockerfile)
    (context / "local_settings.toml").write_text('[limits]\nrequest_time = 17\n')
    (context / "corp.crt").write_text("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    (context / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    lab.engine.run("build", "--tag=tests.example/derived", str(context))
    shown = lab.engine.run(
        "run", "--rm", "tests.example/derived", "/Kiwi/manage.py", "show-config",
        "limits.request_time"
    ).stdout
    lab.engine.run("rmi", "tests.example/derived")
    assert "17" in shown and "local_settings.toml" in shown, shown
