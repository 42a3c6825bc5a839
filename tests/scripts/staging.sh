#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The package as a stranger meets it: staged with DESTDIR as packagers do, moved, found by pkg-config's and CMake's
# files; the examples are built with each, run, and say what they should. Static always; shared too in a build with
# -DBUILD_SHARED_LIBS=ON.
. "$(dirname "$0")/../support/script.sh"
[ -z "$(cached HALFWAVE_SANITIZE)" ] || skip "the examples are built without sanitizers"
compiler=$(cached CMAKE_C_COMPILER)
case $(basename "$compiler") in
*clang*) cxx=clang++ ;;
*) cxx=g++ ;;
esac
command -v $cxx >/dev/null 2>&1 || cxx=c++
command -v $cxx >/dev/null 2>&1 || skip "no C++ compiler here"

if ! DESTDIR=$scratch/stage cmake --install "$build_dir" --prefix /opt/halfwave >"$scratch/said" 2>&1; then
    cat "$scratch/said"
    finding "cmake --install into a staging folder failed"
    finish
fi
prefix=$scratch/elsewhere
mv "$scratch/stage/opt/halfwave" "$prefix"
[ -z "$(find "$scratch/stage" -type f)" ] || finding "installed outside the prefix: $(find "$scratch/stage" -type f)"
libdir=$prefix/$(cached CMAKE_INSTALL_LIBDIR)
if grep -r -l -I -F -e "$source_dir" -e "$build_dir" "$prefix"; then
    finding "these installed files name the folder of the source or the build"
fi
for file in include/halfwave.h bin/halfwave share/man/man1/halfwave.1 share/man/man3/halfwave-masks.3; do
    [ -f "$prefix/$file" ] || finding "$file is not installed"
done

# says FOLDER WAY: what the examples in FOLDER must print.
says() {
    "$1/kernels" >"$scratch/out" 2>&1 || finding "$2: kernels: exit $?"
    grep -q '^unit 1 fired for 0 of 3 samples: silent; dz = 0 0 0$' "$scratch/out" ||
        finding "$2: kernels printed: $(cat "$scratch/out")"
    "$1/activations" 'leaky_relu(slope=0.25)' >"$scratch/out" 2>&1 || finding "$2: activations: exit $?"
    grep -q '^f(-2) = -0.5, f. = 0.25$' "$scratch/out" || finding "$2: activations printed: $(cat "$scratch/out")"
    "$1/gated" reglu >"$scratch/out" 2>&1 || finding "$2: gated: exit $?"
    grep -q '^y:  0.50000  0.00000  6.00000 | -1.00000  1.50000  0.00000$' "$scratch/out" ||
        finding "$2: gated printed: $(cat "$scratch/out")"
    "$1/engine" >"$scratch/out" 2>&1 || finding "$2: engine: exit $?"
    for line in '^y -1, dx 0.5$' '^in double: -0.125 4$' '^refused: .*leeky_relu'; do
        grep -q "$line" "$scratch/out" || finding "$2: engine printed: $(cat "$scratch/out")"
    done
    "$1/train" >"$scratch/out" 2>&1 || finding "$2: train: exit $?"
    grep -q '^act1: [0-9]* of 32 units are dead$' "$scratch/out" || finding "$2: train printed: $(cat "$scratch/out")"
}

# linked FOLDER WAY yes|no: do its programs ask for the shared library?
linked() {
    asks=no
    ! readelf -d "$1/kernels" | grep -q 'NEEDED.*libhalfwave\.so' || asks=yes
    [ $asks = "$3" ] || finding "$2: links the shared library: $asks, expected $3"
}

# by_cmake WAY SHARED
by_cmake() {
    if ! { cmake -G "$(cached CMAKE_GENERATOR)" -S "$source_dir/examples" -B "$scratch/$1" "-DCMAKE_PREFIX_PATH=$prefix" \
        "-DCMAKE_C_COMPILER=$compiler" "-DCMAKE_CXX_COMPILER=$cxx" "-DCMAKE_C_FLAGS=$(cached CMAKE_C_FLAGS)" "-DSHARED=$2" &&
        cmake --build "$scratch/$1"; } >"$scratch/said" 2>&1; then
        cat "$scratch/said"
        finding "$1: the examples do not build against the installed package"
        return
    fi
    says "$scratch/$1" "$1"
}

# by_pkg_config WAY FLAG...
by_pkg_config() {
    way=$1
    shift
    mkdir "$scratch/$way"
    for source in kernels.c activations.c gated.c engine.cpp train.c; do
        name=halfwave driver=$compiler
        [ $source != train.c ] || name=halfwave-nn
        [ $source != engine.cpp ] || driver=$cxx
        flags=$(PKG_CONFIG_PATH=$libdir/pkgconfig pkg-config --cflags --libs "$@" $name) || finding "$way: pkg-config failed"
        # One flag a word.
        # shellcheck disable=SC2086
        "$driver" -Wall -Wextra -Werror -o "$scratch/$way/${source%.*}" "$source_dir/examples/$source" $flags \
            >"$scratch/said" 2>&1 || {
            cat "$scratch/said"
            finding "$way: pkg-config's flags do not link $source: $flags"
        }
    done
    LD_LIBRARY_PATH=$libdir
    export LD_LIBRARY_PATH
    says "$scratch/$way" "$way"
    unset LD_LIBRARY_PATH
}

has_pkg_config=yes
command -v pkg-config >/dev/null 2>&1 || has_pkg_config=no
by_cmake cmake-static OFF
linked "$scratch/cmake-static" cmake-static no
if [ "$(cached BUILD_SHARED_LIBS)" = ON ]; then
    by_cmake cmake-shared ON
    linked "$scratch/cmake-shared" cmake-shared yes
    if [ $has_pkg_config = yes ]; then
        by_pkg_config pkg-config-shared
        linked "$scratch/pkg-config-shared" pkg-config-shared yes
        # What is left is a static package.
        rm "$libdir"/*.so*
    fi
fi
if [ $has_pkg_config = yes ]; then
    by_pkg_config pkg-config-static --static
    linked "$scratch/pkg-config-static" pkg-config-static no
else
    echo "no pkg-config here: built with CMake only"
fi
finish
