/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The style sheet of pages. Colours are those of the drawings (term.c); the disc of a mark is full, half full or
 * empty, so that a verdict does not hang on its colour. */
#include "report/page_style.h"

#include "report/svg.h"

/* Text needs more contrast than a line: the marks' colours are the drawings', darker where they must be. */
static const char colors[] =
    ":root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--soft:#5c646f;--line:#e3e6ea;--tint:#f5f7f9;"
    "--link:#0063a0;--good:#00714f;--warn:#8a6000;--bad:#c4321f}\n"
    "@media (prefers-color-scheme:dark){:root{--page:#15181c;--ink:#e6e8eb;--soft:#9aa1ab;--line:#2b3037;"
    "--tint:#1d2126;--link:#6cbdf0;--good:#2cc295;--warn:#f0c13c;--bad:#ff7b6b}}\n";

static const char text_rules[] =
    "*{box-sizing:border-box}"
    "html{-webkit-text-size-adjust:100%;text-size-adjust:100%}"
    "body{margin:0;background:var(--page);color:var(--ink);font:16px/1.6 system-ui,-apple-system,\"Segoe UI\",Roboto,"
    "\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif;overflow-wrap:break-word}\n"
    "main{max-width:800px;margin:0 auto;padding:44px 20px 88px}"
    "p{margin:0 0 14px;max-width:42rem;text-wrap:pretty}"
    "a{color:var(--link);text-decoration-thickness:1px;text-decoration-color:var(--line);text-underline-offset:.24em}a:"
    "hover{text-decoration-color:currentColor}"
    ".faint,.note,small,dt,figcaption span,.lead{color:var(--soft)}"
    ".strong{font-weight:600}.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}\n"
    ".brand{display:flex;align-items:center;gap:10px;margin:0 0 40px;font-size:15px}"
    ".brand svg{width:34px;height:auto;flex:none}.brand path{fill:none;stroke:var(--link);stroke-width:3.4;"
    "stroke-linecap:round;stroke-linejoin:round}.brand span{color:var(--soft)}\n"
    "h1{margin:0 0 14px;font-size:36px;line-height:1.16;font-weight:650;letter-spacing:-.018em;text-wrap:balance}"
    ".lead{font-size:19px;line-height:1.5;margin-bottom:30px}"
    "h2{margin:76px 0 16px;padding-top:26px;border-top:1px solid var(--line);font-size:24px;line-height:1.25;"
    "font-weight:650;letter-spacing:-.01em;text-wrap:balance}"
    "p.strong{font-size:18px;line-height:1.5}p.faint,.note{font-size:14px;line-height:1.55}\n";

static const char box_rules[] =
    "dl{margin:0 0 28px}dd{margin:0}"
    ".facts{font-size:14px;line-height:1.5}.facts div{display:flex;gap:16px;padding:3px 0}.facts dt{flex:0 0 116px}"
    ".facts dd{min-width:0}"
    ".keys{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:22px 20px;margin:0 0 40px}"
    ".keys dt{font-size:14px}.keys dd{font-size:26px;line-height:1.3;font-weight:600;letter-spacing:-.01em;"
    "font-variant-numeric:tabular-nums;white-space:nowrap}.keys "
    "small{display:block;white-space:normal;font-size:13px;line-height:1.4;font-weight:400;"
    "letter-spacing:0}\n"
    ".mark{display:inline-flex;align-items:center;gap:.5em;font-weight:600;white-space:nowrap}"
    ".mark::before{content:\"\";width:.72em;height:.72em;border:.13em solid;border-radius:50%;"
    "-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    ".mark.good::before{background:currentColor}"
    ".mark.warn::before{background:linear-gradient(90deg,currentColor 50%,transparent 50%)}"
    ".mark.plain::before{display:none}\n"
    ".verdict{margin:30px 0;padding:18px 22px;background:var(--tint);border-radius:8px;color:var(--ink)}"
    ".verdict p{margin:6px 0 0}\n"
    "pre{margin:0 0 16px;padding:13px "
    "16px;background:var(--tint);border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere;"
    "font:14px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n";

static const char table_rules[] =
    ".table{overflow-x:auto;margin:0 0 10px}table{border-collapse:collapse;font-size:14px;line-height:1.45;"
    "font-variant-numeric:tabular-nums}"
    "th,td{padding:6px 0 6px 22px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}"
    "th:first-child,td:first-child{padding-left:0}"
    "thead th{color:var(--soft);font-weight:500;vertical-align:bottom}.table td{white-space:nowrap}"
    ".table th.n,.table td.n{text-align:right}tr.rule td{border-top:1px solid var(--soft)}\n"
    ".summary{width:100%;margin:0 0 10px}.summary th[scope=row]{width:27%;font-weight:600}"
    ".summary td,.summary th{padding-top:12px;padding-bottom:12px}"
    "figure{margin:34px 0}figcaption{margin:0 0 12px}"
    "figcaption strong,figcaption span{display:block;font-weight:600;line-height:1.45}"
    "figcaption span{font-size:14px;font-weight:400;max-width:42rem}"
    "figure svg{display:block;width:100%;height:auto}.note{margin:8px 0 0}"
    "details{margin:10px 0 0;font-size:14px}summary{color:var(--soft);cursor:pointer}summary:hover{color:var(--ink)}"
    "details[open] summary{margin-bottom:8px}details figure{margin:12px 0}details .note{margin:0 0 8px}\n";

/* Tables that can be sorted: the chosen radio button says which of a row's ranks is its order. */
static const char sort_rules[] =
    ".sort input{position:absolute;opacity:0}.sort .by{color:var(--soft);font-size:14px;margin-right:8px}"
    ".sort label{display:inline-block;padding:2px 10px;margin:0 2px 8px 0;border-radius:99px;font-size:14px;"
    "color:var(--link);cursor:pointer}.sort "
    "input:checked+label{background:var(--tint);color:var(--ink);font-weight:600}"
    ".sort input:focus-visible+label{outline:2px solid var(--link)}"
    ".sort .table{max-height:560px;overflow:auto}"
    ".sort table{display:block;width:max-content}.sort "
    "thead{display:block;position:sticky;top:0;background:var(--page)}"
    ".sort tbody{display:flex;flex-direction:column}"
    ".sort tr{display:grid;grid-template-columns:var(--w);column-gap:20px;border-bottom:1px solid var(--line)}"
    ".sort th,.sort td{padding:5px 0;border:0;text-align:right;white-space:nowrap}.sort .l{text-align:left}"
    ".o1:checked~.table tr{order:var(--o1)}.o2:checked~.table tr{order:var(--o2)}.o3:checked~.table tr{order:var(--o3)}"
    ".o4:checked~.table tr{order:var(--o4)}.o5:checked~.table tr{order:var(--o5)}\n";

static const char phone_rules[] =
    "@media "
    "(max-width:599px){main{padding-top:28px}h1{font-size:29px}.lead{font-size:17px}h2{margin-top:56px;font-size:21px}"
    ".brand{margin-bottom:28px}.verdict{padding:16px}"
    ".keys{grid-template-columns:1fr 1fr}.keys dd{font-size:24px}.facts dt{flex-basis:92px}"
    ".summary thead{position:absolute;clip-path:inset(50%)}.summary tr{display:block;padding:14px 0;border-bottom:1px "
    "solid var(--line)}"
    ".summary th[scope=row],.summary td{display:block;width:auto;padding:0 0 4px;border:0}}\n"
    "@media print{body{font-size:11pt}main{max-width:none;padding:0}h2{break-after:avoid}"
    "figure,.verdict,tr{break-inside:avoid}details:not([open]){display:none}}\n";

void hwv_page_style(hwv_text *text, bool narrow)
{
    hwv_text_puts(text, colors);
    hwv_text_puts(text, text_rules);
    hwv_text_puts(text, box_rules);
    hwv_text_puts(text, table_rules);
    hwv_text_puts(text, sort_rules);
    hwv_text_puts(text, phone_rules);
    if (narrow)
        hwv_text_puts(text, "figure .narrow{display:none}"
                            "@media (max-width:599px){figure .wide{display:none}figure .narrow{display:block}}\n");
    hwv_svg_style(text);
    hwv_text_puts(text, "\n");
}
