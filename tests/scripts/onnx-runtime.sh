#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Models that were written as ONNX give the same in ONNX Runtime, if a Python with it is there: HALFWAVE_PYTHON, else
# python3.
. "$(dirname "$0")/../support/script.sh"
python=${HALFWAVE_PYTHON:-python3}
program=$build_dir/tests/onnx-export
[ -x "$program" ] || skip "the tests are not built"
"$python" -c 'import numpy, onnxruntime' 2>/dev/null || skip "no onnxruntime in $python"
HALFWAVE_EXPORT_FOLDER=$scratch "$program" >"$scratch/said" 2>&1 || {
    cat "$scratch/said"
    finding "the models were not written"
    finish
}
"$python" "$source_dir/tests/onnx/peer_exports.py" "$scratch" || finding "ONNX Runtime gives something else"
finish
