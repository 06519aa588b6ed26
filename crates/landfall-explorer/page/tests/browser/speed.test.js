/** The plan of a server with 64 harts: it opens and zooms within the time of a frame or few. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "./browser.js";
import { largeAudit } from "../large.js";
import { document, json } from "../oracle.js";

/** Milliseconds: several times those of a machine whose processors have ten other tasks each. */
const OPEN = 10000;
const FRAME = 400;
/** Milliseconds of a processor, for a large audit. */
const LARGE = 2000;
const VIEW = 100;

const VIEWS = 120;

/**
 * Zooms in and out at the middle of a column, and returns the times of frames and the most boxes.
 */
function zoom(page) {
    return page.evaluate(async (views) => {
        const column = document.querySelector('[data-column="left"] .back');
        const { left, top, width, height } = column.getBoundingClientRect();
        const times = [];
        let most = 0;
        for (let round = 0; round < views; round += 1) {
            const at = { clientX: left + width / 2, clientY: top + height / 2, deltaY: round < views / 2 ? -120 : 120, bubbles: true, cancelable: true };
            const before = performance.now();
            column.dispatchEvent(new WheelEvent("wheel", at));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            times.push(performance.now() - before);
            most = Math.max(most, document.querySelectorAll("g.box").length);
        }
        times.sort((a, b) => a - b);
        return { median: times[views / 2], slow: times[Math.floor(views * 0.95)], most };
    }, VIEWS);
}

const words = ({ median, slow, most }) => `frames: median ${median.toFixed(1)} ms, 95th of 100 ${slow.toFixed(1)} ms; at most ${most} boxes`;

test("64 harts open and zoom smoothly", async (context) => {
    const start = performance.now();
    const { page, close } = await open([document("plan-64-harts")]);
    const opened = performance.now() - start;
    const figures = await zoom(page);
    context.diagnostic(`${json("plan-64-harts").mappings.length} mappings; opened in ${Math.round(opened)} ms; ${words(figures)}`);
    assert.ok(opened < OPEN, `${opened} ms`);
    assert.ok(figures.median < FRAME, `${figures.median} ms`);
    await close();
});

test("an audit of 100,000 mappings opens and zooms", async (context) => {
    let session = null;
    const before = async (page) => {
        session = await page.context().newCDPSession(page);
        await session.send("Performance.enable", { timeDomain: "threadTicks" });
    };
    const { page, close } = await open([{ kind: "audit", title: "a large one", json: largeAudit(100_000), request: null, command: null }], { before });
    // Milliseconds of the processor, whatever else the machine does: reading the file, the first
    // picture and the engine.
    const spent = async () => 1000 * (await session.send("Performance.getMetrics")).metrics.find(({ name }) => name === "TaskDuration").value;
    const shown = await spent();
    const boxes = await page.locator("g.box").count();
    const figures = await zoom(page);
    const view = ((await spent()) - shown) / VIEWS;
    context.diagnostic(`opened in ${Math.round(shown)} ms of the processor, with ${boxes} boxes; a view: ${Math.round(view)} ms; ${words(figures)}`);
    assert.ok(boxes > 10);
    assert.ok(shown < LARGE, `${shown} ms`);
    assert.ok(view < VIEW, `${view} ms`);
    await close();
});
