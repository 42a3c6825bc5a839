/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whole models against reference vectors: logits, losses and gradients of the first step, then five steps of plain
 * momentum, running statistics, and logits in evaluation; on every runnable instruction set, with and without
 * passes; on the widest with each of them alone, and with all others. The vectors' images are channels first: they, and
 * weights behind a flatten, are brought into our order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/model.h"
#include "compare.h"
#include "layout.h"
#include "reference.h"

#define ARRAYS 24
#define STEPS  5

/* A parameter or running statistic: its name there and here. */
typedef struct pair {
    const char *theirs, *ours;
    bool state;
    size_t channels; /* of the images behind whose flatten a weight stands, 0: none */
} pair;

typedef struct model_case {
    const char *name, *notation;
    size_t rank, dims[3], batch; /* height, width, channels */
    float rate;
    pair arrays[ARRAYS];
} model_case;

static const model_case mlp = {
    .name = "model_mlp_digits",
    .notation = "fc 32; act; fc 10",
    .rank = 1,
    .dims = {64},
    .batch = 32,
    .rate = 0.05f,
    .arrays = {{.theirs = "fc1.weight"}, {.theirs = "fc1.bias"}, {.theirs = "fc2.weight"}, {.theirs = "fc2.bias"}}};

static const model_case lenet = {.name = "model_lenet_mnist",
                                 .notation =
                                     "conv 5 8; act prelu; pool 2; conv 5 16 valid; act; pool 2; fc 32; act; fc 10",
                                 .rank = 3,
                                 .dims = {28, 28, 1},
                                 .batch = 16,
                                 .rate = 0.01f,
                                 .arrays = {{.theirs = "conv1.weight"},
                                            {.theirs = "conv1.bias"},
                                            {.theirs = "prelu.slope", .ours = "act1.slope"},
                                            {.theirs = "conv2.weight"},
                                            {.theirs = "conv2.bias"},
                                            {.theirs = "fc1.weight", .channels = 16},
                                            {.theirs = "fc1.bias"},
                                            {.theirs = "fc2.weight"},
                                            {.theirs = "fc2.bias"}}};

#define BN(n)                                                                                                          \
    {.theirs = n ".weight"}, {.theirs = n ".bias"}, {.theirs = n ".running_mean", .state = true},                      \
    {                                                                                                                  \
        .theirs = n ".running_var", .state = true                                                                      \
    }

static const model_case resnet = {
    .name = "model_resnet_cifar",
    .notation =
        "conv 3 16; bn; act; conv 3 16; bn; act; pool 2; res { conv 3 16; bn; act; conv 3 16; bn }; act; gap; fc 10",
    .rank = 3,
    .dims = {32, 32, 3},
    .batch = 16,
    .rate = 0.01f,
    .arrays = {{.theirs = "conv1.weight"},
               {.theirs = "conv2.weight"},
               {.theirs = "conv3.weight"},
               {.theirs = "conv4.weight"},
               BN("bn1"),
               BN("bn2"),
               BN("bn3"),
               BN("bn4"),
               {.theirs = "fc.weight", .ours = "fc1.weight"},
               {.theirs = "fc.bias", .ours = "fc1.bias"}}};

/* Channels last, in blocks of channels * pixels. */
static void reorder(reference_array *array, size_t channels, size_t pixels)
{
    size_t blocks = array->count / (channels * pixels);
    assert_int_equal(blocks * channels * pixels, array->count);
    layout_turn(array->values, sizeof *array->values, blocks, channels, pixels);
    if (array->f32)
        layout_turn(array->f32, sizeof *array->f32, blocks, channels, pixels);
}

/* The array "prefix + theirs + suffix" in our order. */
static void load(const model_case *c, reference_array *array, const char *prefix, const pair *p, const char *suffix)
{
    char name[100];
    snprintf(name, sizeof name, "%s%s%s", prefix, p->theirs, suffix);
    assert_true(reference_load(array, c->name, name));
    if (p->channels)
        reorder(array, p->channels, array->shape[1] / p->channels);
}

static void compare(const model_case *c, const char *prefix, const pair *p, const float *got)
{
    reference_array exact;
    char label[200], limit[100];
    snprintf(limit, sizeof limit, "%s%s", prefix, p->theirs);
    snprintf(label, sizeof label, "%s %s (%s)", c->name, limit, hwv_isa_name(hwv_isa_current()));
    assert_non_null(got);
    load(c, &exact, prefix, p, "_exact");
    assert_true(compare_maximum(label, got, exact.values, exact.count, reference_limit(c->name, limit)));
    reference_free(&exact);
}

static hwv_id value_of(const hwv_model *model, const pair *p)
{
    hwv_id id = hwv_graph_find(model->graph, p->ours ? p->ours : p->theirs);
    assert_int_not_equal(id, HWV_NO_ID);
    return id;
}

static void model_load(const model_case *c, hwv_model *model)
{
    hwv_error error;
    hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = c->rank, .classes = 10};
    memcpy(options.dims, c->dims, sizeof options.dims);
    if (hwv_model_build(model, c->notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    for (const pair *p = c->arrays; p->theirs; p++) {
        reference_array start;
        load(c, &start, p->state ? "in_buffer_" : "in_param_", p, "");
        memcpy(hwv_weights_data(model->weights, value_of(model, p)), start.f32, start.count * sizeof(float));
        reference_free(&start);
    }
}

static void batch_set(const model_case *c, hwv_plan *plan, const hwv_model *model, const reference_array *x,
                      const reference_array *y, size_t step)
{
    size_t features = x->count / STEPS;
    int32_t *labels = hwv_plan_data(plan, model->labels);
    memcpy(hwv_plan_data(plan, model->input), x->f32 + step * features, features * sizeof(float));
    for (size_t i = 0; i < c->batch; i++)
        labels[i] = (int32_t)y->i64[step * c->batch + i];
}

/* Velocities and weights of parameters; state is the graph's own. */
static void update(const model_case *c, const hwv_model *model, const float *gradients, float *velocity)
{
    for (const pair *p = c->arrays; p->theirs; p++) {
        hwv_id id = value_of(model, p);
        const hwv_shape *shape = &hwv_graph_value(model->graph, id)->shape;
        size_t count = 1, at = hwv_weights_offset(model->weights, id);
        float *weights = hwv_weights_data(model->weights, id);
        for (size_t d = 0; d < shape->rank; d++)
            count *= shape->dim[d];
        for (size_t i = 0; !p->state && i < count; i++) {
            velocity[at + i] = 0.9f * velocity[at + i] + gradients[at + i];
            weights[i] -= c->rate * velocity[at + i];
        }
    }
}

static void train(const model_case *c, hwv_model *model, const reference_array *x, const reference_array *y,
                  unsigned passes)
{
    static const pair logits = {.theirs = "logits_step1"}, loss = {.theirs = "loss"};
    hwv_plan *plan;
    float losses[STEPS];
    size_t elements;
    hwv_plan_options options = {.batch = c->batch, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, model->graph, model->weights, model->loss, &options, NULL), HWV_OK);
    float *gradients = hwv_plan_parameter_gradients(plan, &elements), *velocity = calloc(elements, sizeof *velocity);
    assert_non_null(velocity);
    for (size_t step = 0; step < STEPS; step++) {
        batch_set(c, plan, model, x, y, step);
        hwv_plan_forward(plan);
        losses[step] = *(float *)hwv_plan_data(plan, model->loss);
        if (step == 0)
            compare(c, "out_", &logits, hwv_plan_data(plan, model->logits));
        hwv_plan_backward(plan, false);
        for (const pair *p = c->arrays; step == 0 && p->theirs; p++)
            if (!p->state)
                compare(c, "grad_", p, gradients + hwv_weights_offset(model->weights, value_of(model, p)));
        update(c, model, gradients, velocity);
    }
    compare(c, "out_", &loss, losses);
    for (const pair *p = c->arrays; p->theirs; p++)
        compare(c, p->state ? "out_buffer_" : "out_param_", p, hwv_weights_data(model->weights, value_of(model, p)));
    free(velocity);
    hwv_plan_destroy(plan);
}

static void run_case(const model_case *c, unsigned passes)
{
    static const pair eval = {.theirs = "eval_logits"};
    hwv_model model;
    hwv_plan *plan;
    reference_array x, y;
    assert_true(reference_load(&x, c->name, "in_batch_x") && reference_load(&y, c->name, "in_batch_y"));
    if (c->rank == 3)
        reorder(&x, c->dims[2], c->dims[0] * c->dims[1]);
    model_load(c, &model);
    train(c, &model, &x, &y, passes);
    hwv_plan_options options = {.batch = c->batch, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, model.graph, model.weights, model.logits, &options, NULL), HWV_OK);
    memcpy(hwv_plan_data(plan, model.input), x.f32, x.count / STEPS * sizeof(float));
    hwv_plan_forward(plan);
    compare(c, "out_", &eval, hwv_plan_data(plan, model.logits));
    hwv_plan_destroy(plan);
    hwv_model_free(&model);
    reference_free(&x);
    reference_free(&y);
}

static void everywhere(const model_case *c)
{
    if (reference_missing())
        skip();
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        run_case(c, 0);
        run_case(c, HWV_PASS_ALL);
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
    for (unsigned pass = 0; pass < HWV_PASS_COUNT; pass++) {
        run_case(c, 1u << pass);
        run_case(c, HWV_PASS_ALL & ~(1u << pass));
    }
}

static void test_mlp_digits(void **state)
{
    (void)state;
    everywhere(&mlp);
}

static void test_lenet_mnist(void **state)
{
    (void)state;
    everywhere(&lenet);
}

static void test_resnet_cifar(void **state)
{
    (void)state;
    everywhere(&resnet);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mlp_digits),
        cmocka_unit_test(test_lenet_mnist),
        cmocka_unit_test(test_resnet_cifar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
