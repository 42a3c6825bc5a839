#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The shared libraries as they are installed: names, symbols, size, what they need. Only in builds with
# -DBUILD_SHARED_LIBS=ON. Whether a stranger can use them is for staging.sh.
. "$(dirname "$0")/../support/script.sh"
[ "$(cached BUILD_SHARED_LIBS)" = ON ] || skip "this build has no shared libraries"
compiler=$(cached CMAKE_C_COMPILER)
prefix=$scratch/prefix
cmake --install "$build_dir" --prefix "$prefix" >"$scratch/said" 2>&1 || {
    cat "$scratch/said"
    finding "cmake --install failed"
    finish
}
libdir=$prefix/$(cached CMAKE_INSTALL_LIBDIR)

# foreign LIBRARY: dynamic symbols without the prefix.
foreign() {
    nm -D --defined-only "$1" | awk 'NF == 3 { sub(/@.*/, "", $3); print $3 }' | grep -v '^hwv_' || true
}

printf '__attribute__((visibility("default"))) int planted;\n' >"$scratch/planted.c"
"$compiler" -shared -fPIC -o "$scratch/planted.so" "$scratch/planted.c"
must_find foreign "$scratch/planted.so"
for name in halfwave halfwave-nn; do
    must_pass foreign "$libdir/lib$name.so"
    readelf -d "$libdir/lib$name.so" | grep -q 'SONAME.*\.so\.[0-9]' || finding "lib$name.so has no SONAME"
done
if readelf -d "$libdir/libhalfwave.so" | grep NEEDED | grep -v -E 'libc\.so|libm\.so|libpthread\.so|ld-linux'; then
    finding "libhalfwave.so needs more than libc, libm and pthreads"
fi

count=$(nm -D --defined-only "$libdir/libhalfwave.so" | wc -l)
[ "$count" -lt 150 ] || finding "libhalfwave.so exports $count symbols, fewer than 150 are allowed"
strip -o "$scratch/stripped.so" "$libdir/libhalfwave.so"
bytes=$(wc -c <"$scratch/stripped.so")
echo "libhalfwave.so exports $count symbols and has $bytes bytes, stripped"
[ "$bytes" -lt 1000000 ] || finding "libhalfwave.so has $bytes bytes, less than 1 MB is allowed"
finish
