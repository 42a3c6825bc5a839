/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * oneDNN 2.x: an eltwise primitive made once. */
#include "peer.h"

#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

static dnnl_engine_t engine;
static dnnl_stream_t stream;

static const struct {
    const char *op;
    dnnl_alg_kind_t forward, backward;
    int from_y; /* backward takes y */
    float alpha, beta;
} rows[] = {
    {"relu", dnnl_eltwise_relu, dnnl_eltwise_relu, 0, 0, 0},
    {"leaky_relu", dnnl_eltwise_relu, dnnl_eltwise_relu, 0, 0.01f, 0},
    {"relu6", dnnl_eltwise_clip, dnnl_eltwise_clip, 0, 0, 6},
    {"clip", dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2, 0, -1, 1},
    {"hardtanh", dnnl_eltwise_clip_v2, dnnl_eltwise_clip_v2, 0, -1, 1},
    {"hardswish", dnnl_eltwise_hardswish, dnnl_eltwise_hardswish, 0, 0, 0},
    {"sigmoid", dnnl_eltwise_logistic, dnnl_eltwise_logistic_use_dst_for_bwd, 1, 0, 0},
    {"tanh", dnnl_eltwise_tanh, dnnl_eltwise_tanh_use_dst_for_bwd, 1, 0, 0},
    {"exp", dnnl_eltwise_exp, dnnl_eltwise_exp_use_dst_for_bwd, 1, 0, 0},
    {"silu", dnnl_eltwise_swish, dnnl_eltwise_swish, 0, 1, 0},
    {"swish", dnnl_eltwise_swish, dnnl_eltwise_swish, 0, 1, 0},
    {"quick_gelu", dnnl_eltwise_swish, dnnl_eltwise_swish, 0, 1.702f, 0},
    {"elu", dnnl_eltwise_elu, dnnl_eltwise_elu, 0, 1, 0},
    {"softplus", dnnl_eltwise_soft_relu, dnnl_eltwise_soft_relu, 0, 1, 0},
    {"logsigmoid", dnnl_eltwise_logsigmoid, dnnl_eltwise_logsigmoid, 0, 0, 0},
    {"gelu", dnnl_eltwise_gelu_erf, dnnl_eltwise_gelu_erf, 0, 0, 0},
    {"gelu_tanh", dnnl_eltwise_gelu_tanh, dnnl_eltwise_gelu_tanh, 0, 0, 0},
    {"mish", dnnl_eltwise_mish, dnnl_eltwise_mish, 0, 0, 0},
};

typedef struct job {
    dnnl_primitive_t primitive;
    dnnl_memory_t memory[3];
    dnnl_exec_arg_t args[3];
    int count;
} job;

static void release(void *given)
{
    job *j = given;
    for (int i = 0; i < 3; i++)
        if (j->memory[i])
            dnnl_memory_destroy(j->memory[i]);
    if (j->primitive)
        dnnl_primitive_destroy(j->primitive);
    free(j);
}

static int add(job *j, const dnnl_memory_desc_t *shape, int role, const float *data)
{
    union { /* oneDNN takes its inputs as void * too */
        const float *given;
        void *taken;
    } pointer = {data};
    j->args[j->count].arg = role;
    if (dnnl_memory_create(&j->memory[j->count], shape, engine, pointer.taken) != dnnl_success)
        return 0;
    j->args[j->count].memory = j->memory[j->count];
    j->count++;
    return 1;
}

static void *make(const char *op, int backward, const peer_arrays *a)
{
    size_t r = 0;
    while (r < sizeof rows / sizeof rows[0] && strcmp(rows[r].op, op) != 0)
        r++;
    if (r == sizeof rows / sizeof rows[0])
        return NULL;
    dnnl_memory_desc_t shape;
    dnnl_eltwise_desc_t what;
    dnnl_primitive_desc_t description = NULL, forward = NULL;
    job *j = calloc(1, sizeof *j);
    int ok = j && dnnl_memory_desc_init_by_tag(&shape, 1, (const dnnl_dims_t){(dnnl_dim_t)a->n}, dnnl_f32, dnnl_a) ==
                      dnnl_success;
    /* A primitive for backward is chosen with the one for forward as a hint. */
    ok = ok &&
         dnnl_eltwise_forward_desc_init(&what, backward ? dnnl_forward_training : dnnl_forward_inference,
                                        backward ? rows[r].backward : rows[r].forward, &shape, rows[r].alpha,
                                        rows[r].beta) == dnnl_success &&
         dnnl_primitive_desc_create(&forward, &what, NULL, engine, NULL) == dnnl_success;
    if (ok && backward)
        ok = dnnl_eltwise_backward_desc_init(&what, rows[r].backward, &shape, &shape, rows[r].alpha, rows[r].beta) ==
                 dnnl_success &&
             dnnl_primitive_desc_create(&description, &what, NULL, engine, forward) == dnnl_success;
    ok = ok && dnnl_primitive_create(&j->primitive, backward ? description : forward) == dnnl_success;
    if (backward)
        ok = ok && add(j, &shape, DNNL_ARG_DIFF_SRC, a->out) && add(j, &shape, DNNL_ARG_DIFF_DST, a->dy) &&
             add(j, &shape, rows[r].from_y ? DNNL_ARG_DST : DNNL_ARG_SRC, rows[r].from_y ? a->y : a->x);
    else
        ok = ok && add(j, &shape, DNNL_ARG_DST, a->out) && add(j, &shape, DNNL_ARG_SRC, a->x);
    if (forward)
        dnnl_primitive_desc_destroy(forward);
    if (description)
        dnnl_primitive_desc_destroy(description);
    if (!ok && j) {
        release(j);
        j = NULL;
    }
    return j;
}

static void run(void *given, size_t repeats)
{
    job *j = given;
    for (size_t i = 0; i < repeats; i++)
        dnnl_primitive_execute(j->primitive, stream, j->count, j->args);
    dnnl_stream_wait(stream);
}

static const char *version(void)
{
    static char text[40];
    const dnnl_version_t *v = dnnl_version();
    const int parts[3] = {v->major, v->minor, v->patch};
    size_t used = 0;
    for (int i = 0; i < 3; i++) {
        if (i)
            text[used++] = '.';
        if (parts[i] >= 10)
            text[used++] = (char)('0' + parts[i] / 10 % 10);
        text[used++] = (char)('0' + parts[i] % 10);
    }
    return text;
}

static const peer table = {"oneDNN", version, make, run, release};

const peer *hwv_peer(void)
{
    if (!engine && (dnnl_engine_create(&engine, dnnl_cpu, 0) != dnnl_success ||
                    dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) != dnnl_success))
        return NULL;
    return &table;
}
