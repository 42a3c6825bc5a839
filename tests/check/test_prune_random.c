/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * 1,000 small networks drawn at random, with units killed on purpose: treatments keep what they promise, or leave units
 * and say why. A living channel that is cut instead is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "check/channels.h"
#include "support.h"
#include "trial.h"

#include "drawings.h"
#include "sketch_onnx.h"

enum { NETWORKS = 1000 };

static float x[TRIAL_SAMPLES * 6 * 6 * 3];

static int setup(void **state)
{
    (void)state;
    normals(x, sizeof x / sizeof *x, 5);
    return 0;
}

typedef struct totals {
    size_t networks, asked, treated, left, tried, noticed;
} totals;

static void begin(trial *t, uint64_t seed)
{
    hwv_network network = draw_network(seed);
    draw_deaths(&network, seed);
    trial_begin(t, network, x);
}

/* Every unit that was asked for was treated, or a reason says why not. */
static void count(const trial *t, uint64_t seed, totals *sum)
{
    for (size_t l = 0; l < t->network.layer_count; l++) {
        const hwv_layer_treatment *layer = &t->layers[l];
        size_t treated = 0;
        for (size_t i = 0; i < layer->count; i++)
            treated += t->diagnosis.layers[l].unit[layer->units[i]].is & HWV_UNIT_DEAD ? 1 : 0;
        if ((treated < layer->asked) != (layer->reason[0] != '\0'))
            fail_msg("network %u, %s: %zu of %zu treated, reason '%s'", (unsigned)seed, t->network.layers[l].name,
                     treated, layer->asked, layer->reason);
        sum->asked += layer->asked;
        sum->treated += treated;
        sum->left += layer->asked - treated;
    }
}

static void treat(hwv_treatment_make *make, hwv_promise promise, totals *sum)
{
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        trial t;
        begin(&t, seed);
        trial_make(&t, make, NULL);
        count(&t, seed, sum);
        if (!hwv_change_is_empty(&t.change)) {
            const hwv_output_change moved = trial_move(&t);
            sum->networks++;
            if (!hwv_output_change_keeps(&moved, promise))
                fail_msg("network %u: moved by %g of %g", (unsigned)seed, moved.largest, moved.scale);
        }
        trial_end(&t);
    }
}

static void test_prune(void **state)
{
    totals sum = {0};
    (void)state;
    treat(hwv_treat_prune, HWV_PROMISE_EXACT, &sum);
    printf("prune: %zu networks, %zu dead units, %zu cut, %zu left\n", sum.networks, sum.asked, sum.treated, sum.left);
    assert_true(sum.networks > NETWORKS / 3 && sum.treated > 1000 && sum.left > 1000);
}

static void test_recycle(void **state)
{
    totals sum = {0};
    (void)state;
    treat(hwv_treat_recycle, HWV_PROMISE_EQUAL, &sum);
    printf("recycle: %zu networks, %zu dead units, %zu new, %zu left\n", sum.networks, sum.asked, sum.treated,
           sum.left);
    assert_true(sum.networks > NETWORKS / 4 && sum.treated > 1000 && sum.left > 1000);
}

/* ---- through files ---- */

/* The network of a file, and what it is when it is changed. */
typedef struct filed {
    hwv_onnx *file;
    hwv_onnx_trace *trace;
    hwv_network network;
} filed;

static void file_open(filed *f, const void *bytes, size_t size)
{
    const hwv_onnx_import_options options = {.batched = true, .trace = &f->trace};
    hwv_error error;
    must(hwv_onnx_parse(&f->file, "drawn", bytes, size, &error), &error);
    must(hwv_onnx_import(&f->network, f->file, &options, &error), &error);
}

static void file_close(filed *f, bool owned)
{
    if (owned)
        hwv_network_free(&f->network);
    hwv_onnx_trace_free(f->trace);
    hwv_onnx_close(f->file);
}

/* The change carried out on the file moves the outputs no more than promised; false: it cannot be. */
static bool file_changed(trial *t, const filed *f, hwv_promise promise, uint64_t seed)
{
    hwv_text bytes = {0};
    hwv_output_change moved;
    filed changed;
    const hwv_status status = hwv_onnx_change(&bytes, f->file, f->trace, &t->change, false, &t->error);
    if (status == HWV_ERR_UNSUPPORTED) {
        printf("network %u: %s\n", (unsigned)seed, t->error.text);
        return false;
    }
    must(status, &t->error);
    file_open(&changed, bytes.data, bytes.length);
    must(hwv_network_compare(&moved, &t->network, &changed.network, &t->source, NULL, &t->error), &t->error);
    if (!hwv_output_change_keeps(&moved, promise))
        fail_msg("network %u: moved by %g of %g", (unsigned)seed, moved.largest, moved.scale);
    file_close(&changed, true);
    hwv_text_free(&bytes);
    return true;
}

static void file_treat(uint64_t seed, hwv_treatment_make *make, hwv_promise promise, totals *sum)
{
    static maker m;
    hwv_network network = draw_network(seed);
    trial t;
    filed f;
    draw_deaths(&network, seed);
    const bool written = sketch_onnx(&network, &m);
    hwv_network_free(&network);
    if (!written)
        return;
    file_open(&f, m.model, m.model_size);
    trial_begin(&t, f.network, x);
    trial_make(&t, make, NULL);
    count(&t, seed, sum);
    if (!hwv_change_is_empty(&t.change)) {
        sum->tried++;
        sum->networks += file_changed(&t, &f, promise, seed);
    }
    trial_end(&t);
    file_close(&f, false);
}

static void test_files(void **state)
{
    totals cut = {0}, new = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        file_treat(seed, hwv_treat_prune, HWV_PROMISE_EXACT, &cut);
        file_treat(seed, hwv_treat_recycle, HWV_PROMISE_EQUAL, &new);
    }
    printf("files: %zu of %zu pruned (%zu of %zu units), %zu of %zu recycled (%zu units)\n", cut.networks, cut.tried,
           cut.treated, cut.asked, new.networks, new.tried, new.treated);
    assert_true(cut.networks > NETWORKS / 3 && new.networks > NETWORKS / 4);
    assert_true(cut.tried - cut.networks < NETWORKS / 100 && new.tried == new.networks);
}

/* ---- the test of the test ---- */

/* A channel of an open track with a unit that fires in most looks; false: there is none. */
static bool living_find(const trial *t, const hwv_tracks *tracks, size_t *track, size_t *channel)
{
    for (size_t l = 0; l < t->network.layer_count; l++) {
        const hwv_id y = hwv_graph_node_at(t->network.graph, t->network.layers[l].node)->output[0];
        const size_t axis = hwv_graph_value(t->network.graph, y)->shape.rank - 1;
        *track = hwv_tracks_find(tracks, y, axis);
        const hwv_track *of = &tracks->tracks[*track];
        for (size_t u = 0; !of->closed[0] && of->channels > 1 && u < t->tally.layers[l].units; u++) {
            *channel = hwv_place_channel(of, hwv_tracks_place(tracks, y, axis), u);
            if (t->diagnosis.layers[l].unit[u].rate > 0.5 && t->diagnosis.layers[l].unit[u].std > 0.1)
                return true;
        }
    }
    return false;
}

static void living_cut(trial *t, const hwv_tracks *tracks, size_t track, size_t channel)
{
    const hwv_track *of = &tracks->tracks[track];
    for (size_t p = 0; p < of->place_count; p++) {
        const hwv_place *place = &of->places[p];
        uint8_t *cut = hwv_change_cut(&t->change, place->value, place->axis);
        assert_non_null(cut);
        for (size_t i = 0; i < hwv_graph_value(t->network.graph, place->value)->shape.dim[place->axis]; i++)
            cut[i] = hwv_place_channel(of, place, i) == channel;
    }
}

/* Cutting a living channel is noticed, unless what reads it is dead itself. */
static void test_living(void **state)
{
    totals sum = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS / 4; seed++) {
        hwv_tracks tracks;
        size_t track, channel;
        trial t;
        begin(&t, seed);
        must(hwv_tracks_make(&tracks, &t.network, &t.error), &t.error);
        if (living_find(&t, &tracks, &track, &channel)) {
            must(hwv_change_create(&t.change, &t.network, &t.error), &t.error);
            living_cut(&t, &tracks, track, channel);
            const hwv_output_change moved = trial_move(&t);
            sum.tried++;
            sum.noticed += !hwv_output_change_keeps(&moved, HWV_PROMISE_EXACT);
        }
        hwv_tracks_free(&tracks);
        trial_end(&t);
    }
    printf("living channels cut: %zu of %zu noticed\n", sum.noticed, sum.tried);
    assert_true(sum.tried > 100 && sum.noticed > sum.tried * 3 / 4);
}

/* So is a constant that is not folded. */
static void test_unfolded(void **state)
{
    totals sum = {0};
    (void)state;
    for (uint64_t seed = 1; seed <= NETWORKS; seed++) {
        bool folded = false;
        trial t;
        begin(&t, seed);
        trial_make(&t, hwv_treat_prune, NULL);
        for (size_t b = 0; b < t.change.bias_count; b++) {
            memset(t.change.biases[b].bias, 0, t.change.biases[b].units * sizeof(float));
            folded = true;
        }
        for (size_t v = 0; v < t.change.value_count; v++) {
            folded = folded || t.change.values[v].data;
            hwv_free(t.change.values[v].data);
            t.change.values[v].data = NULL;
        }
        if (folded) {
            const hwv_output_change moved = trial_move(&t);
            sum.tried++;
            sum.noticed += !hwv_output_change_keeps(&moved, HWV_PROMISE_EXACT);
        }
        trial_end(&t);
    }
    printf("constants not folded: %zu of %zu noticed\n", sum.noticed, sum.tried);
    assert_true(sum.tried > 100 && sum.noticed > sum.tried * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prune),  cmocka_unit_test(test_recycle),  cmocka_unit_test(test_files),
        cmocka_unit_test(test_living), cmocka_unit_test(test_unfolded),
    };
    return cmocka_run_group_tests_name("random networks", tests, setup, NULL);
}
