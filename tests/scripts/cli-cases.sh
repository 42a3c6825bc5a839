#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Every line of tests/cli/cases.txt: exit code, stdout and stderr as stored in tests/cli/expected. With
# --update as third word the stored outputs are rewritten; a fourth picks one case by name.
. "$(dirname "$0")/../support/script.sh"
update=${3:-}
only=${4:-}
[ -x "$build_dir/halfwave" ] || skip "the tool is not built"
cases=$source_dir/tests/cli/cases.txt
expected=$source_dir/tests/cli/expected

# The tool under a short name, in surroundings that do not depend on the caller; the scalar set is the same
# on every machine.
mkdir "$scratch/bin" "$scratch/files" "$scratch/got"
ln -s "$build_dir/halfwave" "$scratch/bin/halfwave"
run() {
    env -i PATH="$scratch/bin:$PATH" LC_ALL=C HALFWAVE_ISA="${isa-scalar}" HOME="$scratch" \
        ${ASAN_OPTIONS+"ASAN_OPTIONS=$ASAN_OPTIONS"} ${TSAN_OPTIONS+"TSAN_OPTIONS=$TSAN_OPTIONS"} \
        sh -c "$1"
}

# Files that the cases read.
cd "$scratch/files"
mkdir folder.safetensors
printf '1,2,0\n3,nan,1\n' >nan.csv
printf '1,2,0\n3,4\n' >ragged.csv
printf '1,2,0\n3,4,-1\n' >label.csv
: >empty.csv
: >tiny.csv
for i in 1 2 3 4 5 6 7 8; do
    printf '%s,0.5,1\n-%s,0.25,0\n' $i $i >>tiny.csv
done
: >huge.csv
for i in 1 2 3 4 5 6 7 8; do
    printf '%se36,0.5,1\n%se36,0.25,0\n' $i $i >>huge.csv
done
printf '\000\000\010\003\000\000\000\002' >short-images
printf '\000\000\010\001\000\000\000\002\000\001' >short-labels
printf '\000\000\011\003\000\000\000\001\000\000\000\001\000\000\000\001\007' >wrong-magic
printf 'PK\003\004 and then nothing' >cut.npz
# zeros N: N bytes of 0; labelled LABEL: a record of CIFAR-10.
zeros() {
    head -c "$1" /dev/zero
}
labelled() {
    printf '%b' "\\0$1"
    zeros 3072
}
mkdir cifar cifar-cut cifar-label cifar-empty cifar-none sizes
for i in 0 1 2 3 4 5 6 7 10 11; do labelled $i; done >cifar/data_batch_1.bin
cp cifar/data_batch_1.bin cifar/test_batch.bin
zeros 5000 >cifar-cut/data_batch_1.bin
{ labelled 7 && labelled 12; } >cifar-label/data_batch_4.bin
: >cifar-empty/data_batch_1.bin
{ printf '\000\000\010\003\000\000\000\002\000\000\000\002\000\000\000\002' && zeros 8; } >sizes/train-images-idx3-ubyte
{ printf '\000\000\010\003\000\000\000\002\000\000\000\003\000\000\000\002' && zeros 12; } >sizes/t10k-images-idx3-ubyte
for part in train t10k; do
    printf '\000\000\010\001\000\000\000\002\000\001' >sizes/$part-labels-idx1-ubyte
done
run "halfwave train -q --threads 1 --model 'fc 8; act; fc 10' --epochs 2 --out good.safetensors" >/dev/null
seq 1 400 >numbers.txt
tr 0-9 a-j <numbers.txt >spelled.txt
yes x | head -n 99 | tr -d '\n' >same.txt
run "halfwave train -q --threads 1 --data text:numbers.txt --model 'embed 4; pos; res { ln; attn 2 causal }; unembed' \
    --max-steps 3 --batch 2 --out text.safetensors" >/dev/null
# Half of its feed-forward units die, and all others never rest: the rate is far too high.
sick="halfwave train -q --threads 1 --data text:numbers.txt --block 8 --lr 1 --max-steps 100 \
    --model 'embed 8; pos; res { ln; attn 2 causal }; res { ln; fc 16; act; fc 8 }; ln; unembed'"
run "$sick --out sick-text.safetensors && $sick --out sick-text.onnx" >/dev/null
printf 'zero: 0%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 >letters.txt
head -c 300 good.safetensors >truncated.safetensors
cp good.safetensors other.safetensors
run "halfwave train -q --normalize --data tiny.csv --model 'fc 4; act; fc 2' --epochs 2 --batch 4 --out normal.safetensors" >/dev/null
cut -d , -f 1-2 tiny.csv >tiny-values.csv
# Five of the built-in digits, which are divided by 16, without and with their labels.
head -n 5 "$source_dir/data/digits.csv" |
    awk -F , '{ for (i = 1; i <= 64; i++) printf "%g,", $i / 16; print $65 }' >five-labels.csv
cut -d , -f 1-64 five-labels.csv >five.csv
# Small models and their samples (tests/cli/models/make.py).
cp "$source_dir"/tests/cli/models/*.onnx "$source_dir"/tests/cli/models/*.np[yz] .
mv x.npy x4.npy
# npy FILE DESCR ORDER SHAPE BYTES: an array of NumPy's by hand.
npy() {
    header="{'descr': '$2', 'fortran_order': $3, 'shape': $4, }"
    printf "\\223NUMPY\\001\\000\\$(printf %o ${#header})\\000%s$5" "$header" >"$1"
}
one='\000\000\200\077' two='\000\000\000\300' nan='\000\000\300\177' zero='\000\000\000\200'
npy x.npy '<f4' False '(2, 2)' "$one$two$nan$zero"
npy dy.npy '<f4' False '(2, 2)' "$two$two$one$one"
npy big.npy '>f4' False '(1,)' '\100\000\000\000'
npy fortran.npy '<f4' True '(2, 2)' "$one$two$nan$zero"
npy row.npy '<f4' False '(4,)' "$one$two$nan$zero"
npy double.npy '<f8' False '(2, 2)' "$one$two$nan$zero$one$two$nan$zero"
npy integers.npy '<i4' False '(2, 2)' "$one$two$nan$zero"
npy half.npy '<f2' False '(2,)' "$one"
npy cut.npy '<f4' False '(2, 2)' "$one$two$nan"
npy long.npy '<f4' False '(1,)' "$one$two"
npy mask.npy '<u8' False '(1, 1)' '\001\000\000\000\000\000\000\000'
head -c 300 x4.npy >cut4.npy
head -c 300 mlp.onnx >cut.onnx
yes 3 | head -n 20 >classes.csv
echo '{"halfwave": "something else"}' >not-stats.json
echo "not a checkpoint, and not to be overwritten" >kept.safetensors

# What depends on the machine, the build, the clock, and the list of operators (a new one changes no file here).
# Of JSON's numbers five decimals: the rest is the rounding of kernels, which other tests bound.
stable() {
    sed -E -e 's/[0-9.]+ (ns|us|ms|s) each/TIME each/' \
        -e 's/("(ms_per_step|ms_before|ms_after|seconds)": )[0-9.e-]+/\1TIME/' -e 's/^time: .*/time: .../' \
        -e 's/\b[0-9a-f]{64}\b/SHA256/' \
        -e 's/(": -?[0-9]+\.[0-9]{5})[0-9]+/\1/' -e 's/(\[[0-9]+, [0-9]+\.[0-9]{5})[0-9]+/\1/' \
        -e 's/(, scalar, )[0-9]+ threads?/\1N threads/' -e 's/("threads": )[0-9]+/\1N/' \
        -e 's/^(version|runnable|threads|cache|zlib|compiler)( +).*/\1\2.../' -e 's/^halfwave [0-9.]+$/halfwave VERSION/' \
        -e 's/^(  (identity|relu|leaky_relu|prelu|sigmoid|tanh).* [0-9]+ of [0-9]+) +[0-9.]+$/\1 TIME/' \
        -e 's/^((relu|leaky_relu|sigmoid|tanh).* of [0-9]+) +[0-9.]+ +[0-9.e-]+$/\1 TIME SECONDS/' \
        -e 's/runnable here: .*/runnable here: .../' -e 's/(known:|there are|have one:) identity, .*/\1 .../' \
        -e '/^activation +formula/,/^$/d' -e 's/a header of [0-9]+ bytes, but the file has [0-9]+/a header of N bytes, but the file has N/'
}

check() {
    name=$1 wanted=$2 command=$3
    code=0
    run "$command" >"$scratch/out" 2>"$scratch/err" </dev/null || code=$?
    {
        printf '$ %s\n' "$command"
        stable <"$scratch/out"
        if [ -s "$scratch/err" ]; then
            printf '%s\n' '--- stderr'
            stable <"$scratch/err"
        fi
        printf '%s\n' "--- exit $code"
    } >"$scratch/got/$name"
    if [ "$code" != "$wanted" ]; then
        finding "$name: exit $code, expected $wanted: $command"
        cat "$scratch/err"
    fi
    if [ "$update" = --update ]; then
        cp "$scratch/got/$name" "$expected/$name"
    elif ! diff -u "$expected/$name" "$scratch/got/$name" >"$scratch/diff" 2>&1; then
        finding "$name: the output differs:"
        sed 's/^/    /' "$scratch/diff"
    fi
    if LC_ALL=C grep -q "$(printf '\033')" "$scratch/out" "$scratch/err"; then
        finding "$name: escape codes in a file"
    fi
    if [ "$code" = 2 ] && [ -s "$scratch/out" ]; then
        finding "$name: a usage error wrote to stdout"
    fi
}

total=0
[ "$update" != --update ] || mkdir -p "$expected"
while IFS='|' read -r name wanted command; do
    name=$(printf '%s' "$name" | tr -d ' ')
    case $name in '' | '#'*) continue ;; esac
    [ -z "$only" ] || [ "$only" = "$name" ] || continue
    total=$((total + 1))
    check "$name" "$(printf '%s' "$wanted" | tr -d ' ')" "${command# }"
done <"$cases"
[ "$(cat kept.safetensors)" = "not a checkpoint, and not to be overwritten" ] ||
    finding "a refused checkpoint overwrote --out"
for form in "" --json "--html resumed.html"; do
    run "halfwave train -q --threads 1 --resume good.safetensors $form" >resumed.txt ||
        finding "a run that was over could not be resumed: $form"
    grep -q '[ >:]nan' resumed.txt && finding "a run that was over, resumed, says nan: $form"
done
grep -q '>nan' resumed.html && finding "the page of a run that was over, resumed, says nan"
cmp -s good.safetensors other.safetensors || finding "a refused run overwrote the checkpoint of another model"
[ "$total" -gt 0 ] || finding "no case ran"
if [ -z "$only" ]; then
    for stored in "$expected"/*; do
        [ -f "$scratch/got/${stored##*/}" ] || finding "expected/${stored##*/} belongs to no case"
    done
fi
printf '%s cases\n' "$total"
finish
