#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The examples build as a stranger's project against the installed package, run, and say what they should.
. "$(dirname "$0")/../support/script.sh"
[ -z "$(cached HALFWAVE_SANITIZE)" ] || skip "the examples are built without sanitizers"

prefix=$scratch/prefix
cmake --install "$build_dir" --prefix "$prefix" >"$scratch/said" 2>&1 || {
    finding "cmake --install failed"
    finish
}
if ! { cmake -G "$(cached CMAKE_GENERATOR)" -S "$source_dir/examples" -B "$scratch/build" -DCMAKE_PREFIX_PATH="$prefix" \
    -DCMAKE_C_COMPILER="$(cached CMAKE_C_COMPILER)" -DCMAKE_C_FLAGS="$(cached CMAKE_C_FLAGS)" &&
    cmake --build "$scratch/build"; } >"$scratch/said" 2>&1; then
    cat "$scratch/said"
    finding "the examples do not build against the installed package"
    finish
fi
"$scratch/build/kernels" >"$scratch/kernels" || finding "examples/kernels failed"
grep -q '^unit 1 fired for 0 of 3 samples: silent; dz = 0 0 0$' "$scratch/kernels" ||
    finding "examples/kernels printed: $(cat "$scratch/kernels")"
"$scratch/build/train" >"$scratch/train" || finding "examples/train failed"
grep -q '^act1: [0-9]* of 32 units are dead$' "$scratch/train" || finding "examples/train printed: $(cat "$scratch/train")"
finish
