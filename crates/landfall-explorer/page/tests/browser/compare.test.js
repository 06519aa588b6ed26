/** Comparisons, beside the JSON of both documents. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxes, detail, open } from "./browser.js";
import { document, json, mappings } from "../oracle.js";

/** Returns the stretches that only one of two lists of mappings without a common address has. */
function alone(a, b) {
    const isApart = a.every((one) => b.every((other) => one.virt + one.size <= other.virt || other.virt + other.size <= one.virt));
    assert.ok(isApart, "the oracle is for documents that share no address");
    return [...a, ...b].map(({ virtual }) => virtual).sort();
}

const summary = (page, title) => page.locator("#differences summary", { hasText: title }).textContent();

test("two seeds: each stretch and each region that moved is listed and marked", async () => {
    const names = ["plan-sv48", "plan-sv48-seed"];
    const { page, close } = await open(names.map(document));
    const right = alone(...names.map((name) => mappings(json(name))));
    assert.equal(await summary(page, "Mappings"), `Mappings: ${right.length}`);
    const list = page.locator("#differences details", { has: page.locator("summary", { hasText: "Mappings" }) });
    const found = await list.locator("li button").allTextContents();
    assert.deepEqual(found.sort(), right);
    for (const [column, name] of [["left", names[0]], ["right", names[1]]]) {
        const marked = (await boxes(page, column)).filter(({ classes }) => classes.includes("differs") && classes.includes("region"));
        const moved = json(name).regions.filter(({ kind }) => !["guard", "unused"].includes(kind));
        assert.equal(marked.length, moved.length, "each region of these two moved");
    }
    await close();
});

test("a click on a difference selects its place in its document", async () => {
    const { page, close } = await open([document("plan-sv48"), document("plan-sv48-seed")]);
    const list = page.locator("#differences details", { has: page.locator("summary", { hasText: "Mappings" }) });
    const count = await list.locator("li").count();
    for (let at = 0; at < count; at += 3) {
        const button = list.locator("li button").nth(at);
        const address = BigInt(await button.textContent());
        await button.click();
        const [first, last] = (await detail(page, "virtual")).split(" to ").map(BigInt);
        assert.ok(first <= address && address <= last);
    }
    await close();
});

test("a document does not differ from itself", async () => {
    const { page, close } = await open([document("plan-sv57"), document("plan-sv57")]);
    assert.equal(await page.locator("#differences h2").textContent(), "No difference");
    assert.equal(await page.locator(".box.differs").count(), 0);
    await close();
});

test("one change is one difference", async () => {
    const changed = document("plan-sv48");
    const mapping = changed.json.mappings.find(({ access }) => access === "R-X");
    mapping.access = "RWX";
    changed.json.regions.flatMap(({ parts }) => parts).find(({ what }) => what === "text").access = "RWX";
    changed.title = "changed";
    const { page, close } = await open([document("plan-sv48"), changed]);
    assert.equal(await page.locator("#differences h2").textContent(), "2 differences");
    const text = await page.locator("#differences").textContent();
    assert.ok(text.includes(`${mapping.virtual} ${148} KiB, permission: A R-X at ${mapping.physical} by 4K; B RWX at ${mapping.physical} by 4K`), text);
    assert.equal(await page.locator(".box.differs").count(), 2);
    await close();
});

test("two policies: text that is only in one of them is listed so", async () => {
    const { page, close } = await open([document("plan-sv48"), document("plan-linear-map")]);
    const text = await page.locator("#differences").textContent();
    const kernel = json("plan-sv48").kernel.virtual;
    assert.ok(text.includes(`only in A, at ${kernel}`), "the kernel's region");
    assert.ok(text.includes("near"), "the near region's value");
    await close();
});

test("a plan and an audit have bands between what has one meaning", async () => {
    const { page, close } = await open([document("plan-sv39"), document("audit")]);
    const linked = await page.$$eval(".band", (bands) => bands.map((band) => band.dataset.link));
    const text = (await boxes(page)).find(({ classes, text }) => classes.includes("part") && text.includes("text") && !text.includes("alias"));
    assert.ok(linked.includes(text.key), linked.join());
    await close();
});

test("a plan beside an audit of another kernel", async () => {
    const { page, close } = await open([document("plan-sv39"), document("audit")]);
    const count = mappings(json("plan-sv39")).length + mappings(json("audit")).length;
    assert.equal(await summary(page, "Mappings"), `Mappings: ${count}`);
    await page.click("#single");
    assert.ok(await page.locator("#differences").isHidden());
    await close();
});

test("the form begins with the mode of an audit, and another mode is a difference", async () => {
    const { page, close } = await open([document("audit")]);
    assert.equal(await page.locator("#play-mode").inputValue(), "sv39");
    const differs = async (mode, right) => {
        await page.selectOption("#play-mode", mode);
        await page.waitForFunction((mode) => document.querySelector(".command code")?.textContent.includes(`--mode ${mode}`), mode);
        const values = page.locator("#differences details", { hasText: "Values" }).locator("li");
        assert.deepEqual(await values.allTextContents(), right);
    };
    await differs("sv48", ["mode A sv39; B sv48"]);
    assert.match(await page.locator("#head-left").textContent(), /^A: .*sv39/);
    assert.match(await page.locator("#head-right").textContent(), /^B: .*sv48/);
    await differs("sv39", []);
    await close();
});

test("a document that is opened is compared with a pinned one", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    await page.click("#pin");
    await page.setInputFiles("#files", { name: "other.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(json("plan-sv48-seed"))) });
    await page.waitForFunction(() => document.querySelector("#head-right").textContent.startsWith("B: "));
    assert.ok((await page.locator("#differences h2").textContent()).match(/^\d+ differences$/));
    await close();
});
