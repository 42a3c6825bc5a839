/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling on every runnable set against plain loops in double: odd sizes, pads, overlap, gaps, channel counts that are
 * no multiple of the lanes, ties, NaN and infinity, closed pages, equal bits for any number of threads. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compare.h"
#include "halfwave/isa.h"
#include "halfwave/random.h"
#include "linalg/pooling.h"
#include "page.h"

#define IMAGES 2
#define EPS    0x1p-24

static const hwv_pooling shapes[] = {
    {.height = 4, .width = 4, .kernel = {2, 2}, .stride = {2, 2}},
    {.height = 9, .width = 7, .kernel = {2, 2}, .stride = {2, 2}},
    {.height = 1, .width = 1, .kernel = {1, 1}, .stride = {1, 1}},
    {.height = 7, .width = 10, .kernel = {3, 2}, .stride = {3, 2}},
    {.height = 8, .width = 6, .kernel = {3, 3}, .stride = {2, 2}},
    {.height = 11, .width = 14, .kernel = {3, 3}, .stride = {2, 2}, .pad_before = {1, 1}, .pad_after = {1, 1}},
    {.height = 5, .width = 6, .kernel = {3, 3}, .stride = {1, 1}, .pad_before = {2, 1}, .pad_after = {0, 2}},
    {.height = 6, .width = 9, .kernel = {2, 2}, .stride = {3, 4}, .pad_before = {1, 0}},
    {.height = 2, .width = 3, .kernel = {5, 4}, .stride = {1, 2}, .pad_before = {4, 3}, .pad_after = {4, 3}},
    {.height = 15, .width = 17, .kernel = {15, 17}, .stride = {1, 1}},
};
static const size_t channels[] = {1, 3, 5, 8, 16, 17, 33};

/* Arrays of one case. The float ones end at a closed page, with a guard in front. */
#define GUARD 16
typedef struct arrays {
    size_t x_count, y_count;
    page_edge x, y, dx, dy, taps;
    double *exact_x, *exact_y, *exact_dx, *exact_dy, *size;
    uint8_t *exact_taps;
} arrays;

static float *floats(const page_edge *edge)
{
    return (float *)edge->data + GUARD;
}

static page_edge floats_make(size_t count)
{
    page_edge edge = page_edge_make((count + GUARD) * sizeof(float));
    for (size_t i = 0; i < GUARD; i++)
        ((float *)edge.data)[i] = -12345.5f;
    return edge;
}

static void floats_free(page_edge *edge)
{
    for (size_t i = 0; i < GUARD; i++)
        assert_true(((float *)edge->data)[i] == -12345.5f);
    page_edge_free(edge);
}

static double *doubles_make(size_t count)
{
    double *x = calloc(count, sizeof *x);
    assert_non_null(x);
    return x;
}

static arrays arrays_make(const hwv_pooling *p, size_t images)
{
    arrays a = {.x_count = images * p->height * p->width * p->channels,
                .y_count = images * hwv_pooling_height(p) * hwv_pooling_width(p) * p->channels};
    page_edge *edges[] = {&a.x, &a.dx, &a.y, &a.dy};
    double **truths[] = {&a.exact_x, &a.exact_dx, &a.exact_y, &a.exact_dy};
    for (size_t i = 0; i < 4; i++) {
        *edges[i] = floats_make(i < 2 ? a.x_count : a.y_count);
        *truths[i] = doubles_make(i < 2 ? a.x_count : a.y_count);
    }
    a.size = doubles_make(a.x_count > a.y_count ? a.x_count : a.y_count);
    a.taps = page_edge_make(a.y_count);
    a.exact_taps = calloc(a.y_count, 1);
    assert_non_null(a.exact_taps);
    return a;
}

static void arrays_free(arrays *a)
{
    page_edge *edges[] = {&a->x, &a->dx, &a->y, &a->dy};
    double *truths[] = {a->exact_x, a->exact_dx, a->exact_y, a->exact_dy, a->size};
    for (size_t i = 0; i < 4; i++)
        floats_free(edges[i]);
    for (size_t i = 0; i < 5; i++)
        free(truths[i]);
    page_edge_free(&a->taps);
    free(a->exact_taps);
}

/* Whole numbers of which many are equal, or reals; as float and as double. What is to be overwritten is NaN. */
static void fill(arrays *a, bool whole)
{
    for (size_t i = 0; i < a->x_count; i++) {
        double u = hwv_random_uniform(3, HWV_STREAM_TEST, 1, i) - 0.5;
        floats(&a->x)[i] = (float)(whole ? floor(8 * u) : u);
        a->exact_x[i] = (double)floats(&a->x)[i];
        floats(&a->dx)[i] = NAN;
    }
    for (size_t i = 0; i < a->y_count; i++) {
        double u = hwv_random_uniform(3, HWV_STREAM_TEST, 2, i) - 0.5;
        floats(&a->dy)[i] = (float)(whole ? floor(64 * u) : u);
        a->exact_dy[i] = (double)floats(&a->dy)[i];
        floats(&a->y)[i] = NAN;
    }
}

/* |got - exact| <= terms * EPS * size, element by element. */
static void within(const char *label, const float *got, const double *exact, const double *size, size_t n, double terms)
{
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)got[i] - exact[i]) <= terms * EPS * size[i]))
            fail_msg("%s: element %zu: %.9g, should be %.17g", label, i, (double)got[i], exact[i]);
}

static void absolute(double *to, const double *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = fabs(from[i]);
}

static void check_maximum(const hwv_pooling *p, const char *label)
{
    arrays a = arrays_make(p, IMAGES);
    fill(&a, true);
    const float odd[] = {NAN, -INFINITY, INFINITY, -0.0f, NAN, -INFINITY, -INFINITY};
    for (int special = 0; special < 2; special++) {
        for (size_t i = 0; special && i < a.x_count; i += 1 + i % 5)
            a.exact_x[i] = (double)(floats(&a.x)[i] = odd[i % 7]);
        hwv_max_pool_forward_reference(p, IMAGES, a.exact_x, a.exact_y, a.exact_taps);
        hwv_max_pool_forward(p, NULL, IMAGES, floats(&a.x), floats(&a.y), a.taps.data);
        assert_true(compare_rounded(label, floats(&a.y), a.exact_y, a.y_count, true));
        assert_memory_equal(a.taps.data, a.exact_taps, a.y_count);
        memset(floats(&a.y), 0xff, a.y_count * sizeof(float));
        hwv_max_pool_forward(p, NULL, IMAGES, floats(&a.x), floats(&a.y), NULL);
        assert_true(compare_rounded(label, floats(&a.y), a.exact_y, a.y_count, true));
        hwv_max_pool_backward_reference(p, IMAGES, a.exact_dy, a.exact_taps, a.exact_dx);
        hwv_max_pool_backward(p, NULL, IMAGES, floats(&a.dy), a.taps.data, floats(&a.dx));
        assert_true(compare_rounded(label, floats(&a.dx), a.exact_dx, a.x_count, false)); /* sums of whole numbers */
    }
    arrays_free(&a);
}

static void check_mean(hwv_pooling p, bool count_pad, const char *label)
{
    p.count_pad = count_pad;
    const double taps = (double)(p.kernel[0] * p.kernel[1]);
    arrays a = arrays_make(&p, IMAGES);
    fill(&a, true); /* the sum is exact, the quotient rounded once */
    hwv_average_pool_forward_reference(&p, IMAGES, a.exact_x, a.exact_y);
    hwv_average_pool_forward(&p, NULL, IMAGES, floats(&a.x), floats(&a.y));
    assert_true(compare_rounded(label, floats(&a.y), a.exact_y, a.y_count, false));
    fill(&a, false);
    absolute(a.exact_dx, a.exact_x, a.x_count);
    hwv_average_pool_forward_reference(&p, IMAGES, a.exact_dx, a.size);
    hwv_average_pool_forward_reference(&p, IMAGES, a.exact_x, a.exact_y);
    hwv_average_pool_forward(&p, NULL, IMAGES, floats(&a.x), floats(&a.y));
    within(label, floats(&a.y), a.exact_y, a.size, a.y_count, taps + 1);
    absolute(a.exact_y, a.exact_dy, a.y_count);
    hwv_average_pool_backward_reference(&p, IMAGES, a.exact_y, a.size);
    hwv_average_pool_backward_reference(&p, IMAGES, a.exact_dy, a.exact_dx);
    hwv_average_pool_backward(&p, NULL, IMAGES, floats(&a.dy), floats(&a.dx));
    within(label, floats(&a.dx), a.exact_dx, a.size, a.x_count, taps + 3); /* 1/n, the product, a sum of products */
    arrays_free(&a);
}

/* Over whole images; sums of 32 terms each, then of those. */
static void check_global(const hwv_pooling *shape, const char *label)
{
    const size_t pixels = shape->height * shape->width;
    const hwv_pooling p = {
        .height = pixels, .width = 1, .channels = shape->channels, .kernel = {pixels, 1}, .stride = {pixels, 1}};
    arrays a = arrays_make(&p, IMAGES);
    fill(&a, false);
    absolute(a.exact_dx, a.exact_x, a.x_count);
    hwv_average_pool_forward_reference(&p, IMAGES, a.exact_dx, a.size);
    hwv_average_pool_forward_reference(&p, IMAGES, a.exact_x, a.exact_y);
    hwv_global_average_forward(NULL, IMAGES, pixels, p.channels, floats(&a.x), floats(&a.y));
    within(label, floats(&a.y), a.exact_y, a.size, a.y_count, 34 + (double)pixels / 32);
    absolute(a.exact_y, a.exact_dy, a.y_count);
    hwv_average_pool_backward_reference(&p, IMAGES, a.exact_y, a.size);
    hwv_average_pool_backward_reference(&p, IMAGES, a.exact_dy, a.exact_dx);
    hwv_global_average_backward(NULL, IMAGES, pixels, p.channels, floats(&a.dy), floats(&a.dx));
    within(label, floats(&a.dx), a.exact_dx, a.size, a.x_count, 2.5);
    arrays_free(&a);
}

static void test_against_loops(void **state)
{
    (void)state;
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL), HWV_OK);
        for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
            for (size_t c = 0; c < sizeof channels / sizeof channels[0]; c++) {
                hwv_pooling p = shapes[s];
                char label[80];
                p.channels = channels[c];
                snprintf(label, sizeof label, "shape %zu, %zu channels, %s", s, p.channels,
                         hwv_isa_name(hwv_isa_current()));
                check_maximum(&p, label);
                check_mean(p, false, label);
                check_mean(p, true, label);
                check_global(&p, label);
            }
    }
}

/* Everything on `executor`, into one array. */
static size_t run_all(const hwv_pooling *p, const hwv_executor *executor, size_t images, arrays *a, float *to)
{
    size_t n = 0;
    fill(a, false);
    hwv_max_pool_forward(p, executor, images, floats(&a->x), floats(&a->y), a->taps.data);
    memcpy(to, floats(&a->y), a->y_count * sizeof(float));
    hwv_max_pool_backward(p, executor, images, floats(&a->dy), a->taps.data, floats(&a->dx));
    memcpy(to + (n += a->y_count), floats(&a->dx), a->x_count * sizeof(float));
    hwv_average_pool_forward(p, executor, images, floats(&a->x), floats(&a->y));
    memcpy(to + (n += a->x_count), floats(&a->y), a->y_count * sizeof(float));
    hwv_average_pool_backward(p, executor, images, floats(&a->dy), floats(&a->dx));
    memcpy(to + (n += a->y_count), floats(&a->dx), a->x_count * sizeof(float));
    hwv_global_average_forward(executor, images, p->height * p->width, p->channels, floats(&a->x), floats(&a->y));
    memcpy(to + (n += a->x_count), floats(&a->y), images * p->channels * sizeof(float));
    hwv_global_average_backward(executor, images, p->height * p->width, p->channels, floats(&a->dy), floats(&a->dx));
    memcpy(to + (n += images * p->channels), floats(&a->dx), a->x_count * sizeof(float));
    return n + a->x_count;
}

static void test_threads(void **state)
{
    (void)state;
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++) {
        hwv_pooling p = shapes[s];
        size_t images = 5, area = p.kernel[0] * p.kernel[1];
        p.height *= area < 100 ? 5 : 2;
        p.width *= area < 100 ? 5 : 2;
        p.channels = 67;
        arrays a = arrays_make(&p, images);
        float *alone = malloc(4 * (a.x_count + a.y_count) * sizeof(float));
        float *many = malloc(4 * (a.x_count + a.y_count) * sizeof(float));
        assert_true(alone && many);
        size_t n = run_all(&p, NULL, images, &a, alone);
        for (size_t threads = 1; threads <= 3; threads++) {
            hwv_pool *pool;
            assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
            assert_int_equal(run_all(&p, hwv_pool_executor(pool), images, &a, many), n);
            assert_true(compare_bits("threads", many, alone, n));
            hwv_pool_destroy(pool);
        }
        free(alone);
        free(many);
        arrays_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_loops),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
