#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# From a sick network to a healthy one: train a net at a rate that kills units, check it, cut the dead units out or make
# them learn again, train on, check again, and see what each way gives in size, speed and accuracy. About a second.
#
#     HALFWAVE=build/halfwave examples/sick-to-healthy.sh [FOLDER]
#
# The files stay in FOLDER (default: a new one). Any step works on an ONNX file of your own as well.
set -eu
LC_ALL=C
export LC_ALL
halfwave=${HALFWAVE:-halfwave}
folder=${1:-$(mktemp -d)}
mkdir -p "$folder"
data="--data digits" # built in
counted="$data --part train"
rate="--optimizer adam --lr 0.001" # of training on: what it should have been from the start

# number FILE KEY: what stands at a key of an object that --json wrote
number() {
    sed -n "s/^  \"$2\": \([^,]*\),*\$/\1/p" "$folder/$1"
}

step() {
    printf '\n== %s\n' "$*"
}

# shellcheck disable=SC2086
{
    step "train: Adam at 0.03, thirty times its usual rate"
    "$halfwave" train -q $data --optimizer adam --lr 0.03 --out "$folder/sick.onnx"

    step "check: exit code 1 says that it is sick"
    "$halfwave" check "$folder/sick.onnx" $counted && exit 1

    step "prune: the same outputs from a smaller network"
    "$halfwave" fix "$folder/sick.onnx" $counted --prune --out "$folder/small.onnx" -q

    step "recycle: the same outputs, and units that can learn again"
    "$halfwave" fix "$folder/sick.onnx" $counted --recycle --out "$folder/cured.onnx" -q

    step "train on: 300 steps at the usual rate, cured and not"
    "$halfwave" train -q --model "$folder/cured.onnx" $data $rate --max-steps 300 --out "$folder/healthy.onnx"
    "$halfwave" train -q --model "$folder/sick.onnx" $data $rate --max-steps 300 --out "$folder/uncured.onnx" >/dev/null

    step "check again"
    "$halfwave" check "$folder/healthy.onnx" $counted --no-treatments

    step "what each way gives"
    printf '%-14s %10s %8s %8s %12s %8s\n' file parameters bytes silent "test error" time
    "$halfwave" fix "$folder/sick.onnx" $counted --prune --dry-run --out "$folder/dry.onnx" --json -q >"$folder/fix.json"
    for name in sick small cured healthy uncured; do
        "$halfwave" check "$folder/$name.onnx" $counted --no-treatments --json >"$folder/check.json" || [ $? -eq 1 ]
        "$halfwave" eval "$folder/$name.onnx" $data --json >"$folder/eval.json"
        time=1 # of the sick one's: measured beside it, where the structure is another
        [ $name != small ] || time=$(awk "BEGIN { print $(number fix.json ms_after) / $(number fix.json ms_before) }")
        printf '%-14s %10s %8s %8s %10.1f %% %8.2f\n' $name.onnx "$(number eval.json params)" \
            "$(($(wc -c <"$folder/$name.onnx")))" "$(number check.json silent)" \
            "$(awk "BEGIN { print 100 * $(number eval.json error) }")" "$time"
    done
}
printf '\nThe files are in %s.\n' "$folder"
