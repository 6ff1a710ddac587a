#!/usr/bin/env bash
# Runs the real executable as a user or a CI job does: exit codes, what goes to stdout and what to
# stderr, which files are there afterwards. Usage: end_to_end_test.sh TORCH_EXPORT
set -uo pipefail
tool=$1
models=testdata/models
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

failures=0
fail() {
  echo "FAIL: $*"
  sed 's/^/    stderr: /' "$work/err"
  failures=$((failures + 1))
}
# expect CODE ARGUMENT...: runs the tool; stdout and stderr go to $work/out and $work/err.
expect() {
  local code=$1 actual=0
  shift
  "$tool" "$@" >"$work/out" 2>"$work/err" || actual=$?
  [[ $actual -eq $code ]] || fail "exit $actual instead of $code: $*"
}
silent_stdout() { [[ ! -s $work/out ]] || fail "stdout is not empty: $1"; }
silent_stderr() { [[ ! -s $work/err ]] || fail "stderr is not empty: $1"; }
stderr_has() { grep -qF -- "$1" "$work/err" || fail "stderr lacks: $1"; }
stdout_has() { grep -qF -- "$1" "$work/out" || fail "stdout lacks: $1"; }
files_are() {
  local found
  found=$(cd "$work" && find . -type f ! -name out ! -name err -printf '%P\n' | sort | xargs)
  [[ $found == "$1" ]] || fail "files are '$found' instead of '$1'"
}

# The shortest use writes NAME.txp beside NAME.pt.
cp $models/basic.pt "$work/basic.pt"
expect 0 "$work/basic.pt" --inputs $models/basic.inputs.pt
silent_stdout export
stderr_has "basic.txp"
stderr_has "verified"
files_are "basic.pt basic.txp"

# Options before the model, an output of another name, a repeated export replaces it.
expect 0 --inputs $models/basic.inputs.pt "$work/basic.pt" -o "$work/other.txp" --quiet
silent_stdout "quiet export"
silent_stderr "quiet export"
expect 0 --inputs $models/basic.inputs.pt "$work/basic.pt" -o "$work/other.txp" --no-verify
cmp -s "$work/basic.txp" "$work/other.txp" || fail "the same export gives other bytes"

# show writes to stdout only.
for format in program graph code signature json; do
  expect 0 show "$work/basic.txp" --format $format
  silent_stderr "show --format $format"
done
expect 0 show "$work/basic.txp"
stdout_has "torch.ops.aten.addmm.default"

# run: text to stdout, or a file; verify.
expect 0 run "$work/basic.txp" --inputs $models/basic.inputs.pt
[[ -s $work/out ]] || fail "run prints nothing"
expect 0 run "$work/basic.txp" --inputs $models/basic.inputs.pt --outputs "$work/outputs.pt"
silent_stdout "run --outputs"
files_are "basic.pt basic.txp other.txp outputs.pt"
expect 0 verify "$work/basic.txp" --against "$work/basic.pt" --inputs 'f32[8,100]' \
  --inputs 'f32[8,100]' --seed 3
silent_stdout verify
rm "$work/outputs.pt" "$work/other.txp"

# Several sets of inputs: what differs is dynamic.
expect 0 $models/example1.pt --inputs "f32[8,8,2]" --inputs-set "f32[5,8,2]" -o "$work/sets.txp"
stderr_has "inferred: --dynamic x:0=d0"
expect 0 verify "$work/sets.txp" --against $models/example1.pt --inputs "f32[8,8,2]" --samples 5
stderr_has "5 of 5 inside agree"
rm "$work/sets.txp"

# The answer is no: exit 1, an older output is as it was.
cp "$work/basic.txp" "$work/kept.txp"
expect 1 $models/bad1.pt --inputs $models/bad1.inputs.pt -o "$work/kept.txp"
silent_stdout bad1
stderr_has "error[TX1001]"
stderr_has "tutorial.py"
cmp -s "$work/basic.txp" "$work/kept.txp" || fail "a failed export touched an older output"
rm "$work/kept.txp"
expect 1 $models/bad2.pt --inputs $models/bad2.inputs.pt -o "$work/new.txp"
stderr_has "error[TX1004]"
expect 1 run "$work/basic.txp" --inputs 'f32[10,100]' --inputs 'f32[10,100]' --outputs "$work/o.pt"
stderr_has "is specialized at 8"
files_are "basic.pt basic.txp"

# Usage and unreadable input: exit 2.
expect 2
expect 2 "$work/basic.pt" --inputs $models/basic.inputs.pt -o "$work/new.onnx"
expect 2 "$work/basic.pt" --input $models/basic.inputs.pt
stderr_has 'did you mean `--inputs`?'
expect 2 "$work/basic.pt" --inputs 'f32[8,100]'
expect 2 "$work/missing.pt" --inputs 'f32[1]'
expect 2 show "$work/basic.pt"
expect 2 decompose "$work/basic.txp"
expect 2 $models/basic.inputs.pt --inputs 'f32[1]' -o "$work/new.txp"
silent_stdout "usage errors"
files_are "basic.pt basic.txp"

# An output that cannot be written.
expect 2 "$work/basic.pt" --inputs $models/basic.inputs.pt -o "$work/no/such/folder.txp"
stderr_has "error[TX0014]"

# JSON on stderr: one object a line and nothing else; the same objects in the report.
expect 1 $models/bad1.pt --inputs $models/bad1.inputs.pt -o "$work/new.txp" \
  --diagnostics-format json --timing --report "$work/report.json"
[[ $(wc -l <"$work/err") -eq $(grep -c '^{.*}$' "$work/err") ]] || fail "stderr is not JSON lines"
grep -q '"TX1001"' "$work/report.json" || fail "the report lacks the error"
expect 0 "$work/basic.pt" --inputs $models/basic.inputs.pt --diagnostics-format json
silent_stderr "a good export with JSON diagnostics"
rm "$work/report.json"
files_are "basic.pt basic.txp"

# Help and version.
expect 0 --help
stdout_has "Usage:"
expect 0 --version
stdout_has "torch-export "
for verb in export show run verify explain exportdb; do
  expect 0 $verb --help
  stdout_has "Examples:"
done

[[ $failures -eq 0 ]] || { echo "$failures failures"; exit 1; }
echo "end_to_end: all as expected"
