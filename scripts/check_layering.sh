#!/usr/bin/env bash
# Fails when a file includes what its library must not see:
#   LibTorch         in a library whose CMakeLists.txt does not say TORCH, or in the command line
#                    (tests of whole exports may compare tensors, their libraries are operators)
#   CLI11            outside tools/
#   spdlog           outside lib/support/
# Usage: check_layering.sh [ROOT]
set -euo pipefail
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

status=0
# report WHAT PATTERN FOLDER...: complains about each include that matches.
report() {
  local what=$1 pattern=$2 found
  shift 2
  found=$(grep -rnE --include='*.h' --include='*.cpp' \
          "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)" "$@") || return 0
  printf '%s\n' "$found" | sed "s|\$|   <- $what|"
  status=1
}

libtorch='torch/|ATen/|c10/|caffe2/'
for file in lib/*/CMakeLists.txt; do
  folder=$(dirname "$file")
  grep -qE '^tx_library\(.*\bTORCH\b' "$file" || report "LibTorch is not for $folder" "$libtorch" "$folder"
done
report "LibTorch is not for the command line" "$libtorch" \
  --exclude='*_test.cpp' --exclude='test_*.cpp' tools/torch-export
# The driver's header is what the command line sees.
report "the driver's header is free of LibTorch" "$libtorch" lib/driver/driver.h
report "CLI11 is for tools only" "CLI/" lib
for folder in lib/*/; do
  [[ $folder == lib/support/ ]] || report "spdlog is for lib/support only" "spdlog/" "$folder"
done
[[ $status -eq 0 ]] && echo "check_layering: every include is allowed"
exit $status
