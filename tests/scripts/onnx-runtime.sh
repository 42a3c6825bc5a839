#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Models that were written as ONNX, files that were trained on, and files that were changed give the same in ONNX Runtime,
# if a Python with it is there: HALFWAVE_PYTHON, else python3.
. "$(dirname "$0")/../support/script.sh"
python=${HALFWAVE_PYTHON:-python3}
[ -x "$build_dir/tests/onnx-export" ] || skip "the tests are not built"
"$python" -c 'import numpy, onnxruntime' 2>/dev/null || skip "no onnxruntime in $python"
for program in onnx-export train-tuned; do
    HALFWAVE_EXPORT_FOLDER=$scratch "$build_dir/tests/$program" >"$scratch/said" 2>&1 || {
        cat "$scratch/said"
        finding "$program did not write its models"
        finish
    }
done
"$python" "$source_dir/tests/onnx/peer_exports.py" "$scratch" || finding "ONNX Runtime gives something else"
changed=$scratch/changed
mkdir "$changed"
for program in onnx-change onnx-change_files onnx-change_nodes onnx-change_models; do
    HALFWAVE_CHANGE_FOLDER=$changed "$build_dir/tests/$program" >"$scratch/said" 2>&1 || {
        cat "$scratch/said"
        finding "$program did not write its files"
    }
done
"$python" "$source_dir/tests/onnx/peer_changes.py" "$changed" 400 ||
    finding "ONNX Runtime gives something else for changed files"
finish
