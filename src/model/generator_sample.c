/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Drawing a token from logits. Only as many tokens are sorted as can be drawn: they come from a heap. */
#include <math.h>

#include "halfwave/random.h"
#include "model/generator.h"

hwv_sampling hwv_sampling_defaults(void)
{
    return (hwv_sampling){.temperature = 1, .top_p = 1};
}

hwv_status hwv_sampling_check(const hwv_sampling *sampling, hwv_error *error)
{
    if (!(sampling->temperature >= 0 && sampling->temperature < INFINITY))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a temperature of %g; 0 or more is accepted", sampling->temperature);
    if (!(sampling->top_p > 0 && sampling->top_p <= 1))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "top p of %g; more than 0 and at most 1 is accepted", sampling->top_p);
    return HWV_OK;
}

static hwv_status find_likeliest(const float *logits, size_t classes, size_t *best, hwv_error *error)
{
    *best = 0;
    for (size_t i = 0; i < classes; i++) {
        if (isnan(logits[i]) || logits[i] == INFINITY)
            return hwv_fail(error, HWV_ERR_NUMERIC, "the model's outputs are no numbers: that of token %zu is %g", i,
                            (double)logits[i]);
        if (logits[i] > logits[*best])
            *best = i;
    }
    if (logits[*best] == -INFINITY)
        return hwv_fail(error, HWV_ERR_NUMERIC, "the model's outputs are no numbers: all are -inf");
    return HWV_OK;
}

/* ---- a heap of tokens, the likeliest at its top ---------------------------------------------------- */

static bool likelier(const float *logits, int32_t a, int32_t b)
{
    return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
}

static void sink(const float *logits, int32_t *heap, size_t count, size_t at)
{
    for (size_t child = 2 * at + 1; child < count; at = child, child = 2 * at + 1) {
        if (child + 1 < count && likelier(logits, heap[child + 1], heap[child]))
            child++;
        if (!likelier(logits, heap[child], heap[at]))
            return;
        const int32_t kept = heap[at];
        heap[at] = heap[child];
        heap[child] = kept;
    }
}

static void heap_fill(const float *logits, int32_t *heap, size_t count)
{
    for (size_t i = 0; i < count; i++)
        heap[i] = (int32_t)i;
    for (size_t i = count / 2; i-- > 0;)
        sink(logits, heap, count, i);
}

/* The likeliest of the first *count goes behind them. */
static int32_t heap_pop(const float *logits, int32_t *heap, size_t *count)
{
    const int32_t top = heap[0];
    heap[0] = heap[--*count];
    heap[*count] = top;
    sink(logits, heap, *count, 0);
    return top;
}

/* ---- the draw ------------------------------------------------------------------------------------------ */

/* Tokens from the likeliest on, `k` at most, until their shares reach top_p of those of all k: how many, and the sum of
 * their shares. They end up at order[classes - 1], order[classes - 2], ... */
static size_t nucleus(const float *logits, size_t classes, size_t k, double top_p, const double *shares, int32_t *order,
                      double *sum)
{
    double all = 0;
    size_t left = classes, count = 0;
    heap_fill(logits, order, classes);
    if (k == classes) {
        for (size_t i = 0; i < classes; i++)
            all += shares[i];
    } else {
        for (size_t i = 0; i < k; i++)
            all += shares[heap_pop(logits, order, &left)];
    }
    for (*sum = 0; count < k && (count == 0 || *sum < top_p * all); count++) {
        if (classes - count == left)
            heap_pop(logits, order, &left);
        *sum += shares[order[classes - 1 - count]];
    }
    return count;
}

hwv_status hwv_generator_pick(const float *logits, size_t classes, const hwv_sampling *sampling, uint64_t index,
                              double *shares, int32_t *order, int32_t *token, hwv_error *error)
{
    const size_t k = sampling->top_k == 0 || sampling->top_k > classes ? classes : sampling->top_k;
    size_t best, count = classes;
    double sum = 0;
    HWV_TRY(hwv_sampling_check(sampling, error));
    HWV_TRY(find_likeliest(logits, classes, &best, error));
    *token = (int32_t)best;
    if (sampling->temperature == 0)
        return HWV_OK;
    for (size_t i = 0; i < classes; i++) {
        shares[i] = exp(((double)logits[i] - (double)logits[best]) / sampling->temperature);
        sum += shares[i];
    }
    const bool sorted = k < classes || sampling->top_p < 1;
    if (sorted)
        count = nucleus(logits, classes, k, sampling->top_p, shares, order, &sum);
    double left = hwv_random_uniform(sampling->seed, HWV_STREAM_GENERATE, 0, index) * sum;
    for (size_t i = 0; i < count; i++) {
        const int32_t next = sorted ? order[classes - 1 - i] : (int32_t)i;
        if (shares[next] > 0) /* where rounding leaves something, it is the last of these */
            *token = next;
        left -= shares[next];
        if (left < 0)
            break;
    }
    return HWV_OK;
}
