/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Winograd convolution on every runnable set against plain loops in double and against direct convolution: many shapes,
 * all three directions, workspaces full of NaN, nothing read or written beyond any array (each ends at a closed page);
 * equal bits for any number of workers, for images that are made, and on all sets with fused multiply-add; one call at
 * the end of each image; and what becomes of exact zeros. */
#include "conv_problem.h"
#include "halfwave/pool.h"
#include "linalg/winograd.h"

/* Largest root mean square of the error, as a share of that of the results: what the interface promises. */
#define BOUND 5e-6
/* An element's error, as a share of the root mean square of the results: a tile has a few elements that sum up much more
 * rounding than the others, but a wrong element is as large as the results are. */
#define ELEMENT_BOUND 1e-4

typedef struct problem {
    shape shape;
    array x, w, bias, y, dx, dw, dy;
    float *start; /* what dw begins with when it accumulates */
    unsigned char *calls[2];
    page_edge forward, backward;
    size_t space[2];
} problem;

static size_t floats_of(const shape *s, bool out)
{
    const hwv_conv *c = &s->conv;
    return out ? hwv_conv_height(c) * hwv_conv_width(c) * c->filters : c->height * c->width * c->channels;
}

static problem problem_make(const shape *s, size_t workers)
{
    const hwv_conv *c = &s->conv;
    const size_t x = s->images * floats_of(s, false), y = s->images * floats_of(s, true);
    const size_t w = c->filters * c->channels * c->kernel[0] * c->kernel[1];
    const size_t space[] = {hwv_winograd_forward_workspace(c, s->images, workers),
                            hwv_winograd_backward_workspace(c, s->images, workers)};
    problem p = {.shape = *s,
                 .x = array_make(x, 1),
                 .w = array_make(w, 2),
                 .bias = array_make(c->filters, 3),
                 .y = array_make(y, 4),
                 .dx = array_make(x, 5),
                 .dw = array_make(w, 6),
                 .dy = array_make(y, 7),
                 .start = allocate(w, sizeof(float)),
                 .calls = {allocate(s->images, 1), allocate(s->images, 1)},
                 .forward = page_edge_make(space[0]),
                 .backward = page_edge_make(space[1]),
                 .space = {space[0], space[1]}};
    memcpy(p.start, p.dw.at, w * sizeof(float));
    return p;
}

static void problem_free(problem *p)
{
    array *all[] = {&p->x, &p->w, &p->bias, &p->y, &p->dx, &p->dw, &p->dy};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        array_free(all[i]);
    free(p->start);
    for (size_t i = 0; i < 2; i++)
        free(p->calls[i]);
    page_edge_free(&p->forward);
    page_edge_free(&p->backward);
}

/* The images of an array, made from a copy of it that nobody else reads. */
typedef struct album {
    const float *at;
    size_t floats;
} album;

static void make_image(const void *context, size_t image, float *to)
{
    const album *a = context;
    memcpy(to, a->at + image * a->floats, a->floats * sizeof *to);
}

/* An image is whole when it is finished: none of the NaN that was there before. */
static void note(problem *p, const array *a, unsigned char *calls, size_t pixels, size_t first, size_t count)
{
    const size_t floats = a->count / p->shape.images;
    if (count != pixels || first % pixels != 0) {
        fail(&p->shape, "finish was not called with the pixels of an image");
        return;
    }
    calls[first / pixels]++;
    for (size_t i = 0; i < floats; i++) {
        if (isnan(a->at[first / pixels * floats + i])) {
            fail(&p->shape, "finish was called before the image was");
            return;
        }
    }
}

static void finish_y(void *context, size_t first, size_t count)
{
    problem *p = context;
    note(p, &p->y, p->calls[0], hwv_conv_height(&p->shape.conv) * hwv_conv_width(&p->shape.conv), first, count);
}

static void finish_dx(void *context, size_t first, size_t count)
{
    problem *p = context;
    note(p, &p->dx, p->calls[1], p->shape.conv.height * p->shape.conv.width, first, count);
}

typedef struct manner {
    const hwv_executor *executor;
    bool made, apart; /* apart: one gradient at a time */
} manner;

static void run(problem *p, const manner *how)
{
    const shape *s = &p->shape;
    const album x = {p->x.at, floats_of(s, false)}, dy = {p->dy.at, floats_of(s, true)};
    const hwv_image_source dense_x = {.at = p->x.at}, dense_dy = {.at = p->dy.at};
    const hwv_image_source made_x = {.make = make_image, .context = &x};
    const hwv_image_source made_dy = {.make = make_image, .context = &dy};
    const hwv_image_source *from = how->made ? &made_x : &dense_x, *gradient = how->made ? &made_dy : &dense_dy;
    const hwv_conv_after after = {
        .bias = s->conv.filters % 3 != 0 ? p->bias.at : NULL, .finish = finish_y, .context = p};
    hwv_winograd_gradients both = {
        .dweight = p->dw.at, .accumulate = s->images % 2 != 0, .dx = p->dx.at, .finish = finish_dx, .context = p};
    array *results[] = {&p->y, &p->dx, &p->dw};
    for (size_t i = 0; i < 3; i++)
        memset(results[i]->at, 0xff, results[i]->count * sizeof(float));
    for (size_t i = 0; i < 2; i++)
        memset(p->calls[i], 0, s->images);
    memset(p->forward.data, 0xff, p->space[0]);
    memset(p->backward.data, 0xff, p->space[1]);
    if (both.accumulate)
        memcpy(p->dw.at, p->start, p->dw.count * sizeof(float));
    hwv_winograd_forward(&s->conv, how->executor, s->images, from, p->w.at, &after, p->y.at, p->forward.data);
    if (how->apart) {
        hwv_winograd_gradients first = both;
        first.dweight = NULL;
        both.dx = NULL;
        const hwv_image_source none = {.at = NULL};
        hwv_winograd_backward(&s->conv, how->executor, s->images, &none, gradient, p->w.at, &first, p->backward.data);
    }
    hwv_winograd_backward(&s->conv, how->executor, s->images, from, gradient, p->w.at, &both, p->backward.data);
    for (size_t i = 0; i < s->images; i++)
        if (p->calls[0][i] != 1 || p->calls[1][i] != 1)
            fail(s, "finish was not called once for each image");
}

static void reference(problem *p)
{
    const shape *s = &p->shape;
    hwv_conv_forward_reference(&s->conv, s->images, p->x.exact, p->w.exact,
                               s->conv.filters % 3 != 0 ? p->bias.exact : NULL, p->y.exact);
    hwv_conv_backward_data_reference(&s->conv, s->images, p->dy.exact, p->w.exact, p->dx.exact);
    hwv_conv_backward_weight_reference(&s->conv, s->images, p->x.exact, p->dy.exact, p->dw.exact);
    for (size_t i = 0; i < p->dw.count && s->images % 2 != 0; i++)
        p->dw.exact[i] += (double)p->start[i];
}

static double largest; /* of the root mean squares */

static void compare(const problem *p, const char *name, const array *got)
{
    double error = 0, size = 0, worst = 0;
    size_t where = 0;
    for (size_t i = 0; i < got->count; i++) {
        const double off = fabs((double)got->at[i] - got->exact[i]);
        checked++;
        error += off * off;
        size += got->exact[i] * got->exact[i];
        if (!(off <= worst)) {
            worst = off;
            where = i;
        }
    }
    const double rms = sqrt(size / (double)got->count), relative = sqrt(error / size);
    largest = relative > largest ? relative : largest;
    if (got->count > 0 && !(relative <= BOUND && worst <= ELEMENT_BOUND * rms)) {
        char text[200];
        snprintf(text, sizeof text, "%s is off by %.3g of its root mean square; %s[%zu] is %.9g, should be %.9g", name,
                 relative, name, where, (double)got->at[where], got->exact[where]);
        fail(&p->shape, text);
    }
}

static void check(const shape *s, hwv_pool *const pools[], size_t pool_count)
{
    problem p = problem_make(s, pool_count);
    const array *results[] = {&p.y, &p.dx, &p.dw};
    uint64_t fused[3] = {0, 0, 0};
    bool have_fused = false;
    reference(&p);
    for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
        uint64_t bits[3];
        hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL);
        run(&p, &(manner){.executor = NULL});
        compare(&p, "y", &p.y);
        compare(&p, "dx", &p.dx);
        compare(&p, "dw", &p.dw);
        for (size_t i = 0; i < 3; i++)
            bits[i] = bits_of(results[i]);
        if (fuses() && have_fused && memcmp(bits, fused, sizeof bits) != 0)
            fail(s, "other bits than another set with fused multiply-add");
        if (fuses()) {
            memcpy(fused, bits, sizeof bits);
            have_fused = true;
        }
        for (size_t w = 0; w < pool_count; w++) {
            run(&p, &(manner){hwv_pool_executor(pools[w]), w % 2 == 0, w > 0});
            for (size_t i = 0; i < 3; i++)
                if (bits_of(results[i]) != bits[i])
                    fail(s, "other bits with more workers, made images, or one gradient at a time");
        }
    }
    problem_free(&p);
}

/* A drawn shape that the interface takes, whether it pays or not. */
static shape drawn(uint64_t index)
{
    static const size_t widths[] = {16, 17, 24, 32, 33, 40, 48, 100};
    shape s = {.images = 1 + draw(100, index, 5)};
    hwv_conv *c = &s.conv;
    c->groups = 1;
    c->channels = widths[draw(101, index, 8)];
    c->filters = widths[draw(102, index, 8)];
    c->kernel[0] = c->kernel[1] = 3 + 2 * draw(103, index, 2);
    for (size_t d = 0; d < 2; d++) {
        const uint64_t at = 2 * index + d;
        c->stride[d] = 1;
        c->pad_before[d] = draw(108, at, c->kernel[d]);
        c->pad_after[d] = draw(109, at, c->kernel[d]);
        const size_t pads = c->pad_before[d] + c->pad_after[d];
        const size_t least = c->kernel[d] > pads ? c->kernel[d] - pads : 1;
        *(d == 0 ? &c->height : &c->width) = least + draw(110, at, 14);
    }
    return s;
}

static void check_shapes(hwv_pool *const pools[], size_t pool_count)
{
    const shape shapes[] = {
        /* The layers of two networks. */
        square(2, 32, 32, 32, 3, 1, 1, 1),
        square(3, 16, 32, 64, 3, 1, 1, 1),
        square(2, 16, 64, 64, 3, 1, 1, 1),
        square(6, 8, 64, 128, 3, 1, 1, 1),
        square(20, 8, 128, 128, 3, 1, 1, 1),
        square(3, 14, 32, 64, 5, 1, 2, 1),
        /* Partial tiles, one tile, many images, channels that fill no vector. */
        square(1, 7, 40, 24, 3, 1, 1, 1),
        square(2, 15, 17, 100, 5, 1, 2, 1),
        square(5, 9, 100, 17, 3, 1, 0, 1),
        square(70, 4, 16, 16, 3, 1, 1, 1),
        square(1, 3, 16, 33, 3, 1, 1, 1),
        square(40, 3, 20, 18, 5, 1, 2, 1),
        square(9, 13, 16, 16, 5, 1, 4, 1),
        {{11, 6, 24, 40, {3, 3}, {1, 1}, {2, 0}, {0, 1}, 1}, 4},
        {{6, 17, 33, 16, {5, 5}, {1, 1}, {0, 3}, {4, 2}, 1}, 3},
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check(&shapes[i], pools, pool_count);
    for (uint64_t i = 0; i < 40; i++) {
        shape s = drawn(i);
        check(&s, pools, pool_count);
    }
}

/* Of an image that is black but for some pixels, outputs whose window is all zeros: 0 if computed directly; by Winograd
 * with 4 x 4 outputs some are not, which is why whoever asks which units fire must not use it. With 2 x 2 outputs the one
 * pixel in a line that an output does not see meets no product that it sums. */
static void check_zeros(void)
{
    const shape shapes[] = {square(1, 16, 32, 32, 3, 1, 1, 1), square(1, 14, 32, 64, 5, 1, 2, 1)};
    for (size_t n = 0; n < sizeof shapes / sizeof *shapes; n++) {
        const shape *s = &shapes[n];
        const hwv_conv *c = &s->conv;
        problem p = problem_make(s, 1);
        page_edge space = page_edge_make(hwv_conv_forward_workspace(c, 1, 1));
        for (size_t i = 0; i < p.x.count; i++) {
            if (draw(130, i / c->channels, 40) != 0)
                p.x.at[i] = 0.0f;
            p.x.size[i] = p.x.at[i] != 0.0f;
        }
        for (size_t i = 0; i < p.w.count; i++)
            p.w.size[i] = 1.0;
        /* How many live inputs each output sees. */
        hwv_conv_forward_reference(c, 1, p.x.size, p.w.size, NULL, p.y.size);
        for (size_t isa = 0; isa < hwv_isa_count(); isa++) {
            size_t zeros = 0, direct = 0, winograd = 0;
            hwv_isa_force(hwv_isa_name(hwv_isa_get(isa)), NULL);
            hwv_conv_forward(c, NULL, 1, p.x.at, p.w.at, NULL, p.y.at, NULL, NULL, space.data);
            for (size_t i = 0; i < p.y.count; i++) {
                zeros += p.y.size[i] == 0.0;
                direct += p.y.size[i] == 0.0 && p.y.at[i] != 0.0f;
            }
            hwv_winograd_forward(c, NULL, 1, &(hwv_image_source){.at = p.x.at}, p.w.at, &(hwv_conv_after){.bias = NULL},
                                 p.y.at, p.forward.data);
            for (size_t i = 0; i < p.y.count; i++)
                winograd += p.y.size[i] == 0.0 && p.y.at[i] != 0.0f;
            if (zeros == 0)
                fail(s, "no window of zeros: the test tests nothing");
            if (direct != 0)
                fail(s, "direct convolution of zeros is not 0");
            if (c->kernel[0] == 3 && winograd == 0)
                fail(s, "no zero became noise: direct convolution need not be what checks use");
            if (c->kernel[0] == 5 && winograd != 0)
                fail(s, "a zero became noise");
        }
        page_edge_free(&space);
        problem_free(&p);
    }
}

static void check_suits(void)
{
    const shape yes[] = {square(1, 32, 32, 32, 3, 1, 1, 1), square(1, 14, 32, 64, 5, 1, 2, 1),
                         square(1, 7, 16, 17, 3, 1, 1, 1), square(1, 4, 128, 128, 3, 1, 1, 1)};
    const shape no[] = {
        square(1, 32, 15, 32, 3, 1, 1, 1), square(1, 32, 32, 15, 3, 1, 1, 1), square(1, 32, 32, 32, 3, 2, 1, 1),
        square(1, 32, 32, 32, 1, 1, 0, 1), square(1, 32, 32, 32, 7, 1, 3, 1), square(1, 32, 32, 32, 3, 1, 1, 2),
        square(1, 32, 32, 32, 3, 1, 3, 1), square(1, 1, 32, 32, 3, 1, 1, 1),  square(1, 2, 32, 32, 3, 1, 1, 1)};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!hwv_winograd_suits(&yes[i].conv))
            fail(&yes[i], "should suit");
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (hwv_winograd_suits(&no[i].conv))
            fail(&no[i], "should not suit");
}

/* No images: nothing is read; a gradient is zero, or what it was. */
static void check_nothing(void)
{
    const shape s = square(0, 8, 16, 16, 3, 1, 1, 1);
    array dw = array_make((size_t)16 * 16 * 9, 6);
    const uint64_t before = bits_of(&dw);
    const hwv_image_source none = {.at = NULL};
    hwv_winograd_gradients g = {.dweight = dw.at, .accumulate = true};
    hwv_winograd_backward(&s.conv, NULL, 0, &none, &none, dw.at, &g, dw.at);
    if (bits_of(&dw) != before)
        fail(&s, "no images changed a gradient");
    g.accumulate = false;
    hwv_winograd_backward(&s.conv, NULL, 0, &none, &none, dw.at, &g, dw.at);
    for (size_t i = 0; i < dw.count; i++) {
        if (dw.at[i] != 0.0f) {
            fail(&s, "the gradient of no images is not 0");
            break;
        }
    }
    hwv_winograd_forward(&s.conv, NULL, 0, &none, dw.at, &(hwv_conv_after){.bias = NULL}, NULL, dw.at);
    array_free(&dw);
    const hwv_conv huge = {(size_t)1 << 40, (size_t)1 << 20, 64, 64, {3, 3}, {1, 1}, {1, 1}, {1, 1}, 1};
    if (hwv_winograd_forward_workspace(&huge, 100, 2) != SIZE_MAX ||
        hwv_winograd_backward_workspace(&huge, 100, 2) != SIZE_MAX)
        fail(&s, "a workspace that does not fit has a size");
}

int main(void)
{
    hwv_pool *pools[3] = {NULL, NULL, NULL};
    hwv_error error = {HWV_OK, ""};
    for (size_t i = 0; i < 3; i++) {
        if (hwv_pool_create(&pools[i], i + 1, &error) != HWV_OK) {
            printf("FAIL %s\n", error.text);
            return 1;
        }
    }
    check_suits();
    check_nothing();
    check_shapes(pools, 3);
    check_zeros();
    for (size_t i = 0; i < 3; i++)
        hwv_pool_destroy(pools[i]);
    printf("%zu elements checked, %u failed; errors of %.2g of the results at most\n", checked, failures, largest);
    return failures > 0;
}
