/** The plan of a server with 64 harts: it opens and zooms within the time of a frame or few. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "./browser.js";
import { document, json } from "../oracle.js";

/** Milliseconds: several times those of a machine whose processors have ten other tasks each. */
const OPEN = 10000;
const FRAME = 400;

test("64 harts open and zoom smoothly", async (context) => {
    const start = performance.now();
    const { page, close } = await open([document("plan-64-harts")]);
    const opened = performance.now() - start;
    const figures = await page.evaluate(async () => {
        const column = document.querySelector('[data-column="left"] .back');
        const { left, top, width, height } = column.getBoundingClientRect();
        const times = [];
        let most = 0;
        for (let round = 0; round < 120; round += 1) {
            const at = { clientX: left + width / 2, clientY: top + height / 2, deltaY: round < 60 ? -120 : 120, bubbles: true, cancelable: true };
            const before = performance.now();
            column.dispatchEvent(new WheelEvent("wheel", at));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            times.push(performance.now() - before);
            most = Math.max(most, document.querySelectorAll("g.box").length);
        }
        times.sort((a, b) => a - b);
        return { median: times[60], slow: times[114], most };
    });
    context.diagnostic(`${json("plan-64-harts").mappings.length} mappings; opened in ${Math.round(opened)} ms; frames: median ${figures.median.toFixed(1)} ms, 95th of 100 ${figures.slow.toFixed(1)} ms; at most ${figures.most} boxes`);
    assert.ok(opened < OPEN, `${opened} ms`);
    assert.ok(figures.median < FRAME, `${figures.median} ms`);
    await close();
});
