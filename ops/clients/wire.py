"""JSON-RPC client of the checks, and the recorded sequences of clients that need Java or PHP."""

import json
import urllib.request

from expected import BUILD, JUNIT5, PRODUCT, VERSION


class Fault(Exception):
    """An error answer of the server."""

    def __init__(self, method, error):
        super().__init__(f"{method}: {error}")
        self.code = error["code"]
        self.message = error["message"]


class Rpc:
    """One session on one tenant, the way the Java client holds it: key from the answer, as a cookie."""

    def __init__(self, base, tls):
        self.url = base + "/json-rpc/"
        self.tls = tls
        self.session = None

    def __call__(self, method, params=None):
        body = {"jsonrpc": "2.0", "id": 1, "method": method}
        if params is not None:
            body["params"] = params
        request = urllib.request.Request(
            self.url, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        if self.session:
            request.add_header("Cookie", "sessionid=" + self.session)
        with urllib.request.urlopen(request, context=self.tls, timeout=60) as reply:
            answer = json.load(reply)
        if "error" in answer:
            raise Fault(method, answer["error"])
        return answer["result"]

    def login(self, username, password):
        self.session = self("Auth.login", [username, password])
        return self


def junit5(rpc, username, password):
    """The wire sequence of the JUnit 5 plugin 12.5, one test class with two tests."""
    rpc.login(username, password)
    product = rpc("Product.filter", [{"name": PRODUCT}])[0]["id"]
    version = rpc("Version.filter", [{"product": product, "value": VERSION}])[0]["id"]
    build = rpc("Build.filter", [{"version": version, "name": BUILD}])[0]["id"]
    plan_type = rpc("PlanType.filter", [{"name": "Unit"}])[0]["id"]
    plans = rpc("TestPlan.filter", [{"name": JUNIT5.plan, "product": product}])
    plan = plans[0]["id"] if plans else rpc("TestPlan.create", [{
        "product": product, "type": plan_type, "product_version": version,
        "text": "WIP", "is_active": True, "name": JUNIT5.plan,
    }])["id"]
    run = rpc("TestRun.create", [
        {"build": build, "manager": username, "plan": plan, "summary": JUNIT5.run}
    ])["id"]
    if not isinstance(rpc("TestRun.get_cases", [run]), list):
        raise AssertionError("TestRun.get_cases must answer a list")
    priority = rpc("Priority.filter", [{"is_active": "True"}])[0]["id"]
    category = rpc("Category.filter", [{"product": product}])[0]["id"]
    confirmed = rpc("TestCaseStatus.filter", [{"name": "CONFIRMED"}])[0]["id"]
    for status, summary, *_ in JUNIT5.executions:
        found = rpc("TestCase.filter", [{"summary": summary, "category__product": product}])
        case = found[0] if found else rpc("TestCase.create", [{
            "category": category, "summary": summary, "is_automated": "true",
            "priority": priority, "case_status": confirmed,
        }])
        # the client parses this with a fixed pattern of three fractional digits
        if len(case["create_date"].partition(".")[2]) != 3:
            raise AssertionError(f"create_date without milliseconds: {case['create_date']}")
        if not rpc("TestCase.filter", [{"pk": case["id"], "plan": plan}]):
            rpc("TestPlan.add_case", [plan, case["id"]])
        for execution in rpc("TestRun.add_case", {"run_id": run, "case_id": case["id"]}):
            status_id = rpc("TestExecutionStatus.filter", [{"name": status}])[0]["id"]
            rpc("TestExecution.update",
                {"execution_id": execution["id"], "values": {"status": status_id}})
    if rpc("Auth.logout") is not None:
        raise AssertionError("Auth.logout must answer null")


def phpunit(rpc, username, password):
    """The two payloads of the PHPUnit plugin: whole objects, nulls and PHP dates included."""
    rpc.login(username, password)
    product = rpc("Product.filter", [{"name": PRODUCT}])[0]["id"]
    date = {"date": "2026-11-22 13:00:00.000000", "timezone_type": 3, "timezone": "UTC"}
    plan = rpc("TestPlan.create", [{
        "id": None, "name": f"Automated test plan for {PRODUCT}", "text": "WIP",
        "create_date": date, "is_active": 1, "extra_link": None,
        "product_version": rpc("Version.filter", [{"product": product, "value": VERSION}])[0]["id"],
        "product": product, "type": rpc("PlanType.filter", [{"name": "Unit"}])[0]["id"],
        "parent_id": None, "tags": [], "author": None,
    }])
    case = rpc("TestCase.create", [{
        "id": None, "create_date": date, "is_automated": 1, "script": None, "arguments": None,
        "extra_link": None, "summary": "A::b", "requirement": None, "notes": None, "text": None,
        "case_status": rpc("TestCaseStatus.filter", [{"name": "CONFIRMED"}])[0]["id"],
        "category": rpc("Category.filter", [{"product_id": product}])[0]["id"],
        "priority": rpc("Priority.filter", [{"id__gt": 0}])[0]["id"],
        "default_tester_id": None, "reviewer_id": None, "plans": [], "components": [], "tags": [],
        "product": product,
    }])
    return plan, case
