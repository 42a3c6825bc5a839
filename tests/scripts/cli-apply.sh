#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# halfwave apply, every activation, through files: forward, backward and masks agree with each other whatever way the
# array takes, and with the reference vectors where they are.
. "$(dirname "$0")/../support/script.sh"
use_tool
check=$build_dir/tests/apply-check
[ -x "$check" ] || skip "apply-check is not built"

# apply WORD...: it must work.
apply() {
    "$tool" apply -q "$@" || finding "apply $*: exit $?"
}

# same WHAT FILE FILE
same() {
    cmp -s "$2" "$3" || finding "$1: $2 and $3 differ"
}

# compare CASE ACT out|grad_x FILE
compare() {
    "$check" compare "$@" 2>&1 || echo "compare $* failed"
}

# compare_pair CASE out|grad FILE
compare_pair() {
    "$check" compare-pair "$@" 2>&1 || echo "compare-pair $* failed"
}

masked=$("$tool" apply --list --json | tr -d ' \n' | sed 's/{"name":/\n/g' | sed -n 's/^"\([a-z0-9_]*\)".*"mask":true.*/\1/p')
[ -n "$masked" ] || finding "apply --list --json: no activation has a mask"

types="float32 float64"
# Rows that end inside a word, rows of more than a block, and no rows.
for shape in 7x130 1x1 3x0 0x5 2x1048640; do
    for type in $types; do
        "$check" make "$type" $shape 1 x.npy
        "$check" make "$type" $shape 2 dy.npy
        # The large ones once; what differs between activations shows in the small ones.
        operators=$("$tool" help --operators)
        [ $shape != 2x1048640 ] || operators=relu
        for op in $operators; do
            apply "$op" --in x.npy --out y.npy
            apply "$op" --in x.npy --grad dy.npy --out dx.npy
            case " $(echo "$masked" | tr '\n' ' ') " in
            *" $op "*)
                apply "$op" --in x.npy --out y2.npy --mask m.npy
                apply "$op" --mask m.npy --grad dy.npy --out dx2.npy
                same "$op, $type $shape: values with a mask" y.npy y2.npy
                same "$op, $type $shape: gradient from the mask" dx.npy dx2.npy
                ;;
            esac
        done
        apply "$op" --in x.npy --out y3.npy --threads 3
        same "$op, $type $shape: threads" y.npy y3.npy
        "$tool" apply "$op" -q --in - --out - <x.npy >y3.npy || finding "apply through pipes: exit $?"
        same "$op, $type $shape: pipes" y.npy y3.npy
        "$tool" apply "$op" -q --in x.npy --grad - --out - <dy.npy | cat >y3.npy
        same "$op, $type $shape: gradient through pipes" dx.npy y3.npy
        apply "$op" --in x.npy --out x.npy
        same "$op, $type $shape: in place" y.npy x.npy
    done
done

# Ctrl-C leaves the old file and nothing else.
"$check" make float32 4x1048576 1 x.npy
echo "an older result" >y.npy
mkfifo slow
"$tool" apply tanh -q --in slow --out y.npy 2>err.txt &
process=$!
{
    head -c 9000000 x.npy
    kill -INT $process
    tail -c +9000001 x.npy
} >slow 2>/dev/null || true
code=0
wait $process || code=$?
[ $code = 130 ] || finding "an interrupted apply ends with $code"
[ "$(cat y.npy)" = "an older result" ] || finding "an interrupted apply wrote y.npy"
[ -z "$(find . -name '*.tmp')" ] || finding "an interrupted apply left $(find . -name '*.tmp')"

# Every set is tested against the same cases by act-reference; files need two.
sets="$("$tool" info | sed -n 's/^runnable *\([a-z0-9]*\).*/\1/p') scalar"
reference=$source_dir/../shared/reference
[ -d "$reference" ] || finish
compared=0
for case in "$reference"/act_*; do
    name=$(basename "$case")
    act=$("$check" act "$name" 2>/dev/null) || continue
    for isa in $sets; do
        apply "$act" --in "$case/in_x.npy" --out y.npy --isa "$isa"
        apply "$act" --in "$case/in_x.npy" --grad "$case/in_dy.npy" --out dx.npy --isa "$isa"
        must_pass compare "$name" "$act" out y.npy
        must_pass compare "$name" "$act" grad_x dx.npy
        "$check" widen "$name" in_x x.npy
        "$check" widen "$name" in_dy dy.npy
        apply "$act" --in x.npy --out y.npy --isa "$isa"
        apply "$act" --in x.npy --grad dy.npy --out dx.npy --isa "$isa"
        must_pass compare "$name" "$act" out y.npy
        must_pass compare "$name" "$act" grad_x dx.npy
    done
    compared=$((compared + 1))
done
pairs=$("$tool" apply --list --json | sed '1,/"pairs"/d' | sed -n 's/.*"name": "\([a-z_]*\)".*/\1/p')
[ -n "$pairs" ] || finding "apply --list --json: no pairs"
for pair in $pairs; do
    [ -d "$reference/act_$pair" ] || continue
    "$check" join "act_$pair" x.npy
    for isa in $sets; do
        apply "$pair" --in x.npy --out y.npy --isa "$isa"
        apply "$pair" --in x.npy --grad "$reference/act_$pair/in_dy.npy" --out dx.npy --isa "$isa"
        must_pass compare_pair "act_$pair" out y.npy
        must_pass compare_pair "act_$pair" grad dx.npy
    done
    compared=$((compared + 1))
done
echo "$compared reference cases"
[ $compared -gt 0 ] || finding "no reference case belongs to an activation"
finish
