/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Random changes of images. They are moved as they are in memory, bytes or floats, and converted after that; what is
 * cut out is cut out of what the model is given. */
#include <string.h>

#include "halfwave/random.h"
#include "io/gather.h"

bool hwv_augment_on(const hwv_augment *augment)
{
    return augment->shift > 0 || augment->flip || augment->cutout > 0;
}

hwv_status hwv_augment_check(const hwv_augment *augment, const hwv_data *data, hwv_error *error)
{
    if (!hwv_augment_on(augment))
        return HWV_OK;
    if (data->rank != HWV_DATA_DIMS)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "shift, flip and cutout change images; %s has rows of %zu values, accepted are samples of "
                        "height x width x channels",
                        data->name, data->features);
    size_t height = data->dims[0], width = data->dims[1], least = height < width ? height : width;
    if (augment->shift >= least)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "a shift of up to %zu pixels, but images of %zu x %zu: 0 to %zu is accepted", augment->shift,
                        height, width, least - 1);
    if (augment->cutout > least)
        return hwv_fail(error, HWV_ERR_ARGUMENT,
                        "a cutout of %zu pixels, but images of %zu x %zu: 0 to %zu is accepted", augment->cutout,
                        height, width, least);
    return HWV_OK;
}

/* What one sample gets. */
typedef struct change {
    ptrdiff_t down, right;
    bool flip;
    size_t y, x; /* centre of the cutout */
} change;

/* Uniform in 0 .. n-1 by the upper bits (a bias below n / 2^31). */
static size_t below(uint32_t bits, unsigned used, size_t n)
{
    return (size_t)((uint64_t)(bits & (UINT32_MAX >> (32 - used))) * n >> used);
}

static change draw(const hwv_augment *augment, const hwv_data *data, uint64_t seed, uint32_t epoch, size_t sample)
{
    uint32_t r[4];
    hwv_philox(seed, HWV_STREAM_AUGMENT, epoch, sample, r);
    size_t positions = 2 * augment->shift + 1;
    return (change){.down = (ptrdiff_t)below(r[0], 32, positions) - (ptrdiff_t)augment->shift,
                    .right = (ptrdiff_t)below(r[1], 32, positions) - (ptrdiff_t)augment->shift,
                    .flip = augment->flip && r[2] >> 31,
                    .y = below(r[2], 31, data->dims[0]),
                    .x = below(r[3], 32, data->dims[1])};
}

static inline void reverse(unsigned char *restrict to, const unsigned char *restrict from, size_t count, size_t size)
{
    for (from += count * size; count > 0; count--, to += size) {
        from -= size;
        memcpy(to, from, size);
    }
}

/* `count` pixels of `size` bytes, the last one first; the usual sizes as constants. */
static void copy_reversed(unsigned char *restrict to, const unsigned char *restrict from, size_t count, size_t size)
{
    switch (size) {
    case 1:
        reverse(to, from, count, 1);
        break;
    case 3:
        reverse(to, from, count, 3);
        break;
    case 4:
        reverse(to, from, count, 4);
        break;
    default:
        reverse(to, from, count, size);
    }
}

/* `to` is `from`, flipped and then moved; what comes in is 0. pixel: bytes of one. */
static void move_image(unsigned char *restrict to, const unsigned char *restrict from, size_t height, size_t width,
                       size_t pixel, const change *c)
{
    size_t left = c->right > 0 ? (size_t)c->right : 0, right = c->right < 0 ? (size_t)-c->right : 0;
    size_t kept = width - left - right, row = width * pixel;
    for (size_t y = 0; y < height; y++, to += row) {
        ptrdiff_t source = (ptrdiff_t)y - c->down;
        if (source < 0 || source >= (ptrdiff_t)height) {
            memset(to, 0, row);
            continue;
        }
        const unsigned char *line = from + (size_t)source * row;
        memset(to, 0, left * pixel);
        if (c->flip)
            copy_reversed(to + left * pixel, line + left * pixel, kept, pixel);
        else
            memcpy(to + left * pixel, line + right * pixel, kept * pixel);
        memset(to + (left + kept) * pixel, 0, right * pixel);
    }
}

static void cut_out(float *x, const hwv_data *data, size_t side, const change *c)
{
    size_t height = data->dims[0], width = data->dims[1], channels = data->dims[2];
    size_t top = c->y > side / 2 ? c->y - side / 2 : 0, left = c->x > side / 2 ? c->x - side / 2 : 0;
    size_t bottom = c->y + side - side / 2, right = c->x + side - side / 2;
    bottom = bottom < height ? bottom : height;
    right = right < width ? right : width;
    for (size_t y = top; y < bottom; y++)
        memset(x + (y * width + left) * channels, 0, (right - left) * channels * sizeof *x);
}

void hwv_data_gather_augmented(const hwv_data *data, const hwv_data_part *part, const uint32_t *rows, size_t count,
                               const hwv_augment *augment, uint64_t seed, uint32_t epoch, float *scratch, float *x,
                               int32_t *labels)
{
    size_t n = data->features, height = data->dims[0], width = data->dims[1], channels = data->dims[2];
    unsigned char *moved = (unsigned char *)scratch;
    for (size_t i = 0; i < count; i++, x += n) {
        size_t sample = rows[i];
        change c = draw(augment, data, seed, epoch, sample);
        if (part->bytes) {
            move_image(moved, part->bytes + sample * n, height, width, channels, &c);
            hwv_convert_bytes(data, moved, x);
        } else {
            const unsigned char *from = (const unsigned char *)(part->floats + sample * n);
            move_image(moved, from, height, width, channels * sizeof *scratch, &c);
            hwv_convert_floats(data, scratch, x);
        }
        if (augment->cutout > 0)
            cut_out(x, data, augment->cutout, &c);
        labels[i] = part->labels[sample];
    }
}
