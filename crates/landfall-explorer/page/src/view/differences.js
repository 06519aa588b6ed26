/** All differences of two documents, as three lists. */

import { hex, sizeText } from "../model/address.js";
import { compareSpaces, compareValues } from "../model/compare.js";
import { readJson } from "../model/json.js";
import { nodeAt } from "../model/node.js";
import { compareRegions } from "../model/regions.js";
import { baseName } from "../text/titles.js";
import { h } from "../dom.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {import("../types.js").Node} Node */

/** More stretches than this are counted and not listed. */
const MOST = 1000;

/** @param {HTMLElement} host @param {Store} store */
export function mountDifferences(host, store) {
    const update = () => {
        host.replaceChildren();
        const { a, b } = store.shown;
        host.hidden = a === null || b === null;
        if (a === null || b === null) return;
        const regions = compareRegions(a, b);
        const stretches = compareSpaces(a, b);
        const isOneKind = a.kind === b.kind;
        // A plan and an audit have other keys, but each has a mode.
        const values = isOneKind ? compareValues(a.json, b.json) : compareValues({ mode: a.mode }, { mode: b.mode });
        const count = regions.length + stretches.length + values.length;
        host.append(h("h2", {}, count === 0 ? "No difference" : `${count} difference${count === 1 ? "" : "s"}`));
        host.append(h("p", { class: "hint" }, h("strong", {}, "A"), ` ${baseName(a.title)} `, h("strong", {}, "B"), ` ${baseName(b.title)}`));
        if (!isOneKind) host.append(h("p", { class: "hint" }, "One is a plan and one an audit: addresses, mappings and the mode are compared, other values are not."));
        const goTo = (/** @type {Node | null} */ ours, /** @type {Node | null} */ theirs) => () => {
            if (ours !== null) store.select("a", ours);
            else if (theirs !== null) store.select("b", theirs);
        };
        const lists = [
            list("Regions and parts", regions, ({ label, text, a: ours, b: theirs }) => [h("button", { type: "button", class: "link", onclick: goTo(ours, theirs) }, label), ` ${text}`]),
            list("Mappings", stretches, ({ virt, size, a: ours, b: theirs, aspects }) => {
                const side = ours !== null ? "a" : "b";
                const space = side === "a" ? a : b;
                const select = () => {
                    const node = nodeAt(space.root, virt, (child) => child.kind !== "leaf" && child.kind !== "table");
                    if (node !== null) store.select(side, node, virt);
                };
                return [h("button", { type: "button", class: "link", onclick: select }, hex(virt)), ` ${sizeText(size)}, ${aspects.join(" and ")}: A ${text(ours, virt)}; B ${text(theirs, virt)}`];
            }),
            list("Values", values, ({ key, a: ours, b: theirs }) => [h("code", {}, key), ` A ${plain(ours)}; B ${plain(theirs)}`]),
        ];
        for (const one of lists) if (one !== null) host.append(one);
    };
    store.on("documents", update);
    update();
}

/** Returns a value in JSON as a person writes it: text without quotes. @param {string} json */
function plain(json) {
    return json.startsWith('"') ? String(readJson(json)) : json;
}

/** @param {Mapping | null} mapping @param {bigint} virt */
function text(mapping, virt) {
    if (mapping === null) return "not mapped";
    const flags = mapping.flags === "" ? "" : ` ${mapping.flags}`;
    return `${mapping.access}${flags} at ${hex(mapping.phys + (virt - mapping.virt))} by ${mapping.leaf}`;
}

/**
 * @template T
 * @param {string} title @param {T[]} rows @param {(row: T) => (HTMLElement | string)[]} show
 */
function list(title, rows, show) {
    if (rows.length === 0) return null;
    const all = h("ol", { class: "differences" });
    for (const row of rows.slice(0, MOST)) all.append(h("li", {}, ...show(row)));
    const more = rows.length > MOST ? h("p", { class: "hint" }, `and ${rows.length - MOST} more`) : null;
    return h("details", { open: true }, h("summary", {}, `${title}: ${rows.length}`), all, more);
}
