#!/usr/bin/env bash
# Runs the script of docs/ci.md as it stands there, on a model that exports and on one that does not.
# Usage: ci_example_test.sh TORCH_EXPORT   (in the root of the checkout)
set -uo pipefail
PATH="$(cd "$(dirname "$1")" && pwd):$PATH"
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside' docs/ci.md >"$work/export.sh"
[[ -s $work/export.sh ]] || { echo "docs/ci.md has no script"; exit 1; }

failures=0
fail() {
  echo "FAIL: $*"
  failures=$((failures + 1))
}
# job NAME EXIT_CODE: runs the script for a model of testdata.
job() {
  rm -f "$work"/model.txp "$work"/report.sarif "$work"/diagnostics.jsonl
  local code=0
  (cd "$work" && MODEL="$root/testdata/models/$1.pt" INPUTS="$root/testdata/models/$1.inputs.pt" \
    sh export.sh) >"$work/out" 2>"$work/err" || code=$?
  [[ $code -eq $2 ]] || fail "$1: exit $code instead of $2: $(cat "$work/err")"
  [[ -s $work/report.sarif ]] || fail "$1: no report"
}
job basic 0
[[ -s $work/model.txp ]] || fail "basic: no program"
grep -q '"results": \[\]' "$work/report.sarif" || fail "basic: the report is not empty"
job bad1 1
[[ ! -e $work/model.txp ]] || fail "bad1: a program was written"
grep -q '"ruleId": "TX1001"' "$work/report.sarif" || fail "bad1: the report lacks TX1001"
grep -q '"code":"TX1001"' "$work/diagnostics.jsonl" || fail "bad1: the JSON lines lack TX1001"
job writes_attribute 1
grep -q '"level": "error"' "$work/report.sarif" || fail "writes_attribute: the warning is no error"
job prints 0
grep -q '"level": "note"' "$work/report.sarif" || fail "prints: the warning is no note"

[[ $failures -eq 0 ]] || { echo "$failures failures"; exit 1; }
echo "ci_example: as docs/ci.md says"
