/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Elements of any type as the two that a graph takes. */
#include <math.h>
#include <string.h>

#include "io/bytes.h"
#include "io/inputs_array.h"

static uint64_t load(const hwv_layout *layout, const unsigned char *bytes)
{
    uint64_t bits = 0;
    bool big = layout->swapped == hwv_host_is_little();
    for (size_t i = 0; i < layout->bytes; i++)
        bits |= (uint64_t)bytes[i] << 8 * (big ? layout->bytes - 1 - i : i);
    return bits;
}

static double real_of(const hwv_layout *layout, uint64_t bits)
{
    float single;
    double number;
    uint32_t low = (uint32_t)bits;
    if (layout->type == HWV_NUMBER_F2)
        return (double)hwv_half_to_float((uint16_t)bits);
    if (layout->type == HWV_NUMBER_F4) {
        memcpy(&single, &low, sizeof single);
        return (double)single;
    }
    memcpy(&number, &bits, sizeof number);
    return number;
}

static bool is_signed(hwv_number_type type)
{
    return type == HWV_NUMBER_I1 || type == HWV_NUMBER_I2 || type == HWV_NUMBER_I4 || type == HWV_NUMBER_I8;
}

/* The sign of the narrow types moves to the top. */
static int64_t extend(const hwv_layout *layout, uint64_t bits)
{
    uint64_t sign = (uint64_t)1 << (8 * layout->bytes - 1);
    return (int64_t)((bits ^ sign) - sign);
}

double hwv_element_number(const hwv_layout *layout, const unsigned char *bytes, size_t i)
{
    uint64_t bits = load(layout, bytes + i * layout->bytes);
    if (layout->type <= HWV_NUMBER_F8)
        return real_of(layout, bits);
    if (is_signed(layout->type))
        return (double)extend(layout, bits);
    return layout->type == HWV_NUMBER_BOOL ? (double)(bits != 0) : (double)bits;
}

void hwv_elements_to_floats(const hwv_layout *layout, const unsigned char *bytes, size_t count, float scale,
                            float *floats)
{
    if (layout->type == HWV_NUMBER_F4 && !layout->swapped)
        memcpy(floats, bytes, count * sizeof *floats);
    else if (layout->type == HWV_NUMBER_U1)
        for (size_t i = 0; i < count; i++)
            floats[i] = (float)bytes[i];
    else
        for (size_t i = 0; i < count; i++)
            floats[i] = (float)hwv_element_number(layout, bytes, i);
    for (size_t i = 0; i < count && scale != 1; i++)
        floats[i] *= scale;
}

size_t hwv_elements_to_integers(const hwv_layout *layout, const unsigned char *bytes, size_t count, int32_t *integers)
{
    for (size_t i = 0; i < count; i++) {
        double number = hwv_element_number(layout, bytes, i);
        if (!(number >= INT32_MIN) || number > INT32_MAX || number != floor(number))
            return i;
        integers[i] = (int32_t)number;
    }
    return count;
}
