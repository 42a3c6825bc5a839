#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Writes the files that are generated: tools/generated.sh TOOL FOLDER puts man pages and the bash completion into
# FOLDER/man and FOLDER/cli; section 1 and the completion come from the tool, section 3 from the public headers of
# libhalfwave. The test cli-generated compares them with the source.
set -eu
tool=$1
folder=$2
mkdir -p "$folder/man" "$folder/cli"
"$tool" help --man >"$folder/man/halfwave.1"
for command in $("$tool" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    "$tool" help --man "$command" >"$folder/man/halfwave-$command.1"
done
headers=$(dirname "$0")/../include/halfwave
awk -v "out=$folder/man" -v "date=$("$tool" help --man | sed -n 's/^\.Dd //p')" -f "$(dirname "$0")/api_pages.awk" \
    "$headers/isa.h" "$headers/act.h" "$headers"/[b-hj-z]*.h
"$tool" help --completion >"$folder/cli/halfwave.bash"
