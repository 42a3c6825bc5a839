/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Networks that are born dead. A ReLU network is dead at a point when all units of a hidden layer are 0 there; with random
 * weights of any symmetric law and biases of 0 that happens with the chance 1 - (1 - 2^-N)^(L - 1) for L - 1 hidden
 * layers of N units (Lu et al. 2019). The whole way is taken: notation, initialiser, run, count. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/check.h"
#include "halfwave/random.h"

typedef struct point {
    float x[8];
    size_t width;
    bool given;
} point;

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    point *p = self;
    (void)rows;
    (void)error;
    *got = !p->given;
    if (!p->given)
        memcpy(into[0], p->x, p->width * sizeof(float));
    p->given = true;
    return HWV_OK;
}

static bool dead_somewhere(const hwv_network *network, hwv_counter *counter, point *p)
{
    hwv_tally tally;
    hwv_feed feed = {.self = p, .next = next};
    bool dead = false;
    p->given = false;
    assert_int_equal(hwv_network_stream(network, counter, &feed, NULL, NULL), HWV_OK);
    assert_int_equal(hwv_counter_take(counter, &tally, NULL), HWV_OK);
    for (size_t l = 0; l < tally.layer_count; l++) {
        bool any = false;
        for (size_t u = 0; u < tally.layers[l].units; u++)
            any = any || tally.layers[l].unit[u].fired > 0;
        dead = dead || !any;
    }
    hwv_tally_free(&tally);
    return dead;
}

static void born_dead(size_t width, size_t depth, size_t nets)
{
    char notation[400] = "";
    for (size_t l = 1; l < depth; l++)
        snprintf(notation + strlen(notation), sizeof notation - strlen(notation), "fc %zu; act; ", width);
    snprintf(notation + strlen(notation), sizeof notation - strlen(notation), "fc 2");
    hwv_model_options options = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {width}, .classes = 2};
    hwv_model model = {0};
    hwv_network network = {0};
    hwv_counter *counter;
    point p = {.width = width};
    assert_int_equal(hwv_model_build(&model, notation, &options, NULL), HWV_OK);
    hwv_model view = model; /* to initialise what the network owns */
    assert_int_equal(hwv_network_of_model(&network, &model, "net", NULL), HWV_OK);
    assert_int_equal(network.layer_count, depth - 1);
    assert_int_equal(hwv_counter_create(&counter, &network, 1, NULL, NULL), HWV_OK);
    size_t dead = 0;
    for (size_t n = 0; n < nets; n++) {
        hwv_model_initialise(&view, HWV_INIT_HE, n + 1);
        for (size_t i = 0; i < width; i++)
            p.x[i] = (float)hwv_random_normal(n, HWV_STREAM_TEST, 1, i);
        dead += dead_somewhere(&network, counter, &p);
    }
    double expected = 1 - pow(1 - pow(2, -(double)width), (double)depth - 1), share = (double)dead / (double)nets;
    double error = sqrt(expected * (1 - expected) / (double)nets);
    print_message("width %zu, %zu hidden layers: %.4f dead, %.4f expected, %.1f standard errors\n", width, depth - 1,
                  share, expected, fabs(share - expected) / error);
    assert_true(fabs(share - expected) < 4 * error);
    hwv_counter_destroy(counter);
    hwv_network_free(&network);
}

static void test_born_dead(void **state)
{
    (void)state;
    born_dead(2, 5, 2000);
    born_dead(3, 10, 2000);
    born_dead(5, 10, 2000);
    born_dead(8, 20, 2000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_born_dead)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
