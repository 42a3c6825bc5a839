#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# examples/sick-to-healthy.sh: what it ends with is what it says on the way.
. "$(dirname "$0")/../support/script.sh"
use_tool
HALFWAVE=$tool "$source_dir/examples/sick-to-healthy.sh" "$scratch/files" >said.txt 2>talk.txt || {
    cat said.txt talk.txt
    finding "examples/sick-to-healthy.sh failed"
    finish
}
grep -q '^VERDICT  SICK' said.txt || finding "the first check does not say sick"
grep -q '^VERDICT  HEALTHY' said.txt || finding "the last check does not say healthy"

# row NAME COLUMN: a number of the last table
row() {
    awk -v name="$1.onnx" -v column="$2" '$1 == name { print $column }' said.txt
}

# A layer's units are 192 together: 2 % of them are 3.
[ "$(row sick 4)" -ge 20 ] || finding "the rate kills only $(row sick 4) units: nothing to cure"
[ "$(row uncured 4)" -ge 20 ] || finding "a lower rate alone leaves $(row uncured 4) silent units"
for name in small cured healthy; do
    [ "$(row $name 4)" -le 3 ] || finding "$name has $(row $name 4) silent units"
done
[ $((2 * $(row small 2))) -le "$(row sick 2)" ] || finding "more than half of the parameters are left"
[ "$(row small 5)" = "$(row sick 5)" ] || finding "pruning changed the error"
[ "$(row cured 5)" = "$(row sick 5)" ] || finding "recycling changed the error"
finish
