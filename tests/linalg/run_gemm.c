/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Matrix products on every runnable set against plain loops in double: all transposes, odd sizes, wide
 * strides, accumulation and bias, guard bytes, page edges, NaN and infinity, equal bits for any workers. */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/isa.h"
#include "halfwave/pool.h"
#include "halfwave/random.h"
#include "linalg/gemm.h"
#include "page.h"

#define SEED  UINT64_C(20)
#define GUARD -12345.5f

static unsigned failures;
static size_t checked;

static const char *describe(const hwv_gemm *g)
{
    static char text[160];
    snprintf(text, sizeof text, "%s: m=%zu n=%zu k=%zu%s%s%s", hwv_isa_name(hwv_isa_current()), g->m, g->n, g->k,
             g->a_transposed ? " A'" : "", g->b_transposed ? " B'" : "", g->accumulate ? " +=" : "");
    return text;
}

static void fail(const hwv_gemm *g, const char *what)
{
    if (failures++ < 20)
        printf("FAIL %s: %s\n", describe(g), what);
}

static void *allocate(size_t count, size_t size)
{
    void *block = calloc(count > 0 ? count : 1, size);
    if (!block) {
        printf("out of memory\n");
        exit(1);
    }
    return block;
}

static void fill(float *x, size_t count, uint32_t stream)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t r[4];
        hwv_philox(SEED, stream, 0, i, r);
        x[i] = (float)((int32_t)r[0]) * 0x1p-30f;
    }
}

/* Operands of one case. a, b end at their last element; the caller frees with release. */
typedef struct operands {
    hwv_gemm g;
    size_t a_rows, a_cols, b_rows, b_cols, lda, ldb, ldc;
    float *a, *b, *c, *bias, *start;
    void *workspace;
} operands;

static operands make(hwv_gemm g, size_t extra, size_t workers)
{
    operands o = {.g = g};
    o.a_rows = g.a_transposed ? g.k : g.m;
    o.a_cols = g.a_transposed ? g.m : g.k;
    o.b_rows = g.b_transposed ? g.n : g.k;
    o.b_cols = g.b_transposed ? g.k : g.n;
    o.lda = o.a_cols + extra;
    o.ldb = o.b_cols + 2 * extra;
    o.ldc = g.n + 3 * extra;
    o.a = allocate(o.a_rows * o.lda, sizeof(float));
    o.b = allocate(o.b_rows * o.ldb, sizeof(float));
    o.c = allocate((g.m + 2) * o.ldc, sizeof(float));
    o.start = allocate((g.m + 2) * o.ldc, sizeof(float));
    o.bias = allocate(g.n, sizeof(float));
    o.workspace = allocate(hwv_gemm_workspace(&g, workers), 1);
    fill(o.a, o.a_rows * o.lda, 1);
    fill(o.b, o.b_rows * o.ldb, 2);
    fill(o.bias, g.n, 3);
    for (size_t i = 0; i < (g.m + 2) * o.ldc; i++)
        o.start[i] = GUARD;
    for (size_t i = 0; i < g.m; i++)
        fill(o.start + (i + 1) * o.ldc, g.n, (uint32_t)(4 + i));
    return o;
}

static void release(operands *o)
{
    free(o->a);
    free(o->b);
    free(o->c);
    free(o->start);
    free(o->bias);
    free(o->workspace);
}

static void run(operands *o, const hwv_executor *executor, const float *bias)
{
    memcpy(o->c, o->start, (o->g.m + 2) * o->ldc * sizeof(float));
    hwv_gemm_run_bias(&o->g, executor, o->a, o->lda, o->b, o->ldb, o->c + o->ldc, o->ldc, bias, o->workspace);
}

static double a_at(const operands *o, size_t i, size_t k)
{
    return (double)(o->g.a_transposed ? o->a[k * o->lda + i] : o->a[i * o->lda + k]);
}

static double b_at(const operands *o, size_t k, size_t j)
{
    return (double)(o->g.b_transposed ? o->b[j * o->ldb + k] : o->b[k * o->ldb + j]);
}

/* Every sum is a chain of k + 1 roundings (2k + 1 without fused multiply-add), each at most half an ULP of a
 * partial sum that is at most sum|a||b| + |c| + |bias|. */
static void compare(operands *o, const float *bias)
{
    const hwv_gemm *g = &o->g;
    for (size_t i = 0; i < g->m; i++) {
        for (size_t j = 0; j < g->n; j++) {
            double sum = g->accumulate ? (double)o->start[(i + 1) * o->ldc + j] : 0.0, size = fabs(sum);
            for (size_t k = 0; k < g->k; k++) {
                double product = a_at(o, i, k) * b_at(o, k, j);
                sum += product;
                size += fabs(product);
            }
            if (bias) {
                sum += (double)bias[j];
                size += fabs((double)bias[j]);
            }
            double bound = (double)(g->k + 1) * FLT_EPSILON * size;
            double got = (double)o->c[(i + 1) * o->ldc + j];
            checked++;
            if (!(fabs(got - sum) <= bound)) {
                char text[160];
                snprintf(text, sizeof text, "[%zu,%zu] is %.9g, should be %.9g, bound %.3g", i, j, got, sum, bound);
                fail(g, text);
                return;
            }
        }
    }
    for (size_t i = 0; i < g->m + 2; i++) {
        for (size_t j = (i == 0 || i == g->m + 1) ? 0 : g->n; j < o->ldc; j++) {
            if (o->c[i * o->ldc + j] != GUARD) {
                fail(g, "wrote outside C");
                return;
            }
        }
    }
}

static hwv_gemm variant(size_t m, size_t n, size_t k, unsigned bits)
{
    return (hwv_gemm){.m = m,
                      .n = n,
                      .k = k,
                      .a_transposed = (bits & 1) != 0,
                      .b_transposed = (bits & 2) != 0,
                      .accumulate = (bits & 4) != 0};
}

/* The same bits, to the guards, from a packed B. Behind a run. */
static void check_packed(operands *o, const hwv_executor *executor, const float *bias)
{
    const size_t bytes = (o->g.m + 2) * o->ldc * sizeof(float), packed_bytes = hwv_gemm_packed_bytes(&o->g);
    float *first = allocate(bytes, 1);
    page_edge packed = page_edge_make(packed_bytes);
    memcpy(first, o->c, bytes);
    memcpy(o->c, o->start, bytes);
    hwv_gemm_pack(&o->g, executor, o->b, o->ldb, packed.data);
    hwv_gemm_run_packed(&o->g, executor, o->a, o->lda, packed.data, o->c + o->ldc, o->ldc, bias, o->workspace);
    checked++;
    if (memcmp(first, o->c, bytes) != 0)
        fail(&o->g, "other bits with B packed");
    page_edge_free(&packed);
    free(first);
}

static void check_values(size_t m, size_t n, size_t k, unsigned bits, size_t extra)
{
    operands o = make(variant(m, n, k, bits), extra, 1);
    const float *bias = (bits & 8) ? o.bias : NULL;
    run(&o, NULL, bias);
    compare(&o, bias);
    if ((m + n + k) % 8 == 0)
        check_packed(&o, NULL, bias);
    release(&o);
}

/* Sizes 1..40: every pair (m, n) with a k that goes through 0..40 as well. */
static void check_small(void)
{
    for (size_t m = 1; m <= 40; m++)
        for (size_t n = 1; n <= 40; n++)
            check_values(m, n, (m * 7 + n * 3) % 41, (unsigned)(m + n * 5) % 16, (m + n) % 3);
    for (unsigned bits = 0; bits < 16; bits++)
        for (size_t k = 0; k <= 40; k++)
            check_values(1 + (k * 5) % 40, 1 + (k * 11) % 40, k, bits, k % 4);
}

static void check_large(void)
{
    static const size_t shapes[][3] = {{65, 130, 70}, {70, 33, 513},  {3, 530, 600},  {21, 97, 1030},
                                       {5, 545, 520}, {130, 258, 40}, {18, 20, 1025}, {100, 1, 700}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (unsigned bits = 0; bits < 16; bits++)
            check_values(shapes[s][0], shapes[s][1], shapes[s][2], bits, s % 3);
    /* Strides that are multiples of a kibibyte, or long ones of a transposed A: strips of A are copied. */
    for (unsigned bits = 0; bits < 16; bits++)
        check_values(17, 290, bits & 1 ? 70 : 768, bits, bits & 1 ? 1024 : 0);
}

/* The same bits on 1, 2, 3 and 5 workers, with B packed before, with another alignment of the workspace, and for one row
 * computed alone. */
static void check_workers(void)
{
    static const size_t shapes[][3] = {{65, 130, 517}, {10, 1100, 130}, {300, 40, 100}, {200, 130, 70}, {70, 260, 256}};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        for (unsigned bits = 0; bits < 16; bits++) {
            operands o = make(variant(shapes[s][0], shapes[s][1], shapes[s][2], bits), s % 2, 5);
            const float *bias = (bits & 8) ? o.bias : NULL;
            size_t bytes = (o.g.m + 2) * o.ldc * sizeof(float);
            float *first = allocate(bytes, 1);
            run(&o, NULL, bias);
            memcpy(first, o.c, bytes);
            static const size_t workers[] = {1, 2, 3, 5};
            for (size_t w = 0; w < sizeof workers / sizeof *workers; w++) {
                hwv_pool *pool = NULL;
                hwv_error error = {HWV_OK, ""};
                if (hwv_pool_create(&pool, workers[w], &error) != HWV_OK) {
                    fail(&o.g, error.text);
                    continue;
                }
                run(&o, hwv_pool_executor(pool), bias);
                check_packed(&o, hwv_pool_executor(pool), bias);
                hwv_pool_destroy(pool);
                checked++;
                if (memcmp(first, o.c, bytes) != 0)
                    fail(&o.g, "other bits with more workers");
            }
            free(o.workspace);
            o.workspace = allocate(hwv_gemm_workspace(&o.g, 1) + 4, 1);
            operands shifted = o;
            shifted.workspace = (char *)o.workspace + 4;
            run(&shifted, NULL, bias);
            if (memcmp(first, o.c, bytes) != 0)
                fail(&o.g, "other bits with another workspace");

            size_t row = o.g.m / 2;
            operands one = o;
            one.g.m = 1;
            one.a += o.g.a_transposed ? row : row * o.lda;
            memcpy(o.c, o.start, bytes);
            hwv_gemm_run_bias(&one.g, NULL, one.a, o.lda, o.b, o.ldb, o.c + (row + 1) * o.ldc, o.ldc, bias,
                              o.workspace);
            if (memcmp(first + (row + 1) * o.ldc, o.c + (row + 1) * o.ldc, o.g.n * sizeof(float)) != 0)
                fail(&o.g, "other bits for a row alone");
            free(first);
            release(&o);
        }
    }
}

/* What was told of A. */
typedef struct told {
    const operands *o;
    unsigned char *times; /* of each element */
    bool odd;             /* something not promised */
} told;

static void see(void *context, size_t first, size_t rows, size_t k, size_t depth, const float *a, size_t lda)
{
    told *t = context;
    const operands *o = t->o;
    t->odd = t->odd || rows == 0 || first % HWV_GEMM_SEEN_EACH != 0 || rows > HWV_GEMM_SEEN_ROWS ||
             k % HWV_GEMM_SEEN_DEPTH != 0 || (depth % HWV_GEMM_SEEN_DEPTH != 0 && k + depth != o->g.k) ||
             a != o->a + first * o->lda + k || lda != o->lda;
    for (size_t i = first; i < first + rows; i++)
        for (size_t j = k; j < k + depth; j++)
            t->times[i * o->g.k + j]++;
}

/* A is told once, whatever the shape, the workers and the form of B, and nothing else changes. */
static void check_seen(void)
{
    static const size_t shapes[][3] = {{1, 1, 1},      {8, 40, 70},    {13, 130, 513}, {33, 600, 40},
                                       {70, 33, 1030}, {17, 290, 768}, {200, 130, 70}};
    hwv_pool *pool = NULL;
    hwv_error error = {HWV_OK, ""};
    if (hwv_pool_create(&pool, 2, &error) != HWV_OK) {
        fail(&(hwv_gemm){0}, error.text);
        return;
    }
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (unsigned bits = 0; bits < 8; bits += 2) {
            operands o = make(variant(shapes[s][0], shapes[s][1], shapes[s][2], bits), s % 2, 2);
            const size_t bytes = (o.g.m + 2) * o.ldc * sizeof(float);
            float *first = allocate(bytes, 1);
            told t = {.o = &o, .times = allocate(o.g.m * o.g.k, 1)};
            memset(t.times, 0, o.g.m * o.g.k);
            run(&o, NULL, NULL);
            memcpy(first, o.c, bytes);
            o.g.seen = see;
            o.g.context = &t;
            run(&o, s % 2 ? hwv_pool_executor(pool) : NULL, NULL);
            if (memcmp(first, o.c, bytes) != 0)
                fail(&o.g, "other bits where A is told");
            check_packed(&o, NULL, NULL);
            for (size_t i = 0; i < o.g.m * o.g.k; i++)
                t.odd = t.odd || t.times[i] != 2;
            if (t.odd)
                fail(&o.g, "A is not told once");
            checked++;
            free(first);
            free(t.times);
            release(&o);
        }
    hwv_pool_destroy(pool);
}

/* Zeros are not skipped: 0 * NaN and 0 * inf are NaN, and nothing spreads to other rows or columns. */
static void check_special(void)
{
    for (unsigned bits = 0; bits < 4; bits++) {
        for (size_t n = 1; n <= 40; n += 13) {
            operands o = make(variant(11, n, 19, bits), 1, 1);
            for (size_t i = 0; i < o.a_rows * o.lda; i++)
                o.a[i] = 0.0f;
            size_t at = o.g.b_transposed ? (n - 1) * o.ldb + 18 : 18 * o.ldb + n - 1;
            o.b[at] = bits & 1 ? NAN : INFINITY;
            run(&o, NULL, NULL);
            for (size_t i = 0; i < 11; i++)
                for (size_t j = 0; j < n; j++)
                    if ((j == n - 1) != isnan(o.c[(i + 1) * o.ldc + j]))
                        fail(&o.g, "NaN lost or spread (B)");
            fill(o.b, o.b_rows * o.ldb, 2);
            o.a[o.g.a_transposed ? 3 * o.lda + 10 : 10 * o.lda + 3] = NAN;
            run(&o, NULL, NULL);
            for (size_t i = 0; i < 11; i++)
                for (size_t j = 0; j < n; j++)
                    if ((i == 10) != isnan(o.c[(i + 1) * o.ldc + j]))
                        fail(&o.g, "NaN lost or spread (A)");
            checked += 2 * 11 * n;
            release(&o);
        }
    }
}

/* Nothing beyond the last element of A, B, C or bias is read or written: the next byte faults. */
static void check_edges(void)
{
    for (unsigned bits = 0; bits < 16; bits++) {
        for (size_t n = 1; n <= 37; n += 4) {
            operands o = make(variant(13, n, 1 + (n * 5) % 37, bits), 0, 1);
            size_t a_count = o.a_rows * o.lda, b_count = o.b_rows * o.ldb, c_count = o.g.m * n;
            page_edge a = page_edge_make(a_count * sizeof(float)), b = page_edge_make(b_count * sizeof(float));
            page_edge c = page_edge_make(c_count * sizeof(float)), bias = page_edge_make(n * sizeof(float));
            memcpy(a.data, o.a, a_count * sizeof(float));
            memcpy(b.data, o.b, b_count * sizeof(float));
            memcpy(c.data, o.start + o.ldc, c_count * sizeof(float));
            memcpy(bias.data, o.bias, n * sizeof(float));
            const float *used = (bits & 8) ? o.bias : NULL;
            run(&o, NULL, used);
            hwv_gemm_run_bias(&o.g, NULL, a.data, o.lda, b.data, o.ldb, c.data, o.ldc, used ? bias.data : NULL,
                              o.workspace);
            checked++;
            if (memcmp(c.data, o.c + o.ldc, c_count * sizeof(float)) != 0)
                fail(&o.g, "other bits at a page's edge");
            page_edge_free(&a);
            page_edge_free(&b);
            page_edge_free(&c);
            page_edge_free(&bias);
            release(&o);
        }
    }
}

/* The double reference itself, on a product computed by hand. */
static void check_reference(void)
{
    const double a[] = {1, 2, 3, 4, 5, 6}, at[] = {1, 4, 2, 5, 3, 6}, b[] = {7, 8, 9, 10, 11, 12};
    const double bt[] = {7, 9, 11, 8, 10, 12}, bias[] = {0.5, -0.5}, want[] = {58, 64, 139, 154};
    for (unsigned bits = 0; bits < 8; bits++) {
        hwv_gemm g = variant(2, 2, 3, bits);
        double c[] = {1000, 2000, 3000, 4000}, from[] = {1000, 2000, 3000, 4000};
        hwv_gemm_reference(&g, g.a_transposed ? at : a, g.a_transposed ? 2 : 3, g.b_transposed ? bt : b,
                           g.b_transposed ? 3 : 2, c, 2, bias);
        for (size_t i = 0; i < 4; i++)
            if (c[i] != (g.accumulate ? from[i] : 0.0) + want[i] + bias[i % 2])
                fail(&g, "the reference is wrong");
    }
}

int main(void)
{
    check_reference();
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        hwv_error error = {HWV_OK, ""};
        if (hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), &error) != HWV_OK) {
            printf("FAIL %s\n", error.text);
            return 1;
        }
        check_small();
        check_large();
        check_workers();
        check_seen();
        check_special();
        check_edges();
        printf("%s: %zu elements and cases checked so far\n", hwv_isa_name(hwv_isa_current()), checked);
    }
    printf("%u failed\n", failures);
    return failures > 0;
}
