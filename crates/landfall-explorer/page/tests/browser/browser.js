/** A browser, and pages in it with the documents of a test. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";

import { chromium } from "playwright-core";

/** Debian's packages, and what a developer may have. */
const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium-headless-shell";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

const BUILT = readFileSync(new URL("../../../dist/explorer.html", import.meta.url), "utf8");
const ENGINE = /id="landfall-engine">([^<]*)</;

/** Returns the engine in a page, as base64. */
export function engineOf(page = BUILT) {
    return ENGINE.exec(page)?.[1] ?? "";
}

const folder = mkdtempSync(join(tmpdir(), "explorer-"));
const browser = await chromium.launch({ executablePath: PROGRAM, args: FLAGS });
after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
});

let count = 0;

/**
 * Writes the page with documents, as the command does, and returns its address.
 * @param {any[]} documents
 */
export function write(documents, { engine = true } = {}) {
    // A double above 2^53 has other digits in JSON than the integer that it was read from.
    const exact = (_, value) => (Number.isInteger(value) && !Number.isSafeInteger(value) ? `integer:${BigInt(value)}` : value);
    const json = JSON.stringify({ format: 1, documents }, exact).replace(/"integer:(\d+)"/g, "$1").replace(/[<>&\u2028\u2029]/g, (one) => "\\u" + one.charCodeAt(0).toString(16).padStart(4, "0"));
    let page = BUILT.replace('{"format":1,"documents":[]}', () => json);
    if (!engine) page = page.replace(ENGINE, (element) => element.replace(engineOf(page), ""));
    const path = join(folder, `${(count += 1)}.html`);
    writeFileSync(path, page);
    return pathToFileURL(path).href;
}

/**
 * Opens a page and waits until it is ready. It fails the test if the page reports an error,
 * violates its own policy or asks for anything but itself.
 */
export async function open(documents, { hash = "", engine = true, width = 1440, height = 900, scheme = "light", motion = "reduce", url = null, before = async () => {} } = {}) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: motion, acceptDownloads: true });
    const page = await context.newPage();
    await before(page);
    const faults = [];
    page.on("pageerror", (error) => faults.push(`error: ${error.stack}`));
    page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
    const address = url ?? write(documents, { engine });
    page.on("request", (request) => /^(file|data|blob):/.test(request.url()) || faults.push(`request: ${request.url()}`));
    await page.goto(address + hash);
    await page.waitForSelector("html[data-ready]");
    await frame(page);
    return { page, address, context, close: async () => {
        await context.close();
        if (faults.length > 0) throw new Error(faults.join("\n"));
    } };
}

/** Waits until the page has drawn its last change. */
export async function frame(page) {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Returns the terms and texts of the details. */
export async function details(page) {
    return page.evaluate(() => {
        const texts = [...document.querySelectorAll("#details dl > *")].map((one) => one.textContent);
        const pairs = [];
        for (let at = 0; at < texts.length; at += 2) pairs.push([texts[at], texts[at + 1]]);
        return pairs;
    });
}

/** Returns the text of a term of the details. */
export async function detail(page, term) {
    return (await details(page)).find(([name]) => name === term)?.[1] ?? null;
}

/** Returns the boxes that are drawn. */
export async function boxes(page, column = "left") {
    return page.evaluate((name) => {
        const groups = [...document.querySelectorAll(`[data-column="${name}"] g.box[data-key]`)];
        return groups.map((group) => {
            const { top, bottom, left, right } = group.querySelector("rect").getBoundingClientRect();
            return { key: group.dataset.key, classes: [...group.classList], text: group.textContent, top, bottom, left, right };
        });
    }, column);
}
