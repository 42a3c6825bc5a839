#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# halfwave fix of real models and of models with known truths (../shared/data): what is cut, what is left and why, how
# far the outputs move, in ours and in ONNX Runtime where a Python with it is there (HALFWAVE_PYTHON, else python3).
. "$(dirname "$0")/../support/script.sh"

data=$source_dir/../shared/data
use_tool
[ -d "$data/planted" ] || skip "no $data/planted"
python=${HALFWAVE_PYTHON:-python3}
"$python" -c 'import numpy, onnx, onnxruntime' 2>/dev/null || python=

# run EXIT MODEL DATA OPTION...: the JSON is in got, the model in fixed.onnx.
run() {
    wanted=$1 model=$2 inputs=$3
    shift 3
    code=0
    rm -f fixed.onnx
    "$tool" fix -q "$data/$model" --data "$data/$inputs" -o fixed.onnx --json "$@" >got 2>err || code=$?
    [ "$code" = "$wanted" ] || finding "$model $*: exit $code, expected $wanted: $(head -n 2 err)"
    if [ "$wanted" = 0 ] && [ ! -f fixed.onnx ]; then
        finding "$model $*: nothing was written"
    elif [ "$wanted" != 0 ] && [ -f fixed.onnx ]; then
        finding "$model $*: exit $wanted, and a file was written"
    fi
}
# same PATH EXPECTED: what stands in the JSON.
same() {
    found=$("$get" "$1" <got) || finding "$model: nothing at $1"
    [ "$found" = "$2" ] || finding "$model: $1 is '$found', expected '$2'"
}
value() {
    "$get" "$1" <got
}
# All units that are silent and short of evidence.
unsure() {
    sum=0 layer=0
    while [ "$layer" -lt "$(value treatments.0.layers | sed 's/array //')" ]; do
        sum=$((sum + $(value treatments.0.layers.$layer.unsure)))
        layer=$((layer + 1))
    done
    echo $sum
}
truth() {
    "$get" "models.$1" <"$data/planted/expected.json"
}
# holds WHAT CONDITION: an awk condition.
holds() {
    awk "BEGIN { exit !($2) }" || finding "$model: not so: $1 ($2)"
}
# in_onnx_runtime exact|moves: what was written is sound, and gives the same there, or not.
in_onnx_runtime() {
    [ -z "$python" ] || "$python" "$source_dir/tests/cli/peer_fix.py" "$data/$model" fixed.onnx "$data/$inputs" "$1" ||
        finding "$model: ONNX Runtime gives something else"
}
# The same of what was written changes nothing more.
sound() {
    in_onnx_runtime "$1"
    shift
    code=0
    "$tool" fix -q fixed.onnx --data "$data/$inputs" -o again.onnx "$@" >out 2>err || code=$?
    case $code in
    0) cmp -s fixed.onnx again.onnx || finding "$model $*: fixed twice it changes again" ;;
    1) ;; # what was refused still is
    *) finding "$model $*: fixed twice: exit $code: $(cat err)" ;;
    esac
}

# --- planted: with few inputs all silent relu units are cut, inert ones kept, as planned.
for name in mlp_sparse conv_residual ffn_block; do
    run 0 "planted/$name.onnx" "planted/${name}_inputs.npy" --bound 10% --prune
    same params_before "$(truth "$name.params_before")"
    same params_after "$(truth "$name.exact_pruning.params_after")"
    same silent_after 0
    same treatments.0.exact true
    same treatments.0.promise exact
    holds "outputs stay" "$(value max_output_change) <= $(value allowed)"
    layers=$(value treatments.0.layers | sed 's/array //')
    layer=0
    while [ "$layer" -lt "$layers" ]; do
        at=$name.layers.$(($(value "treatments.0.layers.$layer.number") - 1))
        same "treatments.0.layers.$layer.treated_units.*" "$(truth "$at.dead_units.*")"
        layer=$((layer + 1))
    done
    sound exact --bound 10% --prune
    run 0 "planted/$name.onnx" "planted/${name}_inputs.npy" --bound 10% --recycle
    same equal true
    same max_output_change 0
    same params_after "$(truth "$name.params_before")"
    sound exact --bound 10% --recycle
    run 0 "planted/$name.onnx" "planted/${name}_inputs.npy" --prelu
    same equal true
    sound exact --prelu
done
# Short of evidence they are kept and named; nothing can be done then.
for name in conv_residual ffn_block; do
    run 1 "planted/$name.onnx" "planted/${name}_inputs.npy" --prune
    same treatments.0.units 0
    same written false
    holds "units are named" "$(value treatments.0.layers | sed 's/array //') > 0"
    [ "$(unsure)" = "$(value silent_before)" ] ||
        finding "$name: not all silent units are said to be unsure"
done

# --- wake words
run 0 wakeword/alexa_v0.1.onnx wakeword/alexa_inputs.npy --prune
same params_before 213377
holds "half of the parameters" "$(value params_after) * 2 <= $(value params_before)"
holds "outputs stay" "$(value max_output_change) <= $(value allowed)"
same dead_after 0
sound exact --prune
# The input is not centred: some of the new units do not fire either.
run 0 wakeword/alexa_v0.1.onnx wakeword/alexa_inputs.npy --recycle
same equal true
in_onnx_runtime exact
holds "recycled units fire" "$(value silent_after) * 10 <= $(value silent_before)"
run 0 wakeword/alexa_v0.1.onnx wakeword/alexa_inputs.npy --leaky 0.01
same treatments.0.exact false
sound moves --leaky 0.01
# Rows in front of a layer norm are refused, with the reason.
code=0
"$tool" fix -q "$data/wakeword/hey_mycroft_v0.1.onnx" --data "$data/wakeword/alexa_inputs.npy" --prune --dry-run \
    --json >got || code=$?
model=hey_mycroft
[ "$code" -le 1 ] || finding "hey_mycroft: exit $code"
grep -q '"reason": ".*norm' got || finding "hey_mycroft: no reason with a norm in it: $(grep reason got)"

# --- a real CNN with few images
run 0 ocr-cls/ch_ppocr_mobile_v2.0_cls_infer.onnx ocr-cls/cls_inputs.npy --prune --bound 10%
holds "outputs stay" "$(value max_output_change) <= $(value allowed)"
sound exact --prune --bound 10%
finish
