/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A check as a page: well-formed and below the limit for every model, all of its parts there, strings escaped; whole or
 * refused when memory runs out. */
#include "allocations.h"
#include "check_models.h"
#include "saved.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "document.h"

#define HOSTILE "<script>alert(\"1\")</script> & \x01\x02\x03\x04 \xff <!-- ]]> ' /a/rather/long/name/of/a/node/Relu_17"

static const hwv_check_treatment treatments[] = {
    {.name = "prune",
     .command = "halfwave fix 'a & b.onnx' --data inputs.npy --prune -o 'a & b-prune.onnx'",
     .reason = "for a model that is used as it is",
     .done = true,
     .advised = true,
     .change = {.largest = 2.4e-6, .scale = 12, .decided = 1, .samples = 1},
     .parameters_before = 213377,
     .parameters_after = 88320},
    {.name = "leaky 0.01",
     .command = "halfwave fix model.onnx --leaky 0.01",
     .reason = HOSTILE,
     .done = true,
     .change = {.largest = 1.7, .scale = 12, .decided = 0.983, .samples = 1}},
    {.name = "insert-norm", .command = "", .reason = "layer 2: its input is an output of the model"}};

/* The document of a made-up model; the caller frees it. */
static hwv_text page_of(const made_layer *layers, size_t count, uint64_t samples, bool flow, const char *name)
{
    static const char *const parts[] = {"node 'Resize_12' (Resize) and what depends on it"};
    made_model *m = calloc(1, sizeof *m);
    assert_non_null(m);
    made_make(m, layers, count, samples);
    if (flow)
        made_flow(m);
    hwv_check_view view = {.diagnosis = &m->diagnosis,
                           .flow = flow ? &m->flow : NULL,
                           .model = name,
                           .data = "inputs.npy",
                           .not_checked = parts,
                           .not_checked_count = 1,
                           .treatments = treatments,
                           .treatment_count = sizeof treatments / sizeof treatments[0]};
    hwv_page page = {0};
    hwv_page_head head;
    hwv_text strings = {0}, text = {0};
    hwv_error error = {0};
    hwv_check_page(&view, &page, &head, &strings);
    if (hwv_page_render(&page, &head, &text, &error) != HWV_OK)
        fail_msg("%s: %s", name, error.text);
    hwv_page_free(&page);
    hwv_text_free(&strings);
    made_free(m);
    free(m);
    check_document(&text, name);
    return text;
}

static void expect(const hwv_text *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(text->data, words[i]) == NULL)
            fail_msg("lacks %s\n%s", words[i], text->data);
}

#define EXPECT(text, ...)                                                                                              \
    expect(text, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

#define LAYERS_OF(array) (array), sizeof(array) / sizeof(array)[0]

static void test_sick(void **state)
{
    (void)state;
    hwv_text text = page_of(LAYERS_OF(made_alexa), 2877, true, "alexa_v0.1.onnx");
    EXPECT(&text, "<h1>alexa_v0.1.onnx</h1>", "<span class=\"mark bad\">SICK</span>",
           "91 of 256 units never fire (35.5 %).", "87 of 128 units of layer 1 never fire", "its input is not centred",
           "|mean|/|std| = 1.32", "Dead units: 0-12, 19-30, ", "Layer 1: 87 units never fired", "once in 2 877 looks",
           "<td class=\"n\">-58.9</td>", "rate &lt; 0.11 % each", "87.8, 87.4, 87, still falling",
           "Not checked: other data; node 'Resize_12' (Resize)", "Method", "RMS gradient", "id=\"unit-table-4\"",
           "299 samples", "zeros: share of entries that are 0", "Sorted by");
    EXPECT(&text, "<h2 id=\"treatments\">", "tried on the first 1 input", "Parameters: 213 377 before.",
           "<td class=\"n\">2.4e-6</td><td class=\"n\">100 %</td><td class=\"n\">88 320</td>", "a &amp; b-prune.onnx",
           "<td class=\"n\">1.7</td><td class=\"n\">98.3 %</td>", "cannot be done",
           "insert-norm: layer 2: its input is an output");
    assert_null(strstr(text.data, "halfwave fix model.onnx --leaky"));
    /* All 256 units, dead ones first. */
    assert_int_equal(count_of(text.data, "<tr style=\"--o1:"), 256);
    assert_int_equal(count_of(text.data, "<td class=\"l bad\">dead</td>"), 91);
    /* Strip, rarefaction, a cause and a histogram of both layers, gradients. */
    assert_int_equal(count_of(text.data, "<svg class=\"wide\""), 7);
    hwv_text_free(&text);
}

static void test_convolutions(void **state)
{
    (void)state;
    hwv_text text = page_of(LAYERS_OF(made_conv), 64, false, "ocr.onnx");
    EXPECT(&text, "<span class=\"mark warn\">CANNOT TELL</span>", "299 would settle it",
           "Not checked: gradients (no --labels), other data; node 'Resize_12'",
           "channels down (busiest first), 64 samples", "Silent units: 0, 1, 7, 8", "inert",
           "64 samples are too few: 299 would settle it");
    assert_int_equal(count_of(text.data, "channels down (busiest first)"), 4);
    assert_null(strstr(text.data, "RMS gradient"));
    hwv_text_free(&text);
}

static void test_healthy(void **state)
{
    (void)state;
    hwv_text text = page_of(LAYERS_OF(made_healthy), 1000, false, "healthy.onnx");
    EXPECT(&text, "<span class=\"mark good\">HEALTHY</span>", "All 96 units fire.", "No unit is dead");
    assert_null(strstr(text.data, "How sure it is"));
    assert_null(strstr(text.data, "<h2 id=\"why\">"));
    hwv_text_free(&text);
}

static void test_extremes(void **state)
{
    (void)state;
    static const made_layer one[] = {{.name = "only", .op = "Relu", .units = 1}};
    static const made_layer dead[] = {{.name = "fc1", .op = "Relu", .units = 12, .dead = 12, .why = MADE_WHY_INPUT}};
    static const made_layer nan[] = {{.name = "broken",
                                      .op = "Relu",
                                      .units = 5,
                                      .features = 4,
                                      .dead = 5,
                                      .nans = true,
                                      .picture = true,
                                      .why = "all of it is NaN."}};
    static const made_layer hostile[] = {
        {.name = HOSTILE, .op = HOSTILE, .units = 700, .dead = 30, .silent = 40, .picture = true, .why = HOSTILE}};
    static const made_layer wide[] = {
        {.name = "wide", .op = "Relu", .units = 200000, .features = 9, .dead = 60000, .rare = 40000, .why = "w"}};
    const struct {
        const made_layer *layers;
        size_t count;
        uint64_t samples;
        const char *name;
    } cases[] = {
        {made_healthy, 0, 0, "no layers"}, {one, 1, 1, "one unit"}, {one, 1, 0, "no samples"},
        {dead, 1, 299, "all dead"},        {nan, 1, 500, "NaN"},    {hostile, 1, 18446744073709551615ull / 64, HOSTILE},
        {wide, 1, 1000000, "wide"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int flow = 0; flow < 2; flow++) {
            hwv_text text = page_of(cases[i].layers, cases[i].count, cases[i].samples, flow == 1, cases[i].name);
            assert_null(strstr(text.data, "alert(\"1"));
            hwv_text_free(&text);
        }
}

/* 60 layers with 20 000 units, with everything that can be drawn, and far more than that. */
static void test_large(void **state)
{
    (void)state;
    enum { most = 1000 };
    static made_layer layers[most];
    static char names[most][60];
    static const size_t counts[] = {60, most};
    for (size_t i = 0; i < most; i++) {
        snprintf(names[i], sizeof names[i], "backbone/stage_%zu/block_%zu/activation/HardSwish_%zu", i / 6, i % 6, i);
        layers[i] = (made_layer){.name = names[i],
                                 .op = i % 2 == 0 ? "HardSwish" : "LeakyRelu",
                                 .units = 334,
                                 .features = 1000 + i,
                                 .dead = i % 7 == 0 ? 40 + i % 90 : i % 3,
                                 .silent = i % 5,
                                 .inert = i % 4,
                                 .rare = i % 40,
                                 .always_on = i % 9,
                                 .picture = true,
                                 .why = MADE_WHY_INPUT};
    }
    for (size_t i = 0; i < 2; i++) {
        hwv_text text = page_of(layers, counts[i], 100000, true, "large.onnx");
        EXPECT(&text, "id=\"unit-table-0\"", "<h2 id=\"method\">", "those with the most",
               "units: the dead, silent and rare");
        /* Nothing had to be cut by the page itself, and phones have their drawings. */
        assert_null(strstr(text.data, "more row"));
        assert_non_null(strstr(text.data, "<svg class=\"narrow\""));
        assert_true(count_of(text.data, "<tr style=\"--o1:") >= 24);
        hwv_text_free(&text);
    }
}

static void test_memory(void **state)
{
    (void)state;
    const char *path = saved_path();
    assert_non_null(path);
    made_model *m = calloc(1, sizeof *m);
    made_make(m, made_conv, 3, 64);
    made_flow(m);
    hwv_check_view view = {
        .diagnosis = &m->diagnosis, .flow = &m->flow, .treatments = treatments, .treatment_count = 3};
    hwv_error error = {0};
    size_t before = allocations_count(), live = allocations_live();
    assert_int_equal(hwv_check_page_save(&view, path, &error), HWV_OK);
    size_t count = allocations_count() - before;
    /* Every allocation of the beginning, then some: a page has many. */
    for (size_t n = 1; n <= count; n += n < 200 ? 1 : 7) {
        allocations_fail_at(n);
        hwv_status status = hwv_check_page_save(&view, path, &error);
        allocations_fail_at(0);
        if (status != HWV_ERR_MEMORY)
            fail_msg("allocation %zu of %zu: status %d", n, count, (int)status);
        assert_int_equal(allocations_live(), live);
    }
    assert_int_equal(hwv_check_page_save(&view, "/nonexistent/x.html", &error), HWV_ERR_IO);
    made_free(m);
    free(m);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sick),    cmocka_unit_test(test_convolutions),
                                       cmocka_unit_test(test_healthy), cmocka_unit_test(test_extremes),
                                       cmocka_unit_test(test_large),   cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
