"""What each client must leave behind: plan, run and executions, the same on every run."""

PRODUCT, VERSION, BUILD = "e2e", "1.0", "b1"


class Client:
    """One real client: how it is started and which rows it reports."""

    def __init__(self, prefix, plan_type, command, executions, stopped=True, exit_codes=(0,), folder="."):
        self.prefix = prefix
        self.plan_type = plan_type
        self.command = command
        self.executions = executions
        self.stopped = stopped
        self.exit_codes = exit_codes
        self.folder = folder

    @property
    def plan(self):
        return f"{self.prefix} Plan for {PRODUCT} ({VERSION})"

    @property
    def run(self):
        return f"{self.prefix} Results for {PRODUCT}, {VERSION}, {BUILD}"


# (status, summary, number of comments, has start date, has stop date)
CLIENTS = [
    Client(
        "[pytest]",
        "Integration",
        ["pytest", "-q", "-p", "no:cacheprovider", "--kiwitcms", "test_e2e.py"],
        [
            ("PASSED", "test_e2e.py::test_ok", 0, False, False),
            ("FAILED", "test_e2e.py::test_bad", 1, False, False),
            ("WAIVED", "test_e2e.py::test_skipped", 0, False, False),
            ("FAILED", "test_e2e.py::test_broken", 1, False, False),
            ("PASSED", "test_e2e.py::test_param[1]", 0, False, False),
            ("PASSED", "test_e2e.py::test_param[2]", 0, False, False),
        ],
        exit_codes=(1,),
        folder="pytest",
    ),
    Client(
        "[junit.xml]",
        "Integration",
        ["tcms-junit.xml-plugin", "junit.xml"],
        [
            ("PASSED", "a.B.ok", 1, True, True),
            ("FAILED", "a.B.bad", 1, True, True),
            ("ERROR", "a.B.err", 1, True, True),
            ("WAIVED", "a.B.skip", 1, True, False),
        ],
    ),
    Client(
        "[TAP]",
        "Integration",
        ["tcms-tap-plugin", "results.tap"],
        [
            ("PASSED", "- works", 1, False, False),
            ("FAILED", "- breaks", 2, False, False),
            ("WAIVED", "- skipped", 1, False, False),
            ("PAUSED", "- later", 1, False, False),
        ],
    ),
    Client(
        "[RF]",
        "Integration",
        ["robot", "--output", "NONE", "--log", "NONE", "--report", "NONE",
         "--listener", "zealand.listener.KiwiTCMS", "hello.robot"],
        [
            ("PASSED", "Hello.Hello World", 1, False, False),
            ("FAILED", "Hello.Broken", 1, False, False),
        ],
        exit_codes=(1,),
        folder="robot",
    ),
    Client(
        "[DJANGO]",
        "Integration",
        ["django-admin", "test", "--settings", "settings", "--pythonpath", "."],
        [
            ("PASSED", "test_a_ok (app.tests.T.test_a_ok)", 0, False, False),
            ("FAILED", "test_b_bad (app.tests.T.test_b_bad)", 1, False, False),
            ("ERROR", "test_c_error (app.tests.T.test_c_error)", 1, False, False),
            ("PASSED", "test_d_xfail (app.tests.T.test_d_xfail)", 1, False, False),
            ("WAIVED", "test_e_skip_inside (app.tests.T.test_e_skip_inside)", 1, False, False),
        ],
        exit_codes=(1,),
        folder="django",
    ),
]

JUNIT5 = Client(
    "[JUnit]",
    "Unit",
    None,
    [
        ("PASSED", "CalcTest.adds", 0, False, False),
        ("FAILED", "CalcTest.divides", 0, False, False),
    ],
    stopped=False,
)
