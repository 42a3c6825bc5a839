/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Five steps of training against the reference vectors of a whole model, on every runnable set. */
#include "common.h"
#include "compare.h"
#include "halfwave/isa.h"
#include "reference.h"
#include "train/trainer.h"

#define CASE "model_mlp_digits"

enum { STEPS = 5, BATCH = 32 };

static int failures;

static void load(reference_array *array, const char *name)
{
    if (!reference_load(array, CASE, name))
        exit(1);
}

static void check(bool good)
{
    failures += !good;
}

static void weights_load(hwv_model *model)
{
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        if (value->role != HWV_ROLE_PARAMETER)
            continue;
        char name[96];
        reference_array array;
        snprintf(name, sizeof name, "in_param_%s", value->name);
        load(&array, name);
        memcpy(hwv_weights_data(model->weights, (hwv_id)v), array.f32, array.count * sizeof(float));
        reference_free(&array);
    }
}

/* Arrays with the weights' layout against PREFIX_NAME_exact, each with its own limit. */
static void block_check(const hwv_model *model, const float *block, const char *prefix)
{
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        if (value->role != HWV_ROLE_PARAMETER)
            continue;
        char limit[96], name[112], label[160];
        reference_array array;
        snprintf(limit, sizeof limit, "%s_%s", prefix, value->name);
        snprintf(name, sizeof name, "%s_exact", limit);
        snprintf(label, sizeof label, "%s, %s", limit, hwv_isa_name(hwv_isa_current()));
        load(&array, name);
        check(compare_maximum(label, block + hwv_weights_offset(model->weights, (hwv_id)v), array.values, array.count,
                              reference_limit(CASE, limit)));
        reference_free(&array);
    }
}

static void steps_run(hwv_trainer *trainer, const hwv_model *model, const reference_array *x, const reference_array *y)
{
    reference_array exact, logits;
    float losses[STEPS];
    hwv_error error;
    load(&exact, "out_loss_exact");
    load(&logits, "out_logits_step1_exact");
    for (size_t s = 0; s < STEPS; s++) {
        double loss;
        if (s == 0) { /* once without the update, for the logits and gradients that it starts from */
            memcpy(trainer->x, x->f32, BATCH * 64 * sizeof(float));
            for (size_t i = 0; i < BATCH; i++)
                trainer->labels[i] = (int32_t)y->i64[i];
            hwv_plan_forward(trainer->plan);
            check(compare_maximum("logits", trainer->logits, logits.values, logits.count,
                                  reference_limit(CASE, "out_logits_step1")));
            hwv_plan_backward(trainer->plan, false);
            block_check(model, trainer->gradients, "grad");
        }
        need(hwv_trainer_step(trainer, &loss, &error), &error, "step");
        losses[s] = (float)loss;
        /* What was gathered from the embedded digits is what the reference was trained on. */
        check(compare_bits("batch", trainer->x, x->f32 + s * BATCH * 64, BATCH * 64));
        for (size_t i = 0; i < BATCH; i++)
            check(trainer->labels[i] == (int32_t)y->i64[s * BATCH + i]);
    }
    check(compare_maximum("losses", losses, exact.values, STEPS, reference_limit(CASE, "out_loss")));
    reference_free(&exact);
    reference_free(&logits);
}

static void evaluation_check(hwv_model *model, const reference_array *x)
{
    reference_array exact;
    hwv_error error;
    hwv_plan *plan;
    hwv_plan_options options = {.batch = BATCH, .passes = HWV_PASS_ALL};
    load(&exact, "out_eval_logits_exact");
    need(hwv_plan_create(&plan, model->graph, model->weights, model->logits, &options, &error), &error, "plan");
    memcpy(hwv_plan_data(plan, model->input), x->f32, BATCH * 64 * sizeof(float));
    hwv_plan_forward(plan);
    check(compare_maximum("evaluation", hwv_plan_data(plan, model->logits), exact.values, exact.count,
                          reference_limit(CASE, "out_eval_logits")));
    hwv_plan_destroy(plan);
    reference_free(&exact);
}

static void run(const hwv_data *data, unsigned passes)
{
    reference_array rows, x, y;
    hwv_error error;
    hwv_trainer *trainer;
    hwv_model model = model_make(data, SMALL, HWV_OP_RELU);
    hwv_train_options options = hwv_train_defaults();
    options.passes = passes;
    need(hwv_trainer_create(&trainer, &model, data, &options, NULL, &error), &error, "create");
    load(&rows, "in_rows");
    load(&x, "in_batch_x");
    load(&y, "in_batch_y");
    for (size_t i = 0; i < rows.count; i++)
        trainer->order[i] = (uint32_t)rows.i64[i];
    trainer->ordered = 0;
    weights_load(&model);
    steps_run(trainer, &model, &x, &y);
    block_check(&model, trainer->weights, "out_param");
    evaluation_check(&model, &x);
    reference_free(&rows);
    reference_free(&x);
    reference_free(&y);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

int main(void)
{
    hwv_error error;
    if (reference_missing())
        return 77;
    hwv_data data = digits_open();
    for (size_t s = 0; s < hwv_isa_count(); s++) {
        need(hwv_isa_force(hwv_isa_name(hwv_isa_get(s)), &error), &error, "isa");
        run(&data, HWV_PASS_ALL);
        run(&data, 0);
    }
    hwv_data_close(&data);
    if (failures > 0)
        fprintf(stderr, "%d failures\n", failures);
    return failures > 0;
}
