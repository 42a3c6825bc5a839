/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whole files: reading, limits, gzip, and that writing leaves either the new file or the old one. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "allocations.h"
#include "io/file.h"
#include "io/idx.h"
#include "io/inflate.h"
#include "scratch.h"

#define FIXTURES HWV_SOURCE "/tests/io/fixtures/"

static void expect_content(const char *path, const void *bytes, size_t size)
{
    hwv_file file;
    hwv_error error = {0};
    if (hwv_file_read(&file, path, 0, NULL, &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_int_equal(file.size, size);
    assert_non_null(file.data);
    assert_memory_equal(file.data, bytes, size);
    hwv_file_free(&file);
    assert_null(file.data);
    hwv_file_free(&file);
    assert_int_equal(hwv_file_map(&file, path, 0, NULL), HWV_OK);
    assert_int_equal(file.size, size);
    assert_memory_equal(file.data, bytes, size);
    hwv_file_free(&file);
}

static void test_round_trip(void **state)
{
    (void)state;
    static unsigned char bytes[300000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    static const size_t sizes[] = {0, 1, 4095, 65535, 65536, 65537, 300000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(hwv_file_write(scratch_path("a"), bytes, sizes[i], NULL), HWV_OK);
        expect_content(scratch_path("a"), bytes, sizes[i]);
    }
    hwv_file_part parts[3] = {{bytes, 10}, {NULL, 0}, {bytes + 10, 90}};
    assert_int_equal(hwv_file_write_parts(scratch_path("a"), parts, 3, NULL), HWV_OK);
    expect_content(scratch_path("a"), bytes, 100);
    assert_int_equal(scratch_empty(), 1);
}

static void refuse(const char *path, size_t limit, hwv_status wanted, const char *words)
{
    hwv_file file;
    hwv_error error = {0};
    size_t live = allocations_live();
    hwv_status status = hwv_file_read(&file, path, limit, NULL, &error);
    if (status != wanted || !strstr(error.text, words) || !strstr(error.text, path))
        fail_msg("%s '%s', wanted %s '%s'", hwv_status_name(status), error.text, hwv_status_name(wanted), words);
    assert_int_equal(allocations_live(), live);
}

static void test_refused(void **state)
{
    (void)state;
    refuse(scratch_path("none"), 0, HWV_ERR_IO, "cannot be opened: No such file");
    refuse(scratch_folder, 0, HWV_ERR_IO, "is a folder");
    scratch_write("ten", "0123456789", 10);
    refuse(scratch_path("ten"), 9, HWV_ERR_FORMAT, "10 bytes, at most 9");
    refuse("/dev/zero", 100000, HWV_ERR_FORMAT, "longer than the 100000 bytes");
    refuse("/dev/zero", 10, HWV_ERR_FORMAT, "longer than the 10 bytes");
}

/* A file that is no regular one has its length at its end. */
static void test_stream(void **state)
{
    (void)state;
    hwv_file file;
    assert_int_equal(hwv_file_read(&file, "/dev/null", 0, NULL, NULL), HWV_OK);
    assert_int_equal(file.size, 0);
    hwv_file_free(&file);
    assert_int_equal(hwv_file_read(&file, "/proc/self/status", 0, NULL, NULL), HWV_OK);
    hwv_file_free(&file);
}

static void test_write_fails(void **state)
{
    (void)state;
    (void)scratch_empty();
    hwv_error error = {0};
    char path[200];
    (void)snprintf(path, sizeof path, "%s/none/x", scratch_folder);
    assert_int_equal(hwv_file_write(path, "x", 1, &error), HWV_ERR_IO);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(hwv_file_write(scratch_folder, "x", 1, &error), HWV_ERR_IO);
    assert_non_null(strstr(error.text, "is a folder"));
    assert_int_equal(hwv_file_write("/dev/full", "x", 1, &error), HWV_ERR_IO);
    assert_int_equal(hwv_file_write("/dev/null", "x", 1, &error), HWV_OK);

    /* The disk is full in the middle: the old file stays, nothing else does. */
    static unsigned char bytes[100000];
    assert_int_equal(hwv_file_write(scratch_path("a"), "old", 3, NULL), HWV_OK);
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 50000;
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    hwv_status status = hwv_file_write(scratch_path("a"), bytes, sizeof bytes, &error);
    hwv_status other = hwv_file_write(scratch_path("b"), bytes, sizeof bytes, NULL);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(status, HWV_ERR_IO);
    assert_int_equal(other, HWV_ERR_IO);
    expect_content(scratch_path("a"), "old", 3);
    assert_int_equal(scratch_empty(), 1);
}

/* A file of someone else that has the temporary name stays. */
static void test_temporary_taken(void **state)
{
    (void)state;
    char name[64];
    (void)scratch_empty();
    (void)snprintf(name, sizeof name, "a.%ld-0.tmp", (long)getpid());
    scratch_write(name, "other", 5);
    assert_int_equal(hwv_file_write(scratch_path("a"), "x", 1, NULL), HWV_OK);
    expect_content(scratch_path("a"), "x", 1);
    expect_content(scratch_path(name), "other", 5);
    assert_int_equal(scratch_empty(), 2);
}

/* Permissions of the file that is replaced stay. */
static void test_mode(void **state)
{
    (void)state;
    struct stat info;
    assert_int_equal(hwv_file_write(scratch_path("a"), "1", 1, NULL), HWV_OK);
    assert_int_equal(chmod(scratch_path("a"), 0600), 0);
    assert_int_equal(hwv_file_write(scratch_path("a"), "2", 1, NULL), HWV_OK);
    assert_int_equal(stat(scratch_path("a"), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    expect_content(scratch_path("a"), "2", 1);
}

static void test_allocations(void **state)
{
    (void)state;
    (void)scratch_empty();
    hwv_file file;
    size_t live = allocations_live();
    allocations_fail_at(1);
    assert_int_equal(hwv_file_write(scratch_path("a"), "x", 1, NULL), HWV_ERR_MEMORY);
    assert_int_equal(scratch_empty(), 0);
    scratch_write("a", "x", 1);
    allocations_fail_at(1);
    assert_int_equal(hwv_file_read(&file, scratch_path("a"), 0, NULL, NULL), HWV_ERR_MEMORY);
    allocations_fail_at(1);
    assert_int_equal(hwv_file_read(&file, "/dev/null", 0, NULL, NULL), HWV_ERR_MEMORY);
    allocations_fail_at(0);
    assert_int_equal(allocations_live(), live);
}

static const unsigned char images[42] = {0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 2, 0, 0, 0, 3};

static void test_gzip(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    hwv_file file;
    unsigned char wanted[46];
    memcpy(wanted, images, 16);
    for (size_t i = 0; i < 30; i++)
        wanted[16 + i] = (unsigned char)i;
    for (int promised = 0; promised < 2; promised++) {
        hwv_file_promise *promise = promised ? hwv_idx_promise : NULL;
        assert_int_equal(hwv_file_read(&file, FIXTURES "images-idx3-ubyte.gz", 0, promise, NULL), HWV_OK);
        assert_true(file.inflated);
        assert_int_equal(file.size, sizeof wanted);
        assert_memory_equal(file.data, wanted, sizeof wanted);
        hwv_file_free(&file);
    }
    assert_int_equal(hwv_file_read(&file, FIXTURES "members.csv.gz", 0, NULL, NULL), HWV_OK);
    assert_int_equal(file.size, 12);
    assert_memory_equal(file.data, "1,2,0\n3,4,1\n", 12);
    hwv_file_free(&file);
}

/* A kilobyte that inflates to a million bytes is not inflated beyond what its IDX header says. */
static void test_gzip_bounds(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    hwv_file file;
    assert_int_equal(hwv_file_read(&file, FIXTURES "more.gz", 0, hwv_idx_promise, NULL), HWV_OK);
    assert_in_range(file.size, 47, HWV_FILE_HEAD + 1);
    hwv_file_free(&file);
    /* A header that says 47 million finds only a thousand; room is made for what 40 bytes can inflate to. */
    assert_int_equal(hwv_file_read(&file, FIXTURES "less.gz", 0, hwv_idx_promise, NULL), HWV_OK);
    assert_int_equal(file.size, 1016);
    hwv_file_free(&file);
    assert_int_equal(hwv_file_read(&file, FIXTURES "more.gz", 0, NULL, NULL), HWV_OK);
    assert_int_equal(file.size, 1000016);
    hwv_file_free(&file);
    refuse(FIXTURES "more.gz", 1000015, HWV_ERR_FORMAT, "more than the 1000015 bytes");
    assert_int_equal(hwv_file_read(&file, FIXTURES "more.gz", 1000016, NULL, NULL), HWV_OK);
    hwv_file_free(&file);
}

static hwv_status inflate_as(hwv_file_promise *promise, const unsigned char *bytes, size_t size, hwv_error *error)
{
    hwv_file file = {0};
    hwv_status status = hwv_gzip_inflate(&file, bytes, size, 1 << 20, promise, error);
    hwv_file_free(&file);
    return status;
}

static hwv_status inflate_any(const unsigned char *bytes, size_t size, hwv_error *error)
{
    return inflate_as(NULL, bytes, size, error);
}

static void test_gzip_damage(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    hwv_file raw;
    hwv_error error;
    assert_int_equal(hwv_file_map(&raw, FIXTURES "images-idx3-ubyte.gz", 0, NULL), HWV_OK);
    assert_true(hwv_gzip_begins(raw.data, raw.size));
    size_t live = allocations_live(), refused = 0, sums = 0, promised = 0;
    unsigned char *copy = malloc(raw.size);
    assert_non_null(copy);
    for (size_t n = 0; n < raw.size; n++) {
        unsigned char *cut = malloc(n ? n : 1);
        assert_non_null(cut);
        memcpy(cut, raw.data, n);
        assert_int_equal(inflate_any(cut, n, &error), HWV_ERR_FORMAT);
        assert_non_null(strstr(error.text, "offset "));
        free(cut);
    }
    for (size_t bit = 0; bit < 8 * raw.size; bit++) {
        memcpy(copy, raw.data, raw.size);
        copy[bit / 8] ^= (unsigned char)(1 << bit % 8);
        refused += inflate_any(copy, raw.size, &error) != HWV_OK;
        sums += strstr(error.text, "checksum of the gzip data is wrong") != NULL;
        /* Damage may make the inner header promise less than there is: the checksum is still looked at. */
        promised += inflate_as(hwv_idx_promise, copy, raw.size, NULL) != HWV_OK;
    }
    /* Time stamp, extra flags and system are not covered by any checksum: 48 bits, and one flag bit. */
    assert_in_range(refused, 8 * raw.size - 56, 8 * raw.size);
    assert_int_equal(promised, refused);
    assert_true(sums >= 64); /* those of the sum and the length themselves, at least */
    free(copy);
    assert_int_equal(allocations_live(), live);

    unsigned char more[100] = {0};
    memcpy(more, raw.data, raw.size);
    assert_int_equal(inflate_any(more, raw.size + 5, &error), HWV_OK);
    more[raw.size + 2] = 'x';
    assert_int_equal(inflate_any(more, raw.size + 5, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "after the end of the gzip data"));
    hwv_file_free(&raw);
}

static void test_gzip_allocations(void **state)
{
    (void)state;
    if (!hwv_gzip_supported())
        skip();
    size_t live = allocations_live(), n = 1;
    for (;; n++) {
        hwv_file file;
        allocations_fail_at(n);
        hwv_status status = hwv_file_read(&file, FIXTURES "more.gz", 0, NULL, NULL);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            hwv_file_free(&file);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > 4);
    assert_int_equal(allocations_live(), live);
}

static void test_without_zlib(void **state)
{
    (void)state;
    if (hwv_gzip_supported())
        skip();
    refuse(FIXTURES "images-idx3-ubyte.gz", 0, HWV_ERR_UNSUPPORTED, "no zlib: unpack it first");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),       cmocka_unit_test(test_refused),
        cmocka_unit_test(test_stream),           cmocka_unit_test(test_write_fails),
        cmocka_unit_test(test_temporary_taken),  cmocka_unit_test(test_mode),
        cmocka_unit_test(test_allocations),      cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_gzip_bounds),      cmocka_unit_test(test_gzip_damage),
        cmocka_unit_test(test_gzip_allocations), cmocka_unit_test(test_without_zlib),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
