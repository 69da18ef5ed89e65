dashboard-title = Dashboard
dashboard-heading = Dashboard
dashboard-greeting = Good to see you, { $name }
dashboard-runs = Unfinished runs
dashboard-runs-hint = You manage them, test in them or have executions assigned
dashboard-runs-empty = Nothing to execute
dashboard-runs-empty-hint = Runs appear here when you manage them, when you are their default tester, or when one of their executions is assigned to you.
dashboard-runs-shown = { $shown } of { $total } shown
dashboard-mine =
    { $count ->
        [one] { $count } left for you
       *[other] { $count } left for you
    }
dashboard-started = Started
dashboard-not-started = Not started
dashboard-due = Due
dashboard-overdue = Late, was due
dashboard-plans = My plans
dashboard-plans-empty = No plans of yours yet
dashboard-plans-empty-hint = Active test plans you have written are listed here.
dashboard-plans-disabled =
    { $count ->
        [one] { $count } more is disabled
       *[other] { $count } more are disabled
    }
notice-migrations =
    { $count ->
        [one] You have { $count } unapplied migration. Run kiwi migrate.
       *[other] You have { $count } unapplied migrations. Run kiwi migrate.
    }
notice-insecure = You are not using a secure connection.
notice-site = Base URL is not configured! Links in mail lead nowhere.
notice-site-link = Set the domain
