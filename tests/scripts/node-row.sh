#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# A node kind is a row of nodes.def and a file. In a scratch folder a row is planted, with functions that
# borrow flatten's: complete, it builds and passes its gradient check without any other change; without one of
# its functions it must not build.
. "$(dirname "$0")/../support/script.sh"
compiler=$(cached CMAKE_C_COMPILER)
sanitize=$(cached HALFWAVE_SANITIZE)
flags="-std=c11 -D_POSIX_C_SOURCE=200809L -I$scratch"
for floor in graph linalg act simd base; do
    flags="$flags -I$build_dir/floors/$floor"
done
[ -z "$sanitize" ] || flags="$flags -fsanitize=$sanitize"
[ -z "$(cached CMAKE_TOOLCHAIN_FILE)" ] || skip "a build for another machine"

mkdir "$scratch/halfwave"
{
    cat "$source_dir/src/graph/nodes.def"
    echo 'HWV_NODE(9999, PLANTED, planted, 1, 1, 1, "", 1, "y [batch, n] = x [batch, ...]")'
} >"$scratch/halfwave/nodes.def"

parts="infer plan forward backward reference example"

# plant MISSING: the functions of the row, but for one.
plant() {
    echo '#include "graph/kind.h"'
    for part in $parts; do
        [ "$part" != "$1" ] || continue
        case $part in
        infer) echo 'hwv_status hwv_node_planted_infer(hwv_shaping *s) { return hwv_node_flatten_infer(s); }' ;;
        plan) echo 'hwv_status hwv_node_planted_plan(hwv_demand *d) { return hwv_node_flatten_plan(d); }' ;;
        forward | backward)
            echo "void hwv_node_planted_$part(const hwv_record *r, const hwv_run *run)"
            echo "{ hwv_node_flatten_$part(r, run); }"
            ;;
        reference) echo 'void hwv_node_planted_reference(const hwv_reference *r) { hwv_node_flatten_reference(r); }' ;;
        example)
            echo 'hwv_status hwv_node_planted_example(hwv_example *e)'
            echo '{ hwv_id x; e->variants = 1; HWV_TRY(hwv_example_parameter(e, "x", 2, 3, 4, &x));'
            echo 'return hwv_example_node(e, HWV_NODE_PLANTED, "flat", NULL, x, HWV_NO_ID); }'
            ;;
        esac
    done
    echo 'static size_t seen;'
    echo 'static void see(void *self, const hwv_gradcheck_result *r) { (void)self; seen += r->passed; }'
    echo 'int main(void) { size_t failed; return hwv_gradcheck("planted", NULL, 1, see, NULL, &failed, NULL) != HWV_OK'
    echo '|| failed || seen != 1; }'
}

# builds MISSING
builds() {
    plant "$1" >"$scratch/planted.c"
    # shellcheck disable=SC2086
    "$compiler" $flags -o "$scratch/planted" "$scratch/planted.c" "$source_dir/src/graph/kind.c" \
        "$build_dir/src/libhalfwave-nn.a" "$build_dir/src/libhalfwave.a" -lm -lpthread >"$scratch/said" 2>&1
}

if builds nothing; then
    "$scratch/planted" || finding "a complete row builds, but its gradient check fails"
else
    finding "a complete row does not build:"
    finding "$(cat "$scratch/said")"
fi
for missing in $parts; do
    if builds "$missing"; then
        finding "a row without its $missing builds"
    elif ! grep -q "hwv_node_planted_$missing" "$scratch/said"; then
        finding "a row without its $missing fails for another reason:"
        finding "$(cat "$scratch/said")"
    fi
done
finish
