/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The generator's steps: one a node of the graph that the logits need, for some rows, which are positions of one text. */
#ifndef HWV_MODEL_GENERATOR_H
#define HWV_MODEL_GENERATOR_H

#include "halfwave/generate.h"
#include "halfwave/memory.h"
#include "linalg/gemv.h"

typedef struct hwv_generator_step hwv_generator_step;

/* Positions that are read together: first .. end-1 of the rows of every array, row r at position start + r. */
typedef struct hwv_generator_span {
    size_t first, end, start;
    const int32_t *tokens; /* of row 0 on */
} hwv_generator_span;

typedef void hwv_generator_run(hwv_generator *generator, const hwv_generator_step *step,
                               const hwv_generator_span *span);

/* Arrays are [chunk, in] or [chunk, out]. */
struct hwv_generator_step {
    const hwv_node *node;
    hwv_generator_run *run;
    size_t in, out;
    const float *x, *other; /* other: the second summand */
    float *y;
    const float *weight, *bias; /* of the model */
    float *turned;              /* dense: the weight as gemv wants it */
    bool from_act, finite;      /* dense: of an activation; no weight is NaN or infinite */
    float *keys, *values;       /* attention: [out, key_stride], [block, out] */
    size_t key_stride;
};

struct hwv_generator {
    const hwv_model *model;
    const hwv_executor *executor;
    bool dense;
    size_t classes, block;
    size_t chunk; /* rows of the arrays */
    hwv_generator_step *steps;
    size_t step_count;
    size_t narrow; /* from this step on only the last row of all that are read matters */
    hwv_arena arena;
    int32_t *window; /* [block]: the tokens whose keys and values are kept */
    size_t filled;   /* of them */
    uint64_t read;   /* tokens since the last reset */
    const float *last;
    const float *logits; /* [chunk, classes] */
    float *scores;       /* [block] */
    int32_t *rows;       /* units that are not 0 */
    void *workspace;     /* of gemm */
    double *shares;      /* [classes], of sampling */
    int32_t *order;      /* [classes], of sampling */
    hwv_generator_rows counted;
};

/* ---- generator_steps.c ---- */

/* Where a value of the graph is. */
typedef struct hwv_generator_place {
    float *data;
    bool from_act; /* what an activation gave */
    size_t step;   /* that computes it */
    size_t readers;
} hwv_generator_place;

/* Made twice: first only sizes are counted, then there is memory. */
typedef struct hwv_generator_making {
    hwv_generator *generator;
    hwv_generator_place *places; /* by value */
    bool *needed;                /* by node */
    bool binding;
    size_t bytes;
    size_t most_units, workspace_bytes;
    hwv_error *error;
} hwv_generator_making;

/* NULL while only counting. */
void *hwv_generator_take(hwv_generator_making *making, size_t count, size_t size);
/* The steps of all needed nodes. HWV_ERR_UNSUPPORTED. */
hwv_status hwv_generator_steps_make(hwv_generator_making *making);
/* Takes the weights. */
void hwv_generator_steps_refresh(hwv_generator *generator);

/* ---- generator_sample.c ---- */

/* shares, order: room for `classes` of each. index: which draw of the seed. */
hwv_status hwv_generator_pick(const float *logits, size_t classes, const hwv_sampling *sampling, uint64_t index,
                              double *shares, int32_t *order, int32_t *token, hwv_error *error);

#endif
