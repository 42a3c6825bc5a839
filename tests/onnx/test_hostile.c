/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Graphs that mean harm to the import: deep, long, wide and large ones, in files that can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "allocations.h"
#include "halfwave/onnx.h"
#include "make.h"

/* ---- models of any size -------------------------------------------------------------------------- */

/* A graph that grows; the model's head is written before it in the end. */
enum { HEAD = 32 };
static unsigned char *graph;
static size_t used, room;

static void begin(size_t bytes)
{
    room = bytes;
    used = HEAD;
    graph = malloc(room);
    assert_non_null(graph);
}

static void end(void)
{
    free(graph);
    graph = NULL;
}

static void put(unsigned field, const unsigned char *message, size_t size)
{
    assert_true(room - used > size + 20);
    used += make_bytes(graph + used, field, message, size);
}

/* With numbers for names: value `first` and, if it is another, `second` give value `output`. */
static void node(const char *op, const char *first, const char *second, const char *output)
{
    unsigned char message[300];
    size_t n = make_text(message, 1, first);
    if (second)
        n += make_text(message + n, 1, second);
    n += make_text(message + n, 2, output);
    n += make_text(message + n, 3, output);
    n += make_text(message + n, 4, op);
    put(1, message, n);
}

static void port(unsigned field, const char *name)
{
    unsigned char dims[16], shape[32], tensor[48], type[64], message[200];
    size_t n = make_text(dims, 2, "n"), s = make_bytes(shape, 1, dims, n);
    n = make_integer(dims, 1, 4);
    s += make_bytes(shape + s, 1, dims, n);
    size_t t = make_integer(tensor, 1, 1);
    t += make_bytes(tensor + t, 2, shape, s);
    t = make_bytes(type, 1, tensor, t);
    n = make_text(message, 1, name);
    n += make_bytes(message + n, 2, type, t);
    put(field, message, n);
}

static const char *number(char text[24], const char *prefix, size_t i)
{
    (void)snprintf(text, 24, "%s%zu", prefix, i);
    return text;
}

/* ---- reading them -------------------------------------------------------------------------------- */

enum { SECONDS = 10 }; /* of a slow CPU; steps that grow with the square of what follows take more */

static hwv_status import(const hwv_onnx_import_options *options, hwv_error *error)
{
    unsigned char head[HEAD], opset[16];
    size_t n = make_integer(head, 1, 8), s = make_integer(opset, 2, 13);
    n += make_bytes(head + n, 8, opset, s);
    n += make_varint(head + n, 7 << 3 | 2);
    n += make_varint(head + n, used - HEAD);
    memcpy(graph + HEAD - n, head, n);
    hwv_onnx *file;
    hwv_network network;
    const clock_t start = clock();
    const size_t live = allocations_live();
    hwv_status status = hwv_onnx_parse(&file, "made", graph + HEAD - n, used - HEAD + n, error);
    if (status == HWV_OK) {
        status = hwv_onnx_import(&network, file, options, error);
        hwv_onnx_close(file);
        hwv_network_free(&network);
    }
    assert_int_equal(allocations_live(), live);
    assert_true((double)(clock() - start) / CLOCKS_PER_SEC < SECONDS);
    return status;
}

static void imported(void)
{
    hwv_error error = {0};
    const hwv_onnx_import_options options = {.batched = true};
    if (import(&options, &error) != HWV_OK)
        fail_msg("%s", error.text);
}

/* What is not sound is refused even where parts would do. */
static void refused(hwv_status wanted, const char *words)
{
    for (int partial = 0; partial <= (wanted == HWV_ERR_FORMAT); partial++) {
        hwv_error error = {0};
        hwv_status status = import(&(hwv_onnx_import_options){.batched = true, .partial = partial}, &error);
        if (status != wanted || !strstr(error.text, words))
            fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
    }
}

/* ---- long ---------------------------------------------------------------------------------------- */

enum { MANY = 60000 };

static void test_a_long_chain(void **state)
{
    (void)state;
    char from[24], to[24];
    begin(MANY * 100);
    port(11, "v0");
    for (size_t i = 0; i < MANY; i++)
        node("Relu", number(from, "v", i), NULL, number(to, "v", i + 1));
    port(12, to);
    imported();
    end();
}

/* Backwards: every node comes before the one that it needs. */
static void test_a_long_chain_backwards(void **state)
{
    (void)state;
    char from[24], to[24];
    begin(MANY * 100);
    port(11, "v0");
    for (size_t i = MANY; i-- > 0;)
        node("Relu", number(from, "v", i), NULL, number(to, "v", i + 1));
    port(12, number(to, "v", MANY));
    imported();
    end();
}

static void test_a_long_cycle(void **state)
{
    (void)state;
    char from[24], to[24];
    begin(MANY * 100);
    port(11, "x");
    for (size_t i = 0; i < MANY; i++)
        node("Relu", number(from, "v", i), NULL, number(to, "v", (i + 1) % MANY));
    port(12, "v7");
    refused(HWV_ERR_FORMAT, "(a cycle)");
    end();
}

/* ---- wide ---------------------------------------------------------------------------------------- */

static void test_many_inputs(void **state)
{
    (void)state;
    char name[24];
    begin(MANY * 100);
    for (size_t i = 0; i < MANY; i++)
        port(11, number(name, "x", i));
    node("Relu", name, NULL, "y");
    port(12, "y");
    imported();
    end();
}

static void test_many_outputs(void **state)
{
    (void)state;
    char name[24];
    begin(MANY * 200);
    port(11, "x");
    for (size_t i = 0; i < MANY; i++) {
        node("Relu", "x", NULL, number(name, "y", i));
        port(12, name);
    }
    imported();
    end();
}

/* One sum of many. */
static void test_many_summands(void **state)
{
    (void)state;
    const size_t count = 20000;
    unsigned char *message = malloc(count * 4 + 100);
    size_t n = 0;
    assert_non_null(message);
    begin(count * 8 + 1000);
    port(11, "x");
    for (size_t i = 0; i < count; i++)
        n += make_text(message + n, 1, "x");
    n += make_text(message + n, 2, "y");
    n += make_text(message + n, 4, "Sum");
    put(1, message, n);
    port(12, "y");
    imported();
    end();
    free(message);
}

/* Initialisers of strings, each needed by a node, where everything that can be had is wanted. */
static void test_many_unreadable_initialisers(void **state)
{
    (void)state;
    char name[24], sum[24];
    begin(MANY * 200);
    port(11, "x");
    for (size_t i = 0; i < MANY; i++) {
        unsigned char message[64];
        size_t n = make_text(message, 8, number(name, "w", i));
        n += make_integer(message + n, 1, 4);
        n += make_integer(message + n, 2, 8);
        put(5, message, n);
        node("Add", "x", name, number(sum, "y", i));
        port(12, sum);
    }
    hwv_error error = {0};
    assert_int_equal(import(&(hwv_onnx_import_options){.partial = true, .batched = true}, &error), HWV_OK);
    end();
}

/* ---- deep ---------------------------------------------------------------------------------------- */

/* Written backwards: what is there becomes a field of `number`, with these bytes before it. */
static void wrap(unsigned char *bytes, size_t size, size_t *at, unsigned number, const unsigned char *before, size_t n)
{
    unsigned char head[16];
    size_t h = make_varint(head, number << 3 | 2);
    h += make_varint(head + h, size - *at);
    *at -= h;
    memcpy(bytes + *at, head, h);
    *at -= n;
    memcpy(bytes + *at, before, n);
}

/* An If whose branch has an If whose branch has an If ... */
static void test_nested_branches(void **state)
{
    (void)state;
    const size_t levels = 60000, size = levels * 60;
    unsigned char *bytes = malloc(size), labels[40], names[40];
    size_t at = size, l = make_text(labels, 1, "then_branch"), n = make_text(names, 1, "x");
    assert_non_null(bytes);
    l += make_integer(labels + l, 20, 5);
    n += make_text(names + n, 2, "y");
    n += make_text(names + n, 3, "branch");
    n += make_text(names + n, 4, "If");
    for (size_t i = 0; i < levels; i++) {
        wrap(bytes, size, &at, 6, labels, l);
        wrap(bytes, size, &at, 5, names, n);
        wrap(bytes, size, &at, 1, names, 0);
    }
    begin(size + 1000);
    port(11, "x");
    port(12, "y");
    memcpy(graph + used, bytes + at, size - at);
    used += size - at;
    refused(HWV_ERR_UNSUPPORTED, "node 'branch' (If): control flow is not supported");
    end();
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_long_chain),  cmocka_unit_test(test_a_long_chain_backwards),
        cmocka_unit_test(test_a_long_cycle),  cmocka_unit_test(test_many_inputs),
        cmocka_unit_test(test_many_outputs),  cmocka_unit_test(test_many_unreadable_initialisers),
        cmocka_unit_test(test_many_summands), cmocka_unit_test(test_nested_branches),
    };
    return cmocka_run_group_tests_name("hostile graphs", tests, NULL, NULL);
}
