/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * JSON: what is read, what is refused and where, what is written; every truncation, flipped bits, every
 * allocation failing. */
#include <float.h>
#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "damage.h"
#include "halfwave/json.h"
#include "io/number.h"

static hwv_json_value *parse(const char *text)
{
    hwv_json_value *root = NULL;
    hwv_error error = {0};
    hwv_status status = hwv_json_parse(&root, text, strlen(text), &error);
    if (status != HWV_OK)
        print_error("%s: %s\n", text, error.text);
    assert_int_equal(status, HWV_OK);
    return root;
}

static void refuse(const char *text, size_t length, hwv_status wanted, const char *offset)
{
    hwv_json_value *root = (hwv_json_value *)&root;
    hwv_error error = {0};
    hwv_status status = hwv_json_parse(&root, text, length, &error);
    if (status != wanted || !strstr(error.text, offset))
        print_error("%.*s: %d '%s', wanted %d '%s'\n", (int)length, text, (int)status, error.text, (int)wanted, offset);
    assert_int_equal(status, wanted);
    assert_non_null(strstr(error.text, offset));
    assert_null(root);
}

static void test_values(void **state)
{
    (void)state;
    hwv_json_value *root = parse(" {\"a\": [1, -2.5e3, true, false, null], \"b\":{}, \"c\":[], \"d\\n\": \"x\"}\n");
    assert_int_equal(root->type, HWV_JSON_OBJECT);
    assert_int_equal(root->count, 4);
    const hwv_json_value *v = hwv_json_get(root, "a");
    assert_int_equal(v->type, HWV_JSON_ARRAY);
    assert_int_equal(v->count, 5);
    assert_int_equal(v->offset, 7);
    v = v->first;
    assert_true(v->integral && v->integer == 1 && v->number == 1);
    v = v->next;
    assert_true(v->type == HWV_JSON_NUMBER && !v->integral && v->number == -2500);
    v = v->next;
    assert_true(v->type == HWV_JSON_BOOL && v->boolean);
    v = v->next;
    assert_true(v->type == HWV_JSON_BOOL && !v->boolean);
    v = v->next;
    assert_true(v->type == HWV_JSON_NULL && !v->next && !v->key);
    assert_int_equal(hwv_json_get(root, "b")->type, HWV_JSON_OBJECT);
    assert_null(hwv_json_get(root, "b")->first);
    assert_int_equal(hwv_json_get(root, "c")->type, HWV_JSON_ARRAY);
    assert_string_equal(hwv_json_get(root, "d\n")->string, "x");
    assert_null(hwv_json_get(root, "e"));
    assert_null(hwv_json_get(NULL, "e"));
    assert_null(hwv_json_get(hwv_json_get(root, "c"), "e"));
    hwv_json_free(root);
    hwv_json_free(NULL);
}

static void test_strings(void **state)
{
    (void)state;
    hwv_json_value *root = parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\uDE00 \xc3\xa9 \x7f\"");
    assert_string_equal(root->string, "\"\\/\b\f\n\r\t"
                                      "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80 \xc3\xa9 \x7f");
    assert_int_equal(root->count, strlen(root->string));
    hwv_json_free(root);
}

static void test_integers(void **state)
{
    (void)state;
    hwv_json_value *root = parse("[9223372036854775807, -9223372036854775808, 9223372036854775808, 1.0, 1e2, -0]");
    const hwv_json_value *v = root->first;
    assert_true(v->integral && v->integer == INT64_MAX);
    v = v->next;
    assert_true(v->integral && v->integer == INT64_MIN);
    v = v->next;
    assert_true(!v->integral && v->number == 9223372036854775808.0);
    v = v->next;
    assert_true(!v->integral && v->number == 1);
    v = v->next;
    assert_true(!v->integral && v->number == 100);
    v = v->next;
    assert_true(v->integral && v->integer == 0 && v->number == 0 && signbit(v->number));
    hwv_json_free(root);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *offset;
    } cases[] = {
        {"", "offset 0"},
        {"  ", "offset 2"},
        {"{", "offset 1"},
        {"[1,]", "offset 3: found ']'"},
        {"[,1]", "offset 1"},
        {"[1 2]", "offset 3: found '2', expected ',' or ']'"},
        {"{\"a\":1,}", "offset 7: found '}'"},
        {"{,}", "offset 1"},
        {"{\"a\" 1}", "offset 5: found '1', expected ':'"},
        {"{a:1}", "offset 1"},
        {"[1}", "offset 2: found '}'"},
        {"{\"a\":1]", "offset 6"},
        {"1 1", "offset 2: found '1', expected nothing more"},
        {"01", "offset 0: a number with a leading zero"},
        {"-", "offset 1"},
        {"+1", "offset 0"},
        {".5", "offset 0"},
        {"1.", "offset 2"},
        {"1e", "offset 2"},
        {"1e+", "offset 3"},
        {"0x10", "offset 1"},
        {"nan", "offset 0"},
        {"Infinity", "offset 0"},
        {"1e999", "offset 0: the number does not fit a double"},
        {"tru", "offset 0"},
        {"truee", "offset 4"},
        {"\"abc", "offset 4"},
        {"\"a\nb\"", "offset 2: found byte 0x0a"},
        {"\"\\x\"", "offset 2"},
        {"\"\\u12g4\"", "offset 5"},
        {"\"\\ud800\"", "offset 1: first half"},
        {"\"\\ud800\\u0041\"", "offset 1: first half"},
        {"\"\\udc00\"", "offset 1: second half"},
        {"\"\xff\"", "offset 1: found byte 0xff, expected UTF-8"},
        {"\"\xc0\x80\"", "offset 1"},
        {"\"\xed\xa0\x80\"", "offset 1"},
        {"\"\xf4\x90\x80\x80\"", "offset 1"},
        {"\"\xe2\x82\"", "offset 1"},
        {"{\"a\":1,\"b\":2,\"a\":3}", "offset 17: the name \"a\""},
        {"[{\"a\":{\"b\":1,\"\\u0062\":2}}]", "offset 22: the name \"b\""},
        {"\xef\xbb\xbf{}", "offset 0: found byte 0xef"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        refuse(cases[i].text, strlen(cases[i].text), HWV_ERR_FORMAT, cases[i].offset);
    refuse("\"\\u0000\"", 8, HWV_ERR_UNSUPPORTED, "offset 1");
    refuse("[1\0]", 4, HWV_ERR_FORMAT, "offset 2: found byte 0x00");
}

static void test_depth(void **state)
{
    (void)state;
    char text[2 * HWV_JSON_DEPTH + 4];
    memset(text, '[', HWV_JSON_DEPTH + 1);
    memset(text + HWV_JSON_DEPTH + 1, ']', HWV_JSON_DEPTH + 1);
    refuse(text, 2 * HWV_JSON_DEPTH + 2, HWV_ERR_FORMAT, "offset 64: more than 64 levels");
    hwv_json_value *root = NULL;
    assert_int_equal(hwv_json_parse(&root, text + 1, 2 * HWV_JSON_DEPTH, NULL), HWV_OK);
    hwv_json_free(root);
}

static const char *const sample = "{\"steps\": 12, \"loss\": [0.5, 2.5e-3, -1e+20], \"ok\": true, \"none\": null,"
                                  " \"name\": \"\\u00e9\\ud83d\\ude00\\n\", \"nested\": {\"a\": [[], {}]}}";

static hwv_status read_any(const void *bytes, size_t size, hwv_error *error)
{
    hwv_json_value *root = (hwv_json_value *)&root;
    hwv_status status = hwv_json_parse(&root, bytes, size, error);
    assert_true((status == HWV_OK) == (root != NULL));
    hwv_json_free(root);
    return status;
}

static void test_damage(void **state)
{
    (void)state;
    size_t rounds = 20000;
    damage_cut(read_any, sample, strlen(sample));
    assert_in_range(damage_flip(read_any, sample, strlen(sample), strlen(sample), rounds), rounds / 4, rounds - 1);
}

static void test_allocations(void **state)
{
    (void)state;
    size_t live = allocations_live(), n = 1;
    for (;; n++) {
        hwv_json_value *root = NULL;
        hwv_error error = {0};
        allocations_fail_at(n);
        hwv_status status = hwv_json_parse(&root, sample, strlen(sample), &error);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            hwv_json_free(root);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_null(root);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > 2);
    assert_int_equal(allocations_live(), live);
}

static void write_sample(hwv_json_writer *w)
{
    hwv_json_begin_object(w);
    hwv_json_key(w, "name");
    hwv_json_string(w, "a\"\\\n\t\x01 \xc3\xa9 \xff");
    hwv_json_key(w, "numbers");
    hwv_json_begin_array(w);
    hwv_json_number(w, 0.1);
    hwv_json_float(w, 0.1f);
    hwv_json_integer(w, INT64_MIN);
    hwv_json_number(w, NAN);
    hwv_json_number(w, -INFINITY);
    hwv_json_end(w);
    hwv_json_key(w, "rows");
    hwv_json_begin_array(w);
    hwv_json_begin_object(w);
    hwv_json_key(w, "ok");
    hwv_json_bool(w, true);
    hwv_json_key(w, "none");
    hwv_json_null(w);
    hwv_json_end(w);
    hwv_json_end(w);
    hwv_json_key(w, "empty");
    hwv_json_begin_array(w);
    hwv_json_end(w);
    hwv_json_key(w, "missing");
    hwv_json_string(w, NULL);
    hwv_json_end(w);
}

static void test_writer_bytes(void **state)
{
    (void)state;
    hwv_text text = {0};
    hwv_json_writer w = hwv_json_writer_make(&text, 0);
    hwv_json_begin_array(&w);
    hwv_json_bytes(&w, "a\0\xff\0b", 5);
    hwv_json_bytes(&w, "unread", 0);
    hwv_json_end(&w);
    assert_int_equal(hwv_json_finish(&w, NULL), HWV_OK);
    assert_string_equal(text.data, "[\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
                                   "b\", \"\"]\n");
    hwv_json_free(parse(text.data));
    hwv_text_free(&text);
}

static void test_writer(void **state)
{
    (void)state;
    hwv_text text = {0};
    hwv_json_writer w = hwv_json_writer_make(&text, 0);
    write_sample(&w);
    assert_int_equal(hwv_json_finish(&w, NULL), HWV_OK);
    assert_string_equal(text.data, "{\"name\": \"a\\\"\\\\\\n\\t\\u0001 \xc3\xa9 \xef\xbf\xbd\", "
                                   "\"numbers\": [0.1, 0.1, -9223372036854775808, null, null], "
                                   "\"rows\": [{\"ok\": true, \"none\": null}], \"empty\": [], \"missing\": null}\n");
    hwv_json_free(parse(text.data));
    hwv_text_free(&text);
    w = hwv_json_writer_make(&text, 2);
    write_sample(&w);
    assert_int_equal(hwv_json_finish(&w, NULL), HWV_OK);
    assert_string_equal(text.data, "{\n"
                                   "  \"name\": \"a\\\"\\\\\\n\\t\\u0001 \xc3\xa9 \xef\xbf\xbd\",\n"
                                   "  \"numbers\": [0.1, 0.1, -9223372036854775808, null, null],\n"
                                   "  \"rows\": [\n"
                                   "    {\n"
                                   "      \"ok\": true,\n"
                                   "      \"none\": null\n"
                                   "    }\n"
                                   "  ],\n"
                                   "  \"empty\": [],\n"
                                   "  \"missing\": null\n"
                                   "}\n");
    hwv_json_free(parse(text.data));
    hwv_text_free(&text);
}

static void expect_misuse(hwv_json_writer *w, const char *words)
{
    hwv_error error = {0};
    assert_int_equal(hwv_json_finish(w, &error), HWV_ERR_INTERNAL);
    if (!strstr(error.text, words))
        print_error("'%s', wanted '%s'\n", error.text, words);
    assert_non_null(strstr(error.text, words));
    hwv_text_free(w->text);
}

static void test_writer_misuse(void **state)
{
    (void)state;
    hwv_text text = {0};
    hwv_json_writer w = hwv_json_writer_make(&text, 0);
    expect_misuse(&w, "no value");
    w = hwv_json_writer_make(&text, 0);
    hwv_json_begin_object(&w);
    hwv_json_number(&w, 1);
    hwv_json_end(&w);
    expect_misuse(&w, "without a key");
    w = hwv_json_writer_make(&text, 0);
    hwv_json_begin_object(&w);
    hwv_json_key(&w, "a");
    hwv_json_key(&w, "b");
    expect_misuse(&w, "a key after a key");
    w = hwv_json_writer_make(&text, 0);
    hwv_json_begin_array(&w);
    hwv_json_key(&w, "a");
    expect_misuse(&w, "a key outside an object");
    w = hwv_json_writer_make(&text, 0);
    hwv_json_begin_array(&w);
    expect_misuse(&w, "was not ended");
    w = hwv_json_writer_make(&text, 0);
    hwv_json_null(&w);
    hwv_json_null(&w);
    expect_misuse(&w, "after the end");
    w = hwv_json_writer_make(&text, 0);
    hwv_json_end(&w);
    expect_misuse(&w, "nothing open");
    w = hwv_json_writer_make(&text, 0);
    for (int i = 0; i <= HWV_JSON_DEPTH; i++)
        hwv_json_begin_array(&w);
    expect_misuse(&w, "more levels");
}

static void test_writer_memory(void **state)
{
    (void)state;
    size_t live = allocations_live(), n = 1;
    for (;; n++) {
        hwv_text text = {0};
        hwv_json_writer w = hwv_json_writer_make(&text, 2);
        allocations_fail_at(n);
        write_sample(&w);
        hwv_status status = hwv_json_finish(&w, NULL);
        allocations_fail_at(0);
        hwv_text_free(&text);
        assert_int_equal(allocations_live(), live);
        if (status == HWV_OK)
            break;
        assert_int_equal(status, HWV_ERR_MEMORY);
    }
    assert_true(n > 2);
}

static void expect_number(const char *text, double wanted)
{
    double v = -1;
    size_t used = hwv_number_parse(text, strlen(text), &v);
    if (used != strlen(text) || v != wanted)
        print_error("%s: %zu bytes, %a, wanted %a\n", text, used, v, wanted);
    assert_int_equal(used, strlen(text));
    assert_true(v == wanted && signbit(v) == signbit(wanted));
}

static void test_numbers(void **state)
{
    (void)state;
    expect_number("0", 0.0);
    expect_number("-0.000", -0.0);
    expect_number("+12.50", 12.5);
    expect_number(".5", 0.5);
    expect_number("5.", 5.0);
    expect_number("1e22", 1e22);
    expect_number("9007199254740993", 9007199254740992.0);
    expect_number("9007199254740993.0000000000000000000000000000000000001", 9007199254740994.0);
    expect_number("2.2250738585072011e-308", 2.2250738585072011e-308);
    expect_number("4.9406564584124654e-324", 4.9406564584124654e-324);
    expect_number("2.4703282292062327208e-324", 0.0);
    expect_number("2.4703282292062328e-324", 4.9406564584124654e-324);
    expect_number("1.7976931348623157e308", DBL_MAX);
    expect_number("1e309", INFINITY);
    expect_number("-1e99999999999999999999", -INFINITY);
    expect_number("1e-99999999999999999999", 0.0);
    expect_number("0e99999999999999999999", 0.0);
    double v;
    assert_int_equal(hwv_number_parse("1e", 2, &v), 1);
    assert_int_equal(hwv_number_parse("12abc", 5, &v), 2);
    assert_int_equal(hwv_number_parse("1234", 2, &v), 2);
    assert_true(v == 12);
    assert_int_equal(hwv_number_parse("-", 1, &v), 0);
    assert_int_equal(hwv_number_parse(".", 1, &v), 0);
    assert_int_equal(hwv_number_parse("", 0, &v), 0);
    assert_int_equal(hwv_number_parse("0x10", 4, &v), 1);

    /* Half way between 1 and the next double, 800 zeros, and a digit that breaks the tie. */
    char tie[1100] = "1.00000000000000011102230246251565404236316680908203125";
    size_t n = strlen(tie);
    memset(tie + n, '0', 900);
    expect_number(tie, 1.0);
    tie[n + 899] = '1';
    expect_number(tie, 1.0 + DBL_EPSILON);
    memset(tie, '1', 1000); /* an integer of 1000 digits */
    tie[1000] = '\0';
    expect_number(tie, INFINITY);
    strcpy(tie + 1000, "e-990");
    expect_number(tie, 1111111111.1111111111111);
}

/* Every bit pattern counts: random doubles and floats survive, in any locale. */
static void check_round_trips(void)
{
    for (uint64_t i = 0; i < 20000; i++) {
        uint32_t draw[4];
        hwv_philox(3, HWV_STREAM_TEST, 0, i, draw);
        uint64_t bits = (uint64_t)draw[0] << 32 | draw[1];
        if (i % 4 == 0)
            bits &= UINT64_C(0x800fffffffffffff); /* subnormal */
        double d, back = 0;
        float f;
        char text[HWV_NUMBER_BYTES];
        memcpy(&d, &bits, sizeof d);
        memcpy(&f, &draw[2], sizeof f);
        if (i % 5 == 0)
            d = (double)(int32_t)draw[0] / 1000;
        if (isfinite(d)) {
            hwv_number_format(text, d);
            assert_int_equal(hwv_number_parse(text, strlen(text), &back), strlen(text));
            assert_memory_equal(&back, &d, sizeof d);
            assert_null(strchr(text, ','));
        }
        if (isfinite(f)) {
            hwv_number_format_float(text, f);
            assert_int_equal(hwv_number_parse(text, strlen(text), &back), strlen(text));
            float small = (float)back;
            assert_memory_equal(&small, &f, sizeof f);
        }
    }
}

static void expect_format(double value, const char *wanted)
{
    char text[HWV_NUMBER_BYTES];
    hwv_number_format(text, value);
    assert_string_equal(text, wanted);
}

static void test_format(void **state)
{
    (void)state;
    expect_format(0, "0");
    expect_format(-0.0, "-0.0");
    expect_format(42, "42");
    expect_format(-3, "-3");
    expect_format(0.1, "0.1");
    expect_format(0.1 + 0.2, "0.30000000000000004");
    expect_format(1e15, "1e+15");
    expect_format(123456789012345678.0, "1.2345678901234568e+17");
    expect_format(5e-324, "5e-324");
    expect_format(DBL_MAX, "1.7976931348623157e+308");
    expect_format(DBL_MIN, "2.2250738585072014e-308");
    expect_format(1.0 / 3, "0.3333333333333333");
    check_round_trips();
}

static void test_locale(void **state)
{
    (void)state;
    const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "ps_AF"};
    bool set = false;
    for (size_t i = 0; i < sizeof names / sizeof *names && !set; i++)
        set = setlocale(LC_NUMERIC, names[i]) != NULL && localeconv()->decimal_point[0] != '.';
    if (!set) {
        print_message("no locale with another decimal point here\n");
        skip();
    }
    expect_number("2.5", 2.5);
    expect_number("2.50000000000000000000000000001", 2.5);
    expect_format(0.1 + 0.2, "0.30000000000000004");
    check_round_trips();
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),        cmocka_unit_test(test_strings),       cmocka_unit_test(test_integers),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_depth),         cmocka_unit_test(test_damage),
        cmocka_unit_test(test_allocations),   cmocka_unit_test(test_writer_bytes),  cmocka_unit_test(test_writer),
        cmocka_unit_test(test_writer_misuse), cmocka_unit_test(test_writer_memory), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_format),        cmocka_unit_test(test_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
