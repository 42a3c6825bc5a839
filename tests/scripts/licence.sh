#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# Every C file begins with the licence tag and the copyright line, every script and CMake file with the tag.
. "$(dirname "$0")/../support/script.sh"

# tagged ROOT FILE: prints what is missing.
tagged() {
    case $2 in
    *.c | *.h | *.def)
        {
            echo '/* SPDX-License-Identifier: MIT'
            echo ' * Copyright (c) 2026 the halfwave authors'
        } >"$scratch/head"
        head -n 2 "$1/$2" | sed 's| \*/$||' | cmp -s - "$scratch/head" || echo "$2: does not begin with the licence tag"
        ;;
    *.sh | run | .ci/run | *CMakeLists.txt | *.cmake)
        head -n 3 "$1/$2" | grep -q '^# SPDX-License-Identifier: MIT$' || echo "$2: no licence tag"
        ;;
    esac
}

printf '/* A file. */\nint x;\n' >"$scratch/planted.c"
printf '#!/bin/sh\n:\n' >"$scratch/planted.sh"
must_find tagged "$scratch" planted.c
must_find tagged "$scratch" planted.sh
for file in $(project_files); do
    must_pass tagged "$source_dir" "$file"
done
finish
