/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a network gives for samples: its first output, piece by piece. For eval and predict of ONNX files. */
#ifndef HWV_CLI_OUTPUTS_H
#define HWV_CLI_OUTPUTS_H

#include "samples.h"

typedef enum hwv_cli_meaning {
    HWV_CLI_LOGITS,
    HWV_CLI_PROBABILITIES,     /* of a softmax */
    HWV_CLI_LOG_PROBABILITIES, /* of a log-softmax */
    HWV_CLI_SIGMOIDS           /* each from 0 to 1 */
} hwv_cli_meaning;

typedef struct hwv_cli_outputs {
    const char *name;
    hwv_shape shape; /* of a sample */
    size_t elements; /* in it */
    hwv_cli_meaning meaning;
} hwv_cli_outputs;

/* Called with `rows` samples of outputs, in their order; a status but HWV_OK ends the run. */
typedef hwv_status hwv_cli_outputs_take(void *self, size_t rows, const float *y, hwv_error *error);

/* HWV_ERR_UNSUPPORTED: the output depends on what is not supported, or is no floats. */
hwv_status hwv_cli_outputs_of(hwv_cli_outputs *outputs, const hwv_network *network, hwv_error *error);
hwv_status hwv_cli_outputs_run(hwv_cli *cli, hwv_cli_subject *subject, const hwv_cli_outputs *outputs,
                               hwv_cli_outputs_take *take, void *self, hwv_error *error);

/* The parts of eval and predict that take ONNX files. */
hwv_status hwv_cli_eval_network(hwv_cli *cli, hwv_error *error);
hwv_status hwv_cli_predict_network(hwv_cli *cli, hwv_error *error);

/* Positions of the largest numbers, the first of equal ones first; how many there are, NaNs left out. */
#define HWV_CLI_LARGEST 3
size_t hwv_cli_largest(const float *y, size_t count, size_t top[HWV_CLI_LARGEST]);

#endif
