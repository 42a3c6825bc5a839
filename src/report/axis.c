/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Ranges and ticks. Linear steps are 1, 2 or 5 times a power of ten; log ticks are powers of ten, with
 * 2 and 5 between them where there are few, and powers of two for bytes. */
#include "report/axis.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool hwv_axis_shows(const hwv_axis *axis, double value)
{
    return isfinite(value) && (!axis->log || value > 0);
}

void hwv_extent_add(hwv_extent *extent, const hwv_axis *axis, double value)
{
    if (!hwv_axis_shows(axis, value))
        return;
    if (extent->low > extent->high) {
        extent->low = extent->high = value;
        return;
    }
    extent->low = fmin(extent->low, value);
    extent->high = fmax(extent->high, value);
}

static hwv_range log_range(double low, double high, double margin)
{
    hwv_range r = {.low = low, .high = high, .log = true};
    if (!(high / low > 1.02)) {
        r.low = fmax(low / 2, DBL_MIN);
        r.high = fmin(high * 2, DBL_MAX);
        return r;
    }
    double spread = (log10(high) - log10(low)) * margin;
    r.low = fmax(pow(10, log10(low) - spread), DBL_TRUE_MIN);
    r.high = fmin(pow(10, log10(high) + spread), DBL_MAX);
    if (margin == 0) {
        r.low = low;
        r.high = high;
    }
    return r;
}

/* The span of a linear axis must itself be a number. */
static hwv_range finite_range(double low, double high)
{
    hwv_range r = {.low = fmax(low, -DBL_MAX), .high = fmin(high, DBL_MAX)};
    if (!isfinite(r.high - r.low)) {
        r.low = fmax(r.low, -DBL_MAX / 4);
        r.high = fmin(r.high, DBL_MAX / 4);
    }
    return r;
}

hwv_range hwv_axis_range(const hwv_axis *axis, hwv_extent extent, double margin, bool zero)
{
    bool fixed = axis->minimum < axis->maximum && hwv_axis_shows(axis, axis->minimum) && isfinite(axis->maximum);
    if (extent.low > extent.high)
        extent = axis->log ? (hwv_extent){0.1, 10} : (hwv_extent){0, 1};
    double low = extent.low, high = extent.high;
    if (fixed)
        return (hwv_range){.low = axis->minimum, .high = axis->maximum, .log = axis->log};
    if (axis->log)
        return log_range(low, high, margin);

    double size = fmax(fabs(low), fabs(high)), span = high - low;
    if (span <= size * 1e-12) {
        double room = size == 0 || axis->whole ? 1 : size / 2;
        bool up_only = size == 0 && (axis->unit == HWV_UNIT_SHARE || axis->unit == HWV_UNIT_COUNT);
        return finite_range(up_only ? 0 : low - room, high + room);
    }
    /* Room at both ends, but none on the far side of 0, where no data can be. */
    double room = span * margin;
    double from = low >= 0 && ((zero && low < 0.4 * high) || low < room) ? 0 : low - room;
    double to = high <= 0 && high > -room ? 0 : high + room;
    return finite_range(from, to);
}

double hwv_range_place(const hwv_range *range, double value)
{
    if (range->log)
        return value > 0 ? (log10(value) - log10(range->low)) / (log10(range->high) - log10(range->low)) : -HUGE_VAL;
    double place = (value - range->low) / (range->high - range->low);
    return isnan(place) ? -HUGE_VAL : place;
}

static void add_tick(hwv_ticks *ticks, double at, const char *label)
{
    if (ticks->count == HWV_TICKS)
        return;
    ticks->at[ticks->count] = at;
    snprintf(ticks->label[ticks->count], sizeof ticks->label[0], "%s", label);
    ticks->count++;
}

static int decimals_of(double step)
{
    int d = (int)ceil(-log10(step) - 1e-9);
    return d < 0 ? 0 : d;
}

/* Linear ticks share one unit and one number of decimals. */
static void label_linear(const hwv_axis *axis, double step, double largest, double value, char *label, size_t size)
{
    static const struct {
        double scale;
        const char *suffix;
    } counts[] = {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}, {1, ""}},
      seconds[] = {{1, " s"}, {1e-3, " ms"}, {1e-6, " us"}, {1e-9, " ns"}};
    double scale = 1;
    const char *suffix = "";
    size_t i = 0;
    switch (axis->unit) {
    case HWV_UNIT_SHARE:
        scale = 0.01;
        suffix = " %";
        break;
    case HWV_UNIT_COUNT:
        while (i < 4 && largest < counts[i].scale * (counts[i].scale == 1e3 ? 9.999 : 0.999))
            i++;
        scale = counts[i].scale;
        suffix = counts[i].suffix;
        break;
    case HWV_UNIT_SECONDS:
        while (i < 3 && largest < seconds[i].scale * 0.999)
            i++;
        scale = seconds[i].scale;
        suffix = seconds[i].suffix;
        break;
    case HWV_UNIT_BYTES:
    case HWV_UNIT_PLAIN:
        break;
    }
    double shown = value / scale, one = step / scale;
    if (fabs(shown) < one * 1e-6)
        shown = 0;
    int decimals = decimals_of(one);
    if (shown == 0)
        snprintf(label, size, "0%s", axis->unit == HWV_UNIT_SHARE ? " %" : "");
    else if (decimals > 5 || fabs(largest / scale) >= 1e6)
        /* As many digits as tell neighbours apart. */
        snprintf(label, size, "%s%s", hwv_number_digits(shown, (int)log10(largest / step) + 2).text, suffix);
    else
        snprintf(label, size, "%.*f%s", decimals, shown, suffix);
}

static void linear_ticks(const hwv_axis *axis, const hwv_range *range, size_t most, hwv_ticks *ticks)
{
    static const double nice[] = {1, 2, 5, 10, 20, 50, 100};
    double span = range->high - range->low;
    double power = pow(10, floor(log10(span / (double)most)));
    if (!(power > 0) || !isfinite(power))
        return;
    double slack = span * 1e-9;
    for (size_t i = 0; i < sizeof nice / sizeof nice[0]; i++) {
        double step = power * nice[i];
        if (axis->whole && step < 1)
            continue;
        double first = ceil((range->low - slack) / step), last = floor((range->high + slack) / step);
        if (last - first + 1 > (double)most)
            continue;
        double largest = fmax(fabs(first), fabs(last)) * step;
        for (double k = first; k <= last; k++) {
            char label[48];
            /* step may be 0.1: k / 10 is rounded once, k * 0.1 twice. */
            double at = step < 1 && step > 1e-300 ? k / (1 / step) : k * step;
            label_linear(axis, step, largest, at, label, sizeof label);
            add_tick(ticks, at, label);
        }
        return;
    }
}

/* The step of linear byte ticks is a power of two. */
static void linear_byte_ticks(const hwv_axis *axis, const hwv_range *range, size_t most, hwv_ticks *ticks)
{
    double step = exp2(floor(log2((range->high - range->low) / (double)most)));
    step = fmax(step, 1);
    while (floor(range->high / step) - ceil(range->low / step) + 1 > (double)most)
        step *= 2;
    double first = ceil(range->low / step), last = floor(range->high / step);
    for (double k = first; k <= last; k++)
        add_tick(ticks, k * step, k == 0 ? "0" : hwv_number_of(k * step, axis->unit).text);
}

static void power_label(int exponent, bool utf8, char *label, size_t size)
{
    static const char *const digit[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                        "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
    char number[16];
    snprintf(number, sizeof number, "%d", exponent);
    if (!utf8) {
        snprintf(label, size, "1e%s", number);
        return;
    }
    size_t used = (size_t)snprintf(label, size, "10");
    for (const char *c = number; *c != '\0'; c++)
        used += (size_t)snprintf(label + used, size - used, "%s", *c == '-' ? "\u207b" : digit[*c - '0']);
}

static void byte_ticks(const hwv_range *range, size_t most, hwv_ticks *ticks)
{
    static const int strides[] = {1, 2, 5, 10, 20, 50, 100, 200};
    double low = log2(range->low) - 1e-9, high = log2(range->high) + 1e-9;
    for (size_t i = 0; i < sizeof strides / sizeof strides[0]; i++) {
        double first = ceil(low / strides[i]), last = floor(high / strides[i]);
        if (last - first + 1 > (double)most)
            continue;
        for (double k = first; k <= last; k++) {
            double at = exp2(k * strides[i]);
            add_tick(ticks, at, hwv_number_of(at, HWV_UNIT_BYTES).text);
        }
        return;
    }
}

static void log_label(const hwv_axis *axis, double at, int exponent, bool plain, bool utf8, char *label, size_t size)
{
    if (axis->unit != HWV_UNIT_PLAIN)
        snprintf(label, size, "%s", hwv_number_of(at, axis->unit).text);
    else if (plain)
        snprintf(label, size, "%.6g", at);
    else
        power_label(exponent, utf8, label, size);
}

/* Ticks at the given first digits of each decade; false, and none, when they are fewer than 2 or more than
 * `most`. The decade below `first` may hold some. */
static bool between_decades(const hwv_axis *axis, const hwv_range *range, int first, int last, size_t most,
                            const char *digits, bool utf8, hwv_ticks *ticks)
{
    bool plain = first >= -4 && last <= 4;
    char label[48];
    size_t count = 0;
    ticks->count = 0;
    for (int e = first - 1; e <= last; e++)
        for (const char *d = digits; *d != '\0'; d++) {
            double at = (*d - '0') * pow(10, e);
            if (at < range->low * (1 - 1e-9) || at > range->high * (1 + 1e-9))
                continue;
            log_label(axis, at, e, plain || *d != '1', utf8, label, sizeof label);
            add_tick(ticks, at, label);
            count++;
        }
    if (count >= 2 && count <= most)
        return true;
    ticks->count = 0;
    return false;
}

static void log_ticks(const hwv_axis *axis, const hwv_range *range, size_t most, bool utf8, hwv_ticks *ticks)
{
    int first = (int)ceil(log10(range->low) - 1e-9), last = (int)floor(log10(range->high) + 1e-9);
    char label[48];
    bool plain = first >= -4 && last <= 4;
    if (last - first <= 2 && (between_decades(axis, range, first, last, most, "125", utf8, ticks) ||
                              between_decades(axis, range, first, last, most, "13", utf8, ticks)))
        return;
    if (last - first < 1 && range->high / range->low < 5) {
        linear_ticks(axis, range, most < 4 ? most : 4, ticks);
        return;
    }
    static const int powers[] = {1, 2, 3, 5, 10, 20, 50, 100, 200, 500},
                     thousands[] = {1, 3, 6, 12, 30, 60, 120, 300, 600, 600};
    /* From ns to us to ms, from k to M. */
    bool named = axis->unit == HWV_UNIT_SECONDS || axis->unit == HWV_UNIT_COUNT;
    const int *strides = named ? thousands : powers;
    size_t choice = 0;
    while (choice < 9 && (last - first) / strides[choice] + 1 > (int)most)
        choice++;
    int stride = strides[choice];
    /* Multiples of the stride, so that 1 is among them where it is in range. */
    int start = first >= 0 ? (first + stride - 1) / stride * stride : -(-first / stride * stride);
    for (int e = start; e <= last; e += stride) {
        log_label(axis, pow(10, e), e, plain, utf8, label, sizeof label);
        add_tick(ticks, pow(10, e), label);
    }
}

void hwv_axis_ticks(const hwv_axis *axis, const hwv_range *range, size_t most, bool utf8, hwv_ticks *ticks)
{
    ticks->count = 0;
    if (most > HWV_TICKS)
        most = HWV_TICKS;
    if (most < 2)
        most = 2;
    if (!range->log && axis->unit == HWV_UNIT_BYTES)
        linear_byte_ticks(axis, range, most, ticks);
    else if (!range->log)
        linear_ticks(axis, range, most, ticks);
    else if (axis->unit == HWV_UNIT_BYTES)
        byte_ticks(range, most, ticks);
    else
        log_ticks(axis, range, most, utf8, ticks);
}
