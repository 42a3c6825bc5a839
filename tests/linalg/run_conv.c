/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution on every runnable set against plain loops in double: many shapes, all three directions; nothing read or
 * written beyond any array (each ends at a closed page); equal bits for any number of workers, and on all sets with
 * fused multiply-add; with packed weights and a map of the filters the bits of a pass over y; NaN and infinity. */
#include <float.h>

#include "conv_problem.h"
#include "halfwave/pool.h"
#include "linalg/dispatch.h"

/* All that a shape needs; results y, dx, dw. */
typedef struct problem {
    shape shape;
    array x, w, bias, y, dx, dw, dy;
    float *start; /* what dw begins with when it accumulates */
    unsigned char *covered;
    page_edge space[3];
} problem;

static size_t y_count(const shape *s)
{
    return s->images * hwv_conv_height(&s->conv) * hwv_conv_width(&s->conv) * s->conv.filters;
}

static problem problem_make(const shape *s, size_t workers)
{
    const hwv_conv *c = &s->conv;
    const size_t x = s->images * c->height * c->width * c->channels;
    const size_t w = c->filters * (c->channels / c->groups) * c->kernel[0] * c->kernel[1];
    problem p = {.shape = *s,
                 .x = array_make(x, 1),
                 .w = array_make(w, 2),
                 .bias = array_make(c->filters, 3),
                 .y = array_make(y_count(s), 4),
                 .dx = array_make(x, 5),
                 .dw = array_make(w, 6),
                 .dy = array_make(y_count(s), 7),
                 .start = allocate(w, sizeof(float)),
                 .covered = allocate(y_count(s), 1),
                 .space = {page_edge_make(hwv_conv_forward_workspace(c, s->images, workers)),
                           page_edge_make(hwv_conv_backward_data_workspace(c, s->images, workers)),
                           page_edge_make(hwv_conv_backward_weight_workspace(c, s->images, workers))}};
    memcpy(p.start, p.dw.at, w * sizeof(float));
    return p;
}

static void problem_free(problem *p)
{
    array *all[] = {&p->x, &p->w, &p->bias, &p->y, &p->dx, &p->dw, &p->dy};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        array_free(all[i]);
    free(p->start);
    free(p->covered);
    for (size_t i = 0; i < 3; i++)
        page_edge_free(&p->space[i]);
}

/* Workers write to different elements. */
static void cover(void *context, size_t first, size_t count)
{
    problem *p = context;
    for (size_t i = first; i < first + count; i++)
        p->covered[i]++;
}

static void run(problem *p, const hwv_executor *executor, bool bias, bool accumulate)
{
    const shape *s = &p->shape;
    memset(p->covered, 0, y_count(s));
    memset(p->y.at, 0xff, p->y.count * sizeof(float));
    memset(p->dx.at, 0xff, p->dx.count * sizeof(float));
    memset(p->dw.at, 0xff, p->dw.count * sizeof(float));
    for (size_t i = 0; i < 3; i++)
        memset(p->space[i].data, 0xff, p->space[i].size / 2 < 64 ? 0 : 64);
    if (accumulate)
        memcpy(p->dw.at, p->start, p->dw.count * sizeof(float));
    hwv_conv_forward(&s->conv, executor, s->images, p->x.at, p->w.at, bias ? p->bias.at : NULL, p->y.at, cover, p,
                     p->space[0].data);
    hwv_conv_backward_data(&s->conv, executor, s->images, p->dy.at, p->w.at, p->dx.at, p->space[1].data);
    hwv_conv_backward_weight(&s->conv, executor, s->images, p->x.at, p->dy.at, p->dw.at, accumulate, p->space[2].data);
}

/* Every element is a sum of `terms` products: terms + 1 roundings, or 2 terms + 1 without fused multiply-add, each
 * at most half an ULP of a partial sum that is at most the sum of the absolute values. */
static void compare(problem *p, const char *name, const array *got, size_t terms)
{
    for (size_t i = 0; i < got->count; i++) {
        const double bound = (double)(terms + 2) * FLT_EPSILON * got->size[i];
        checked++;
        if (!(fabs((double)got->at[i] - got->exact[i]) <= bound)) {
            char text[160];
            snprintf(text, sizeof text, "%s[%zu] is %.9g, should be %.9g, bound %.3g", name, i, (double)got->at[i],
                     got->exact[i], bound);
            fail(&p->shape, text);
            return;
        }
    }
}

static void reference(problem *p, bool bias, bool accumulate)
{
    const shape *s = &p->shape;
    for (int absolute = 0; absolute < 2; absolute++) {
        const double *x = absolute ? p->x.size : p->x.exact, *w = absolute ? p->w.size : p->w.exact;
        const double *b = absolute ? p->bias.size : p->bias.exact, *dy = absolute ? p->dy.size : p->dy.exact;
        double *dw = absolute ? p->dw.size : p->dw.exact;
        hwv_conv_forward_reference(&s->conv, s->images, x, w, bias ? b : NULL, absolute ? p->y.size : p->y.exact);
        hwv_conv_backward_data_reference(&s->conv, s->images, dy, w, absolute ? p->dx.size : p->dx.exact);
        hwv_conv_backward_weight_reference(&s->conv, s->images, x, dy, dw);
        for (size_t i = 0; i < p->dw.count && accumulate; i++)
            dw[i] += absolute ? fabs((double)p->start[i]) : (double)p->start[i];
    }
}

/* Behind a plain run, whose y becomes what is expected. */
static void check_map(problem *p, const hwv_executor *executor, bool bias)
{
    const shape *s = &p->shape;
    array map[] = {array_make(s->conv.filters, 8), array_make(s->conv.filters, 9), array_make(s->conv.filters, 10)};
    page_edge packed = page_edge_make(hwv_conv_packed_bytes(&s->conv));
    const hwv_batch_norm_map all = {s->conv.filters, map[0].at, map[1].at, map[2].at, NULL};
    const hwv_conv_after after = {
        .bias = bias ? p->bias.at : NULL, .map = {map[0].at, map[1].at, map[2].at}, .finish = cover, .context = p};
    hwv_linalg_kernels_of(hwv_isa_current())
        ->batch_norm->map(y_count(s) / s->conv.filters, &all, p->y.at, NULL, p->y.at);
    const uint64_t expected = bits_of(&p->y);
    hwv_conv_pack_weight(&s->conv, executor, p->w.at, packed.data);
    for (size_t i = 0; i < 2; i++) {
        memset(p->y.at, 0xff, p->y.count * sizeof(float));
        hwv_conv_forward_then(&s->conv, executor, s->images, p->x.at, p->w.at, i == 0 ? packed.data : NULL, &after,
                              p->y.at, p->space[0].data);
        if (bits_of(&p->y) != expected)
            fail(s, i == 0 ? "other bits with a map and packed weights" : "other bits with a map");
    }
    page_edge_free(&packed);
    for (size_t i = 0; i < 3; i++)
        array_free(&map[i]);
}

static void check(const shape *s, hwv_pool *const pools[], size_t pool_count)
{
    const bool bias = s->conv.filters % 3 != 0, accumulate = s->images % 2 != 0;
    const hwv_conv *c = &s->conv;
    problem p = problem_make(s, pool_count);
    const array *results[] = {&p.y, &p.dx, &p.dw};
    uint64_t fused[3] = {0, 0, 0};
    bool have_fused = false;
    reference(&p, bias, accumulate);
    for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
        hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL);
        run(&p, NULL, bias, accumulate);
        compare(&p, "y", &p.y, c->kernel[0] * c->kernel[1] * c->channels / c->groups);
        compare(&p, "dx", &p.dx, c->kernel[0] * c->kernel[1] * c->filters / c->groups);
        compare(&p, "dw", &p.dw, s->images * hwv_conv_height(c) * hwv_conv_width(c));
        uint64_t bits[3];
        for (size_t i = 0; i < 3; i++)
            bits[i] = bits_of(results[i]);
        if (fuses() && have_fused && memcmp(bits, fused, sizeof bits) != 0)
            fail(s, "other bits than another set with fused multiply-add");
        if (fuses()) {
            memcpy(fused, bits, sizeof bits);
            have_fused = true;
        }
        for (size_t w = 0; w < pool_count; w++) {
            run(&p, hwv_pool_executor(pools[w]), bias, accumulate);
            for (size_t i = 0; i < 3; i++)
                if (bits_of(results[i]) != bits[i])
                    fail(s, "other bits with more workers");
            for (size_t i = 0; i < y_count(s) / c->filters; i++)
                if (p.covered[i] != 1)
                    fail(s, "finish was not called once for each pixel");
        }
        check_map(&p, pool_count > 0 ? hwv_pool_executor(pools[0]) : NULL, bias);
    }
    problem_free(&p);
}

/* A drawn shape; the padded input is at least as large as the kernel. */
static shape drawn(uint64_t index)
{
    static const size_t groups[] = {1, 1, 1, 1, 2, 3, 5, 8};
    shape s = {.images = draw(100, index, 4)};
    hwv_conv *c = &s.conv;
    c->groups = groups[draw(101, index, 8)];
    c->channels = c->groups * (1 + draw(102, index, 3) * draw(103, index, 7));
    c->filters = c->groups * (1 + draw(104, index, 3) * draw(105, index, 12));
    for (size_t d = 0; d < 2; d++) {
        const uint64_t at = 2 * index + d;
        c->kernel[d] = 1 + draw(106, at, 5);
        c->stride[d] = 1 + draw(107, at, 3);
        c->pad_before[d] = draw(108, at, c->kernel[d] + 1);
        c->pad_after[d] = draw(109, at, c->kernel[d] + 1);
        const size_t least =
            c->kernel[d] > c->pad_before[d] + c->pad_after[d] ? c->kernel[d] - c->pad_before[d] - c->pad_after[d] : 1;
        const size_t size = least + draw(110, at, 14);
        *(d == 0 ? &c->height : &c->width) = size;
    }
    return s;
}

static void check_shapes(hwv_pool *const pools[], size_t pool_count)
{
    const shape shapes[] = {
        square(3, 28, 1, 32, 5, 1, 2, 1),
        square(2, 14, 32, 64, 5, 1, 2, 1),
        square(2, 32, 3, 32, 3, 1, 1, 1),
        square(2, 16, 32, 64, 3, 1, 1, 1),
        square(3, 8, 64, 70, 3, 1, 1, 1),
        square(2, 23, 3, 16, 7, 2, 3, 1),
        square(2, 9, 20, 33, 1, 1, 0, 1),
        square(2, 9, 20, 33, 1, 2, 0, 1),
        square(1, 10, 6, 10, 5, 1, 0, 1),
        square(2, 12, 16, 16, 3, 1, 1, 4),
        square(2, 12, 40, 40, 3, 1, 1, 40),
        square(2, 12, 40, 40, 3, 2, 1, 40),
        square(2, 4, 8, 40, 5, 1, 4, 1),
        square(20, 3, 5, 7, 3, 1, 1, 1),
        square(2, 6, 18, 36, 3, 1, 1, 18),
        square(0, 6, 4, 4, 3, 1, 1, 1),
        square(1, 3, 4, 4, 1, 4, 0, 1),
        square(1, 1, 40, 10, 1, 1, 0, 1),
        square(2, 17, 2, 100, 3, 1, 1, 1),
        /* Tiles across images, blocks of lines of a large image, channels by themselves in two panels. */
        square(70, 3, 5, 7, 3, 1, 1, 1),
        square(33, 4, 20, 40, 3, 1, 1, 1),
        square(50, 2, 8, 33, 5, 1, 2, 1),
        square(40, 5, 6, 20, 3, 2, 1, 2),
        square(1, 77, 2, 40, 3, 1, 1, 1),
        square(2, 5, 150, 150, 3, 1, 1, 150),
        /* One image for all workers. */
        square(1, 16, 32, 64, 3, 1, 1, 1),
        square(1, 15, 64, 70, 3, 2, 1, 1),
        square(1, 24, 150, 150, 3, 1, 1, 150),
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check(&shapes[i], pools, pool_count);
    /* Every height of a tile, with one and two vectors; every number of rows of a weight gradient; every number of
     * pixels and of vectors of channels by themselves. */
    for (size_t n = 1; n <= 34; n++) {
        const shape series[] = {
            {{2, n, 3, n % 2 ? 4 : 40, {1, 3}, {1, 1}, {0, 1}, {0, 1}, 1}, 1},
            {{2, n, 3, n % 2 ? 40 : 4, {1, 3}, {1, 1}, {0, 1}, {0, 1}, 1}, 1},
            {{3, 4, n, 20, {2, 2}, {1, 1}, {1, 0}, {0, 1}, 1}, 3},
            {{2, n, 21, 21, {2, 3}, {1, 1}, {0, 1}, {0, 1}, 21}, 1},
            {{3, 3, 4 * n + 1, 4 * n + 1, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 4 * n + 1}, 2},
        };
        for (size_t i = 0; i < sizeof series / sizeof *series; i++)
            check(&series[i], pools, pool_count);
    }
    for (uint64_t i = 0; i < 300; i++) {
        shape s = drawn(i);
        check(&s, pools, pool_count);
    }
}

/* NaN and infinity, in each operand in turn, reach just those results that plain arithmetic gives them. */
static void check_special(void)
{
    const shape shapes[] = {square(2, 9, 1, 20, 5, 1, 2, 1), square(1, 10, 3, 17, 3, 1, 1, 1),
                            square(1, 10, 20, 18, 3, 1, 1, 1), square(2, 7, 8, 8, 3, 2, 1, 8),
                            square(1, 9, 4, 6, 3, 1, 1, 2)};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        problem p = problem_make(&shapes[i], 1);
        array *operands[] = {&p.x, &p.w, &p.dy}, *results[] = {&p.y, &p.dx, &p.dw};
        for (size_t where = 0; where < 24; where++) {
            array *o = operands[where % 3];
            /* The first, the last, and some between. */
            const size_t at = where / 3 == 0 ? 0 : where / 3 == 1 ? o->count - 1 : draw(120, where, o->count);
            const double kept = o->exact[at];
            o->exact[at] = where % 2 ? (double)NAN : (double)INFINITY;
            o->at[at] = (float)o->exact[at];
            reference(&p, true, false);
            for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
                hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL);
                run(&p, NULL, true, false);
                for (size_t r = 0; r < 3; r++) {
                    for (size_t e = 0; e < results[r]->count; e++) {
                        checked++;
                        const double exact = results[r]->exact[e], got = (double)results[r]->at[e];
                        if (isnan(exact) ? !isnan(got) : isinf(exact) ? got != exact : !isfinite(got)) {
                            fail(&p.shape, "NaN or infinity lost or spread");
                            break;
                        }
                    }
                }
            }
            o->exact[at] = kept;
            o->at[at] = (float)kept;
        }
        problem_free(&p);
    }
}

/* The double reference itself, on a convolution computed by hand: 3 x 3 times 2 x 2, padded in front. */
static void check_reference(void)
{
    const shape s = {{3, 3, 1, 1, {2, 2}, {1, 1}, {1, 1}, {0, 0}, 1}, 1};
    const double x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w[] = {1, 10, 100, 1000}, bias[] = {0.5};
    const double want[] = {1000, 2100, 3200, 4010, 5421, 6532, 7040, 8754, 9865};
    const double dy[] = {1, 0, 0, 0, 0, 0, 0, 0, 1}, want_dw[] = {5, 6, 8, 10};
    const double want_dx[] = {1000, 0, 0, 0, 1, 10, 0, 100, 1000};
    double y[9], dx[9], dw[4];
    hwv_conv_forward_reference(&s.conv, 1, x, w, bias, y);
    hwv_conv_backward_data_reference(&s.conv, 1, dy, w, dx);
    hwv_conv_backward_weight_reference(&s.conv, 1, x, dy, dw);
    for (size_t i = 0; i < 9; i++)
        if (y[i] != want[i] + 0.5 || dx[i] != want_dx[i])
            fail(&s, "the reference is wrong");
    for (size_t i = 0; i < 4; i++)
        if (dw[i] != want_dw[i])
            fail(&s, "the reference of the weights is wrong");
}

int main(void)
{
    hwv_pool *pools[3] = {NULL, NULL, NULL};
    hwv_error error = {HWV_OK, ""};
    check_reference();
    for (size_t i = 0; i < 3; i++) {
        if (hwv_pool_create(&pools[i], i + 1, &error) != HWV_OK) {
            printf("FAIL %s\n", error.text);
            return 1;
        }
    }
    check_shapes(pools, 3);
    check_special();
    for (size_t i = 0; i < 3; i++)
        hwv_pool_destroy(pools[i]);
    printf("%zu elements checked, %u failed\n", checked, failures);
    return failures > 0;
}
