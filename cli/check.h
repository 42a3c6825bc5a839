/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The parts of halfwave check: counting, and what follows from it in JSON. */
#ifndef HWV_CLI_CHECK_H
#define HWV_CLI_CHECK_H

#include "samples.h"

#include "report/check.h"

/* A treatment that was tried. Owns its strings. */
typedef struct hwv_cli_tried {
    hwv_treatment treatment;
    hwv_check_treatment shown;
    char name[24], reason[320];
    hwv_text command;
} hwv_cli_tried;

/* Everything of one check. Owns it. */
typedef struct hwv_cli_checked {
    hwv_cli_subject subject; /* empty: a dump or statistics */
    hwv_tally tally;
    hwv_flow flow;
    bool has_flow;
    hwv_diagnosis diagnosis;
    hwv_cli_tried tried[HWV_TREATMENT_COUNT];
    size_t tried_count; /* advised ones first */
    bool shows_unit;
    size_t layer, unit; /* of --unit, from 0 */
    char data[500];     /* for people: "x.npy: 2877 samples of 16 x 96" */
    char source[120];   /* "x.npy" */
} hwv_cli_checked;

/* dump.c: counts pre-activations of .npy or .npz files, which are shards of one set. */
hwv_status hwv_cli_dump_count(hwv_cli *cli, hwv_tally *tally, const char *const *files, size_t count, hwv_error *error);
/* check_treat.c: tries what helps where units are silent; nothing for healthy models. */
hwv_status hwv_cli_check_treat(hwv_cli *cli, hwv_cli_checked *checked, hwv_error *error);
/* check_json.c: the whole object but for schema, command and options. */
void hwv_cli_check_json(const hwv_cli_checked *checked, hwv_json_writer *json);

#endif
