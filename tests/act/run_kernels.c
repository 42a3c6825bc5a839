/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every pass of every row in single precision.
 *     run_kernels [SEED] */
#include "every_pass.h"

int main(int count, char **arguments)
{
    if (count > 1)
        seed = strtoull(arguments[1], NULL, 0);
    printf("seed %llu (repeat with: run_kernels %llu)\n", (unsigned long long)seed, (unsigned long long)seed);
    every_pass();
    return oracle_end("kernels");
}
