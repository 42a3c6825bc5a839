/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What works on whole matrices: counts, the learned slopes of PReLU, tiles on an executor, stores around the
 * cache, the copy ceilings. On every runnable set.
 * run_matrices_f64 is the same program for doubles. */
#include "oracle.h"

#include "halfwave/memory.h"
#include "halfwave/random.h"

/* A NaN no kernel makes; what halfwave/act.h allows of sum |x*dy| as the error of a slope's gradient. */
#define GUARD     (REAL_INFINITY | (REAL_FRACTION & 0x2bcdef))
#define SUM_BOUND ldexp(8, 1 - REAL_DIGITS)

static uint64_t draw(uint32_t stream, uint64_t index)
{
    uint32_t r[4];
    hwv_philox(7, HWV_STREAM_TEST, stream, index, r);
    return (uint64_t)r[0] << 32 | r[1];
}

/* Learned slopes, as the axis says. */
typedef struct slopes {
    hwv_slope_axis axis;
    size_t count;
} slopes;

static size_t slope_of(slopes s, size_t row, size_t col)
{
    return s.axis == HWV_SLOPE_ROWS ? row % s.count : s.axis == HWV_SLOPE_COLUMNS ? col : 0;
}

static void prelu(size_t rows, size_t cols, size_t gap, slopes s)
{
    enum { ROOM = 40000, SLOPES = 300 };
    static real x[ROOM], dy[ROOM], y[ROOM], dx[ROOM], again[ROOM];
    static uint64_t mask[ROOM];
    real slope[SLOPES] = {0}, dslope[SLOPES] = {0}, dslope_again[SLOPES] = {0};
    const hwv_act act = hwv_act_make(HWV_OP_PRELU);
    size_t stride = cols + gap, words = hwv_mask_words(cols) + gap;
    for (size_t i = 0; i < rows * stride; i++) {
        x[i] = i % 17 == 0 ? -(real)0.0 : (real)((int64_t)(draw(3, i) % 2001) - 1000) * (real)0.01;
        dy[i] = (real)((int64_t)(draw(4, i) % 2001) - 1000) * (i % 3 ? (real)0.001 : 1000);
        y[i] = dx[i] = real_of(GUARD);
    }
    for (size_t i = 0; i < s.count; i++) {
        slope[i] = (real)((int64_t)(draw(5, i) % 201) - 100) * (real)0.01;
        dslope[i] = dslope_again[i] = 3;
    }
    memset(mask, 0xaa, sizeof mask);
    hwv_prelu_forward(REAL_DTYPE, rows, cols, y, stride, x, stride, slope, s.axis, s.count, mask, words);
    memcpy(again, x, sizeof again);
    hwv_prelu_forward(REAL_DTYPE, rows, cols, again, stride, again, stride, slope, s.axis, s.count, NULL, 0);
    bool clean = true;
    for (size_t r = 0; r < rows; r++) {
        for (size_t i = 0; i < cols; i++) {
            real v = x[r * stride + i], got = y[r * stride + i], wanted = v > 0 ? v : slope[slope_of(s, r, i)] * v;
            oracle_checks++;
            if (!same_bits(got, wanted) || !same_bits(got, again[r * stride + i]) ||
                (mask[r * words + i / 64] >> i % 64 & 1) != (v > 0))
                oracle_fail("prelu", &act, cols, r, i, v, got, (double)wanted, 0);
        }
        for (size_t i = cols; i < stride; i++)
            clean = clean && bits_of(y[r * stride + i]) == GUARD;
        for (size_t i = hwv_mask_words(cols); i < words; i++)
            clean = clean && mask[r * words + i] == UINT64_C(0xaaaaaaaaaaaaaaaa);
        clean = clean && (cols % 64 == 0 || mask[r * words + cols / 64] >> cols % 64 == 0);
    }
    hwv_prelu_backward(REAL_DTYPE, rows, cols, dx, stride, dy, stride, x, stride, slope, s.axis, s.count, dslope);
    memcpy(again, dy, sizeof again);
    hwv_prelu_backward(REAL_DTYPE, rows, cols, again, stride, again, stride, x, stride, slope, s.axis, s.count,
                       dslope_again);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < cols; i++) {
            size_t k = r * stride + i;
            real wanted = x[k] > 0 ? dy[k] : slope[slope_of(s, r, i)] * dy[k];
            oracle_checks++;
            if (!same_bits(dx[k], wanted) || !same_bits(dx[k], again[k]))
                oracle_fail("prelu gradient", &act, cols, r, i, x[k], dx[k], (double)wanted, 0);
        }
    for (size_t c = 0; c < s.count; c++) {
        long double sum = 3, size = 3;
        for (size_t r = 0; r < rows; r++)
            for (size_t i = 0; i < cols; i++)
                if (slope_of(s, r, i) == c && !(x[r * stride + i] > 0)) {
                    long double term = (long double)x[r * stride + i] * (long double)dy[r * stride + i];
                    sum += term;
                    size += term < 0 ? -term : term;
                }
        long double error = (long double)dslope[c] - sum;
        check((error < 0 ? -error : error) <= (long double)SUM_BOUND * size, "gradient of a slope");
        check(same_bits(dslope[c], dslope_again[c]), "gradient of a slope in place");
    }
    hwv_prelu_backward(REAL_DTYPE, rows, cols, again, stride, dy, stride, x, stride, slope, s.axis, s.count, NULL);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < cols; i++)
            clean = clean && same_bits(again[r * stride + i], dx[r * stride + i]);
    check(clean, "prelu touches nothing else");
}

/* Every layout of a shape; channels first with 1, 3 and many channels. */
static void prelu_layouts(size_t rows, size_t cols)
{
    for (size_t gap = 0; gap <= 3; gap += 3) {
        prelu(rows, cols, gap, (slopes){HWV_SLOPE_SHARED, 1});
        prelu(rows, cols, gap, (slopes){HWV_SLOPE_COLUMNS, cols});
        for (size_t channels = 1; channels <= 50; channels = channels * 7 - 4)
            prelu(rows, cols, gap, (slopes){HWV_SLOPE_ROWS, channels});
    }
}

/* Long sums of equal terms, whose rounding errors all point the same way; what passes adds nothing, be it infinite. */
static void prelu_long(void)
{
    enum { COUNT = 300000, COLS = 3 };
    static real x[COUNT], dy[COUNT], dx[COUNT];
    real slope[COLS] = {(real)0.25, (real)0.25, (real)0.25}, one = 0, columns[COLS] = {0}, channels[COLS] = {0};
    for (size_t i = 0; i < COUNT; i++)
        x[i] = -(real)0.1, dy[i] = (real)1.1;
    const double term = (double)-(real)0.1 * (double)(real)1.1, all = COUNT * term, part = all / COLS;
    hwv_prelu_backward(REAL_DTYPE, 1, COUNT, dx, COUNT, dy, COUNT, x, COUNT, slope, HWV_SLOPE_SHARED, 1, &one);
    check(fabs((double)one - all) <= SUM_BOUND * fabs(all), "long sum, one slope");
    hwv_prelu_backward(REAL_DTYPE, COUNT / COLS, COLS, dx, COLS, dy, COLS, x, COLS, slope, HWV_SLOPE_COLUMNS, COLS,
                       columns);
    hwv_prelu_backward(REAL_DTYPE, 30, COUNT / 30, dx, COUNT / 30, dy, COUNT / 30, x, COUNT / 30, slope, HWV_SLOPE_ROWS,
                       COLS, channels);
    for (size_t c = 0; c < COLS; c++) {
        check(fabs((double)columns[c] - part) <= SUM_BOUND * fabs(part), "long sum, a slope for each column");
        check(fabs((double)channels[c] - part) <= SUM_BOUND * fabs(part), "long sum, a slope for each row");
    }
    for (size_t i = 0; i < COUNT; i += 2)
        x[i] = i % 4 ? 1 : INFINITY, dy[i] = i % 3 ? INFINITY : i % 9 ? NAN : 0;
    one = 0;
    hwv_prelu_backward(REAL_DTYPE, 1, COUNT, dx, COUNT, dy, COUNT, x, COUNT, slope, HWV_SLOPE_SHARED, 1, &one);
    check(fabs((double)one - all / 2) <= SUM_BOUND * fabs(all), "what passes adds nothing to a slope's gradient");
}

/* An executor that runs tasks backwards: results must not depend on the order. */
static size_t two_workers(void *self)
{
    (void)self;
    return 2;
}

static void run_backwards(void *self, size_t tasks, hwv_task *task, void *context)
{
    size_t *ran = self;
    for (size_t i = tasks; i-- > 0; ++*ran)
        task(context, i, i % 2);
}

static void tiles(void)
{
    static const size_t shapes[][3] = {{1, 100, 0},   {1, 100000, 0}, {3, 70000, 5}, {700, 333, 0},
                                       {700, 333, 3}, {0, 5, 0},      {5, 0, 0}};
    static real x[250000], dy[250000], y[250000], y_on[250000], dx[250000], dx_on[250000];
    for (size_t i = 0; i < 250000; i++) {
        x[i] = (real)((int64_t)(draw(6, i) % 20001) - 10000) * (real)0.001;
        dy[i] = (real)((int64_t)(draw(7, i) % 20001) - 10000) * (real)0.001;
    }
    for (size_t o = 0; o < hwv_op_count(); o++)
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
            hwv_act act = hwv_act_make(hwv_op_get(o)->op);
            size_t rows = shapes[s][0], cols = shapes[s][1], stride = cols + shapes[s][2], ran = 0;
            hwv_executor backwards = {&ran, two_workers, run_backwards};
            memset(y, 0x55, sizeof y), memset(y_on, 0x55, sizeof y), memset(dx, 0x55, sizeof y),
                memset(dx_on, 0x55, sizeof y);
            hwv_act_forward(&act, REAL_DTYPE, rows, cols, y, stride, x, stride);
            hwv_act_backward(&act, REAL_DTYPE, rows, cols, dx, stride, dy, stride, x, stride);
            const hwv_executor *executor = s % 2 ? &backwards : NULL;
            hwv_act_forward_on(executor, &act, REAL_DTYPE, rows, cols, y_on, stride, x, stride);
            hwv_act_backward_on(executor, &act, REAL_DTYPE, rows, cols, dx_on, stride, dy, stride, x, stride);
            check(memcmp(y, y_on, sizeof y) == 0 && memcmp(dx, dx_on, sizeof dx) == 0, "tiles");
            check(!executor || (ran > 0) == (rows * cols > 32768), "large work goes to the executor");
        }
}

/* Beyond the last-level cache the stores take another way: same bits, at any alignment. */
static void beyond_cache(void)
{
    size_t n = hwv_cache_bytes() / sizeof(real) / 2 + 1000;
    real *x = hwv_calloc(n + 32, sizeof *x), *y = hwv_calloc(n + 32, sizeof *y);
    check(x && y, "memory");
    for (size_t offset = 0; x && y && offset < 4; offset += 3) {
        for (size_t i = 0; i < n; i++)
            x[i] = (real)(i % 1001) * (real)0.01 - 5;
        y[offset + n] = 77;
        hwv_act act = hwv_act_make(HWV_OP_LEAKY_RELU);
        hwv_act_forward(&act, REAL_DTYPE, 1, n, y + offset, n, x, n);
        size_t wrong = 0;
        for (size_t i = 0; i < n; i++)
            wrong += !same_bits(y[offset + i], x[i] > 0 ? x[i] : (real)0.01f * x[i]);
        hwv_act_backward(&act, REAL_DTYPE, 1, n, y + offset, n, x, n, x, n);
        for (size_t i = 0; i < n; i++)
            wrong += !same_bits(y[offset + i], x[i] > 0 ? x[i] : (real)0.01f * x[i]);
        check(wrong == 0 && y[offset + n] == 77, "stores around the cache");
    }
    hwv_free(x);
    hwv_free(y);
}

#if !defined(HWV_TEST_F64)
static void counts(void)
{
    enum { ROWS = 1000, COLS = 1100, WORDS = 20 };
    static const size_t rows[] = {0, 1, 7, 15, 16, 17, 33, 255, 256, 300, ROWS};
    static const size_t cols[] = {0, 1, 10, 32, 63, 64, 65, 128, 200, 256, 512, 513, COLS};
    static uint64_t mask[ROWS * WORDS], got[COLS + 1], wanted[COLS + 1];
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++)
        for (size_t c = 0; c < sizeof cols / sizeof cols[0]; c++)
            for (size_t gap = 0; gap < 2; gap++) {
                size_t words = hwv_mask_words(cols[c]), stride = words + gap;
                uint64_t total = 0;
                memset(wanted, 0, sizeof wanted);
                memset(got, 0, sizeof got);
                got[0] = wanted[0] = 1000; /* counts are added */
                for (size_t i = 0; i < rows[r]; i++)
                    for (size_t w = 0; w < stride; w++) {
                        /* Dense, sparse and full rows; what lies in the gap must not count. */
                        uint64_t bits = draw(1, i * WORDS + w);
                        bits = i % 5 == 0 ? UINT64_MAX : i % 5 == 1 ? bits & draw(2, i * WORDS + w) : bits;
                        if (w + 1 == words && cols[c] % 64)
                            bits &= UINT64_MAX >> (64 - cols[c] % 64);
                        mask[i * stride + w] = bits;
                        for (size_t k = 0; w < words && k < 64; k++)
                            if (bits >> k & 1) {
                                wanted[w * 64 + k]++;
                                total++;
                            }
                    }
                hwv_mask_count(rows[r], cols[c], mask, stride, got);
                check(memcmp(got, wanted, sizeof got) == 0, "counts of columns");
                check(hwv_mask_total(rows[r], cols[c], mask, stride) == total, "count of all");
            }
}

static void copies(void)
{
    float x[301], x2[301], y[304];
    for (size_t i = 0; i < 301; i++)
        x[i] = (float)i, x2[i] = (float)(i * i);
    for (int method = 0; method < HWV_COPY_METHODS; method++)
        for (size_t n = 0; n <= 301; n += 43) {
            memset(y, 0, sizeof y);
            hwv_copy_f32(method, y + 1, x, NULL, n);
            check(memcmp(y + 1, x, n * sizeof *x) == 0 && y[0] == 0 && y[n + 1] == 0, "copy");
            hwv_copy_f32(method, y + 1, x, x2, n);
            size_t wrong = y[0] != 0 || y[n + 1] != 0;
            for (size_t i = 0; i < n; i++)
                wrong += bits_of(y[i + 1]) != (bits_of(x[i]) ^ bits_of(x2[i]));
            check(wrong == 0, "two streams into one");
        }
}
#endif

int main(void)
{
    static const size_t shapes[][2] = {{1, 1}, {1, 7},    {40, 10}, {128, 64},  {33, 65},  {64, 100},
                                       {0, 5}, {1000, 1}, {5, 0},   {130, 300}, {2100, 10}};
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL);
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            prelu_layouts(shapes[s][0], shapes[s][1]);
        prelu_long();
        tiles();
        beyond_cache();
#if !defined(HWV_TEST_F64)
        counts();
        copies();
#endif
    }
    return oracle_end("matrices");
}
