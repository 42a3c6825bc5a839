#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Nothing of the machine it was written on: no home or working folder, no private package host.
. "$(dirname "$0")/../support/script.sh"

# The patterns are put together here so that this file does not match itself.
folders="/(wo""rk|ro""ot|ho""me|Us""ers)/[A-Za-z0-9_.]"
hosts="(artif""actory|jf""rog|nex""us|dev""pi)[a-z0-9.-]*\.[a-z]|regis""try\.[a-z]|[a-z0-9-]+-mir""ror\.|\.inter""nal[:/]"

# machine_words ROOT FILE
machine_words() {
    grep -I -n -E "$folders|$hosts" "$1/$2" /dev/null | sed "s|^$1/||" || true
}

printf 'cd /wo%s/main\n' rk >"$scratch/planted1"
printf 'https://artif%s.example.com/x\n' actory >"$scratch/planted2"
must_find machine_words "$scratch" planted1
must_find machine_words "$scratch" planted2
for file in $(project_files); do
    must_pass machine_words "$source_dir" "$file"
done
finish
