/**
 * The details of the selection: facts, findings, other addresses of its memory, and the policy
 * behind it.
 */

import { hex, overlaps, sizeText } from "../model/address.js";
import { compareSpaces } from "../model/compare.js";
import { addressFacts, aliasesOf, facts, findingFacts, findingsOf } from "../model/explain.js";
import { path } from "../model/node.js";
import { counts } from "../model/symbols.js";
import { policyKeys } from "../text/roles.js";
import { shortTitle } from "../text/titles.js";
import { byId, h, replace } from "../dom.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../types.js").Node} Node */

/** More findings or addresses than this are counted and not listed. */
const MOST = 24;

/**
 * @param {HTMLElement} host @param {Store} store
 * @param {{ nextAlias: (step: 1 | -1) => void, goTo: (virt: bigint) => void, policy: () => any[] }}
 *     actions
 */
export function mountDetails(host, store, actions) {
    const update = () => {
        const { selection } = store;
        const space = store.space(selection?.side ?? "a");
        host.hidden = selection === null && store.isComparing;
        if (space === null) replace(host, ...refused(store));
        else if (selection === null) replace(host, ...summary(space));
        else replace(host, ...selected(store, space, selection.node, actions));
    };
    store.on("documents", update);
    store.on("selection", update);
    store.on("play", update);
    store.on("view", () => {
        const away = host.querySelector(".away");
        if (away instanceof HTMLElement) away.hidden = !store.isAway;
    });
    update();
}

/** Returns the refusal of a document without a layout. @param {Store} store */
function refused({ documents }) {
    const [document] = documents;
    const refusal = document?.kind === "plan" ? document.json?.refusal : null;
    if (refusal === null || refusal === undefined) return [];
    return [h("h2", {}, shortTitle(document.title)), h("p", {}, `The kernel refuses to land, by ${refusal.rule}: ${refusal.message}`)];
}

/** @param {Space} space */
function summary(space) {
    const list = h("dl", {});
    const add = (/** @type {string} */ term, /** @type {string} */ text) => list.append(h("dt", {}, term), h("dd", {}, text));
    add("mode", space.mode);
    const mapped = space.mappings.reduce((sum, { size }) => sum + size, 0n);
    add("mapped", `${sizeText(mapped)} by ${space.mappings.length} stretch${space.mappings.length === 1 ? "" : "es"} of leaves`);
    const { json } = space;
    const symbols = counts(space);
    if (symbols !== null) add("symbols", symbols.listed === symbols.all ? `${symbols.all}` : `the ${symbols.listed} largest of ${symbols.all}`);
    if (space.kind === "plan") {
        add("tables", `${json.table_pages} page${json.table_pages === 1 ? "" : "s"}`);
        add("KASLR", String(json.kaslr?.reason ?? "unknown"));
        add("harts", `${json.harts?.online} land; hart ${json.harts?.boot} boots`);
        for (const note of json.notes ?? []) add("note", String(note.text));
    } else {
        add("tables", `${json.tables}`);
        add("findings", `${space.findings.length}`);
        if (Array.isArray(json.inherited) && json.inherited.length > 0) add("shared", `${json.inherited.length} range${json.inherited.length === 1 ? "" : "s"} of addresses, by tables of earlier roots`);
    }
    if (shortTitle(space.title) !== space.title) add("document", space.title);
    return [h("h2", {}, shortTitle(space.title)), list, h("p", { class: "hint" }, "Select a box, or press / to search. ", h("kbd", {}, "?"), " lists the keys.")];
}

/**
 * @param {Store} store @param {Space} space @param {Node} node
 * @param {Parameters<typeof mountDetails>[2]} actions
 */
function selected(store, space, node, actions) {
    const side = store.selection?.side ?? "a";
    const whole = () => {
        store.deselect();
        // A comparison has no details of the whole.
        if (document.activeElement === document.body) byId("drawing").focus({ preventScroll: true });
    };
    const names = path(node).slice(1, -1).map(({ label }) => label);
    const list = h("dl", {});
    for (const { term, text, code } of [...addressFacts(space, node, store.selection?.address ?? node.start), ...facts(space, node)]) list.append(h("dt", {}, term), h("dd", code ? { class: "code" } : {}, text));
    const changes = store.documents[side === "b" ? 1 : 0]?.request?.policy ?? [];
    const policy = policyOf(space, node, actions.policy(), changes);
    if (policy !== null) list.append(h("dt", {}, "chosen by"), h("dd", {}, policy));
    return [
        h("h2", {}, node.label, names.length === 0 ? null : h("small", {}, ` in ${names.reverse().join(", ")}`)),
        h("p", { class: "actions" }, h("button", { type: "button", "data-focus": "zoom", onclick: () => store.zoomTo(side, node) }, "Zoom here"), h("button", { type: "button", "data-focus": "whole", onclick: whole }, "Whole plan"), h("span", { class: "hint away", hidden: !store.isAway }, "not in view")),
        list,
        findingList(space, node),
        aliasList(space, node, actions),
        differenceList(store, node),
    ].filter((part) => part !== null);
}

/**
 * Returns the keys of the policy that chose a node, with their values.
 * @param {Space} space @param {Node} node
 * @param {any[]} keys with the values of the kernel's own policy
 * @param {string[]} changes of this plan
 */
function policyOf(space, node, keys, changes) {
    if (space.kind !== "plan" || node.key.startsWith("p")) return null;
    const names = policyKeys(node);
    if (names.length === 0) return null;
    const list = h("ul", { class: "policy" });
    for (const name of names) {
        const key = keys.find((one) => one.name === name);
        const changed = changes.findLast((change) => change.startsWith(`${name}=`));
        const own = key?.value === undefined || key?.value === null ? name : `${name}=${key.value}`;
        list.append(h("li", {}, h("code", {}, changed ?? own), changed === undefined ? null : " (changed)", key === undefined ? null : ` ${key.takes}`));
    }
    return list;
}

/** @param {Space} space @param {Node} node */
function findingList(space, node) {
    const found = findingsOf(space, node);
    if (found.length === 0) return null;
    const list = h("ul", { class: "findings" });
    for (const finding of found.slice(0, MOST)) {
        const { title, why, fixes } = findingFacts(finding);
        const isThere = !node.key.startsWith("p") && !overlaps(finding.virt, finding.size, node.start, node.size);
        const side = isThere ? "; the mapping there is the one selected" : "";
        const remedies = h("ul", {});
        for (const fix of fixes) remedies.append(h("li", {}, fix));
        list.append(
            h("li", {}, h("strong", {}, h("span", { "aria-hidden": "true" }, "⚠ "), title), ` (${finding.code}) at `, h("code", {}, hex(finding.virt)), `, ${sizeText(finding.size)}: ${finding.found}${side}`, h("p", {}, why), fixes.length === 0 ? null : h("p", {}, "Remedies:"), remedies),
        );
    }
    return section(`${found.length} finding${found.length === 1 ? "" : "s"}`, list, found.length - MOST);
}

/** @param {Space} space @param {Node} node @param {Parameters<typeof mountDetails>[2]} actions */
function aliasList(space, node, actions) {
    const all = aliasesOf(space, node);
    if (all.length === 0) return null;
    const list = h("ul", { class: "aliases" });
    for (const { virt, size, mapping } of all.slice(0, MOST)) {
        const isHere = !node.key.startsWith("p") && virt < node.start + node.size && node.start < virt + size;
        const button = h("button", { type: "button", class: "link", "data-focus": hex(virt), "aria-current": isHere ? "true" : null, onclick: () => actions.goTo(virt) }, hex(virt));
        list.append(h("li", {}, button, ` ${mapping.access}, ${sizeText(size)} by ${mapping.leaf}${isHere ? ", this one" : ""}`));
    }
    const step = (/** @type {1 | -1} */ by, /** @type {string} */ text) => h("button", { type: "button", "data-focus": text, onclick: () => actions.nextAlias(by) }, text);
    const part = section(`${all.length} mapping${all.length === 1 ? "" : "s"} of this memory`, list, all.length - MOST);
    part.append(h("p", { class: "actions" }, step(-1, "Previous"), step(1, "Next")));
    return part;
}

/** @param {Store} store @param {Node} node */
function differenceList(store, node) {
    const { a, b } = store.shown;
    if (a === null || b === null || node.kind === "space") return null;
    const own = compareSpaces(a, b).filter(({ virt, size }) => overlaps(virt, size, node.start, node.size));
    if (own.length === 0) return null;
    const list = h("ul", {});
    for (const { virt, size, aspects } of own.slice(0, MOST)) list.append(h("li", {}, h("code", {}, hex(virt)), `, ${sizeText(size)}: ${aspects.join(", ")}`));
    return section(`${own.length} difference${own.length === 1 ? "" : "s"} here`, list, own.length - MOST);
}

/** @param {string} title @param {HTMLElement} list @param {number} more */
function section(title, list, more) {
    return h("section", {}, h("h3", {}, title), list, more > 0 ? h("p", { class: "hint" }, `and ${more} more`) : null);
}
