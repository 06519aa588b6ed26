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
    // Memory that was selected itself has several addresses; the first one of them is the linear
    // map's.
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

test("a key without a target says so", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    await page.focus("#drawing");
    for (const [key, words] of [["f", "No finding."], ["a", "No memory is selected."], ["F", "No finding."]]) {
        await page.keyboard.press(key);
        assert.equal(await page.locator("#live").textContent(), words);
    }
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

const live = (page) => page.locator("#live").textContent();
const focused = (page) => page.evaluate(() => (document.activeElement === document.body ? "nothing" : document.activeElement.id || document.activeElement.dataset.focus || document.activeElement.tagName));

test("no button that goes away takes the focus with it", async () => {
    const press = async (page, selector) => {
        await page.focus(selector);
        await page.keyboard.press("Enter");
        await page.waitForFunction((gone) => document.querySelector(gone)?.checkVisibility() !== true, selector);
        assert.notEqual(await focused(page), "nothing", selector);
    };
    const { page, close } = await open([]);
    await page.fill("#search", "text");
    await page.keyboard.press("Enter");
    await press(page, '#details [data-focus="whole"]');
    await page.click('[data-filter="R-X"]');
    await press(page, '[data-filter="all"]');
    await page.click("#pin");
    await press(page, "#single");
    await page.setInputFiles("#files", { name: "x.bin", mimeType: "text/plain", buffer: Buffer.from("x") });
    await page.waitForSelector("#message button");
    await press(page, "#message button");
    await page.evaluate(() => (location.hash = "#machine=pioneer&seed=off"));
    await page.waitForSelector(".refusal button");
    await press(page, ".refusal button");
    await page.focus("#boot-it");
    await page.keyboard.press("Enter");
    assert.equal(await focused(page), "run", "the boot has the focus");
    await press(page, '#boot [data-focus="close"]');
    await close();
});

test("a screen reader hears what a change shows", async () => {
    const { page, close } = await open([]);
    await page.keyboard.press("/");
    await page.keyboard.type("stack");
    const hits = await page.locator("#hits li").count();
    assert.equal(await live(page), `${hits} places`);
    await page.keyboard.type("!");
    assert.equal(await live(page), "Nothing has this address or name.");
    await page.fill("#search", "");
    // A comparison is announced with its count.
    await page.click("#pin");
    await page.fill("#play-policy-stack", "128K");
    await page.waitForFunction(() => location.hash.includes("128K"));
    assert.equal(await live(page), `Planned: virt, 4G, 0123456789abcdef, stack=128K. ${await page.locator("#differences h2").textContent()}.`);
    await page.click("#single");
    await page.click("#boot-it");
    assert.match(await live(page), /^Entry: .* Instruction 0 of /);
    await page.click('#boot [data-focus="the next step"]');
    assert.match(await live(page), /^1\. Silence, alignment, one hart: .* Instruction \d+ of /);
    await page.click('#boot [data-focus="close"]');
    // The place in view, if it is not the selection.
    await page.locator("#outline li[aria-level='3']").first().evaluate((item) => item.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true })));
    assert.match(await live(page), /^In view: guard, 2 MiB, at 0x/);
    await page.fill("#play-memory", "many");
    await page.waitForSelector(".error");
    assert.equal(await page.$eval("#play-memory", (field) => document.getElementById(field.getAttribute("aria-errormessage")).textContent), await page.locator(".error").textContent());
    await close();
});

test("controls and marks have names for a listener", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const tree = async (place) => page.locator(place).ariaSnapshot();
    const play = await tree("#play");
    assert.match(play, /slider "Memory, as a power of two"/);
    assert.equal(await page.getAttribute("#play-slider", "aria-valuetext"), "4G");
    assert.match(play, /group "Policy"/);
    assert.match(play, /button "Draw a seed"/);
    const map = await tree("#map");
    assert.equal(map.match(/img "level \d, entry \d+ of 512, .* each, from 0x[0-9a-f]+; .* in all"/g)?.length, 4, map);
    assert.ok(!map.includes("›"), "no mark is read");
    assert.match(map, /application "Drawing of the address space.*Enter and Escape/);
    await page.click("#boot-it");
    const boot = await tree("#boot");
    for (const name of ["Run", "The step before", "The next step", "One instruction", "A hundred instructions"]) assert.ok(boot.includes(`button "${name}"`), boot);
    assert.match(boot, /slider "Instructions"/);
    assert.match(await page.getAttribute("#boot [type=range]", "aria-valuetext"), /^0 of [\d,]+$/);
    assert.match(boot, /region "Console"/);
    assert.equal(await page.title(), "simulated machine after 0 instructions – Landfall explorer");
    await close();
});
