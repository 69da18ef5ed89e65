"""Tests charts/kiwi and ops/observability without a cluster. Ends with "N passed, N failed".

HELM, PROMTOOL and PYTHON come from ops/scripts/chart-tools.sh. UPDATE_GOLDEN=1 writes the expected
renderings anew. Arguments choose checks by a part of their name.
"""

import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema
import kubernetes_validate
import yaml

import generate
import observability
import pods
from settings import FOREIGN, ROOT, variables

HERE = Path(__file__).resolve().parent
CHART = ROOT / "charts" / "kiwi"
TESTS = CHART / "tests"
GOLDEN = TESTS / "golden"
# the oldest release of Kubernetes that the chart is for, up to the newest that there are schemas for
OLDEST = 30
NAMESPACE = "tests"


class Report:
    """Counts checks; says what failed, and what passed in short."""

    def __init__(self, wanted):
        self.wanted = wanted
        self.passed = self.failed = 0

    def check(self, name, problems):
        """`problems` is a text or a list of texts, empty when the check holds."""
        if self.wanted and not any(part in name for part in self.wanted):
            return
        problems = [problems] if isinstance(problems, str) else list(problems)
        problems = [problem for problem in problems if problem]
        if problems:
            self.failed += 1
            print(f"FAIL  {name}")
            for problem in problems:
                print("      " + problem.strip().replace("\n", "\n      "))
        else:
            self.passed += 1
            print(f"ok    {name}")


def helm(*arguments):
    return subprocess.run([os.environ["HELM"], *arguments], capture_output=True, text=True, check=False)


def render(values, *options):
    return helm("template", "kiwi", str(CHART), "--namespace", NAMESPACE, "--values", str(values), *options)


def manifests(text):
    return [manifest for manifest in yaml.safe_load_all(text) if manifest]


def golden(name, text):
    """The difference to the expected rendering."""
    path = GOLDEN / f"{name}.yaml"
    # dashboards and rules are files of their own with tests of their own
    text = re.sub(r"(?ms)^(  [a-z-]+\.json: \|)\n.*?(?=^---|\Z)", r"\1 …\n", text)
    text = re.sub(r"(?ms)^(  groups:)\n.*?(?=^---|\Z)", r"\1 …\n", text)
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    difference = difflib.unified_diff(expected.splitlines(), text.splitlines(), "expected", "rendered", lineterm="", n=2)
    difference = list(difference)[:60]
    return [*difference, "", "if this is wanted: UPDATE_GOLDEN=1 make chart-test"] if difference else []


def against_schemas(rendered):
    """What Kubernetes and the operators would refuse."""
    newest = int(kubernetes_validate.latest_version().split(".")[1])
    cnpg = json.loads((HERE / "cnpg.schema.json").read_text(encoding="utf-8"))
    wrong, prometheus = [], []
    for manifest in rendered:
        who = f"{manifest['kind']} {manifest['metadata']['name']}"
        group = manifest["apiVersion"].split("/")[0]
        if group == "monitoring.coreos.com":
            prometheus.append(manifest)
        elif group == "postgresql.cnpg.io":
            for error in jsonschema.Draft7Validator(cnpg).iter_errors(manifest):
                wrong.append(f"{who}: {error.json_path}: {error.message}")
        else:
            for minor in range(OLDEST, newest + 1):
                try:
                    kubernetes_validate.validate(manifest, f"1.{minor}", strict=True)
                except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
                    wrong.append(f"{who}, Kubernetes 1.{minor}: {error}")
    if prometheus:
        done = subprocess.run(
            ["node", str(HERE / "crds.mjs")], input=json.dumps(prometheus), capture_output=True, text=True, check=False
        )
        answers = json.loads(done.stdout) if done.returncode == 0 else [done.stderr]
        wrong += [f"{manifest['kind']}: {answer}" for manifest, answer in zip(prometheus, answers) if answer]
    return wrong


def environment(rendered):
    """Variables that the server does not know."""
    known = variables() | FOREIGN
    for manifest in rendered:
        if manifest["kind"] in pods.WORKLOADS:
            for container in pods.containers(pods.template(manifest)[1]):
                for variable in container.get("env", []):
                    if variable["name"] not in known:
                        yield f"{manifest['metadata']['name']}: {variable['name']} is no setting of the server"


def settings_file(rendered):
    """What is wrong with the settings file as TOML."""
    import tomllib

    for manifest in rendered:
        if manifest["kind"] == "ConfigMap" and "local_settings.toml" in manifest["data"]:
            try:
                tomllib.loads(manifest["data"]["local_settings.toml"])
            except tomllib.TOMLDecodeError as error:
                yield f"local_settings.toml: {error}"


def probes(rendered):
    """Probes that ask for what the server does not answer."""
    health = (ROOT / "libs/web/src").rglob("*.rs")
    answered = set(re.findall(r'"(/(?:livez|readyz|health[a-z/]*))"', "".join(path.read_text(encoding="utf-8") for path in health)))
    for manifest in rendered:
        if manifest["kind"] != "Deployment":
            continue
        for container in pods.template(manifest)[1]["containers"]:
            ports = {port["name"] for port in container.get("ports", [])}
            for kind in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container.get(kind, {}).get("httpGet")
                if asked and asked["path"] not in answered:
                    yield f"{kind}: the server has no {asked['path']}"
                if asked and asked["port"] not in ports:
                    yield f"{kind}: the container has no port {asked['port']}"


def cases(report):
    options = yaml.safe_load((TESTS / "cases.yaml").read_text(encoding="utf-8"))
    paths = sorted((TESTS / "cases").glob("*.yaml"))
    names = {path.stem for path in paths}
    report.check("every expected rendering has a case", sorted({path.stem for path in GOLDEN.glob("*.yaml")} - names))
    report.check("every option has a case", sorted(set(options) - names))
    for path in paths:
        name, more = path.stem, options.get(path.stem, [])
        first, second = render(path, *more), render(path, *more)
        report.check(f"{name}: renders", first.stderr if first.returncode else "")
        if first.returncode:
            continue
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
        rendered = manifests(first.stdout)
        report.check(f"{name}: renders the same twice", "" if first.stdout == second.stdout else "it does not")
        report.check(f"{name}: is as expected", golden(name, first.stdout))
        report.check(f"{name}: fits the schemas of Kubernetes", against_schemas(rendered))
        is_open = values.get("openshift", {}).get("enabled", False)
        insecure = []
        for manifest in rendered:
            if manifest["kind"] in pods.WORKLOADS:
                found = pods.restricted(pods.template(manifest)[1], is_open)
                insecure += [f"{manifest['metadata']['name']}: {problem}" for problem in found]
        report.check(f"{name}: pods are restricted", insecure)
        report.check(f"{name}: pods find what they need", pods.unresolved(rendered, values))
        report.check(f"{name}: selectors choose what they mean", pods.unselected(rendered))
        report.check(f"{name}: variables are settings of the server", environment(rendered))
        report.check(f"{name}: the settings file is TOML", settings_file(rendered))
        report.check(f"{name}: probes are answered", probes(rendered))


def refused(report):
    minimal = yaml.safe_load((TESTS / "cases" / "minimal.yaml").read_text(encoding="utf-8"))

    def merged(base, more):
        return {
            key: merged(base[key], more[key]) if isinstance(base.get(key), dict) and isinstance(more.get(key), dict) else more.get(key, base.get(key))
            for key in {**base, **more}
        }

    for case in yaml.safe_load((TESTS / "refused.yaml").read_text(encoding="utf-8")):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as values:
            yaml.safe_dump(merged(minimal, case["values"]), values)
            values.flush()
            done = render(values.name)
        problem = ""
        if done.returncode == 0:
            problem = "it was accepted"
        elif case["says"] not in done.stderr:
            problem = f"expected {case['says']!r} in\n{done.stderr}"
        report.check(f"refused: {case['name']}", problem)


def compose():
    """Variables that compose files give to the server and that it does not know."""
    for path in sorted((ROOT / "compose").glob("*.y*ml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for name, service in (content.get("services") or {}).items():
            given = service.get("environment") or {}
            names = [line.split("=")[0] for line in given] if isinstance(given, list) else list(given)
            for variable in names:
                if variable.startswith("KIWI_") and variable not in variables():
                    yield f"{path.name}: {name}: {variable} is no setting of the server"


def current():
    for path, content in generate.generated().items():
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            yield f"{path.relative_to(ROOT)} is out of date: UPDATE_GOLDEN=1 make chart-test"


def packaged():
    """What is wrong with the archive that an operator would get."""
    with tempfile.TemporaryDirectory() as folder:
        done = helm("package", str(CHART), "--destination", folder)
        if done.returncode:
            return done.stderr
        archive = next(Path(folder).glob("*.tgz"))
        names = subprocess.run(["tar", "tzf", archive], capture_output=True, text=True, check=True).stdout.splitlines()
    wrong = [f"{name} is in it" for name in names if name.startswith("kiwi/tests/") or "observability/tests" in name]
    for needed in ("values.schema.json", "README.md", "observability/rules.yml", "observability/dashboards/overview.json"):
        if f"kiwi/{needed}" not in names:
            wrong.append(f"{needed} is missing")
    return wrong


def main():
    report = Report(sys.argv[1:])
    report.check("generated files are current", current())
    for path in sorted((TESTS / "cases").glob("minimal.yaml")):
        done = helm("lint", "--strict", str(CHART), "--values", str(path))
        report.check("helm lint --strict", done.stdout + done.stderr if done.returncode else "")
    report.check("every value has a description", generate.undescribed())
    report.check("package holds what belongs into it", packaged())
    report.check("compose: variables are settings of the server", compose())
    cases(report)
    refused(report)
    observability.run(report)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed or not report.passed else 0


if __name__ == "__main__":
    sys.exit(main())
