/** Keys: everything that a pointer does, and the tree of elements for screen readers. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { detail, open } from "./browser.js";
import { document, json } from "../oracle.js";

const first = async (page) => (await detail(page, "virtual"))?.split(" ")[0] ?? null;

test("arrows go through the siblings, Enter and Escape through the levels", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const regions = json("plan-sv48").regions;
    await page.focus("#drawing");
    await page.keyboard.press("ArrowDown");
    assert.equal(await first(page), regions.at(-1).virtual);
    for (let at = regions.length - 2; at >= 0; at -= 1) {
        await page.keyboard.press("ArrowDown");
        assert.equal(await first(page), regions[at].virtual);
    }
    while ((await first(page)) !== regions.find(({ kind }) => kind === "kernel").virtual) await page.keyboard.press("ArrowUp");
    const parts = regions.find(({ kind }) => kind === "kernel").parts;
    await page.keyboard.press("Enter");
    assert.equal(await first(page), parts.at(-1).virtual);
    await page.keyboard.press("ArrowDown");
    assert.equal(await first(page), parts.at(-2).virtual);
    await page.keyboard.press("Escape");
    assert.equal(await first(page), regions.find(({ kind }) => kind === "kernel").virtual);
    for (let round = 0; round < 4; round += 1) await page.keyboard.press("Escape");
    assert.equal(await first(page), null, "the whole is shown");
    await close();
});

test("arrows cross from addresses to memory and back", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const stack = json("plan-sv48").regions.flatMap(({ parts }) => parts).find(({ what }) => what === "stack 1");
    await page.fill("#search", "stack 1");
    await page.keyboard.press("Enter");
    assert.equal(await first(page), stack.virtual);
    await page.focus("#drawing");
    await page.keyboard.press("ArrowRight");
    assert.equal((await detail(page, "physical")).split(" ")[0], stack.physical);
    // A person returns to where they came from.
    await page.keyboard.press("ArrowLeft");
    assert.equal(await first(page), stack.virtual);
    // Memory that was selected itself has several addresses; the first one of them is the linear map's.
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowLeft");
    assert.ok((await page.locator("#breadcrumb").textContent()).includes("linear map"));
    await close();
});

test("/ searches, ? helps, 0 shows the whole", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "search");
    await page.keyboard.type("dynamic");
    await page.keyboard.press("Enter");
    assert.equal(await first(page), json("plan-sv48").dynamic.virtual);
    await page.focus("#drawing");
    await page.keyboard.press("?");
    assert.ok(await page.locator("#keys").isVisible());
    await page.keyboard.press("Escape");
    assert.ok(!(await page.locator("#keys").isVisible()));
    await page.focus("#drawing");
    await page.keyboard.press("0");
    assert.equal(await first(page), null);
    await close();
});

test("f goes through the findings", async () => {
    const { page, close } = await open([document("audit")]);
    const places = json("audit").findings.map(({ virtual }) => virtual).sort();
    await page.focus("#drawing");
    for (const place of [...places, places[0]]) {
        await page.keyboard.press("f");
        assert.equal(await first(page), place);
    }
    await close();
});

test("the outline is a tree with the keys of one", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    await page.focus("#outline [tabindex='0']");
    const focused = () =>
        page.evaluate(() => {
            const { activeElement: item } = document;
            return { level: Number(item.getAttribute("aria-level")), open: item.getAttribute("aria-expanded"), name: item.querySelector(".what").textContent };
        });
    assert.equal((await focused()).level, 1);
    await page.keyboard.press("ArrowDown");
    assert.deepEqual(await focused(), { level: 2, open: "true", name: "upper half" });
    for (let round = 0; round < 40 && (await focused()).name !== "kernel"; round += 1) await page.keyboard.press("ArrowDown");
    assert.deepEqual(await focused(), { level: 3, open: "false", name: "kernel" });
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.deepEqual(await focused(), { level: 4, open: "false", name: "data" });
    assert.equal((await detail(page, "virtual")).split(" ")[0], json("plan-sv48").regions.flatMap(({ parts }) => parts).find(({ what }) => what === "data").virtual);
    await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await focused(), { level: 3, open: "true", name: "kernel" });
    await page.keyboard.press("ArrowLeft");
    assert.deepEqual(await focused(), { level: 3, open: "false", name: "kernel" });
    await close();
});

test("each item of the outline states its level, its place and the number of its siblings", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const groups = await page.$$eval("#outline [role='group'], #outline", (all) =>
        all.map((group) => [...group.children].map((item) => [item.getAttribute("role"), item.getAttribute("aria-posinset"), item.getAttribute("aria-setsize")])),
    );
    for (const items of groups) {
        for (const [index, item] of items.entries()) assert.deepEqual(item, ["treeitem", String(index + 1), String(items.length)]);
    }
    assert.equal(await page.locator("#outline [tabindex='0']").count(), 1);
    await close();
});

test("each control has a name, and each is reached by Tab", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const nameless = await page.$$eval("button, input:not([hidden]), select, summary, [tabindex='0']", (all) =>
        all.filter((one) => {
            const label = one.labels?.[0]?.textContent ?? "";
            return `${label}${one.getAttribute("aria-label") ?? ""}${one.textContent}`.trim() === "";
        }).map((one) => one.outerHTML),
    );
    assert.deepEqual(nameless, []);
    const seen = new Set();
    for (let round = 0; round < 80; round += 1) {
        await page.keyboard.press("Tab");
        seen.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.tagName));
    }
    for (const id of ["search", "open", "save", "help", "drawing"]) assert.ok(seen.has(id), id);
    assert.ok([...seen].some((name) => name.includes("chip")), "filters");
    await close();
});

test("a button that is pressed keeps the focus, so that it can be pressed again", async () => {
    const { page, close } = await open([document("audit")]);
    await page.fill("#search", "0x2000");
    await page.keyboard.press("Enter");
    const seen = [];
    await page.focus('#details [data-focus="Next"]');
    for (let round = 0; round < 3; round += 1) {
        await page.keyboard.press("Enter");
        seen.push(await first(page));
    }
    assert.equal(new Set(seen).size, 3);
    await page.focus('[data-filter="R-X"]');
    await page.keyboard.press("Space");
    await page.keyboard.press("Space");
    assert.equal(await page.getAttribute('[data-filter="R-X"]', "aria-pressed"), "false");
    await close();
});
