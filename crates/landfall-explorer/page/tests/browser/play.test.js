/** The playground: each plan beside the engine's own answer, from a second instance of it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";

import { boxes, detail, engineOf, open } from "./browser.js";

/** @type {import("../../engine.js").Engine} */
let engine;
before(async () => {
    const { load } = await import("../../loader.js");
    engine = await load(engineOf());
});

/** Returns the engine's answer to a request. */
const answer = (request) => JSON.parse(engine.predict(JSON.stringify(request)));

/** Checks that the page shows exactly the regions of a plan, after it has planned. */
async function shows(page, { plan, command }) {
    if (command) await page.waitForFunction((right) => document.querySelector(".command code")?.textContent === right, command);
    const found = await page.$$eval("#outline li[aria-level='3'] > .line .address", (all) => all.map(({ textContent }) => textContent));
    const right = plan.regions.map(({ virtual }) => virtual).reverse();
    assert.deepEqual(found.slice(0, right.length), right);
}

const FIRST = { kind: "virt", memory: "4G", harts: 2, mode: "sv48", seed: "0123456789abcdef" };

test("each change of the form is planned, and the layout moves there", async () => {
    const { page, close } = await open([], { motion: "no-preference" });
    const machine = { ...FIRST };
    await shows(page, answer({ machine, policy: [] }));
    await page.fill("#play-memory", (machine.memory = "16G"));
    await shows(page, answer({ machine, policy: [] }));
    await page.fill("#play-harts", String((machine.harts = 5)));
    await shows(page, answer({ machine, policy: [] }));
    await page.selectOption("#play-mode", (machine.mode = "sv39"));
    await shows(page, answer({ machine, policy: [] }));
    await page.selectOption("#play-policy-placement", "linear-map");
    await shows(page, answer({ machine, policy: ["placement=linear-map"] }));
    await page.fill("#play-policy-stack", "32K");
    await shows(page, answer({ machine, policy: ["placement=linear-map", "stack=32K"] }));
    // The layout moves through other ones, and ends at that of a page which opens with the plan.
    const places = await page.evaluate(async () => {
        const places = new Set();
        const before = document.querySelector(".command code").textContent;
        const tops = () => [...document.querySelectorAll('[data-column="left"] g.box[data-key] rect')].map((rect) => rect.getAttribute("y")).join();
        document.querySelector("#play-draw").click();
        for (let still = 0, last = ""; still < 30; ) {
            await new Promise(requestAnimationFrame);
            const now = tops();
            still = now === last && document.querySelector(".command code")?.textContent !== before ? still + 1 : 0;
            places.add((last = now));
        }
        return [...places];
    });
    assert.ok(places.length > 3, `${places.length} layouts were seen`);
    const still = await open([], { hash: await page.evaluate(() => location.hash) });
    assert.equal(await still.page.$$eval('[data-column="left"] g.box[data-key] rect', (all) => all.map((rect) => rect.getAttribute("y")).join()), places.at(-1));
    await still.close();
    await close();
});

test("each published board is planned", async () => {
    const { page, close } = await open([]);
    const { boards } = JSON.parse(engine.catalog("{}"));
    assert.ok(boards.length >= 5);
    for (const { name, memory, suggested_memory: suggested } of boards) {
        await page.selectOption("#play-machine", `board:${name}`);
        await page.waitForFunction((name) => document.querySelector(".command code")?.textContent.includes(name) || location.hash.includes(name), name);
        const hash = new URLSearchParams((await page.evaluate(() => location.hash)).slice(1));
        assert.equal(hash.get("machine"), name);
        const request = { machine: { kind: "board", name, ...(memory === 0 && suggested.length > 0 ? { memory: suggested } : {}), mode: "sv48", seed: FIRST.seed }, policy: [] };
        const right = answer(request);
        assert.equal(right.error, null, name);
        if (right.refusal === null) await shows(page, right);
        else assert.ok(await page.locator(".refusal").isVisible(), name);
    }
    await close();
});

test("the slider follows each size, and states it", async () => {
    const { page, close } = await open([]);
    for (const [text, value] of [["1537M", "30"], ["32M", "25"], ["0x180000000", "32"], ["8T", "40"], ["x", "40"]]) {
        await page.fill("#play-memory", text);
        assert.deepEqual([await page.inputValue("#play-slider"), await page.getAttribute("#play-slider", "aria-valuetext")], [value, text]);
    }
    await page.fill("#play-slider", "31");
    assert.deepEqual([await page.inputValue("#play-memory"), await page.getAttribute("#play-slider", "aria-valuetext")], ["2G", "2G"]);
    await close();
});

test("the help of a policy's field is below it while a person is there", async () => {
    const { page, close } = await open([]);
    const help = page.locator(`#${await page.getAttribute("#play-policy-harts", "aria-describedby")}`);
    assert.ok(await help.isHidden());
    await page.focus("#play-policy-harts");
    assert.ok(await help.isVisible());
    const key = JSON.parse(engine.catalog("{}")).policy.find(({ name }) => name === "harts");
    assert.equal(await help.textContent(), `takes ${key.takes}`);
    await close();
});

test("a refusal shows its rule, its cause and what would do; the last layout stays", async () => {
    const { page, close } = await open([]);
    const before = await boxes(page);
    const machine = { ...FIRST, at: "0x80204004" };
    const { refusal, command } = answer({ machine, policy: [] });
    assert.ok(refusal !== null, "the engine refuses a misaligned image");
    await page.click("text=More");
    await page.fill("#play-at", machine.at);
    await page.waitForSelector(".refusal");
    const text = await page.locator(".refusal").textContent();
    const [fact, remedy] = [refusal.message.slice(0, refusal.message.lastIndexOf("; ")), refusal.remedy];
    assert.equal(refusal.message, `${fact}; ${remedy}`);
    for (const part of [refusal.rule, fact, refusal.broken_if.replaceAll("`", ""), remedy]) assert.ok(text.includes(part), part);
    assert.equal(text.split(remedy).length, 2, "the remedy stands once");
    assert.equal(await page.locator(".command code").textContent(), command);
    assert.ok(await page.locator("#map.stale").isVisible());
    assert.equal((await boxes(page)).length, before.length);
    await page.fill("#play-at", "");
    await page.waitForFunction(() => !document.querySelector("#map").classList.contains("stale"));
    await close();
});

test("a value that cannot be planned is marked at its field, with the reason", async () => {
    const { page, close } = await open([]);
    for (const [field, value] of [["#play-policy-stack", "3"], ["#play-memory", "many"], ["#play-seed", "xyz"]]) {
        await page.fill(field, value);
        await page.waitForSelector(".error");
        const { error } = answer({ machine: { ...FIRST, ...(field === "#play-memory" ? { memory: value } : {}), ...(field === "#play-seed" ? { seed: value } : {}) }, policy: field === "#play-policy-stack" ? ["stack=3"] : [] });
        assert.equal(await page.locator(".error").textContent(), error.message);
        if (error.field !== null) assert.equal(await page.locator(field).getAttribute("aria-invalid"), "true", field);
        await page.fill(field, field === "#play-memory" ? "4G" : field === "#play-seed" ? FIRST.seed : "");
        await page.waitForFunction(() => document.querySelector(".error") === null);
    }
    await close();
});

test("a link restores the plan, the comparison and the selection", async () => {
    const { page, address, close } = await open([]);
    await page.selectOption("#play-policy-physical", "pack");
    await page.waitForFunction(() => location.hash.includes("physical=pack"));
    await page.click("#pin");
    await page.fill("#play-memory", "8G");
    await page.waitForFunction(() => location.hash.includes("b-memory=8G"));
    await page.fill("#search", "stack 1");
    await page.keyboard.press("Enter");
    const state = (page) =>
        page.evaluate(() => {
            const texts = [".heads", "#differences", "#details h2", ".command code"].map((name) => document.querySelector(name).textContent);
            return { hash: location.hash, texts };
        });
    const before = await state(page);
    const again = await open([], { url: address, hash: before.hash });
    assert.deepEqual(await state(again.page), before);
    await close();
    await again.close();
});

test("a saved file restores the documents and the form", async () => {
    const { page, close } = await open([]);
    await page.fill("#play-memory", "512M");
    await page.fill("#play-policy-stack", "128K");
    await page.waitForFunction(() => location.hash.includes("128K"));
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
    const saved = readFileSync(await download.path(), "utf8");
    assert.equal(JSON.parse(saved).documents[0].request.machine.memory, "512M");
    const other = await open([]);
    await other.page.setInputFiles("#files", { name: "saved.json", mimeType: "application/json", buffer: Buffer.from(saved) });
    const { plan } = answer({ machine: { ...FIRST, memory: "512M" }, policy: ["stack=128K"] });
    await other.page.waitForFunction(() => document.querySelector("#play-memory").value === "512M");
    await shows(other.page, { plan });
    assert.equal(await other.page.inputValue("#play-policy-stack"), "128K");
    assert.equal(await other.page.inputValue("#play-memory"), "512M");
    await close();
    await other.close();
});

test("a device tree that is dropped is planned", async () => {
    const { page, close } = await open([]);
    const tree = readFileSync(new URL("../../../../../fuzz/corpus/tree/virt.dtb", import.meta.url));
    await page.setInputFiles("#files", { name: "my board.dtb", mimeType: "application/octet-stream", buffer: tree });
    await page.waitForFunction(() => document.querySelector("#play-machine").selectedOptions[0].textContent === "my board.dtb");
    const right = answer({ machine: { kind: "board", tree: tree.toString("base64"), file: "my board.dtb" }, policy: [] });
    assert.equal(right.error, null);
    assert.equal(right.refusal, null);
    await shows(page, right);
    await close();
});

test("a device tree that is dropped onto a page of a kernel keeps the kernel and its policy", async () => {
    const { parts, ...own } = JSON.parse(readFileSync(new URL("../../../recorded/kernel.json", import.meta.url), "utf8"));
    const kernel = { blueprint: { ...own, name: "./mine.elf", parts: { ...parts, text: parts.text + 4096 } } };
    const request = { kernel, machine: FIRST, policy: ["physical=pack"] };
    const { plan, command } = answer(request);
    const { page, close } = await open([{ kind: "plan", title: "plan of mine", json: plan, request, command }]);
    const tree = readFileSync(new URL("../../../../../fuzz/corpus/tree/virt.dtb", import.meta.url));
    await page.setInputFiles("#files", { name: "board.dtb", mimeType: "application/octet-stream", buffer: tree });
    const right = answer({ ...request, machine: { kind: "board", tree: tree.toString("base64"), file: "board.dtb" } });
    assert.ok(right.command.includes("./mine.elf") && right.command.includes("physical=pack"), right.command);
    await shows(page, right);
    await close();
});

test("without an engine the documents are shown, and nothing can be played", async () => {
    const plan = { kind: "plan", title: "alone", json: answer({ machine: FIRST, policy: [] }).plan, request: null, command: null };
    const { page, close } = await open([plan], { engine: false });
    await shows(page, { plan: plan.json });
    assert.ok(await page.locator("#play").isHidden());
    await close();
});

test("the details name the keys of the policy that chose a place, with this plan's values", async () => {
    const { page, close } = await open([]);
    await page.selectOption("#play-policy-alias", "absent");
    await page.fill("#play-policy-near", "64M");
    await page.waitForFunction(() => location.hash.includes("near=64M") && location.hash.includes("alias=absent"));
    const { policy } = JSON.parse(engine.catalog("{}"));
    const own = Object.fromEntries(policy.map(({ name, value }) => [name, value]));
    for (const [query, keys] of [["near region", ["near=64M", `kaslr=${own.kaslr}`]], ["stacks", [`stack=${own.stack}`, `tables=${own.tables}`]], ["linear map", ["alias=absent"]]]) {
        await page.fill("#search", query);
        await page.keyboard.press("Enter");
        const found = await page.locator("ul.policy code").allTextContents();
        for (const key of keys) assert.ok(found.includes(key), `${query}: ${key} is not in ${found}`);
    }
    await close();
});

test("symbols follow their kernel from plan to plan, and into a saved file", async () => {
    const kernel = { blueprint: JSON.parse(readFileSync(new URL("../../../recorded/kernel.json", import.meta.url), "utf8")) };
    const request = { kernel, machine: { ...FIRST }, policy: [] };
    const { plan, command } = answer(request);
    const symbols = { base: null, list: [["hello::main", 0x1000, 64]], count: 3 };
    const { page, close } = await open([{ kind: "plan", title: "plan of hello", json: plan, request, command, symbols }]);
    assert.match(await page.locator("#details").textContent(), /symbols\s*the 1 largest of 3/);
    const finds = async ({ kernel }) => {
        await page.fill("#search", "main");
        await page.keyboard.press("Enter");
        const address = `0x${(BigInt(kernel.virtual) + 0x1000n).toString(16)}`;
        assert.deepEqual([await detail(page, "address"), await detail(page, "symbol")], [address, "hello::main"]);
    };
    await finds(plan);
    request.machine.seed = "fedcba9876543210";
    await page.fill("#play-seed", request.machine.seed);
    const next = answer(request);
    await shows(page, next);
    assert.notEqual(next.plan.kernel.virtual, plan.kernel.virtual);
    await finds(next.plan);
    const [download] = await Promise.all([page.waitForEvent("download"), page.click("#save")]);
    const saved = JSON.parse(readFileSync(await download.path(), "utf8"));
    assert.deepEqual(saved.documents[0].symbols, symbols);
    await close();
});
