/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Decimal numbers. strtod and printf use the host program's decimal point: strtod is therefore only
 * given integers with an exponent, and printf's point is replaced. */
#include "io/number.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A double lies half way between two others by at most 767 significant digits; digits beyond 800 can
 * only break such a tie, and one last 1 stands for all of them. */
enum { DIGITS_MAX = 800 };

#define EXPONENT_MAX 1000000L

/* What a number's text says: (-1)^negative * digits * 10^exponent. */
typedef struct decimal {
    bool negative;
    size_t begin, end; /* of the digits and the point in the text */
    size_t digits;     /* significant ones */
    uint64_t head;     /* their value, where there are at most 19 */
    long exponent;     /* of the last digit */
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from text[at] on; returns where they end. */
static size_t scan_digits(decimal *d, const char *text, size_t length, size_t at)
{
    for (; at < length && is_digit(text[at]); at++) {
        d->head = d->head * 10 + (uint64_t)(text[at] - '0');
        d->digits += d->head != 0 || d->digits > 0; /* leading zeros do not count */
    }
    return at;
}

/* The exponent part at text[at]; returns where it ends, `at` when there is none. */
static size_t scan_exponent(decimal *d, const char *text, size_t length, size_t at)
{
    size_t p = at;
    if (p == length || (text[p] != 'e' && text[p] != 'E'))
        return at;
    p++;
    bool negative = false;
    if (p < length && (text[p] == '-' || text[p] == '+'))
        negative = text[p++] == '-';
    if (p == length || !is_digit(text[p]))
        return at;
    long e = 0;
    for (; p < length && is_digit(text[p]); p++)
        e = e < EXPONENT_MAX ? e * 10 + (text[p] - '0') : e;
    d->exponent += negative ? -e : e;
    return p;
}

/* Returns the bytes used, 0 when no number begins here. */
static size_t scan(decimal *d, const char *text, size_t length)
{
    size_t p = 0;
    if (p < length && (text[p] == '-' || text[p] == '+'))
        d->negative = text[p++] == '-';
    d->begin = p;
    p = scan_digits(d, text, length, p);
    bool any = p > d->begin;
    if (p < length && text[p] == '.' && (any || (p + 1 < length && is_digit(text[p + 1])))) {
        size_t point = p + 1;
        p = scan_digits(d, text, length, point);
        any = true;
        d->exponent = p - point < (size_t)EXPONENT_MAX ? -(long)(p - point) : -EXPONENT_MAX;
    }
    d->end = p;
    return any ? scan_exponent(d, text, length, p) : 0;
}

/* Any number of digits, through strtod. */
static double convert_long(const decimal *d, const char *text)
{
    char kept[DIGITS_MAX + 32];
    size_t n = 0, left = d->digits;
    bool sticky = false;
    for (size_t p = d->begin; p < d->end; p++) {
        if (text[p] == '.' || (n == 0 && text[p] == '0'))
            continue;
        if (n == DIGITS_MAX)
            break;
        kept[n++] = text[p];
        left--;
    }
    /* `left` digits were not kept: are they all 0? They are the last ones. */
    for (size_t p = d->end, k = left; k > 0; k -= text[p] != '.') {
        p--;
        sticky |= text[p] != '0' && text[p] != '.';
    }
    long exponent = d->exponent + (left < (size_t)EXPONENT_MAX ? (long)left : EXPONENT_MAX);
    if (sticky) {
        kept[n++] = '1';
        exponent--;
    }
    (void)snprintf(kept + n, sizeof kept - n, "e%ld", exponent);
    return strtod(kept, NULL);
}

size_t hwv_number_parse(const char *text, size_t length, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    decimal d = {0};
    size_t used = scan(&d, text, length);
    if (used == 0)
        return 0;
    double v = 0;
    if (d.digits == 0)
        v = 0;
    else if (FLT_EVAL_METHOD == 0 && d.digits <= 15 && d.exponent >= -22 && d.exponent <= 22)
        /* Both factors are exact, so one rounding is all there is (Clinger, PLDI 1990). */
        v = d.exponent < 0 ? (double)d.head / powers[-d.exponent] : (double)d.head * powers[d.exponent];
    else
        v = convert_long(&d, text);
    *value = d.negative ? -v : v;
    return used;
}

/* printf's text with '.' for whatever the locale's decimal point is. */
static void print_digits(char out[HWV_NUMBER_BYTES], int digits, double value)
{
    (void)snprintf(out, HWV_NUMBER_BYTES, "%.*g", digits, value);
    size_t point = strspn(out, "-0123456789");
    if (out[point] == '\0' || out[point] == 'e')
        return;
    size_t after = point + strcspn(out + point, "0123456789");
    memmove(out + point + 1, out + after, strlen(out + after) + 1);
    out[point] = '.';
}

/* Integers need no search; -0 keeps its sign. */
static bool print_integer(char out[HWV_NUMBER_BYTES], double value)
{
    if (!(fabs(value) < 1e15) || value != floor(value))
        return false;
    if (value == 0)
        (void)snprintf(out, HWV_NUMBER_BYTES, "%s", signbit(value) ? "-0.0" : "0");
    else
        (void)snprintf(out, HWV_NUMBER_BYTES, "%lld", (long long)value);
    return true;
}

void hwv_number_format(char out[HWV_NUMBER_BYTES], double value)
{
    if (print_integer(out, value))
        return;
    /* Every decimal of at most 15 digits survives the way to double and back, so a normal number with a
     * shorter form already shows it at 15; subnormals carry fewer digits. */
    int digits = fabs(value) < DBL_MIN ? 1 : DBL_DIG;
    for (double back = 0; digits <= DBL_DECIMAL_DIG; digits++) {
        print_digits(out, digits, value);
        if (hwv_number_parse(out, strlen(out), &back) != 0 && back == value)
            return;
    }
}

void hwv_number_format_float(char out[HWV_NUMBER_BYTES], float value)
{
    if (print_integer(out, (double)value))
        return;
    int digits = fabsf(value) < FLT_MIN ? 1 : FLT_DIG;
    for (double back = 0; digits <= FLT_DECIMAL_DIG; digits++) {
        print_digits(out, digits, (double)value);
        if (hwv_number_parse(out, strlen(out), &back) != 0 && (float)back == value)
            return;
    }
}
