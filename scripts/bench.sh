#!/usr/bin/env bash
# Prints how an export compares with only loading the same archive, as whole processes, and how
# many nodes a capture records in a second; then what a refused export costs.
# Usage: bench.sh [MODEL.pt INPUTS.pt]...
# Without arguments: models of testdata, and of the corpus beside the checkout if it is there.
set -euo pipefail
started=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh >/dev/null

cmake --preset release -DCMAKE_PREFIX_PATH="$TX_LIBTORCH" >/dev/null
cmake --build --preset release --target torch-export jit_load bert_base >/dev/null
tool=build/release/bin/torch-export
load=build/release/bin/jit_load
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runs=5

# best COMMAND...: the shortest wall time of some runs, in seconds.
best() {
  local i start end
  for ((i = 0; i < runs; i++)); do
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || return 1
    end=$(date +%s%N)
    echo $((end - start))
  done | sort -n | head -n 1 | awk '{ printf "%.3f", $1 / 1e9 }'
}

cases=()
if [[ $# -gt 0 ]]; then
  for file in "$@"; do
    [[ $file == /* ]] || file=$started/$file
    cases+=("$file")
  done
else
  for name in basic transformer traced_shapes; do
    cases+=("testdata/models/$name.pt" "testdata/models/$name.inputs.pt")
  done
  for name in hf_bart tv_efficientnet_b0 smp_linknet_mnv2; do
    folder=../shared/corpus/$name
    [[ -d $folder ]] && cases+=("$folder/model.pt" "$folder/inputs.pt")
  done
fi

row='%-24s %9s %9s %9s %7s %9s %7s %9s %11s\n'
# shellcheck disable=SC2059
printf "$row" model size load export ratio verified ratio nodes nodes/s
set -- "${cases[@]}"
while [[ $# -ge 2 ]]; do
  model=$1 inputs=$2
  shift 2
  name=$(basename "$model" .pt)
  [[ $name == model ]] && name=$(basename "$(dirname "$model")")
  out=$work/out.txp
  if ! "$tool" "$model" --inputs "$inputs" -o "$out" --no-verify --timing 2>"$work/timing"; then
    printf '%-24s not exported: %s\n' "$name" "$(head -n 1 "$work/timing")"
    continue
  fi
  nodes=$(sed -n 's/^wrote .*: .*, \([0-9]*\) operators\?, .*/\1/p' "$work/timing")
  capture=$(sed -n 's/^ *capture *\([0-9.]*\) s$/\1/p' "$work/timing")
  t_load=$(best "$load" "$model")
  t_export=$(best "$tool" "$model" --inputs "$inputs" -o "$out" --no-verify)
  t_verify=$(best "$tool" "$model" --inputs "$inputs" -o "$out")
  awk -v row="$row" -v name="$name" -v size="$(stat -L -c %s "$model")" -v a="$t_load" \
    -v b="$t_export" -v c="$t_verify" -v n="$nodes" -v s="$capture" 'BEGIN {
      rate = s > 0 ? sprintf("%.0f", n / s) : "-"
      printf row, name, sprintf("%.1f MB", size / 1e6), a " s", b " s",
             sprintf("%.2f", b / a), c " s", sprintf("%.2f", c / a), n, rate }'
done

# A failing export finds all graph breaks and writes nothing: against the same model exported.
printf '\n%-24s %9s %9s %7s\n' "graph breaks" exported refused ratio
for name in many_gates gated_stack cond_closure; do
  model=testdata/models/$name.pt inputs=testdata/models/$name.inputs.pt
  t_good=$(best "$tool" "$model" --inputs "$inputs" -o "$work/out.txp" --no-verify --control-flow capture)
  # Exit code 1 is what is measured.
  t_bad=$(best sh -c "'$tool' '$model' --inputs '$inputs' -o '$work/out.txp'; test \$? -eq 1")
  awk -v name="$name" -v a="$t_good" -v b="$t_bad" \
    'BEGIN { printf "%-24s %9s %9s %7s\n", name, a " s", b " s", sprintf("%.2f", b / a) }'
done

# Decomposition to Core ATen against the capture of the same model; one of them of BERT-base's size.
build/release/bin/bert_base "$work/bert_base.pt"
tokens='zeros:i64[1,128]'
printf '\n%-24s %9s %9s %7s\n' model capture decompose ratio
set -- "${cases[@]}" "$work/bert_base.pt" "$tokens"
while [[ $# -ge 2 ]]; do
  model=$1 inputs=(--inputs "$2")
  [[ $2 == "$tokens" ]] && inputs+=(--inputs "$2")
  shift 2
  name=$(basename "$model" .pt)
  [[ $name == model ]] && name=$(basename "$(dirname "$model")")
  for ((i = 0; i < runs; i++)); do
    "$tool" "$model" "${inputs[@]}" -o "$work/out.txp" --no-verify --decompose core --timing 2>&1 |
      awk '$1 == "capture" { c = $2 } $1 == "decompose" { d = $2 } END { print d, c }'
  done | sort -n | head -n 1 |
    awk -v name="$name" '{ printf "%-24s %7s s %7s s %7.2f\n", name, $2, $1, ($2 > 0 ? $1 / $2 : 0) }'
done

# Capture with every dimension `auto` against the static capture of the same images.
# capture_time ARGS...: the shortest capture of some runs, in seconds.
capture_time() {
  local i
  for ((i = 0; i < runs; i++)); do
    "$tool" "$@" -o "$work/out.txp" --no-verify --timing 2>&1 | awk '$1 == "capture" { print $2 }'
  done | sort -n | head -n 1
}
printf '\n%-24s %9s %9s %7s\n' "automatic dimensions" static auto ratio
for name in tv_maxvit_cfg tv_efficientnet_b0 smp_linknet_mnv2 timm_edgenext_xx_small monai_unet2d; do
  folder=../shared/corpus/$name
  [[ -d $folder ]] || continue
  t_static=$(capture_time "$folder/model.pt" --inputs "$folder/inputs.pt")
  t_auto=$(capture_time "$folder/model.pt" --inputs "$folder/inputs.pt" \
    --dynamic '0:0=auto,1=auto,2=auto,3=auto')
  awk -v name="$name" -v a="$t_static" -v b="$t_auto" \
    'BEGIN { printf "%-24s %9s %9s %7s\n", name, a " s", b " s", sprintf("%.2f", b / a) }'
done
