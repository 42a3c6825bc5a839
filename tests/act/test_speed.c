/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A wrong build can be right and fifty times too slow, and no other test notices. No set may take more than twice the
 * time of the next narrower one; `./run bench` asks for more. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "halfwave/act.h"
#include "halfwave/clock.h"
#include "halfwave/random.h"
#include "sanitized.h"

enum { N = 4096, ROUNDS = 15 };

static float x[N], y[N], dy[N];

typedef struct work {
    hwv_act act;
    const char *isa;
    int backward;
} work;

/* The sets take turns inside each round, so each call forces its own. */
static void run(void *context, size_t repeats)
{
    const work *w = context;
    hwv_isa_force(w->isa, NULL);
    for (size_t i = 0; i < repeats; i++) {
        if (w->backward)
            hwv_act_backward(&w->act, HWV_F32, 1, N, y, N, dy, N, x, N);
        else
            hwv_act_forward(&w->act, HWV_F32, 1, N, y, N, x, N);
    }
}

static void no_set_is_slower_than_half(void **state)
{
    (void)state;
    size_t wrong = 0;
    for (size_t i = 0; i + 1 < hwv_isa_count(); i++)
        for (size_t op = 0; op < hwv_op_count(); op++)
            for (int backward = 0; backward < 2; backward++) {
                const hwv_op_info *row = hwv_op_get(op);
                work works[2];
                hwv_candidate both[2];
                memset(both, 0, sizeof both);
                for (size_t s = 0; s < 2; s++) {
                    works[s] = (work){hwv_act_make(row->op), hwv_isa_name(hwv_isa_get(i + 1 - s)), backward};
                    both[s].name = works[s].isa;
                    both[s].run = run;
                    both[s].context = &works[s];
                }
                hwv_error error;
                if (hwv_rounds(both, 2, ROUNDS, 0.0002, &error) != HWV_OK)
                    fail_msg("%s", error.text);
                if (both[1].ratio < 0.5) {
                    print_error("%s %s: %s takes %.2f times as long as %s\n", row->name,
                                backward ? "backward" : "forward", both[1].name, 1 / both[1].ratio, both[0].name);
                    wrong++;
                }
            }
    hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    if (HWV_SANITIZED) {
        print_message("skipped: sanitizers decide the speed here\n");
        return 77;
    }
    for (size_t i = 0; i < N; i++) {
        x[i] = (float)hwv_random_normal(1, HWV_STREAM_TEST, 0, i);
        dy[i] = (float)hwv_random_normal(1, HWV_STREAM_TEST, 1, i);
    }
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_set_is_slower_than_half)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
