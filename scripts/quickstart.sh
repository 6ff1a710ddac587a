#!/usr/bin/env bash
# From a clean checkout to an exported, run and verified model. Prints each command it runs; a
# second run does only what changed. Writes into .deps/, build/ and out/ only, which git ignores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/setup.sh

run cmake --preset release -DCMAKE_PREFIX_PATH="$TX_LIBTORCH"
run cmake --build --preset release --target torch-export

tool=build/release/bin/torch-export
model=testdata/models/basic
mkdir -p out
say "Export: a TorchScript archive and example inputs become a program file"
run $tool $model.pt --inputs $model.inputs.pt -o out/basic.txp
say "Show: the program"
run $tool show out/basic.txp
say "Run: the program without the model"
run $tool run out/basic.txp --inputs $model.inputs.pt --outputs out/basic.outputs.pt
say "Verify: the program against the model, on other inputs of the same sizes"
run $tool verify out/basic.txp --against $model.pt --inputs 'f32[8,100]' --inputs 'f32[8,100]' \
  --seed 7
say "Done: out/basic.txp was written, run and verified"
