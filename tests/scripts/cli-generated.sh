#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Man pages and completion are what the tool writes now, and are well formed.
. "$(dirname "$0")/../support/script.sh"
[ -x "$build_dir/halfwave" ] || skip "the tool is not built"
cd "$source_dir" || exit 1
sh tools/generated.sh "$build_dir/halfwave" "$scratch/now"

# stale FOLDER: files that differ from those of the source.
stale() {
    for file in "$1"/man/*.[13] "$1"/cli/halfwave.bash; do
        cmp -s "$file" "${file#"$1"/}" || echo "${file#"$1"/} is stale: run tools/generated.sh BUILD/halfwave ."
    done
}

for page in halfwave-info.1 halfwave-masks.3; do
    cp -r "$scratch/now" "$scratch/planted"
    echo >>"$scratch/planted/man/$page"
    must_find stale "$scratch/planted"
    rm -r "$scratch/planted"
done
must_pass stale "$scratch/now"
for file in man/*.[13]; do
    [ -f "$scratch/now/$file" ] || finding "$file belongs to no command and no header"
done
# Every exported call of the headers of libhalfwave is in one.
# shellcheck disable=SC2013
for header in $(sed -n 's/^#include "halfwave\/\(.*\)\.h"$/\1/p' include/halfwave.h); do
    # A name a word.
    # shellcheck disable=SC2013
    for call in $(sed -n 's/^HWV_API .*\(hwv_[a-z0-9_]*\)(.*/\1/p' "include/halfwave/$header.h"); do
        grep -q "^[^.].*$call(" man/*.3 || finding "$call of $header.h is in no page of section 3"
    done
done
[ "$(find "$scratch/now/man" -name '*.1' | wc -l)" -ge 10 ] || finding "fewer pages than commands"

if command -v mandoc >/dev/null 2>&1; then
    # Pages that are not installed cannot be found.
    must_pass sh -c 'mandoc -T lint man/*.[13] | grep -v "referenced manual not found" || true'
fi

if command -v bash >/dev/null 2>&1; then
    PATH=$build_dir:$PATH # completion asks the tool for the activations
    # complete WORD...: what is offered for the last word.
    complete_words() {
        bash -c '. ./cli/halfwave.bash
            COMP_WORDS=("$@")
            COMP_CWORD=$(($# - 1))
            _halfwave
            printf "%s\n" "${COMPREPLY[@]}"' bash "$@"
    }
    offers() {
        wanted=$1
        shift
        complete_words "$@" | grep -qx -e "$wanted" || finding "completion of '$*' does not offer '$wanted'"
    }
    offers train halfwave tr
    offers --weight-decay halfwave train --we
    offers leaky_relu halfwave train --act le
    offers adam halfwave train --lr 1 --optimizer a
    offers prelu halfwave plot pr
    offers prelu halfwave apply pr
    offers swiglu halfwave apply sw
    offers README.md halfwave eval READ
    offers digits halfwave train --data di
    offers train halfwave help tr
    [ -z "$(complete_words halfwave info --lr)" ] || finding "completion offers info an option of train"
fi
finish
