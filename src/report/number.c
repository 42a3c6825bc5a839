/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Numbers for people. */
#include "report/number.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define FINISH(number, ...) snprintf((number).text, sizeof(number).text, __VA_ARGS__)

static bool not_finite(hwv_number *n, double value)
{
    if (isfinite(value))
        return false;
    FINISH(*n, "%s", isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
    return true;
}

/* "-0.00" says nothing that "0.00" does not. */
static void drop_minus_zero(char *text)
{
    if (text[0] == '-' && strspn(text + 1, "0.") == strlen(text + 1))
        memmove(text, text + 1, strlen(text));
}

/* "1.20" to "1.2", "3.00" to "3", "1.50e+07" to "1.5e7". */
static void trim(char *text)
{
    char *exponent = strchr(text, 'e');
    char tail[16] = "";
    if (exponent != NULL) {
        const char *digits = exponent + 2;
        while (digits[0] == '0' && digits[1] != '\0')
            digits++;
        snprintf(tail, sizeof tail, "e%s%.10s", exponent[1] == '-' ? "-" : "", digits);
        *exponent = '\0';
    }
    char *end = text + strlen(text);
    if (strchr(text, '.') != NULL) {
        while (end[-1] == '0')
            *--end = '\0';
        if (end[-1] == '.')
            *--end = '\0';
    }
    memcpy(end, tail, strlen(tail) + 1);
}

/* Three significant digits of a finite number of magnitude below 10000, zeros kept: 1.20, 12.0, 1234. */
static void three(char *text, size_t size, double value)
{
    double a = fabs(value);
    int decimals = a >= 99.95 || a == 0 ? 0 : a >= 9.995 ? 1 : a >= 0.9995 ? 2 : (int)ceil(-log10(a)) + 2;
    snprintf(text, size, "%.*f", decimals > 9 ? 9 : decimals, value);
    drop_minus_zero(text);
}

hwv_number hwv_number_digits(double value, int digits)
{
    hwv_number n;
    if (not_finite(&n, value))
        return n;
    FINISH(n, "%.*g", digits < 1 ? 1 : digits > 17 ? 17 : digits, value);
    drop_minus_zero(n.text);
    trim(n.text);
    return n;
}

hwv_number hwv_number_plain(double value)
{
    hwv_number n;
    if (not_finite(&n, value))
        return n;
    double a = fabs(value);
    if (a != 0 && (a < 0.0009995 || a >= 99995))
        FINISH(n, "%.2e", value);
    else if (a >= 999.5)
        FINISH(n, "%.0f", value);
    else
        three(n.text, sizeof n.text, value);
    trim(n.text);
    return n;
}

hwv_number hwv_number_fixed(double value, int decimals)
{
    hwv_number n;
    if (not_finite(&n, value))
        return n;
    if (fabs(value) >= 1e15)
        FINISH(n, "%.*e", decimals < 0 ? 0 : decimals > 9 ? 9 : decimals, value);
    else
        FINISH(n, "%.*f", decimals < 0 ? 0 : decimals > 9 ? 9 : decimals, value);
    drop_minus_zero(n.text);
    return n;
}

hwv_number hwv_number_percent(double share, int decimals)
{
    hwv_number n = hwv_number_fixed(share * 100, decimals);
    if (isfinite(share))
        strcat(n.text, " %");
    return n;
}

/* value / scale with three digits and a suffix. */
static hwv_number scaled(double value, double scale, const char *suffix)
{
    hwv_number n;
    three(n.text, sizeof n.text - 8, value / scale);
    trim(n.text);
    strcat(n.text, suffix);
    return n;
}

static hwv_number count_of(double value)
{
    static const char *const suffix[] = {" k", " M", " G", " T", " P"};
    double a = fabs(value), scale = 1e3;
    if (a < 999.5)
        return a == floor(a) ? hwv_number_fixed(value, 0) : hwv_number_plain(value);
    size_t i = 0;
    for (; i < 4 && a / scale >= 999.5; i++)
        scale *= 1e3;
    return a / scale >= 999.5 ? hwv_number_plain(value) : scaled(value, scale, suffix[i]);
}

static hwv_number bytes_of(double value)
{
    static const char *const suffix[] = {" B", " KiB", " MiB", " GiB", " TiB", " PiB"};
    double a = fabs(value), scale = 1;
    size_t i = 0;
    for (; i < 5 && a / scale >= 1023.5; i++)
        scale *= 1024;
    return a / scale >= 9999.5 ? hwv_number_plain(value) : scaled(value, scale, suffix[i]);
}

static hwv_number seconds_of(double value)
{
    static const struct {
        double below, scale;
        const char *suffix;
    } steps[] = {{999.5e-9, 1e-9, " ns"}, {999.5e-6, 1e-6, " us"}, {999.5e-3, 1e-3, " ms"}, {99.95, 1, " s"}};
    double a = fabs(value);
    if (a == 0)
        return scaled(0, 1, " s");
    if (a < 0.0005e-9)
        return scaled(0, 1, " ns");
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (a < steps[i].below)
            return scaled(value, steps[i].scale, steps[i].suffix);
    hwv_number n;
    double whole = floor(a + 0.5);
    if (whole >= 1e9)
        FINISH(n, "%.2e s", value);
    else if (whole >= 3600)
        FINISH(n, "%s%.0f h %.0f min", value < 0 ? "-" : "", floor(whole / 3600), floor(fmod(whole, 3600) / 60));
    else
        FINISH(n, "%s%.0f min %.0f s", value < 0 ? "-" : "", floor(whole / 60), fmod(whole, 60));
    return n;
}

static hwv_number share_of(double value)
{
    hwv_number n;
    double percent = value * 100;
    if (percent > 0 && percent < 0.01) {
        FINISH(n, "< 0.01 %%");
        return n;
    }
    if (percent < 100 && percent >= 99.95) {
        FINISH(n, "> 99.9 %%");
        return n;
    }
    if (fabs(percent) >= 1e6)
        n = hwv_number_plain(percent);
    else if (fabs(percent) < 0.995)
        FINISH(n, "%.2f", percent);
    else
        FINISH(n, "%.*f", fabs(percent) >= 100 ? 0 : 1, percent);
    drop_minus_zero(n.text);
    trim(n.text);
    strcat(n.text, " %");
    return n;
}

hwv_number hwv_number_of(double value, hwv_unit unit)
{
    hwv_number n;
    if (not_finite(&n, value))
        return n;
    switch (unit) {
    case HWV_UNIT_COUNT:
        return count_of(value);
    case HWV_UNIT_SECONDS:
        return seconds_of(value);
    case HWV_UNIT_SHARE:
        return share_of(value);
    case HWV_UNIT_BYTES:
        return bytes_of(value);
    case HWV_UNIT_PLAIN:
        break;
    }
    return hwv_number_plain(value);
}
