# Sourced by test.sh and check.sh: runs suites one after the other, keeps their logs under
# target/test-logs, and knows at the end how many checks passed and failed in each.

logs=target/test-logs
mkdir -p "$logs"
summary=()
total_passed=0
total_failed=0

suite() { # suite <name> <command…>
    local name="$1" started=$SECONDS status=0 counts passed failed
    shift
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee "$logs/$name.log" || status=$?
    counts="$(python3 ops/scripts/count_results.py "$logs/$name.log" "$status")"
    read -r passed failed <<<"$counts"
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
    summary+=("$(printf '%-16s %5d passed, %3d failed %6d s' "$name" "$passed" "$failed" $((SECONDS - started)))")
    printf '%s: %d passed, %d failed\n' "$name" "$passed" "$failed"
}

finish() {
    printf '\n== summary\n'
    printf '%s\n' "${summary[@]}"
    printf '%-16s %31d s\n' total "$SECONDS"
    printf '%d passed, %d failed\n' "$total_passed" "$total_failed"
    [ "$total_failed" -eq 0 ]
}
