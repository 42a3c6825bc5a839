/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gated pairs in the check: units are counted by their gates, against a network that has those alone; treatments leave
 * them, and say so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "check/treatment.h"
#include "halfwave/pool.h"
#include "support.h"

enum { SAMPLES = 400, UNITS = 6 };

static const size_t flat[] = {12}, image[] = {4, 3, 2};

/* Where each unit's row of the pair's product goes in the product of the gates alone. */
static void gates_copy(const hwv_network *pair, const hwv_network *alone, const char *name)
{
    const hwv_id from = hwv_graph_find(pair->graph, name), to = hwv_graph_find(alone->graph, name);
    const size_t half = hwv_weights_elements(alone->weights, to);
    assert_int_equal(hwv_weights_elements(pair->weights, from), 2 * half);
    memcpy(hwv_weights_data(alone->weights, to), hwv_weights_data(pair->weights, from) + half, half * sizeof(float));
}

/* Both have samples of 24 numbers. The value of a unit is at least 1 in the pair, so that zeros are those of f. */
static void networks_make(bool images, hwv_network *pair, hwv_network *alone)
{
    const size_t rank = images ? 3 : 1, *dims = images ? image : flat;
    const char *const layer = images ? "conv1" : "fc1";
    char weight[32], bias[32];
    *pair =
        network_of(images ? "conv 3 12; act reglu; gap; fc 10" : "fc 12; act reglu; fc 10", "relu", rank, dims, 10, 1);
    *alone = network_of(images ? "conv 3 6; act; gap; fc 10" : "fc 6; act; fc 10", "relu", rank, dims, 10, 1);
    snprintf(weight, sizeof weight, "%s.weight", layer);
    snprintf(bias, sizeof bias, "%s.bias", layer);
    float *b = parameter(pair, bias);
    for (size_t u = 0; u < UNITS; u++)
        b[u] = 100;
    b[UNITS] = -1000;    /* never fires */
    b[UNITS + 1] = 1000; /* always */
    gates_copy(pair, alone, weight);
    gates_copy(pair, alone, bias);
}

static void same_units(const hwv_layer_tally *pair, const hwv_layer_tally *alone)
{
    assert_int_equal(pair->units, alone->units);
    assert_true(pair->looks == alone->looks && pair->samples == alone->samples);
    assert_true(pair->features == alone->features && pair->input_looks == alone->input_looks);
    for (size_t u = 0; u < pair->units; u++) {
        const hwv_unit_tally *p = &pair->unit[u], *a = &alone->unit[u];
        assert_true(p->fired == a->fired && p->fired_samples == a->fired_samples && p->zeros == a->zeros);
        assert_true(p->nans == a->nans && p->low == a->low && p->high == a->high);
        /* products of other shapes add in the same order */
        assert_true(p->min == a->min && p->max == a->max);
        assert_true(p->z.hi == a->z.hi && p->square.hi == a->square.hi);
        assert_true(u == 0 ? p->magnitude.hi == 0 : p->magnitude.hi > a->magnitude.hi);
    }
    assert_memory_equal(pair->picture, alone->picture, pair->picture_samples * pair->units);
}

static void compare(bool images, size_t group, const hwv_executor *executor)
{
    const size_t each = images ? 24 : 12;
    float *x = calloc(SAMPLES * each, sizeof *x);
    hwv_network pair, alone;
    assert_non_null(x);
    normals(x, SAMPLES * each, 7);
    networks_make(images, &pair, &alone);
    hwv_tally gated = count_of(&pair, x, each, 0, SAMPLES, group, executor);
    hwv_tally plain = count_of(&alone, x, each, 0, SAMPLES, group, executor);
    assert_string_equal(gated.layers[0].op, "reglu");
    assert_int_equal(gated.layers[0].act.op, HWV_OP_RELU);
    same_units(&gated.layers[0], &plain.layers[0]);
    hwv_tally_free(&gated);
    hwv_tally_free(&plain);
    hwv_network_free(&pair);
    hwv_network_free(&alone);
    free(x);
}

static void test_counts(void **state)
{
    hwv_pool *pool;
    (void)state;
    assert_int_equal(hwv_pool_create(&pool, 3, NULL), HWV_OK);
    for (size_t images = 0; images < 2; images++)
        for (size_t group = 1; group <= 3; group += 2) {
            compare(images, group, NULL);
            compare(images, group, hwv_pool_executor(pool));
        }
    hwv_pool_destroy(pool);
}

/* Bias, pull and norm of a unit are those of the row of its gate. */
static void test_diagnosis(void **state)
{
    enum { EACH = 12 };
    static float x[SAMPLES * EACH];
    hwv_network pair, alone;
    hwv_diagnosis of_pair, of_alone;
    const hwv_diagnosis_options options = hwv_diagnosis_defaults();
    hwv_error error;
    (void)state;
    normals(x, SAMPLES * EACH, 7);
    networks_make(false, &pair, &alone);
    hwv_tally gated = count_of(&pair, x, EACH, 0, SAMPLES, 1, NULL);
    hwv_tally plain = count_of(&alone, x, EACH, 0, SAMPLES, 1, NULL);
    must(hwv_diagnose(&of_pair, &gated, &pair, &options, &error), &error);
    must(hwv_diagnose(&of_alone, &plain, &alone, &options, &error), &error);
    assert_int_equal(of_pair.dead, of_alone.dead);
    assert_true(of_pair.dead >= 1);
    assert_int_equal(of_pair.layers[0].cause, of_alone.layers[0].cause);
    for (size_t u = 0; u < UNITS; u++) {
        const hwv_unit_diagnosis *p = &of_pair.layers[0].unit[u], *a = &of_alone.layers[0].unit[u];
        assert_true(p->bias == a->bias && p->norm == a->norm && p->pull == a->pull && p->rate == a->rate);
    }

    /* Nothing is done to them, and why. */
    hwv_change change = {0};
    hwv_layer_treatment layers[1] = {{.layer = 0}};
    const hwv_treatment_options treatment = {.layers = NULL};
    const hwv_treating treating = {.network = &pair,
                                   .diagnosis = &of_pair,
                                   .options = &treatment,
                                   .change = &change,
                                   .layers = layers,
                                   .error = &error};
    assert_false(hwv_treating_layer(&treating, 0));
    assert_non_null(strstr(layers[0].reason, "it is a gated pair, reglu"));
    hwv_diagnosis_free(&of_pair);
    hwv_diagnosis_free(&of_alone);
    hwv_tally_free(&gated);
    hwv_tally_free(&plain);
    hwv_network_free(&pair);
    hwv_network_free(&alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_diagnosis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
