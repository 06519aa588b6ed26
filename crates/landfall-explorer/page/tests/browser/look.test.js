/** Clicks, searches, filters and aliases, beside the JSON of the document. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxes, detail, details, frame, open } from "./browser.js";
import { addressesOf, document, json, mappings } from "../oracle.js";

const hex = (number) => `0x${number.toString(16)}`;

test("the outline has each region of the plan, from the highest address down", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const found = await page.$$eval("#outline li[aria-level='3']", (items) => items.map((item) => item.querySelector(".address").textContent));
    const right = json("plan-sv48").regions.map(({ virtual }) => virtual).reverse();
    assert.deepEqual(found.slice(0, right.length), right);
    await close();
});

test("a click on each part shows its addresses, memory, permission and leaves", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const parts = json("plan-sv48").regions.flatMap(({ kind, parts }) => parts.map((part) => ({ ...part, kind })));
    let clicked = 0;
    for (const part of parts.filter(({ what }) => what !== undefined)) {
        const box = (await boxes(page)).filter(({ classes }) => classes.includes("part"));
        const top = [...parts.filter(({ what }) => what !== undefined)].reverse().indexOf(part);
        const target = box.sort((a, b) => a.top - b.top)[top];
        await page.mouse.click(target.left + 20, (target.top + target.bottom) / 2);
        assert.equal(await detail(page, "virtual"), `${part.virtual} to ${hex(BigInt(part.virtual) + BigInt(part.size) - 1n)}`);
        assert.equal(await detail(page, "memory"), `${part.physical} to ${hex(BigInt(part.physical) + BigInt(part.size) - 1n)}`);
        assert.ok((await detail(page, "permission")).startsWith(part.access));
        const leaves = Object.entries(part.leaves).filter(([, count]) => count > 0).reverse().map(([leaf, count]) => `${count} × ${leaf}`);
        assert.equal(await detail(page, "leaves"), leaves.join(" + "));
        assert.equal(await page.locator(".box.selected").count(), 1);
        assert.equal(await page.locator("#outline [aria-selected='true'] > .line .address").textContent(), part.virtual);
        assert.ok((await page.locator("#live").textContent()).includes(part.virtual));
        clicked += 1;
    }
    assert.equal(clicked, 8);
    await close();
});

test("a search for an address zooms to it, down to one leaf of 4 KiB", async () => {
    const { page, close } = await open([document("plan-sv57")]);
    const { virt, phys, size } = mappings(json("plan-sv57")).find(({ leaf, access }) => leaf === "4K" && access === "RW-");
    const address = virt + size - 0x123n;
    await page.fill("#search", hex(address));
    await page.keyboard.press("Enter");
    await page.focus("#drawing");
    for (let round = 0; round < 6 && (await detail(page, "leaf")) === null; round += 1) await page.keyboard.press("Enter");
    const leaf = virt + size - 0x1000n;
    assert.equal(await detail(page, "virtual"), `${hex(leaf)} to ${hex(leaf + 0xfffn)}`);
    assert.equal(await detail(page, "memory"), `${hex(phys + (leaf - virt))} to ${hex(phys + (leaf - virt) + 0xfffn)}`);
    await page.keyboard.press("Enter");
    await frame(page);
    const own = (await boxes(page)).find(({ classes }) => classes.includes("selected"));
    const drawing = await page.locator("#drawing").boundingBox();
    assert.ok(own.bottom - own.top > 0.8 * drawing.height, "the leaf fills the drawing");
    // The place is not lost: the path is there, and leads back.
    const names = await page.$$eval("#breadcrumb button", (all) => all.map(({ textContent }) => textContent));
    assert.ok(names[0].startsWith("sv57") && names.at(-1) === "leaf of 4K", names.join());
    await page.click("#breadcrumb li:nth-child(2) button");
    assert.ok((await boxes(page)).length > 10);
    await close();
});

test("each hit of a search leads to what it names", async () => {
    const { page, close } = await open([document("audit")]);
    for (const { code, virtual, size } of json("audit").findings) {
        await page.fill("#search", code);
        await page.locator("#hits li").first().click();
        const [first, last] = (await detail(page, "virtual")).split(" to ").map(BigInt);
        assert.ok(first <= BigInt(virtual) && BigInt(virtual) + BigInt(size) - 1n <= last);
        assert.ok((await page.locator(".findings").textContent()).includes(code));
    }
    await page.fill("#search", "no such thing");
    assert.equal(await page.locator("#hits li[aria-disabled]").count(), 1);
    await close();
});

/**
 * Returns true for a mapping at the place of a finding, and for the writable side of an alias-wx.
 */
function isFound({ virt, phys, size, access }) {
    return json("audit").findings.some((one) => {
        const [place, memory, bytes] = [one.virtual, one.physical, one.size].map(BigInt);
        const isHere = place < virt + size && virt < place + bytes;
        return isHere || (one.code === "alias-wx" && access.includes("W") && memory < phys + size && phys < memory + bytes);
    });
}

test("a filter leaves the mappings that pass, in the outline and in the drawing", async () => {
    for (const [name, filters, passes] of [
        ["plan-sv48", ["R-X"], ({ access }) => access === "R-X"],
        ["plan-sv48", ["RW-", "2M"], ({ access, leaf }) => access === "RW-" && leaf === "2M"],
        ["audit", ["findings"], isFound],
    ]) {
        const { page, close } = await open([document(name)]);
        for (const filter of filters) await page.click(`[data-filter="${filter}"]`);
        await frame(page);
        const all = mappings(json(name));
        const left = all.filter(passes);
        assert.ok((await page.locator("#filters").textContent()).includes(`${left.length} of ${all.length} stretches`));
        const items = await page.$$eval("#outline li[aria-level='3'] > .line", (lines) => lines.map((line) => line.querySelector(".address").textContent));
        for (const address of items) assert.ok(left.some(({ virt }) => virt >= BigInt(address)), address);
        for (const { classes, text } of (await boxes(page)).filter(({ classes }) => classes.includes("part"))) {
            const has = filters.includes("R-X") ? classes.includes("access-x") : null;
            if (has !== null) assert.equal(!classes.includes("dimmed"), has, text);
        }
        await page.click('[data-filter="all"]');
        await frame(page);
        assert.equal(await page.locator(".box.dimmed").count(), 0);
        await close();
    }
});

test("the addresses of a frame are listed and followed in their order, all of them", async () => {
    const { page, close } = await open([document("audit")]);
    const frame = 0x80200000n;
    const right = addressesOf(json("audit"), frame).map(hex);
    assert.equal(right.length, 3);
    await page.fill("#search", right[0]);
    await page.keyboard.press("Enter");
    const listed = await page.$$eval(".aliases button", (all) => all.map(({ textContent }) => textContent));
    assert.deepEqual(listed, right);
    await page.focus("#drawing");
    for (const address of [...right.slice(1), right[0]]) {
        await page.keyboard.press("a");
        assert.equal((await detail(page, "virtual")).split(" ")[0], address);
    }
    await page.keyboard.press("A");
    assert.equal((await detail(page, "virtual")).split(" ")[0], right.at(-1));
    await page.click(".aliases li:nth-child(2) button");
    assert.equal((await detail(page, "virtual")).split(" ")[0], right[1]);
    await close();
});

test("the title of the details is short, and the whole of it is a fact", async () => {
    const title = `plan of /home/someone/${"a-long-folder/".repeat(8)}hello.elf`;
    const { page, close } = await open([{ ...document("plan-sv48"), title }]);
    assert.equal(await page.locator("#details h2").textContent(), "plan of hello.elf");
    assert.equal(await detail(page, "document"), title);
    await close();
    const refused = { kind: "plan", title, json: { outcome: "refused", refusal: { rule: "R8", message: "no memory; add some" } }, request: null, command: null };
    const other = await open([refused]);
    assert.equal(await other.page.locator("#details h2").textContent(), "plan of hello.elf");
    await other.close();
});

test("hover shows the facts of the keyboard", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const text = (await boxes(page)).find(({ key }) => key.endsWith("/text-1"));
    await page.mouse.move(text.left + 10, (text.top + text.bottom) / 2);
    const hover = await page.locator("#hover").textContent();
    await page.mouse.click(text.left + 10, (text.top + text.bottom) / 2);
    assert.equal(await page.locator("#live").textContent(), hover);
    const [first] = mappings(json("plan-sv48")).filter(({ access }) => access === "R-X");
    assert.ok(hover.includes(first.virtual) && hover.includes(first.physical) && hover.includes("R-X"), hover);
    await close();
});

test("bands lead from addresses to their memory", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const text = (await boxes(page)).find(({ key }) => key.endsWith("/text-1"));
    await page.mouse.click(text.left + 10, (text.top + text.bottom) / 2);
    await frame(page);
    const memory = (await boxes(page, "right")).find(({ text }) => text.includes("text"));
    const band = await page.locator(".band.selected").boundingBox();
    const bottom = Math.max(text.bottom, memory.bottom);
    assert.ok(Math.abs(band.y + band.height - bottom) < 5, `${band.y + band.height}, not ${bottom}`);
    assert.ok(Math.abs(band.y - Math.min(text.top, memory.top)) < 5);
    assert.ok((await details(page)).length > 5);
    await close();
});

test("wheel and drag zoom at the pointer and move, without the page", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const before = (await boxes(page)).find(({ key }) => key.endsWith("/text-1"));
    const y = (before.top + before.bottom) / 2;
    await page.mouse.move(before.left + 10, y);
    for (let round = 0; round < 5; round += 1) await page.mouse.wheel(0, -200);
    await frame(page);
    const after = (await boxes(page)).find(({ key }) => key.endsWith("/text-1"));
    assert.ok(after.bottom - after.top > 2 * (before.bottom - before.top));
    assert.ok(after.top < y && y < after.bottom, "the place under the pointer stays");
    await page.mouse.down();
    await page.mouse.move(before.left + 10, y + 40, { steps: 4 });
    await page.mouse.up();
    await frame(page);
    const moved = (await boxes(page)).find(({ key }) => key.endsWith("/text-1"));
    assert.ok(Math.abs(moved.top - after.top - 40) < 2);
    assert.equal(await page.evaluate(() => scrollY), 0);
    await close();
});

/** Returns the texts of the breadcrumb, and the address of the strips. */
async function place(page) {
    const names = await page.$$eval("#breadcrumb button", (all) => all.map(({ textContent }) => textContent));
    const of = await page.$eval("#strips .hint code", ({ textContent }) => BigInt(textContent).toString());
    return { names, address: BigInt(of) };
}

test("breadcrumb and strips follow the view, which the wheel moves", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const box = async (key) => (await boxes(page)).find((one) => one.key.endsWith(key));
    const wheel = async (key, by) => {
        const { left, top, bottom } = await box(key);
        await page.mouse.move(left + 10, (top + bottom) / 2);
        await page.mouse.wheel(0, by);
        await frame(page);
    };
    const [text] = json("plan-sv48").regions.flatMap(({ parts }) => parts).filter(({ what }) => what === "text");
    const [from, to] = [BigInt(text.virtual), BigInt(text.virtual) + BigInt(text.size)];
    const stacks = await box("/stacks-1");
    await page.mouse.click(stacks.left + 10, stacks.top + 4);
    const selected = await page.locator("#details h2").textContent();
    assert.deepEqual((await place(page)).names.slice(2), ["stacks"]);
    // The selection is the place as long as it is in sight.
    await wheel("/text-1", -100);
    assert.deepEqual((await place(page)).names.slice(2), ["stacks"]);
    for (let round = 0; round < 30; round += 1) await wheel("/text-1", -200);
    const deep = await place(page);
    assert.deepEqual(deep.names.slice(2, 4), ["kernel", "text"]);
    assert.ok(from <= deep.address && deep.address < to, `${deep.address}`);
    assert.equal(await page.locator("#details h2").textContent(), selected);
    assert.ok(await page.locator("#details .away").isVisible(), "the selection is out of view");
    // Keys go on from the view, not from the old selection.
    await page.focus("#drawing");
    await page.keyboard.press("Escape");
    const [first, last] = (await detail(page, "virtual")).split(" to ").map(BigInt);
    assert.ok(from <= first && last < to || first <= from && to <= last + 1n, "the next selection is where the view is");
    assert.ok(await page.locator("#details .away").isHidden());
    await page.mouse.move(500, 500);
    for (let round = 0; round < 60; round += 1) await page.mouse.wheel(0, 400);
    await frame(page);
    const { names } = await place(page);
    assert.ok((await page.locator("#details h2").textContent()).startsWith(names.at(-1)), "the selection is in sight again");
    await page.keyboard.press("0");
    assert.equal((await place(page)).names.length, 1, "the whole is shown");
    await close();
});

test("a new plan keeps the place of the view", async () => {
    const { page, close } = await open([]);
    const text = (await boxes(page)).find(({ key }) => key.endsWith("/text-1"));
    await page.mouse.move(text.left + 10, (text.top + text.bottom) / 2);
    for (let round = 0; round < 14; round += 1) {
        await page.mouse.wheel(0, -200);
        await frame(page);
    }
    const before = await place(page);
    assert.ok(before.names.length > 2, before.names.join());
    await page.fill("#play-policy-stack", "128K");
    await page.waitForFunction(() => location.hash.includes("128K"));
    assert.deepEqual((await place(page)).names, before.names);
    await close();
});

test("a part that is shown from the outline is the place", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const region = page.locator("#outline li[aria-level='3']").first();
    await region.evaluate((item) => {
        item.focus();
        item.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
    });
    await frame(page);
    const address = json("plan-sv48").regions.at(-1).virtual;
    assert.equal(await region.locator("> .line .address").textContent(), address);
    const { names } = await place(page);
    assert.equal(names.length, 3, names.join());
    await close();
});

test("no address of the outline is cut, at any width", async () => {
    for (const width of [360, 800, 1440]) {
        const { page, close } = await open([document("audit")], { width });
        await page.fill("#search", "text");
        await page.keyboard.press("Enter");
        await frame(page);
        const cut = await page.$$eval("#outline .line", (lines) => lines.flatMap((line) => {
            const [row, address] = [line, line.querySelector(".address")].map((one) => one.getBoundingClientRect());
            const outer = document.querySelector("#outline").getBoundingClientRect();
            const isSeen = address.width > 0 && address.right <= row.right + 1 && address.right <= outer.right + 1 && address.left >= row.left;
            return isSeen ? [] : [line.textContent];
        }));
        assert.deepEqual(cut, [], `${width} pixels`);
        await close();
    }
});

test("a leaf that fills the column states its address", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    await page.fill("#search", "text");
    await page.keyboard.press("Enter");
    await page.focus("#drawing");
    for (let round = 0; round < 4; round += 1) await page.keyboard.press("Enter");
    const box = await page.locator("#drawing").boundingBox();
    await page.mouse.move(box.x + 300, box.y + box.height / 2);
    for (let round = 0; round < 5; round += 1) await page.mouse.wheel(0, -300);
    await frame(page);
    const shown = await boxes(page);
    assert.ok(shown.some(({ text }) => text.includes("leaf of 4K") && /0x[0-9a-f]{16}/.test(text)), shown.map(({ text }) => text).join());
    await close();
});
