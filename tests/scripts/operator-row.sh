#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# A row of ops.def whose formulas are incomplete does not compile. In a scratch copy of src/act a row is
# planted that borrows sigmoid's formulas; complete it compiles, without any one of its parts it must not.
. "$(dirname "$0")/../support/script.sh"
compiler=$(cached CMAKE_C_COMPILER)
parts="planted_forward planted_backward planted_backward_y"

# A copy of what src/act sees: headers only reach down, so three folders are enough.
tree=$scratch/include
mkdir -p "$tree/halfwave"
cp "$source_dir"/include/halfwave/*.h "$tree/halfwave/"
cp "$source_dir"/src/act/gates.def "$tree/halfwave/"
cp -r "$source_dir/src/act" "$source_dir/src/base" "$source_dir/src/simd" "$tree/"

# plant MISSING: writes the row and its parts, but for MISSING (header.part, "reference" or "predicate").
plant() {
    number=$(grep -c '^HWV_OP(' "$source_dir/src/act/ops.def")
    predicate=none
    [ "$1" != predicate ] || predicate=no_such_predicate
    {
        cat "$source_dir/src/act/ops.def"
        echo
        awk 'BEGIN { RS = "" } /^HWV_OP\([0-9]+, SIGMOID,/' "$source_dir/src/act/ops.def" |
            sed "s/^HWV_OP([0-9]*, SIGMOID, sigmoid/HWV_OP($number, PLANTED, planted/; s/ ALWAYS, none,/ ALWAYS, $predicate,/"
    } >"$tree/halfwave/ops.def"
    cp "$tree/halfwave/ops.def" "$tree/act/ops.def"
    # The formulas of float and double: other names for sigmoid's, in front of the header's closing #endif.
    for header in smooth smooth_f64; do
        sed '$d' "$source_dir/src/act/$header.h" >"$tree/act/$header.h"
        for part in $parts; do
            [ "$header.$part" = "$1" ] || echo "#define $part sigmoid${part#planted}"
        done >>"$tree/act/$header.h"
        echo "#endif" >>"$tree/act/$header.h"
    done
    if [ "$1" = reference ]; then
        cp "$source_dir/src/act/definitions.h" "$tree/act/definitions.h"
    else
        sed '/^REFERENCE(sigmoid,/{p;s/sigmoid/planted/;}' "$source_dir/src/act/definitions.h" >"$tree/act/definitions.h"
    fi
}

# compiles MISSING: prints a line when act compiles for the scalar set, or fails for another reason.
compiles() {
    for file in "$tree"/act/*.c "$tree"/act/kernels/*.c; do
        "$compiler" -std=c11 -D_POSIX_C_SOURCE=200809L -DHWV_HAVE_scalar=1 -DHWV_SIMD=scalar -DHWV_SIMD_scalar=1 \
            -Werror=implicit-function-declaration -fsyntax-only "-I$tree" "$file" >"$scratch/said" 2>&1 || {
            grep -q -E 'error.*(planted|no_such_predicate)' "$scratch/said" || cat "$scratch/said"
            return 0
        }
    done
    echo "a row without its $1 compiles"
}

plant nothing
grep -q PLANTED "$tree/halfwave/ops.def" || finding "no row was planted: ops.def looks different than expected"
if [ "$(compiles nothing)" != "a row without its nothing compiles" ]; then
    finding "the complete row does not compile:"
    finding "$(cat "$scratch/said")"
fi
for missing in $(for part in $parts; do echo "smooth.$part smooth_f64.$part"; done) reference predicate; do
    plant "$missing"
    must_pass compiles "$missing"
done
finish
