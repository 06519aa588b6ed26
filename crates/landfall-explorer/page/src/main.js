/** The entry: documents, engine, views. */

import { startEngine } from "./engine.js";
import { hex, parseAddress } from "./model/address.js";
import { sentence } from "./model/explain.js";
import { readJson } from "./model/json.js";
import { Store } from "./state/store.js";
import { defaultRequest, linkOf, parseLink } from "./state/link.js";
import { apart } from "./text/titles.js";
import { byId, h } from "./dom.js";
import { BootView, bootRequest } from "./view/boot.js";
import { mountBreadcrumb } from "./view/breadcrumb.js";
import { mountDetails } from "./view/details.js";
import { mountDifferences } from "./view/differences.js";
import { Drawing } from "./view/drawing.js";
import { mountFiles, readFiles, saveFile } from "./view/files.js";
import { mountFilters } from "./view/filters.js";
import { mountHelp } from "./view/help.js";
import { mountKeys, nextAlias, placeAt } from "./view/keys.js";
import { Outline } from "./view/outline.js";
import { Play, documentOf } from "./view/play.js";
import { mountSearch } from "./view/search_box.js";
import { mountStrips } from "./view/strips.js";

const store = new Store();
/** @type {Play | null} */
let play = null;
const { isEmbedded } = parseLink(location.hash);
document.documentElement.classList.toggle("embedded", isEmbedded);
byId("whole").hidden = !isEmbedded;

/** Reads the documents that a command put into the page. @returns {import("../engine.js").Document[]} */
function embedded() {
    const text = document.getElementById("landfall-documents")?.textContent ?? "";
    const parsed = text.trim() === "" ? null : readJson(text);
    return Array.isArray(parsed?.documents) ? parsed.documents.slice(0, 2) : [];
}

/** @param {unknown} error */
function report(error) {
    const place = byId("message");
    place.hidden = false;
    const close = h("button", { type: "button", onclick: () => (place.hidden = true) }, "Close");
    place.replaceChildren(h("p", {}, error instanceof Error ? error.message : String(error)), close);
}

/** Selects the deepest place at an address: virtual if there is one, else physical. @param {bigint} address */
function goTo(address) {
    const side = store.selection?.side ?? "a";
    const space = store.space(side);
    if (space === null) return;
    const node = placeAt(space.root, address);
    if (node !== null) store.select(side, node, address);
}

function mountViews() {
    mountBreadcrumb(byId("breadcrumb"), store);
    mountStrips(byId("strips"), store);
    mountFilters(byId("filters"), store);
    new Drawing(byId("drawing"), store, (text) => (byId("hover").textContent = text));
    new Outline(byId("outline"), store);
    mountDifferences(byId("differences"), store);
    const policy = () => play?.catalog.policy ?? [];
    mountDetails(byId("details"), store, { nextAlias: (step) => nextAlias(store, step), goTo, policy });
    const search = /** @type {HTMLInputElement} */ (byId("search"));
    mountSearch(search, byId("hits"), store);
    const help = mountHelp(/** @type {HTMLDialogElement} */ (byId("keys")));
    byId("help").addEventListener("click", help);
    mountKeys(byId("drawing"), store, { search: () => search.focus(), help });
    store.on("selection", () => {
        const { selection } = store;
        const space = store.space(selection?.side ?? "a");
        byId("live").textContent = selection === null || space === null ? "" : sentence(space, selection.node);
    });
    store.on("documents", heads);
}

/** Names the columns, and lists the roots of an audit. */
function heads() {
    const { a, b } = store.shown;
    const [left, right] = b === null || a === null ? [`virtual addresses${a === null ? "" : `, ${a.mode}`}`, "physical memory"] : apart(a.title, b.title);
    byId("head-left").textContent = left;
    byId("head-right").textContent = right;
    const list = /** @type {HTMLSelectElement} */ (byId("spaces"));
    list.hidden = store.spaces.length < 2 || store.isComparing;
    list.replaceChildren(...store.spaces.map((space, index) => h("option", { value: index, selected: space === a }, `${space.title} (${space.mode})`)));
    byId("single").hidden = !store.isComparing;
}

function mountTools() {
    const files = /** @type {HTMLInputElement} */ (byId("files"));
    byId("open").addEventListener("click", () => files.click());
    byId("save").addEventListener("click", () => saveFile(store));
    byId("spaces").addEventListener("change", (event) => {
        const space = store.spaces[Number(/** @type {HTMLSelectElement} */ (event.target).value)];
        if (space !== undefined) store.choose(space, null);
    });
    byId("single").addEventListener("click", () => (play === null ? store.show(store.documents.slice(-1)) : play.pin(false)));
    byId("pin").addEventListener("click", () => play?.pin(true));
    mountFiles(files, async (chosen) => {
        try {
            const { documents, request } = await readFiles(chosen);
            byId("message").hidden = true;
            if (documents.length > 0) open(documents);
            else if (request !== null && play !== null) play.take(request);
        } catch (error) {
            report(error);
        }
    });
}

/** Shows documents that were opened; one more is compared with the pinned one. @param {import("../engine.js").Document[]} documents */
function open(documents) {
    const pinned = play?.pinned ?? null;
    const shown = documents.length === 1 && pinned !== null ? [pinned, documents[0]] : documents;
    const last = shown[shown.length - 1];
    store.show(shown);
    if (last.request && play !== null) {
        if (shown.length === 2) play.pinned = shown[0];
        play.form.write(last.request);
        play.request = last.request;
    }
}

/** Writes the state into the link, so that a copy of it restores the page. */
function remember() {
    const { documents, selection } = store;
    const [a, b] = documents;
    const request = a?.request ?? null;
    if (play === null || request === null || (b !== undefined && b.request === null)) return;
    const select = selection === null ? null : hex(selection.address);
    const link = linkOf({ request, other: b?.request ?? null, select });
    byId("whole").setAttribute("href", link ?? "#");
    // A frame keeps its link, so that it is the same after a reload.
    if (!isEmbedded) history.replaceState(null, "", link ?? location.pathname + location.search);
}

async function main() {
    const documents = embedded();
    const link = parseLink(location.hash);
    const planner = await startEngine();
    if (documents.length > 0) store.show(documents);
    mountViews();
    mountTools();
    if (planner !== null) {
        const first = link.request ?? documents[documents.length - 1]?.request ?? defaultRequest();
        const stale = (/** @type {boolean} */ is) => byId("map").classList.toggle("stale", is);
        const boot = new BootView(byId("boot"), store, planner.boot, { request: () => bootRequest(play?.request ?? first), closed: () => play?.plan(play.request) });
        byId("boot-it").addEventListener("click", () => boot.start());
        play = new Play(byId("play"), store, planner, first, { planned: remember, stale });
        if (documents.length === 0 || link.request !== null) {
            if (link.other !== null) {
                const before = planner.predict(first);
                if (before.error === null) play.pinned = documentOf(first, before);
            }
            play.take(link.other ?? first);
        } else if (documents.length === 2 && documents[1].request) [play.pinned] = documents;
    } else byId("play").hidden = byId("pin").hidden = byId("boot-it").hidden = true;
    heads();
    store.on("selection", remember);
    const address = parseAddress(link.select);
    if (address !== null) goTo(address);
    document.documentElement.dataset.ready = "true";
}

main().catch(report);
