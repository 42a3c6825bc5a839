/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Weights in files beside the model, and models that ask for files that are none of their business. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "allocations.h"
#include "make.h"
#include "onnx/model.h"

#include "scratch.h"

static maker m;
static const float numbers[6] = {1, 2, 3, 4, 5, 6};

/* An initialiser [2] of floats in `location`; offset and length NULL: left out. */
static void make_external(const char *location, const char *offset, const char *length)
{
    const char *entries[3][2] = {{"location", location}, {"offset", offset}, {"length", length}};
    unsigned char tensor[1000], entry[700];
    size_t n = make_text(tensor, 8, "w");
    n += make_integer(tensor + n, 1, 2);
    n += make_integer(tensor + n, 2, 1);
    for (size_t i = 0; i < 3; i++)
        if (entries[i][1]) {
            size_t k = make_text(entry, 1, entries[i][0]);
            k += make_text(entry + k, 2, entries[i][1]);
            n += make_bytes(tensor + n, 13, entry, k);
        }
    n += make_integer(tensor + n, 14, 1);
    m.used += make_bytes(m.graph + m.used, 5, tensor, n);
}

static hwv_status open_made(hwv_onnx **file, hwv_error *error)
{
    make_model(&m, 13);
    const char *path = scratch_write("model.onnx", m.model, m.model_size);
    m = (maker){0};
    return hwv_onnx_open(file, path, error);
}

static void test_beside_the_model(void **state)
{
    (void)state;
    hwv_onnx *file;
    hwv_error error;
    scratch_write("weights.bin", numbers, sizeof numbers);
    make_external("weights.bin", NULL, NULL);
    make_external("./weights.bin", "8", "8");
    make_external(".//weights.bin", "16", NULL);
    if (open_made(&file, &error) != HWV_OK)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < 6; i++)
        assert_true(hwv_onnx_tensor_number(&file->initialisers[i / 2], i % 2) == (double)numbers[i]);
    /* one file, however it is called */
    assert_int_equal(file->external_bytes, sizeof numbers);
    assert_int_equal(hwv_onnx_summarise(file).bytes, file->size + sizeof numbers);
    hwv_onnx_close(file);
    scratch_empty();
}

/* A model in the current folder has its weights there. */
static void test_in_the_current_folder(void **state)
{
    (void)state;
    hwv_onnx *file;
    char before[500];
    assert_non_null(getcwd(before, sizeof before));
    scratch_write("weights.bin", numbers, sizeof numbers);
    make_external("weights.bin", NULL, NULL);
    make_model(&m, 13);
    scratch_write("model.onnx", m.model, m.model_size);
    m = (maker){0};
    assert_int_equal(chdir(scratch_folder), 0);
    hwv_status status = hwv_onnx_open(&file, "model.onnx", NULL);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(status, HWV_OK);
    assert_true(hwv_onnx_tensor_number(&file->initialisers[0], 1) == 2);
    hwv_onnx_close(file);
    scratch_empty();
}

static void refused(const char *location, const char *offset, const char *length, hwv_status wanted, const char *words)
{
    hwv_onnx *file;
    hwv_error error = {0};
    size_t live = allocations_live();
    make_external(location, offset, length);
    hwv_status status = open_made(&file, &error);
    if (status != wanted || !strstr(error.text, words) || !strstr(error.text, "model.onnx"))
        fail_msg("'%s': %s '%s', wanted %s '%s'", location ? location : "", hwv_status_name(status), error.text,
                 hwv_status_name(wanted), words);
    assert_null(file);
    assert_int_equal(allocations_live(), live);
}

static void test_elsewhere(void **state)
{
    (void)state;
    char target[200];
    scratch_write("weights.bin", numbers, sizeof numbers);
    refused("/etc/passwd", NULL, NULL, HWV_ERR_UNSUPPORTED, "'/etc/passwd' is an absolute path");
    refused("../weights.bin", NULL, NULL, HWV_ERR_UNSUPPORTED, "has '..' in its path");
    refused("./../weights.bin", NULL, NULL, HWV_ERR_UNSUPPORTED, "has '..' in its path");
    refused("weights.bin/..", NULL, NULL, HWV_ERR_UNSUPPORTED, "has '..' in its path");
    refused("", NULL, NULL, HWV_ERR_FORMAT, "has no location");
    refused(NULL, NULL, NULL, HWV_ERR_FORMAT, "has no location");
    refused(".", NULL, NULL, HWV_ERR_UNSUPPORTED, "is no regular file");
    refused("nothing.bin", NULL, NULL, HWV_ERR_IO, "is not there");
    refused("weights.bin/more", NULL, NULL, HWV_ERR_IO, "is not there");
    /* links to a file, in and outside of the folder, and to the folder above */
    (void)snprintf(target, sizeof target, "%s/weights.bin", scratch_folder);
    assert_int_equal(symlink(target, scratch_path("inner.bin")), 0);
    refused("inner.bin", NULL, NULL, HWV_ERR_UNSUPPORTED, "symbolic link");
    assert_int_equal(symlink("/etc/passwd", scratch_path("outer.bin")), 0);
    refused("outer.bin", NULL, NULL, HWV_ERR_UNSUPPORTED, "symbolic link");
    assert_int_equal(symlink("..", scratch_path("above")), 0);
    refused("above/weights.bin", NULL, NULL, HWV_ERR_UNSUPPORTED, "symbolic link");
    /* a pipe, which would never end */
    assert_int_equal(mkfifo(scratch_path("pipe"), 0600), 0);
    refused("pipe", NULL, NULL, HWV_ERR_UNSUPPORTED, "is no regular file");
    scratch_empty();
}

static void test_wrong_sizes(void **state)
{
    (void)state;
    scratch_write("weights.bin", numbers, sizeof numbers);
    refused("weights.bin", "17", NULL, HWV_ERR_FORMAT, "takes 8 bytes, external data 'weights.bin' of 24 bytes");
    refused("weights.bin", "24", NULL, HWV_ERR_FORMAT, "give 8 at 24");
    refused("weights.bin", "18446744073709551615", NULL, HWV_ERR_FORMAT, "give 8 at 18446744073709551615");
    refused("weights.bin", "18446744073709551616", NULL, HWV_ERR_FORMAT, "that is no number");
    refused("weights.bin", "-1", NULL, HWV_ERR_FORMAT, "that is no number");
    refused("weights.bin", "", NULL, HWV_ERR_FORMAT, "that is no number");
    refused("weights.bin", "0", "12", HWV_ERR_FORMAT, "give 12 at 0");
    refused("weights.bin", "0", "4", HWV_ERR_FORMAT, "give 4 at 0");
    scratch_write("short.bin", numbers, 7);
    refused("short.bin", NULL, NULL, HWV_ERR_FORMAT, "of 7 bytes give 8 at 0");
    scratch_write("empty.bin", numbers, 0);
    refused("empty.bin", NULL, NULL, HWV_ERR_FORMAT, "of 0 bytes");
    scratch_empty();
}

/* From memory there is no folder to look in. */
static void test_from_memory(void **state)
{
    (void)state;
    hwv_onnx *file;
    hwv_error error;
    make_external("weights.bin", NULL, NULL);
    make_model(&m, 13);
    assert_int_equal(hwv_onnx_parse(&file, "made", m.model, m.model_size, &error), HWV_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "tensor 'w': external data 'weights.bin' beside a model"));
    m = (maker){0};
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_status status = HWV_ERR_MEMORY;
    size_t n = 0, live = allocations_live();
    scratch_write("weights.bin", numbers, sizeof numbers);
    make_external("weights.bin", NULL, NULL);
    make_external("./weights.bin", "8", NULL);
    make_model(&m, 13);
    char path[200];
    strcpy(path, scratch_write("model.onnx", m.model, m.model_size));
    m = (maker){0};
    while (status != HWV_OK) {
        hwv_onnx *file;
        allocations_fail_at(++n);
        status = hwv_onnx_open(&file, path, NULL);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        hwv_onnx_close(file);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > 5);
    scratch_empty();
}

static void test_no_model(void **state)
{
    (void)state;
    hwv_onnx *file;
    hwv_error error;
    assert_int_equal(hwv_onnx_open(&file, "/nowhere/model.onnx", &error), HWV_ERR_IO);
    assert_non_null(strstr(error.text, "/nowhere/model.onnx"));
    assert_null(file);
    assert_int_equal(hwv_onnx_open(&file, scratch_folder, &error), HWV_ERR_IO);
    assert_null(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_beside_the_model), cmocka_unit_test(test_in_the_current_folder),
        cmocka_unit_test(test_elsewhere),        cmocka_unit_test(test_wrong_sizes),
        cmocka_unit_test(test_from_memory),      cmocka_unit_test(test_each_allocation_fails),
        cmocka_unit_test(test_no_model),
    };
    return cmocka_run_group_tests_name("onnx external data", tests, scratch_make, scratch_remove);
}
