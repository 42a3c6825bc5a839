/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * An engine's activation layer: the activation comes as text, from a model file or a command line; values and
 * gradients of a batch are computed on all CPUs, in float or double; the rows of the arrays may lie apart.
 *
 *     cc activations.c $(pkg-config --cflags --libs halfwave)      (--static where there is no shared library)
 *     ./a.out "leaky_relu(slope=0.2)" */
#include <stdio.h>

#include <halfwave.h>

enum { ROWS = 2, COLS = 4, STRIDE = 6 };

static void print(const char *what, const double *array)
{
    printf("%s\n", what);
    for (size_t row = 0; row < ROWS; row++)
        for (size_t col = 0; col < COLS; col++)
            printf("%9.5f%s", array[row * STRIDE + col], col + 1 < COLS ? " " : "\n");
}

static hwv_status run(const char *name, hwv_error *error)
{
    hwv_act act;
    HWV_TRY(hwv_act_parse(&act, name, error)); /* a wrong name gets the nearest one in error->text */
    const hwv_op_info *row = hwv_op_row(act.op);
    printf("%s(x) = %s, ", row->name, row->formula);
    if (row->ulp == 0)
        printf("the rounded truth for every float\n");
    else
        printf("at most %g units in the last place off for every float\n", row->ulp);

    /* By name, one array: */
    const float x[COLS] = {-2, -0.5f, 0, 3}, one[COLS] = {1, 1, 1, 1};
    float y[COLS], dx[COLS];
    hwv_act_forward(&act, HWV_F32, 1, COLS, y, COLS, x, COLS);
    hwv_act_backward(&act, HWV_F32, 1, COLS, dx, COLS, one, COLS, x, COLS);
    for (size_t i = 0; i < COLS; i++)
        printf("f(%g) = %g, f' = %g\n", (double)x[i], (double)y[i], (double)dx[i]);

    /* A batch in double, in place, with rows 6 elements apart of which 4 count; on a pool of threads. */
    hwv_pool *pool;
    HWV_TRY(hwv_pool_create(&pool, 0, error));
    double batch[ROWS * STRIDE] = {-1, 0.25, 1, -3, 99, 99, 2, -2, 0.5, -0.5, 99, 99};
    hwv_act_forward_on(hwv_pool_executor(pool), &act, HWV_F64, ROWS, COLS, batch, STRIDE, batch, STRIDE);
    hwv_pool_destroy(pool);
    print("a batch, in double:", batch);
    return HWV_OK;
}

int main(int count, char **words)
{
    hwv_error error;
    if (run(count > 1 ? words[1] : "leaky_relu(slope=0.25)", &error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    return 0;
}
