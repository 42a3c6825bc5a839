#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# One layout: clang-format 14 with the project's .clang-format changes nothing. Other versions lay out
# differently, so they are not asked.
. "$(dirname "$0")/../support/script.sh"

tool=""
for candidate in clang-format-14 clang-format; do
    if command -v $candidate >/dev/null 2>&1 && $candidate --version | grep -q 'version 14\.'; then
        tool=$candidate
        break
    fi
done
[ -n "$tool" ] || skip "clang-format 14 is not here"

# laid_out_otherwise FILE...
laid_out_otherwise() {
    "$tool" --style="file:$source_dir/.clang-format" --dry-run -Werror "$@" 2>&1 || true
}

printf 'int  f( int x ){return x ;}\n' >"$scratch/planted.c"
must_find laid_out_otherwise "$scratch/planted.c"
cd "$source_dir"
# One file a word: the project's names have no spaces.
# shellcheck disable=SC2046
must_pass laid_out_otherwise $(c_files | grep -E '\.[ch]$')
finish
