/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is read of an ONNX file, and files that mean harm. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "allocations.h"
#include "make.h"
#include "onnx_walk.h"

#include "damage.h"

static maker m;

static void begin(void)
{
    m = (maker){0};
}

static hwv_onnx *parsed(void)
{
    hwv_onnx *file;
    hwv_error error;
    if (hwv_onnx_parse(&file, "made", m.model, m.model_size, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return file;
}

/* ---- what is read -------------------------------------------------------------------------------- */

static void make_small(void)
{
    const int64_t free_rows[2] = {-1, 3}, ints[3] = {1, -2, INT64_MIN};
    const float weight[6] = {1, 2, 3, 4, 5, 6};
    begin();
    make_int(&m, "axis", -1);
    make_ints(&m, "pads", ints, 3);
    make_float(&m, "alpha", 0.25f);
    make_string(&m, "mode", "edge");
    make_node(&m, "Odd", "first", "x - w", "h -");
    make_node(&m, "Relu", "", "h", "y");
    make_node(&m, "Relu", "", "y", "z");
    make_floats(&m, "w", (const size_t[]){2, 3}, 2, weight);
    make_input(&m, "x", free_rows, 2);
    make_input(&m, "w", (const int64_t[]){2, 3}, 2);
    make_output(&m, "z");
    make_model(&m, 13);
}

static void test_a_small_file(void **state)
{
    (void)state;
    make_small();
    hwv_onnx *file = parsed();
    assert_int_equal(file->ir_version, 8);
    assert_int_equal(file->opset, 13);
    assert_int_equal(file->node_count, 3);
    const hwv_onnx_node *odd = &file->nodes[0];
    assert_string_equal(odd->op, "Odd");
    assert_string_equal(odd->name, "first");
    assert_int_equal(odd->input_count, 3);
    assert_string_equal(odd->inputs[1], "");
    assert_string_equal(odd->inputs[2], "w");
    assert_int_equal(odd->output_count, 2);
    assert_int_equal(hwv_onnx_attribute_find(odd, "axis")->i, -1);
    assert_true(hwv_onnx_attribute_find(odd, "alpha")->f == 0.25f);
    assert_string_equal(hwv_onnx_attribute_find(odd, "mode")->s, "edge");
    const hwv_onnx_attribute *pads = hwv_onnx_attribute_find(odd, "pads");
    assert_int_equal(pads->type, HWV_ONNX_ATTRIBUTE_INTS);
    assert_int_equal(pads->count, 3);
    assert_true(pads->ints[1] == -2 && pads->ints[2] == INT64_MIN);
    assert_null(hwv_onnx_attribute_find(odd, "beta"));
    assert_int_equal(file->input_count, 2);
    assert_int_equal(hwv_onnx_input_count(file), 1);
    const hwv_onnx_port x = hwv_onnx_input(file, 0);
    assert_string_equal(x.name, "x");
    assert_string_equal(x.type, "float32");
    assert_true(x.shaped);
    assert_int_equal(x.dim[0], -1);
    assert_string_equal(x.symbol[0], "n");
    assert_int_equal(x.dim[1], 3);
    assert_int_equal(hwv_onnx_use_count(file), 2);
    assert_string_equal(hwv_onnx_use_at(file, 0).op, "Odd");
    assert_int_equal(hwv_onnx_use_at(file, 1).count, 2);
    assert_true(hwv_onnx_use_at(file, 1).activation);
    assert_true(hwv_onnx_tensor_number(&file->initialisers[0], 5) == 6);
    /* The weights lie in the file. */
    assert_true(file->initialisers[0].data > m.model && file->initialisers[0].data < m.model + m.model_size);
    const hwv_onnx_summary summary = hwv_onnx_summarise(file);
    assert_int_equal(summary.parameters, 6);
    assert_int_equal(summary.initialisers, 1);
    assert_int_equal(summary.bytes, m.model_size);
    hwv_onnx_close(file);
}

/* Weights in Constant nodes count, in each of the forms that they have. */
static void test_constants_are_initialisers(void **state)
{
    (void)state;
    unsigned char tensor[64], attribute[128];
    const float data[2] = {1, 2};
    begin();
    size_t t = make_integer(tensor, 1, 2);
    t += make_integer(tensor + t, 2, 1);
    t += make_bytes(tensor + t, 9, data, sizeof data);
    size_t a = make_text(attribute, 1, "value");
    a += make_bytes(attribute + a, 5, tensor, t); /* no type: an old file */
    make_attribute(&m, attribute, a);
    make_node(&m, "Constant", "", "", "c");
    make_float(&m, "value_float", 3);
    make_node(&m, "Constant", "", "", "d");
    make_ints(&m, "value_ints", (const int64_t[]){1, 2, 3}, 3);
    make_node(&m, "Constant", "", "", "e");
    make_model(&m, 13);
    hwv_onnx *file = parsed();
    const hwv_onnx_summary summary = hwv_onnx_summarise(file);
    assert_int_equal(summary.initialisers, 3);
    assert_int_equal(summary.parameters, 3);
    assert_int_equal(file->nodes[0].attributes[0].type, HWV_ONNX_ATTRIBUTE_TENSOR);
    assert_true(hwv_onnx_tensor_number(file->nodes[0].attributes[0].tensor, 1) == 2);
    hwv_onnx_close(file);
}

/* ---- damage -------------------------------------------------------------------------------------- */

static hwv_status read_all(const void *bytes, size_t size, hwv_error *error)
{
    hwv_onnx *file;
    HWV_TRY(hwv_onnx_parse(&file, "made", bytes, size, error));
    assert_true(walk_file(file) > 0);
    hwv_onnx_close(file);
    return HWV_OK;
}

static void test_every_truncation(void **state)
{
    (void)state;
    make_small();
    damage_cut(read_all, m.model, m.model_size);
}

static void test_flipped_bits(void **state)
{
    (void)state;
    make_small();
    assert_true(damage_flip(read_all, m.model, m.model_size, m.model_size, 20000) > 5000);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_status status = HWV_ERR_MEMORY;
    size_t n = 0, live = allocations_live();
    make_small();
    while (status != HWV_OK) {
        hwv_onnx *file = NULL;
        allocations_fail_at(++n);
        status = hwv_onnx_parse(&file, "made", m.model, m.model_size, NULL);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || (status == HWV_ERR_MEMORY && file == NULL));
        hwv_onnx_close(file);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > 2);
}

/* ---- harm ---------------------------------------------------------------------------------------- */

/* Refused with this status and these words. */
static void refuse(const void *bytes, size_t size, hwv_status wanted, const char *words)
{
    hwv_onnx *file;
    hwv_error error = {0};
    size_t live = allocations_live();
    unsigned char *copy = damage_copy(bytes, size);
    hwv_status status = hwv_onnx_parse(&file, "made", copy, size, &error);
    if (status != wanted || !strstr(error.text, words) || strncmp(error.text, "made: ", 6) != 0)
        fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
    assert_null(file);
    free(copy);
    assert_int_equal(allocations_live(), live);
}

#define BYTES(...) (const unsigned char[]){__VA_ARGS__}, sizeof((const unsigned char[]){__VA_ARGS__})

static void test_broken_wire(void **state)
{
    (void)state;
    refuse("", 0, HWV_ERR_FORMAT, "offset 0: 0 graphs");
    refuse(BYTES(0x08, 0x08), HWV_ERR_FORMAT, "offset 2: 0 graphs");
    /* numbers of 11 bytes, of more than 64 bits, cut off */
    refuse(BYTES(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), HWV_ERR_FORMAT,
           "offset 1: a number of more than 64 bits");
    refuse(BYTES(0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02), HWV_ERR_FORMAT,
           "offset 1: a number of more than 64 bits");
    refuse(BYTES(0x08, 0xff), HWV_ERR_FORMAT, "offset 1: a number is cut off");
    refuse(BYTES(0x0d, 1, 2, 3), HWV_ERR_FORMAT, "offset 0: a number is cut off");
    refuse(BYTES(0x09, 1, 2, 3, 4, 5, 6, 7), HWV_ERR_FORMAT, "offset 0: a number is cut off");
    /* lengths beyond the file: by one, and as large as can be said */
    refuse(BYTES(0x3a, 3, 0, 0), HWV_ERR_FORMAT, "offset 0: field 7 has 3 bytes, but only 2 are left");
    refuse(BYTES(0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01), HWV_ERR_FORMAT,
           "offset 0: field 7 has 18446744073709551615 bytes");
    /* groups, with and without an end; the two wire types that there are not; field 0 */
    refuse(BYTES(0x0b), HWV_ERR_FORMAT, "offset 0: a wire type");
    refuse(BYTES(0x0b, 0x0c), HWV_ERR_FORMAT, "offset 0: a wire type");
    refuse(BYTES(0x0c), HWV_ERR_FORMAT, "offset 0: a wire type");
    refuse(BYTES(0x0e), HWV_ERR_FORMAT, "offset 0: a wire type");
    refuse(BYTES(0x0f), HWV_ERR_FORMAT, "offset 0: a wire type");
    refuse(BYTES(0x00, 0x00), HWV_ERR_FORMAT, "offset 0: no protobuf field");
    /* the graph as a number, and twice */
    refuse(BYTES(0x38, 1), HWV_ERR_FORMAT, "offset 0: the graph has wire type 0, 2 is expected");
    refuse(BYTES(0x3a, 0, 0x3a, 0), HWV_ERR_FORMAT, "2 graphs");
    /* version 8 without an opset */
    refuse(BYTES(0x08, 0x08, 0x3a, 0), HWV_ERR_FORMAT, "without saying its opset");
    refuse("no ONNX at all", 14, HWV_ERR_FORMAT, "is it an ONNX file?");
}

/* A graph that is one field, refused. */
static void refuse_graph(const unsigned char *graph, size_t size, hwv_status wanted, const char *words)
{
    begin();
    memcpy(m.graph, graph, size);
    m.used = size;
    make_model(&m, 13);
    refuse(m.model, m.model_size, wanted, words);
}

static void refuse_field(unsigned field, const unsigned char *message, size_t size, hwv_status wanted,
                         const char *words)
{
    unsigned char graph[1000];
    refuse_graph(graph, make_bytes(graph, field, message, size), wanted, words);
}

static void test_wrong_wire_types(void **state)
{
    (void)state;
    refuse_graph(BYTES(0x08, 1), HWV_ERR_FORMAT, "has wire type 0, 2 is expected");       /* a node */
    refuse_field(1, BYTES(0x08, 1), HWV_ERR_FORMAT, "a node's input has wire type 0");    /* its input */
    refuse_field(1, BYTES(0x28, 1), HWV_ERR_FORMAT, "an attribute has wire type 0");      /* its attribute */
    refuse_field(5, BYTES(0x42, 1, 'w', 0x12, 0), HWV_ERR_FORMAT, "a tensor's type has"); /* its type */
    refuse_field(5, BYTES(0x10, 1, 0x48, 0), HWV_ERR_FORMAT, "raw data has wire type 0");
    refuse_field(5, BYTES(0x0d, 0, 0, 0, 0), HWV_ERR_FORMAT, "dimensions has wire type 5");
    refuse_field(11, BYTES(0x10, 1), HWV_ERR_FORMAT, "a value's type has wire type 0");
    /* attribute "a" of type INTS with floats, and a tensor that is a number */
    refuse_field(1, BYTES(0x2a, 11, 0x0a, 1, 'a', 0xa0, 1, 7, 0x45, 0, 0, 0, 0), HWV_ERR_FORMAT, "integers has wire");
    refuse_field(1, BYTES(0x2a, 5, 0x0a, 1, 'a', 0x28, 1), HWV_ERR_FORMAT, "tensor has wire type 0");
    refuse_field(1, BYTES(0x2a, 6, 0x0a, 1, 'a', 0xa0, 1, 4), HWV_ERR_FORMAT, "attribute 'a' has no tensor");
}

static void test_names(void **state)
{
    (void)state;
    refuse_field(1, BYTES(0x0a, 3, 'a', 0, 'b'), HWV_ERR_FORMAT, "a node's input has a NUL in it");
    refuse_field(1, BYTES(0x1a, 2, 0xc0, 0x80), HWV_ERR_FORMAT, "a node's name is no UTF-8");
    refuse_field(1, BYTES(0x22, 1, 0xff), HWV_ERR_FORMAT, "a node's operator is no UTF-8");
    refuse_field(5, BYTES(0x42, 3, 0xed, 0xa0, 0x80), HWV_ERR_FORMAT, "a tensor's name is no UTF-8");
    refuse_field(11, BYTES(0x0a, 2, 'x', 0xe2), HWV_ERR_FORMAT, "a value's name is no UTF-8");
}

/* dims as int64, FLOAT, and four bytes of data. */
static size_t tensor_of(unsigned char *tensor, const int64_t *dims, size_t rank, size_t bytes)
{
    static const unsigned char data[64];
    size_t n = make_text(tensor, 8, "w");
    for (size_t i = 0; i < rank; i++)
        n += make_integer(tensor + n, 1, dims[i]);
    n += make_integer(tensor + n, 2, 1);
    return n + make_bytes(tensor + n, 9, data, bytes);
}

static void refuse_dims(const int64_t *dims, size_t rank, hwv_status wanted, const char *words)
{
    unsigned char tensor[400], attribute[500], node[600];
    size_t n = tensor_of(tensor, dims, rank, 4);
    refuse_field(5, tensor, n, wanted, words);
    /* the same in a Constant node */
    size_t a = make_text(attribute, 1, "value");
    a += make_bytes(attribute + a, 5, tensor, n);
    size_t k = make_text(node, 4, "Constant");
    k += make_bytes(node + k, 5, attribute, a);
    refuse_field(1, node, k, wanted, words);
}

static void test_sizes(void **state)
{
    (void)state;
    const int64_t huge = (int64_t)1 << 60, side = (int64_t)1 << 32;
    int64_t many[HWV_ONNX_DIMS + 1];
    for (size_t i = 0; i <= HWV_ONNX_DIMS; i++)
        many[i] = 1;
    refuse_dims(&huge, 1, HWV_ERR_FORMAT, "tensor 'w' has 4 bytes");
    refuse_dims((const int64_t[]){huge, 4}, 2, HWV_ERR_FORMAT, "elements take more than memory has");
    refuse_dims((const int64_t[]){huge, 16}, 2, HWV_ERR_FORMAT, "dimensions multiply to more than memory has");
    refuse_dims((const int64_t[]){side, side, 3}, 3, HWV_ERR_FORMAT, "dimensions multiply");
    refuse_dims((const int64_t[]){-1}, 1, HWV_ERR_FORMAT, "dimension 0 is -1");
    refuse_dims((const int64_t[]){2, INT64_MIN}, 2, HWV_ERR_FORMAT, "dimension 1 is -9223372036854775808");
    refuse_dims((const int64_t[]){2}, 1, HWV_ERR_FORMAT, "tensor 'w' has 4 bytes, its shape and type need 8");
    refuse_dims((const int64_t[]){0, 7}, 2, HWV_ERR_FORMAT, "need 0");
    refuse_dims(many, HWV_ONNX_DIMS + 1, HWV_ERR_UNSUPPORTED, "more than 16 dimensions");
    /* an input with -2 of something */
    begin();
    unsigned char dim[16], shape[32], tensor[64], type[80], value[100];
    size_t n = make_integer(dim, 1, -2);
    n = make_bytes(shape, 1, dim, n);
    size_t t = make_integer(tensor, 1, 1);
    t += make_bytes(tensor + t, 2, shape, n);
    t = make_bytes(type, 1, tensor, t);
    n = make_bytes(value, 2, type, t);
    n += make_text(value + n, 1, "x");
    refuse_field(11, value, n, HWV_ERR_FORMAT, "value 'x': dimension 0 is -2");
}

/* ---- depth and width ----------------------------------------------------------------------------- */

/* Writes backwards from the end: a message of what is there. */
static size_t wrap(unsigned char *bytes, size_t room, size_t at, unsigned field)
{
    unsigned char head[16];
    size_t n = make_varint(head, field << 3 | 2);
    n += make_varint(head + n, room - at);
    memcpy(bytes + at - n, head, n);
    return at - n;
}

/* `levels` times the messages of fields[] (inmost first, 0 ends them), then those of outer[]; parsed. */
static hwv_status nest(size_t levels, const unsigned *fields, const unsigned *outer, hwv_error *error)
{
    const size_t room = levels * 40 + 1000;
    unsigned char *bytes = malloc(room), opset[] = {0x42, 2, 0x10, 13};
    size_t at = room;
    for (size_t i = 0; i < levels; i++)
        for (size_t k = 0; fields[k]; k++)
            at = wrap(bytes, room, at, fields[k]);
    for (size_t k = 0; outer[k]; k++)
        at = wrap(bytes, room, at, outer[k]);
    at -= sizeof opset;
    memcpy(bytes + at, opset, sizeof opset);
    size_t before = allocations_count();
    hwv_status status = read_all(bytes + at, room - at, error);
    assert_true(allocations_count() - before < 20);
    free(bytes);
    return status;
}

static void test_nested_graphs(void **state)
{
    (void)state;
    hwv_error error = {0};
    /* graph, attribute, node, graph, ... in a model; a sequence of sequences of ... as the type of an input */
    static const unsigned graphs[] = {6, 5, 1, 0}, model[] = {7, 0}, types[] = {4, 1, 0}, input[] = {2, 11, 7, 0};
    assert_int_equal(nest(60000, graphs, model, &error), HWV_OK);
    assert_int_equal(nest(60000, types, input, &error), HWV_OK);
}

/* A megabyte of messages without content does not become hundreds of megabytes of structure. */
static void test_empty_messages(void **state)
{
    (void)state;
    static const unsigned char tags[] = {0x0a, 0x2a, 0x5a, 0x62, 0x6a}; /* node, initialiser, input, output, value */
    const size_t count = 500000, size = 2 * count;
    unsigned char *bytes = malloc(size + 16);
    for (size_t t = 0; t < sizeof tags; t++) {
        hwv_onnx *file;
        hwv_error error;
        size_t at = make_varint(bytes, 7 << 3 | 2);
        at += make_varint(bytes + at, size);
        for (size_t i = 0; i < count; i++) {
            bytes[at + 2 * i] = tags[t];
            bytes[at + 2 * i + 1] = 0;
        }
        assert_int_equal(hwv_onnx_parse(&file, "made", bytes, at + size, &error), HWV_ERR_FORMAT);
        assert_non_null(strstr(error.text, "more entries than a file of 1000004 bytes can sensibly have"));
    }
    free(bytes);
}

/* Many operators of different names, and many inputs that are initialisers: no squares of them. */
static void test_many_names(void **state)
{
    (void)state;
    const size_t count = 40000;
    unsigned char *bytes = malloc(count * 80 + 64), *graph = bytes + 16;
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char message[64];
        char name[24];
        (void)snprintf(name, sizeof name, "name%zu", i);
        used += make_bytes(graph + used, 1, message, make_text(message, 4, name));
        size_t n = make_text(message, 8, name);
        n += make_integer(message + n, 1, 0);
        n += make_integer(message + n, 2, 1);
        used += make_bytes(graph + used, 5, message, n);
        n = make_text(message, 1, name);
        used += make_bytes(graph + used, 11, message, n);
    }
    unsigned char head[16];
    size_t n = make_varint(head, 7 << 3 | 2);
    n += make_varint(head + n, used);
    memcpy(graph - n, head, n);
    hwv_onnx *file;
    hwv_error error;
    if (hwv_onnx_parse(&file, "made", graph - n, used + n, &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_int_equal(hwv_onnx_use_count(file), count);
    assert_int_equal(hwv_onnx_input_count(file), 0);
    assert_string_equal(hwv_onnx_use_at(file, 12345).op, "name12345");
    hwv_onnx_close(file);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_small_file),
        cmocka_unit_test(test_constants_are_initialisers),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_broken_wire),
        cmocka_unit_test(test_wrong_wire_types),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_nested_graphs),
        cmocka_unit_test(test_empty_messages),
        cmocka_unit_test(test_many_names),
    };
    return cmocka_run_group_tests_name("onnx reading", tests, NULL, NULL);
}
