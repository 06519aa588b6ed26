/** Names and files of an attacker: they are text, and stay text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { boxes, frame, open } from "./browser.js";
import { document } from "../oracle.js";

const NAMES = ["<img src=x onerror=window.hit=1>", "</script><script>window.hit=2</script>", "\"><svg onload=window.hit=3>", "javascript:window.hit=4", "__proto__", "constructor", "\u202egnp.exe", "&lt;b&gt;", "a\u2028b", "x".repeat(20000), "{{7*7}}", "${7*7}"];

/** A plan in which each text is hostile. */
function plan() {
    const own = document("plan-sv48");
    const parts = own.json.regions.flatMap(({ parts }) => parts);
    for (const [index, part] of parts.entries()) {
        if (part.what !== undefined) part.what = NAMES[index % NAMES.length];
        if (part.unmapped !== undefined) part.unmapped = NAMES[index % NAMES.length];
    }
    for (const [index, region] of own.json.regions.entries()) if (index % 3 === 0) region.kind = NAMES[index % NAMES.length];
    own.json.notes = NAMES.map((text) => ({ code: text, text }));
    own.json.kaslr.reason = NAMES[1];
    for (const split of own.json.splits) split.causes = NAMES;
    own.title = NAMES[1];
    return own;
}

/** An audit in which each text is hostile. */
function audit() {
    const own = document("audit");
    for (const [index, finding] of own.json.findings.entries()) {
        finding.code = NAMES[index];
        finding.found = NAMES[index + 1];
    }
    for (const [at, region] of own.json.roots[0].regions.entries()) {
        region.name = NAMES[at % NAMES.length];
        for (const [index, part] of region.parts.entries()) part.name = NAMES[(at + index) % NAMES.length];
    }
    own.title = NAMES[0];
    return own;
}

test("hostile names are shown as text, everywhere", async () => {
    for (const documents of [[plan()], [audit()], [plan(), audit()]]) {
        const { page, close } = await open(documents);
        const elements = () => page.evaluate(() => [...document.querySelectorAll("img, script:not([id]):not([type=module]), iframe, object, embed, link, a[href^='javascript']")].map(({ outerHTML }) => outerHTML));
        await page.focus("#drawing");
        for (const key of ["ArrowDown", "Enter", "ArrowDown", "Enter", "ArrowRight", "ArrowLeft", "a", "f"]) {
            await page.keyboard.press(key);
            await frame(page);
            assert.deepEqual(await elements(), []);
        }
        for (const box of (await boxes(page)).filter((_, index) => index % 5 === 0)) {
            await page.mouse.click(box.left + 3, Math.max(box.top, 1) + 1);
            await page.mouse.move(box.left + 4, Math.max(box.top, 1) + 1);
        }
        for (const name of NAMES) {
            await page.fill("#search", name.slice(0, 50));
            assert.deepEqual(await elements(), []);
        }
        assert.equal(await page.evaluate(() => window.hit), undefined);
        assert.equal(await page.evaluate(() => Object.keys(Object.prototype).length), 0);
        const text = await page.evaluate(() => document.body.textContent);
        assert.ok(text.includes(NAMES[1]) || text.includes(NAMES[0]), "the name is shown as it is");
        await close();
    }
});

test("a damaged file is refused by its name and the fault, and what was shown stays", async () => {
    const { page, close } = await open([document("plan-sv48")]);
    const before = (await boxes(page)).map(({ key }) => key);
    for (const [content, fault] of [
        ["{", "is neither JSON nor a device tree"],
        ["{}", "neither a plan nor an audit"],
        ['{"plan_version":5,"regions":[],"mappings":[{}],"mode":"sv39"}', '<b>bad</b>.json: "virtual" is nothing'],
        ['{"plan_version":5,"regions":[],"mappings":[],"splits":[],"mode":"sv99"}', '"mode" is "sv99"'],
        ['{"audit_format":1,"roots":[5]}', '"roots" is [5]'],
        ['{"format":1,"documents":[{"kind":"other"}]}', "neither a plan nor an audit"],
    ]) {
        await page.setInputFiles("#files", { name: "<b>bad</b>.json", mimeType: "application/json", buffer: Buffer.from(content) });
        await page.waitForFunction((fault) => document.querySelector("#message").textContent.includes(fault), fault);
        assert.ok(await page.locator("#message").isVisible());
        assert.equal(await page.locator("#message b").count(), 0);
        assert.deepEqual((await boxes(page)).map(({ key }) => key), before);
        await page.click("#message button");
    }
    await page.setInputFiles("#files", { name: "bad.json", mimeType: "application/json", buffer: Buffer.from("{}") });
    await page.waitForSelector("#message:not([hidden])");
    await page.fill("#play-harts", "3");
    assert.ok(await page.locator("#message").isHidden(), "a person goes on");
    await close();
});

test("a page keeps the document that is good beside a damaged one", async () => {
    const good = document("plan-sv39");
    const bad = { ...good, title: "odd.json", json: { outcome: "landed" } };
    for (const documents of [[bad, good], [good, bad]]) {
        const { page, close } = await open(documents);
        assert.equal(await page.locator("#message p").textContent(), "odd.json has no layout, and states no refusal");
        assert.match(await page.locator("#head-left").textContent(), /sv39/);
        const mapped = (await boxes(page)).filter(({ classes }) => classes.includes("region")).length;
        assert.equal(mapped, good.json.regions.filter(({ kind }) => kind !== "unused" && kind !== "guard").length);
        await close();
    }
});

test("a hostile link is planned or refused, and injects nothing", async () => {
    for (const hash of ["#machine=<img src=x onerror=window.hit=1>", "#machine=virt&memory=%3Cscript%3E&policy=%3Cb%3E=1", "#machine=virt&seed=zz&select=0xffffffffffffffff", "#select=__proto__&machine=virt&harts=1&seed=off", "#machine=virt&policy=stack", "#machine=virt&append=a%E2%80%AEb%00%0D", "#machine=%E2%80%AEx"]) {
        const { page, close } = await open([], { hash });
        assert.equal(await page.evaluate(() => window.hit), undefined);
        assert.equal(await page.locator("#play img, #play b, #verdict img, #verdict b").count(), 0);
        assert.doesNotMatch(await page.evaluate(() => document.querySelector("main").innerText), /[\u202e\0]/);
        await close();
    }
});
