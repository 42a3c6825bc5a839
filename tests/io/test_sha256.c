/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * SHA-256 on the examples of FIPS 180-4 and NIST's test vectors; any cutting gives the same sum. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "io/sha256.h"

static void expect(const char *bytes, size_t size, size_t step, const char *wanted)
{
    char hex[65];
    hwv_sha256 sum;
    hwv_sha256_begin(&sum);
    for (size_t at = 0; at < size; at += step)
        hwv_sha256_add(&sum, bytes + at, size - at < step ? size - at : step);
    hwv_sha256_end(&sum, hex);
    assert_string_equal(hex, wanted);
}

static void test_examples(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sum;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqr"
         "stu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
        {"\xbd", "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t step = 1; step < 130; step++)
            expect(cases[i].text, strlen(cases[i].text), step, cases[i].sum);
}

static void test_repeated(void **state)
{
    (void)state;
    static char text[1000000];
    memset(text, 'a', sizeof text);
    expect(text, sizeof text, 997, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    memset(text, 0, sizeof text);
    expect(text, 55, 55, "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7");
    expect(text, 56, 1, "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb");
    expect(text, 57, 64, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785");
    expect(text, 64, 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b");
    expect(text, 1000000, 64, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
