#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Writes the files that the tool itself generates: tools/generated.sh TOOL FOLDER puts man pages and the
# bash completion into FOLDER/man and FOLDER/cli. The test cli-generated compares them with the source.
set -eu
tool=$1
folder=$2
mkdir -p "$folder/man" "$folder/cli"
"$tool" help --man >"$folder/man/halfwave.1"
for command in $("$tool" help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
    "$tool" help --man "$command" >"$folder/man/halfwave-$command.1"
done
"$tool" help --completion >"$folder/cli/halfwave.bash"
