#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Each public header compiles alone and silently in every dialect its users may have.
. "$(dirname "$0")/../support/script.sh"

# Only what is installed is in sight: no private header.
mkdir -p "$scratch/include/halfwave"
cp "$source_dir"/include/halfwave.h "$scratch/include/"
cp "$source_dir"/include/halfwave/*.h "$scratch/include/halfwave/"
for table in "$source_dir"/src/*/*.def; do
    if grep -q -r -F "halfwave/$(basename "$table")" "$source_dir/include"; then
        cp "$table" "$scratch/include/halfwave/"
    fi
done

# alone HEADER COMPILER LANGUAGE STANDARD: prints whatever the compiler says.
alone() {
    printf '#include "%s"\n#include "%s"\nextern int alone;\n' "$1" "$1" >"$scratch/alone.$3"
    if ! "$2" "-std=$4" -x "$3" -fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror \
        "-I$scratch/include" "$scratch/alone.$3" >"$scratch/said" 2>&1 || [ -s "$scratch/said" ]; then
        echo "$1 with $2 -std=$4:"
        cat "$scratch/said"
        echo "(it failed or was not silent)"
    fi
}

# usable COMPILER LANGUAGE STANDARD
usable() {
    command -v "$1" >/dev/null 2>&1 || return 1
    printf 'int x;\n' >"$scratch/probe.$2"
    "$1" "-std=$3" -x "$2" -fsyntax-only "$scratch/probe.$2" >/dev/null 2>&1
}

printf 'static inline unsigned char hwv_planted(int x) { return x; }\n' >"$scratch/include/halfwave/planted.h"
c_compiler=$(cached CMAKE_C_COMPILER)
must_find alone halfwave/planted.h "$c_compiler" c c11
printf '#include "base/system.h"\n' >"$scratch/include/halfwave/planted.h"
must_find alone halfwave/planted.h "$c_compiler" c c11
rm "$scratch/include/halfwave/planted.h"

dialects=0
cd "$scratch/include"
for combination in c:c99 c:c11 c++:c++11 c++:c++20; do
    language=${combination%:*}
    standard=${combination#*:}
    case $language in
    c) compilers="gcc clang" ;;
    *) compilers="g++ clang++" ;;
    esac
    [ "$language" != c ] || command -v gcc >/dev/null 2>&1 || compilers="$c_compiler $compilers"
    for compiler in $compilers; do
        usable "$compiler" "$language" "$standard" || continue
        dialects=$((dialects + 1))
        for header in halfwave.h halfwave/*.h; do
            must_pass alone "$header" "$compiler" "$language" "$standard"
        done
    done
done
[ $dialects -ge 3 ] || finding "only $dialects of the dialects could be tried: a C++ compiler is needed"
finish
