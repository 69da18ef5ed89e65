"""Alert rules and dashboards: promtool reads them and runs the rules' tests."""

import json
import os
import re
import subprocess
import tempfile

import yaml

from settings import ROOT

FILES = ROOT / "ops" / "observability"
RULES = FILES / "rules.yml"
NEEDED = {"severity"}
PAGE = ROOT / "docs" / "operators" / "watching.md"


def promtool(*arguments):
    done = subprocess.run([os.environ["PROMTOOL"], *arguments], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def rules():
    content = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return [rule for group in content["groups"] for rule in group["rules"]]


def unexplained():
    """Alerts without what the person who is woken needs."""
    page = PAGE.read_text(encoding="utf-8")
    for rule in rules():
        if "alert" not in rule:
            continue
        name = rule["alert"]
        if set(rule.get("labels", {})) != NEEDED or rule["labels"]["severity"] not in ("warning", "critical"):
            yield f"{name}: needs the label severity, warning or critical, and no other"
        for annotation in ("summary", "description"):
            if not rule.get("annotations", {}).get(annotation):
                yield f"{name}: needs the annotation {annotation}"
        if f"`{name}`" not in page:
            yield f"{name}: docs/operators/watching.md does not say what to do"


def untested():
    """Alerts that no test lets fire."""
    fired = set()
    for path in sorted((FILES / "tests").glob("*.yml")):
        for test in yaml.safe_load(path.read_text(encoding="utf-8"))["tests"]:
            for check in test.get("promql_expr_test", []):
                if check.get("exp_samples"):
                    fired.update(re.findall(r'alertname="(\w+)"', check["expr"]))
    return sorted({rule["alert"] for rule in rules() if "alert" in rule} - fired)


def panels(dashboard):
    for panel in dashboard.get("panels", []):
        yield panel
        yield from panels(panel)


def dashboard_problems(path):
    """What Grafana would not show, or promtool not read."""
    dashboard = json.loads(path.read_text(encoding="utf-8"))
    for field in ("uid", "title", "schemaVersion", "panels", "time"):
        if field not in dashboard:
            yield f"{field} is missing"
    if dashboard.get("id") is not None:
        yield "id belongs to one Grafana: leave it out"
    names = {variable["name"] for variable in dashboard.get("templating", {}).get("list", [])}
    ids, expressions, cells = set(), [], set()
    for panel in panels(dashboard):
        title = panel.get("title") or "a panel without title"
        if panel["id"] in ids:
            yield f"{title}: id {panel['id']} is taken"
        ids.add(panel["id"])
        place = panel["gridPos"]
        if place["x"] + place["w"] > 24:
            yield f"{title}: wider than the page"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if (x, y) in cells:
                    yield f"{title}: lies on another panel"
                    break
                cells.add((x, y))
            else:
                continue
            break
        if panel["type"] == "row":
            continue
        if not panel.get("description"):
            yield f"{title}: has no description"
        if not panel.get("targets"):
            yield f"{title}: asks nothing"
        for target in panel.get("targets", []):
            expression = target["expr"]
            for name in re.findall(r"\$\{?(\w+)", expression):
                if name not in names and not name.startswith("__"):
                    yield f"{title}: there is no variable ${name}"
            expressions.append(re.sub(r"\$\{?__\w+\}?", "5m", expression).replace("$job", "kiwi").replace("$instance", "a"))
    with tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8") as file:
        recorded = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(expressions)]
        yaml.safe_dump({"groups": [{"name": "panels", "rules": recorded}]}, file)
        file.flush()
        yield promtool("check", "rules", file.name)


def run(report):
    report.check("rules: promtool reads them", promtool("check", "rules", str(RULES)))
    for path in sorted((FILES / "tests").glob("*.yml")):
        report.check(f"rules: {path.stem}", promtool("test", "rules", str(path)))
    report.check("rules: every alert is explained", unexplained())
    report.check("rules: every alert fires in a test", untested())
    uids = {}
    for path in sorted((FILES / "dashboards").glob("*.json")):
        report.check(f"dashboard {path.stem}", dashboard_problems(path))
        uids.setdefault(json.loads(path.read_text(encoding="utf-8"))["uid"], []).append(path.stem)
    report.check("dashboards have names of their own", [str(names) for names in uids.values() if len(names) > 1])
