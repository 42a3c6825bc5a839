/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Patients: read, changed, written; ONNX files, alone and with weights beside them, and checkpoints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "make.h"
#include "patients.h"

enum { IN = 5, SAMPLES = 40 };

static const char notation[] = "fc 6; act; fc 4; act; fc 3";
static const size_t dims[] = {IN};

static hwv_output_change compared(const hwv_network *a, const hwv_network *b)
{
    static float x[SAMPLES * 64];
    const size_t all = SAMPLES;
    size_t each = 1;
    for (size_t d = 1; d < a->inputs[0].shape.rank; d++)
        each *= a->inputs[0].shape.dim[d];
    assert_true(each <= 64);
    normals(x, SAMPLES * each, 1);
    sample_source samples = {.feed = {.x = x, .each = each, .cut = &all, .cut_count = 1}};
    const hwv_source source = source_of(&samples);
    hwv_output_change change;
    hwv_error error;
    must(hwv_network_compare(&change, a, b, &source, NULL, &error), &error);
    return change;
}

/* Written elsewhere and over itself: the bytes that were there. */
static void writes_same(hwv_patient *patient, const char *path)
{
    hwv_error error;
    const char *copy = scratch_write("copy", "old", 3);
    const char *kept = scratch_path("kept");
    must(hwv_patient_write(patient, copy, &error), &error);
    assert_true(same_bytes(path, copy));
    must(hwv_patient_write(patient, kept, &error), &error);
    must(hwv_patient_write(patient, path, &error), &error);
    assert_true(same_bytes(path, kept));
    const char *nowhere = scratch_path("none/here");
    assert_int_equal(hwv_patient_write(patient, nowhere, &error), HWV_ERR_IO);
    hwv_patient_close(patient);
    assert_int_equal(scratch_empty(), 3);
}

static void test_unchanged(void **state)
{
    (void)state;
    const char *path = onnx_file("m.onnx", notation, 1, dims, 3, NULL, 0);
    writes_same(onnx_patient(path), path);
    path = checkpoint_file("m.safetensors", "fc 6; act; fc classes", 3);
    writes_same(checkpoint_patient(path), path);
}

/* Another model comes of it; the first one stays as it was, its file too, until that is written over. */
static void changes(hwv_patient *patient, const char *path, hwv_patient *(*open)(const char *))
{
    const hwv_network *network = hwv_patient_network(patient);
    hwv_change change = swapped(network, 1, HWV_OP_PRELU, 0);
    const char *before = scratch_path("before");
    hwv_patient *changed, *again;
    hwv_error error;
    must(hwv_patient_write(patient, before, &error), &error);
    must(hwv_patient_change(&changed, patient, &change, &error), &error);
    hwv_change_free(&change);
    assert_true(op_of(network, 1) == HWV_OP_RELU && op_of(hwv_patient_network(changed), 0) == HWV_OP_RELU);
    assert_true(op_of(hwv_patient_network(changed), 1) == HWV_OP_PRELU);
    assert_true(compared(network, hwv_patient_network(changed)).equal);
    assert_true(same_bytes(path, before));
    /* what was changed can be changed again, when the first is gone */
    hwv_patient_close(patient);
    change = swapped(hwv_patient_network(changed), 0, HWV_OP_LEAKY_RELU, 0.5f);
    must(hwv_patient_change(&again, changed, &change, &error), &error);
    hwv_change_free(&change);
    assert_true(compared(hwv_patient_network(changed), hwv_patient_network(again)).largest > 1e-3);
    must(hwv_patient_write(again, path, &error), &error);
    hwv_patient_close(changed);
    changed = open(path);
    assert_true(compared(hwv_patient_network(changed), hwv_patient_network(again)).equal);
    assert_true(op_of(hwv_patient_network(changed), 0) == HWV_OP_LEAKY_RELU);
    hwv_patient_close(changed);
    hwv_patient_close(again);
    scratch_empty();
}

static void test_changed(void **state)
{
    (void)state;
    const char *path = onnx_file("m.onnx", notation, 1, dims, 3, NULL, 0);
    changes(onnx_patient(path), path, onnx_patient);
    path = checkpoint_file("m.safetensors", "fc 8; act; fc 6; act; fc classes", 3);
    changes(checkpoint_patient(path), path, checkpoint_patient);
}

/* ---- weights beside the model ---- */

static maker m;

/* An initialiser [rows, IN] at the beginning of a file. */
static void make_beside(const char *name, size_t rows, const char *location)
{
    unsigned char tensor[500], entry[200];
    size_t n = make_integer(tensor, 1, (int64_t)rows);
    n += make_integer(tensor + n, 1, IN);
    n += make_integer(tensor + n, 2, 1);
    n += make_text(tensor + n, 8, name);
    size_t k = make_text(entry, 1, "location");
    k += make_text(entry + k, 2, location);
    n += make_bytes(tensor + n, 13, entry, k);
    n += make_integer(tensor + n, 14, 1);
    m.used += make_bytes(m.graph + m.used, 5, tensor, n);
}

static const char *external_file(void)
{
    float weights[4 * IN], last[2 * 4];
    const int64_t in[] = {-1, IN};
    const size_t shape[] = {2, 4};
    normals(weights, 4 * IN, 5);
    normals(last, 8, 6);
    scratch_write("weights.bin", weights, sizeof weights);
    m = (maker){0};
    make_input(&m, "x", in, 2);
    make_output(&m, "y");
    make_beside("w1", 4, "weights.bin");
    make_floats(&m, "w2", shape, 2, last);
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "first", "x w1", "z");
    make_node(&m, "Relu", "relu", "z", "h");
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "second", "h w2", "y");
    make_model(&m, 13);
    return scratch_write("m.onnx", m.model, m.model_size);
}

/* In the folder where they lie weights stay beside the file; elsewhere they move into it. */
static void writes_beside(hwv_patient *patient)
{
    const hwv_network *network = hwv_patient_network(patient);
    char folder[200], alone[300];
    const char *near = scratch_path("near.onnx");
    hwv_error error;
    hwv_patient *written;
    must(hwv_patient_write(patient, near, &error), &error);
    written = onnx_patient(near);
    assert_true(compared(network, hwv_patient_network(written)).equal);
    assert_true(hwv_patient_cost(written).bytes == hwv_patient_cost(patient).bytes);
    hwv_patient_close(written);
    (void)snprintf(folder, sizeof folder, "%s/elsewhere", scratch_folder);
    (void)snprintf(alone, sizeof alone, "%s/m.onnx", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    must(hwv_patient_write(patient, alone, &error), &error);
    written = onnx_patient(alone);
    assert_true(compared(network, hwv_patient_network(written)).equal);
    assert_true(hwv_patient_cost(written).parameters == hwv_patient_cost(patient).parameters);
    hwv_patient_close(written);
    assert_true(unlink(alone) == 0 && rmdir(folder) == 0);
}

static void test_external(void **state)
{
    hwv_patient *patient = onnx_patient(external_file()), *changed;
    hwv_error error;
    (void)state;
    assert_true(hwv_patient_cost(patient).bytes == m.model_size + 4 * IN * sizeof(float));
    assert_true(hwv_patient_cost(patient).parameters == 4 * IN + 8);
    writes_beside(patient);
    hwv_change change = swapped(hwv_patient_network(patient), 0, HWV_OP_PRELU, 0);
    must(hwv_patient_change(&changed, patient, &change, &error), &error);
    hwv_change_free(&change);
    assert_true(compared(hwv_patient_network(patient), hwv_patient_network(changed)).equal);
    hwv_patient_close(patient);
    writes_beside(changed);
    hwv_patient_close(changed);
    scratch_empty();
}

/* ---- cost, failures ---- */

static void test_cost(void **state)
{
    hwv_patient *patient = onnx_patient(onnx_file("m.onnx", notation, 1, dims, 3, NULL, 0));
    const uint64_t parameters = (5 * 6 + 6) + (6 * 4 + 4) + (4 * 3 + 3), flops = 2 * (30 + 24 + 12) + 6 + 4 + 3;
    size_t size;
    (void)state;
    hwv_cost cost = hwv_patient_cost(patient);
    char *bytes = bytes_of(scratch_path("m.onnx"), &size);
    assert_true(cost.parameters == parameters && cost.flops == flops && cost.bytes == size);
    hwv_free(bytes);
    hwv_patient_close(patient);
    patient = checkpoint_patient(checkpoint_file("m.safetensors", "fc 6 ; act; fc classes", 3));
    bytes = bytes_of(scratch_path("m.safetensors"), &size);
    cost = hwv_patient_cost(patient);
    assert_true(cost.parameters == 64 * 6 + 6 + 60 + 10 && cost.flops == 2 * (64 * 6 + 60) + 16 && cost.bytes == size);
    hwv_free(bytes);
    hwv_patient_close(patient);
    scratch_empty();
}

static void test_refusals(void **state)
{
    const hwv_onnx_import_options options = {.batched = true};
    hwv_patient *patient;
    hwv_error error;
    (void)state;
    const char *path = scratch_path("none");
    assert_int_equal(hwv_patient_open_onnx(&patient, path, &options, &error), HWV_ERR_IO);
    assert_null(patient);
    assert_int_equal(hwv_patient_open_checkpoint(&patient, path, &error), HWV_ERR_IO);
    assert_null(patient);
    path = scratch_write("damaged", "nothing of the kind", 19);
    assert_int_equal(hwv_patient_open_onnx(&patient, path, &options, &error), HWV_ERR_FORMAT);
    assert_null(patient);
    assert_int_not_equal(hwv_patient_open_checkpoint(&patient, path, &error), HWV_OK);
    assert_null(patient);
    hwv_patient_close(NULL);
    scratch_empty();
}

/* Opens, changes and writes; a folder that is not that of the file where weights lie beside it. */
static hwv_status all(const char *path, bool onnx, const char *to)
{
    const hwv_onnx_import_options options = {.batched = true};
    hwv_patient *patient, *changed = NULL;
    hwv_change change = {0};
    hwv_act act = hwv_act_make(HWV_OP_PRELU);
    hwv_status status = onnx ? hwv_patient_open_onnx(&patient, path, &options, NULL)
                             : hwv_patient_open_checkpoint(&patient, path, NULL);
    if (status == HWV_OK)
        status = hwv_change_create(&change, hwv_patient_network(patient), NULL);
    if (status == HWV_OK)
        status = hwv_change_act(&change, hwv_patient_network(patient)->layers[0].node, &act, NULL);
    if (status == HWV_OK)
        status = hwv_patient_change(&changed, patient, &change, NULL);
    if (status == HWV_OK)
        status = hwv_patient_write(changed, to, NULL);
    hwv_change_free(&change);
    hwv_patient_close(changed);
    hwv_patient_close(patient);
    return status;
}

static void fails_everywhere(const char *path, bool onnx, const char *to)
{
    size_t n = 1;
    for (;; n++) {
        const size_t live = allocations_live();
        allocations_fail_at(n);
        const hwv_status status = all(path, onnx, to);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live);
        if (status == HWV_OK)
            break;
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_int_not_equal(access(to, F_OK), 0);
    }
    assert_true(n > 30);
    assert_int_equal(unlink(to), 0);
}

static void test_allocations(void **state)
{
    char folder[200], to[300];
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/elsewhere", scratch_folder);
    (void)snprintf(to, sizeof to, "%s/m", folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    fails_everywhere(external_file(), true, to);
    fails_everywhere(checkpoint_file("m.safetensors", "fc 6; act; fc classes", 3), false, to);
    assert_int_equal(rmdir(folder), 0);
    scratch_empty();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unchanged), cmocka_unit_test(test_changed),  cmocka_unit_test(test_external),
        cmocka_unit_test(test_cost),      cmocka_unit_test(test_refusals), cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
