#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# What a stored output cannot show: the same bits for any number of threads and after a resumed run,
# interruption, broken streams, shortage of memory, JSON of every command, colour, width.
. "$(dirname "$0")/../support/script.sh"
use_tool
unset NO_COLOR HALFWAVE_ISA COLUMNS LINES LANG LC_CTYPE || true
TERM=xterm
export TERM

# equal WHAT WANTED GOT
equal() {
    [ "$2" = "$3" ] || finding "$1: '$3', expected '$2'"
}

# exits WHAT CODE COMMAND...
exits() {
    what=$1 wanted=$2 code=0
    shift 2
    "$@" >out.txt 2>err.txt </dev/null || code=$?
    equal "exit code of $what" "$wanted" "$code"
}

# interrupted WHAT SECONDS: the process in the background gets Ctrl-C then, and ends with 130.
interrupted() {
    process=$!
    sleep "$2"
    kill -INT $process
    code=0
    wait $process || code=$?
    equal "exit code of an interrupted $1" 130 "$code"
}

train() {
    "$tool" train -q --data digits --model 'fc 16; act; fc 10' --act relu --lr 0.05 --momentum 0.9 --batch 32 "$@"
}

hash_of() {
    "$get" weights_sha256
}

# --- the same bits
for isa in $("$tool" info | sed -n 's/^runnable *//p'); do
    one=$(train --epochs 4 --json --threads 1 --isa "$isa" | hash_of)
    for threads in 2 3; do
        equal "$isa, weights with $threads threads" "$one" \
            "$(train --epochs 4 --json --threads $threads --isa "$isa" | hash_of)"
    done
done
for options in '' '--optimizer adam --lr 0.01 --schedule cosine --warmup 20 --clip 1' '--nesterov --act prelu' \
    '--normalize --shift 1 --flip --cutout 3'; do
    # Later options win over those of train() nowhere: each may be given once only.
    set -- --data digits --model 'fc 16; act; fc 10' --epochs 5 --json -q
    # shellcheck disable=SC2086
    whole=$("$tool" train "$@" $options | hash_of)
    # shellcheck disable=SC2086
    "$tool" train "$@" $options --max-steps 101 --out cut.safetensors >/dev/null
    # shellcheck disable=SC2086
    equal "weights of a resumed run ($options)" "$whole" \
        "$("$tool" train "$@" $options --threads 2 --resume cut.safetensors | hash_of)"
    rm cut.safetensors
done
other=$(train --epochs 4 --json --seed 2 | hash_of)
[ "$other" != "$(train --epochs 4 --json --seed 3 | hash_of)" ] || finding "two seeds give the same weights"

# --- Ctrl-C: a checkpoint, one JSON object, and the run can go on
"$tool" train -q --model 'fc 16; act; fc 10' --epochs 1000000 --json --out stopped.safetensors >stopped.json 2>/dev/null &
interrupted run 1
equal "interrupted" true "$("$get" interrupted <stopped.json)"
steps=$(($("$get" steps <stopped.json) + 50))
equal "weights after an interruption" "$(train --epochs 1000000 --max-steps $steps --json | hash_of)" \
    "$(train --epochs 1000000 --max-steps $steps --json --resume stopped.safetensors | hash_of)"

# --- text is written as it comes, and what was written stays
seq 1 400 >numbers.txt
"$tool" train -q --data text:numbers.txt --model 'embed 8; pos; res { ln; attn 2 causal }; unembed' --max-steps 9 \
    --out text.safetensors >/dev/null
"$tool" generate text.safetensors --tokens 9007199254740992 >text.txt 2>err.txt &
interrupted "text" 1
grep -q 'interrupted after [1-9]' err.txt || finding "interrupted text: $(cat err.txt)"
first=$("$tool" generate -q text.safetensors --tokens 100 --threads 2)
[ "${#first}" -ge 100 ] || finding "text: ${#first} characters of 100"
equal "the beginning of an interrupted text" "$(printf '%s' "$first" | head -c 90)" "$(head -c 90 text.txt)"
exits "text on a full disk" 3 sh -c "'$tool' generate text.safetensors >/dev/full"
"$tool" generate -q text.safetensors --tokens 1000000000 --json >text.json 2>/dev/null &
interrupted "text with --json" 1
equal "text with --json, interrupted" true "$("$get" interrupted <text.json)"

# --- a log: JSON in every line
train --epochs 2 --log run.jsonl >/dev/null
while IFS= read -r line; do
    printf '%s\n' "$line" | "$get" || finding "log: not JSON: $line"
    break
done <run.jsonl
[ "$(wc -l <run.jsonl)" -ge 90 ] || finding "log: fewer lines than steps"
tail -n 1 run.jsonl | "$get" || finding "log: the last line is not JSON"

# --- streams
exits "a full disk" 3 sh -c "'$tool' info >/dev/full"
exits "a closed stdout" 3 sh -c "'$tool' info >&-"
exits "closed stdout and stderr" 3 sh -c "'$tool' info >&- 2>&-"
exits "a closed stderr" 0 sh -c "'$tool' train --epochs 1 2>&-"
# The reader must be gone before the first byte, or the pipe takes it.
exits "a reader that leaves" 3 sh -c "{ sleep 1; '$tool' plot relu --json; echo \$? >code; } | true; exit \$(cat code)"
# No file may take the place of a closed stdout.
exits "a checkpoint while stdout is closed" 3 sh -c \
    "'$tool' train -q --model 'fc 4; act; fc 10' --epochs 1 --out closed.safetensors >&-"
"$tool" eval closed.safetensors >/dev/null || finding "closed stdout: the checkpoint is damaged"

# --- compressed data that was cut or damaged
if "$tool" info | grep -q '^zlib.*yes'; then
    printf '\000\000\010\001\000\000\000\002\000\001' >labels
    { printf '\000\000\010\003\000\000\000\002\000\000\000\012\000\000\000\012' && head -c 200 /dev/zero; } |
        gzip -n >whole.gz
    size=$(wc -c <whole.gz)
    exits "a whole .gz" 0 "$tool" train -q --data idx:whole.gz,labels --model 'fc 2' --batch 1 --epochs 1
    head -c $((size - 9)) whole.gz >cut.gz
    exits "a .gz that was cut" 3 "$tool" train --data idx:cut.gz,labels
    grep -q 'the gzip data ends in the middle' err.txt || finding "a .gz that was cut: $(cat err.txt)"
    { head -c $((size - 6)) whole.gz && printf 'xx' && tail -c 4 whole.gz; } >damaged.gz
    exits "a damaged .gz" 3 "$tool" train --data idx:damaged.gz,labels
    grep -q 'checksum of the gzip data is wrong' err.txt || finding "a damaged .gz: $(cat err.txt)"
fi

# --- memory: an answer, never a crash
if [ -z "$(cached HALFWAVE_SANITIZE)" ]; then
    started=0
    for kib in 4000 5000 6000 7000 8000 9000 10000 12000; do
        code=0
        # A loader without room for its libraries ends the program before its first line, by 127 or a signal.
        # shellcheck disable=SC3045
        (ulimit -v $kib && exec "$tool" --version) >out.txt 2>&1 || code=$?
        [ "$code" != 127 ] || grep -q 'shared librar' out.txt || finding "with $kib KiB: $(cat out.txt)"
        [ "$code" -lt 127 ] || continue
        code=0
        # shellcheck disable=SC3045
        (ulimit -v $kib && train --epochs 1 --threads 1) >out.txt 2>err.txt || code=$?
        case $code in 0 | 4) started=$((started + 1)) ;; *) finding "with $kib KiB: exit $code: $(cat err.txt)" ;; esac
    done
    [ $started -ge 3 ] || finding "with little memory: the program started $started times"
    # shellcheck disable=SC3045
    (ulimit -v 60000 && "$tool" train -q --model 'fc 4000; act; fc 4000; act; fc 10' --max-steps 1) 2>err.txt && code=0 ||
        code=$?
    equal "exit code without memory" 4 "$code"
    exits "impossible sizes" 4 "$tool" train --model 'fc 4000000000; act; fc 10' --epochs 1
fi

# --- JSON: one object, schema and command in it
json() {
    command=$1
    "$tool" "$@" --json >"$command.json" 2>err.txt || finding "$* --json: exit $?: $(cat err.txt)"
    equal "$command: schema" 1 "$("$get" schema <"$command.json")"
    equal "$command: command" "$command" "$("$get" command <"$command.json")"
}
json info
for key in version isa isas.0 threads operators.0.name; do
    "$get" $key <info.json >/dev/null || finding "info: no $key"
done
json train -q --epochs 2 --out model.safetensors
for key in test_error train_loss ms_per_step steps weights_sha256 layers.0.dead layers.0.units layers.0.zeros \
    params options.lr history.1.train_loss; do
    "$get" $key <train.json >/dev/null || finding "train: no $key"
done
json eval model.safetensors -q
equal "eval gives train's error" "$("$get" test_error <train.json)" "$("$get" error <eval.json)"
equal "eval: confusion" "array 10" "$("$get" confusion <eval.json)"
"$tool" train -q --data "$source_dir/data/digits.csv" --model 'fc 16; act; fc 10' --epochs 2 --out csv.safetensors >/dev/null
cut -d , -f 1-64 "$source_dir/data/digits.csv" >values.csv
json predict csv.safetensors values.csv -q
equal "predict: predictions" "array 1797" "$("$get" predictions <predict.json)"
equal "predict: probabilities" "array 10" "$("$get" predictions.9.probabilities <predict.json)"
equal "predict: likeliest class" "$("$tool" predict -q csv.safetensors values.csv | sed -n 1797p | cut -f 2)" \
    "$("$get" predictions.1795.class <predict.json)"
tail -n 360 "$source_dir/data/digits.csv" | cut -d , -f 65 >truth
"$tool" predict -q csv.safetensors values.csv | tail -n 360 | cut -f 2 >said
"$tool" eval -q csv.safetensors --data "$source_dir/data/digits.csv" --json >other.json
equal "predict is wrong where eval is" "$("$get" error <other.json | awk '{ printf "%.0f", $1 * 360 }')" \
    "$(paste truth said | awk '$1 != $2' | grep -c .)"
json compare -q --acts relu,tanh --seeds 2 --epochs 2 --until-train-error 40%
equal "compare: runs" "array 4" "$("$get" runs <compare.json)"
equal "compare: order" "relu relu tanh " "$("$get" runs.0.act runs.1.act runs.2.act <compare.json | tr '\n' ' ')"
equal "compare: seeds" "1 2 " "$("$get" runs.0.seed runs.1.seed <compare.json | tr '\n' ' ')"
"$get" runs.3.epochs_to_target runs.3.weights_sha256 runs.3.layers.1.dead <compare.json >/dev/null ||
    finding "compare: keys are missing"
"$tool" train -q --epochs 2 --seed 2 --until-train-error 40% --json >same.json
equal "compare runs what train runs" "$("$get" weights_sha256 <same.json)" "$("$get" runs.1.weights_sha256 <compare.json)"
# One rate for all seeds of an activation, and the one that train picks.
json compare -q --acts relu,sigmoid --seeds 2 --epochs 2 --lr auto
equal "compare --lr auto: options" auto "$("$get" options.lr <compare.json)"
equal "compare --lr auto: seeds of one rate" "$("$get" runs.2.lr <compare.json)" "$("$get" runs.3.lr <compare.json)"
[ "$("$get" runs.0.lr <compare.json)" != "$("$get" runs.2.lr <compare.json)" ] ||
    finding "compare --lr auto: relu and sigmoid have one rate"
"$tool" train -q --epochs 2 --act sigmoid --lr auto --threads 2 --json >same.json
equal "train --lr auto: compare's rate" "$("$get" runs.2.lr <compare.json)" "$("$get" lr <same.json)"
"$tool" train -q --epochs 2 --act sigmoid --lr "$("$get" lr <same.json)" --json >given.json
equal "train --lr auto: as with that rate given" "$("$get" weights_sha256 <given.json)" \
    "$("$get" weights_sha256 <same.json)"
json plot relu --from -1 --to 1
equal "plot: relu'(1)" 1 "$("$get" curves.0.derivative.800 <plot.json)"
json apply --list
equal "apply --list: slope" slope "$("$get" operators.2.params.0.name <apply.json)"
# What watches a run, or exports it, changes none of its bits; the file that is written is the same network.
"$tool" train -q --epochs 3 --lr 1 --json >plain.json
json train -q --epochs 3 --lr 1 --watch --log watch.jsonl --out watched.onnx
equal "train --watch keeps the bits" "$("$get" weights_sha256 <plain.json)" "$("$get" weights_sha256 <train.json)"
equal "train --watch: epochs" "array 4" "$("$get" watch.epochs <train.json)"
deaths=$("$get" watch.deaths <train.json)
[ "$deaths" != "array 0" ] || finding "train --watch: nothing dies at a rate of 1"
equal "train --watch: deaths in the log" "$(grep -c '"born_dead": false' train.json)" \
    "$(grep -c '"event": "death"' watch.jsonl)"
last=$("$get" watch.epochs.3.layers.0.dead <train.json)
equal "train --watch: the last epoch is the log's" "$last" \
    "$(grep '"event": "units"' watch.jsonl | grep '"epoch": 3' | head -n 1 | "$get" dead)"
[ "$("$get" watch.epochs.0.layers.0.gradient_rms <train.json)" != 0 ] || finding "train --watch: no gradient at first"
# Attention that nobody trained yet shares out evenly, but for weights that are not quite zero.
seq 9000 >numbers.txt
json train -q --data text:numbers.txt --model 'embed 8; pos; attn 2 causal; fc 8; act; unembed' --max-steps 3 \
    --lr 0.001 --watch --log watch.jsonl
equal "train --watch: attentions" attn1 "$("$get" watch.epochs.0.attentions.0.name <train.json)"
case $("$get" watch.epochs.0.attentions.0.evenness <train.json) in
0.99*) ;;
*) finding "train --watch: attention is not even at first" ;;
esac
equal "train --watch: attention in the log" "$("$get" watch.epochs.1.attentions.0.entropy_bits <train.json)" \
    "$(grep '"event": "attention"' watch.jsonl | head -n 1 | "$get" entropy_bits)"
"$tool" train -q --epochs 3 --lr 1 --out watched.safetensors >/dev/null
"$tool" check watched.safetensors --data digits --json >ours.json || true
"$tool" check watched.onnx --data digits --json >theirs.json || true
equal "a checkpoint's dead units are those counted in training" "$last" "$("$get" layers.0.silent <ours.json)"
for path in verdict samples layers layers.0.op 'layers.0.silent_units.*' 'layers.1.silent_units.*' layers.1.always_on; do
    equal "check of an exported model: $path" "$("$get" "$path" <ours.json)" "$("$get" "$path" <theirs.json)"
done
"$tool" eval -q watched.safetensors --json >ours.json
"$tool" eval -q watched.onnx --json >theirs.json
equal "eval of an exported model" "$("$get" error <ours.json)" "$("$get" error <theirs.json)"
json gradcheck relu
equal "gradcheck: failed" 0 "$("$get" failed <gradcheck.json)"
json bench relu --bytes 32KiB,64KiB --rounds 3
equal "bench: rows" "array 4" "$("$get" rows <bench.json)"
for key in op dtype pass bytes threads isa gb_per_s ceiling_gb_per_s; do
    "$get" rows.3.$key <bench.json >/dev/null || finding "bench: no $key"
done
json demo gradient
equal "demo: claims" "gradient" "$("$get" claims.0.name <demo.json)"
equal "demo: page" "halfwave-demo.html" "$("$get" page <demo.json)"

# --- pages
whole_page() {
    equal "first line of $1" "<!DOCTYPE html>" "$(head -n 1 "$1")"
    equal "last line of $1" "</html>" "$(tail -n 1 "$1")"
}
whole_page halfwave-demo.html
exits "demo -q" 0 "$tool" demo gradient -q --html other.html
equal "last line of the demo" "other.html" "$(tail -n 1 out.txt)"
whole_page other.html
exits "demo into nothing" 0 "$tool" demo gradient -q --html /dev/null
equal "last line of a demo into nothing" "/dev/null" "$(tail -n 1 out.txt)"
exits "train --html" 0 "$tool" train -q --epochs 2 --html train.html
cp out.txt plain.txt
whole_page train.html
exits "train" 0 "$tool" train -q --epochs 2
equal "train --html prints what train prints" "$(grep -v each plain.txt)" "$(grep -v each out.txt)"
# A run within its first epoch, one that diverged and one that was interrupted have a page too.
exits "train of 3 steps --html" 0 "$tool" train -q --max-steps 3 --html short.html
whole_page short.html
exits "a diverged run --html" 1 "$tool" train -q --lr 1e30 --html diverged.html
whole_page diverged.html
grep -q '>diverged<' diverged.html || finding "diverged.html does not say so"
"$tool" train -q --epochs 1000000 --html stopped.html >out.txt 2>err.txt &
interrupted "run with --html" 0.5
whole_page stopped.html
grep -q '>interrupted<' stopped.html || finding "stopped.html does not say so"
exits "compare --html --json" 0 "$tool" compare -q --acts relu,tanh --seeds 2 --epochs 2 --json --html compare.html
"$get" <out.txt || finding "compare --html --json prints more than JSON"
whole_page compare.html
exits "compare of one epoch --html" 0 "$tool" compare -q --acts relu --seeds 1 --max-steps 3 --html one.html
whole_page one.html
for page in ./*.html; do
    [ "$(wc -c <"$page")" -lt 200000 ] || finding "$page: $(wc -c <"$page") bytes"
done
# An interrupted demo writes none and leaves an older one as it was.
echo "an older page" >older.html
"$tool" demo -q --html older.html >out.txt 2>err.txt &
interrupted demo 0.5
equal "page of an interrupted demo" "an older page" "$(cat older.html)"

# --- colour and width
escape=$(printf '\033')
coloured() {
    grep -q "$escape" out.txt
}
exits "plot to a file" 0 "$tool" plot relu
! coloured || finding "colour in a file"
exits "plot --color always" 0 "$tool" plot relu --color always
coloured || finding "--color always: no colour"
exits "NO_COLOR" 0 env NO_COLOR=1 "$tool" plot relu --color auto
! coloured || finding "colour in spite of NO_COLOR"
# A system without pseudo-terminals (a bare chroot) cannot show this.
if command -v script >/dev/null 2>&1 && script -qec "test -t 1" /dev/null >/dev/null 2>&1 </dev/null; then
    script -qec "$tool plot relu" /dev/null >out.txt 2>/dev/null </dev/null || true
    coloured || finding "no colour on a terminal"
    script -qec "NO_COLOR=1 $tool train --epochs 3" /dev/null >out.txt 2>/dev/null </dev/null || true
    ! coloured || finding "terminal with NO_COLOR: escape codes"
    script -qec "TERM=dumb $tool train --epochs 3" /dev/null >out.txt 2>/dev/null </dev/null || true
    ! coloured || finding "dumb terminal: escape codes"
fi
for command in demo train eval predict check fix merge compare apply plot gradcheck bench info help; do
    "$tool" $command --help >help.txt || finding "$command --help: exit $?"
    [ -z "$(awk 'length > 80' help.txt)" ] || finding "$command --help is wider than 80 columns"
    head -n 1 help.txt | grep -q '^Example' || finding "$command --help does not start with an example"
    "$tool" help $command | cmp -s - help.txt || finding "help $command and $command --help differ"
done

# --- every example of the short commands works as printed
"$tool" train --help | sed -n '2s/^ *halfwave //p' >example.txt
sh -c "'$tool' $(cat example.txt)" >/dev/null 2>&1 || finding "the first example of train fails: $(cat example.txt)"
sh -c "'$tool' $("$tool" plot --help | sed -n '2s/^ *halfwave //p')" >/dev/null || finding "the first example of plot fails"
finish
