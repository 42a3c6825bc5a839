# SPDX-License-Identifier: MIT
# Completion of halfwave for bash. Written by `halfwave help --completion`.
_halfwave()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} names='' files=''
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W 'demo train eval predict generate check fix merge compare apply plot gradcheck bench info help --help --version' -- "$word")
        return
    fi
    case $before in
    --data) names='digits fashion-mnist mnist:DIR cifar10:DIR idx:IMAGES,LABELS csv:FILE npy:X,LABELS npz:FILE text:FILE text-bytes:FILE' files=1 ;;
    --data) names='digits fashion-mnist mnist:DIR cifar10:DIR idx:IMAGES,LABELS csv:FILE npy:X,LABELS npz:FILE text:FILE text-bytes:FILE' files=1 ;;
    --labels) files=1 ;;
    --input) return ;;
    --mean) return ;;
    --std) return ;;
    --shape) return ;;
    --group) return ;;
    --unit-axis) return ;;
    --shift) return ;;
    --cutout) return ;;
    --block) return ;;
    --model) names='mlp lenet vgg-small resnet-small char-gpt char-gpt-post vit-tiny' ;;
    --act) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)' glu reglu geglu geglu_tanh swiglu' ;;
    --act) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)'' ;;
    --acts) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)' glu reglu geglu geglu_tanh swiglu' ;;
    --norm) names='layer rms none' ;;
    --norms) names='layer rms none' ;;
    --part) names='test train' ;;
    --init) names='auto he xavier pytorch gpt' ;;
    --optimizer) names='sgd adam adamw' ;;
    --lr) return ;;
    --lrs) return ;;
    --momentum) return ;;
    --weight-decay) return ;;
    --beta1) return ;;
    --beta2) return ;;
    --eps) return ;;
    --clip) return ;;
    --schedule) names='constant step multi_step cosine' ;;
    --warmup) return ;;
    --step-every) return ;;
    --milestones) return ;;
    --gamma) return ;;
    --lr-min) return ;;
    --smoothing) return ;;
    --batch) return ;;
    --accumulate) return ;;
    --epochs) return ;;
    --max-steps) return ;;
    --eval-every) return ;;
    --sample-tokens) return ;;
    --sample-every) return ;;
    --until-train-error) return ;;
    --conv) names='auto direct' ;;
    --cure) names='none recycle prelu rate' ;;
    --cures) names='none recycle prelu rate' ;;
    --seeds) return ;;
    --bound) return ;;
    --fail-over) return ;;
    --unit) return ;;
    --bias-shift) return ;;
    --leaky) return ;;
    --layers) return ;;
    --keep-margin) return ;;
    --save-stats) files=1 ;;
    --out) files=1 ;;
    --report) files=1 ;;
    --in) files=1 ;;
    --grad) files=1 ;;
    --mask) files=1 ;;
    --checkpoint-every) return ;;
    --resume) files=1 ;;
    --log) files=1 ;;
    --html) files=1 ;;
    --pictures) files=1 ;;
    --from) return ;;
    --to) return ;;
    --prompt) return ;;
    --tokens) return ;;
    --temperature) return ;;
    --top-k) return ;;
    --top-p) return ;;
    --param) return ;;
    --tier) names='accurate fast' ;;
    --svg) files=1 ;;
    --plant) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)'' ;;
    --dtype) names='f32' ;;
    --pass) names='forward backward both' ;;
    --bytes) return ;;
    --rounds) return ;;
    --seed) return ;;
    --threads) return ;;
    --isa) names='scalar sse2 avx2 avx512 neon' ;;
    --color) names='auto always never' ;;
    *)
        case ${COMP_WORDS[1]} in
        demo) names='cost gradient learning convergence transformer death norm --html --all --pictures --seed --threads --isa --json --color --quiet --verbose --help' ;;
        train) names='--data --normalize --shift --flip --cutout --block --model --act --norm --init --optimizer --lr --momentum --nesterov --weight-decay --decay-all --beta1 --beta2 --eps --clip --schedule --warmup --warmup-from-zero --step-every --milestones --gamma --lr-min --smoothing --batch --accumulate --epochs --max-steps --eval-every --sample-tokens --sample-every --until-train-error --conv --watch --explain --cure --out --checkpoint-every --resume --log --html --svg --seed --threads --isa --json --color --quiet --verbose --help' ;;
        eval) names='--data --labels --input --mean --std --unscaled --shape --part --seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        predict) names='--input --mean --std --unscaled --shape --out --seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        generate) names='--prompt --tokens --temperature --top-k --top-p --no-skip --seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        check) names='--data --labels --input --mean --std --unscaled --shape --group --unit-axis --act --part --bound --fail-over --unit --no-treatments --save-stats --html --seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        fix) names='--data --input --mean --std --unscaled --shape --group --part --bound --prune --recycle --bias-shift --insert-norm --prelu --leaky --layers --keep-margin --dry-run --out --report --seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        merge) names='--out --seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        compare) names='--data --normalize --shift --flip --cutout --block --model --acts --norm --norms --init --optimizer --lr --lrs --momentum --nesterov --weight-decay --decay-all --beta1 --beta2 --eps --clip --schedule --warmup --warmup-from-zero --step-every --milestones --gamma --lr-min --smoothing --batch --accumulate --epochs --max-steps --eval-every --until-train-error --cures --seeds --html --svg --seed --threads --isa --json --color --quiet --verbose --help' ;;
        apply) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)' glu reglu geglu geglu_tanh swiglu --out --in --grad --mask --param --tier --list --seed --threads --isa --json --color --quiet --verbose --help' ;;
        plot) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)' --derivative --from --to --param --svg --seed --threads --isa --json --color --quiet --verbose --help' ;;
        gradcheck) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)' --plant --seed --threads --isa --json --color --quiet --verbose --help' ;;
        bench) names=''$("${COMP_WORDS[0]}" help --operators 2>/dev/null)' --dtype --pass --bytes --rounds --seed --threads --isa --json --color --quiet --verbose --help' ;;
        info) names='--seed --threads --isa --json --color --quiet --verbose --help' files=1 ;;
        help) names='demo train eval predict generate check fix merge compare apply plot gradcheck bench info help --man --operators --completion --color --quiet --verbose --help' ;;
        esac ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$names" -- "$word")
    if [ -n "$files" ] && [ "${word#-}" = "$word" ]; then
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$word")
        compopt -o filenames 2>/dev/null
    fi
}
complete -F _halfwave halfwave
