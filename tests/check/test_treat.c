/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Treatments of files: what they promise is measured, and layers that break it are found and left out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "make.h"
#include "check/treat.h"
#include "patients.h"

enum { IN = 6, SAMPLES = 500, OUT = 3 };

static float x[SAMPLES * IN];
static const size_t dims[] = {IN}, all_samples = SAMPLES;
static const char five[] = "fc 7; act; fc 6; act; fc 7; act; fc 5; act; fc 6; act; fc 3";

static int setup(void **state)
{
    normals(x, SAMPLES * IN, 1);
    return scratch_make(state);
}

/* ---- a treatment ----------------------------------------------------------------------------------- */

typedef struct clinic {
    hwv_patient *patient;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    sample_source samples;
    hwv_source source;
} clinic;

static void admit_with(clinic *c, hwv_patient *patient, double bound, const float *samples, size_t each)
{
    const hwv_diagnosis_options options = {.bound = bound, .fail_over = 0.1};
    hwv_error error;
    *c = (clinic){.patient = patient};
    c->samples.feed = (sample_feed){.x = samples, .each = each, .cut = &all_samples, .cut_count = 1};
    c->source = source_of(&c->samples);
    c->tally = count_of(hwv_patient_network(patient), samples, each, 0, SAMPLES, 1, NULL);
    must(hwv_diagnose(&c->diagnosis, &c->tally, hwv_patient_network(patient), &options, &error), &error);
}

static void admit(clinic *c, hwv_patient *patient, double bound)
{
    admit_with(c, patient, bound, x, IN);
}

static void discharge(clinic *c)
{
    hwv_diagnosis_free(&c->diagnosis);
    hwv_tally_free(&c->tally);
    hwv_patient_close(c->patient);
}

static hwv_patient *treat_by(clinic *c, hwv_treatment_make *make, hwv_treatment treatment,
                             const hwv_treatment_options *options, hwv_treated *treated)
{
    hwv_patient *cured;
    hwv_error error;
    must(hwv_patient_treat_by(make, &cured, treated, c->patient, &c->diagnosis, treatment, options, &c->source, NULL,
                              &error),
         &error);
    assert_true((cured == NULL) == (treated->reason[0] != '\0') && (cured == NULL) == (treated->units == 0));
    return cured;
}

static hwv_patient *treat(clinic *c, hwv_treatment treatment, const hwv_treatment_options *options,
                          hwv_treated *treated)
{
    return treat_by(c, hwv_treatment_maker(treatment), treatment, options, treated);
}

static hwv_patient *five_layers(void)
{
    return onnx_patient(onnx_file("m.onnx", five, 1, dims, OUT, NULL, 0));
}

/* ---- swaps ----------------------------------------------------------------------------------------- */

static void test_prelu(void **state)
{
    clinic c, after;
    hwv_treated treated;
    (void)state;
    admit(&c, five_layers(), 0.01);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_PRELU, NULL, &treated);
    assert_true(treated.change.equal && treated.change.samples == SAMPLES && treated.units == 31);
    assert_true(treated.layer_count == 5 && treated.layers[3].asked == 5 && treated.layers[3].count == 5);
    assert_true(treated.after.parameters > treated.before.parameters && treated.after.flops == treated.before.flops);
    for (size_t l = 0; l < 5; l++)
        assert_int_equal(op_of(hwv_patient_network(cured), l), HWV_OP_PRELU);
    hwv_treated_free(&treated);
    discharge(&c);
    /* twice changes nothing more */
    admit(&after, cured, 0.01);
    assert_null(treat(&after, HWV_TREATMENT_PRELU, NULL, &treated));
    assert_non_null(strstr(treated.reason, "it is prelu; relu alone is swapped"));
    assert_true(treated.layer_count == 0 && treated.after.parameters == treated.before.parameters);
    hwv_treated_free(&treated);
    /* layers that are named are answered for */
    const hwv_treatment_options named = {.share = 0.1, .layers = (const bool[]){false, true, false, false, false}};
    assert_null(treat(&after, HWV_TREATMENT_LEAKY, &named, &treated));
    assert_true(treated.layer_count == 1 && treated.layers[0].layer == 1 && treated.layers[0].asked == 0);
    assert_string_equal(treated.layers[0].reason, "it is prelu; relu alone is swapped");
    hwv_treated_free(&treated);
    discharge(&after);
}

/* Outputs of "fc 7; act; fc 3" with a slope below 0. */
static void outputs_of(const hwv_network *network, const float *in, double slope, double *out)
{
    const float *w[2] = {NULL}, *b[2] = {NULL};
    for (hwv_id v = 0, p = 0; v < hwv_graph_value_count(network->graph); v++) {
        const hwv_value *value = hwv_graph_value(network->graph, v);
        if (value->role == HWV_ROLE_PARAMETER)
            *(value->shape.rank == 2 ? &w[p / 2] : &b[p / 2]) = hwv_weights_data(network->weights, v);
        p += value->role == HWV_ROLE_PARAMETER;
    }
    double h[7];
    for (size_t u = 0; u < 7; u++) {
        h[u] = (double)b[0][u];
        for (size_t i = 0; i < IN; i++)
            h[u] += (double)w[0][u * IN + i] * (double)in[i];
        h[u] *= h[u] > 0 ? 1 : slope;
    }
    for (size_t o = 0; o < OUT; o++) {
        out[o] = (double)b[1][o];
        for (size_t u = 0; u < 7; u++)
            out[o] += (double)w[1][o * 7 + u] * h[u];
    }
}

/* How far a leaky relu moves the outputs is what plain loops say. */
static void test_leaky(void **state)
{
    const hwv_treatment_options options = {.slope = 0.25, .share = 0.1};
    clinic c;
    hwv_treated treated;
    double largest = 0;
    (void)state;
    admit(&c, onnx_patient(onnx_file("m.onnx", "fc 7; act; fc 3", 1, dims, OUT, NULL, 0)), 0.01);
    for (size_t s = 0; s < SAMPLES; s++) {
        double before[OUT], after[OUT];
        outputs_of(hwv_patient_network(c.patient), x + s * IN, 0, before);
        outputs_of(hwv_patient_network(c.patient), x + s * IN, 0.25, after);
        for (size_t o = 0; o < OUT; o++)
            largest = fmax(largest, fabs(after[o] - before[o]));
    }
    hwv_patient *cured = treat(&c, HWV_TREATMENT_LEAKY, &options, &treated);
    if (!(fabs(treated.change.largest - largest) < 1e-5 && largest > 0.1))
        fail_msg("outputs move by %.9g, expected %.9g", treated.change.largest, largest);
    assert_true(!treated.change.equal && treated.change.decided < 1);
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    discharge(&c);
}

/* ---- dead units ------------------------------------------------------------------------------------ */

static const killed dead[] = {{"fc1.bias", {1, 4}, 2}, {"fc3.bias", {0}, 1}};

static hwv_patient *sick(void)
{
    return onnx_patient(onnx_file("m.onnx", five, 1, dims, OUT, dead, 2));
}

/* The shares of the looks in which the killed units of the first layer fire now. */
static void rates_of(const hwv_patient *patient, double *rates)
{
    hwv_tally tally = count_of(hwv_patient_network(patient), x, IN, 0, SAMPLES, 1, NULL);
    for (size_t i = 0; i < 2; i++)
        rates[i] = (double)tally.layers[0].unit[dead[0].units[i]].fired / SAMPLES;
    hwv_tally_free(&tally);
}

static void test_waking(void **state)
{
    const hwv_treatment_options options = {.share = 0.25};
    double rates[2];
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, sick(), 0.01);
    assert_int_equal(c.diagnosis.dead, 3);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_BIAS_SHIFT, &options, &treated);
    rates_of(cured, rates);
    assert_true(rates[0] >= 0.25 && rates[0] < 0.27 && rates[1] >= 0.25 && rates[1] < 0.27);
    assert_true(treated.units == 3 && treated.layer_count == 2 && treated.layers[1].layer == 2);
    assert_true(treated.change.largest > 0 && treated.after.parameters == treated.before.parameters);
    hwv_treated_free(&treated);
    hwv_patient_close(cured);

    cured = treat(&c, HWV_TREATMENT_INSERT_NORM, &options, &treated);
    rates_of(cured, rates);
    assert_true(rates[0] > 0.3 && rates[0] < 0.7 && rates[1] > 0.3 && rates[1] < 0.7);
    assert_true(treated.units == 3 && treated.after.parameters == treated.before.parameters + 4 * (7 + 7));
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    discharge(&c);
}

/* A checkpoint whose units died of Adam's rate: what becomes of it is a checkpoint again, and computes what was measured. */
static void test_checkpoint(void **state)
{
    static float digits[SAMPLES * 64];
    hwv_data data;
    hwv_error error;
    clinic c;
    (void)state;
    must(hwv_data_open(&data, "digits", &error), &error);
    hwv_data_gather(&data, &data.train, NULL, 0, SAMPLES, digits, NULL);
    hwv_data_close(&data);
    const char *path = checkpoint_file("m.safetensors", "fc 64; act; fc 32; act; fc classes", 150);
    admit_with(&c, checkpoint_patient(path), 0.01, digits, 64);
    assert_true(c.diagnosis.dead > 5);
    for (int i = 0; i < HWV_TREATMENT_COUNT; i++) {
        const hwv_treatment treatment = (hwv_treatment)i;
        const bool swap = treatment == HWV_TREATMENT_PRELU || treatment == HWV_TREATMENT_LEAKY;
        hwv_treated treated;
        hwv_output_change change;
        hwv_patient *cured = treat(&c, treatment, NULL, &treated);
        must(cured ? HWV_OK : HWV_ERR_INTERNAL, &(hwv_error){.text = "nothing was done"});
        assert_int_equal(treated.units, swap ? 96 : c.diagnosis.dead);
        assert_true(hwv_output_change_keeps(&treated.change, hwv_treatment_promise(treatment)));
        assert_true(treatment < HWV_TREATMENT_LEAKY || treated.change.largest > 1e-3);
        must(hwv_patient_write(cured, path, &error), &error);
        hwv_patient_close(cured);
        cured = checkpoint_patient(path);
        must(hwv_network_compare(&change, hwv_patient_network(c.patient), hwv_patient_network(cured), &c.source, NULL,
                                 &error),
             &error);
        assert_true(change.largest == treated.change.largest && change.decided == treated.change.decided);
        assert_int_equal(hwv_patient_cost(cured).parameters, treated.after.parameters);
        hwv_patient_close(cured);
        hwv_treated_free(&treated);
    }
    discharge(&c);
}

/* Live units that lead to a dead channel of a depthwise convolution alone are cut with it, and named, though none of their
 * layer is dead. */
static void test_taken_along(void **state)
{
    enum { EACH = 6 * 6 * 2 };
    static const size_t image[] = {6, 6, 2};
    static const killed one = {"bn2.bias", {4}, 1};
    static float pixels[SAMPLES * EACH];
    clinic c;
    hwv_treated treated;
    (void)state;
    normals(pixels, SAMPLES * EACH, 2);
    const char *path = onnx_file("m.onnx", "conv 3 8; bn; act; conv 3 8 groups 8; bn; act; conv 1 5; gap; fc 3", 3,
                                 image, OUT, &one, 1);
    admit_with(&c, onnx_patient(path), 0.01, pixels, EACH);
    assert_true(c.diagnosis.dead == 1 && c.diagnosis.layers[1].dead == 1);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_PRUNE, NULL, &treated);
    assert_true(treated.layer_count == 2 && treated.units == 2);
    assert_true(treated.layers[0].asked == 0 && treated.layers[0].count == 1 && treated.layers[0].units[0] == 4);
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    /* where it was not asked for too */
    const bool second[] = {false, true};
    const hwv_treatment_options options = {.share = 0.1, .layers = second};
    cured = treat(&c, HWV_TREATMENT_PRUNE, &options, &treated);
    assert_true(treated.layer_count == 2 && treated.units == 2 && treated.layers[0].count == 1);
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    discharge(&c);
}

/* Every treatment of networks of images, with batch norms, branches and depthwise convolutions: what it promises holds, and
 * all dead units are treated or a reason is given (live ones that lead to them alone go with them). */
static void all_treatments(const char *notation, const killed *dead_ones, size_t count)
{
    enum { EACH = 8 * 8 * 3 };
    static const size_t image[] = {8, 8, 3};
    static float pixels[SAMPLES * EACH];
    clinic c;
    normals(pixels, SAMPLES * EACH, 2);
    const char *path = onnx_file("images.onnx", notation, 3, image, OUT, dead_ones, count);
    admit_with(&c, onnx_patient(path), 0.01, pixels, EACH);
    assert_true(c.diagnosis.dead >= count);
    for (int i = 0; i < HWV_TREATMENT_COUNT; i++) {
        const hwv_treatment treatment = (hwv_treatment)i;
        hwv_treated treated;
        hwv_patient *cured = treat(&c, treatment, NULL, &treated);
        if (cured == NULL)
            fail_msg("%s: %s: %s", notation, hwv_treatment_name(treatment), treated.reason);
        assert_true(hwv_output_change_keeps(&treated.change, hwv_treatment_promise(treatment)));
        for (size_t l = 0; l < treated.layer_count; l++)
            if (treated.layers[l].count < treated.layers[l].asked && treated.layers[l].reason[0] == '\0')
                fail_msg("%s: %s: %zu of %zu units of layer %zu, and no reason", notation,
                         hwv_treatment_name(treatment), treated.layers[l].count, treated.layers[l].asked, l);
        hwv_treated_free(&treated);
        hwv_patient_close(cured);
    }
    discharge(&c);
}

static void test_images(void **state)
{
    static const killed norms[] = {{"bn1.bias", {1, 3}, 2}, {"bn2.bias", {0, 5, 6}, 3}};
    static const killed convolutions[] = {{"conv1.bias", {2}, 1}};
    (void)state;
    all_treatments("conv 3 8; bn; act; conv 3 8; bn; act; pool 2; conv 3 8; bn; act; gap; fc 3", norms, 2);
    all_treatments("conv 3 8; bn; act; res { conv 3 8; bn; act; conv 3 8; bn }; act; gap; fc 3", norms, 2);
    all_treatments("conv 3 8; bn; act; conv 3 8 groups 8; bn; act; conv 1 8; bn; act; gap; fc 3", norms, 2);
    all_treatments("conv 3 8; act; pool 2; conv 3 8 valid; act; flatten; fc 9; act; fc 3", convolutions, 1);
}

/* Units behind a depthwise convolution are cut along with the dead ones in front of it, and are told of. */
static void test_along(void **state)
{
    static const size_t image[] = {6, 6, 1};
    static const killed one = {"conv1.bias", {2}, 1};
    static float images[SAMPLES * 36];
    hwv_treated treated;
    clinic c;
    (void)state;
    normals(images, SAMPLES * 36, 2);
    admit_with(&c,
               onnx_patient(onnx_file("m.onnx", "conv 3 5; act; conv 3 5 groups 5 valid; act; conv 1 4; act; fc 3", 3,
                                      image, OUT, &one, 1)),
               0.01, images, 36);
    assert_true(c.diagnosis.layers[0].dead == 1 && c.diagnosis.layers[1].dead == 0);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_PRUNE, NULL, &treated);
    assert_non_null(cured);
    assert_true(treated.layer_count == 2 && treated.units == 2);
    for (size_t l = 0; l < 2; l++)
        assert_true(treated.layers[l].layer == l && treated.layers[l].count == 1 && treated.layers[l].units[0] == 2);
    assert_true(treated.layers[0].asked == 1 && treated.layers[1].asked == 0);
    assert_true(hwv_output_change_keeps(&treated.change, HWV_PROMISE_EXACT));
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    discharge(&c);
}

/* Nothing is dead, or nobody knows it yet, or it is elsewhere. */
static void test_nothing(void **state)
{
    const bool second[] = {false, true, false, false, false};
    const hwv_treatment_options options = {.share = 0.1, .layers = second};
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, five_layers(), 0.01);
    assert_int_equal(c.diagnosis.dead, 0);
    assert_null(treat(&c, HWV_TREATMENT_BIAS_SHIFT, NULL, &treated));
    assert_string_equal(treated.reason, "no unit is dead");
    assert_true(treated.layer_count == 0 && treated.change.equal && treated.before.bytes == treated.after.bytes);
    hwv_treated_free(&treated);
    discharge(&c);
    admit(&c, sick(), 0.001);
    assert_null(treat(&c, HWV_TREATMENT_INSERT_NORM, NULL, &treated));
    assert_string_equal(treated.reason, "3 units are silent, but 2995 samples are needed to call them dead");
    assert_true(treated.layer_count == 2 && treated.layers[0].unsure == 2 && treated.layers[0].asked == 0);
    hwv_treated_free(&treated);
    discharge(&c);
    admit(&c, sick(), 0.01);
    assert_null(treat(&c, HWV_TREATMENT_BIAS_SHIFT, &options, &treated));
    assert_true(treated.layer_count == 1 && treated.layers[0].layer == 1);
    hwv_treated_free(&treated);
    discharge(&c);
}

/* ---- who is to blame ------------------------------------------------------------------------------- */

static unsigned bad; /* layers whose part of the next treatment is wrong */
static hwv_act wrong;
static size_t attempts;

/* prelu of slope 0 everywhere, but for the bad ones. */
static hwv_status swap_badly(hwv_treating *t)
{
    attempts++;
    for (size_t l = 0; l < t->network->layer_count; l++) {
        hwv_act act = hwv_act_make(HWV_OP_PRELU);
        act.param[0] = 0;
        if (!hwv_treating_layer(t, l))
            continue;
        HWV_TRY(hwv_treating_ask(t, l, true));
        HWV_TRY(hwv_change_act(t->change, t->network->layers[l].node, bad >> l & 1 ? &wrong : &act, t->error));
        for (size_t u = 0; u < t->layers[l].asked; u++)
            hwv_treating_take(t, l, u);
    }
    return HWV_OK;
}

/* Every set of bad layers: these are left out with the reason, the others are treated. */
static void blames(clinic *c, hwv_treatment treatment, const char *reason)
{
    for (bad = 0; bad < 32; bad++) {
        hwv_treated treated;
        attempts = 0;
        hwv_patient *cured = treat_by(c, swap_badly, treatment, NULL, &treated);
        assert_true((cured == NULL) == (bad == 31) && treated.layer_count == 5);
        assert_true(attempts <= 10 && (bad != 0 || attempts == 1));
        for (size_t l = 0; l < 5; l++) {
            const hwv_layer_treatment *layer = &treated.layers[l];
            assert_true(layer->layer == l && layer->asked > 0);
            if (bad >> l & 1) {
                assert_true(layer->count == 0 && layer->units == NULL);
                if (strstr(layer->reason, reason) == NULL)
                    fail_msg("layer %zu: '%s', expected '%s'", l, layer->reason, reason);
            } else {
                assert_true(layer->count == layer->asked && layer->reason[0] == '\0');
            }
            if (cured)
                assert_int_equal(op_of(hwv_patient_network(cured), l), bad >> l & 1 ? HWV_OP_RELU : HWV_OP_PRELU);
        }
        if (cured)
            assert_true(treated.change.equal && treated.change.samples == SAMPLES);
        else
            assert_true(strncmp(treated.reason, c->tally.layers[0].name, 4) == 0 && strstr(treated.reason, reason));
        hwv_treated_free(&treated);
        hwv_patient_close(cured);
    }
}

static void test_broken_promises(void **state)
{
    clinic c;
    (void)state;
    admit(&c, five_layers(), 0.01);
    wrong = hwv_act_make(HWV_OP_LEAKY_RELU);
    wrong.param[0] = 0.5f;
    blames(&c, HWV_TREATMENT_PRELU, ", and none may");
    blames(&c, HWV_TREATMENT_PRUNE, " are allowed");
    discharge(&c);
}

/* A change that moves outputs, but less than exact allows, is one for prune and none for prelu. */
static void test_small_moves(void **state)
{
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, five_layers(), 0.01);
    wrong = hwv_act_make(HWV_OP_LEAKY_RELU);
    wrong.param[0] = 1e-7f;
    bad = 31;
    hwv_patient *cured = treat_by(&c, swap_badly, HWV_TREATMENT_PRUNE, NULL, &treated);
    assert_non_null(cured);
    assert_true(!treated.change.equal && treated.change.largest > 0);
    hwv_treated_free(&treated);
    hwv_patient_close(cured);
    assert_null(treat_by(&c, swap_badly, HWV_TREATMENT_PRELU, NULL, &treated));
    hwv_treated_free(&treated);
    discharge(&c);
}

/* The bad swap is of a layer that nobody asked for: all that is known is why it failed. */
static hwv_status swap_elsewhere(hwv_treating *t)
{
    hwv_layer_treatment *layer = &t->layers[1];
    layer->units = hwv_calloc(1, sizeof *layer->units);
    if (layer->units == NULL)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory");
    layer->count = 1;
    return hwv_change_act(t->change, t->network->layers[1].node, &wrong, t->error);
}

static void test_nobody_to_blame(void **state)
{
    const bool first[] = {true, false, false, false, false};
    const hwv_treatment_options options = {.share = 0.1, .layers = first};
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, five_layers(), 0.01);
    wrong = hwv_act_make(HWV_OP_LEAKY_RELU);
    wrong.param[0] = 0.5f;
    assert_null(treat_by(&c, swap_elsewhere, HWV_TREATMENT_PRELU, &options, &treated));
    assert_non_null(strstr(treated.reason, "an output would move"));
    assert_true(treated.layer_count == 1 && treated.layers[0].layer == 0 && treated.layers[0].count == 0);
    hwv_treated_free(&treated);
    discharge(&c);
}

/* A part that the file cannot say. */
static void test_not_in_a_file(void **state)
{
    clinic c;
    (void)state;
    admit(&c, five_layers(), 0.01);
    wrong = hwv_act_make(HWV_OP_RRELU);
    blames(&c, HWV_TREATMENT_PRELU, "");
    discharge(&c);
}

/* ---- files by hand ---------------------------------------------------------------------------------- */

/* x [1, IN] -> Gemm -> Relu -> Gemm -> y; with `odd` the Relu goes into a node too that nobody knows, and out. */
static const char *by_hand(bool odd)
{
    static maker m;
    static const int64_t in[] = {1, IN};
    const size_t first[] = {7, IN}, second[] = {OUT, 7};
    m = (maker){0};
    make_input(&m, "x", in, 2);
    make_output(&m, "y");
    make_floats(&m, "w1", first, 2, x);
    make_floats(&m, "w2", second, 2, x + 7 * IN);
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "first", "x w1", "z");
    make_node(&m, "Relu", "relu", "z", "h");
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "second", "h w2", "y");
    if (odd) {
        make_output(&m, "strange");
        make_node(&m, "Unheard", "odd", "h", "strange");
    }
    make_model(&m, 13);
    return scratch_write("m.onnx", m.model, m.model_size);
}

static hwv_patient *opened(const char *path, const hwv_onnx_import_options *options)
{
    hwv_patient *patient;
    hwv_error error;
    must(hwv_patient_open_onnx(&patient, path, options, &error), &error);
    return patient;
}

/* A network that takes one sample a run. */
static void test_one_by_one(void **state)
{
    const hwv_onnx_import_options options = {.batched = false};
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, opened(by_hand(false), &options), 0.01);
    assert_false(hwv_patient_network(c.patient)->batched);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_PRELU, NULL, &treated);
    assert_true(cured && treated.change.equal && treated.change.samples == SAMPLES);
    assert_false(hwv_patient_network(cured)->batched);
    hwv_patient_close(cured);
    hwv_treated_free(&treated);
    discharge(&c);
}

/* What cannot be computed cannot be measured: nothing is done. */
static void test_partly_known(void **state)
{
    const hwv_onnx_import_options options = {.batched = true, .partial = true};
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, opened(by_hand(true), &options), 0.01);
    assert_null(treat(&c, HWV_TREATMENT_PRELU, NULL, &treated));
    assert_non_null(strstr(treated.reason, "output 'strange' cannot be computed: node 'odd'"));
    hwv_treated_free(&treated);
    discharge(&c);
}

/* ---- failures -------------------------------------------------------------------------------------- */

static hwv_status gone(void *self, hwv_feed *feed, hwv_error *error)
{
    (void)self;
    (void)feed;
    return hwv_fail(error, HWV_ERR_IO, "the data is gone");
}

static hwv_status treats(const clinic *c, const hwv_treatment_options *options, const hwv_source *source)
{
    hwv_patient *cured = (hwv_patient *)(uintptr_t)1;
    hwv_treated treated;
    hwv_error error = {0};
    const hwv_status status = hwv_patient_treat(&cured, &treated, c->patient, &c->diagnosis, HWV_TREATMENT_PRELU,
                                                options, source, NULL, &error);
    if (status != HWV_OK)
        assert_true(cured == NULL && treated.layers == NULL && treated.layer_count == 0 && error.text[0] != '\0');
    hwv_patient_close(cured);
    hwv_treated_free(&treated);
    return status;
}

static void test_failures(void **state)
{
    const hwv_source none = {.open = gone};
    const hwv_treatment_options good = hwv_treatment_defaults();
    hwv_treatment_options options[6];
    clinic c;
    (void)state;
    admit(&c, five_layers(), 0.01);
    assert_int_equal(treats(&c, NULL, &c.source), HWV_OK);
    assert_int_equal(treats(&c, NULL, &none), HWV_ERR_IO);
    for (size_t i = 0; i < 6; i++)
        options[i] = good;
    options[0].share = 0;
    options[1].share = 1;
    options[2].share = (double)NAN;
    options[3].slope = 1e9;
    options[4].keep_margin = -1;
    options[5].slope = (double)NAN;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(treats(&c, &options[i], &c.source), HWV_ERR_ARGUMENT);
    c.diagnosis.layer_count--;
    assert_int_equal(treats(&c, NULL, &c.source), HWV_ERR_ARGUMENT);
    c.diagnosis.layer_count++;
    discharge(&c);
}

/* No samples: no promise can be kept. */
static void test_no_samples(void **state)
{
    const size_t none = 0;
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, five_layers(), 0.01);
    c.samples.feed.cut = &none;
    assert_null(treat(&c, HWV_TREATMENT_PRELU, NULL, &treated));
    assert_non_null(strstr(treated.reason, "no samples"));
    hwv_treated_free(&treated);
    discharge(&c);
}

static hwv_status all_of_them(const clinic *c)
{
    static const hwv_treatment each[] = {HWV_TREATMENT_PRELU, HWV_TREATMENT_BIAS_SHIFT, HWV_TREATMENT_INSERT_NORM};
    hwv_status status = HWV_OK;
    for (size_t i = 0; status == HWV_OK && i < 4; i++) {
        hwv_patient *cured;
        hwv_treated treated;
        status =
            hwv_patient_treat_by(i < 3 ? hwv_treatment_maker(each[i]) : swap_badly, &cured, &treated, c->patient,
                                 &c->diagnosis, i < 3 ? each[i] : HWV_TREATMENT_PRELU, NULL, &c->source, NULL, NULL);
        hwv_patient_close(cured);
        hwv_treated_free(&treated);
    }
    return status;
}

static void test_allocations(void **state)
{
    const size_t few = 6;
    const killed one = {"fc1.bias", {1}, 1};
    size_t n = 1;
    clinic c;
    (void)state;
    bad = 1;
    wrong = hwv_act_make(HWV_OP_LEAKY_RELU);
    admit(&c, onnx_patient(onnx_file("m.onnx", "fc 4; act; fc 4; act; fc 3", 1, dims, OUT, &one, 1)), 0.01);
    c.samples.feed.cut = &few;
    for (;; n++) {
        const size_t live = allocations_live();
        allocations_fail_at(n);
        const hwv_status status = all_of_them(&c);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live);
        if (status == HWV_OK)
            break;
        assert_int_equal(status, HWV_ERR_MEMORY);
    }
    assert_true(n > 100);
    discharge(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prelu),         cmocka_unit_test(test_leaky),
        cmocka_unit_test(test_waking),        cmocka_unit_test(test_checkpoint),
        cmocka_unit_test(test_images),        cmocka_unit_test(test_taken_along),
        cmocka_unit_test(test_nothing),       cmocka_unit_test(test_broken_promises),
        cmocka_unit_test(test_small_moves),   cmocka_unit_test(test_nobody_to_blame),
        cmocka_unit_test(test_not_in_a_file), cmocka_unit_test(test_one_by_one),
        cmocka_unit_test(test_partly_known),  cmocka_unit_test(test_failures),
        cmocka_unit_test(test_no_samples),    cmocka_unit_test(test_allocations),
        cmocka_unit_test(test_along),
    };
    return cmocka_run_group_tests(tests, setup, scratch_remove);
}
