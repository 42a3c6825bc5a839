/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A check on a terminal: stored texts at 80 and 120 columns, every width and look, the awkward models, and what happens
 * when memory runs out. */
#include "allocations.h"
#include "check_models.h"
#include "report/check_words.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "stored.h"

#define HOSTILE "\x1b[2J\x01 <script> \xff\xc0 \xe6\x97\xa5\xe6\x9c\xac a\xcc\x88/a/rather/long/name/of/a/node/Relu_17"

static const made_layer layers_all_dead[] = {
    {.name = "fc1", .op = "Relu", .units = 12, .features = 3, .dead = 12, .why = MADE_WHY_INPUT}};
static const made_layer layers_one[] = {{.name = "only", .op = "Relu", .units = 1}};
static const made_layer layers_nan[] = {
    {.name = "broken", .op = "Relu", .units = 5, .features = 4, .dead = 5, .nans = true, .why = "all of it is NaN."}};
static const made_layer layers_hostile[] = {{.name = HOSTILE,
                                             .op = "HardSwish",
                                             .units = 70,
                                             .dead = 3,
                                             .silent = 40,
                                             .inert = 2,
                                             .rare = 5,
                                             .always_on = 6,
                                             .why = HOSTILE}};

/* Made up, as all of it: not what these treatments do to such a model. */
static const hwv_check_treatment treatments_sick[] = {
    {.name = "prune",
     .command = "halfwave fix 'm x.onnx' --data inputs.npy --bound 0.02 --prune -o 'm x-prune.onnx'",
     .reason = "for a model that is used as it is",
     .done = true,
     .advised = true,
     .change = {.largest = 2.4e-6, .scale = 12, .decided = 1, .samples = 1024},
     .parameters_before = 213377,
     .parameters_after = 88320},
    {.name = "recycle",
     .command = "halfwave fix 'm x.onnx' --data inputs.npy --bound 0.02 --recycle -o 'm x-recycle.onnx'",
     .reason = "for training on: dead units can learn again; 4 of 74 units are left",
     .done = true,
     .advised = true,
     .change = {.scale = 12, .equal = true, .decided = (double)NAN, .samples = 1024},
     .parameters_before = 213377,
     .parameters_after = 213377},
    {.name = "leaky 0.01",
     .command = "halfwave fix 'm x.onnx' --data inputs.npy --bound 0.02 --leaky 0.01 -o 'm x-leaky.onnx'",
     .reason = "not without further training",
     .done = true,
     .change = {.largest = 1.7, .scale = 12, .decided = 0.983, .samples = 1024},
     .parameters_before = 213377,
     .parameters_after = 213377},
    {.name = "insert-norm",
     .command = "halfwave fix 'm x.onnx' --data inputs.npy --bound 0.02 --insert-norm -o 'm x-insert-norm.onnx'",
     .reason = "layer 2: its input is an output of the model",
     .parameters_before = 213377,
     .parameters_after = 213377}};
static const hwv_check_treatment treatments_none[] = {
    {.name = "prune",
     .command = "halfwave fix model.onnx --data inputs.npy --prune -o model-prune.onnx",
     .reason = "5 units were silent, but in 64 samples only; 299 would settle it"},
    {.name = "leaky 0.01",
     .command = "halfwave fix model.onnx --data inputs.npy --leaky 0.01 -o model-leaky.onnx",
     .reason = "not without further training",
     .done = true,
     .change = {.largest = 1e-7, .scale = 1, .decided = (double)NAN, .samples = 64}},
    {.name = "recycle",
     .command = "halfwave fix model.onnx --data inputs.npy --recycle -o model-recycle.onnx",
     .reason = "5 units were silent, but in 64 samples only; 299 would settle it"}};
static const hwv_check_treatment treatments_hostile[] = {
    {.name = "prune", .command = "halfwave fix x -o y", .reason = HOSTILE, .done = true, .advised = true}};

typedef struct sample {
    const char *name;
    const made_layer *layers;
    size_t count;
    uint64_t samples;
    bool flow, stored;
    size_t group;
    const hwv_check_treatment *treatments;
    size_t treatment_count;
} sample;

#define LAYERS_OF(array) (array), sizeof(array) / sizeof(array)[0]

static const sample samples[] = {
    {"check-sick", LAYERS_OF(made_alexa), 2877, true, true, 1, LAYERS_OF(treatments_sick)},
    {"check-cannot-tell", LAYERS_OF(made_conv), 64, false, true, 60, LAYERS_OF(treatments_none)},
    {"check-healthy", LAYERS_OF(made_healthy), 1000, false, true, 1, NULL, 0},
    {"check-empty", made_healthy, 0, 0, false, true, 1, NULL, 0},
    {"check-nan", LAYERS_OF(layers_nan), 500, false, true, 1, NULL, 0},
    {"all dead", LAYERS_OF(layers_all_dead), 299, true, false, 1, NULL, 0},
    {"one unit", LAYERS_OF(layers_one), 1, true, false, 1, NULL, 0},
    {"no samples", LAYERS_OF(made_healthy), 0, true, false, 1, NULL, 0},
    {"hostile", LAYERS_OF(layers_hostile), 18446744073709551615ull / 64, false, false, 1,
     LAYERS_OF(treatments_hostile)},
};

#define SAMPLES (sizeof samples / sizeof samples[0])

static void print_sample(const sample *s, const hwv_term *term, bool units, hwv_text *text)
{
    static const char *const parts[] = {"node 'Resize_12' (Resize) and what depends on it", HOSTILE};
    made_model m;
    made_make(&m, s->layers, s->count, s->samples);
    m.tally.group = s->group;
    if (s->flow)
        made_flow(&m);
    hwv_check_view view = {.diagnosis = &m.diagnosis,
                           .flow = s->flow ? &m.flow : NULL,
                           .model = "model.onnx",
                           .data = "inputs.npy",
                           .not_checked = parts,
                           .not_checked_count = s->stored ? 1 : 2,
                           .treatments = s->treatments,
                           .treatment_count = s->treatment_count};
    hwv_check_print(&view, term, text);
    for (size_t i = 0; units && i < s->count; i++)
        for (size_t u = 0; u < s->layers[i].units && u < 6; u += 5) {
            hwv_text_puts(text, "\n");
            hwv_check_unit_print(&view, i, u, term, text);
        }
    made_free(&m);
}

static void test_stored(void **state)
{
    (void)state;
    static const int widths[] = {80, 120};
    size_t different = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        hwv_text text = {0};
        if (!samples[i].stored)
            continue;
        for (size_t w = 0; w < 2; w++) {
            hwv_text_printf(&text, "=== %d columns\n", widths[w]);
            print_sample(&samples[i], &(hwv_term){.width = widths[w], .height = 24, .utf8 = w == 0}, w == 0, &text);
        }
        different += !is_stored(samples[i].name, &text);
        hwv_text_free(&text);
    }
    assert_int_equal(different, 0);
}

static void test_targets(void **state)
{
    (void)state;
    static const int widths[] = {40, 80, 100, 132, 300};
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t w = 0; w < 5; w++)
            for (int look = 0; look < 4; look++) {
                hwv_term term = {widths[w], 24, (look & 1) != 0, (look & 2) != 0, true};
                hwv_text text = {0};
                const char *why;
                print_sample(&samples[i], &term, true, &text);
                assert_false(text.failed);
                if (!keeps_target(text.data, &term, &why))
                    fail_msg("%s at %d columns, colour %d, UTF-8 %d: %s\n%s", samples[i].name, term.width, term.color,
                             term.utf8, why, text.data);
                /* The verdict comes first. */
                assert_non_null(strstr(text.data, "VERDICT"));
                assert_true(strstr(text.data, "VERDICT") - text.data < 12);
                hwv_text_free(&text);
            }
}

/* At 80 columns and more, no number is cut. */
static void test_numbers(void **state)
{
    (void)state;
    hwv_text text = {0};
    static const made_layer large[] = {{.name = "a/b/c/d/e/f/g/h",
                                        .op = "Relu",
                                        .units = 20000,
                                        .features = 100000,
                                        .dead = 12345,
                                        .silent = 11,
                                        .inert = 4321,
                                        .rare = 2000,
                                        .always_on = 1000,
                                        .why = "w"},
                                       {.name = "a/b/c/d/e/f/g/i", .op = "LeakyRelu", .units = 20000}};
    sample s = {"large", LAYERS_OF(large), 1000000, false, false, 1, NULL, 0};
    print_sample(&s, &(hwv_term){.width = 80, .height = 24}, false, &text);
    static const char *const words[] = {"20 000", "12 345", "12 356", "4 321", "2 000 ", "1 000 ", "sick"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strstr(text.data, words[i]) == NULL)
            fail_msg("lacks %s\n%s", words[i], text.data);
    hwv_text_free(&text);
}

static void test_words(void **state)
{
    (void)state;
    char name[40];
    assert_string_equal(hwv_check_count(0).text, "0");
    assert_string_equal(hwv_check_count(2877).text, "2 877");
    assert_string_equal(hwv_check_count(18446744073709551615ull).text, "18 446 744 073 709 551 615");
    /* Bounds stay bounds. */
    assert_string_equal(hwv_check_bound(1 - pow(0.05, 1 / 2877.0)).text, "0.11 %");
    assert_string_equal(hwv_check_bound(1 - pow(0.05, 1 / 299.0)).text, "1.0 %");
    assert_string_equal(hwv_check_bound(0.046).text, "4.6 %");
    assert_string_equal(hwv_check_bound(0.12001).text, "13 %");
    assert_string_equal(hwv_check_bound(1).text, "100 %");
    assert_string_equal(hwv_check_bound(3e-13).text, "0.000000001 %");
    assert_string_equal(hwv_check_bound(NAN).text, "nan");
    assert_string_equal(hwv_check_expected(91).text, "91");
    assert_string_equal(hwv_check_expected(95.23).text, "95.2");
    assert_string_equal(hwv_check_expected(4.0625).text, "4.06");
    assert_string_equal(hwv_check_shorten("Relu", 10, name, sizeof name), "Relu");
    assert_string_equal(hwv_check_shorten("/model/dense/Relu_1", 10, name, sizeof name), "/mo\u2026Relu_1");
    assert_string_equal(hwv_check_shorten("abcdef", 1, name, sizeof name), "\u2026");
    assert_string_equal(hwv_check_shorten("\u65e5\u672c\u65e5\u672c", 6, name, sizeof name), "\u2026\u65e5\u672c");
    for (size_t columns = 0; columns < 60; columns++) {
        hwv_check_shorten(HOSTILE HOSTILE, columns, name, sizeof name);
        assert_true(strlen(name) < sizeof name);
        assert_true(hwv_utf8_width(name) <= (columns > 0 ? columns : 1));
    }
}

static void test_sentences(void **state)
{
    (void)state;
    static const struct {
        made_layer layer;
        uint64_t samples;
        const char *sentence;
    } cases[] = {
        {{.units = 10, .dead = 2}, 300, "SICK: 2 of 10 units never fire (20 %)."},
        {{.units = 200, .dead = 3}, 300, "LOOK: 3 of 200 units never fire (1.5 %)."},
        {{.units = 200, .dead = 1}, 300, "HEALTHY: 1 of 200 units never fires (0.5 %)."},
        {{.units = 200, .silent = 1}, 64, "CANNOT TELL: 1 of 200 units was silent in 64 samples; 299 would settle it."},
        {{.units = 200, .inert = 1}, 64, "HEALTHY: no unit of 200 is dead."},
        {{.units = 2000}, 64, "HEALTHY: all 2 000 units fire."},
        {{.units = 0}, 64, "HEALTHY: there is no activation unit to check."},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        made_model m;
        made_layer layer = cases[i].layer;
        layer.name = "x";
        layer.op = "Relu";
        made_make(&m, &layer, 1, cases[i].samples);
        hwv_text text = {0};
        hwv_check_sentence(&(hwv_check_view){.diagnosis = &m.diagnosis}, &text);
        assert_string_equal(text.data, cases[i].sentence);
        hwv_text_free(&text);
        made_free(&m);
    }
}

static void test_allocations(void **state)
{
    (void)state;
    hwv_term term = {.width = 80, .height = 24, .utf8 = true};
    for (size_t i = 0; i < 2; i++) {
        hwv_text whole = {0};
        size_t before = allocations_count(), live = allocations_live();
        print_sample(&samples[i], &term, true, &whole);
        size_t count = allocations_count() - before;
        hwv_text_free(&whole);
        /* Those of the sample itself come first and may not fail: they are counted alone. */
        before = allocations_count();
        made_model m;
        made_make(&m, samples[i].layers, samples[i].count, samples[i].samples);
        if (samples[i].flow)
            made_flow(&m);
        size_t own = allocations_count() - before;
        made_free(&m);
        for (size_t n = own + 1; n <= count; n++) {
            hwv_text text = {0};
            allocations_fail_at(n);
            print_sample(&samples[i], &term, true, &text);
            allocations_fail_at(0);
            if (!text.failed)
                fail_msg("%s: allocation %zu of %zu failed and the text does not say so", samples[i].name, n, count);
            hwv_text_free(&text);
            assert_int_equal(allocations_live(), live);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_stored),    cmocka_unit_test(test_targets),
                                       cmocka_unit_test(test_numbers),   cmocka_unit_test(test_words),
                                       cmocka_unit_test(test_sentences), cmocka_unit_test(test_allocations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
