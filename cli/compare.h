/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A comparison: runs of several activations, the same seeds each. */
#ifndef HWV_CLI_COMPARE_H
#define HWV_CLI_COMPARE_H

#include "training.h"

#define HWV_CLI_ACTS 16

typedef struct hwv_cli_comparison {
    char *names[HWV_CLI_ACTS];
    size_t acts, seeds, done; /* done: runs that ended, in the order of `runs` */
    hwv_data data;
    hwv_cli_run *runs; /* [acts][seeds] */
} hwv_cli_comparison;

/* All runs have ended: table, curves and what the seeds allow to say, on the screen (not with --json), in the files
 * of --svg and --html. */
hwv_status hwv_cli_comparison_show(hwv_cli *cli, const hwv_cli_comparison *c, hwv_error *error);

#endif
