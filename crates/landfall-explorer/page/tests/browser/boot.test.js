/** "Boot it here", beside a second instance of the engine and beside the kernel's own report. */

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { detail, engineOf, open } from "./browser.js";
import { stepOf } from "../../src/text/steps.js";

/** @type {import("../../engine.js").Engine} */
let engine;
before(async () => {
    const { load } = await import("../../loader.js");
    engine = await load(engineOf());
});

const LINK = "#machine=virt&memory=256M&harts=2&mode=sv39&seed=00000000000000ff";
const REQUEST = { seed: 255, harts: 2, memory: 256, mode: "sv39" };

const start = () => JSON.parse(engine.boot.start(JSON.stringify(REQUEST)));
const go = (to) => JSON.parse(engine.boot.go(to));
const tables = () => JSON.parse(engine.boot.tables());

test("each step shows the state, the console and the tables of the machine", async () => {
    const { page, close } = await open([], { hash: LINK });
    await page.click("#boot-it");
    const { steps, total, outcome } = start();
    assert.equal(outcome, "the kernel powers off");
    let grown = 0;
    for (const { step, at } of steps) {
        await page.click('#boot [data-focus="the next step"]');
        const state = go(at);
        assert.equal(state.step, step);
        const text = await page.locator("#boot").textContent();
        assert.ok((await page.locator("#boot .step").textContent()).startsWith(`${step}. ${stepOf(step).name}`), `step ${step}`);
        const hart = state.harts[state.boot];
        for (const part of [hart.pc, hart.satp, hart.function, at.toLocaleString("en")]) assert.ok(text.includes(part), `step ${step}: ${part}`);
        const [root] = tables().roots;
        const outline = await page.$$eval("#outline li[aria-level='3'] > .line .address", (all) => all.map(({ textContent }) => textContent));
        for (const region of root.regions) assert.ok(outline.includes(region.virtual), `step ${step}: ${region.name}`);
        assert.ok(root.mappings.length >= grown, "tables grow");
        grown = root.mappings.length;
    }
    assert.ok(grown > 5);
    await page.click('#boot [data-focus="the next step"]');
    const end = go(total);
    assert.equal(await page.locator("#boot .console").textContent(), end.console);
    assert.ok((await page.locator("#boot").textContent()).includes(outcome));
    // The kernel's own report names its place; the drawing has it there.
    const report = JSON.parse(end.console.match(/landfall: report (\{.*\})/)[1]);
    await page.fill("#search", "kernel");
    await page.keyboard.press("Enter");
    assert.equal((await detail(page, "virtual")).split(" ")[0], report.kernel.virtual);
    await close();
});

test("one instruction is one instruction, forward and back", async () => {
    const { page, close } = await open([], { hash: LINK });
    await page.click("#boot-it");
    const { steps } = start();
    const { at } = steps.find(({ step }) => step === 12);
    await page.click('#boot [data-focus="step 12"]');
    const pc = async () => /pc (0x[0-9a-f]+)/.exec(await page.locator("#boot dl").textContent())[1];
    const right = (to) => {
        const state = go(to);
        return state.harts[0].pc;
    };
    assert.equal(await pc(), right(at));
    for (let round = 1; round <= 4; round += 1) {
        await page.click('#boot [data-focus="one instruction"]');
        assert.equal(await pc(), right(at + round));
    }
    await page.click('#boot [data-focus="the step before"]');
    assert.equal(await pc(), right(at));
    await close();
});

test("a run goes through to the end, and ends there", async () => {
    const { page, close } = await open([], { hash: LINK, motion: "no-preference" });
    await page.click("#boot-it");
    await page.click('#boot [data-focus="step 13"]');
    await page.click('#boot [data-focus="run"]');
    await page.waitForFunction(() => document.querySelector("#boot dl").textContent.includes("the kernel powers off"), undefined, { timeout: 60000 });
    assert.equal(await page.locator('#boot [data-focus="run"]').textContent(), "Run");
    await page.click('#boot [data-focus="close"]');
    assert.ok(await page.locator("#boot").isHidden());
    assert.ok((await page.locator("#details h2").textContent()).startsWith("virt, 256M"), "the plan is shown again");
    await close();
});

test("a command line that names no mode of the machine is refused on the console", async () => {
    const { page, close } = await open([], { hash: `${LINK}&append=landfall.mode%3Dsv57` });
    await page.click("#boot-it");
    const summary = JSON.parse(engine.boot.start(JSON.stringify({ ...REQUEST, append: "landfall.mode=sv57" })));
    const { console } = go(summary.total);
    await page.locator('#boot input[type="range"]').fill(String(summary.total));
    assert.equal((await page.locator("#boot .console").textContent()) || "", console || "(the console is empty)");
    await close();
});
