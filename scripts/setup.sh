#!/usr/bin/env bash
# Installs what a build needs and is missing: Debian packages and LibTorch 2.13.
#
# LibTorch is taken from, in this order: $TX_LIBTORCH (a folder `torch` of an installed wheel, the
# folder around it, or an unpacked LibTorch zip), the folders of $CMAKE_PREFIX_PATH, .deps/libtorch.
# What is not found is installed by pip, with your own configuration, into .deps/libtorch.
# Run on its own, or sourced by the other scripts: it leaves the folder in $TX_LIBTORCH.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

torch_version=2.13.0

say() { printf '== %s\n' "$*"; }
# Prints a command, then runs it.
run() {
  printf '+ %s\n' "$*"
  "$@"
}

install_packages() {
  local package missing=()
  # A tool that works counts as installed, from wherever it comes.
  command -v c++ >/dev/null || missing+=(g++)
  command -v ninja >/dev/null || missing+=(ninja-build)
  command -v ccache >/dev/null || missing+=(ccache)
  command -v flatc >/dev/null || missing+=(flatbuffers-compiler)
  local cmake_version
  cmake_version=$(cmake --version 2>/dev/null | sed -n 's/^cmake version //p') || true
  if ! printf '3.25\n%s\n' "${cmake_version:-0}" | sort -C -V; then missing+=(cmake); fi
  for package in libcli11-dev libflatbuffers-dev doctest-dev libspdlog-dev nlohmann-json3-dev \
                 zlib1g-dev; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
      missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return
  say "Debian packages: ${missing[*]}"
  local root=()
  [[ $(id -u) -eq 0 ]] || root=(sudo)
  run "${root[@]}" apt-get update -qq
  run "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends "${missing[@]}" >/dev/null
}

# Prints the LibTorch folder at or below $1 when its version is the right one.
libtorch_in() {
  local folder header
  for folder in "$1" "$1/torch" "$1/libtorch"; do
    header=$folder/include/torch/headeronly/version.h
    if [[ -f $header ]] && grep -q 'TORCH_VERSION_MAJOR 2$' "$header" &&
       grep -q 'TORCH_VERSION_MINOR 13$' "$header"; then
      (cd "$folder" && pwd)
      return
    fi
  done
  return 1
}

find_libtorch() {
  local folder
  while IFS= read -r -d: folder; do
    [[ -n $folder ]] && libtorch_in "$folder" && return
  done <<<"${TX_LIBTORCH:-}:$(tr ';' ':' <<<"${CMAKE_PREFIX_PATH:-}"):$PWD/.deps/libtorch:"
  return 1
}

install_libtorch() {
  local folder=.deps/libtorch
  say "LibTorch: torch==$torch_version into $folder"
  if ! python3 -m pip --version >/dev/null 2>&1; then
    echo "error: python3 with pip is needed to install LibTorch (apt-get install python3-pip)," \
         "or set TX_LIBTORCH to the folder of an unpacked LibTorch $torch_version" >&2
    return 1
  fi
  rm -rf "$folder" "$folder.new"
  mkdir -p "$folder.new"
  # The wheel alone: the tool needs its C++ libraries and none of its Python dependencies.
  run python3 -m pip install --quiet --no-deps --no-compile --target "$folder.new" \
    "torch==$torch_version"
  # A CUDA build's libtorch_cpu may need libraries that come in wheels of their own.
  if ldd "$folder.new/torch/lib/libtorch_cpu.so" | grep -q 'not found'; then
    run python3 -m pip install --quiet --no-compile --upgrade --target "$folder.new" \
      "torch==$torch_version"
  fi
  if ldd "$folder.new/torch/lib/libtorch_cpu.so" | grep 'not found' >&2; then
    echo "error: this torch wheel needs the libraries above; set TX_LIBTORCH to the folder of a" \
         "CPU build of LibTorch $torch_version" >&2
    return 1
  fi
  mv "$folder.new" "$folder"
}

install_packages
if ! TX_LIBTORCH=$(find_libtorch); then
  install_libtorch
  TX_LIBTORCH=$(find_libtorch)
fi
export TX_LIBTORCH
say "LibTorch: $TX_LIBTORCH"
