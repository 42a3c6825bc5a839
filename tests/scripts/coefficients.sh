#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The committed coefficients are what tools/coefficients writes now; the tables that take a minute only with
# HALFWAVE_FULL.
. "$(dirname "$0")/../support/script.sh"
python3 -c 'import mpmath' 2>/dev/null || skip "python3 with mpmath is not here"
make=$source_dir/tools/coefficients/make.py
committed=$source_dir/src/act/coefficients
now=$scratch/now
mkdir "$now"
if [ -n "${HALFWAVE_FULL:-}" ]; then
    python3 "$make" --to "$now"
    for file in "$committed"/*; do
        [ -f "$now/${file##*/}" ] || finding "${file##*/}: no script writes it"
    done
else
    python3 "$make" --to "$now" exp tanh
fi

# stale FOLDER: its files that differ from those of the source.
stale() {
    for file in "$1"/*; do
        cmp -s "$file" "$committed/${file##*/}" || echo "${file##*/} is stale: run tools/coefficients/make.py"
    done
}

must_pass stale "$now"
echo >>"$now/exp.h"
must_find stale "$now"
finish
