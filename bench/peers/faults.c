/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Known faults of activation libraries, looked for in each that is here and in ours. */
#include "beside.h"
#include "halfwave/act.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* A value fills an array: vector loops see it, not only what handles the rest. */
enum { LENGTH = 67 };

static const struct {
    const char *title, *op;
    int backward;
    float x[8];
    int count;
} cases[] = {
    {"a NaN disappears, and with it the sign of a broken run", "relu", 0, {NAN}, 1},
    {"a NaN becomes a number", "exp", 0, {NAN}, 1},
    {"the limit at -inf is 0", "silu", 0, {-INFINITY}, 1},
    {"the limit at -inf is 0", "mish", 0, {-INFINITY}, 1},
    {"the limit at -inf is 0", "hardswish", 0, {-INFINITY}, 1},
    {"the limit at -inf is 0", "gelu", 0, {-INFINITY}, 1},
    {"the limit at -inf is 0", "gelu_tanh", 0, {-INFINITY}, 1},
    {"x + 3 times x overflows", "hardswish", 0, {5e37f, 6e37f, 3e38f}, 3},
    {"arguments too large for the reduction", "sigmoid", 0, {4.2e26f, 4.3e26f, -4.3e26f, 1e38f}, 4},
    {"no correct digit in the tail", "gelu", 0, {-4, -5, -5.6f, -7, -9, -11, -13}, 7},
    {"no correct digit in the tail", "gelu_tanh", 0, {-4, -5, -5.6f, -7, -9}, 5},
    {"exp(x) - 1 near 0", "elu", 0, {-1e-2f, -1e-4f, -1e-6f, -1e-8f, -1e-20f}, 5},
    {"log(1 + exp(x)) in the tail", "softplus", 0, {-5, -10, -15, -20, -50, -90}, 6},
    {"log(1 + exp(-x)) in the tail", "logsigmoid", 0, {5, 10, 15, 20, 50, 90}, 6},
    {"the tail, down to subnormals", "silu", 0, {-20, -50, -88, -95, -100}, 5},
    {"the tail, down to subnormals", "mish", 0, {-20, -50, -88, -95, -100}, 5},
    {"the tail, down to subnormals", "sigmoid", 0, {-50, -87, -90, -100}, 4},
    {"small arguments", "tanh", 0, {1e-2f, 1e-4f, 1e-20f, 1e-40f}, 4},
    {"x - tanh(x) near 0", "tanhshrink", 0, {1e-1f, 1e-2f, 1e-3f, 1e-4f}, 4},
    {"overflow of x^3", "gelu_tanh", 1, {1e10f, 1.9e19f, 1e25f, -1e25f, INFINITY}, 5},
    {"the gradient at the ends is 0 and 1", "gelu", 1, {-INFINITY, INFINITY, -1e20f, 1e20f}, 4},
    {"the gradient at the ends is 0 and 1", "silu", 1, {-INFINITY, INFINITY, -1e20f, 100}, 4},
    {"the gradient at the ends is 0 and 1", "mish", 1, {-INFINITY, INFINITY, -1e20f, 100}, 4},
    {"the gradient of a NaN", "relu", 1, {NAN}, 1},
    {"the gradient at the ends is 0 and 1", "softplus", 1, {-100, 100, -INFINITY, INFINITY}, 4},
};

/* Wrong where one is a NaN or an infinity and the other is not, or the first three digits differ; of a derivative, which
 * nobody promises relative accuracy, only digits above 2^-21 count. */
static int wrong(float got, double truth, int backward)
{
    float rounded = (float)truth;
    if (isnan(truth) || isnan(got))
        return isnan(got) != isnan(truth);
    if (isinf(rounded) || isinf(got))
        return rounded != got;
    return fabs((double)got - truth) > 1e-3 * fabs(truth) + (backward ? 0x1p-21 : 0x1p-149);
}

static void cell(FILE *out, float got, double truth, int backward)
{
    /* The sign of a NaN says nothing. */
    double shown = isnan(got) ? (double)NAN : (double)got;
    fprintf(out, wrong(got, truth, backward) ? " **%.6g** |" : " %.6g |", shown);
}

int faults_table(FILE *out, const peers *all)
{
    int bad = 0;
    fprintf(out, "| fault looked for | pass | x | exact | accurate | fast |");
    for (size_t p = 0; p < PEERS; p++)
        fprintf(out, " %s |", all->names[p]);
    fprintf(out, "\n|---|---|---|---|---|---|");
    for (size_t p = 0; p < PEERS; p++)
        fprintf(out, "---|");
    fprintf(out, "\n");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_act act;
        if (hwv_act_parse(&act, cases[i].op, NULL) != HWV_OK)
            continue;
        for (int k = 0; k < cases[i].count; k++) {
            float x[LENGTH], dy[LENGTH], y[LENGTH], got[LENGTH];
            double truth = cases[i].backward ? hwv_act_reference_gradient(&act, (double)cases[i].x[k])
                                             : hwv_act_reference(&act, (double)cases[i].x[k]);
            for (size_t j = 0; j < LENGTH; j++) {
                x[j] = cases[i].x[k];
                dy[j] = 1;
                y[j] = (float)hwv_act_reference(&act, (double)x[j]);
                got[j] = 0;
            }
            fprintf(out, "| %s | %s%s | %.6g | %.6g |", cases[i].title, cases[i].op,
                    cases[i].backward ? ", derivative" : "", (double)x[0], truth);
            for (int tier = HWV_ACCURATE; tier <= HWV_FAST; tier++) {
                act.tier = (hwv_tier)tier;
                if (cases[i].backward)
                    hwv_act_backward(&act, HWV_F32, 1, LENGTH, got, LENGTH, dy, LENGTH, x, LENGTH);
                else
                    hwv_act_forward(&act, HWV_F32, 1, LENGTH, got, LENGTH, x, LENGTH);
                bad |= tier == HWV_ACCURATE && wrong(got[0], truth, cases[i].backward);
                cell(out, got[0], truth, cases[i].backward);
            }
            for (size_t p = 0; p < PEERS; p++) {
                const peer_arrays arrays = {got, x, dy, y, LENGTH};
                void *job = all->table[p] ? all->table[p]->make(cases[i].op, cases[i].backward, &arrays) : NULL;
                memset(got, 0, sizeof got);
                if (!job) {
                    fprintf(out, " - |");
                    continue;
                }
                all->table[p]->run(job, 1);
                all->table[p]->release(job);
                cell(out, got[0], truth, cases[i].backward);
            }
            fprintf(out, "\n");
        }
    }
    return bad;
}
