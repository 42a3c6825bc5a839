/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The plainest loops over the byte streams of a forward pass (x to y) and a backward pass (x and dy to dx): the
 * speed that no activation can exceed. */
#define V_WIDE 2
#include "act/loops.h"

HWV_WORD vw copy_forward(vw x, wp p)
{
    (void)p;
    return x;
}
HWV_WORD vw copy_backward(vw dy, vw x, wp p)
{
    (void)p;
    return w_as_f(wi_xor(w_as_i(dy), w_as_i(x)));
}

hwv_kernel HWV_ISA(hwv_copy);
void HWV_ISA(hwv_copy)(const hwv_args *a)
{
    if (a->dy)
        loop_backward(a, copy_backward);
    else
        loop_forward(a, copy_forward);
}
