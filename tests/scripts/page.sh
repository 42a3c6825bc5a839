#!/bin/sh
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 the halfwave authors
#
# The pages of demo, train, check and compare in a real browser: nothing is asked for from outside, every figure has a
# drawing with text that can be read, a label and a table, and nothing is wider than the window, on a phone and on a
# desktop. Skipped where there is no Chromium.
. "$(dirname "$0")/../support/script.sh"
tool=$build_dir/halfwave
[ -x "$tool" ] || skip "the tool is not built"
browser=""
for name in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v $name || true)
done
[ -n "$browser" ] || skip "no Chromium here to open the pages in"
cd "$scratch" || exit 1

# browse FILE OPTION...: the document as the browser has it after loading. No name is resolved: whatever the
# browser itself would like to fetch stays here.
browse() {
    address=file://$scratch/$1
    shift
    HOME=$scratch timeout 60 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
        --disable-background-networking --disable-component-update --disable-sync --disable-default-apps \
        --disable-dev-shm-usage --host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$scratch/profile" \
        --hide-scrollbars --virtual-time-budget=2000 --window-size=1400,1000 --dump-dom "$@" "$address" 2>browser.txt
}

echo '<!DOCTYPE html><title>t</title><p>ready</p>' >empty.html
browse empty.html >dom.html || true
grep -q ready dom.html || skip "this Chromium opens no page: $(tail -n 1 browser.txt)"

# With all tables open, so that what is folded is measured too. Sizes are in CSS pixels.
cat >measure.txt <<'END'
<script>
addEventListener("load", () => {
    const said = [];
    const wrong = (text) => said.push("wrong: " + text);
    document.querySelectorAll("details").forEach((d) => { d.open = true; });
    const width = document.documentElement.clientWidth;
    const widest = Math.max(document.documentElement.scrollWidth, document.body.scrollWidth);
    if (widest > width)
        wrong("the page is " + widest + " wide in a window of " + width);
    for (const entry of performance.getEntriesByType("resource"))
        wrong("asks for " + entry.name);
    const figures = document.querySelectorAll("figure:has(svg)");
    for (const figure of figures) {
        const shown = [...figure.querySelectorAll("svg")].filter((s) => getComputedStyle(s).display !== "none");
        const name = figure.querySelector("figcaption").textContent;
        if (shown.length !== 1)
            wrong(name + ": " + shown.length + " drawings are shown");
        for (const svg of shown) {
            const box = svg.getBoundingClientRect();
            if (box.left < 0 || box.right > width || box.height < 60)
                wrong(name + ": a drawing from " + box.left + " to " + box.right + ", " + box.height + " high");
            if (!svg.getAttribute("aria-label") || svg.getAttribute("role") !== "img" || !svg.querySelector("title"))
                wrong(name + ": a drawing without label");
            const texts = svg.querySelectorAll("text");
            if (texts.length < 4)
                wrong(name + ": a drawing without text");
            const size = 12 * box.width / svg.viewBox.baseVal.width;
            if (size < 10)
                wrong(name + ": letters of " + size + " pixels");
            for (const text of texts) {
                const t = text.getBoundingClientRect();
                if (t.left < box.left - 2 || t.right > box.right + 2)
                    wrong(name + ": '" + text.textContent + "' leaves the drawing");
            }
        }
        if (figure.querySelectorAll("details tbody tr").length < 2)
            wrong(name + ": no table");
    }
    if (!document.documentElement.lang || document.querySelectorAll("h1").length !== 1)
        wrong("no language or not one heading");
    for (const a of document.querySelectorAll("a"))
        if (!document.getElementById(a.getAttribute("href").slice(1)))
            wrong("a reference to nowhere: " + a.getAttribute("href"));
    said.push("measured: " + figures.length + " at " + width + " on " + getComputedStyle(document.body).backgroundColor);
    parent.postMessage(said.join("\n"), "*");
});
</script>
END
# A browser's window has a least width, a frame in it has not.
cat >frames.html <<'END'
<!DOCTYPE html><meta name="color-scheme" content="light dark"><title>frames</title><pre></pre>
<script>
addEventListener("message", (event) => { document.querySelector("pre").append("\n" + event.data + "\n"); });
</script>
<iframe src="measured.html" width="390" height="900" style="border:0"></iframe>
<iframe src="measured.html" width="1280" height="900" style="border:0"></iframe>
END

# faults FILE OPTION...: what is wrong with it on a phone and on a desktop. It is opened without its policy, so that
# it would show what it asks for, and with the script that measures.
faults() {
    sed -e '/http-equiv="Content-Security-Policy"/d' -e '/^<\/head>/r measure.txt' "$1" >measured.html
    shift
    browse frames.html "$@" >dom.html || true
    grep '^wrong: ' dom.html || true
    for window in 390 1280; do
        grep -q "^measured: [1-9][0-9]* at $window " dom.html || echo "not measured at $window: $(tail -n 1 browser.txt)"
    done
    sed -n 's/^measured: .* at 1280 on //p' dom.html >background.txt
}

# outside FILE: what it asks the network for; the browser's own errands apart.
outside() {
    browse "$1" --log-net-log="$scratch/net.json" >dom.html || true
    [ -s net.json ] || echo "no log of the network"
    grep -o '"url":"[^"]*"' net.json | grep -v -E '"url":"(file:|data:|chrome|https?://[a-z0-9.-]*\.google(apis)?\.com/)' || true
}

# --- the checks notice what they are made for
"$tool" demo gradient death -q --html demo.html >/dev/null
sed -e '/http-equiv="Content-Security-Policy"/d' -e 's|^</main>|<img src="http://127.0.0.1:9/x.png" alt="">&|' demo.html >asks.html
sed -e 's|^</main>|<p style="width:500px">wide</p>&|' demo.html >wide.html
sed -e 's|^<details><summary>The figures as a table</summary>.*|<details>|; s|<tbody>|<tbody hidden=""><tr></tr></tbody><tbody>|' \
    -e 's|role="img"||' demo.html >mute.html
must_find outside asks.html
must_find faults asks.html
must_find faults wide.html
must_find faults mute.html

# --- the pages
"$tool" train -q --epochs 3 --schedule cosine --html train.html >/dev/null
"$tool" train -q --epochs 8 --watch --html watch.html --out model.safetensors >/dev/null
"$tool" check -q model.safetensors --data digits --html check.html >/dev/null || [ $? = 1 ]
"$tool" compare -q --acts 'relu,leaky_relu(slope=0.2),sigmoid' --seeds 2 --epochs 3 --until-train-error 5% \
    --html compare.html >/dev/null
for page in demo.html train.html watch.html check.html compare.html; do
    must_pass outside $page
    must_pass faults $page
done
light=$(cat background.txt)
must_pass faults compare.html --blink-settings=preferredColorScheme=0
[ "$light" != "$(cat background.txt)" ] || finding "dark is as light: $light"
finish
