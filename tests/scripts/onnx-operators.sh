#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Small graphs of arithmetic, reductions, softmax, layers, moves and blocks of known networks give what ONNX Runtime gives
# (tests/onnx/peer_*.py). Skipped unless HALFWAVE_PYTHON, else python3, has onnx and onnxruntime.
. "$(dirname "$0")/../support/script.sh"
python=${HALFWAVE_PYTHON:-python3}
judge=$build_dir/tests/plain/onnx-conformance
[ -x "$judge" ] || skip "onnx-conformance is not built"
"$python" -c 'import onnx, onnxruntime' >/dev/null 2>&1 || skip "$python has no onnx and onnxruntime"

for peer in operators layers movement models; do
    if ! PYTHONDONTWRITEBYTECODE=1 "$python" "$source_dir/tests/onnx/peer_$peer.py" "$scratch/cases" >"$scratch/said" 2>&1; then
        finding "the cases of peer_$peer.py cannot be written:"
        finding "$(tail -n 3 "$scratch/said")"
        finish
    fi
done
HALFWAVE_ONNX_DATA=$scratch/cases "$judge" -v >"$scratch/said" || true
grep -v '^passed' "$scratch/said" | grep -v ' 0 refused, 0 failed$' >"$scratch/wrong" || true
[ ! -s "$scratch/wrong" ] || finding "$(cat "$scratch/wrong")"

# One that is wrong must be found: all outputs of another case.
cp "$scratch"/cases/node/test_mod/test_data_set_0/output_0.pb "$scratch"/cases/node/test_Add_number/test_data_set_0/
! HALFWAVE_ONNX_DATA=$scratch/cases "$judge" >/dev/null || finding "a wrong output passes"
finish
