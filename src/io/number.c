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

typedef struct decimal {
    size_t used; /* bytes of the text */
    bool negative;
    uint64_t head; /* the first 19 significant digits */
    size_t digits; /* significant digits seen */
    long exponent; /* of the last digit kept in `tail`, or of head while digits <= 19 */
} decimal;

/* Adds one digit; digits past DIGITS_MAX are not kept and only leave `sticky`. */
static void add_digit(decimal *d, char *tail, bool *sticky, char digit, bool fraction)
{
    if (d->digits == 0 && digit == '0') {
        d->exponent -= fraction && d->exponent > -EXPONENT_MAX;
        return;
    }
    if (d->digits < DIGITS_MAX) {
        if (d->digits < 19)
            d->head = d->head * 10 + (uint64_t)(digit - '0');
        tail[d->digits++] = digit;
        d->exponent -= fraction;
        return;
    }
    *sticky |= digit != '0';
    d->exponent += !fraction && d->exponent < EXPONENT_MAX;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The exponent part at text[at]; returns where it ends, `at` when there is none. */
static size_t read_exponent(const char *text, size_t length, size_t at, long *exponent)
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
    *exponent += negative ? -e : e;
    return p;
}

size_t hwv_number_parse(const char *text, size_t length, double *value)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    char tail[DIGITS_MAX + 32];
    decimal d = {0};
    bool sticky = false, any = false;
    size_t p = 0;
    if (p < length && (text[p] == '-' || text[p] == '+'))
        d.negative = text[p++] == '-';
    for (; p < length && is_digit(text[p]); p++, any = true)
        add_digit(&d, tail, &sticky, text[p], false);
    if (p < length && text[p] == '.' && (any || (p + 1 < length && is_digit(text[p + 1]))))
        for (p++; p < length && is_digit(text[p]); p++, any = true)
            add_digit(&d, tail, &sticky, text[p], true);
    if (!any)
        return 0;
    d.used = read_exponent(text, length, p, &d.exponent);
    double v = 0;
    if (d.digits == 0) {
        v = 0;
    } else if (FLT_EVAL_METHOD == 0 && d.digits <= 15 && d.exponent >= -22 && d.exponent <= 22) {
        /* Both factors are exact, so one rounding is all there is (Clinger, PLDI 1990). */
        v = d.exponent < 0 ? (double)d.head / powers[-d.exponent] : (double)d.head * powers[d.exponent];
    } else {
        size_t n = d.digits;
        if (sticky) {
            tail[n++] = '1';
            d.exponent--;
        }
        (void)snprintf(tail + n, sizeof tail - n, "e%ld", d.exponent);
        v = strtod(tail, NULL);
    }
    *value = d.negative ? -v : v;
    return d.used;
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
