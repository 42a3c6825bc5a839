#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Files stay under 700 lines, or stand in long-files.txt with the reason. Data is not counted.
. "$(dirname "$0")/../support/script.sh"
limit=700
list=$source_dir/tests/scripts/long-files.txt

# too_long ROOT FILE
too_long() {
    case $2 in
    data/* | tests/*/expected/* | tests/*/fixtures/* | *.svg | *.png | *.gz) return ;;
    esac
    lines=$(wc -l <"$1/$2")
    [ "$lines" -gt "$limit" ] || return 0
    grep -q "^$2: ." "$list" || echo "$2: $lines lines, over $limit and not in long-files.txt"
}

i=0
while [ $i -le "$limit" ]; do
    echo "int a$i;"
    i=$((i + 1))
done >"$scratch/planted.c"
must_find too_long "$scratch" planted.c
for file in $(project_files); do
    must_pass too_long "$source_dir" "$file"
done
# A reason outlives its file or its length otherwise.
grep -v '^#' "$list" | sed 's/:.*//' | while IFS= read -r file; do
    if [ ! -f "$source_dir/$file" ] || [ "$(wc -l <"$source_dir/$file")" -le "$limit" ]; then
        echo "$file: in long-files.txt without need"
    fi
done >"$scratch/needless"
[ ! -s "$scratch/needless" ] || finding "$(cat "$scratch/needless")"
finish
