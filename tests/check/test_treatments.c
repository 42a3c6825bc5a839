/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The changes that swaps, bias shifts and inserted norms make of networks with units that were killed on purpose. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "check/treatment.h"
#include "support.h"

enum { IN = 5, UNITS = 8, SAMPLES = 700 };

static float x[SAMPLES * 6 * 6 * 2];
static const size_t vector[] = {IN}, image[] = {6, 6, 2};

static int setup(void **state)
{
    (void)state;
    normals(x, sizeof x / sizeof *x, 1);
    return 0;
}

/* ---- a treatment of a network ---- */

typedef struct treated {
    hwv_network *network;
    size_t each, cut[2]; /* elements of a sample; two shards */
    sample_source samples;
    hwv_source source;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    hwv_change change;
    hwv_layer_treatment *layers;
    hwv_error error;
} treated;

/* Counts what is to be treated. */
static void begin(treated *t, hwv_network *network, size_t each)
{
    const hwv_diagnosis_options options = hwv_diagnosis_defaults();
    *t = (treated){.network = network, .each = each, .cut = {300, SAMPLES}};
    t->samples.feed = (sample_feed){.x = x, .each = each, .cut = t->cut, .cut_count = 2};
    t->source = source_of(&t->samples);
    t->tally = count_of(network, x, each, 0, SAMPLES, 1, NULL);
    must(hwv_diagnose(&t->diagnosis, &t->tally, network, &options, &t->error), &t->error);
}

static hwv_status make_quietly(treated *t, hwv_treatment_make *make, const hwv_treatment_options *options)
{
    hwv_treating treating = {.network = t->network,
                             .diagnosis = &t->diagnosis,
                             .options = options,
                             .source = &t->source,
                             .change = &t->change,
                             .error = &t->error};
    HWV_TRY(hwv_change_create(&t->change, t->network, &t->error));
    t->layers = treating.layers = hwv_calloc(t->network->layer_count + 1, sizeof *t->layers);
    if (t->layers == NULL)
        return hwv_fail(&t->error, HWV_ERR_MEMORY, "no memory");
    for (size_t l = 0; l < t->network->layer_count; l++)
        t->layers[l].layer = l;
    return make(&treating);
}

static void unmake(treated *t)
{
    for (size_t l = 0; t->layers && l < t->network->layer_count; l++)
        hwv_free(t->layers[l].units);
    hwv_free(t->layers);
    t->layers = NULL;
    hwv_change_free(&t->change);
}

static const hwv_treatment_options *defaults(void)
{
    static hwv_treatment_options options;
    options = (hwv_treatment_options){.slope = 0.01, .share = 0.1};
    return &options;
}

static void make(treated *t, hwv_treatment_make *how, const hwv_treatment_options *options)
{
    must(make_quietly(t, how, options), &t->error);
}

static void end(treated *t)
{
    unmake(t);
    hwv_diagnosis_free(&t->diagnosis);
    hwv_tally_free(&t->tally);
    hwv_network_free(t->network);
}

/* Numbers of the change go into the network; counts of it then. */
static hwv_tally carried_out(const treated *t)
{
    for (hwv_id v = 0; v < t->change.value_count; v++) {
        const hwv_value *value = hwv_graph_value(t->network->graph, v);
        size_t elements = 1;
        for (size_t a = 0; a < value->shape.rank; a++)
            elements *= value->shape.dim[a];
        if (t->change.values[v].data)
            memcpy(hwv_weights_data(t->network->weights, v), t->change.values[v].data, elements * sizeof(float));
    }
    return count_of(t->network, x, t->each, 0, SAMPLES, 1, NULL);
}

/* ---- swaps ---- */

static void test_swaps(void **state)
{
    hwv_network network = network_of("fc 8; act; fc 6; act; fc 4; act sigmoid; fc 3", "relu", 1, vector, 3, 1);
    const bool only[] = {false, true, true};
    hwv_treatment_options options = {.slope = 0.2, .layers = only};
    treated t;
    (void)state;
    begin(&t, &network, IN);
    make(&t, hwv_treat_prelu, defaults());
    assert_true(t.change.act_count == 2 && t.change.acts[0].node == network.layers[0].node);
    assert_true(t.change.acts[1].act.op == HWV_OP_PRELU && t.change.acts[1].act.param[0] == 0);
    assert_true(t.layers[0].asked == 8 && t.layers[0].count == 8 && t.layers[1].units[5] == 5);
    assert_true(t.layers[2].asked == 0 && t.layers[2].count == 0 && t.layers[0].reason[0] == '\0');
    assert_string_equal(t.layers[2].reason, "it is sigmoid; relu alone is swapped");
    unmake(&t);
    make(&t, hwv_treat_leaky, &options);
    assert_true(t.change.act_count == 1 && t.change.acts[0].node == network.layers[1].node);
    assert_true(t.change.acts[0].act.op == HWV_OP_LEAKY_RELU && t.change.acts[0].act.param[0] == 0.2f);
    assert_true(t.layers[0].asked == 0 && t.layers[0].count == 0 && t.layers[1].count == 6);
    end(&t);
}

/* ---- bias shifts ---- */

/* Units 1 and 6 of a layer fire nowhere because of a parameter of theirs. */
static void kill(hwv_network *network, const char *bias)
{
    parameter(network, bias)[1] = -50;
    parameter(network, bias)[6] = -70;
}

/* After the shift both fire in the share of the looks, and the rest as before. */
static void shifts(hwv_network network, size_t each, double share, hwv_id *bias)
{
    hwv_treatment_options options = {.share = share};
    treated t;
    begin(&t, &network, each);
    assert_int_equal(t.diagnosis.dead, 2);
    make(&t, hwv_treat_bias_shift, &options);
    assert_true(t.layers[0].asked == 2 && t.layers[0].count == 2 && t.layers[0].reason[0] == '\0');
    assert_true(t.layers[0].units[0] == 1 && t.layers[0].units[1] == 6);
    hwv_tally after = carried_out(&t);
    for (size_t u = 0; u < t.tally.layers[0].units; u++) {
        const hwv_layer_tally *layer = &after.layers[0];
        const double rate = (double)layer->unit[u].fired / (double)layer->looks;
        if (u != 1 && u != 6)
            assert_true(layer->unit[u].fired == t.tally.layers[0].unit[u].fired);
        else if (!(rate >= share && rate < share + 0.01))
            fail_msg("unit %zu fires in %.4f of the looks, asked for %.4f", u, rate, share);
    }
    for (hwv_id v = 0; bias && v < t.change.value_count; v++)
        if (t.change.values[v].data) {
            *bias = v;
            assert_true(t.change.values[v].fresh[1] == 1 && t.change.values[v].fresh[2] == 0);
        }
    hwv_tally_free(&after);
    end(&t);
}

static void test_bias_shift(void **state)
{
    hwv_id bias = 0;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        hwv_network network = network_of("fc 8; act; fc 3", "relu", 1, vector, 3, 1);
        kill(&network, "fc1.bias");
        const hwv_id expected = hwv_graph_find(network.graph, "fc1.bias");
        shifts(network, IN, (const double[]){0.1, 0.01, 0.9}[i], &bias);
        assert_int_equal(bias, expected);
    }
    hwv_network network = network_of("conv 3 8; act; gap; fc 3", "relu", 3, image, 3, 1);
    kill(&network, "conv1.bias");
    shifts(network, 72, 0.1, NULL);
    network = network_of("conv 3 8; bn; act; gap; fc 3", "relu", 3, image, 3, 1);
    kill(&network, "bn1.bias");
    const hwv_id expected = hwv_graph_find(network.graph, "bn1.bias");
    shifts(network, 72, 0.2, &bias);
    assert_int_equal(bias, expected);
    /* fires above 1 */
    network = network_of("fc 8; act threshold(threshold=1); fc 3", "relu", 1, vector, 3, 1);
    kill(&network, "fc1.bias");
    shifts(network, IN, 0.1, NULL);
}

/* No bias is there: the product gets one, which is what the shift is. */
static void test_new_bias(void **state)
{
    hwv_network network = network_of("conv 3 8 nobias; act; gap; fc 3", "relu", 3, image, 3, 1);
    float *weight = parameter(&network, "conv1.weight");
    treated t;
    (void)state;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] = fabsf(x[i]);
    for (size_t i = 0; i < 18; i++)
        weight[2 * 18 + i] = -fabsf(weight[2 * 18 + i]);
    begin(&t, &network, 72);
    assert_int_equal(t.diagnosis.dead, 1);
    make(&t, hwv_treat_bias_shift, defaults());
    assert_true(t.change.bias_count == 1 && t.change.biases[0].units == 8);
    assert_int_equal(
        t.change.biases[0].node,
        hwv_graph_value(network.graph, hwv_graph_node_at(network.graph, network.layers[0].node)->input[0])->producer);
    for (size_t u = 0; u < 8; u++)
        assert_true(u == 2 ? t.change.biases[0].bias[u] > 0 : t.change.biases[0].bias[u] == 0);
    assert_true(t.change.biases[0].bias[2] < -t.tally.layers[0].unit[2].min &&
                t.change.biases[0].bias[2] > -t.tally.layers[0].unit[2].max);
    end(&t);
    normals(x, sizeof x / sizeof *x, 1);
}

static void refuses(hwv_network network, size_t each, hwv_treatment_make *how, const char *reason)
{
    treated t;
    begin(&t, &network, each);
    assert_true(t.diagnosis.layers[0].dead > 0);
    make(&t, how, defaults());
    assert_true(t.layers[0].asked == t.diagnosis.layers[0].dead && t.layers[0].count == 0);
    if (strstr(t.layers[0].reason, reason) == NULL)
        fail_msg("'%s', expected '%s'", t.layers[0].reason, reason);
    assert_true(hwv_change_is_empty(&t.change));
    end(&t);
}

/* All features are negative: relu of them is dead. */
static hwv_network fed_negative(const char *notation)
{
    for (size_t i = 0; i < SAMPLES * IN; i++)
        x[i] = -fabsf(x[i]);
    return network_of(notation, "relu", 1, vector, 3, 1);
}

static void test_refusals(void **state)
{
    (void)state;
    refuses(fed_negative("act; fc 3"), IN, hwv_treat_bias_shift, "no bias that is known");
    refuses(fed_negative("act; fc 3"), IN, hwv_treat_insert_norm, "no product");
    normals(x, sizeof x / sizeof *x, 1);
    /* a row of zeros */
    hwv_network network = network_of("fc 8; act; fc 3", "relu", 1, vector, 3, 1);
    kill(&network, "fc1.bias");
    for (size_t i = 0; i < UNITS * IN; i++)
        if (i / IN == 1 || i / IN == 6)
            parameter(&network, "fc1.weight")[i] = 0;
    refuses(network, IN, hwv_treat_bias_shift, "2 of its dead units never change");
    network = network_of("fc 8; act; fc 3", "relu", 1, vector, 3, 1);
    kill(&network, "fc1.bias");
    for (size_t i = 0; i < UNITS * IN; i++)
        if (i / IN == 1 || i / IN == 6)
            parameter(&network, "fc1.weight")[i] = 0;
    refuses(network, IN, hwv_treat_insert_norm, "2 of its dead units never change");
    /* what the bias moves goes around the activation too */
    network = network_of("conv 3 8; res { act; conv 3 8 }; gap; fc 3", "relu", 3, image, 3, 1);
    kill(&network, "conv1.bias");
    refuses(network, 72, hwv_treat_bias_shift, "read elsewhere");
    /* so does a bias that another node adds too */
    network = network_of("fc 8; act; fc 3", "relu", 1, vector, 3, 1);
    const hwv_id shared[] = {hwv_graph_find(network.graph, "act1"), hwv_graph_find(network.graph, "fc1.bias")};
    hwv_id made;
    hwv_error error;
    must(hwv_graph_node(network.graph, HWV_NODE_BIAS, "again", NULL, shared, 2, &made, &error), &error);
    weights_renew(&network);
    kill(&network, "fc1.bias");
    refuses(network, IN, hwv_treat_bias_shift, "read elsewhere");
    /* fires where |z| is large; a unit of zeros does not */
    network = network_of("fc 8; act hardshrink; fc 3", "relu", 1, vector, 3, 1);
    for (size_t i = 0; i < IN; i++)
        parameter(&network, "fc1.weight")[IN + i] *= 1e-3f;
    refuses(network, IN, hwv_treat_bias_shift, "both sides");
}

/* ---- inserted norms ---- */

static void test_insert_norm(void **state)
{
    hwv_network network = network_of("fc 8; act; fc 8; act; fc 3", "relu", 1, vector, 3, 1);
    const float *weight = parameter(&network, "fc1.weight"), *bias = parameter(&network, "fc1.bias");
    treated t;
    (void)state;
    kill(&network, "fc1.bias");
    begin(&t, &network, IN);
    make(&t, hwv_treat_insert_norm, defaults());
    assert_true(t.change.norm_count == 1 && t.change.norms[0].node == network.layers[0].node);
    assert_true(t.change.norms[0].units == 8 && t.change.norms[0].epsilon == 1e-5f);
    assert_true(t.layers[0].asked == 2 && t.layers[0].count == 2 && t.layers[1].asked == 0);
    for (size_t u = 0; u < UNITS; u++) {
        double sum = 0, squares = 0;
        for (size_t s = 0; s < SAMPLES; s++) {
            double z = (double)bias[u];
            for (size_t i = 0; i < IN; i++)
                z += (double)weight[u * IN + i] * (double)x[s * IN + i];
            sum += z;
            squares += z * z;
        }
        const double mean = sum / SAMPLES, variance = squares / SAMPLES - mean * mean;
        assert_true(fabs((double)t.change.norms[0].mean[u] - mean) < 1e-5 * fmax(1, fabs(mean)));
        assert_true(fabs((double)t.change.norms[0].variance[u] - variance) < 1e-4 * variance);
    }
    end(&t);
}

/* Silent units of too few samples are counted apart. */
static void test_unsure(void **state)
{
    hwv_network network = network_of("fc 8; act; fc 3", "relu", 1, vector, 3, 1);
    const hwv_diagnosis_options strict = {.bound = 0.001, .fail_over = 0.1};
    hwv_treatment_make *const each[] = {hwv_treat_bias_shift, hwv_treat_insert_norm};
    treated t;
    (void)state;
    kill(&network, "fc1.bias");
    begin(&t, &network, IN);
    hwv_diagnosis_free(&t.diagnosis);
    must(hwv_diagnose(&t.diagnosis, &t.tally, &network, &strict, &t.error), &t.error);
    for (size_t i = 0; i < 2; i++) {
        make(&t, each[i], defaults());
        assert_true(t.layers[0].asked == 0 && t.layers[0].unsure == 2 && hwv_change_is_empty(&t.change));
        unmake(&t);
    }
    end(&t);
}

static void test_allocations(void **state)
{
    hwv_treatment_make *const each[] = {hwv_treat_prelu, hwv_treat_leaky, hwv_treat_bias_shift, hwv_treat_insert_norm};
    hwv_network network = network_of("conv 3 8 nobias; act; conv 3 8; act; gap; fc 3", "relu", 3, image, 3, 1);
    treated t;
    (void)state;
    for (size_t i = 0; i < 18; i++)
        parameter(&network, "conv1.weight")[i] *= 1e-3f;
    kill(&network, "conv2.bias");
    begin(&t, &network, 72);
    t.cut[0] = 3;
    t.cut[1] = 6;
    for (size_t i = 0; i < 4; i++) {
        size_t n = 1;
        for (;; n++) {
            const size_t live = allocations_live();
            allocations_fail_at(n);
            const hwv_status status = make_quietly(&t, each[i], defaults());
            allocations_fail_at(0);
            unmake(&t);
            assert_int_equal(allocations_live(), live);
            if (status == HWV_OK)
                break;
            assert_int_equal(status, HWV_ERR_MEMORY);
        }
        assert_true(n > 3);
    }
    end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_swaps),       cmocka_unit_test(test_bias_shift),  cmocka_unit_test(test_new_bias),
        cmocka_unit_test(test_refusals),    cmocka_unit_test(test_insert_norm), cmocka_unit_test(test_unsure),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
