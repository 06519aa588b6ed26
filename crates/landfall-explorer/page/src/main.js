/** The entry: documents, engine, views. */

import { startEngine } from "./engine.js";
import { parseAddress } from "./model/address.js";
import { soundDocuments } from "./model/documents.js";
import { sentence } from "./model/explain.js";
import { readJson } from "./model/json.js";
import { parsePlace, placeText } from "./model/place.js";
import { Store } from "./state/store.js";
import { defaultRequest, parseLink } from "./state/link.js";
import { apart, shortTitle } from "./text/titles.js";
import { visible } from "./text/visible.js";
import { byId, h, prose } from "./dom.js";
import { BootView } from "./view/boot.js";
import { mountBreadcrumb } from "./view/breadcrumb.js";
import { mountDetails } from "./view/details.js";
import { mountDifferences } from "./view/differences.js";
import { Drawing } from "./view/drawing.js";
import { mountFiles, readFiles, saveFile } from "./view/files.js";
import { filterText, mountFilters } from "./view/filters.js";
import { mountHelp } from "./view/help.js";
import { mountKeys, nextAlias, placeAt } from "./view/keys.js";
import { Outline } from "./view/outline.js";
import { Play } from "./view/play.js";
import { mountSearch } from "./view/search_box.js";
import { mountStrips } from "./view/strips.js";

const store = new Store();
/** @type {Play | null} */
let play = null;
/** @type {BootView | null} */
let boot = null;
/**
 * The documents that stand in the file, which needs no link.
 * @type {import("../engine.js").Document[]}
 */
let own = [];
const { isEmbedded } = parseLink(location.hash);
document.documentElement.classList.toggle("embedded", isEmbedded);
byId("whole").hidden = !isEmbedded;

/**
 * Reads the documents that a command put into the page.
 * @returns {import("../engine.js").Document[]}
 */
function embedded() {
    const text = document.getElementById("landfall-documents")?.textContent ?? "";
    if (text.trim() === "") return [];
    try {
        const parsed = readJson(text);
        const all = Array.isArray(parsed?.documents) ? parsed.documents : [];
        const { documents, faults } = soundDocuments({ ...parsed, documents: all }, "this page");
        if (faults.length > 0) report(faults.join("; "));
        return documents;
    } catch (error) {
        report(error);
        return [];
    }
}

/** @param {unknown} error */
function report(error) {
    const place = byId("message");
    place.hidden = false;
    const close = h("button", { type: "button", onclick: () => hide(place, "open") }, "Close");
    place.replaceChildren(h("p", {}, ...prose(error instanceof Error ? error.message : String(error))), close);
}

/** Hides a place, whose focus goes elsewhere. @param {HTMLElement} place @param {string} next */
function hide(place, next) {
    place.hidden = true;
    byId(next).focus();
}

/**
 * Selects the deepest place at an address: virtual if there is one, else physical.
 * @param {bigint} address
 */
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
    mountSearch(search, byId("hits"), store, { leave: () => byId("drawing").focus({ preventScroll: true }), say });
    const help = mountHelp(/** @type {HTMLDialogElement} */ (byId("keys")));
    byId("help").addEventListener("click", help);
    mountKeys(byId("drawing"), store, { search: () => search.focus(), help, say });
    store.on("selection", () => {
        const { selection } = store;
        const space = store.space(selection?.side ?? "a");
        say(space === null ? "" : sentence(space, selection?.node ?? space.root));
    });
    store.on("view", viewed);
    store.on("filter", () => say(filterText(store) ?? "No filter: all stretches of leaves."));
    store.on("documents", heads);
}

/** The place of which a listener heard last. @type {import("./types.js").Node | null} */
let heard = null;

/** Reports the place that the view was moved to. */
function viewed() {
    const node = store.viewed?.node ?? null;
    const space = store.space(store.viewed?.side ?? "a");
    if (node !== null && node !== heard && space !== null) say(`In view: ${sentence(space, node)}`);
    heard = node;
}

/** Reports to a screen reader. @param {string} text */
function say(text) {
    byId("live").textContent = visible(text);
}

/** Names the columns, and lists the roots of an audit. */
function heads() {
    const { a, b } = store.shown;
    const own = (/** @type {import("./types.js").Space} */ { title, mode }) => (a?.mode === b?.mode ? title : `${title}, ${mode}`);
    const [left, right] = b === null || a === null ? [`virtual addresses${a === null ? "" : `, ${a.mode}`}`, "physical memory"] : apart(own(a), own(b));
    byId("head-left").textContent = visible(left);
    byId("head-right").textContent = visible(right);
    document.body.classList.toggle("bare", a === null && b === null);
    document.title = [a, b].filter((space) => space !== null).map(({ title }) => `${visible(shortTitle(title))} – `).join("") + "Landfall explorer";
    const list = /** @type {HTMLSelectElement} */ (byId("spaces"));
    list.hidden = store.spaces.length < 2 || store.isComparing;
    list.replaceChildren(...store.spaces.map((space, index) => h("option", { value: index, selected: space === a }, `${shortTitle(space.title)} (${space.mode})`)));
    // A document that is compared may have no layout.
    byId("single").hidden = !store.isComparing && (play?.pinned ?? null) === null;
}

function mountTools() {
    const files = /** @type {HTMLInputElement} */ (byId("files"));
    byId("open").addEventListener("click", () => files.click());
    byId("save").addEventListener("click", save);
    byId("spaces").addEventListener("change", (event) => {
        const space = store.spaces[Number(/** @type {HTMLSelectElement} */ (event.target).value)];
        if (space !== undefined) store.choose(space, null);
    });
    byId("single").addEventListener("click", () => {
        if (play === null) store.show(store.documents.slice(-1));
        else play.pin("off");
        byId("pin").focus();
    });
    byId("pin").addEventListener("click", () => play?.pin("on"));
    // A person who goes on with the form has read the message.
    byId("play").addEventListener("input", () => (byId("message").hidden = true));
    mountFiles(files, async (chosen) => {
        try {
            const { documents, request } = await readFiles(chosen);
            byId("message").hidden = true;
            if (documents.length > 0) open(documents);
            else if (request !== null && play !== null) play.take(play.onMachine(request));
        } catch (error) {
            report(error);
        }
    });
}

/**
 * Shows documents that were opened; one more is compared with the pinned one.
 * @param {import("../engine.js").Document[]} documents
 */
function open(documents) {
    const pinned = play?.pinned ?? null;
    const shown = documents.length === 1 && pinned !== null ? [pinned, documents[0]] : documents;
    boot?.end();
    store.show(shown);
    play?.follow(shown);
    remember();
}

/** Saves what is shown. A machine that cannot be planned is no document. */
function save() {
    const documents = boot?.isOpen || play === null ? store.documents : play.documents;
    if (documents.length > 0) saveFile(documents);
    else report("Nothing is saved: this machine has no plan. Its link holds the form.");
}

/** Writes the state into the link, so that a copy of it restores the page. */
function remember() {
    if (play === null) return;
    const { selection } = store;
    const link = play.link(selection === null ? null : placeText(selection));
    byId("whole").setAttribute("href", link ?? "#");
    const note = byId("unlinked");
    note.hidden = link !== null || store.documents === own;
    note.textContent = note.hidden ? "" : "No link restores this page: a link holds no device tree, no audit and no kernel. Save it as a file.";
    // A frame keeps its link, so that it is the same after a reload.
    if (!isEmbedded) history.replaceState(null, "", link ?? location.pathname + location.search);
}

/** The state after a plan. */
function planned() {
    boot?.end();
    remember();
    heads();
    const { a } = store.shown;
    if (!byId("verdict").hidden || a === null) return;
    const differences = store.isComparing ? ` ${byId("differences").querySelector("h2")?.textContent}.` : "";
    say(`Planned: ${shortTitle((store.shown.b ?? a).title)}.${differences}`);
}

/** Shows the state of a link. @param {import("./state/link.js").State} link */
function restore({ request, other, select }) {
    if (request !== null) play?.load(request, other);
    const place = parsePlace(select);
    const space = store.shown.a;
    if (place === null || space === null) return;
    const node = placeAt(place.kind === "physical" ? space.physical : space.root, place.address);
    if (node !== null) store.select("a", node, place.address);
}

async function main() {
    own = embedded();
    const link = parseLink(location.hash);
    if (own.length > 0) store.show(own);
    mountViews();
    mountTools();
    if (own.length > 0) heads();
    // The picture does not wait for the engine.
    const planner = await startEngine();
    if (planner !== null) {
        const first = own.at(-1)?.request ?? defaultRequest();
        const stale = (/** @type {boolean} */ is) => ["map", "differences"].forEach((id) => byId(id).classList.toggle("stale", is));
        play = new Play(byId("play"), byId("verdict"), store, planner, first, { planned, stale });
        const closed = () => {
            play?.show();
            byId("boot-it").focus();
        };
        boot = new BootView(byId("boot"), store, planner.boot, { request: () => play?.request ?? first, closed, say });
        byId("boot-it").addEventListener("click", () => boot?.start());
        if (link.request !== null) play.load(link.request, link.other);
        else if (own.length > 0) play.follow(own);
        else play.take(first);
    } else byId("play").hidden = byId("pin").hidden = byId("boot-it").hidden = true;
    heads();
    store.on("selection", remember);
    restore({ ...link, request: null });
    addEventListener("hashchange", () => restore(parseLink(location.hash)));
    document.documentElement.dataset.ready = "true";
}

main().catch(report);
