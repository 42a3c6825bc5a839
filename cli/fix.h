/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The parts of halfwave fix: treating step by step, timing, and how it is shown. */
#ifndef HWV_CLI_FIX_H
#define HWV_CLI_FIX_H

#include "samples.h"

/* The model before a step or after the last one, and what was counted of it. */
typedef struct hwv_cli_stage {
    hwv_patient *patient; /* the first: the subject's */
    const hwv_network *network;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
} hwv_cli_stage;

typedef struct hwv_cli_step {
    const hwv_cli_stage *stage; /* that it was given */
    hwv_treated treated;
    bool done;
} hwv_cli_step;

typedef struct hwv_cli_times {
    double before, after; /* seconds of a run; NAN: not measured */
    size_t rows, rounds;  /* samples of a run; interleaved rounds, whose median it is */
} hwv_cli_times;

typedef enum hwv_cli_outcome {
    HWV_CLI_FIXED,
    HWV_CLI_NO_NEED, /* nothing is there to be treated: the same bytes */
    HWV_CLI_NOT_DONE /* nothing that was asked for could be done */
} hwv_cli_outcome;

/* Everything of one fix. Owns it. */
typedef struct hwv_cli_fix {
    hwv_cli *cli;
    const char *out;
    hwv_cli_subject subject;
    hwv_cli_stage stages[HWV_TREATMENT_COUNT + 1];
    size_t stage_count;
    hwv_cli_step steps[HWV_TREATMENT_COUNT];
    size_t step_count;
    bool *layers;             /* of --layers, by layer of the first stage; NULL: all */
    hwv_output_change change; /* from the first stage to the last */
    hwv_promise promise;      /* the weakest of the steps that were done */
    hwv_cli_times times;
    hwv_cli_outcome outcome;
    bool written;
    char hash_before[65], hash_after[65]; /* SHA-256 of the files; after: "" where none was written */
} hwv_cli_fixed;

/* "bias-shift", as the option is named. */
const char *hwv_cli_fix_option(hwv_treatment treatment);
/* Units of a layer that were asked for and left, those apart that the user's own margin spares. */
size_t hwv_cli_fix_left(const hwv_layer_treatment *layer);
/* "at most 1e-5 max(1, max |y|)" in numbers. */
double hwv_cli_fix_allowed(const hwv_output_change *change);

/* fix_time.c: runs both networks in turn on the first samples. */
hwv_status hwv_cli_fix_time(hwv_cli_times *times, hwv_cli_samples *samples, const hwv_network *before,
                            const hwv_network *after, hwv_error *error);
/* fix_show.c */
void hwv_cli_fix_show(const hwv_cli_fixed *fix, const hwv_term *term, hwv_text *text);
/* fix_json.c: the whole object but for schema, command and options. */
void hwv_cli_fix_json(const hwv_cli_fixed *fix, hwv_json_writer *json);

#endif
