#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# A run that is killed between two checkpoints, three times, and resumed each time ends with the same weights as
# one that was left alone: running statistics, dropout and augmentation included.
. "$(dirname "$0")/../support/script.sh"
use_tool
unset HALFWAVE_ISA || true

# The tool takes the place of the shell, so that it is what a kill of $! hits: (train ...) &
train() {
    exec "$tool" train -q --model 'conv 3 8; act; drop 25%; pool 2; conv 3 16; bn; act; fc 10' --shift 1 --flip \
        --batch 16 --epochs 1000000 --json --threads 2 "$@"
}

# Kills a training that writes to run.safetensors soon after it has written a checkpoint. WORD...: how it starts.
killed() {
    before=$(ls -i run.safetensors 2>/dev/null || true)
    (train --checkpoint-every 1 --out run.safetensors "$@" >run.json 2>run.err) &
    process=$!
    # A checkpoint is renamed to its place: another file each time.
    while [ "$(ls -i run.safetensors 2>/dev/null || true)" = "$before" ] && kill -0 $process 2>/dev/null; do :; done
    kill -9 $process 2>/dev/null || true
    code=0
    wait $process 2>/dev/null || code=$?
    [ "$code" = 137 ] || finding "the training ended with $code before it could be killed: $(cat run.err)"
    [ ! -s run.json ] || finding "a killed run printed its result"
}

killed
killed --resume run.safetensors
killed --resume run.safetensors
at=$( (train --max-steps 1 --resume run.safetensors) | "$get" steps)
[ "$at" -ge 267 ] || finding "the last checkpoint is of step $at: that are less than three epochs"
(train --max-steps $((at + 50)) >whole.json)
(train --max-steps $((at + 50)) --resume run.safetensors >resumed.json)
for key in weights_sha256 steps train_loss; do
    [ "$("$get" $key <whole.json)" = "$("$get" $key <resumed.json)" ] ||
        finding "$key: $("$get" $key <resumed.json) after being killed and resumed, $("$get" $key <whole.json) without"
done
finish
