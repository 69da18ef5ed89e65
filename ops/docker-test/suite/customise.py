"""Settings of one's own, and containers with fewer rights."""

import contextlib

from installation import OVERRIDE, Installation, request
from suite.https import overlay


@contextlib.contextmanager
def scenario(lab):
    with Installation(lab.engine) as installation:
        installation.lab = lab
        (installation.directory / "local_settings.toml").write_text(
            "[limits]\nrequest_time = 17\nbody = 9000000\n"
        )
        overlay(
            installation,
            volumes=["./local_settings.toml:/Kiwi/etc/local_settings.toml:ro"],
            environment={"KIWI_LIMITS_BODY": "9500000"},
        )
        yield installation


def effective(it, key):
    """The line of `show-config` for one setting."""
    return it.manage("show-config", key).stdout


def seed_060_files_and_variables(it):
    """A setting can be given in a file and by a variable, which wins."""
    assert "17" in effective(it, "limits.request_time")
    body = effective(it, "limits.body")
    assert "9500000" in body and "KIWI_LIMITS_BODY" in body, body


def seed_061_the_one_file(it):
    """/Kiwi/etc/local_settings.toml is read; `show-config` names it."""
    assert "/Kiwi/etc/local_settings.toml" in effective(it, "limits.request_time")


def seed_062_mounted_by_a_line_of_the_compose_file(it):
    """The file is mounted by a line of the compose file, with a relative path."""
    text = (it.directory / OVERRIDE).read_text()
    assert "./local_settings.toml:/Kiwi/etc/local_settings.toml" in text
    assert "17" in effective(it, "limits.request_time")


DIRECTORY = "/Kiwi/etc/tcms_settings_dir"


def with_files(it, key="limits.request_time", **files):
    """Mounts a directory of settings files; returns what a command says that reads them."""
    folder = it.directory / "settings"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__toml", ".toml")).write_text(text)
    done = it.engine.run(
        "run", "--rm", "-v", f"{folder}:{DIRECTORY}:ro", it.lab.image,
        "/Kiwi/manage.py", "show-config", key, check=False,
    )
    for path in folder.iterdir():
        path.unlink()
    return done


def seconds(number):
    """A settings file."""
    return f"[limits]\nrequest_time = {number}\n"


def seed_063_the_directory_wins(it):
    """A key in the directory wins over the single file."""
    single, folder = it.directory / "local_settings.toml", it.directory / "settings"
    folder.mkdir(exist_ok=True)
    (folder / "limits.toml").write_text(seconds(23))
    shown = it.engine.run(
        "run", "--rm", "-v", f"{folder}:{DIRECTORY}:ro",
        "-v", f"{single}:/Kiwi/etc/local_settings.toml:ro",
        it.lab.image, "/Kiwi/manage.py", "show-config", "limits.request_time",
    ).stdout
    (folder / "limits.toml").unlink()
    assert "23" in shown and "17" in single.read_text(), shown


def seed_064_seed_070_a_directory_of_files(it):
    """The image has the directory tcms_settings_dir, empty, and files mounted there are read."""
    assert it.shell(f"ls {DIRECTORY}") == ""
    done = with_files(it, a__toml=seconds(23))
    assert "23" in done.stdout and f"{DIRECTORY}/a.toml" in done.stdout, done


def seed_065_example_files(it):
    """Example files of the known names ship with the image, and can be used as they are."""
    examples = "/usr/share/doc/kiwi/examples"
    names = it.shell(f"ls {examples}").split()
    assert names == ["email_config.toml", "multi_tenant.toml"], names
    files = {name: it.shell(f"cat {examples}/{name}") for name in names}
    done = with_files(it, key="mail.host", **files)
    assert "smtp.example.com" in done.stdout, done


def seed_066_names_of_files(it):
    """Another name of a *.toml file is an error that names it."""
    done = with_files(it, **{"10-mail.toml": "[limits]\n"})
    assert done.returncode == 1 and "10-mail.toml" in done.stderr, done


def seed_067_order_of_files(it):
    """Files are read in the order of the bytes of their names."""
    done = with_files(it, B__toml=seconds(21), _c__toml=seconds(22), a__toml=seconds(23))
    assert "23" in done.stdout, done
    done = with_files(it, B__toml=seconds(21), _c__toml=seconds(22))
    assert "22" in done.stdout, done


def seed_068_seed_069_init_files_are_skipped(it):
    """A directory mounted as a whole replaces nothing; __init__.py in it is skipped."""
    done = with_files(it, **{"__init__.py": "import x", "a.toml": seconds(29)})
    assert "29" in done.stdout, done


def seed_071_every_setting_is_explained(it):
    """The manual explains each setting, from the same table as the program."""
    import re
    from engine import ROOT
    reference = it.manage("config", "reference").stdout
    manual = (ROOT / "docs/reference/settings.md").read_text()
    keys = re.findall(r"^\| `([\w.]+)` \|", reference, re.M)
    assert len(keys) > 40 and all(f"`{key}`" in manual for key in keys)


def seed_072_variables_alone(it):
    """Everything can be set without mounting a single file."""
    overlay(it, environment={"KIWI_LIMITS_REQUEST_TIME": "19"})
    assert "19" in effective(it, "limits.request_time")


def seed_082_the_shipped_dockerfile_is_not_changed(it):
    """The manual advises against changing the shipped Dockerfile."""
    text = manual()
    assert "ops/Dockerfile" in text and "FROM kiwitcms/kiwi" in text


def seed_085_an_own_repository(it):
    """The manual shows a repository of one's own with Dockerfile, Makefile and compose file."""
    text = manual()
    assert all(name in text for name in ("Dockerfile", "Makefile", "docker-compose.yml"))


def manual():
    from engine import ROOT
    return (ROOT / "docs/operators/containers.md").read_text()


def opa_006_read_only_root(it):
    """A read-only root file system, a tmpfs for /run/kiwi and the volume of the uploads are enough."""
    (it.directory / OVERRIDE).write_text(
        "services:\n"
        "  web:\n"
        "    read_only: true\n"
        "    tmpfs: [\"/run/kiwi:uid=1001,gid=0,mode=0770\"]\n"
        "    environment:\n"
        f"      SECRET_KEY: {'k' * 50}\n"
    )
    it.compose("up", "-d")
    it.wait()
    assert request("https://localhost/static/ca.crt").status == 200


def opa_006_another_user(it):
    """Any user id with group 0 runs the server."""
    (it.directory / OVERRIDE).write_text(
        "services:\n  web:\n    user: \"54321:0\"\n"
    )
    it.compose("down", "--volumes", "--timeout=5")
    it.compose("up", "-d")
    it.wait()
    assert it.shell("id -u").strip() == "54321"
    it.shell("touch /Kiwi/uploads/by-another")
