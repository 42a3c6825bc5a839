/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The gated layer of a transformer's feed-forward block: one product gives [value | gate] in a row of twice the width,
 * the pair is computed from its two halves in one pass, and backward overwrites them with their gradients.
 *
 *     cc gated.c $(pkg-config --cflags --libs halfwave)      (--static where there is no shared library)
 *     ./a.out glu */
#include <stdio.h>

#include <halfwave.h>

enum { TOKENS = 2, WIDTH = 3 };

static void print(const char *what, const float *rows, size_t cols)
{
    printf("%s:", what);
    for (size_t i = 0; i < TOKENS * cols; i++)
        printf("%s %8.5f", i > 0 && i % cols == 0 ? " |" : "", (double)rows[i]);
    printf("\n");
}

int main(int count, char **words)
{
    hwv_error error;
    hwv_gate pair;
    if (hwv_gate_find(&pair, count > 1 ? words[1] : "reglu", &error) != HWV_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 2;
    }
    float joined[TOKENS * 2 * WIDTH] = {1, 2, 3, 0.5f, -1, 2, -1, 0.5f, 4, 1, 3, -2};
    const float dy[TOKENS * WIDTH] = {1, 1, 1, 1, 1, 1};
    float *value = joined, *gate = joined + WIDTH, y[TOKENS * WIDTH];
    /* ggml and most checkpoints that keep gate and up in one matrix have the gate first: exchange the two pointers. */
    hwv_gated_forward(pair, HWV_ACCURATE, HWV_F32, TOKENS, WIDTH, y, WIDTH, value, 2 * WIDTH, gate, 2 * WIDTH);
    print("y", y, WIDTH);
    hwv_gated_backward(pair, HWV_F32, TOKENS, WIDTH, value, 2 * WIDTH, gate, 2 * WIDTH, dy, WIDTH, value, 2 * WIDTH,
                       gate, 2 * WIDTH);
    print("[dvalue | dgate]", joined, 2 * WIDTH);
    return 0;
}
