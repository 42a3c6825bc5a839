/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every allocation of reading and importing fails in turn, for convolutions, norms, attention, folded shapes and what is
 * refused: the models of the fuzz corpus. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "allocations.h"
#include "halfwave/onnx.h"

/* What opening and importing gives, and nothing left afterwards. */
static hwv_status open_and_import(const char *path, const hwv_onnx_import_options *options, hwv_error *error)
{
    hwv_onnx *file;
    hwv_network network;
    const size_t live = allocations_live();
    hwv_status status = hwv_onnx_open(&file, path, error);
    if (status == HWV_OK) {
        status = hwv_onnx_import(&network, file, options, error);
        assert_true(status == HWV_OK || network.graph == NULL);
        hwv_onnx_close(file);
        hwv_network_free(&network);
    } else {
        assert_null(file);
    }
    assert_int_equal(allocations_live(), live);
    return status;
}

/* Memory that is short for one way to import may be enough for another, so that failures past the first attempt may
 * leave what the file gives without them. Returns how many allocations there were. */
static size_t fail_each(const char *path, const hwv_onnx_import_options *options)
{
    hwv_error error = {0}, plain = {0};
    const hwv_status usual = open_and_import(path, options, &plain);
    size_t start = allocations_count(), failed = 0, count;
    (void)open_and_import(path, options, &plain);
    count = allocations_count() - start;
    for (size_t n = 1; n <= count; n++) {
        error = (hwv_error){0};
        allocations_fail_at(n);
        hwv_status status = open_and_import(path, options, &error);
        allocations_fail_at(0);
        if (status != usual && status != HWV_ERR_MEMORY)
            fail_msg("%s, allocation %zu: %s '%s'", path, n, hwv_status_name(status), error.text);
        if (status != HWV_OK)
            assert_true(error.text[0] != '\0');
        failed += status == HWV_ERR_MEMORY;
    }
    assert_true(failed * 2 > count);
    return count;
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    static const char folder[] = HWV_SOURCE "/tests/fuzz/corpus/onnx";
    DIR *models = opendir(folder);
    size_t files = 0, count = 0;
    assert_non_null(models);
    for (struct dirent *entry; (entry = readdir(models)) != NULL;) {
        char path[500];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count += fail_each(path, &(hwv_onnx_import_options){.batched = true});
        count += fail_each(path, &(hwv_onnx_import_options){.batched = true, .partial = true});
        count += fail_each(path, &(hwv_onnx_import_options){.plain = true});
        files++;
    }
    (void)closedir(models);
    assert_true(files >= 5 && count > 1000);
    print_message("%zu files, %zu allocations\n", files, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_allocation_fails)};
    return cmocka_run_group_tests_name("onnx allocations", tests, NULL, NULL);
}
