#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The shared libraries as a stranger meets them: installed, found by pkg-config's and CMake's files, linked,
# run. Only in builds with -DBUILD_SHARED_LIBS=ON.
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

cat >"$scratch/user.c" <<'END'
#include <halfwave.h>
#include <stdio.h>

int main(void)
{
    float x[3] = {-1.0f, 0.0f, 2.0f}, y[3];
    hwv_relu_f32(y, x, 3);
    printf("%g %g %g\n", (double)y[0], (double)y[1], (double)y[2]);
    return 0;
}
END
"$compiler" -std=c11 -Wall -Wextra -Werror "-I$prefix/include" -o "$scratch/user" "$scratch/user.c" \
    "-L$libdir" -lhalfwave "-Wl,-rpath,$libdir"
[ "$("$scratch/user")" = "0 0 2" ] || finding "a program linked with the installed library printed $("$scratch/user")"

mkdir "$scratch/project"
cp "$scratch/user.c" "$scratch/project/"
cat >"$scratch/project/CMakeLists.txt" <<'END'
cmake_minimum_required(VERSION 3.20)
project(user C)
find_package(halfwave REQUIRED)
add_executable(user user.c)
target_link_libraries(user PRIVATE halfwave::halfwave-nn)
END
if cmake -G "$(cached CMAKE_GENERATOR)" -S "$scratch/project" -B "$scratch/project/build" "-DCMAKE_PREFIX_PATH=$prefix" \
    "-DCMAKE_C_COMPILER=$compiler" >"$scratch/said" 2>&1 && cmake --build "$scratch/project/build" >>"$scratch/said" 2>&1; then
    [ "$("$scratch/project/build/user")" = "0 0 2" ] || finding "the program built through the CMake package is wrong"
else
    cat "$scratch/said"
    finding "the installed CMake package cannot be used"
fi

if command -v pkg-config >/dev/null 2>&1; then
    flags=$(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config --cflags --libs halfwave-nn)
    # One flag a word.
    # shellcheck disable=SC2086
    "$compiler" -o "$scratch/user" "$scratch/user.c" $flags "-Wl,-rpath,$libdir" ||
        finding "pkg-config's flags do not link: $flags"
fi
finish
