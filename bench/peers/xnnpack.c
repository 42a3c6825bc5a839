/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * XNNPACK (before its calls took a batch size late): an operator set up once; inference only. */
#include "peer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <xnnpack.h>

static void *make(const char *op, int backward, const peer_arrays *a)
{
    xnn_operator_t made = NULL;
    enum xnn_status status = xnn_status_unsupported_parameter;
    /* One row of n channels would be one call for each; n rows of one channel are one stretch of memory. */
    if (backward)
        return NULL;
    if (strcmp(op, "sigmoid") == 0 && xnn_create_sigmoid_nc_f32(1, 1, 1, 0, &made) == xnn_status_success)
        status = xnn_setup_sigmoid_nc_f32(made, a->n, a->x, a->out, NULL);
    else if (strcmp(op, "hardswish") == 0 && xnn_create_hardswish_nc_f32(1, 1, 1, 0, &made) == xnn_status_success)
        status = xnn_setup_hardswish_nc_f32(made, a->n, a->x, a->out, NULL);
    else if (strcmp(op, "elu") == 0 && xnn_create_elu_nc_f32(1, 1, 1, 1.0f, 0, &made) == xnn_status_success)
        status = xnn_setup_elu_nc_f32(made, a->n, a->x, a->out, NULL);
    else if (strcmp(op, "leaky_relu") == 0 &&
             xnn_create_leaky_relu_nc_f32(1, 1, 1, 0.01f, 0, &made) == xnn_status_success)
        status = xnn_setup_leaky_relu_nc_f32(made, a->n, a->x, a->out, NULL);
    else if (strcmp(op, "relu") == 0 &&
             xnn_create_clamp_nc_f32(1, 1, 1, 0, (float)INFINITY, 0, &made) == xnn_status_success)
        status = xnn_setup_clamp_nc_f32(made, a->n, a->x, a->out, NULL);
    else if (strcmp(op, "relu6") == 0 && xnn_create_clamp_nc_f32(1, 1, 1, 0, 6, 0, &made) == xnn_status_success)
        status = xnn_setup_clamp_nc_f32(made, a->n, a->x, a->out, NULL);
    if (made && status != xnn_status_success) {
        xnn_delete_operator(made);
        made = NULL;
    }
    return made;
}

static void run(void *given, size_t repeats)
{
    for (size_t i = 0; i < repeats; i++)
        xnn_run_operator(given, NULL);
}

static void release(void *given)
{
    xnn_delete_operator(given);
}

static const char *version(void)
{
    return "of its package";
}

static const peer table = {"XNNPACK", version, make, run, release};

const peer *hwv_peer(void)
{
    return xnn_initialize(NULL) == xnn_status_success ? &table : NULL;
}
