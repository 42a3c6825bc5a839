#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# A floor sees the floors below it and none above: an upward #include does not compile, no #include climbs
# with "..", the tool's own files see public headers, report and study only, and no object asks for a
# symbol that a floor above defines.
. "$(dirname "$0")/../support/script.sh"
floors=$(sed -n 's/^set(HWV_FLOORS \(.*\))$/\1/p' "$source_dir/cmake/floors.cmake")
commands=$build_dir/compile_commands.json
compiler=$(cached CMAKE_C_COMPILER)

# The -I options with which the build compiles files of a folder such as src/act.
includes_of() {
    grep -F "\"command\"" "$commands" | grep -E -- "-c [^ ]*/$1/[^/ ]+\.c\"" | head -n 1 |
        tr ' ' '\n' | grep '^-I' || true
}

# Any private header of a floor.
header_of() {
    find "$source_dir/src/$1" -maxdepth 1 -name '*.h' | sort | head -n 1 | sed "s|.*/|$1/|"
}

# refuses FOLDER HEADER: prints a line unless the compiler does not find HEADER for a file of FOLDER.
refuses() {
    printf '#include "%s"\nextern int planted;\n' "$2" >"$scratch/planted.c"
    # One option a word.
    # shellcheck disable=SC2046
    "$compiler" $(includes_of "$1") -fsyntax-only "$scratch/planted.c" >"$scratch/said" 2>&1 || true
    grep -q -E 'planted\.c:1:.*(No such file|file not found)' "$scratch/said" || echo "$1 may include $2"
}

tried=0
for floor in $floors; do
    [ -n "$(includes_of "src/$floor")" ] || continue
    seen=0
    for other in $floors; do
        [ "$other" != "$floor" ] || {
            seen=1
            continue
        }
        header=$(header_of "$other")
        [ -n "$header" ] || continue
        if [ $seen = 1 ]; then
            must_pass refuses "src/$floor" "$header"
            tried=$((tried + 1))
        else
            # The planted line would have compiled had it pointed down: the refusal above means something.
            must_find refuses "src/$floor" "$header"
        fi
    done
done
[ $tried -ge 10 ] || finding "only $tried upward includes could be tried"

if [ -n "$(includes_of cli)" ]; then
    for floor in base act linalg graph model io train; do
        header=$(header_of $floor)
        [ -z "$header" ] || must_pass refuses cli "$header"
    done
    must_find refuses cli "$(header_of report)"
    must_find refuses cli halfwave/status.h
fi

# climbing FILE: includes that leave their folder.
climbing() {
    grep -n -E '^[ \t]*#[ \t]*include[ \t]*[<"][^>"]*\.\.' "$1" | sed "s|^|$1:|" || true
}

printf '#include "act/../graph/plan.h"\n' >"$scratch/climbing.c"
must_find climbing "$scratch/climbing.c"
for file in $(c_files); do
    must_pass climbing "$source_dir/$file"
done

# objects_of FLOOR: its object files, kernels of all sets included.
objects_of() {
    find "$build_dir/src/CMakeFiles" -path "*/hwv_$1*.dir/*" -name '*.o' | grep -E "/hwv_$1(_[a-z0-9]+)?\.dir/" || true
}

# upward_symbols NEEDED-BY-FLOOR DEFINED-ABOVE: names in both lists.
upward_symbols() {
    comm -12 "$1" "$2"
}

printf 'hwv_a\nhwv_b\n' >"$scratch/planted1"
printf 'hwv_b\nhwv_c\n' >"$scratch/planted2"
must_find upward_symbols "$scratch/planted1" "$scratch/planted2"
: >"$scratch/above"
upside_down=""
for floor in $floors; do
    upside_down="$floor $upside_down"
done
for floor in $upside_down; do
    objects=$(objects_of "$floor")
    [ -n "$objects" ] || continue
    # One object a word.
    # shellcheck disable=SC2086
    nm -g $objects 2>/dev/null >"$scratch/nm"
    awk '$1 == "U" { print $2 }' "$scratch/nm" | sort -u >"$scratch/needed"
    must_pass upward_symbols "$scratch/needed" "$scratch/above"
    awk 'NF == 3 && $2 != "U" { print $3 }' "$scratch/nm" | sort -u - "$scratch/above" >"$scratch/more"
    mv "$scratch/more" "$scratch/above"
done
[ -s "$scratch/above" ] || finding "no object files were found in $build_dir"
finish
