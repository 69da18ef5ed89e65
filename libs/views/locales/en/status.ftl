# Names of statuses as they are shipped; changed ones appear as typed.

status-passed = Passed
status-waived = Waived
status-idle = Idle
status-paused = Paused
status-running = Running
status-blocked = Blocked
status-error = Error
status-failed = Failed

case-status-proposed = Proposed
case-status-confirmed = Confirmed
case-status-disabled = Disabled
case-status-need-update = Needs update

progress-label = { $done } of { $total } done, { $positive } good, { $negative } bad
progress-done = { $percent } % done
count-executions =
    { $count ->
        [one] { $count } execution
       *[other] { $count } executions
    }
count-cases =
    { $count ->
        [one] { $count } case
       *[other] { $count } cases
    }
count-runs =
    { $count ->
        [one] { $count } run
       *[other] { $count } runs
    }
