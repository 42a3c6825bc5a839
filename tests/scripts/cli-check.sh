#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# halfwave check of real models and of models with known truths (../shared/data): unit lists, verdicts, causes, exit
# codes. Skipped where these are not there.
. "$(dirname "$0")/../support/script.sh"


data=$source_dir/../shared/data
use_tool
[ -d "$data/planted" ] || skip "no $data/planted"

# run EXIT MODEL DATA [OPTION...]: the JSON is in $scratch/got.
run() {
    wanted=$1 model=$2 inputs=$3
    shift 3
    code=0
    "$tool" check "$data/$model" --data "$data/$inputs" --json "$@" >"$scratch/got" 2>"$scratch/err" || code=$?
    [ "$code" = "$wanted" ] || finding "$model: exit $code, expected $wanted: $(head -n 2 "$scratch/err")"
}
# same PATH EXPECTED: what stands in the JSON.
same() {
    found=$("$get" "$1" <"$scratch/got") || finding "$model: nothing at $1"
    [ "$found" = "$2" ] || finding "$model: $1 is '$found', expected '$2'"
}
truth() {
    "$get" "models.$1" <"$data/planted/expected.json"
}

# --- planted: every list as it was planted. Its dead units are silent ones here: how many samples there are is ours to ask.
for name in mlp_sparse conv_residual ffn_block; do
    exit=5
    [ "$name" != mlp_sparse ] || exit=1
    run "$exit" "planted/$name.onnx" "planted/${name}_inputs.npy"
    layers=$(truth "$name.layers" | sed 's/array //')
    same layers "array $layers"
    layer=0
    while [ "$layer" -lt "$layers" ]; do
        at=$name.layers.$layer
        op=$(truth "$at.op")
        same "layers.$layer.op" "$op"
        same "layers.$layer.units" "$(truth "$at.units")"
        same "layers.$layer.looks" "$(truth "$at.N")"
        if [ "$op" = LeakyRelu ]; then
            same "layers.$layer.inert_units.*" "$(truth "$at.inert_units.*")"
            same "layers.$layer.silent" 0
        else
            same "layers.$layer.silent_units.*" "$(truth "$at.dead_units.*")"
            same "layers.$layer.always_on_units.*" "$(truth "$at.always_on_units.*")"
        fi
        layer=$((layer + 1))
    done
    [ "$exit" = 1 ] || same samples_needed 299
done
run 1 planted/mlp_sparse.onnx planted/mlp_sparse_inputs.npy
same layers.0.verdict healthy
same layers.1.verdict sick
same layers.1.dead 12

# --- wake words: the input of the first layer is not centred, and where a layer norm stands it does not matter.
run 1 wakeword/alexa_v0.1.onnx wakeword/alexa_inputs.npy
same verdict sick
same samples 2877
same layers.0.cause input_not_centred
same layers.0.verdict sick
run 1 wakeword/alexa_v0.1.onnx wakeword/alexa_inputs.npy --threads 1
cp "$scratch/got" "$scratch/one"
run 1 wakeword/alexa_v0.1.onnx wakeword/alexa_inputs.npy --threads 2
grep -v '"threads"' "$scratch/one" >"$scratch/one-thread"
grep -v '"threads"' "$scratch/got" | cmp -s - "$scratch/one-thread" || finding "alexa: the number of threads changes the result"
code=0
"$tool" check "$data/wakeword/hey_mycroft_v0.1.onnx" --data "$data/wakeword/alexa_inputs.npy" --json >"$scratch/got" || code=$?
model=hey_mycroft
[ "$("$get" layers.0.verdict <"$scratch/got")" != sick ] || finding "hey_mycroft: its first layer is sick"

# --- a real CNN with few images.
run 5 ocr-cls/ch_ppocr_mobile_v2.0_cls_infer.onnx ocr-cls/cls_inputs.npy
same verdict cannot_tell
same samples 64
finish
