#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The shell scripts are clean under shellcheck.
. "$(dirname "$0")/../support/script.sh"
command -v shellcheck >/dev/null 2>&1 || skip "shellcheck is not here"

# complaints FILE
complaints() {
    (cd "$(dirname "$1")" && shellcheck -x -e SC1091,SC2317 "$1" 2>&1) || true
}

# shellcheck disable=SC2016
printf '#!/bin/sh\ncd $1\nrm -rf $2/*\n' >"$scratch/planted.sh"
must_find complaints "$scratch/planted.sh"
for file in $(project_files | grep -E '(\.sh|^run|^\.ci/run)$'); do
    must_pass complaints "$source_dir/$file"
done
finish
