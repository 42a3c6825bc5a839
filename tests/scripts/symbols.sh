#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# What the libraries define, export and ask for.
#   - every global symbol of both starts with hwv_, and no object is in both;
#   - libhalfwave exports fewer than 150 and stays under 1 MB;
#   - libhalfwave asks for libc, libm and pthreads only;
#   - libhalfwave-nn asks for those, zlib, and exported symbols of libhalfwave.
. "$(dirname "$0")/../support/script.sh"
kernels=$build_dir/src/libhalfwave.a
nn=$build_dir/src/libhalfwave-nn.a
compiler=$(cached CMAKE_C_COMPILER)
for library in "$kernels" "$nn"; do
    [ -f "$library" ] || {
        finding "$library is missing"
        finish
    }
done

# defined LIBRARY: global symbols it defines.
defined() {
    nm -g --defined-only "$1" | awk 'NF == 3 { print $3 }' | sort -u
}

# exported LIBRARY: those of default visibility.
exported() {
    readelf -W -s "$1" |
        awk '($5 == "GLOBAL" || $5 == "WEAK") && $6 == "DEFAULT" && $7 != "UND" && NF >= 8 { print $8 }' | sort -u
}

# needed LIBRARY: what it asks others for.
needed() {
    nm -g --undefined-only "$1" | awk '$1 == "U" { print $2 }' | sort -u >"$scratch/undefined"
    defined "$1" >"$scratch/defined"
    comm -23 "$scratch/undefined" "$scratch/defined"
}

# system_symbols NAME...: what shared libraries of the system offer, and the compiler's own helpers.
system_symbols() {
    for name in "$@"; do
        file=$("$compiler" -print-file-name="$name")
        [ -f "$file" ] || continue
        nm -D --defined-only "$file" 2>/dev/null | awk 'NF == 3 { sub(/@.*/, "", $3); print $3 }'
    done
    nm -g --defined-only "$("$compiler" -print-libgcc-file-name)" 2>/dev/null | awk 'NF == 3 { print $3 }'
    echo _GLOBAL_OFFSET_TABLE_
}

# foreign LIBRARY: symbols without the prefix.
foreign() {
    defined "$1" | grep -v '^hwv_' | sed "s|^|$(basename "$1") defines a symbol without the prefix: |" || true
}

# asks_beyond LIBRARY ALLOWED-LIST
asks_beyond() {
    needed "$1" >"$scratch/needed"
    comm -23 "$scratch/needed" "$2" | sed "s|^|$(basename "$1") asks for |"
}

# A planted foreign symbol, and a planted wish for something no one offers, are found.
cp "$kernels" "$scratch/planted.a"
printf 'void foreign_symbol(void);\nvoid hwv_wish(void);\nvoid hwv_planted(void);\n' >"$scratch/planted.c"
printf 'void foreign_symbol(void) { hwv_wish(); }\nvoid hwv_planted(void) { }\n' >>"$scratch/planted.c"
"$compiler" -c -o "$scratch/planted.o" "$scratch/planted.c"
ar q "$scratch/planted.a" "$scratch/planted.o" 2>/dev/null
must_find foreign "$scratch/planted.a"

system_symbols libc.so.6 libm.so.6 libpthread.so.0 | sort -u >"$scratch/libc"
system_symbols libc.so.6 libm.so.6 libpthread.so.0 libz.so libz.so.1 | sort -u >"$scratch/system"
exported "$kernels" >"$scratch/exported"
sort -u "$scratch/system" "$scratch/exported" >"$scratch/offered"
must_find asks_beyond "$scratch/planted.a" "$scratch/offered"

must_pass foreign "$kernels"
must_pass foreign "$nn"
must_pass asks_beyond "$kernels" "$scratch/libc"
must_pass asks_beyond "$nn" "$scratch/offered"

count=$(wc -l <"$scratch/exported")
echo "libhalfwave exports $count symbols"
if [ "$count" -lt 1 ] || [ "$count" -ge 150 ]; then
    finding "libhalfwave exports $count symbols, 1 to 149 are allowed"
fi

defined "$kernels" >"$scratch/kernels"
defined "$nn" >"$scratch/nn"
both=$(comm -12 "$scratch/kernels" "$scratch/nn")
[ -z "$both" ] || finding "defined in both libraries: $both"

# The size that is promised is that of the shared library as distributions install it.
"$compiler" -shared -o "$scratch/shared.so" -Wl,--version-script="$source_dir/cmake/halfwave.map" \
    -Wl,--whole-archive "$kernels" -Wl,--no-whole-archive -lm -lpthread
strip "$scratch/shared.so"
bytes=$(wc -c <"$scratch/shared.so")
echo "libhalfwave.so has $bytes bytes, stripped"
[ "$bytes" -lt 1000000 ] || finding "libhalfwave.so has $bytes bytes, less than 1 MB is allowed"
finish
