"""Writes what follows from other files: the schema of `config` from the server's settings, and the
chart's README.md from the comments of values.yaml. With --check nothing is written.
"""

import json
import re
import sys

import yaml

from settings import ROOT, settings

CHART = ROOT / "charts" / "kiwi"

# The chart's own values decide these: addresses of the pod, and what belongs into Secrets.
OWNED = {
    "data_dir", "server.http", "server.https", "server.internal",
    "db.url", "db.direct_host", "db.direct_port", "db.host", "db.port", "db.name", "db.user", "db.password", "db.pg_bin",
    "migrate.auto", "tenancy.domain", "secret_key",
    "storage.backend", "storage.fs.root", "storage.s3.bucket", "storage.s3.region", "storage.s3.endpoint",
    "storage.s3.prefix", "storage.s3.path_style", "storage.s3.access_key", "storage.s3.secret_key",
    "mail.host", "mail.port", "mail.security", "mail.user", "mail.password", "mail.from", "mail.subject_prefix",
}  # fmt: skip


def config_schema():
    """Tables as objects, settings as their values; other names are refused."""

    def table():
        return {"type": "object", "additionalProperties": False, "properties": {}}

    root = table()
    for setting in settings():
        if setting.key in OWNED:
            continue
        *path, name = setting.key.split(".")
        place = root
        for part in path:
            place = place["properties"].setdefault(part, table())
        place["properties"][name] = setting.schema()
    return root


def schema():
    """values.schema.json with the part that is generated."""
    content = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    content["properties"]["config"] = config_schema()
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def rows(text):
    """Key, default and description of every value that has a comment with `--`."""
    values, path, waiting = yaml.safe_load(text), [], None
    for number, line in enumerate(text.splitlines(), 1):
        if found := re.match(r" *# -- (.*)$", line):
            waiting = found[1]
        elif found := re.match(r"( *)([A-Za-z0-9_]+):", line):
            path[len(found[1]) // 2 :] = [found[2]]
            if waiting is not None:
                default = values
                for part in path:
                    default = default[part]
                yield ".".join(path), json.dumps(default), waiting
                waiting = None
        elif waiting is not None:
            raise SystemExit(f"values.yaml:{number}: a description without a value")


def readme():
    """README.md"""
    values = (CHART / "values.yaml").read_text(encoding="utf-8")
    about = (CHART / "Chart.yaml").read_text(encoding="utf-8")
    versions = re.search(r'kubeVersion: "([^"]+)"', about)[1].replace("-0", "")
    out = [
        "<!-- written by `UPDATE_GOLDEN=1 make chart-test`; do not edit -->",
        "",
        "# kiwi",
        "",
        f"Helm chart of Kiwi, for Kubernetes {versions}. How to install, upgrade and size it: "
        "[docs/operators/kubernetes.md](../../docs/operators/kubernetes.md).",
        "",
        "```sh",
        "helm install kiwi charts/kiwi --set database.urlSecret=kiwi-database",
        "```",
        "",
        "## Values",
        "",
        "| value | default | meaning |",
        "| --- | --- | --- |",
    ]
    for key, default, meaning in rows(values):
        out.append(f"| `{key}` | `{default}` | {meaning} |")
    return "\n".join(out) + "\n"


def undescribed():
    """Values without a description, and values that the schema does not know."""
    text = (CHART / "values.yaml").read_text(encoding="utf-8")
    described = {key for key, _, _ in rows(text)}
    known = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))

    def walk(prefix, value, place):
        for name, inner in value.items():
            key = f"{prefix}{name}"
            inside = place.get("properties", {}).get(name)
            if inside is None:
                yield f"{key} is not in values.schema.json"
            elif key not in described:
                if isinstance(inner, dict) and inner:
                    yield from walk(f"{key}.", inner, inside)
                else:
                    yield f"{key} has no description"

    return list(walk("", yaml.safe_load(text), known))


def generated():
    """Path and content of every generated file."""
    return {CHART / "values.schema.json": schema(), CHART / "README.md": readme()}


def main():
    for path, content in generated().items():
        if "--check" in sys.argv[1:]:
            if not path.exists() or path.read_text(encoding="utf-8") != content:
                raise SystemExit(f"{path.relative_to(ROOT)} is out of date: run UPDATE_GOLDEN=1 make chart-test")
        else:
            path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
