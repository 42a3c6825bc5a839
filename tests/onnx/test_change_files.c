/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changed files as files: fields that nobody knows, weights beside the model, old versions of the format, one tensor in
 * several layouts, and allocations that fail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "allocations.h"
#include "change.h"
#include "scratch.h"

enum { IN = 4, HIDDEN = 7, OUT = 3 };

/* x w1 + b1, relu, w2; hidden unit 2 is read by nobody. `beside` says where w1 lies in a file. */
static void make_small(const char *beside, float w1[IN * HIDDEN])
{
    float w2[HIDDEN * OUT];
    begin((const int64_t[]){-1, IN}, 2, (const int64_t[]){-1, OUT}, 2);
    memcpy(w1, noise(IN * HIDDEN), IN * HIDDEN * sizeof *w1);
    if (beside) {
        unsigned char tensor[300], entry[200];
        size_t n = make_integer(tensor, 1, IN), k = make_text(entry, 1, "location");
        k += make_text(entry + k, 2, beside);
        n += make_integer(tensor + n, 1, HIDDEN);
        n += make_integer(tensor + n, 2, 1);
        n += make_text(tensor + n, 8, "w1");
        n += make_bytes(tensor + n, 13, entry, k);
        n += make_integer(tensor + n, 14, 1);
        m.used += make_bytes(m.graph + m.used, 5, tensor, n);
    } else {
        make_floats(&m, "w1", (const size_t[]){IN, HIDDEN}, 2, w1);
    }
    floats("b1", 1, HIDDEN, 0, 0, 0);
    memcpy(w2, noise(HIDDEN * OUT), sizeof w2);
    memset(w2 + 2 * OUT, 0, OUT * sizeof *w2);
    make_floats(&m, "w2", (const size_t[]){HIDDEN, OUT}, 2, w2);
    make_node(&m, "Gemm", "first", "x w1 b1", "z");
    make_node(&m, "Relu", "act", "z", "a");
    make_node(&m, "MatMul", "second", "a w2", "y");
}

/* ---- fields that nobody knows --------------------------------------------------------------------- */

/* Where a piece of bytes lies; SIZE_MAX: nowhere. */
static size_t place_of(const void *bytes, size_t size, const void *piece, size_t length)
{
    for (size_t i = 0; i + length <= size; i++)
        if (memcmp((const char *)bytes + i, piece, length) == 0)
            return i;
    return SIZE_MAX;
}

static void test_unknown_fields(void **state)
{
    (void)state;
    float w1[IN * HIDDEN];
    patient p, after = {0};
    unsigned char model[MAKE_ROOM], pair[64];
    size_t n = 0, k;
    make_small(NULL, w1);
    k = make_text(pair, 1, "key");
    k += make_text(pair + k, 2, "quantised by nobody");
    m.used += make_bytes(m.graph + m.used, 14, pair, k); /* quantisation annotations: read by nobody here */
    m.used += make_text(m.graph + m.used, 99, "a field of the future");
    make_model(&m, 13);
    n = make_text(model, 88, "in front");
    memcpy(model + n, m.model, m.model_size);
    n += m.model_size;
    n += make_bytes(model + n, 14, pair, k); /* metadata_props */
    p = (patient){0};
    patient_parse(&p, model, n);
    cut_length(&p, HIDDEN, 2);
    hwv_text bytes = patient_changed(&p);
    patient_parse(&after, bytes.data, bytes.length);
    patients_agree(&p, &after, false, NULL);
    assert_memory_equal(bytes.data, model, 12);
    const size_t tail = n - p.file->graph_offset - p.file->graph_length;
    assert_memory_equal(bytes.data + bytes.length - tail, model + n - tail, tail);
    assert_true(place_of(bytes.data, bytes.length, "a field of the future", 21) < bytes.length);
    /* what stands behind the last node of the graph stays in its order */
    const hwv_onnx_node *last = &p.file->nodes[2];
    const size_t from = last->offset, length = p.file->graph_offset + p.file->graph_length - from;
    assert_true(place_of(bytes.data, bytes.length, model + from, length) < bytes.length);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* ---- weights beside the model --------------------------------------------------------------------- */

static size_t change_beside(patient *p, bool embed, hwv_text *bytes)
{
    hwv_error error = {0};
    *bytes = (hwv_text){0};
    if (hwv_onnx_change(bytes, p->file, p->trace, &p->change, embed, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return place_of(bytes->data, bytes->length, "weights.bin", 11);
}

static void test_weights_beside(void **state)
{
    (void)state;
    float w1[IN * HIDDEN];
    hwv_text bytes;
    hwv_onnx *file;
    patient p = {0}, after = {0};
    make_small("weights.bin", w1);
    scratch_write("weights.bin", w1, sizeof w1);
    make_model(&m, 13);
    const char *path = scratch_write("model.onnx", m.model, m.model_size);
    assert_int_equal(hwv_onnx_open(&file, path, NULL), HWV_OK);
    patient_take(&p, file);
    /* Nothing changes: the reference stays, or the numbers come into the file. */
    assert_true(change_beside(&p, false, &bytes) < bytes.length);
    assert_int_equal(bytes.length, m.model_size);
    assert_memory_equal(bytes.data, m.model, m.model_size);
    hwv_text_free(&bytes);
    assert_int_equal(change_beside(&p, true, &bytes), SIZE_MAX);
    patient_parse(&after, bytes.data, bytes.length);
    patients_agree(&p, &after, true, NULL);
    assert_memory_equal(tensor_named(after.file, "w1")->data, w1, sizeof w1);
    patient_free(&after);
    hwv_text_free(&bytes);
    /* Another tensor changes: the same. */
    hwv_change_data(&p.change, value_named(&p, "b1"))[0] = 0.5f;
    assert_true(change_beside(&p, false, &bytes) < bytes.length);
    hwv_text_free(&bytes);
    /* It is cut: it moves into the file. */
    cut_length(&p, HIDDEN, 2);
    assert_int_equal(change_beside(&p, false, &bytes), SIZE_MAX);
    after = (patient){0};
    patient_parse(&after, bytes.data, bytes.length);
    assert_int_equal(tensor_named(after.file, "w1")->dim[1], HIDDEN - 1);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
    scratch_empty();
}

/* ---- old versions --------------------------------------------------------------------------------- */

/* Before version 4 of the format every initialiser is an input too: new ones are. */
static void test_old_version(void **state)
{
    (void)state;
    float w1[IN * HIDDEN];
    patient p, after;
    hwv_text bytes;
    make_small(NULL, w1);
    make_port(&m, 11, "w1", 1, (const int64_t[]){IN, HIDDEN}, 2);
    make_port(&m, 11, "b1", 1, (const int64_t[]){HIDDEN}, 1);
    make_port(&m, 11, "w2", 1, (const int64_t[]){HIDDEN, OUT}, 2);
    make_model(&m, 8);
    m.model[1] = 3; /* of the format */
    p = (patient){0};
    patient_parse(&p, m.model, m.model_size);
    assert_int_equal(p.file->ir_version, 3);
    hwv_act act = hwv_act_make(HWV_OP_PRELU);
    act.param[0] = 0;
    assert_int_equal(hwv_change_act(&p.change, p.network.layers[0].node, &act, NULL), HWV_OK);
    cut_length(&p, HIDDEN, 2);
    patient_become(&after, &p, &bytes);
    patients_agree(&p, &after, false, "old_version");
    assert_int_equal(hwv_onnx_input_count(after.file), 1);
    assert_int_equal(after.file->input_count, 5);
    assert_int_equal(after.file->initialiser_count, 4);
    for (size_t i = 1; i < 5; i++) {
        const hwv_onnx_port *port = &after.file->inputs[i].port;
        const hwv_onnx_tensor *tensor = tensor_named(after.file, port->name);
        assert_int_equal(port->rank, tensor->rank);
        for (size_t d = 0; d < port->rank; d++)
            assert_int_equal(port->dim[d], tensor->dim[d]);
    }
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* ---- one tensor, two layouts ---------------------------------------------------------------------- */

/* w as [IN, IN] for one product and transposed for the next, so that the graph has two values of it. */
static void test_two_layouts(void **state)
{
    (void)state;
    patient p, after;
    hwv_text bytes;
    begin((const int64_t[]){-1, IN}, 2, (const int64_t[]){-1, IN}, 2);
    floats("w", 2, IN, IN, 0, 0);
    make_node(&m, "MatMul", "first", "x w", "z");
    make_node(&m, "Relu", "act", "z", "a");
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "second", "a w", "y");
    finish(&p, 13);
    hwv_id as_it_is = hwv_graph_find(p.network.graph, "w"), other = HWV_NO_ID;
    for (hwv_id v = 0; v < p.change.value_count; v++)
        if (v != as_it_is && hwv_graph_value(p.network.graph, v)->role == HWV_ROLE_PARAMETER)
            other = v;
    assert_int_not_equal(other, HWV_NO_ID);
    hwv_change_data(&p.change, as_it_is)[1] = 4;
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "tensor 'w' is read in several places (shared weights)");
    hwv_change_data(&p.change, other)[1] = 4;
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "tensor 'w' is read in several places (shared weights)");
    p.change.values[other].data[1] = hwv_weights_data(p.network.weights, other)[1];
    hwv_change_data(&p.change, other)[IN] = 4; /* the same element */
    patient_become(&after, &p, &bytes);
    assert_true(hwv_onnx_tensor_number(tensor_named(after.file, "w"), IN) == 4 ||
                hwv_onnx_tensor_number(tensor_named(after.file, "w"), 1) == 4);
    patient_free(&after);
    hwv_text_free(&bytes);
    /* Cut along one of them only. */
    hwv_change_cut(&p.change, other, 0)[3] = 1;
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "(shared weights)");
    patient_free(&p);
}

/* ---- sizes of images ------------------------------------------------------------------------------ */

/* Resize by sizes, which name the channels too; one sample a run, as they fix it. */
static void test_resize_sizes(void **state)
{
    (void)state;
    patient p, after;
    hwv_text bytes;
    static const int64_t sizes[4] = {1, HIDDEN, 6, 6};
    float w2[OUT * HIDDEN];
    begin((const int64_t[]){1, 2, 3, 3}, 4, (const int64_t[]){1, OUT, 6, 6}, 4);
    floats("w1", 4, HIDDEN, 2, 1, 1);
    memcpy(w2, noise(OUT * HIDDEN), sizeof w2);
    for (size_t o = 0; o < OUT; o++)
        w2[o * HIDDEN + 2] = 0;
    make_floats(&m, "w2", (const size_t[]){OUT, HIDDEN, 1, 1}, 4, w2);
    make_list(&m, "sizes", sizes, 4);
    make_node(&m, "Conv", "first", "x w1", "c");
    make_string(&m, "mode", "nearest");
    make_string(&m, "coordinate_transformation_mode", "asymmetric");
    make_string(&m, "nearest_mode", "floor");
    make_node(&m, "Resize", "wider", "c - - sizes", "r");
    make_node(&m, "Conv", "second", "r w2", "y");
    finish(&p, 13);
    cut_length(&p, HIDDEN, 2);
    patient_become(&after, &p, &bytes);
    patients_agree(&p, &after, false, "resize");
    assert_int_equal(hwv_onnx_tensor_integer(tensor_named(after.file, "sizes"), 1), HIDDEN - 1);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* ---- allocations ---------------------------------------------------------------------------------- */

static hwv_status change_once(const patient *p, hwv_error *error)
{
    hwv_text bytes = {0};
    const size_t live = allocations_live();
    hwv_status status = hwv_onnx_change(&bytes, p->file, p->trace, &p->change, false, error);
    assert_true(status == HWV_OK ? bytes.length > 0 : bytes.length == 0);
    hwv_text_free(&bytes);
    assert_int_equal(allocations_live(), live);
    return status;
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    float w1[IN * HIDDEN];
    hwv_error error = {0};
    patient p;
    make_small(NULL, w1);
    finish(&p, 13);
    cut_length(&p, HIDDEN, 2);
    hwv_act act = hwv_act_make(HWV_OP_GELU);
    assert_int_equal(hwv_change_act(&p.change, p.network.layers[0].node, &act, NULL), HWV_OK);
    assert_non_null(hwv_change_norm(&p.change, p.network.layers[0].node, HIDDEN, 1e-5f));
    for (hwv_id n = 0; n < hwv_graph_node_count(p.network.graph); n++)
        if (hwv_graph_node_at(p.network.graph, n)->kind == HWV_NODE_DENSE) {
            const hwv_node *node = hwv_graph_node_at(p.network.graph, n);
            const hwv_shape shape = hwv_graph_value(p.network.graph, node->output[0])->shape;
            assert_non_null(hwv_change_bias(&p.change, n, shape.dim[1]));
        }
    size_t count = allocations_count();
    if (change_once(&p, &error) != HWV_OK)
        fail_msg("%s", error.text);
    count = allocations_count() - count;
    for (size_t n = 1; n <= count; n++) {
        error = (hwv_error){0};
        allocations_fail_at(n);
        hwv_status status = change_once(&p, &error);
        allocations_fail_at(0);
        if (status != HWV_ERR_MEMORY && status != HWV_OK)
            fail_msg("allocation %zu of %zu: %s '%s'", n, count, hwv_status_name(status), error.text);
        assert_true(status == HWV_OK || error.text[0] != '\0');
    }
    print_message("%zu allocations\n", count);
    assert_true(count > 100);
    patient_free(&p);
}

/* Those of an import that keeps a trace. */
static void test_each_allocation_of_a_trace_fails(void **state)
{
    (void)state;
    hwv_onnx *file;
    size_t failed = 0, count = 0;
    begin((const int64_t[]){-1, IN}, 2, (const int64_t[]){-1, HIDDEN}, 2);
    floats("kept", 2, HIDDEN, IN, 0, 0);
    make_node(&m, "Transpose", "move", "kept", "w");
    make_node(&m, "MatMul", "first", "x w", "y");
    make_model(&m, 13);
    assert_int_equal(hwv_onnx_parse(&file, "made", m.model, m.model_size, NULL), HWV_OK);
    for (size_t n = 0; n == 0 || n <= count; n++) {
        hwv_network network;
        hwv_onnx_trace *trace = NULL;
        hwv_error error = {0};
        const hwv_onnx_import_options options = {.trace = &trace};
        const size_t live = allocations_live(), before = allocations_count();
        allocations_fail_at(n);
        hwv_status status = hwv_onnx_import(&network, file, &options, &error);
        allocations_fail_at(0);
        count = n == 0 ? allocations_count() - before : count;
        assert_true(status == HWV_OK || (n > 0 && status == HWV_ERR_MEMORY && trace == NULL));
        failed += status != HWV_OK;
        hwv_network_free(&network);
        hwv_onnx_trace_free(trace);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(failed * 2 > count);
    hwv_onnx_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_fields),
        cmocka_unit_test(test_weights_beside),
        cmocka_unit_test(test_old_version),
        cmocka_unit_test(test_two_layouts),
        cmocka_unit_test(test_resize_sizes),
        cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_each_allocation_of_a_trace_fails),
    };
    return cmocka_run_group_tests_name("changed files", tests, scratch_make, scratch_remove);
}
