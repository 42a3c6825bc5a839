#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The CNNs of the zoo, and char-gpt, end with the same bits for 1, 2 and 3 threads, and whether samples are written or
# not. With HALFWAVE_FULL after 100 steps of full
# size on MNIST and CIFAR-10, if they are at hand; else after a few steps on the digits, on every instruction set.
. "$(dirname "$0")/../support/script.sh"
use_tool

# alike ISA OPTION...: one set, three numbers of threads.
alike() {
    isa=$1
    shift
    one=$("$tool" train -q --json --isa "$isa" --threads 1 "$@" | "$get" weights_sha256)
    [ -n "$one" ] || finding "$isa, $*: no weights"
    for threads in 2 3; do
        [ "$one" = "$("$tool" train -q --json --isa "$isa" --threads $threads "$@" | "$get" weights_sha256)" ] ||
            finding "$isa, $threads threads: other weights than with one: $*"
    done
}

sets=$("$tool" info | sed -n 's/^runnable *//p')
if [ -z "${HALFWAVE_FULL:-}" ]; then
    seq 1 2000 >"$scratch/numbers.txt"
    text="--data text:$scratch/numbers.txt --block 16 --batch 2 --accumulate 2 --max-steps 4"
    for isa in $sets; do
        # Words of their own.
        # shellcheck disable=SC2086
        alike "$isa" $text --sample-every 2 --sample-tokens 9
        # shellcheck disable=SC2086
        [ "$one" = "$("$tool" train -q --json --isa "$isa" $text --sample-tokens 0 | "$get" weights_sha256)" ] ||
            finding "$isa: samples change the weights"
        alike "$isa" --data digits --model lenet --batch 16 --max-steps 3
        alike "$isa" --data digits --model vgg-small --batch 16 --max-steps 2
    done
    finish
fi
shared=$source_dir/../shared/data
mnist=$shared/mnist cifar=$shared/cifar10
if [ ! -d "$mnist" ] || [ ! -d "$cifar" ]; then
    skip "no MNIST and CIFAR-10 here"
fi
isa=${sets%% *}
alike "$isa" --data "mnist:$mnist" --model lenet --batch 64 --max-steps 100
alike "$isa" --data "cifar10:$cifar" --model vgg-small --batch 128 --max-steps 100
finish
