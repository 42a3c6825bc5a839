#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# libhalfwave compiles for Windows with mingw-w64, silently, and links into a program, which runs where Wine is. With
# HALFWAVE_FULL all of it; else the lowest floor, where everything that depends on the system lies, and the headers.
. "$(dirname "$0")/../support/script.sh"
compiler=x86_64-w64-mingw32-gcc
command -v $compiler >/dev/null 2>&1 || skip "no $compiler here (Debian: gcc-mingw-w64-x86-64)"

# says COMMAND...: what it prints when it fails.
says() {
    "$@" >"$scratch/said" 2>&1 || cat "$scratch/said" || true
}

printf '#include <sys/mman.h>\n' >"$scratch/planted.c"
must_find says $compiler -fsyntax-only "$scratch/planted.c"

built=$scratch/build
must_pass says cmake -G "$(cached CMAKE_GENERATOR)" -S "$source_dir" -B "$built" -DHALFWAVE_TESTS=OFF \
    -DHALFWAVE_WERROR=ON "-DCMAKE_TOOLCHAIN_FILE=$source_dir/cmake/mingw64.cmake"
[ $wrong = 0 ] || finish
cp -r "$source_dir/include" "$scratch/include"
cp "$source_dir"/src/act/*.def "$scratch/include/halfwave/"
if [ -z "${HALFWAVE_FULL:-}" ]; then
    printf '#include "halfwave.h"\nextern int alone;\n' >"$scratch/user.c"
    must_pass says cmake --build "$built" --target hwv_base
    for standard in c99 c11; do
        must_pass says $compiler "-std=$standard" -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only \
            "-I$scratch/include" "$scratch/user.c"
    done
    finish
fi

must_pass says cmake --build "$built" --target halfwave
must_pass says $compiler -O2 -Wall -Wextra -Werror "-I$scratch/include" -o "$scratch/kernels.exe" \
    "$source_dir/examples/kernels.c" "$built/src/libhalfwave.a" -lm -lpthread -static
[ $wrong = 0 ] || finish
if ! command -v wine >/dev/null 2>&1; then
    echo "no wine here: compiled and linked, not run"
    finish
fi
WINEPREFIX=$scratch/wine WINEDEBUG=-all
export WINEPREFIX WINEDEBUG
for isa in $("$build_dir/halfwave" info 2>/dev/null | sed -n 's/^runnable *//p'); do
    HALFWAVE_ISA=$isa wine "$scratch/kernels.exe" 2>/dev/null | tr -d '\r' >"$scratch/said" || true
    grep -q '^unit 1 fired for 0 of 3 samples: silent; dz = 0 0 0$' "$scratch/said" ||
        finding "under wine, $isa: $(cat "$scratch/said")"
done
wineserver -k >/dev/null 2>&1 || true
finish
