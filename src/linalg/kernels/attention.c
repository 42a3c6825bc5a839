/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Attention of one head in vector words. Scores are kept with a row for each key and the queries of a panel as lanes:
 * maxima, sums and exponentials of all queries go down the rows without a step across lanes. The tiles of gemm.c
 * multiply; all that they read as B is copied first to rows of whole vectors. */
#include <math.h>
#include <string.h>

#include "linalg/dispatch.h"
#include "simd/exp.h"
#include "simd/log.h"
#include "simd/simd.h"
#include "simd/sum.h"

/* Rows of a tile. */
#if defined(HWV_SIMD_avx512) || defined(HWV_SIMD_neon)
#define HEIGHT ((size_t)8)
#else
#define HEIGHT ((size_t)4)
#endif
/* Queries of a panel that a key is skipped for together. */
#define GROUP (V_LANES > HEIGHT ? (size_t)V_LANES : HEIGHT)
#define KEYS  HWV_ATTENTION_KEYS
#define PANEL HWV_PANEL

extern const hwv_gemm_kernels HWV_ISA(hwv_gemm_kernels);
extern const hwv_attention_kernels HWV_ISA(hwv_attention_kernels);

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Elements of a copied row. */
static size_t wide_of(const hwv_attention_head *h)
{
    return (h->size + V_LANES - 1) / V_LANES * V_LANES;
}

/* Rows of whole vectors, filled with zeros; whether all numbers are finite: then 0 times them adds up to 0. */
static bool copy_rows(const hwv_attention_head *h, size_t rows, const float *from, size_t stride, float *to)
{
    const size_t wide = wide_of(h), whole = h->size - h->size % V_LANES;
    vf zero[2] = {v_zero(), v_zero()};
    for (size_t r = 0; r < rows; r++) {
        const float *x = from + r * stride;
        size_t i = 0;
        for (; whole - i >= 2 * V_LANES; i += 2 * V_LANES) {
            HWV_UNROLL
            for (size_t j = 0; j < 2; j++) {
                const vf a = v_load(x + i + j * V_LANES);
                v_store(to + i + j * V_LANES, a);
                zero[j] = v_fma(a, v_zero(), zero[j]);
            }
        }
        for (; i < wide; i += V_LANES) {
            const vf a = v_load_part(x + i, least(h->size - i, V_LANES));
            v_store(to + i, a);
            zero[0] = v_fma(a, v_zero(), zero[0]);
        }
        to += wide;
    }
    zero[0] = v_add(zero[0], zero[1]);
    return !vm_any(v_unordered(zero[0], zero[0]));
}

/* Columns of the queries as rows. */
static void turn_rows(const hwv_attention_head *h, size_t rows, const float *from, size_t stride, float *panel)
{
    HWV_ISA(hwv_gemm_kernels).pack(panel, h->size, rows, from, stride, true);
}

static void multiply(const hwv_tile *tile, bool a_transposed, size_t rows, const float *a, const float *b, float *c,
                     size_t columns)
{
    for (size_t j = 0; j < columns; j += 2 * V_LANES) {
        const size_t count = least(columns - j, 2 * V_LANES);
        HWV_ISA(hwv_gemm_kernels).tiles[a_transposed][count > V_LANES][rows - 1](tile, a, b + j, c + j, count, NULL);
    }
}

/* A block of keys and a panel of queries; the first key is not behind the first query. */
typedef struct meeting {
    const hwv_attention_head *head;
    size_t key, keys, query, queries;
} meeting;

/* Whether some key is not seen by some query. */
static bool is_cut(const meeting *m)
{
    return m->head->causal && m->key + m->keys > m->query + 1;
}

/* The first query that sees key k of the block; it may be behind the last. */
static size_t first_query(const meeting *m, size_t k)
{
    return m->head->causal && m->key + k > m->query ? m->key + k - m->query : 0;
}

/* Keys that the queries up to q, of this panel, see. */
static size_t seen_keys(const meeting *m, size_t q)
{
    return m->head->causal ? least(m->keys, m->query + q + 1 - m->key) : m->keys;
}

/* to[k,q] = keys[k,:] queries[:,q] for all pairs but those of groups that do not see the key. */
static void scores(const meeting *m, const float *keys, const float *queries, float *to)
{
    const size_t wide = wide_of(m->head), columns = (m->queries + V_LANES - 1) / V_LANES * V_LANES;
    const hwv_tile tile = {.batch = 1, .depth = m->head->size, .a_stride = wide, .b_stride = PANEL, .c_stride = PANEL};
    for (size_t k = 0; k < m->keys; k += HEIGHT) {
        const size_t from = first_query(m, k) / GROUP * GROUP;
        if (from >= columns)
            return;
        multiply(&tile, false, least(HEIGHT, m->keys - k), keys + k * wide, queries + from, to + k * PANEL + from,
                 columns - from);
    }
}

/* c[q,:] = (c[q,:] +) sum over k of shares[k,q] b[k,:]; b may hold what is not finite: `finite`. */
static void to_queries(const meeting *m, const float *shares, const float *b, bool finite, float *c, size_t c_stride,
                       bool accumulate)
{
    const size_t wide = wide_of(m->head), height = finite || !is_cut(m) ? HEIGHT : 1;
    hwv_tile tile = {.batch = 1, .a_stride = PANEL, .b_stride = wide, .c_stride = c_stride, .accumulate = accumulate};
    for (size_t q = 0; q < m->queries; q += height) {
        const size_t rows = least(height, m->queries - q);
        tile.depth = seen_keys(m, q + rows - 1);
        multiply(&tile, true, rows, shares + q, b, c + (m->query + q) * c_stride, m->head->size);
    }
}

/* c[k,:] = (c[k,:] +) sum over q of shares[k,q] b[q,:]; added to what panels in front gave. */
static void to_keys(const meeting *m, const float *shares, const float *b, bool finite, float *c)
{
    const size_t wide = wide_of(m->head), height = finite || !is_cut(m) ? HEIGHT : 1, stride = m->head->stride;
    hwv_tile tile = {.batch = 1, .a_stride = PANEL, .b_stride = wide, .c_stride = stride};
    for (size_t k = 0; k < m->keys; k += height) {
        const size_t from = first_query(m, k);
        if (from >= m->queries)
            return;
        tile.depth = m->queries - from;
        tile.accumulate = m->query > (m->head->causal ? (m->key + k) / PANEL * PANEL : 0);
        multiply(&tile, false, least(height, m->keys - k), shares + k * PANEL + from, b + from * wide,
                 c + (m->key + k) * stride, m->head->size);
    }
}

/* What the lanes of vector `at` of a panel see: all of them the keys below `all`, some those below `some`. */
typedef struct sight {
    size_t all, some;
} sight;

static sight sight_of(const meeting *m, size_t at)
{
    return (sight){seen_keys(m, at), seen_keys(m, at / GROUP * GROUP + GROUP - 1)};
}

/* The lanes that see key k. */
HWV_WORD vm seeing(const sight *s, size_t k)
{
    const size_t blind = k + 1 - s->all;
    return vm_not(vm_first(blind < V_LANES ? blind : V_LANES));
}

/* ---- forward -------------------------------------------------------------------------------------- */

/* Of the queries of a panel. */
typedef struct state {
    float maximum[PANEL], sum[PANEL];
} state;

/* Scores of vector `at` of a panel become exp(score - maximum), 0 where they are not seen. `fading`: what earlier sums
 * shrink by, NULL where there are none. */
static void exponentials(const meeting *m, size_t at, float *shares, state *s, float *fading)
{
    const sight seen = sight_of(m, at);
    const vf scale = v_set(m->head->scale);
    vf most = fading ? v_load(s->maximum + at) : v_set(-INFINITY), sum = v_zero();
    for (size_t k = 0; k < seen.all; k++)
        most = v_max(most, v_mul(v_load(shares + k * PANEL + at), scale));
    for (size_t k = seen.all; k < seen.some; k++)
        most = v_max(most, v_select(seeing(&seen, k), v_mul(v_load(shares + k * PANEL + at), scale), most));
    if (fading) {
        const vf shrink = v_exp(v_sub(v_load(s->maximum + at), most));
        v_store(fading + at, shrink);
        sum = v_mul(v_load(s->sum + at), shrink);
    }
    v_store(s->maximum + at, most);
    for (size_t k = 0; k < seen.all; k++) {
        const vf e = v_exp(v_sub(v_mul(v_load(shares + k * PANEL + at), scale), most));
        v_store(shares + k * PANEL + at, e);
        sum = v_add(sum, e);
    }
    for (size_t k = seen.all; k < seen.some; k++) {
        const vf x = v_mul(v_load(shares + k * PANEL + at), scale);
        const vf e = v_keep(seeing(&seen, k), v_exp(v_sub(x, most)));
        v_store(shares + k * PANEL + at, e);
        sum = v_add(sum, e);
    }
    v_store(s->sum + at, sum);
}

static void scale_rows(const meeting *m, const float *factor)
{
    const hwv_attention_head *h = m->head;
    for (size_t q = 0; q < m->queries; q++) {
        float *y = h->y + (m->query + q) * h->y_stride;
        const vf f = v_set(factor[q]);
        size_t i = 0;
        for (; h->size - i >= V_LANES; i += V_LANES)
            v_store(y + i, v_mul(v_load(y + i), f));
        if (i < h->size)
            v_store_n(y + i, v_mul(v_load_n(y + i, h->size - i), f), h->size - i);
    }
}

static void forward_meeting(const meeting *m, const float *keys, const float *values, bool finite, const float *queries,
                            float *shares, state *s)
{
    float fading[PANEL];
    const bool first = m->key == 0;
    scores(m, keys, queries, shares);
    for (size_t at = 0; at < m->queries; at += V_LANES)
        exponentials(m, at, shares, s, first ? NULL : fading);
    if (!first)
        scale_rows(m, fading);
    to_queries(m, shares, values, finite, m->head->y, m->head->y_stride, !first);
}

static void forward_finish(const meeting *m, const state *s)
{
    float factor[PANEL], lse[PANEL];
    for (size_t at = 0; at < m->queries; at += V_LANES) {
        const vf sum = v_load(s->sum + at);
        v_store(factor + at, v_div(v_set(1.0f), sum));
        v_store(lse + at, v_add(v_load(s->maximum + at), v_log(sum)));
    }
    scale_rows(m, factor);
    if (m->head->lse)
        memcpy(m->head->lse + m->query, lse, m->queries * sizeof *lse);
}

/* The part of a block of keys that the panel from `query` on sees. */
static meeting meeting_of(const hwv_attention_head *h, size_t key, size_t query, size_t end)
{
    const size_t queries = least(PANEL, end - query), seen = h->causal ? query + queries : h->length;
    return (meeting){h, key, seen > key ? least(KEYS, seen - key) : 0, query, queries};
}

static void forward(const hwv_attention_head *h, size_t first, size_t rows, float *scratch)
{
    const size_t wide = wide_of(h), end = first + rows, last = h->causal ? end : h->length;
    float *keys = scratch, *values = keys + KEYS * wide, *shares = values + KEYS * wide;
    float *queries = shares + KEYS * PANEL;
    state states[HWV_ATTENTION_QUERIES / PANEL];
    for (size_t q = 0; q < rows; q += PANEL)
        turn_rows(h, least(PANEL, rows - q), h->q + (first + q) * h->stride, h->stride, queries + q * h->size);
    for (size_t key = 0; key < last; key += KEYS) {
        const size_t count = least(KEYS, last - key);
        copy_rows(h, count, h->k + key * h->stride, h->stride, keys);
        const bool finite = copy_rows(h, count, h->v + key * h->stride, h->stride, values);
        for (size_t q = 0; q < rows; q += PANEL) {
            const meeting m = meeting_of(h, key, first + q, end);
            if (m.keys > 0)
                forward_meeting(&m, keys, values, finite, queries + q * h->size, shares, &states[q / PANEL]);
        }
    }
    for (size_t q = 0; q < rows; q += PANEL) {
        const meeting m = meeting_of(h, 0, first + q, end);
        forward_finish(&m, &states[q / PANEL]);
    }
}

/* ---- backward ------------------------------------------------------------------------------------- */

/* Copies of a panel of queries, as rows and as columns; of each query lse and the sum of dy y. */
typedef struct panel {
    float *q, *dy, *q_columns, *dy_columns, lse[PANEL], along[PANEL];
    bool q_finite, dy_finite;
} panel;

static void panel_fill(const meeting *m, panel *p)
{
    const hwv_attention_head *h = m->head;
    const size_t wide = wide_of(h);
    p->q_finite = copy_rows(h, m->queries, h->q + m->query * h->stride, h->stride, p->q);
    p->dy_finite = copy_rows(h, m->queries, h->dy + m->query * h->y_stride, h->y_stride, p->dy);
    turn_rows(h, m->queries, p->q, wide, p->q_columns);
    turn_rows(h, m->queries, p->dy, wide, p->dy_columns);
    memset(p->lse, 0, sizeof p->lse);
    memset(p->along, 0, sizeof p->along);
    memcpy(p->lse, h->lse + m->query, m->queries * sizeof *p->lse);
    for (size_t q = 0; q < m->queries; q++) {
        const float *y = h->y + (m->query + q) * h->y_stride, *dy = p->dy + q * wide;
        vf sum = v_zero();
        for (size_t i = 0; i < wide; i += V_LANES)
            sum = v_fma(v_load(dy + i), v_load_part(y + i, least(h->size - i, V_LANES)), sum);
        p->along[q] = v_sum(sum);
    }
}

/* Of one key and a vector of queries: shares = exp(score - lse), and the gradient of q k' from that of the shares. */
HWV_WORD void slope(vf scale, vf lse, vf along, float *shares, float *slopes, vf *share, vf *d)
{
    *share = v_exp(v_sub(v_mul(v_load(shares), scale), lse));
    *d = v_mul(v_mul(*share, v_sub(v_load(slopes), along)), scale);
}

static void slopes_of(const meeting *m, size_t at, const panel *p, float *shares, float *slopes)
{
    const sight seen = sight_of(m, at);
    const vf scale = v_set(m->head->scale), lse = v_load(p->lse + at), along = v_load(p->along + at);
    vf share, d;
    shares += at;
    slopes += at;
    for (size_t k = 0; k < seen.all; k++) {
        slope(scale, lse, along, shares + k * PANEL, slopes + k * PANEL, &share, &d);
        v_store(shares + k * PANEL, share);
        v_store(slopes + k * PANEL, d);
    }
    for (size_t k = seen.all; k < seen.some; k++) {
        slope(scale, lse, along, shares + k * PANEL, slopes + k * PANEL, &share, &d);
        v_store(shares + k * PANEL, v_keep(seeing(&seen, k), share));
        v_store(slopes + k * PANEL, v_keep(seeing(&seen, k), d));
    }
}

static void backward(const hwv_attention_head *h, size_t query, size_t queries, size_t key, size_t keys, float *scratch)
{
    const size_t wide = wide_of(h), query_end = query + queries;
    const size_t key_end = h->causal ? least(key + keys, query_end) : key + keys;
    float *k = scratch, *v = k + KEYS * wide, *shares = v + KEYS * wide, *slopes = shares + KEYS * PANEL;
    panel p = {.q = slopes + KEYS * PANEL};
    p.dy = p.q + PANEL * wide;
    p.q_columns = p.dy + PANEL * wide;
    p.dy_columns = p.q_columns + PANEL * h->size;
    for (; key < key_end; key += KEYS) {
        const size_t count = least(KEYS, h->length - key), unseen = h->causal ? key / PANEL * PANEL : 0;
        const bool k_finite = copy_rows(h, count, h->k + key * h->stride, h->stride, k);
        copy_rows(h, count, h->v + key * h->stride, h->stride, v);
        for (size_t q = query > unseen ? query : unseen; q < query_end; q += PANEL) {
            const meeting m = meeting_of(h, key, q, query_end);
            panel_fill(&m, &p);
            scores(&m, k, p.q_columns, shares);
            scores(&m, v, p.dy_columns, slopes);
            for (size_t at = 0; at < m.queries; at += V_LANES)
                slopes_of(&m, at, &p, shares, slopes);
            if (h->dq)
                to_queries(&m, slopes, k, k_finite, h->dq, h->stride, key > 0);
            if (h->dk) {
                to_keys(&m, shares, p.dy, p.dy_finite, h->dv);
                to_keys(&m, slopes, p.q, p.q_finite, h->dk);
            }
        }
    }
}

const hwv_attention_kernels HWV_ISA(hwv_attention_kernels) = {forward, backward};
