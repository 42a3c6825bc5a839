/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * RReLU in training on every runnable set, in both types: slopes as halfwave/rrelu.h says, element by element; rows in
 * parts, in place, masks, backward from x and from the mask; and that the slopes are as often low as high. */
#include "oracle.h"

#include "halfwave/random.h"
#include "halfwave/rrelu.h"

enum { ROOM = 4000 };

static const float lower = 0.1f, upper = 0.4f;

static float slope_at(const hwv_draws *draws, size_t row, size_t col, size_t cols)
{
    uint64_t word = (draws->row + row) * hwv_mask_words(cols) + col / 64;
    uint32_t u[4];
    hwv_philox(draws->seed, draws->stream, draws->step, 16 * word + col % 16, u);
    float width = upper - lower, share = (float)(u[col % 64 / 16] >> 8) * 0x1p-24f, more = width * share;
    float slope = lower + more;
    return slope > upper ? upper : slope;
}

static double get(hwv_dtype dtype, const void *array, size_t i)
{
    return dtype == HWV_F64 ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

static void put(hwv_dtype dtype, void *array, size_t i, double v)
{
    if (dtype == HWV_F64)
        ((double *)array)[i] = v;
    else
        ((float *)array)[i] = (float)v;
}

static double product(hwv_dtype dtype, float slope, double v)
{
    return dtype == HWV_F64 ? (double)slope * v : (double)(slope * (float)v);
}

/* What an element should be: NaN passes, and so does the sign of 0. */
static bool is(double got, double wanted)
{
    return isnan(wanted) ? isnan(got) : got == wanted && signbit(got) == signbit(wanted);
}

static void shape(hwv_dtype dtype, size_t rows, size_t cols, size_t gap)
{
    static double x[ROOM], dy[ROOM], y[ROOM], dx[ROOM], again[ROOM];
    static uint64_t mask[ROOM];
    const hwv_draws draws = {.seed = 77 + cols, .stream = HWV_STREAM_RRELU + 256, .step = 3, .row = 5};
    const size_t stride = cols + gap, words = hwv_mask_words(cols), bytes = hwv_dtype_bytes(dtype);
    for (size_t i = 0; i < ROOM; i++) {
        uint32_t r[4];
        hwv_philox(9, HWV_STREAM_TEST, 1, i, r);
        put(dtype, x, i, i % 41 == 0 ? NAN : i % 43 == 0 ? -0.0 : ((double)r[0] - 0x1p31) * 0x1p-30);
        put(dtype, dy, i, ((double)r[1] - 0x1p31) * 0x1p-30);
        put(dtype, y, i, 55), put(dtype, dx, i, 55);
    }
    memset(mask, 0xaa, sizeof mask);
    hwv_rrelu_forward(dtype, rows, cols, y, stride, x, stride, lower, upper, &draws, mask, words);
    hwv_rrelu_backward(dtype, rows, cols, dx, stride, dy, stride, x, stride, NULL, 0, lower, upper, &draws);
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < cols; i++) {
            size_t k = r * stride + i;
            float slope = slope_at(&draws, r, i, cols);
            double v = get(dtype, x, k), g = get(dtype, dy, k);
            bool pass = v > 0;
            check(slope >= lower && slope <= upper, "slopes in their range");
            check(is(get(dtype, y, k), pass ? v : product(dtype, slope, v)), "rrelu forward");
            check(is(get(dtype, dx, k), pass ? g : product(dtype, slope, g)), "rrelu backward");
            check((mask[r * words + i / 64] >> i % 64 & 1) == pass, "rrelu mask");
        }
        for (size_t i = cols; i < stride; i++)
            check(get(dtype, y, r * stride + i) == 55 && get(dtype, dx, r * stride + i) == 55, "rrelu gaps");
        check(cols % 64 == 0 || mask[r * words + cols / 64] >> cols % 64 == 0, "rrelu mask beyond the row");
    }
    check(mask[rows * words] == UINT64_C(0xaaaaaaaaaaaaaaaa), "rrelu mask beyond the rows");
    hwv_rrelu_backward(dtype, rows, cols, again, stride, dy, stride, NULL, 0, mask, words, lower, upper, &draws);
    bool same = true;
    for (size_t r = 0; r < rows; r++)
        same = same && memcmp((char *)again + r * stride * bytes, (char *)dx + r * stride * bytes, cols * bytes) == 0;
    check(same, "rrelu backward from the mask");
    /* In place, the rows in two parts. */
    const size_t cut = rows / 3;
    hwv_draws part = draws;
    part.row += cut;
    memcpy(again, x, sizeof again);
    hwv_rrelu_forward(dtype, cut, cols, again, stride, again, stride, lower, upper, &draws, NULL, 0);
    void *rest = (char *)again + cut * stride * bytes;
    hwv_rrelu_forward(dtype, rows - cut, cols, rest, stride, rest, stride, lower, upper, &part, NULL, 0);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < cols; i++)
            check(is(get(dtype, again, r * stride + i), get(dtype, y, r * stride + i)), "rrelu in parts");
}

/* Means of a row of slopes, and of its parts: within 5 standard deviations of a uniform draw. */
static void means(void)
{
    enum { COUNT = 1 << 16 };
    static float x[COUNT], y[COUNT];
    const hwv_draws draws = {.seed = 1, .stream = HWV_STREAM_RRELU};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = -1;
    hwv_rrelu_forward(HWV_F32, 1, COUNT, y, COUNT, x, COUNT, 0, 1, &draws, NULL, 0);
    for (size_t i = 0; i < COUNT; i++)
        sum -= (double)y[i], squares += (double)y[i] * (double)y[i];
    check(fabs(sum / COUNT - 0.5) < 5 * sqrt(1.0 / 12 / COUNT), "mean of the slopes");
    check(fabs(squares / COUNT - 1.0 / 3) < 5 * sqrt(4.0 / 45 / COUNT), "spread of the slopes");
}

int main(void)
{
    static const size_t shapes[][2] = {{1, 1},   {3, 16},  {7, 63},  {4, 64}, {3, 65},
                                       {6, 100}, {2, 256}, {3, 700}, {0, 5},  {5, 0}};
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL);
        for (hwv_dtype dtype = HWV_F32; dtype < HWV_DTYPES; dtype++)
            for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
                shape(dtype, shapes[s][0], shapes[s][1], s % 2 * 3);
        means();
    }
    return oracle_end("rrelu");
}
