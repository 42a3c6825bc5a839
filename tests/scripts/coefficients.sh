#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The committed coefficients are what tools/coefficients writes now.
. "$(dirname "$0")/../support/script.sh"
python3 -c 'import mpmath' 2>/dev/null || skip "python3 with mpmath is not here"
make=$source_dir/tools/coefficients/make.py
committed=$source_dir/src/act/coefficients
now=$scratch/now
mkdir "$now"
python3 "$make" --to "$now"

# stale FOLDER: files of the source that differ from those of FOLDER, or are missing on one side.
stale() {
    diff -rq "$1" "$committed" || true
}

must_pass stale "$now"
file=$now/tanh.h
sed '$s/$/ /' "$file" >"$scratch/changed" && mv "$scratch/changed" "$file"
must_find stale "$now"
finish
