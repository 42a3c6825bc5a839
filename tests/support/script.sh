# shellcheck shell=sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Read in by tests/scripts/*.sh, which are called as SCRIPT SOURCE-FOLDER BUILD-FOLDER. Exit 0: passed,
# 1: failed, 77: skipped with a word.
set -eu
LC_ALL=C
export LC_ALL
source_dir=$1
build_dir=$2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM
wrong=0

# Reports a finding and goes on.
finding() {
    printf '%s\n' "$*"
    wrong=1
}

skip() {
    printf 'skipped: %s\n' "$*"
    exit 77
}

# The end of every script.
finish() {
    exit $wrong
}

# From here on $tool is the tool, $get reads its JSON, and the current folder is $scratch.
use_tool() {
    tool=$build_dir/halfwave
    get=$build_dir/tests/json-get
    if [ ! -x "$tool" ] || [ ! -x "$get" ]; then
        skip "the tool is not built"
    fi
    cd "$scratch" || exit 1
}

# The files of the project, relative to the source folder: what git tracks or would track, else (in an
# unpacked archive) everything outside build folders.
project_files() {
    if [ -e "$source_dir/.git" ] && command -v git >/dev/null 2>&1; then
        git -c safe.directory='*' -C "$source_dir" ls-files --cached --others --exclude-standard
    else
        (cd "$source_dir" && find . -type f ! -path './.git/*' ! -path './build*' ! -name '*.o') | sed 's|^\./||'
    fi | sort -u | while IFS= read -r file; do
        [ ! -f "$source_dir/$file" ] || printf '%s\n' "$file"
    done
}

# project_files of C and headers.
c_files() {
    project_files | grep -E '\.(c|h|def)$'
}

# must_find CHECK ARGUMENT...: the self-test of a check. CHECK prints findings; here it must print some.
must_find() {
    if [ -z "$("$@")" ]; then
        finding "self-test: '$*' did not notice a planted fault"
    fi
}

# must_pass CHECK ARGUMENT...: prints what the check finds and remembers that it did.
must_pass() {
    found=$("$@")
    [ -z "$found" ] || finding "$found"
}

# A value of the build's CMake cache.
cached() {
    sed -n "s/^$1:[^=]*=//p" "$build_dir/CMakeCache.txt"
}
