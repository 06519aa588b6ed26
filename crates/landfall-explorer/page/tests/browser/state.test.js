/** The form, the command and the link follow what is shown, also if it has no plan. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { json } from "../oracle.js";
import { engineOf, frame, open } from "./browser.js";

const { load } = await import("../../loader.js");
const engine = await load(engineOf());
const answer = (request) => JSON.parse(engine.predict(JSON.stringify(request)));

const FIRST = { machine: { kind: "virt", memory: "4G", harts: 2, mode: "sv48", seed: "0123456789abcdef" }, policy: [] };
const OTHER = { machine: { kind: "virt", memory: "3G", harts: 7, seed: "off" }, policy: ["physical=random", "stack=1M"] };
const document = (request, title = "a plan") => ({ kind: "plan", title, json: answer(request).plan, request, command: answer(request).command });
const audit = () => ({ kind: "audit", title: "a machine", json: json("audit"), request: null, command: null });
const file = (content, name = "saved.json") => ({ name, mimeType: "application/json", buffer: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)) });
const saved = (...documents) => file({ format: 1, documents });
const hash = (page) => page.evaluate(() => location.hash);
const command = (page) => page.evaluate(() => document.querySelector(".command code")?.textContent ?? null);
const heads = (page) => page.locator(".heads").textContent();
const settled = (page) => page.waitForTimeout(300);

test("a document that is in the page or is opened has its command, its form and its link", async () => {
    const { page, close } = await open([document(OTHER)]);
    assert.equal(await command(page), answer(OTHER).command);
    assert.equal(await page.inputValue("#play-harts"), "7");
    await page.setInputFiles("#files", saved(document(FIRST)));
    await page.waitForFunction(() => document.querySelector("#play-harts").value === "2");
    assert.equal(await command(page), answer(FIRST).command);
    const again = await open([], { hash: await hash(page) });
    assert.equal(await command(again.page), answer(FIRST).command);
    await again.close();
    await page.setInputFiles("#files", file(json("audit"), "machine.json"));
    await page.waitForFunction(() => document.querySelector(".command") === null);
    assert.equal(await hash(page), "");
    assert.ok(await page.locator("#unlinked").isVisible());
    // A change compares the audit with the form's plan.
    await page.fill("#play-harts", "3");
    await page.waitForSelector("#single:visible");
    assert.ok((await page.locator("#differences").textContent()).includes("machine.json"));
    await close();
});

test("a refused plan has no differences", async () => {
    const { page, close } = await open([document(FIRST)]);
    await page.click("#pin");
    await page.fill("#play-harts", "3");
    await page.waitForFunction(() => /\d+ difference/.test(document.querySelector("#differences h2").textContent));
    await page.evaluate(() => document.querySelectorAll("#play details").forEach((one) => (one.open = true)));
    await page.fill("#play-at", "0x80204004");
    await page.waitForSelector("#verdict .refusal");
    assert.ok(await page.locator("#differences").isHidden());
    await page.fill("#play-at", "");
    await page.waitForSelector("#verdict", { state: "hidden" });
    assert.ok(await page.locator("#differences").isVisible());
    await close();
});

test("a command that cannot give the same plan says so, and facts can be saved", async () => {
    const seed = `rng:${"5a".repeat(32)}`;
    const drawn = { machine: { kind: "virt", memory: "1G", harts: 1, seed }, policy: [] };
    const first = await open([document(drawn)]);
    assert.match(await first.page.locator(".command").textContent(), /^The same machine in a terminal, with other seeds at each start:/);
    await first.close();
    const facts = JSON.parse(readFileSync(new URL("../../../../../docs/images/address-space.json", import.meta.url), "utf8"));
    const { page, close } = await open([document({ machine: { kind: "facts", facts }, policy: [] })]);
    assert.ok((await command(page)).includes("--facts facts.json"));
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("text=Save facts.json")]);
    assert.equal(download.suggestedFilename(), "facts.json");
    assert.deepEqual(JSON.parse(readFileSync(await download.path(), "utf8")), facts);
    await close();
});

test("a comparison of two files is saved as both", async () => {
    for (const two of [[document(FIRST, "a"), document(OTHER, "b")], [document(FIRST, "a"), audit()], [audit(), audit()]]) {
        const { page, close } = await open(two.map((one) => ({ ...one, request: null })));
        const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
        const { documents } = JSON.parse(readFileSync(await download.path(), "utf8"));
        assert.deepEqual(documents.map(({ title, json }) => [title, json.mode]), two.map(({ title, json }) => [title, json.mode]));
        // The form's plan takes the place of the second.
        await page.fill("#play-harts", "3");
        await page.waitForFunction(() => document.querySelector(".command code")?.textContent.includes("--harts 3"));
        assert.equal(await page.locator("#differences").isVisible(), true);
        const [next] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
        const later = JSON.parse(readFileSync(await next.path(), "utf8")).documents;
        assert.deepEqual([later.length, later[0].title, later[1].request.machine.harts], [2, two[0].title, 3]);
        await close();
    }
});

test("a plan beside an audit is the form's, and the audit stays at each change", async () => {
    const { page, close } = await open([document(OTHER), audit()]);
    assert.equal(await page.inputValue("#play-harts"), "7");
    await page.fill("#play-harts", "8");
    const right = answer({ ...OTHER, machine: { ...OTHER.machine, harts: 8 } });
    await page.waitForFunction((right) => document.querySelector(".command code")?.textContent === right, right.command);
    assert.ok((await heads(page)).includes("B: a machine"), await heads(page));
    assert.equal(await hash(page), "");
    await close();
});

test("a refusal and an error are seen at each width, in a link, and in a saved file", async () => {
    const refused = "#machine=virt&seed=0123456789abcdef&policy=modes=sv57&mode=sv39";
    for (const width of [360, 1440]) {
        for (const [link, box] of [[refused, ".refusal"], ["#machine=virt&memory=1e400", ".error"], ["#machine=foo", ".error"], ["#machine=virt&harts=abc", ".error"], [`${refused}&embed`, ".refusal"]]) {
            const { page, close } = await open([], { width, hash: link });
            assert.ok(await page.locator(`#verdict ${box}`).isVisible(), `${link} at ${width}`);
            const again = await open([], { hash: link.endsWith("embed") ? link : await hash(page) });
            assert.equal(await again.page.locator("#verdict").textContent(), await page.locator("#verdict").textContent());
            await again.close();
            await close();
        }
    }
    const { page, close } = await open([], { hash: refused });
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
    const content = readFileSync(await download.path(), "utf8");
    const other = await open([]);
    await other.page.setInputFiles("#files", file(content));
    await other.page.waitForSelector("#verdict .refusal");
    assert.equal(await command(other.page), await command(page));
    await other.close();
    await close();
});

test("a link whose first plan has no layout keeps both, with the reason beside the second", async () => {
    const second = "b-machine=virt&b-memory=2G&b-harts=1&b-mode=sv48&b-seed=0123456789abcdef";
    const right = answer({ machine: { kind: "virt", memory: "2G", harts: 1, mode: "sv48", seed: "0123456789abcdef" }, policy: [] });
    for (const [first, box, words] of [
        ["machine=virt&memory=many&seed=0123456789abcdef", ".error", "many"],
        ["machine=virt&seed=0123456789abcdef&mode=sv39&policy=modes=sv57", ".refusal", "R11"],
    ]) {
        const { page, close } = await open([], { hash: `#${first}&${second}` });
        assert.ok((await page.locator(`#verdict ${box}`).textContent()).includes(words), first);
        assert.equal(await page.inputValue("#play-memory"), "2G");
        assert.equal(await command(page), right.command);
        assert.equal(await page.locator("#map.stale").count(), 0);
        assert.equal(await page.locator("#outline li[aria-level='3']").count(), right.plan.regions.length);
        const parameters = new URLSearchParams((await hash(page)).slice(1));
        assert.deepEqual([parameters.get("memory") ?? parameters.get("policy"), parameters.get("b-memory")], [words === "many" ? "many" : "modes=sv57", "2G"]);
        const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
        const content = readFileSync(await download.path(), "utf8");
        await page.click("#single");
        assert.equal(await page.locator("#verdict").isVisible(), false);
        assert.equal(new URLSearchParams((await hash(page)).slice(1)).get("memory"), "2G");
        await page.setInputFiles("#files", file(content));
        await page.waitForSelector(`#verdict ${box}`);
        assert.equal(await command(page), right.command);
        await close();
    }
});

test("each value at fault is marked at its field, and a board without memory has a proposal", async () => {
    const { page, close } = await open([]);
    const invalid = () => page.$$eval("[aria-invalid]", (all) => all.map(({ id }) => id));
    for (const [id, value] of [["play-harts", "1e3"], ["play-harts", "0"], ["play-policy-harts", "x"], ["play-policy-linear-map", "base:0xffff800000000000"], ["play-policy-dynamic", "200T"]]) {
        const before = await page.inputValue(`#${id}`);
        await page.fill(`#${id}`, value);
        await page.waitForSelector(".error");
        assert.deepEqual(await invalid(), [id], value);
        await page.fill(`#${id}`, before);
        await page.waitForFunction(() => document.querySelector(".error") === null);
    }
    await page.evaluate(() => (location.hash = "#machine=pioneer&seed=off"));
    await page.click(".refusal button");
    await page.waitForFunction(() => document.querySelector(".refusal") === null);
    assert.ok((await hash(page)).includes("memory=0x80000000:32G"));
    await close();
});

test("a link that is edited is planned, and one to physical memory selects it", async () => {
    const { page, address, close } = await open([]);
    await page.evaluate(() => (location.hash = "#machine=virt&memory=2G&seed=00000000000000aa"));
    await page.waitForFunction(() => document.querySelector("#play-memory").value === "2G");
    const right = answer({ machine: { kind: "virt", memory: "2G", seed: "00000000000000aa" }, policy: [] });
    assert.equal(await command(page), right.command);
    await page.fill("#search", "text");
    await page.keyboard.press("Enter");
    assert.equal(await page.inputValue("#search"), "");
    await page.keyboard.press("ArrowRight");
    await frame(page);
    const place = new URLSearchParams((await hash(page)).slice(1)).get("select");
    assert.match(place, /^phys:0x/);
    const title = (page) => page.locator("#details h2").textContent();
    const again = await open([], { url: address, hash: await hash(page) });
    assert.equal(await title(again.page), await title(page));
    await again.close();
    await close();
});

test("a change and a filter are announced, and a change ends a boot", async () => {
    const { page, close } = await open([]);
    const live = () => page.locator("#live").textContent();
    await page.click("#boot-it");
    assert.ok(await page.locator("#boot").isVisible());
    await page.fill("#play-harts", "64");
    await page.waitForFunction(() => location.hash.includes("harts=64"));
    assert.ok(await page.locator("#boot").isHidden());
    assert.match(await live(), /^Planned: virt/);
    await page.click("#boot-it");
    assert.match((await page.locator("#boot .limit").allTextContents()).join(" "), /8 of 64 harts.*1024 MiB/);
    await page.click('#boot [data-focus="close"]');
    await page.click("text=R-X");
    assert.match(await live(), /stretches of leaves$/);
    await close();
});

test("a file that is none of ours is refused by its reason", async () => {
    const { page, close } = await open([]);
    for (const [files, words] of [
        [[file("", "empty.dtb")], "no device tree"],
        [[file("x", "x.bin")], "neither JSON nor a device tree"],
        [[file({ kind: "plan" })], "neither a plan nor an audit"],
        [[saved({ kind: "plan", json: { outcome: "landed" } })], "no layout"],
        [[saved({ kind: "plan", json: null })], "neither a plan nor an audit"],
        [[file({ format: 99, documents: [] })], "has format 99"],
        [[saved(audit(), audit(), audit())], "3 documents"],
        [[file(json("audit")), { ...file(""), name: "a.dtb", buffer: readFileSync(new URL("../../../../../fuzz/corpus/tree/virt.dtb", import.meta.url)) }], "open the file alone"],
    ]) {
        await page.setInputFiles("#files", files);
        await page.waitForFunction((words) => document.querySelector("#message").textContent.includes(words), words);
    }
    await settled(page);
    await close();
});
