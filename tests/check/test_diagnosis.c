/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What follows from counts: the states of units for every operator, verdicts, causes on networks that were built to have
 * them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "support.h"

enum { MOST = 400 * 128 };
static float z[MOST];

static hwv_tally tally_of(const hwv_act *act, size_t samples, size_t units)
{
    hwv_tally tally = {0};
    hwv_error error;
    must(hwv_tally_count(&tally, "layer", act, samples, 1, units, z, NULL, &error), &error);
    return tally;
}

static hwv_diagnosis judge(const hwv_tally *tally, const hwv_network *network, double bound, double fail_over)
{
    const hwv_diagnosis_options options = {.bound = bound, .fail_over = fail_over};
    hwv_diagnosis diagnosis;
    hwv_error error;
    must(hwv_diagnose(&diagnosis, tally, network, &options, &error), &error);
    return diagnosis;
}

/* ---- states of units ---- */

enum { OF_SILENCE = HWV_UNIT_SILENT | HWV_UNIT_DEAD | HWV_UNIT_INERT };

static void test_states(void **state)
{
    enum { SAMPLES = 400, UNITS = 8 };
    const hwv_act relu = hwv_act_make(HWV_OP_RELU);
    (void)state;
    for (size_t s = 0; s < SAMPLES; s++) {
        float *row = z + s * UNITS;
        const float some = (float)hwv_random_normal(1, HWV_STREAM_TEST, 0, s);
        row[0] = -1 - fabsf(some);                   /* silent */
        row[1] = s == 7 || s == 300 ? 1 : -1;        /* 2 of 400: rare */
        row[2] = 1 + fabsf(some);                    /* always on */
        row[3] = 2;                                  /* constant */
        row[4] = s % 2 ? 0.001f : -1;                /* dormant */
        row[5] = s < 3 ? NAN : some;                 /* three NaNs */
        row[6] = some;                               /* healthy */
        row[7] = s < 4 ? 1 : s % 100 == 99 ? 0 : -3; /* 4 of 400 are 1 %: not below it; 0 does not fire */
    }
    hwv_tally tally = tally_of(&relu, SAMPLES, UNITS);
    hwv_diagnosis d = judge(&tally, NULL, 0.01, 0.25);
    const hwv_layer_diagnosis *layer = &d.layers[0];
    const unsigned flat = HWV_UNIT_SATURATED_LOW, off = HWV_UNIT_DORMANT;
    const unsigned expected[UNITS] = {HWV_UNIT_SILENT | HWV_UNIT_DEAD | flat | off,
                                      HWV_UNIT_RARE | flat | off,
                                      HWV_UNIT_ALWAYS_ON,
                                      HWV_UNIT_ALWAYS_ON | HWV_UNIT_CONSTANT,
                                      off,
                                      0,
                                      0,
                                      flat | off};
    for (size_t u = 0; u < UNITS; u++)
        if (layer->unit[u].is != expected[u])
            fail_msg("unit %zu: %#x, expected %#x", u, layer->unit[u].is, expected[u]);
    assert_int_equal(layer->nans, 3);
    assert_int_equal(layer->silent, 1);
    assert_int_equal(layer->dead, 1);
    assert_int_equal(layer->rare, 1);
    assert_int_equal(layer->always_on, 2);
    assert_int_equal(layer->constant, 1);
    assert_int_equal(layer->saturated, 3);
    assert_int_equal(layer->dormant, 4);
    assert_true(layer->unit[1].rate == 2.0 / SAMPLES && layer->unit[3].mean == 2 && layer->unit[3].std == 0);
    assert_true(isnan(layer->gamma) && layer->cause == HWV_CAUSE_UNKNOWN && layer->why[0] != '\0');
    /* margin: the largest z in units of its std, negative where it never wakes */
    assert_true(layer->unit[0].margin < 0 && layer->unit[6].margin > 2);
    assert_int_equal(d.verdict, HWV_VERDICT_LOOK); /* 1 of 8 */
    hwv_diagnosis_free(&d);
    hwv_tally_free(&tally);
}

/* A layer of zeros is all dormant. */
static void test_zeros(void **state)
{
    const hwv_act relu = hwv_act_make(HWV_OP_RELU);
    (void)state;
    for (size_t i = 0; i < 400 * 4; i++)
        z[i] = -1;
    hwv_tally tally = tally_of(&relu, 400, 4);
    hwv_diagnosis d = judge(&tally, NULL, 0.01, 0.1);
    assert_int_equal(d.layers[0].dormant, 4);
    assert_int_equal(d.layers[0].dead, 4);
    assert_true(d.layers[0].zeros == 1 && d.layers[0].mean_rate == 0);
    hwv_diagnosis_free(&d);
    hwv_tally_free(&tally);
}

/* Every operator: units around one z. */
static void test_operators(void **state)
{
    enum { SAMPLES = 400, DEAD = HWV_UNIT_SILENT | HWV_UNIT_DEAD, INERT = HWV_UNIT_SILENT | HWV_UNIT_INERT };
    enum { LOW = HWV_UNIT_SATURATED_LOW, HIGH = HWV_UNIT_SATURATED_HIGH };
    static const struct {
        hwv_op op;
        float z;
        unsigned is;
    } rows[] = {
        {HWV_OP_IDENTITY, -5, 0},
        {HWV_OP_RELU, -1, DEAD | LOW},
        {HWV_OP_LEAKY_RELU, -1, INERT},
        {HWV_OP_PRELU, -1, INERT},
        {HWV_OP_RRELU, -1, INERT},
        {HWV_OP_SIGMOID, -20, LOW},
        {HWV_OP_SIGMOID, 20, HIGH},
        {HWV_OP_TANH, -20, LOW},
        {HWV_OP_TANH, 20, HIGH},
        {HWV_OP_SOFTSIGN, -50, LOW},
        {HWV_OP_SOFTSIGN, 50, HIGH},
        {HWV_OP_RELU6, -1, DEAD | LOW},
        {HWV_OP_RELU6, 7, HIGH},
        {HWV_OP_HARDTANH, -2, DEAD | LOW},
        {HWV_OP_HARDTANH, -0.5f, 0},
        {HWV_OP_HARDTANH, 2, HIGH},
        {HWV_OP_THRESHOLD, -3, DEAD | LOW},
        {HWV_OP_HARDSHRINK, 0.1f, DEAD},
        {HWV_OP_HARDSHRINK, -3, 0},
        {HWV_OP_SOFTSHRINK, 0.1f, DEAD},
        {HWV_OP_HARDSIGMOID, -20, LOW},
        {HWV_OP_HARDSIGMOID, 20, HIGH},
        {HWV_OP_SQUARED_RELU, -1, DEAD | LOW},
        {HWV_OP_HARDSWISH, -4, DEAD | LOW},
        {HWV_OP_HARDSWISH, -1, INERT},
        {HWV_OP_EXP, -20, LOW},
        {HWV_OP_SILU, -20, DEAD | LOW},
        {HWV_OP_SILU, -0.5f, INERT},
        {HWV_OP_SWISH, -20, DEAD | LOW},
        {HWV_OP_QUICK_GELU, -20, DEAD | LOW},
        {HWV_OP_ELU, -10, DEAD | LOW},
        {HWV_OP_ELU, -1, INERT},
        {HWV_OP_SELU, -10, DEAD | LOW},
        {HWV_OP_CELU, -10, DEAD | LOW},
        {HWV_OP_SOFTPLUS, -10, DEAD | LOW},
        {HWV_OP_SOFTPLUS, -1, INERT},
        {HWV_OP_LOGSIGMOID, -10, INERT},
        {HWV_OP_LOGSIGMOID, 20, HIGH},
        {HWV_OP_GELU, -6, DEAD | LOW},
        {HWV_OP_GELU, -0.5f, INERT},
        {HWV_OP_GELU_TANH, -6, DEAD | LOW},
        {HWV_OP_MISH, -20, DEAD | LOW},
        {HWV_OP_MISH, -0.5f, INERT},
        {HWV_OP_TANHSHRINK, -3, INERT},
    };
    const unsigned looked_at = OF_SILENCE | LOW | HIGH;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const hwv_act act = hwv_act_make(rows[i].op);
        for (size_t s = 0; s < SAMPLES; s++)
            z[s] = rows[i].z * (1 + 0.001f * (float)(s % 7));
        hwv_tally tally = tally_of(&act, SAMPLES, 1);
        hwv_diagnosis d = judge(&tally, NULL, 0.01, 0.1);
        const unsigned is = d.layers[0].unit[0].is & looked_at;
        if (is != rows[i].is)
            fail_msg("%s at %g: %#x, expected %#x", tally.layers[0].op, (double)rows[i].z, is, rows[i].is);
        /* inert and saturated ones never make a verdict */
        assert_int_equal(d.verdict, (is & HWV_UNIT_DEAD) ? HWV_VERDICT_SICK : HWV_VERDICT_HEALTHY);
        hwv_diagnosis_free(&d);
        hwv_tally_free(&tally);
    }
}

/* ---- verdicts ---- */

static hwv_tally dead_of(size_t samples, size_t units, size_t dead, hwv_tally tally, const char *name)
{
    const hwv_act relu = hwv_act_make(HWV_OP_RELU);
    hwv_error error;
    for (size_t i = 0; i < samples * units; i++)
        z[i] = i % units < dead ? -1.0f : (float)(i / units % 2) - 0.25f;
    must(hwv_tally_count(&tally, name, &relu, samples, 1, units, z, NULL, &error), &error);
    return tally;
}

static void test_verdicts(void **state)
{
    enum { HEALTHY = HWV_VERDICT_HEALTHY, LOOK = HWV_VERDICT_LOOK, UNSURE = HWV_VERDICT_CANNOT_TELL };
    enum { SICK = HWV_VERDICT_SICK };
    static const struct {
        size_t samples, dead; /* of 100 */
        double bound, fail_over;
        int verdict;
        uint64_t needed;
    } rows[] = {
        {299, 11, 0.01, 0.10, SICK, 0},     {299, 10, 0.01, 0.10, LOOK, 0},     {299, 2, 0.01, 0.10, LOOK, 0},
        {299, 1, 0.01, 0.10, HEALTHY, 0},   {299, 0, 0.01, 0.10, HEALTHY, 0},   {298, 1, 0.01, 0.10, UNSURE, 299},
        {298, 50, 0.01, 0.10, UNSURE, 299}, {10, 0, 0.01, 0.10, HEALTHY, 0},    {299, 1, 0.01, 0, SICK, 0},
        {299, 0, 0.01, 0, HEALTHY, 0},      {299, 100, 0.01, 1, LOOK, 0},       {59, 11, 0.05, 0.10, SICK, 0},
        {58, 11, 0.05, 0.10, UNSURE, 59},   {299, 20, 0.005, 0.1, UNSURE, 598}, {299, 29, 0.01, 0.29, LOOK, 0},
        {299, 30, 0.01, 0.29, SICK, 0},     {299, 57, 0.01, 0.57, LOOK, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hwv_tally tally = dead_of(rows[i].samples, 100, rows[i].dead, (hwv_tally){0}, "layer");
        hwv_diagnosis d = judge(&tally, NULL, rows[i].bound, rows[i].fail_over);
        if ((int)d.verdict != rows[i].verdict || (int)d.layers[0].verdict != rows[i].verdict)
            fail_msg("row %zu: %s, expected %s", i, hwv_verdict_name(d.verdict),
                     hwv_verdict_name((hwv_verdict)rows[i].verdict));
        assert_int_equal(d.samples_needed, rows[i].needed);
        assert_int_equal(d.silent, rows[i].dead);
        assert_int_equal(d.dead, rows[i].verdict == UNSURE ? 0 : rows[i].dead);
        assert_true(fabs(d.layers[0].rate_bound - (1 - pow(0.05, 1.0 / (double)rows[i].samples))) < 1e-12);
        assert_true(rows[i].dead ? fabs(d.layers[0].joint_bound -
                                        (1 - pow(0.05 / (double)rows[i].dead, 1.0 / (double)rows[i].samples))) < 1e-12
                                 : isnan(d.layers[0].joint_bound));
        hwv_diagnosis_free(&d);
        hwv_tally_free(&tally);
    }
}

/* The model's is the worst: sick, cannot tell, look, healthy. */
static void test_worst(void **state)
{
    static const struct {
        size_t samples[2], dead[2];
        hwv_verdict verdict;
    } rows[] = {{{300, 100}, {50, 5}, HWV_VERDICT_SICK},
                {{100, 300}, {5, 5}, HWV_VERDICT_CANNOT_TELL},
                {{300, 300}, {5, 0}, HWV_VERDICT_LOOK},
                {{300, 20}, {0, 0}, HWV_VERDICT_HEALTHY}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        hwv_tally tally = dead_of(rows[i].samples[0], 100, rows[i].dead[0], (hwv_tally){0}, "first");
        tally = dead_of(rows[i].samples[1], 100, rows[i].dead[1], tally, "second");
        hwv_diagnosis d = judge(&tally, NULL, 0.01, 0.1);
        assert_int_equal(d.verdict, rows[i].verdict);
        assert_int_equal(d.units, 200);
        hwv_diagnosis_free(&d);
        hwv_tally_free(&tally);
    }
}

static void test_rarefaction(void **state)
{
    enum { SAMPLES = 320, UNITS = 40 };
    const hwv_act relu = hwv_act_make(HWV_OP_RELU);
    (void)state;
    for (size_t s = 0; s < SAMPLES; s++)
        for (size_t u = 0; u < UNITS; u++)
            z[s * UNITS + u] = s == 8 * u ? 1 : -1; /* each in one sample */
    hwv_tally tally = tally_of(&relu, SAMPLES, UNITS);
    hwv_diagnosis d = judge(&tally, NULL, 0.01, 0.1);
    const hwv_layer_diagnosis *layer = &d.layers[0];
    assert_int_equal(layer->rarefaction_count, HWV_RAREFACTION);
    for (size_t i = 0; i < HWV_RAREFACTION; i++) {
        const uint64_t n = SAMPLES >> (HWV_RAREFACTION - 1 - i);
        assert_int_equal(layer->rarefaction[i].n, n);
        assert_true(fabs(layer->rarefaction[i].silent - UNITS * (1 - (double)n / SAMPLES)) < 1e-9);
    }
    assert_true(layer->falling && layer->silent == 0);
    hwv_diagnosis_free(&d);
    hwv_tally_free(&tally);
}

static void test_refusals(void **state)
{
    hwv_tally tally = dead_of(300, 100, 5, (hwv_tally){0}, "layer");
    const size_t dims[] = {4};
    hwv_network two = network_of("fc 100; act; fc 7; act; fc 2", "relu", 1, dims, 2, 1);
    hwv_network other = network_of("fc 99; act; fc 2", "relu", 1, dims, 2, 1);
    static const hwv_diagnosis_options wrong[] = {{0, 0.1},    {1, 0.1},   {-1, 0.1},  {0.01, -0.1},
                                                  {0.01, 1.1}, {NAN, 0.1}, {0.01, NAN}};
    hwv_diagnosis_options fine = hwv_diagnosis_defaults();
    hwv_diagnosis d;
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(hwv_diagnose(&d, &tally, NULL, &wrong[i], NULL), HWV_ERR_ARGUMENT);
        assert_null(d.layers);
    }
    assert_int_equal(hwv_diagnose(&d, &tally, &two, &fine, NULL), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_diagnose(&d, &tally, &other, &fine, NULL), HWV_ERR_ARGUMENT);
    hwv_network_free(&two);
    hwv_network_free(&other);
    hwv_tally_free(&tally);
}

/* ---- causes ---- */

enum { FEATURES = 64, SAMPLES = 400 };
static float x[SAMPLES * FEATURES];

typedef struct found {
    hwv_tally tally;
    hwv_diagnosis d;
} found;

static found causes(const hwv_network *network)
{
    found f = {.tally = count_of(network, x, FEATURES, 0, SAMPLES, 1, NULL)};
    f.d = (hwv_diagnosis){0};
    return f;
}

static void expect(const hwv_network *network, size_t at, hwv_cause cause)
{
    found f = causes(network);
    f.d = judge(&f.tally, network, 0.01, 0.1);
    const hwv_layer_diagnosis *layer = &f.d.layers[at];
    if (layer->cause != cause)
        fail_msg("%s: %s (%s), expected %s; %zu silent", network->name, hwv_cause_name(layer->cause), layer->why,
                 hwv_cause_name(cause), layer->silent);
    assert_true((cause == HWV_CAUSE_NONE) == (layer->why[0] == '\0'));
    /* mean z = bias + pull, and where the units live the medians are of those */
    for (size_t u = 0; u < layer->tally->units; u++)
        assert_true(isnan(layer->unit[u].pull) ||
                    fabs(layer->unit[u].bias + layer->unit[u].pull - layer->unit[u].mean) < 1e-9);
    hwv_diagnosis_free(&f.d);
    hwv_tally_free(&f.tally);
}

static void shift_inputs(float by)
{
    normals(x, SAMPLES * FEATURES, 21);
    for (size_t i = 0; i < SAMPLES * FEATURES; i++)
        x[i] += by;
}

static hwv_network plain_net(const char *notation)
{
    const size_t dims[] = {FEATURES};
    return network_of(notation, "relu", 1, dims, 4, 5);
}

static void fill(const hwv_network *network, const char *name, size_t count, float value)
{
    float *p = parameter(network, name);
    for (size_t i = 0; i < count; i++)
        p[i] = value;
}

static void test_causes(void **state)
{
    const char *notation = "fc 32; act; fc 16; act; fc 4", *normed = "fc 32; bn; act; fc 4";
    hwv_network network = plain_net(notation);
    (void)state;
    shift_inputs(0);
    expect(&network, 0, HWV_CAUSE_NONE);
    fill(&network, "fc1.bias", 20, -100);
    expect(&network, 0, HWV_CAUSE_BIAS);
    fill(&network, "fc1.bias", 32, -100);
    fill(&network, "fc2.bias", 16, -1);
    expect(&network, 1, HWV_CAUSE_UPSTREAM);
    fill(&network, "fc1.bias", 32, 0);
    fill(&network, "fc2.bias", 16, 0);
    fill(&network, "fc1.weight", 10 * FEATURES, 0);
    fill(&network, "fc1.bias", 10, -0.5f);
    expect(&network, 0, HWV_CAUSE_ZERO_ROW);
    hwv_network_free(&network);

    network = plain_net(notation);
    shift_inputs(10);
    expect(&network, 0, HWV_CAUSE_INPUT);
    /* 0.9 of the spread is centred well enough, but every weight pulls the same way */
    shift_inputs(0.9f);
    fill(&network, "fc1.weight", 32 * FEATURES, -0.1f);
    expect(&network, 0, HWV_CAUSE_WEIGHTS);
    hwv_network_free(&network);

    network = plain_net(normed);
    shift_inputs(0);
    expect(&network, 0, HWV_CAUSE_NONE);
    fill(&network, "bn1.bias", 12, -50);
    expect(&network, 0, HWV_CAUSE_NORM);
    fill(&network, "bn1.weight", 12, 0);
    fill(&network, "bn1.bias", 12, -1);
    expect(&network, 0, HWV_CAUSE_NORM);
    hwv_network_free(&network);
}

/* The numbers behind a cause, against sums of this file's own. */
static void test_numbers(void **state)
{
    hwv_network network = plain_net("fc 32; bn; act; fc 4");
    double mean[FEATURES] = {0}, all = 0, spread = 0;
    (void)state;
    shift_inputs(3);
    for (size_t u = 0; u < 32; u++) {
        parameter(&network, "bn1.weight")[u] = 0.5f + (float)u / 16;
        parameter(&network, "bn1.running_mean")[u] = (float)u;
        parameter(&network, "bn1.running_var")[u] = 4;
        parameter(&network, "bn1.bias")[u] = -(float)u / 8;
    }
    for (size_t f = 0; f < FEATURES; f++) {
        double square = 0;
        for (size_t s = 0; s < SAMPLES; s++) {
            mean[f] += (double)x[s * FEATURES + f] / SAMPLES;
            square += (double)x[s * FEATURES + f] * (double)x[s * FEATURES + f] / SAMPLES;
        }
        all += mean[f] * mean[f];
        spread += square - mean[f] * mean[f];
    }
    found f = causes(&network);
    f.d = judge(&f.tally, &network, 0.01, 0.1);
    assert_true(fabs(f.d.layers[0].gamma - sqrt(all / spread)) < 1e-5);
    for (size_t u = 0; u < 32; u++) {
        const hwv_unit_diagnosis *unit = &f.d.layers[0].unit[u];
        const float *w = parameter(&network, "fc1.weight") + u * FEATURES;
        const double scale = (0.5 + (double)u / 16) / sqrt(4 + 1e-5);
        double pull = 0, norm = 0;
        for (size_t i = 0; i < FEATURES; i++) {
            pull += (double)w[i] * mean[i] * scale;
            norm += (double)w[i] * (double)w[i] * scale * scale;
        }
        assert_true(fabs(unit->bias - (-(double)u / 8 - (double)u * scale)) < 1e-5 * (1 + (double)u));
        assert_true(fabs(unit->pull - pull) < 1e-4 * (1 + fabs(pull)));
        assert_true(fabs(unit->norm - sqrt(norm)) < 1e-5 * sqrt(norm));
    }
    hwv_diagnosis_free(&f.d);
    hwv_tally_free(&f.tally);
    hwv_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_states),   cmocka_unit_test(test_zeros),  cmocka_unit_test(test_operators),
        cmocka_unit_test(test_verdicts), cmocka_unit_test(test_worst),  cmocka_unit_test(test_rarefaction),
        cmocka_unit_test(test_refusals), cmocka_unit_test(test_causes), cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
