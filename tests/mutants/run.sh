#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The test of the tests: kernels are broken on purpose, one place at a time, in a scratch copy, and the tests of
# src/act must notice each. run.sh SOURCE-FOLDER SCRATCH-FOLDER [NAME...]: all mutants of list.txt, or these. A mutant
# that survives, that does not compile, or whose text is no longer found is a failure.
set -eu
LC_ALL=C
export LC_ALL
source_dir=$1
scratch=$2
shift 2
list=$source_dir/tests/mutants/list.txt
tree=$scratch/tree
build=$scratch/build

# The value of a field of mutant $1.
field() {
    awk -v name="$1" -v key="$2" '
        /^name: / { here = substr($0, 7) == name }
        here && index($0, key ": ") == 1 { print substr($0, length(key) + 3); exit }
    ' "$list"
}

# mutate NAME: writes the broken file and keeps the original, or says why it cannot.
mutate() {
    mutated=$(field "$1" file)
    FROM=$(field "$1" from) TO=$(field "$1" to) AFTER=$(field "$1" after) awk '
        { text = text $0 "\n" }
        END {
            from = ENVIRON["FROM"]; start = 1
            if (ENVIRON["AFTER"] != "") {
                start = index(text, ENVIRON["AFTER"])
                if (!start) exit 3
            }
            at = index(substr(text, start), from)
            if (!at || from == "") exit 3
            at += start - 1
            rest = substr(text, at + length(from))
            if (ENVIRON["AFTER"] == "" && index(rest, from)) exit 4
            printf "%s%s%s", substr(text, 1, at - 1), ENVIRON["TO"], rest
        }
    ' "$tree/$mutated" >"$scratch/mutant" || {
        case $? in
        4) echo "its text occurs more than once in $mutated" ;;
        *) echo "its text is not in $mutated" ;;
        esac
        return 1
    }
    cp "$tree/$mutated" "$scratch/original"
    cp "$scratch/mutant" "$tree/$mutated"
}

# builds: the tests of src/act only.
builds() {
    # One word each.
    # shellcheck disable=SC2086
    cmake --build "$build" --target $targets >"$scratch/build.log" 2>&1
}

# The first test that fails, nothing if all pass; the expected one goes first.
killer() {
    if [ -n "$1" ] && ! ctest --test-dir "$build" -R "^$1\$" --no-tests=error >"$scratch/test.log" 2>&1; then
        echo "$1"
        return
    fi
    ctest --test-dir "$build" -R "$tests" --stop-on-failure >"$scratch/test.log" 2>&1 ||
        sed -n -E 's/^ *[0-9]+\/[0-9]+ Test +#[0-9]+: ([^ ]+) .*(\*\*\*|Failed).*/\1/p' "$scratch/test.log" |
        grep -v '\*\*\*Skipped' | head -n 1
}

mkdir -p "$tree"
rm -rf "${tree:?}"/*
(cd "$source_dir" && {
    git -c safe.directory='*' ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -type f ! -path './build*'
} | while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done | tar cf - -T -) | tar xf - -C "$tree"
generator=""
if ! [ -f "$build/CMakeCache.txt" ] && command -v ninja >/dev/null 2>&1; then
    generator=-GNinja
fi
# shellcheck disable=SC2086
cmake -S "$tree" -B "$build" $generator -DHALFWAVE_TESTS=ON >"$scratch/configure.log" 2>&1
# What is built and run: everything of the floor act.
tests='^act-'
targets=$(ctest --test-dir "$build" -N -R "$tests" | sed -n 's/^ *Test *#[0-9]*: //p' | tr '\n' ' ')
targets=$(for name in $targets; do [ "$name" = act-table ] && echo act-sweep || echo "$name"; done | tr '\n' ' ')

if ! builds || [ -n "$(killer "")" ]; then
    echo "the tests do not pass before anything is broken:"
    tail -n 20 "$scratch/build.log"
    tail -n 20 "$scratch/test.log" 2>/dev/null
    exit 1
fi

killed=0
wrong=0
names=$*
[ -n "$names" ] || names=$(sed -n 's/^name: //p' "$list")
for name in $names; do
    if ! reason=$(mutate "$name"); then
        wrong=$((wrong + 1))
        echo "$name: ERROR, $reason"
        continue
    fi
    mutated=$(field "$name" file)
    if ! builds; then
        wrong=$((wrong + 1))
        echo "$name: ERROR, does not compile"
        grep -m 3 error "$scratch/build.log" || true
    else
        by=$(killer "$(field "$name" killer)")
        if [ -n "$by" ]; then
            killed=$((killed + 1))
            echo "$name: killed by $by"
        else
            wrong=$((wrong + 1))
            echo "$name: SURVIVED"
        fi
    fi
    cp "$scratch/original" "$tree/$mutated"
done
echo "mutants: $killed killed, $wrong not"
[ "$wrong" = 0 ]
