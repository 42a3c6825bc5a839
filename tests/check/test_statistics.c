/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Statistics files: what is written is read, to the bit; files from elsewhere; damage of every kind; shards that are merged
 * in any order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "allocations.h"
#include "support.h"

enum { FEATURES = 12, SAMPLES = 300 };
static float x[SAMPLES * FEATURES];
static char path[64];

static int setup(void **state)
{
    (void)state;
    normals(x, SAMPLES * FEATURES, 3);
    (void)snprintf(path, sizeof path, "/tmp/halfwave-statistics-%ld.json", (long)getpid());
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    (void)remove(path);
    return 0;
}

static hwv_network network_make(void)
{
    const size_t dims[] = {FEATURES};
    return network_of("fc 20; act; fc 600; act leaky_relu(slope=0.2); fc 9; act gelu; fc 3", "relu", 1, dims, 3, 2);
}

/* ---- equality, field by field ---- */

static bool same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void unit_equal(const hwv_unit_tally *a, const hwv_unit_tally *b, bool low_too)
{
    assert_true(a->fired == b->fired && a->fired_samples == b->fired_samples && a->zeros == b->zeros);
    assert_true(a->nans == b->nans && a->low == b->low && a->high == b->high && a->summed == b->summed);
    assert_true(a->min == b->min && a->max == b->max);
    assert_true(same(a->z.hi, b->z.hi) && same(a->square.hi, b->square.hi) && same(a->magnitude.hi, b->magnitude.hi));
    if (low_too)
        assert_true(same(a->z.lo, b->z.lo) && same(a->square.lo, b->square.lo) &&
                    same(a->magnitude.lo, b->magnitude.lo));
}

static void layer_equal(const hwv_layer_tally *a, const hwv_layer_tally *b, bool low_too)
{
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->op, b->op);
    assert_true(a->act.op == b->act.op && memcmp(a->act.param, b->act.param, sizeof a->act.param) == 0);
    assert_true(a->units == b->units && a->looks == b->looks && a->samples == b->samples);
    assert_true(a->features == b->features && a->input_looks == b->input_looks);
    for (size_t u = 0; u < a->units; u++)
        unit_equal(&a->unit[u], &b->unit[u], low_too);
    for (size_t f = 0; f < a->features; f++)
        assert_true(a->input[f].hi == b->input[f].hi);
    assert_true(a->input_square.hi == b->input_square.hi);
    assert_int_equal(a->picture_samples, b->picture_samples);
}

static void tally_equal(const hwv_tally *a, const hwv_tally *b, bool low_too)
{
    assert_true(a->group == b->group && a->rows == b->rows && a->samples == b->samples);
    assert_int_equal(a->layer_count, b->layer_count);
    for (size_t l = 0; l < a->layer_count; l++)
        layer_equal(&a->layers[l], &b->layers[l], low_too);
}

static void pictures_equal(const hwv_tally *a, const hwv_tally *b)
{
    for (size_t l = 0; l < a->layer_count; l++)
        if (a->layers[l].picture && a->layers[l].picture_samples > 0)
            assert_memory_equal(a->layers[l].picture, b->layers[l].picture,
                                a->layers[l].picture_samples * a->layers[l].units);
}

/* ---- files ---- */

static char *file_text(size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*size + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, *size, file), *size);
    text[*size] = '\0';
    (void)fclose(file);
    return text;
}

static void round_trip(const hwv_tally *tally)
{
    hwv_tally back;
    hwv_error error;
    size_t size, again;
    must(hwv_tally_save(tally, path, &error), &error);
    char *first = file_text(&size);
    must(hwv_tally_load(&back, path, &error), &error);
    tally_equal(tally, &back, true);
    pictures_equal(tally, &back);
    must(hwv_tally_save(&back, path, &error), &error);
    char *second = file_text(&again);
    assert_true(size == again && memcmp(first, second, size) == 0);
    free(first);
    free(second);
    hwv_tally_free(&back);
}

static void test_round_trip(void **state)
{
    hwv_network network = network_make();
    (void)state;
    for (size_t group = 1; group < 4; group += 2) {
        hwv_tally tally = count_of(&network, x, FEATURES, 0, SAMPLES, group, NULL);
        assert_true(tally.layers[0].picture && !tally.layers[1].picture && tally.layers[0].features == FEATURES);
        round_trip(&tally);
        hwv_tally_free(&tally);
    }
    hwv_network_free(&network);
}

/* NaN, infinity, and a unit that saw no number. */
static void test_odd_numbers(void **state)
{
    const float z[] = {NAN, 1, INFINITY, -1e-45f, NAN, 3e38f, -INFINITY, 0.1f};
    const hwv_act act = hwv_act_make(HWV_OP_TANH);
    hwv_tally tally = {0};
    hwv_error error;
    (void)state;
    must(hwv_tally_count(&tally, "a \"name\" \xc3\xa9\n", &act, 2, 1, 4, z, NULL, &error), &error);
    round_trip(&tally);
    hwv_tally_free(&tally);
}

/* The least that another program must write. */
static void test_by_hand(void **state)
{
    const char *text =
        "{\"schema\": 2, \"kind\": \"halfwave statistics\", \"group\": 1, \"rows\": 400, \"samples\": 400,"
        " \"layers\": [{\"name\": \"fc\", \"act\": \"relu\", \"looks\": 400, \"samples\": 400,"
        " \"fired\": [0, 7], \"fired_samples\": [0, 7]}]}";
    const hwv_diagnosis_options options = hwv_diagnosis_defaults();
    hwv_tally tally;
    hwv_diagnosis d;
    hwv_error error;
    (void)state;
    must(hwv_tally_parse(&tally, "by hand", text, strlen(text), &error), &error);
    assert_string_equal(tally.layers[0].op, "Relu");
    must(hwv_diagnose(&d, &tally, NULL, &options, &error), &error);
    assert_true(d.verdict == HWV_VERDICT_SICK && d.dead == 1);
    hwv_diagnosis_free(&d);
    hwv_tally_free(&tally);
}

/* Files that do not say over how many looks sums are: over all that were numbers; and they merge with those that do. */
static void test_summed(void **state)
{
    static const char *const files[] = {"\"schema\": 2", "\"schema\": 3", "\"schema\": 3, \"kept\": 0"};
    hwv_tally all = {0};
    hwv_error error;
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char text[512];
        hwv_tally tally;
        const int length = snprintf(
            text, sizeof text,
            "{%s, \"kind\": \"halfwave statistics\", \"group\": 1, \"rows\": 4, \"samples\": 4,"
            " \"layers\": [{\"name\": \"conv\", \"act\": \"relu\", \"looks\": 400, \"samples\": 4, \"fired\": [7],"
            " \"fired_samples\": [3], \"nans\": [40], \"sum\": [%s%s]}]}",
            files[i], i < 2 ? "720" : "180], \"summed\": [90", "");
        must(hwv_tally_parse(&tally, "FILE", text, (size_t)length, &error), &error);
        assert_int_equal(tally.layers[0].unit[0].summed, i < 2 ? 360 : 90);
        const hwv_diagnosis_options options = hwv_diagnosis_defaults();
        hwv_diagnosis d;
        if (i > 0)
            must(hwv_tally_merge(&tally, &all, &error), &error);
        must(hwv_diagnose(&d, &tally, NULL, &options, &error), &error);
        assert_true(fabs(d.layers[0].unit[0].mean - 2) < 1e-12);
        hwv_diagnosis_free(&d);
        hwv_tally_free(&all);
        all = tally;
    }
    assert_int_equal(all.layers[0].unit[0].summed, 360 + 360 + 90);
    hwv_tally_free(&all);
}

/* What is read of a layer's input: sums by feature, one of all squares. */
static void test_input(void **state)
{
    static const struct {
        const char *input;
        const char *message; /* NULL: it is read */
    } rows[] = {
        {"\"sum\": [20, 0], \"square_sum\": 30, \"square_sum_low\": 1e-20", NULL},
        {"\"sum\": [20, 0], \"square_sum\": \"inf\"", NULL},
        {"\"sum\": [20, 0], \"square_sum\": [20, 10]", "square_sum: a number"},
        {"\"sum\": [20, 0], \"square_sum\": 30, \"square_sum_low\": [0, 0]", "square_sum_low: a number"},
        {"\"sum\": [20, 0]", "square_sum: a member"},
        {"\"sum\": [20, 0], \"sum_low\": [0], \"square_sum\": 30", "sum_low: as many"},
        {"\"sum\": [20, true], \"square_sum\": 30", "sum: a number"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        hwv_tally tally;
        hwv_error error = {0};
        const int length =
            snprintf(text, sizeof text,
                     "{\"schema\": 3, \"kind\": \"halfwave statistics\", \"group\": 1, \"rows\": 20, \"samples\": 20,"
                     " \"layers\": [{\"name\": \"fc\", \"act\": \"relu\", \"looks\": 20, \"samples\": 20,"
                     " \"fired\": [7], \"fired_samples\": [7], \"input\": {\"looks\": 20, %s}}]}",
                     rows[i].input);
        const hwv_status status = hwv_tally_parse(&tally, "FILE", text, (size_t)length, &error);
        if (rows[i].message) {
            assert_int_equal(status, HWV_ERR_FORMAT);
            if (strstr(error.text, rows[i].message) == NULL)
                fail_msg("row %zu: %s", i, error.text);
            continue;
        }
        const hwv_diagnosis_options options = hwv_diagnosis_defaults();
        hwv_diagnosis d;
        must(status, &error);
        must(hwv_diagnose(&d, &tally, NULL, &options, &error), &error);
        assert_true(fabs(d.layers[0].gamma - (i == 0 ? sqrt(2) : 0)) < 1e-12); /* mean 1, variance 1.5 - 1 */
        hwv_diagnosis_free(&d);
        hwv_tally_free(&tally);
    }
}

/* Sums of |h| were over all looks in schema 3, those of z over some: means stay what they are. */
static void test_schemas(void **state)
{
    static const struct {
        int schema;
        const char *summed;
        double magnitude; /* of the first unit */
    } rows[] = {{2, "", 300}, {3, "\"summed\": [25, 25], ", 75}, {3, "", 300}, {4, "\"summed\": [25, 25], ", 300}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        hwv_tally tally;
        hwv_error error = {0};
        const int length =
            snprintf(text, sizeof text,
                     "{\"schema\": %d, \"kind\": \"halfwave statistics\", \"group\": 1, \"rows\": 10, \"samples\": 10,"
                     " \"layers\": [{\"name\": \"fc\", \"act\": \"relu\", \"looks\": 100, \"samples\": 10,"
                     " \"fired\": [7, 7], \"fired_samples\": [7, 7], %s\"magnitude_sum\": [300, 3]}]}",
                     rows[i].schema, rows[i].summed);
        const hwv_diagnosis_options options = hwv_diagnosis_defaults();
        hwv_diagnosis d;
        must(hwv_tally_parse(&tally, "FILE", text, (size_t)length, &error), &error);
        assert_true(tally.layers[0].unit[0].magnitude.hi == rows[i].magnitude);
        must(hwv_diagnose(&d, &tally, NULL, &options, &error), &error);
        assert_int_equal(d.layers[0].dormant, 1); /* 0.03 and 3, or 0.12 and 12 */
        hwv_diagnosis_free(&d);
        hwv_tally_free(&tally);
    }
}

/* ---- damage ---- */

static hwv_tally small(void)
{
    const float z[] = {1, -1, 0, 2, -3, 0.5f};
    const hwv_act act = hwv_act_make(HWV_OP_RELU);
    hwv_tally tally = {0};
    hwv_error error;
    must(hwv_tally_count(&tally, "layer", &act, 3, 1, 2, z, NULL, &error), &error);
    return tally;
}

static char *small_text(size_t *size)
{
    hwv_tally tally = small();
    hwv_error error;
    must(hwv_tally_save(&tally, path, &error), &error);
    hwv_tally_free(&tally);
    return file_text(size);
}

static void test_truncations(void **state)
{
    size_t size;
    char *text = small_text(&size);
    (void)state;
    while (size > 0 && text[size - 1] != '}')
        size--;
    for (size_t n = 0; n < size; n++) {
        /* a copy of the exact size, for the sanitizers */
        char *part = malloc(n + (n == 0));
        hwv_tally tally;
        hwv_error error;
        assert_non_null(part);
        memcpy(part, text, n);
        const size_t live = allocations_live();
        assert_int_equal(hwv_tally_parse(&tally, "part", part, n, &error), HWV_ERR_FORMAT);
        assert_true(allocations_live() == live && tally.layers == NULL);
        free(part);
    }
    free(text);
}

static void test_flipped_bits(void **state)
{
    size_t size, fine = 0;
    char *text = small_text(&size);
    (void)state;
    for (uint32_t i = 0; i < 20000; i++) {
        const uint32_t at = hwv_random_below(7, HWV_STREAM_TEST, 0, i, (uint32_t)size);
        const unsigned bit = 1U << hwv_random_below(7, HWV_STREAM_TEST, 1, i, 8);
        hwv_tally tally;
        const size_t live = allocations_live();
        text[at] = (char)((unsigned char)text[at] ^ bit);
        if (hwv_tally_parse(&tally, "flipped", text, size, NULL) == HWV_OK) {
            hwv_diagnosis d;
            const hwv_diagnosis_options options = hwv_diagnosis_defaults();
            assert_int_equal(hwv_diagnose(&d, &tally, NULL, &options, NULL), HWV_OK);
            hwv_diagnosis_free(&d);
            hwv_tally_free(&tally);
            fine++;
        }
        assert_int_equal(allocations_live(), live);
        text[at] = (char)((unsigned char)text[at] ^ bit);
    }
    assert_true(fine > 0 && fine < 10000);
    free(text);
}

static void test_damage(void **state)
{
    static const struct {
        const char *from, *to, *message;
    } rows[] = {
        {"\"schema\": 4", "\"schema\": 1", "schema 1; this version reads 2 to 4"},
        {"\"schema\": 4", "\"schema\": 5", "schema 5; this version reads 2 to 4"},
        {"\"summed\": [3", "\"summed\": [4", "summed"},
        {"\"nans\": [0", "\"nans\": [1", "summed: at most"},
        {"halfwave statistics", "halfwave numbers", "kind"},
        {"\"group\": 1", "\"group\": 0", "group"},
        {"\"group\": 1", "\"group\": -1", "group"},
        {"\"rows\": 3", "\"rows\": 3.5", "rows"},
        {"\"rows\": 3", "\"rows\": 1e300", "rows"},
        {"\"looks\": 3", "\"looks\": 2", "looks"},
        {"\"fired\": [1", "\"fired\": [4", "fired"},
        {"\"act\": \"relu\"", "\"act\": \"rely\"", "relu"},
        {"\"act\": \"relu\"", "\"act\": 1", "act"},
        {"\"relu\",\n   \"params\": {}", "\"leaky_relu\", \"params\": {\"slope\": 1e30}", "slope"},
        {"\"params\": {}", "\"params\": []", "params"},
        {"\"params\": {}", "\"params\": {\"slope\": 1}", "slope"},
        {"\"fired\"", "\"fires\"", "fired"},
        {"\"fired_samples\": [1", "\"fired_samples\": [0", "fired_samples"},
        {"\"fired_samples\": [", "\"fired_samples\": [1, ", "fired_samples"},
        {"\"min\": [", "\"min\": [true, ", "min"},
        {"\"layers\": [", "\"layers\": [7, ", "layers"},
        {"\"name\": \"layer\"", "\"name\": 3", "name"},
        {"[255, 0]", "[256, 0]", "picture"},
        {"[255, 0]", "[255, 0, 1]", "picture"},
    };
    size_t size;
    char *text = small_text(&size);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *at = strstr(text, rows[i].from), changed[8192];
        hwv_tally tally;
        hwv_error error = {0};
        if (at == NULL)
            fail_msg("row %zu: there is no %s in %s", i, rows[i].from, text);
        assert_true(size + strlen(rows[i].to) < sizeof changed);
        const int length = snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, rows[i].to,
                                    at + strlen(rows[i].from));
        const hwv_status status = hwv_tally_parse(&tally, "FILE", changed, (size_t)length, &error);
        if (status != HWV_ERR_FORMAT && status != HWV_ERR_UNSUPPORTED)
            fail_msg("row %zu (%s): %s", i, rows[i].to, hwv_status_name(status));
        if (strncmp(error.text, "FILE: ", 6) != 0 || strstr(error.text, rows[i].message) == NULL)
            fail_msg("row %zu: %s", i, error.text);
    }
    free(text);
}

static void test_paths(void **state)
{
    hwv_tally tally = small(), none;
    hwv_error error;
    (void)state;
    assert_int_equal(hwv_tally_save(&tally, "/nonexistent/folder/x.json", &error), HWV_ERR_IO);
    assert_int_equal(hwv_tally_load(&none, "/nonexistent/folder/x.json", &error), HWV_ERR_IO);
    hwv_tally_free(&tally);
}

/* ---- merging ---- */

/* Shards that went through files, in every order, equal the whole. */
static void test_shards(void **state)
{
    static const size_t cuts[][4] = {{0, 1, 299, 300}, {0, 100, 200, 300}, {0, 17, 18, 300}, {0, 150, 297, 300}};
    static const size_t orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    hwv_network network = network_make();
    hwv_tally whole = count_of(&network, x, FEATURES, 0, SAMPLES, 1, NULL);
    hwv_error error;
    (void)state;
    for (size_t c = 0; c < sizeof cuts / sizeof *cuts; c++) {
        hwv_tally shard[3];
        for (size_t s = 0; s < 3; s++) {
            hwv_tally counted = count_of(&network, x, FEATURES, cuts[c][s], cuts[c][s + 1], 1, NULL);
            must(hwv_tally_save(&counted, path, &error), &error);
            must(hwv_tally_load(&shard[s], path, &error), &error);
            hwv_tally_free(&counted);
        }
        for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
            hwv_tally sum = {0};
            must(hwv_tally_save(&shard[orders[o][0]], path, &error), &error);
            must(hwv_tally_load(&sum, path, &error), &error);
            must(hwv_tally_merge(&sum, &shard[orders[o][1]], &error), &error);
            must(hwv_tally_merge(&sum, &shard[orders[o][2]], &error), &error);
            tally_equal(&sum, &whole, false);
            if (o == 0)
                pictures_equal(&sum, &whole);
            hwv_tally_free(&sum);
        }
        for (size_t s = 0; s < 3; s++)
            hwv_tally_free(&shard[s]);
    }
    hwv_tally_free(&whole);
    hwv_network_free(&network);
}

static void test_mismatch(void **state)
{
    const size_t dims[] = {FEATURES};
    static const char *const others[] = {"fc 20; act; fc 3", "fc 21; act; fc 9; act; fc 3",
                                         "fc 20; act; fc 9; act gelu; fc 3",
                                         "fc 20; act; fc 9; act leaky_relu(slope=0.5); fc 3"};
    hwv_network network = network_of("fc 20; act; fc 9; act leaky_relu; fc 3", "relu", 1, dims, 3, 2);
    hwv_tally into = count_of(&network, x, FEATURES, 0, 50, 1, NULL);
    hwv_tally before = count_of(&network, x, FEATURES, 0, 50, 1, NULL);
    hwv_tally grouped = count_of(&network, x, FEATURES, 0, 50, 5, NULL);
    hwv_error error;
    (void)state;
    assert_int_equal(hwv_tally_merge(&into, &grouped, &error), HWV_ERR_MISMATCH);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        hwv_network other = network_of(others[i], "relu", 1, dims, 3, 2);
        hwv_tally from = count_of(&other, x, FEATURES, 0, 50, 1, NULL);
        assert_int_equal(hwv_tally_merge(&into, &from, &error), HWV_ERR_MISMATCH);
        tally_equal(&into, &before, true);
        hwv_tally_free(&from);
        hwv_network_free(&other);
    }
    hwv_tally_free(&into);
    hwv_tally_free(&before);
    hwv_tally_free(&grouped);
    hwv_network_free(&network);
}

/* ---- every allocation fails once ---- */

static hwv_status count_all(const hwv_network *network, hwv_tally *tally)
{
    const size_t cut = 40;
    sample_feed s = {.x = x, .each = FEATURES, .cut = &cut, .cut_count = 1};
    const hwv_feed feed = feed_of(&s);
    hwv_counter *counter;
    hwv_status status = hwv_counter_create(&counter, network, 1, NULL, NULL);
    if (status == HWV_OK)
        status = hwv_network_stream(network, counter, &feed, NULL, NULL);
    if (status == HWV_OK)
        status = hwv_counter_take(counter, tally, NULL);
    hwv_counter_destroy(counter);
    return status;
}

static hwv_status file_all(hwv_tally *tally)
{
    hwv_tally other = {0};
    hwv_status status = hwv_tally_save(tally, path, NULL);
    if (status == HWV_OK)
        status = hwv_tally_load(&other, path, NULL);
    if (status == HWV_OK)
        status = hwv_tally_merge(&other, tally, NULL);
    hwv_tally_free(&other);
    return status;
}

static hwv_status judge_all(const hwv_network *network, const hwv_tally *tally)
{
    const hwv_diagnosis_options options = hwv_diagnosis_defaults();
    hwv_diagnosis d;
    const hwv_status status = hwv_diagnose(&d, tally, network, &options, NULL);
    if (status == HWV_OK)
        hwv_diagnosis_free(&d);
    return status;
}

static hwv_status flow_all(const hwv_network *network)
{
    static const int32_t labels[20] = {1, 2};
    const size_t cut = 20;
    sample_feed s = {.x = x, .each = FEATURES, .cut = &cut, .cut_count = 1};
    const hwv_feed feed = feed_of(&s);
    hwv_flow flow;
    const hwv_status status = hwv_flow_measure(&flow, network, &feed, labels, 20, NULL, NULL);
    if (status == HWV_OK)
        hwv_flow_free(&flow);
    return status;
}

static hwv_status dump_all(void)
{
    const hwv_act act = hwv_act_make(HWV_OP_GELU);
    hwv_tally tally = {0};
    hwv_status status = HWV_OK;
    for (size_t i = 0; status == HWV_OK && i < 3; i++)
        status = hwv_tally_count(&tally, i < 2 ? "a" : "b", &act, 10, 2, 7, x, NULL, NULL);
    hwv_tally_free(&tally);
    return status;
}

/* One of them with its n-th allocation failing. */
static hwv_status one_failing(int which, size_t n, const hwv_network *network, hwv_tally *tally)
{
    hwv_tally fresh = {0};
    allocations_fail_at(n);
    const hwv_status status = which == 0   ? count_all(network, &fresh)
                              : which == 1 ? file_all(tally)
                              : which == 2 ? judge_all(network, tally)
                              : which == 3 ? flow_all(network)
                                           : dump_all();
    allocations_fail_at(0);
    hwv_tally_free(&fresh);
    return status;
}

static void test_allocations(void **state)
{
    hwv_network network = network_make();
    hwv_tally tally = count_of(&network, x, FEATURES, 0, 40, 1, NULL);
    (void)state;
    for (int which = 0; which < 5; which++) {
        size_t n = 1;
        for (;; n++) {
            const size_t live = allocations_live();
            const hwv_status status = one_failing(which, n, &network, &tally);
            assert_int_equal(allocations_live(), live);
            if (status == HWV_OK)
                break;
            if (status != HWV_ERR_MEMORY)
                fail_msg("part %d, allocation %zu: %s", which, n, hwv_status_name(status));
        }
        assert_true(n > 3);
    }
    hwv_tally_free(&tally);
    hwv_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_odd_numbers),  cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_schemas),     cmocka_unit_test(test_input),        cmocka_unit_test(test_summed),
        cmocka_unit_test(test_truncations), cmocka_unit_test(test_flipped_bits), cmocka_unit_test(test_damage),
        cmocka_unit_test(test_paths),       cmocka_unit_test(test_shards),       cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
