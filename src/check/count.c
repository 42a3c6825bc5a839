/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting everything that a feed gives, and the feed of a data set's part. */
#include "halfwave/check.h"

hwv_status hwv_network_count(hwv_tally *tally, const hwv_network *network, size_t group, const hwv_feed *feed,
                             const hwv_executor *executor, hwv_error *error)
{
    hwv_counter *counter;
    HWV_TRY(hwv_counter_create(&counter, network, group, executor, error));
    hwv_status status = hwv_network_stream(network, counter, feed, executor, error);
    if (status == HWV_OK)
        status = hwv_counter_take(counter, tally, error);
    hwv_counter_destroy(counter);
    return status;
}

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    hwv_part_feed *f = self;
    const size_t left = f->count - f->given;
    (void)error;
    *got = rows < left ? rows : left;
    if (*got > 0 && f->part->tokens)
        hwv_data_gather_tokens(f->data, f->part, NULL, f->given, *got, into[0], NULL);
    else if (*got > 0)
        hwv_data_gather(f->data, f->part, NULL, f->given, *got, into[0], NULL);
    f->given += *got;
    return HWV_OK;
}

hwv_feed hwv_part_feed_open(hwv_part_feed *feed)
{
    feed->given = 0;
    return (hwv_feed){.self = feed, .next = next};
}
