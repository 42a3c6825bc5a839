#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Cures while training: the same bits for any number of threads and after a cut, in the middle of an epoch too; nothing
# moves before a unit dies; and what each promises of the dead.
. "$(dirname "$0")/../support/script.sh"
use_tool

base="--data digits --act relu --optimizer adam --lr 0.03 --epochs 6"

# train OPTION...
train() {
    "$tool" train -q --json --model "fc 64; act; fc 32; act; fc 10" "$@"
}

for cure in recycle prelu rate; do
    # shellcheck disable=SC2086
    whole=$(train $base --cure $cure | "$get" weights_sha256)
    # shellcheck disable=SC2086
    two=$(train $base --cure $cure --threads 2 | "$get" weights_sha256)
    [ "${whole:-none}" = "$two" ] || finding "$cure: other weights with two threads"
    for cut in 100 132; do
        # shellcheck disable=SC2086
        train $base --cure $cure --max-steps $cut --out "$scratch/cut.safetensors" >/dev/null
        resumed=$(train --resume "$scratch/cut.safetensors" | "$get" weights_sha256)
        [ "$whole" = "$resumed" ] || finding "$cure: other weights after a cut at step $cut"
    done
    if train --resume "$scratch/cut.safetensors" --cure none >/dev/null 2>"$scratch/said"; then
        finding "$cure: resumed without it"
    fi
    grep -q "made with cure $cure, given is none" "$scratch/said" || finding "$cure: the refusal does not say why"
    [ $cure != prelu ] || continue # its slopes are parameters: the layers behind them begin with other draws
    before=$(train --data digits --optimizer adam --lr 0.03 --cure $cure --max-steps 40 | "$get" train_loss)
    after=$(train --data digits --optimizer adam --lr 0.03 --max-steps 40 | "$get" train_loss)
    [ "${before:-none}" = "$after" ] || finding "$cure: numbers moved before any unit died"
done

# dead CURE: units that are dead at the end, of the first layer
dead() {
    # shellcheck disable=SC2086
    train $base --cure "$1" --log "$scratch/log.jsonl" | "$get" layers.0.dead
}

none=$(dead none)
[ "$none" -ge 5 ] || finding "the rate kills only $none units: nothing to cure"
for cure in recycle prelu; do
    cured=$(dead $cure)
    [ $((4 * cured)) -le "$none" ] || finding "$cure: $cured of $none units are dead still"
    grep -q '"event": *"cure"' "$scratch/log.jsonl" || finding "$cure: no event in the log"
done
# shellcheck disable=SC2086
scale=$(train $base --cure rate | "$get" cure.rate_scale)
case $scale in
    0.5 | 0.25 | 0.125 | 0.0625) ;;
    *) finding "rate: the rate is multiplied by '$scale'" ;;
esac
finish
