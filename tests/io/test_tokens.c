/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Texts as data: vocabularies, blocks of tokens and what follows them, texts that must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/data.h"
#include "io/file.h"
#include "io/inflate.h"
#include "io/utf8.h"
#include "refuse.h"
#include "scratch.h"

/* Least characters of a text at the default block. */
enum { LEAST = 10 * HWV_BLOCK + 1 };

static const char *spec_of(const char *prefix, const char *path)
{
    static char spec[300];
    (void)snprintf(spec, sizeof spec, "%s%s", prefix, path);
    return spec;
}

static hwv_data open_data(const char *spec)
{
    hwv_data data;
    hwv_error error = {0};
    if (hwv_data_open(&data, spec, &error) != HWV_OK)
        fail_msg("%s: %s", spec, error.text);
    return data;
}

/* 1000 characters: "a" at odd places, and among the others one of three of one to four bytes. */
#define COUNT 1000
static const char *const letters[4] = {"a", "z", "\xc3\xa9", "\xf0\x9f\x98\x80"};

static size_t letter_at(size_t i)
{
    return i % 2 ? 0 : 1 + i / 2 % 3;
}

static const char *write_letters(void)
{
    char text[4 * COUNT];
    size_t size = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const char *letter = letters[letter_at(i)];
        memcpy(text + size, letter, strlen(letter));
        size += strlen(letter);
    }
    return scratch_write("letters", text, size);
}

static void test_characters(void **state)
{
    (void)state;
    hwv_data data = open_data(spec_of("text:", write_letters()));
    assert_string_equal(data.name, "text");
    assert_non_null(strstr(data.description,
                           "1000 characters, 836 + 1 samples of 64 (training + test), vocabulary of 4; "
                           "the last 10 % are the test part"));
    assert_true(data.rank == 1 && data.dims[0] == 64 && data.features == 64 && data.block == 64 && data.classes == 4);
    assert_true(!data.vocabulary.bytes && data.vocabulary.size == 4);
    const uint32_t codes[4] = {'a', 'z', 0xe9, 0x1f600};
    assert_memory_equal(data.vocabulary.codes, codes, sizeof codes);
    assert_true(data.train.count == 900 - 64 && data.train.stride == 1 && data.test.count == 1 &&
                data.test.stride == 64);
    assert_true(data.train.tokens && !data.train.bytes && !data.train.floats && !data.train.labels);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(data.train.tokens[i], letter_at(i));
    assert_ptr_equal(data.test.tokens, data.train.tokens + 900);
    hwv_data_close(&data);
    assert_true(data.vocabulary.codes == NULL && data.block == 0);
}

static void test_gather(void **state)
{
    (void)state;
    hwv_data data = open_data(spec_of("text:", write_letters()));
    assert_int_equal(hwv_data_block_set(&data, 9, NULL), HWV_OK);
    assert_true(data.block == 9 && data.features == 9 && data.dims[0] == 9 && hwv_data_labels(&data) == 9);
    assert_non_null(strstr(data.description, "891 + 11 samples of 9 "));
    const uint32_t rows[3] = {890, 0, 17};
    int32_t x[27], labels[27];
    hwv_data_gather_tokens(&data, &data.train, rows, 4711, 3, x, labels);
    for (size_t i = 0; i < 27; i++) {
        assert_int_equal(x[i], letter_at(rows[i / 9] + i % 9));
        assert_int_equal(labels[i], letter_at(rows[i / 9] + i % 9 + 1));
    }
    hwv_data_gather_tokens(&data, &data.test, NULL, 9, 2, x, NULL);
    for (size_t i = 0; i < 18; i++)
        assert_int_equal(x[i], letter_at(900 + 81 + i));

    /* Samples that do not overlap: as many as there are whole blocks with a token behind them. */
    hwv_data_part apart = hwv_data_apart(&data, &data.train);
    assert_true(apart.count == (900 - 1) / 9 && apart.stride == 9 && apart.tokens == data.train.tokens);
    apart = hwv_data_apart(&data, &data.test);
    assert_int_equal(apart.count, 11);

    /* Some of them, from the first to the last, without overlap. */
    for (size_t most = 1; most <= 120; most++) {
        hwv_data_part some = hwv_data_some(&data, &data.train, most), same = hwv_data_apart(&data, &some);
        assert_int_equal(some.count, most < 99 ? most : 99);
        assert_true(some.stride >= 9 && same.count == some.count && same.stride == some.stride);
        size_t last = (some.count - 1) * some.stride, end = data.train.count - 1;
        assert_true(last <= end && (most == 1 || last + most > end || some.count == 99));
    }
    hwv_data_close(&data);

    data = open_data("digits");
    assert_int_equal(hwv_data_some(&data, &data.train, 5).count, data.train.count);
    apart = hwv_data_apart(&data, &data.train);
    assert_true(apart.count == data.train.count && apart.bytes == data.train.bytes && hwv_data_labels(&data) == 1);
    hwv_data_close(&data);
}

static void test_block(void **state)
{
    (void)state;
    hwv_error error;
    hwv_data data = open_data(spec_of("text:", write_letters()));
    char description[sizeof data.description];
    memcpy(description, data.description, sizeof description);
    assert_int_equal(hwv_data_block_set(&data, 0, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "1 to 99"));
    assert_int_equal(hwv_data_block_set(&data, 100, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "a text of 1000 characters; blocks of 100 need 1001"));
    assert_int_equal(hwv_data_block_set(&data, SIZE_MAX, &error), HWV_ERR_ARGUMENT);
    assert_true(data.block == 64 && data.train.count == 836);
    assert_string_equal(data.description, description);
    assert_int_equal(hwv_data_block_set(&data, 99, &error), HWV_OK);
    assert_true(data.test.count == 1 && data.train.count == 801);
    assert_int_equal(hwv_data_block_set(&data, 1, &error), HWV_OK);
    assert_true(data.test.count == 99 && data.train.count == 899);
    assert_int_equal(hwv_data_normalize(&data, NULL, NULL, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_data_check_labels(&data, 4, &error), HWV_OK);
    assert_int_equal(hwv_data_check_labels(&data, 3, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "vocabulary of 4, at most 3"));
    hwv_data_close(&data);

    char text[LEAST];
    memset(text, 'x', sizeof text);
    for (size_t count = 11; count < LEAST; count += 157) { /* shorter texts have shorter blocks */
        data = open_data(spec_of("text:", scratch_write("short", text, count)));
        assert_true(data.block == (count - 1) / 10 && data.test.count == 1);
        assert_int_equal(hwv_data_block_set(&data, 64, &error), HWV_ERR_ARGUMENT);
        assert_non_null(strstr(error.text, "characters; blocks of 64 need 641"));
        hwv_data_close(&data);
    }

    data = open_data("digits");
    assert_int_equal(hwv_data_block_set(&data, 8, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "digits is no text"));
    hwv_data_close(&data);
}

/* Bytes of any kind, zeros among them. */
static void test_bytes(void **state)
{
    (void)state;
    unsigned char text[LEAST];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (unsigned char)(i * 7);
    const char *path = scratch_write("bytes", text, sizeof text);
    refuse(spec_of("text:", path), HWV_ERR_FORMAT, "offset 19: no UTF-8 (byte 0x85); text-bytes:FILE");
    hwv_data data = open_data(spec_of("text-bytes:", path));
    assert_string_equal(data.name, "text-bytes");
    assert_non_null(strstr(data.description, "641 bytes, 512 + 1 samples"));
    assert_true(data.classes == 256 && data.vocabulary.bytes && data.vocabulary.codes[255] == 255);
    for (size_t i = 0; i < sizeof text; i++)
        assert_int_equal(data.train.tokens[i], text[i]);
    hwv_data_close(&data);

    memset(text, 0, sizeof text);
    data = open_data(spec_of("text:", scratch_write("zeros", text, sizeof text)));
    assert_true(data.classes == 1 && data.vocabulary.codes[0] == 0);
    hwv_data_close(&data);
}

/* A path that says so, a byte order mark, compressed: the same tokens. */
static void test_guessed(void **state)
{
    (void)state;
    char text[3 + LEAST] = "\xef\xbb\xbf";
    for (size_t i = 0; i < LEAST; i++)
        text[3 + i] = (char)('a' + i % 26);
    hwv_data data = open_data(scratch_write("a.txt", text, sizeof text));
    assert_non_null(strstr(data.description, "641 characters"));
    assert_non_null(strstr(data.description, "guessed to be text"));
    assert_true(data.classes == 26 && data.train.tokens[27] == 1);
    assert_int_equal(hwv_data_block_set(&data, 32, NULL), HWV_OK);
    assert_non_null(strstr(data.description, "guessed to be text"));
    hwv_data_close(&data);
    refuse(scratch_path("b.txt"), HWV_ERR_IO, "no such file");
    if (!hwv_gzip_supported())
        skip();
    char command[400];
    (void)snprintf(command, sizeof command, "gzip -k %s", scratch_path("a.txt"));
    assert_int_equal(system(command), 0);
    data = open_data(scratch_path("a.txt.gz"));
    assert_true(data.classes == 26 && data.train.tokens[27] == 1);
    hwv_data_close(&data);
    data = open_data(spec_of("text-bytes:", scratch_path("a.txt.gz")));
    assert_true(data.train.tokens[0] == 0xef && data.train.tokens[3] == 'a');
    hwv_data_close(&data);
}

static void test_refused(void **state)
{
    (void)state;
    char text[LEAST];
    memset(text, 'x', sizeof text);
    refuse("text:/nowhere/a", HWV_ERR_IO, "/nowhere/a");
    refuse(spec_of("text:", scratch_write("empty", "", 0)), HWV_ERR_FORMAT,
           "empty: offset 0: a text without characters");
    refuse(spec_of("text:", scratch_write("mark", "\xef\xbb\xbf", 3)), HWV_ERR_FORMAT, "a text without characters");
    refuse(spec_of("text-bytes:", scratch_path("empty")), HWV_ERR_FORMAT, "a text without characters");
    refuse(spec_of("text:", scratch_write("one", "x", 1)), HWV_ERR_FORMAT,
           "one: a text of 1 character; blocks of 1 need 11");
    refuse(spec_of("text:", scratch_write("short", text, 10)), HWV_ERR_FORMAT,
           "short: a text of 10 characters; blocks of 1 need 11");
    refuse("text:", HWV_ERR_IO, "");
    static const char *const broken[] = {"\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        memset(text, 'x', sizeof text);
        size_t n = strlen(broken[i]);
        memcpy(text + LEAST - n, broken[i], n);
        char words[40];
        (void)snprintf(words, sizeof words, "broken: offset %zu: no UTF-8", LEAST - n);
        refuse(spec_of("text:", scratch_write("broken", text, LEAST)), HWV_ERR_FORMAT, words);
    }
    if (!hwv_file_exists("/usr/share/doc/jargon-text/jargon.txt.gz"))
        refuse("text", HWV_ERR_IO, "install the Debian package jargon-text");
}

/* One character more than tokens can tell apart. */
static void test_too_many(void **state)
{
    (void)state;
    static char text[4 * (HWV_VOCABULARY_MAX + 1)];
    size_t size = 0, count = 0;
    for (uint32_t code = 1; count < HWV_VOCABULARY_MAX; code++)
        if (hwv_utf8_is_character(code)) {
            size += hwv_utf8_encode(code, text + size);
            count++;
        }
    hwv_data data = open_data(spec_of("text:", scratch_write("many", text, size)));
    assert_int_equal(data.classes, HWV_VOCABULARY_MAX);
    assert_int_equal(data.train.tokens[HWV_VOCABULARY_MAX - 1], HWV_VOCABULARY_MAX - 1);
    hwv_data_close(&data);
    text[size++] = '\0';
    refuse(spec_of("text:", scratch_write("many", text, size)), HWV_ERR_FORMAT, "more than 65535 different characters");
}

static void test_memory(void **state)
{
    (void)state;
    refuse_each_allocation(hwv_data_open, spec_of("text:", write_letters()), 5);
    refuse_each_allocation(hwv_data_open, spec_of("text-bytes:", scratch_path("letters")), 4);
    hwv_data data = open_data(spec_of("text:", scratch_path("letters")));
    const uint32_t wide[5] = {'a', 'b', 'z', 0xe9, 0x1f600};
    hwv_vocabulary vocabulary;
    assert_int_equal(hwv_vocabulary_of_codes(&vocabulary, wide, 5, NULL), HWV_OK);
    for (size_t n = 1; n <= 2; n++) {
        allocations_fail_at(n);
        assert_int_equal(hwv_data_vocabulary_set(&data, &vocabulary, NULL), HWV_ERR_MEMORY);
        allocations_fail_at(0);
        assert_true(data.classes == 4 && data.train.tokens[0] == 1);
    }
    hwv_vocabulary_free(&vocabulary);
    hwv_data_close(&data);
}

/* ---- vocabularies ------------------------------------------------------------------------------------ */

static void test_encode(void **state)
{
    (void)state;
    const uint32_t codes[4] = {'\n', 'a', 0xe9, 0x1f600};
    hwv_vocabulary v;
    hwv_error error;
    hwv_text text = {0};
    int32_t tokens[20];
    size_t count;
    assert_int_equal(hwv_vocabulary_of_codes(&v, codes, 4, &error), HWV_OK);
    const char whole[] = "a\xc3\xa9\xf0\x9f\x98\x80\n";
    assert_int_equal(hwv_vocabulary_encode(&v, whole, sizeof whole - 1, tokens, &count, &error), HWV_OK);
    const int32_t wanted[4] = {1, 2, 3, 0};
    assert_int_equal(count, 4);
    assert_memory_equal(tokens, wanted, sizeof wanted);
    hwv_vocabulary_decode(&v, tokens, count, &text);
    assert_string_equal(text.data, whole);
    hwv_vocabulary_decode(&v, (const int32_t[]){-1, 4, 1}, 3, &text);
    assert_int_equal(text.length, sizeof whole);
    hwv_text_free(&text);
    assert_int_equal(hwv_vocabulary_encode(&v, "a\xc3\xa9\xc3\xa8", 5, tokens, &count, &error), HWV_ERR_ARGUMENT);
    assert_string_equal(error.text,
                        "character 3 (offset 3), '\xc3\xa8' (U+00E8), is not among the 4 of the vocabulary");
    assert_int_equal(hwv_vocabulary_encode(&v, "a\t", 2, tokens, &count, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "character 2 (offset 1), U+0009, is not"));
    assert_int_equal(hwv_vocabulary_encode(&v, "a\xc3", 2, tokens, &count, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "offset 1: no UTF-8"));
    assert_int_equal(hwv_vocabulary_encode(&v, "", 0, tokens, &count, &error), HWV_OK);
    assert_int_equal(count, 0);
    hwv_vocabulary_free(&v);

    assert_int_equal(hwv_vocabulary_of_bytes(&v, &error), HWV_OK);
    assert_int_equal(hwv_vocabulary_encode(&v, "\xff\0a", 3, tokens, &count, &error), HWV_OK);
    assert_true(count == 3 && tokens[0] == 255 && tokens[1] == 0 && tokens[2] == 'a');
    hwv_vocabulary_decode(&v, tokens, count, &text);
    assert_memory_equal(text.data, "\xff\0a", 3);
    hwv_text_free(&text);
    hwv_vocabulary_free(&v);
}

static void test_wrong_codes(void **state)
{
    (void)state;
    hwv_vocabulary v;
    hwv_error error;
    static const uint32_t wrong[][2] = {{'b', 'a'}, {'a', 'a'}, {'a', 0xd800}, {'a', 0x110000}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(hwv_vocabulary_of_codes(&v, wrong[i], 2, &error), HWV_ERR_FORMAT);
        assert_non_null(strstr(error.text, "token 1"));
        assert_true(v.codes == NULL && v.size == 0);
    }
    assert_int_equal(hwv_vocabulary_of_codes(&v, wrong[0], 0, &error), HWV_ERR_FORMAT);
}

static void test_compare(void **state)
{
    (void)state;
    const uint32_t codes[2][3] = {{'a', 'b', 'c'}, {'a', 'c', 'd'}};
    hwv_vocabulary v[2], few, bytes;
    hwv_error error;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(hwv_vocabulary_of_codes(&v[i], codes[i], 3, &error), HWV_OK);
    assert_int_equal(hwv_vocabulary_of_codes(&few, codes[0], 2, &error), HWV_OK);
    assert_int_equal(hwv_vocabulary_of_bytes(&bytes, &error), HWV_OK);
    assert_int_equal(hwv_vocabulary_compare(&v[0], "a", &v[0], "b", &error), HWV_OK);
    assert_int_equal(hwv_vocabulary_compare(&v[0], "the checkpoint", &v[1], "x.txt", &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "token 1: 'b' (U+0062), and 'c' (U+0063)"));
    assert_int_equal(hwv_vocabulary_compare(&few, "a", &v[0], "b", &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "token 2: none, and 'c' (U+0063)"));
    assert_int_equal(hwv_vocabulary_compare(&few, "a", &bytes, "b", &error), HWV_ERR_MISMATCH);
    hwv_vocabulary_free(&v[0]);
    hwv_vocabulary_free(&v[1]);
    hwv_vocabulary_free(&few);
    hwv_vocabulary_free(&bytes);
}

/* A text gets the vocabulary of a model. */
static void test_another_vocabulary(void **state)
{
    (void)state;
    const uint32_t wide[6] = {'a', 'b', 'z', 0xe9, 0xea, 0x1f600}, narrow[3] = {'a', 'z', 0x1f600};
    const uint16_t there[4] = {0, 2, 3, 5};
    hwv_vocabulary v;
    hwv_error error;
    hwv_data data = open_data(spec_of("text:", write_letters()));
    assert_int_equal(hwv_vocabulary_of_codes(&v, narrow, 3, &error), HWV_OK);
    assert_int_equal(hwv_data_vocabulary_set(&data, &v, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "letters: character 3, '\xc3\xa9' (U+00E9), is not among the 3"));
    assert_true(data.classes == 4 && data.train.tokens[2] == 2);
    hwv_vocabulary_free(&v);
    assert_int_equal(hwv_vocabulary_of_codes(&v, wide, 6, &error), HWV_OK);
    assert_int_equal(hwv_data_vocabulary_set(&data, &v, &error), HWV_OK);
    hwv_vocabulary_free(&v);
    assert_true(data.classes == 6 && data.vocabulary.size == 6);
    assert_non_null(strstr(data.description, "vocabulary of 6"));
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(data.train.tokens[i], there[letter_at(i)]);
    assert_int_equal(hwv_vocabulary_of_bytes(&v, &error), HWV_OK);
    assert_int_equal(hwv_data_vocabulary_set(&data, &v, &error), HWV_ERR_MISMATCH);
    hwv_vocabulary_free(&v);
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_characters),  cmocka_unit_test(test_gather),  cmocka_unit_test(test_block),
        cmocka_unit_test(test_bytes),       cmocka_unit_test(test_guessed), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_many),    cmocka_unit_test(test_memory),  cmocka_unit_test(test_encode),
        cmocka_unit_test(test_wrong_codes), cmocka_unit_test(test_compare), cmocka_unit_test(test_another_vocabulary),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
