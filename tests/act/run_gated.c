/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gated pairs on every runnable set, in both types: the fused passes give the bits of activation and product one after
 * the other, wherever an element stands: lengths, offsets, the joined layout, in place, page edges. What the
 * activation gives is checked elsewhere; here the product is held against the reference too. */
#include "oracle.h"
#include "page.h"

#include "halfwave/gated.h"
#include "halfwave/random.h"

enum { ROOM = 1024, LENGTHS = 140, GUARD = 40 };
enum { VALUE, GATE, DY, Y, Y_FAST, DVALUE, DGATE, ARRAYS };

/* Inputs and what comes of them, in the type of the test. */
static union {
    float f32[ROOM];
    double f64[ROOM];
} pool[ARRAYS];
static hwv_dtype dtype;

static void *at(void *array, size_t i)
{
    return (char *)array + i * hwv_dtype_bytes(dtype);
}

static double get(const void *array, size_t i)
{
    return dtype == HWV_F64 ? ((const double *)array)[i] : (double)((const float *)array)[i];
}

static void put(void *array, size_t i, double v)
{
    if (dtype == HWV_F64)
        ((double *)array)[i] = v;
    else
        ((float *)array)[i] = (float)v;
}

/* Equal as numbers with their sign, or both NaN. */
static bool same(const void *a, size_t i, const void *b, size_t j)
{
    double x = get(a, i), y = get(b, j);
    return (isnan(x) && isnan(y)) || (x == y && signbit(x) == signbit(y));
}

static void products(void *to, const void *a, const void *b)
{
    for (size_t i = 0; i < ROOM; i++)
        if (dtype == HWV_F64)
            ((double *)to)[i] = ((const double *)a)[i] * ((const double *)b)[i];
        else
            ((float *)to)[i] = ((const float *)a)[i] * ((const float *)b)[i];
}

static void prepare(const hwv_gate_info *pair)
{
    static float hard[ORACLE_HARD];
    static double f[ROOM], through[ROOM];
    size_t many = oracle_hard(hard);
    hwv_act act = hwv_act_make(pair->op);
    for (size_t i = 0; i < ROOM; i++) {
        uint32_t r[4];
        hwv_philox(5, HWV_STREAM_TEST, 11, i, r);
        put(&pool[GATE], i, (double)hard[r[0] % many]);
        put(&pool[VALUE], i, r[1] % 7 ? ((double)(r[1] >> 8) - 8388608.0) * 0x1p-21 : (double)hard[r[1] / 7 % many]);
        put(&pool[DY], i, r[2] % 7 ? ((double)(r[2] >> 8) - 8388608.0) * 0x1p-21 : (double)hard[r[2] / 7 % many]);
    }
    hwv_act_forward(&act, dtype, 1, ROOM, f, ROOM, &pool[GATE], ROOM);
    products(&pool[Y], &pool[VALUE], f);
    products(&pool[DVALUE], &pool[DY], f);
    products(through, &pool[DY], &pool[VALUE]);
    hwv_act_backward(&act, dtype, 1, ROOM, &pool[DGATE], ROOM, through, ROOM, &pool[GATE], ROOM);
    for (size_t i = 0; dtype == HWV_F32 && i < ROOM; i++) {
        double exact = hwv_act_reference(&act, get(&pool[GATE], i)), ulp = hwv_op_row(pair->op)->ulp;
        double product = exact * get(&pool[VALUE], i);
        if (fabs(exact) >= (double)FLT_MIN || ulp == 0)
            check(isnan(product) || compare_ulp_error((float)get(&pool[Y], i), product) <= 2 * ulp + 0.5, "product");
    }
    act.tier = HWV_FAST;
    hwv_act_forward(&act, dtype, 1, ROOM, f, ROOM, &pool[GATE], ROOM);
    products(&pool[Y_FAST], &pool[VALUE], f);
}

static void compare(const hwv_gate_info *pair, int array, size_t first, const void *got, size_t n)
{
    static const char *const names[ARRAYS] = {"value", "gate", "dy", "y", "y fast", "dvalue", "dgate"};
    for (size_t i = 0; i < n; i++) {
        oracle_checks++;
        if (!same(got, i, &pool[array], first + i) && oracle_failures++ < 20)
            printf("FAIL %s %s %s set %s length %zu element %zu: value %a gate %a dy %a got %a wanted %a\n", pair->name,
                   names[array], dtype == HWV_F64 ? "f64" : "f32", hwv_isa_name(hwv_isa_current()), n, i,
                   get(&pool[VALUE], first + i), get(&pool[GATE], first + i), get(&pool[DY], first + i), get(got, i),
                   get(&pool[array], first + i));
    }
}

/* Arrays of n elements from pool element `first`; in place: which input each output is (ARRAYS: none). */
static void one_row(const hwv_gate_info *pair, size_t n, size_t first, size_t offset, int y_is, int dgate_is)
{
    static double room[ARRAYS][ROOM];
    void *a[ARRAYS];
    const double guard = 123.5;
    for (int k = 0; k < ARRAYS; k++) {
        for (size_t i = 0; i < ROOM; i++)
            put(room[k], i, guard);
        a[k] = at(room[k], GUARD + (offset * (size_t)(2 * k + 1)) % 16);
        if (k <= DY)
            memcpy(a[k], at(&pool[k], first), n * hwv_dtype_bytes(dtype));
    }
    void *y = y_is == ARRAYS ? a[Y] : a[y_is];
    if (y_is != DY) {
        hwv_gated_forward(pair->gate, HWV_FAST, dtype, 1, n, a[Y_FAST], n, a[VALUE], n, a[GATE], n);
        compare(pair, Y_FAST, first, a[Y_FAST], n);
        hwv_gated_forward(pair->gate, HWV_ACCURATE, dtype, 1, n, y, n, a[VALUE], n, a[GATE], n);
        compare(pair, Y, first, y, n);
        check(get(at(y, n), 0) == guard && get((char *)y - hwv_dtype_bytes(dtype), 0) == guard, "guards of y");
    }
    for (int k = 0; k <= DY; k++)
        memcpy(a[k], at(&pool[k], first), n * hwv_dtype_bytes(dtype));
    void *dvalue = y_is == ARRAYS ? a[DVALUE] : a[y_is], *dgate = dgate_is == ARRAYS ? a[DGATE] : a[dgate_is];
    hwv_gated_backward(pair->gate, dtype, 1, n, dvalue, n, dgate, n, a[DY], n, a[VALUE], n, a[GATE], n);
    compare(pair, DVALUE, first, dvalue, n);
    compare(pair, DGATE, first, dgate, n);
    check(get(at(dvalue, n), 0) == guard && get(at(dgate, n), 0) == guard, "guards of gradients");
}

/* torch.glu's layout, [value | gate] in one array, its gradient in another, y apart with gaps. */
static void joined(const hwv_gate_info *pair, size_t rows, size_t cols)
{
    static double x[ROOM], dx[ROOM], y[ROOM], dy[ROOM];
    size_t stride = 2 * cols, gap = cols + 3;
    for (size_t i = 0; i < ROOM; i++)
        put(y, i, 7);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < cols; i++) {
            put(x, r * stride + i, get(&pool[VALUE], r * cols + i));
            put(x, r * stride + cols + i, get(&pool[GATE], r * cols + i));
            put(dy, r * gap + i, get(&pool[DY], r * cols + i));
        }
    hwv_gated_forward(pair->gate, HWV_ACCURATE, dtype, rows, cols, y, gap, x, stride, at(x, cols), stride);
    hwv_gated_backward(pair->gate, dtype, rows, cols, dx, stride, at(dx, cols), stride, dy, gap, x, stride, at(x, cols),
                       stride);
    for (size_t r = 0; r < rows; r++) {
        compare(pair, Y, r * cols, at(y, r * gap), cols);
        compare(pair, DVALUE, r * cols, at(dx, r * stride), cols);
        compare(pair, DGATE, r * cols, at(dx, r * stride + cols), cols);
        for (size_t i = cols; i < gap; i++)
            check(get(y, r * gap + i) == 7, "gaps between rows");
    }
}

static void page_edges(const hwv_gate_info *pair, const page_edge e[ARRAYS])
{
    for (size_t n = 1; n <= 70; n++) {
        void *a[ARRAYS];
        for (int k = 0; k < ARRAYS; k++) {
            a[k] = (char *)e[k].data + (LENGTHS - n) * sizeof(double) + n * (sizeof(double) - hwv_dtype_bytes(dtype));
            if (k <= DY)
                memcpy(a[k], &pool[k], n * hwv_dtype_bytes(dtype));
        }
        hwv_gated_forward(pair->gate, HWV_ACCURATE, dtype, 1, n, a[Y], n, a[VALUE], n, a[GATE], n);
        hwv_gated_forward(pair->gate, HWV_FAST, dtype, 1, n, a[Y_FAST], n, a[VALUE], n, a[GATE], n);
        hwv_gated_backward(pair->gate, dtype, 1, n, a[DVALUE], n, a[DGATE], n, a[DY], n, a[VALUE], n, a[GATE], n);
        for (int k = Y; k < ARRAYS; k++)
            compare(pair, k, 0, a[k], n);
    }
}

static void names(void)
{
    hwv_gate gate;
    size_t count = 0;
    for (const hwv_gate_info *pair; (pair = hwv_gate_get(count)) != NULL; count++) {
        check(hwv_gate_find(&gate, pair->name, NULL) == HWV_OK && gate == pair->gate && (size_t)gate == count, "names");
        check(hwv_op_row(pair->op) && pair->formula[0] && pair->source[0], "information");
    }
    hwv_error error;
    check(count == HWV_GATE_END_ && hwv_gate_find(&gate, "regul", &error) == HWV_ERR_NAME, "unknown name");
    check(strstr(error.text, "did you mean 'reglu'") != NULL, "the nearest name");
}

int main(void)
{
    page_edge e[ARRAYS];
    for (size_t k = 0; k < ARRAYS; k++)
        e[k] = page_edge_make(LENGTHS * sizeof(double));
    names();
    for (size_t set = 0; set < hwv_isa_count(); set++) {
        hwv_isa_force(hwv_isa_name(hwv_isa_get(set)), NULL);
        for (dtype = HWV_F32; dtype < HWV_DTYPES; dtype++)
            for (size_t i = 0; hwv_gate_get(i); i++) {
                const hwv_gate_info *pair = hwv_gate_get(i);
                prepare(pair);
                for (size_t n = 0; n <= LENGTHS; n++) {
                    for (size_t offset = 0; offset < 16; offset += n <= 33 ? 1 : 5)
                        one_row(pair, n, n * 5, offset, ARRAYS, ARRAYS);
                    one_row(pair, n, n, n % 16, VALUE, GATE);
                    one_row(pair, n, n, n % 16, GATE, VALUE);
                    one_row(pair, n, n, n % 16, DY, GATE);
                    one_row(pair, n, n, n % 16, VALUE, DY);
                }
                joined(pair, 5, 1), joined(pair, 4, 16), joined(pair, 3, 33), joined(pair, 0, 4), joined(pair, 2, 100);
                page_edges(pair, e);
            }
    }
    for (size_t k = 0; k < ARRAYS; k++)
        page_edge_free(&e[k]);
    return oracle_end("gated");
}
