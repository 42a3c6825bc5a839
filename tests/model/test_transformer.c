/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models of sequences: a GPT against reference vectors (logits, gradients, five steps of AdamW), names, messages,
 * initial weights, what may see what, and what a norm in front of a ReLU promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "halfwave/model.h"
#include "halfwave/random.h"
#include "reference.h"

static void build(hwv_model *model, const char *notation, size_t length, size_t classes)
{
    hwv_error error;
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {length}, .classes = classes};
    if (hwv_model_build(model, notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
}

static hwv_plan *plan_of(const hwv_model *model, hwv_id output, size_t batch, bool training, unsigned passes)
{
    hwv_plan *plan;
    const hwv_plan_options options = {.batch = batch, .training = training, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, model->graph, model->weights, output, &options, NULL), HWV_OK);
    return plan;
}

/* ---- reference -------------------------------------------------------------------------------------- */

#define CASE "model_gpt_shakespeare"
enum { STEPS = 5, BATCH = 4, LENGTH = 16, WIDTH = 32, PARAMETERS = 28 };

static const char *const names[PARAMETERS][2] = {
    {"tok_emb", "embed1.weight"},          {"pos_emb", "pos1.weight"},
    {"h0.ln1.weight", "ln1.weight"},       {"h0.ln1.bias", "ln1.bias"},
    {"h0.qkv.weight", "attn1.qkv.weight"}, {"h0.qkv.bias", "attn1.qkv.bias"},
    {"h0.out.weight", "attn1.out.weight"}, {"h0.out.bias", "attn1.out.bias"},
    {"h0.ln2.weight", "ln2.weight"},       {"h0.ln2.bias", "ln2.bias"},
    {"h0.fc1.weight", "fc1.weight"},       {"h0.fc1.bias", "fc1.bias"},
    {"h0.fc2.weight", "fc2.weight"},       {"h0.fc2.bias", "fc2.bias"},
    {"h1.ln1.weight", "ln3.weight"},       {"h1.ln1.bias", "ln3.bias"},
    {"h1.qkv.weight", "attn2.qkv.weight"}, {"h1.qkv.bias", "attn2.qkv.bias"},
    {"h1.out.weight", "attn2.out.weight"}, {"h1.out.bias", "attn2.out.bias"},
    {"h1.ln2.weight", "ln4.weight"},       {"h1.ln2.bias", "ln4.bias"},
    {"h1.fc1.weight", "fc3.weight"},       {"h1.fc1.bias", "fc3.bias"},
    {"h1.fc2.weight", "fc4.weight"},       {"h1.fc2.bias", "fc4.bias"},
    {"lnf.weight", "ln5.weight"},          {"lnf.bias", "ln5.bias"},
};

static hwv_id parameter(const hwv_model *model, size_t p)
{
    const hwv_id id = hwv_graph_find(model->graph, names[p][1]);
    assert_int_not_equal(id, HWV_NO_ID);
    return id;
}

/* The gradient of the keys' bias is zero but for rounding: left out. */
static bool idle(size_t p, size_t element)
{
    return strstr(names[p][0], "qkv.bias") && element / WIDTH == 1;
}

static void compare(const char *prefix, const char *name, float *got, size_t p)
{
    char array[100], exact_name[120], label[200];
    reference_array exact;
    snprintf(array, sizeof array, "%s%s", prefix, name);
    snprintf(exact_name, sizeof exact_name, "%s_exact", array);
    snprintf(label, sizeof label, "%s (%s)", array, hwv_isa_name(hwv_isa_current()));
    assert_true(reference_load(&exact, CASE, exact_name));
    float *kept = malloc(exact.count * sizeof *kept);
    assert_non_null(kept);
    for (size_t i = 0; i < exact.count; i++)
        kept[i] = p < PARAMETERS && idle(p, i) ? (float)exact.values[i] : got[i];
    assert_true(compare_maximum(label, kept, exact.values, exact.count, reference_limit(CASE, array)));
    free(kept);
    reference_free(&exact);
}

/* Loshchilov & Hutter 2019, behind a clip of the norm; moments in double. */
static void adamw(size_t elements, size_t step, const float *gradient, double *m, double *v, float *weights)
{
    double norm = 0;
    for (size_t i = 0; i < elements; i++)
        norm += (double)gradient[i] * (double)gradient[i];
    const double clip = sqrt(norm) > 1 ? 1 / (sqrt(norm) + 1e-6) : 1;
    for (size_t i = 0; i < elements; i++) {
        const double g = clip * (double)gradient[i];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.99 * v[i] + 0.01 * g * g;
        const double up = m[i] / (1 - pow(0.9, (double)step + 1)), down = v[i] / (1 - pow(0.99, (double)step + 1));
        weights[i] = (float)((double)weights[i] * (1 - 1e-3 * 0.01) - 1e-3 * up / (sqrt(down) + 1e-8));
    }
}

static void batch_set(const hwv_model *model, hwv_plan *plan, const reference_array *x, const reference_array *y,
                      size_t step)
{
    int32_t *tokens = hwv_plan_data(plan, model->input), *labels = hwv_plan_data(plan, model->labels);
    for (size_t i = 0; i < BATCH * LENGTH; i++) {
        tokens[i] = (int32_t)x->i64[step * BATCH * LENGTH + i];
        if (labels)
            labels[i] = (int32_t)y->i64[step * BATCH * LENGTH + i];
    }
}

static void five_steps(const hwv_model *model, const reference_array *x, const reference_array *y, unsigned passes)
{
    hwv_plan *plan = plan_of(model, model->loss, BATCH, true, passes);
    size_t elements;
    float losses[STEPS], *gradients = hwv_plan_parameter_gradients(plan, &elements);
    float *weights =
        hwv_weights_data(model->weights, parameter(model, 0)) - hwv_weights_offset(model->weights, parameter(model, 0));
    double *moments = calloc(2 * elements, sizeof *moments);
    assert_non_null(moments);
    for (size_t step = 0; step < STEPS; step++) {
        batch_set(model, plan, x, y, step);
        hwv_plan_forward(plan);
        losses[step] = *(float *)hwv_plan_data(plan, model->loss);
        if (step == 0)
            compare("out_", "logits_step1", hwv_plan_data(plan, model->logits), PARAMETERS);
        hwv_plan_backward(plan, false);
        for (size_t p = 0; step == 0 && p < PARAMETERS; p++)
            compare("grad_", names[p][0], gradients + hwv_weights_offset(model->weights, parameter(model, p)), p);
        adamw(elements, step, gradients, moments, moments + elements, weights);
    }
    compare("out_", "loss", losses, PARAMETERS);
    for (size_t p = 0; p < PARAMETERS; p++)
        compare("out_param_", names[p][0], hwv_weights_data(model->weights, parameter(model, p)), p);
    free(moments);
    hwv_plan_destroy(plan);
}

#define GPT(block) "embed 32; pos; " block block "ln; unembed"

static void gpt_run(unsigned passes)
{
    hwv_model model;
    reference_array x, y;
    assert_true(reference_load(&x, CASE, "in_batch_x") && reference_load(&y, CASE, "in_batch_y"));
    build(&model, GPT("res { ln; attn 2 causal }; res { ln; fc 128; act; fc 32 }; "), LENGTH, 65);
    assert_int_equal(hwv_model_parameters(&model), 28064);
    for (size_t p = 0; p < PARAMETERS; p++) {
        reference_array start;
        char name[100];
        snprintf(name, sizeof name, "in_param_%s", names[p][0]);
        assert_true(reference_load(&start, CASE, name));
        memcpy(hwv_weights_data(model.weights, parameter(&model, p)), start.f32, start.count * sizeof(float));
        reference_free(&start);
    }
    five_steps(&model, &x, &y, passes);
    hwv_plan *plan = plan_of(&model, model.logits, BATCH, false, passes);
    batch_set(&model, plan, &x, &y, 0);
    hwv_plan_forward(plan);
    compare("out_", "eval_logits", hwv_plan_data(plan, model.logits), PARAMETERS);
    hwv_plan_destroy(plan);
    hwv_model_free(&model);
    reference_free(&x);
    reference_free(&y);
}

static void test_gpt_shakespeare(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        gpt_run(0);
        gpt_run(HWV_PASS_ALL);
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
    for (unsigned pass = 0; pass < HWV_PASS_COUNT; pass++) {
        gpt_run(1u << pass);
        gpt_run(HWV_PASS_ALL & ~(1u << pass));
    }
}

/* ---- what may see what ------------------------------------------------------------------------------ */

/* Logits of one sequence, its last token changed or not. */
static void logits_of(const hwv_model *model, bool changed, float *logits)
{
    hwv_plan *plan = plan_of(model, model->logits, 1, false, HWV_PASS_ALL);
    int32_t *tokens = hwv_plan_data(plan, model->input);
    for (int32_t t = 0; t < LENGTH; t++)
        tokens[t] = (7 * t + (changed && t == LENGTH - 1)) % 11;
    hwv_plan_forward(plan);
    memcpy(logits, hwv_plan_data(plan, model->logits), LENGTH * 11 * sizeof *logits);
    hwv_plan_destroy(plan);
}

static void test_causal(void **state)
{
    static const char *const notations[] = {GPT("res { ln; attn 4 causal }; res { ln; fc 64; act; fc 32 }; "),
                                            GPT("res { ln; attn 4 }; res { ln; fc 64; act; fc 32 }; ")};
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        hwv_model model;
        float before[LENGTH * 11], after[LENGTH * 11];
        build(&model, notations[n], LENGTH, 11);
        hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
        logits_of(&model, false, before);
        logits_of(&model, true, after);
        const int others = memcmp(before, after, (LENGTH - 1) * 11 * sizeof *before);
        if (n == 0)
            assert_int_equal(others, 0);
        else
            assert_int_not_equal(others, 0);
        assert_memory_not_equal(before + (LENGTH - 1) * 11, after + (LENGTH - 1) * 11, 11 * sizeof *before);
        hwv_model_free(&model);
    }
}

/* ---- initial weights -------------------------------------------------------------------------------- */

static double deviation(const hwv_model *model, const char *name)
{
    const hwv_id id = hwv_graph_find(model->graph, name);
    assert_int_not_equal(id, HWV_NO_ID);
    const float *w = hwv_weights_data(model->weights, id);
    const size_t count = hwv_weights_elements(model->weights, id);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += (double)w[i] * (double)w[i];
    return sqrt(sum / (double)count);
}

/* Within five standard errors. */
static void assert_deviation(const hwv_model *model, const char *name, double wanted)
{
    const double count = (double)hwv_weights_elements(model->weights, hwv_graph_find(model->graph, name));
    const double got = deviation(model, name);
    if (fabs(got / wanted - 1) > 5 / sqrt(2 * count))
        fail_msg("%s has deviation %g, wanted is %g", name, got, wanted);
}

static void test_initial_weights(void **state)
{
    (void)state;
    hwv_model model;
    build(&model, "char-gpt", 64, 65);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 3);
    static const char *const plain[] = {"embed1.weight",    "pos1.weight", "attn1.qkv.weight",
                                        "attn4.qkv.weight", "fc1.weight",  "fc7.weight"};
    static const char *const added[] = {"attn1.out.weight", "attn4.out.weight", "fc2.weight", "fc8.weight"};
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        assert_deviation(&model, plain[i], 0.02);
    for (size_t i = 0; i < sizeof added / sizeof added[0]; i++)
        assert_deviation(&model, added[i], 0.02 / sqrt(8));
    assert_true(deviation(&model, "ln9.weight") == 1 && deviation(&model, "ln9.bias") == 0);
    assert_true(deviation(&model, "attn2.qkv.bias") == 0);
    hwv_model_free(&model);
}

/* ---- messages --------------------------------------------------------------------------------------- */

static void refuse(const char *notation, size_t rank, hwv_status status, const char *part)
{
    hwv_model model;
    hwv_error error;
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = rank, .dims = {28, 28, 1}, .classes = 10};
    assert_int_equal(hwv_model_build(&model, notation, &options, &error), status);
    if (!strstr(error.text, part))
        fail_msg("'%s' does not say '%s'", error.text, part);
}

static void test_messages(void **state)
{
    (void)state;
    refuse("fc 10; embed 8", 1, HWV_ERR_SHAPE, "layer 2, column 13: embed reads the tokens of the data");
    refuse("embed 8; pos; unembed", 3, HWV_ERR_SHAPE, "embed reads samples of tokens; these have 3 dimensions");
    refuse("embed 8; attn 3; unembed", 1, HWV_ERR_SHAPE, "3 heads do not divide a width of 8");
    refuse("embed 8; attn", 1, HWV_ERR_ARGUMENT, "attn H: the number of heads is a whole number");
    refuse("fc 8; attn 2; fc 10", 1, HWV_ERR_SHAPE, "attn works on sequences: behind embed or patch");
    refuse("pos; fc 10", 1, HWV_ERR_SHAPE, "pos works on sequences");
    refuse("fc 8; unembed", 1, HWV_ERR_SHAPE, "there is none");
    refuse("embed 8; fc 4; unembed", 1, HWV_ERR_SHAPE, "a sequence as wide as embed made it: 8");
    refuse(
        "embed 8; gap; fc 10", 1, HWV_ERR_SHAPE,
        "is the last and has 10 outputs, the data has 10 classes for each token; accepted is a last layer \"fc 10\" or "
        "\"fc classes\", or \"unembed\", behind layers that keep a row for each token");
    refuse("patch 5 16; gap; fc 10", 3, HWV_ERR_SHAPE, "multiples of K");
    refuse("embed 8; res { ln; fc 16 }; unembed", 1, HWV_ERR_SHAPE, "accepted are layers that keep the shape");
}

/* ---- norms ------------------------------------------------------------------------------------------ */

static size_t count_of(const hwv_model *model, hwv_node_kind kind)
{
    size_t count = 0;
    for (size_t n = 0; n < hwv_graph_node_count(model->graph); n++)
        count += hwv_graph_node_at(model->graph, (hwv_id)n)->kind == kind;
    return count;
}

/* A bare norm is what the options say, in front of what is added or behind the sums. */
static void test_bare_norm(void **state)
{
    static const struct {
        const char *notation;
        size_t norms;
    } models[] = {{"char-gpt", 9}, {"char-gpt-post", 8}, {"embed 8; norm; fc 4; norm; fc 8; norm; unembed", 3}};
    (void)state;
    for (size_t m = 0; m < sizeof models / sizeof models[0]; m++)
        for (int norm = 0; norm < HWV_NORM_COUNT; norm++) {
            const hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_RELU)},
                                               .norm = (hwv_norm)norm,
                                               .rank = 1,
                                               .dims = {16},
                                               .classes = 65};
            hwv_model model;
            assert_int_equal(hwv_model_build(&model, models[m].notation, &options, NULL), HWV_OK);
            assert_true(model.normed);
            const size_t layer = norm == HWV_NORM_LAYER ? models[m].norms : 0;
            assert_int_equal(count_of(&model, HWV_NODE_LAYER_NORM), layer);
            assert_int_equal(count_of(&model, HWV_NODE_RMS_NORM), norm == HWV_NORM_RMS ? models[m].norms : 0);
            const hwv_id weight = hwv_graph_find(model.graph, norm == HWV_NORM_RMS ? "rms1.weight" : "ln1.weight");
            assert_int_equal(weight != HWV_NO_ID, norm != HWV_NORM_NONE);
            hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
            for (size_t i = 0; weight != HWV_NO_ID && i < hwv_weights_elements(model.weights, weight); i++)
                assert_true(hwv_weights_data(model.weights, weight)[i] == 1);
            hwv_model_free(&model);
        }
    hwv_model model;
    build(&model, "embed 8; ln; rms; unembed", 16, 9);
    assert_false(model.normed);
    hwv_model_free(&model);
    const hwv_model_options wrong = {.norm = HWV_NORM_COUNT, .rank = 1, .dims = {16}, .classes = 9};
    assert_int_equal(hwv_model_build(&model, "embed 8; norm; unembed", &wrong, NULL), HWV_ERR_ARGUMENT);
    hwv_norm norm = HWV_NORM_LAYER;
    hwv_error error;
    assert_int_equal(hwv_norm_find(&norm, "rsm", &error), HWV_ERR_NAME);
    assert_string_equal(error.text, "unknown norm 'rsm' (did you mean 'rms'?); known: layer, rms, none");
    assert_int_equal(hwv_norm_find(&norm, "none", &error), HWV_OK);
    assert_string_equal(hwv_norm_name(norm), "none");
}

/* rms has no mean to take away, and no bias. */
static void test_rms(void **state)
{
    enum { ROWS = 3 };
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {WIDTH}, .classes = WIDTH};
    hwv_model model;
    (void)state;
    assert_int_equal(hwv_model_build(&model, "rms", &options, NULL), HWV_OK);
    assert_int_equal(hwv_model_parameters(&model), WIDTH);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
    hwv_plan *plan = plan_of(&model, model.logits, ROWS, false, HWV_PASS_ALL);
    float *x = hwv_plan_data(plan, model.input);
    for (size_t i = 0; i < ROWS * WIDTH; i++)
        x[i] = (float)hwv_random_normal(3, 1, 0, i) - 2;
    hwv_plan_forward(plan);
    const float *y = hwv_plan_data(plan, model.logits);
    for (size_t r = 0; r < ROWS; r++) {
        double square = 0;
        for (size_t c = 0; c < WIDTH; c++)
            square += (double)x[r * WIDTH + c] * (double)x[r * WIDTH + c] / WIDTH;
        for (size_t c = 0; c < WIDTH; c++)
            assert_true(fabs((double)y[r * WIDTH + c] - (double)x[r * WIDTH + c] / sqrt(square + 1e-5)) < 2e-6);
    }
    hwv_plan_destroy(plan);
    hwv_model_free(&model);
}

/* ---- norms and ReLU --------------------------------------------------------------------------------- */

/* A graph of one norm and a ReLU over x [batch, WIDTH]; what fires, as many as there are. */
static void fires(hwv_node_kind norm, const float *numbers, size_t rows, bool *fired)
{
    hwv_model model;
    hwv_error error;
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {WIDTH}, .classes = WIDTH};
    if (hwv_model_build(&model, norm == HWV_NODE_LAYER_NORM ? "ln; act" : "bn; act", &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
    hwv_plan *plan = plan_of(&model, model.loss, rows, true, HWV_PASS_ALL);
    int32_t *labels = hwv_plan_data(plan, model.labels);
    memset(labels, 0, rows * sizeof *labels);
    memcpy(hwv_plan_data(plan, model.input), numbers, rows * WIDTH * sizeof *numbers);
    hwv_plan_forward(plan);
    const float *y = hwv_plan_data(plan, model.logits);
    for (size_t i = 0; i < rows * WIDTH; i++)
        fired[i] = y[i] > 0;
    hwv_plan_destroy(plan);
    hwv_model_free(&model);
}

/* Numbers whose mean lies where a ReLU alone would never fire; row 0 or column 0 is constant. */
static void draw(float *x, size_t rows, bool constant_row, uint64_t seed)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < WIDTH; c++) {
            const bool constant = constant_row ? r == 0 : c == 0;
            x[r * WIDTH + c] = constant ? -3 : (float)(hwv_random_normal(seed, 1, 0, r * WIDTH + c) - 50);
        }
}

/* relu(layer_norm(x)), weight 1 and bias 0: at each x that is not constant one unit or more fires, for the numbers have
 * mean 0 and are not all 0. Behind another product that promise is gone. */
static void test_layer_norm_fires(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        enum { ROWS = 20 };
        float x[ROWS * WIDTH];
        bool fired[ROWS * WIDTH];
        draw(x, ROWS, true, seed);
        fires(HWV_NODE_LAYER_NORM, x, ROWS, fired);
        for (size_t r = 0; r < ROWS; r++) {
            size_t count = 0;
            for (size_t c = 0; c < WIDTH; c++)
                count += fired[r * WIDTH + c];
            assert_true(r == 0 ? count == 0 : count > 0);
        }
    }
}

/* relu(batch_norm(x)) in training, bias 0: each unit that is not constant fires for one sample or more. */
static void test_batch_norm_fires(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        enum { ROWS = 20 };
        float x[ROWS * WIDTH];
        bool fired[ROWS * WIDTH];
        draw(x, ROWS, false, seed);
        fires(HWV_NODE_BATCH_NORM, x, ROWS, fired);
        for (size_t c = 0; c < WIDTH; c++) {
            size_t count = 0;
            for (size_t r = 0; r < ROWS; r++)
                count += fired[r * WIDTH + c];
            assert_true(c == 0 ? count == 0 : count > 0);
        }
    }
}

/* Whether two initialisers draw the same. */
static bool same_weights(hwv_model *model, hwv_init one, hwv_init other)
{
    size_t elements;
    float *block = hwv_weights_block(model->weights, &elements), *kept = malloc(elements * sizeof *kept);
    assert_non_null(kept);
    hwv_model_initialise(model, one, 1);
    memcpy(kept, block, elements * sizeof *kept);
    hwv_model_initialise(model, other, 1);
    const bool same = memcmp(kept, block, elements * sizeof *kept) == 0;
    free(kept);
    return same;
}

/* What is chosen: gpt for tokens. */
static void test_auto_of_tokens(void **state)
{
    hwv_model model;
    (void)state;
    build(&model, "embed 8; pos; res { ln; attn 2 causal }; ln; unembed", 16, 9);
    assert_true(same_weights(&model, HWV_INIT_AUTO, HWV_INIT_GPT));
    assert_false(same_weights(&model, HWV_INIT_AUTO, HWV_INIT_XAVIER));
    hwv_model_free(&model);
}

/* ---- images ----------------------------------------------------------------------------------------- */

static void test_patches(void **state)
{
    hwv_model model;
    hwv_error error;
    const hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 3, .dims = {28, 28, 1}, .classes = 10};
    (void)state;
    if (hwv_model_build(&model, "vit-tiny", &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    const hwv_shape *patches = &hwv_graph_value(model.graph, hwv_graph_find(model.graph, "patch1"))->shape;
    assert_int_equal(patches->rank, 3);
    assert_int_equal(patches->dim[1], 49);
    assert_int_equal(patches->dim[2], 64);
    assert_true(same_weights(&model, HWV_INIT_AUTO, HWV_INIT_XAVIER));
    hwv_model_initialise(&model, HWV_INIT_GPT, 1);
    hwv_plan *plan = plan_of(&model, model.loss, 3, true, HWV_PASS_ALL);
    float *x = hwv_plan_data(plan, model.input);
    int32_t *labels = hwv_plan_data(plan, model.labels);
    for (size_t i = 0; i < 3 * 28 * 28; i++)
        x[i] = (float)hwv_random_uniform(1, 1, 0, i);
    for (int32_t i = 0; i < 3; i++)
        labels[i] = i;
    hwv_plan_forward(plan);
    const float loss = *(float *)hwv_plan_data(plan, model.loss);
    assert_true(fabs((double)loss - log(10)) < 0.2);
    hwv_plan_destroy(plan);
    hwv_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gpt_shakespeare),
        cmocka_unit_test(test_causal),
        cmocka_unit_test(test_initial_weights),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_layer_norm_fires),
        cmocka_unit_test(test_batch_norm_fires),
        cmocka_unit_test(test_patches),
        cmocka_unit_test(test_bare_norm),
        cmocka_unit_test(test_rms),
        cmocka_unit_test(test_auto_of_tokens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
