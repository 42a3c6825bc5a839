/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A check as a page. */
#include "report/check_layers.h"

static void put_verdict(const hwv_check_view *view, hwv_page *page)
{
    hwv_text sentence = {0}, detail = {0};
    hwv_check_sentence(view, &sentence);
    hwv_check_detail(view, &detail);
    hwv_page_mark mark = {.style = hwv_check_verdict_style(view->diagnosis->verdict),
                          .word = hwv_check_verdict_head(view->diagnosis->verdict)};
    hwv_page_verdict(page, &mark, sentence.data, detail.data);
    page->body.failed = page->body.failed || sentence.failed || detail.failed;
    hwv_text_free(&sentence);
    hwv_text_free(&detail);
}

void hwv_check_page(const hwv_check_view *view, hwv_page *page, hwv_page_head *head, hwv_text *strings)
{
    static const hwv_check_wish columns = {
        .columns = {HWV_CHECK_NUMBER, HWV_CHECK_NAME, HWV_CHECK_OP, HWV_CHECK_SHAPE, HWV_CHECK_UNITS,
                    HWV_CHECK_SILENT_UNITS, HWV_CHECK_DEAD_UNITS, HWV_CHECK_INERT_UNITS, HWV_CHECK_RARE_UNITS,
                    HWV_CHECK_ALWAYS, HWV_CHECK_ZERO_SHARE, HWV_CHECK_VERDICT, HWV_CHECK_EVIDENCE, HWV_CHECK_CURVE},
        .count = 14,
        .utf8 = true,
        .name = 40};
    hwv_check_table table = {.table = {.caption = {.note = HWV_CHECK_ZEROS}}};
    hwv_check_checked(view, strings);
    *head = (hwv_page_head){.kind = "check", .title = hwv_check_model(view), .lead = strings->data};
    put_verdict(view, page);
    hwv_check_table_open(&table, view, &columns);
    hwv_page_table(page, &table.table, NULL);
    hwv_check_table_close(&table);
}

hwv_status hwv_check_page_save(const hwv_check_view *view, const char *path, hwv_error *error)
{
    hwv_page page = {0};
    hwv_page_head head;
    hwv_text strings = {0};
    hwv_check_page(view, &page, &head, &strings);
    page.body.failed = page.body.failed || strings.failed;
    hwv_status status = hwv_page_save(&page, &head, path, error);
    hwv_page_free(&page);
    hwv_text_free(&strings);
    return status;
}
