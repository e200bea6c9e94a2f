# For test scripts in bash: . Tests/Support/check.sh
# shellcheck shell=bash
failed=

# check WHAT COMMAND...: says whether the command succeeds; failed=yes if it does not.
check() {
    local what=$1
    shift
    if "$@"; then echo "ok      $what"; else echo "FAILED  $what"; failed=yes; fi
}
