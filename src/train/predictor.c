/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Class probabilities of samples. */
#include "halfwave/memory.h"
#include "linalg/softmax.h"
#include "train/evaluator.h"

struct hwv_predictor {
    hwv_plan *plan;
    size_t batch, classes;
    float *x, *probabilities;
    const float *logits;
};

static hwv_status init(hwv_predictor *p, hwv_model *model, size_t batch, const hwv_executor *executor, hwv_error *error)
{
    if (hwv_graph_value(model->graph, model->logits)->shape.rank != 2)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "the model gives several rows of outputs a sample, one is expected");
    p->classes = model->options.classes;
    p->batch = batch;
    if (batch == 0)
        HWV_TRY(hwv_batch_choose(&p->batch, model, model->logits, SIZE_MAX, error));
    HWV_TRY(hwv_forward_plan(&p->plan, model, model->logits, p->batch, executor, error));
    p->x = hwv_plan_data(p->plan, model->input);
    p->logits = hwv_plan_data(p->plan, model->logits);
    if (!p->x || !p->logits)
        return hwv_fail(error, HWV_ERR_INTERNAL, "a plan lacks its input or logits");
    size_t elements;
    if (hwv_size_mul(p->batch, p->classes, &elements))
        p->probabilities = hwv_calloc(elements, sizeof *p->probabilities);
    if (!p->probabilities)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the probabilities of %zu samples", p->batch);
    return HWV_OK;
}

hwv_status hwv_predictor_create(hwv_predictor **out, hwv_model *model, size_t batch, const hwv_executor *executor,
                                hwv_error *error)
{
    *out = NULL;
    hwv_predictor *p = hwv_calloc(1, sizeof *p);
    if (!p)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a predictor");
    hwv_status status = init(p, model, batch, executor, error);
    if (status != HWV_OK)
        hwv_predictor_destroy(p);
    else
        *out = p;
    return status;
}

void hwv_predictor_destroy(hwv_predictor *p)
{
    if (!p)
        return;
    hwv_plan_destroy(p->plan);
    hwv_free(p->probabilities);
    hwv_free(p);
}

size_t hwv_predictor_batch(const hwv_predictor *p)
{
    return p->batch;
}

float *hwv_predictor_input(hwv_predictor *p)
{
    return p->x;
}

const float *hwv_predictor_run(hwv_predictor *p, size_t rows)
{
    rows = rows < p->batch ? rows : p->batch;
    hwv_plan_rows(p->plan, rows);
    hwv_plan_forward(p->plan);
    hwv_softmax(rows, p->classes, p->probabilities, p->classes, p->logits, p->classes);
    return p->probabilities;
}
