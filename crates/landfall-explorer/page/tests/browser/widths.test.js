/**
 * Three widths, light and dark: nothing is cut off, texts have contrast, and colors are not alone.
 */

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { boxes, frame, open } from "./browser.js";
import { document } from "../oracle.js";

/** If set, the pictures are kept there. */
const FOLDER = process.env.SCREENSHOTS;
if (FOLDER) mkdirSync(FOLDER, { recursive: true });

const SCENES = {
    play: { documents: [], act: async () => {} },
    part: { documents: [document("plan-sv48")], act: async (page) => {
        await page.fill("#search", "constants");
        await page.keyboard.press("Enter");
    } },
    audit: { documents: [document("audit")], act: async (page) => {
        await page.focus("#drawing");
        await page.keyboard.press("f");
    } },
    compare: { documents: [document("plan-sv48"), document("plan-sv48-seed")], act: async () => {} },
};

for (const width of [360, 800, 1440]) {
    for (const scheme of ["light", "dark"]) {
        test(`${width} pixels, ${scheme}`, async () => {
            for (const [name, { documents, act }] of Object.entries(SCENES)) {
                const { page, close } = await open(documents, { width, height: width === 360 ? 740 : 900, scheme });
                await act(page);
                await frame(page);
                assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the page`);
                assert.deepEqual(await outside(page), [], name);
                assert.deepEqual(await pale(page), [], name);
                const small = await page.$$eval("button, select, input:not([type=range])", (all) => all.filter((one) => one.offsetHeight > 0 && one.offsetHeight < 24 && !one.classList.contains("link")).map(({ outerHTML }) => outerHTML));
                assert.deepEqual(small, [], name);
                if (FOLDER) await page.screenshot({ path: join(FOLDER, `${name}-${width}-${scheme}.png`), fullPage: width < 1440 });
                await close();
            }
        });
    }
}

/** Returns texts of boxes that leave their box. */
function outside(page) {
    return page.evaluate(() =>
        [...document.querySelectorAll("g.box")].flatMap((group) => {
            const box = group.querySelector("rect").getBoundingClientRect();
            return [...group.querySelectorAll("text")].filter((text) => {
                const own = text.getBoundingClientRect();
                return own.left < box.left - 2 || own.right > box.right + 2;
            }).map((text) => text.textContent);
        }),
    );
}

/** Returns texts of boxes whose contrast with the box is below 4.5 (WCAG 2.2, 1.4.3). */
function pale(page) {
    return page.evaluate(() => {
        const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        const light = (color) => {
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        return [...document.querySelectorAll("g.box:not(.dense)")].flatMap((group) => {
            const fill = getComputedStyle(group.querySelector("rect")).fill;
            const back = fill.startsWith("url") ? getComputedStyle(document.body).backgroundColor : fill;
            return [...group.querySelectorAll("text")].map((text) => {
                const [high, low] = [light(getComputedStyle(text).fill), light(back)].sort((a, b) => b - a);
                return [text.textContent, Math.round(((high + 0.05) / (low + 0.05)) * 10) / 10];
            }).filter(([, ratio]) => ratio < 4.5);
        });
    });
}

test("permissions differ by their glyph, not by color alone", async () => {
    const { page, close } = await open([document("audit")]);
    const marks = new Map();
    for (const { classes, text } of await boxes(page)) {
        const access = classes.find((name) => name.startsWith("access-"));
        if (access !== "access-none" && text !== "") marks.set(access, new Set([...(marks.get(access) ?? []), [...text][0]]));
    }
    assert.equal(marks.size, 4);
    assert.equal(new Set([...marks.values()].map((own) => [...own].join())).size, 4);
    for (const own of marks.values()) assert.equal(own.size, 1);
    await close();
});

test("a person who wants no motion gets none", async () => {
    const { page, close } = await open([document("plan-sv48")], { motion: "reduce" });
    await page.fill("#search", "constants");
    await page.keyboard.press("Enter");
    await frame(page);
    const first = await boxes(page);
    await page.waitForTimeout(300);
    assert.deepEqual(await boxes(page), first);
    await close();
});

test("paper has the picture and the list on white, without controls", async () => {
    for (const [name, scheme] of [["plan-sv48", "dark"], ["audit", "light"]]) {
        const { page, close } = await open([document(name)], { width: 1440, scheme });
        await page.fill("#search", "text");
        await page.keyboard.press("Enter");
        const lines = await page.locator("#outline .line").count();
        // A page of A4 with margins of 1 cm.
        await page.setViewportSize({ width: 718, height: 1047 });
        await page.emulateMedia({ media: "print" });
        await frame(page);
        assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
        const seen = await page.evaluate(() => [...document.querySelectorAll("header *, #play *, #filters *, button, input, select")].filter((one) => one.getClientRects().length > 0 && one.closest("#breadcrumb, .link") === null && one.tagName !== "H1").map((one) => one.outerHTML.slice(0, 80)));
        assert.deepEqual(seen, []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing is cut off");
        assert.ok(await page.locator("#drawing g.box").count() > 5);
        const { width, height } = await page.locator("#drawing svg").boundingBox();
        assert.ok(width > 500 && width <= 718 && height > 200 && height < 1047, `${width} × ${height}`);
        assert.deepEqual(await pale(page), []);
        const whole = await page.$eval("#outline", (list) => [...list.querySelectorAll(".line")].filter((line) => line.getClientRects().length > 0 && line.getBoundingClientRect().bottom <= list.getBoundingClientRect().bottom + 1).length);
        assert.equal(whole, lines, "the list is whole");
        if (FOLDER) await page.screenshot({ path: join(FOLDER, `print-${name}.png`), fullPage: true });
        await close();
    }
});
