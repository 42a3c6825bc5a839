#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Every allocation of a command fails in turn: the exit code is 4, or the output is complete.
. "$(dirname "$0")/../support/script.sh"
tool=$build_dir/halfwave
failing=$build_dir/tests/fail-allocation.so
if [ ! -x "$tool" ] || [ ! -f "$failing" ]; then
    skip "no library here that makes allocations fail"
fi
cd "$scratch" || exit 1

stable() {
    sed -E -e 's/[0-9.]+ (ns|us|ms|s) each/TIME each/' -e 's/^time: .*/time: .../' \
        -e 's/("(ms_per_step|ms_before|ms_after|seconds)": )[0-9.e-]+/\1TIME/' \
        -e 's/^((relu|tanh) .* of [0-9]+) +[0-9.]+ +[0-9.e-]+$/\1 TIME SECONDS/'
}

# each COMMAND...: until three runs after another work. Of many hundreds not every one.
each() {
    rm -f page.html
    "$tool" "$@" 2>err.txt | stable >whole.txt
    [ ! -f page.html ] || tags=$(tr -dc '<' <page.html | wc -c)
    n=0 complete=0 refused=0
    while [ $complete -lt 3 ] && [ $n -lt 10000 ]; do
        n=$((n + 1 + n / 100)) code=0
        FAIL_AT=$n LD_PRELOAD=$failing "$tool" "$@" >out.txt 2>err.txt || code=$?
        complete=$((complete + 1))
        if [ $code = 0 ]; then
            stable <out.txt | cmp -s - whole.txt || finding "$*: allocation $n fails and the output lacks a part"
            [ ! -f page.html ] || [ "$(tr -dc '<' <page.html | wc -c)" = "$tags" ] ||
                finding "$*: allocation $n fails and the page lacks a part"
        elif [ $code = 4 ]; then
            complete=0 refused=$((refused + 1))
            [ -s err.txt ] || finding "$*: allocation $n: exit 4 without a word"
        else
            complete=0
            finding "$*: allocation $n: exit $code: $(cat err.txt)"
        fi
    done
    [ $refused -gt 3 ] || finding "$*: no allocation failed"
    [ $n -lt 10000 ] || finding "$*: no end"
}

"$tool" train -q --model 'fc 4; act; fc 10' --max-steps 5 --out model.safetensors >/dev/null
each info
each help train
each help --completion
each train -q --model 'fc 4; act; fc 10' --max-steps 2 --threads 2
each train -q --resume model.safetensors --max-steps 7 --epochs 1 --out more.safetensors --json
each compare -q --acts relu,tanh --seeds 2 --model 'fc 4; act; fc 10' --epochs 2
each train -q --model 'fc 4; act; fc 10' --epochs 2 --html page.html
each compare -q --acts relu,tanh --seeds 2 --model 'fc 4; act; fc 10' --epochs 2 --html page.html
each eval model.safetensors
head -n 3 "$source_dir/data/digits.csv" | cut -d , -f 1-64 >three.csv
each predict model.safetensors three.csv
each predict model.safetensors three.csv --json -q
seq 1 400 >numbers.txt
"$tool" train -q --data text:numbers.txt --model 'embed 4; pos; attn 2 causal; unembed' --max-steps 1 --out text.safetensors >/dev/null
each generate text.safetensors --prompt 12 --tokens 9
each generate text.safetensors --tokens 9 --json -q
each plot relu tanh -d --svg plot.svg
each gradcheck relu
models=$source_dir/tests/cli/models
each check "$models/healthy.onnx" --data "$models/x.npy" --save-stats stats.json -q
each check "$models/healthy.onnx" --data "$models/x.npy" --labels "$models/labels.npy" --json -q
each check "$models/healthy.onnx" --data "$models/x.npy" --html page.html -q
rm page.html
each check "$models/mlp.onnx" --data "$models/x.npy" --fail-over 30% -q
each fix "$models/mlp.onnx" --data "$models/x.npy" --prune --prelu --layers 1 -o fixed.onnx --report fix.json -q
each fix model.safetensors --data digits --leaky 0.1 -o fixed.safetensors --json -q
each check model.safetensors --data digits
each check stats.json
each check "$models/pre.npz" --act leaky_relu
each merge stats.json stats.json --out sum.json
each info "$models/mlp.onnx" --json
each eval "$models/mlp.onnx" --data "$models/x.npy" --labels "$models/labels.npy"
each predict "$models/mlp.onnx" "$models/few.npy" --out y.npy -q
each train -q --model 'fc 4; act; fc 10' --epochs 2 --lr 1 --watch
"$build_dir/tests/apply-check" make float32 2x3 1 x.npy
each apply relu -q --in x.npy --out y.npy --mask m.npy
each apply tanh -q --in x.npy --grad x.npy --out -
each apply --list
finish
