/** The filters, as toggle buttons: only what the documents have. */

import { LEAVES } from "../model/address.js";
import { isActive, everything, passes } from "../model/filter.js";
import { permissionMark } from "../text/permissions.js";
import { h, replace } from "../dom.js";

/** @typedef {import("../state/store.js").Store} Store */

/** @param {HTMLElement} host @param {Store} store */
export function mountFilters(host, store) {
    const update = () => {
        /** @type {HTMLElement[]} */
        const parts = [];
        const spaces = [store.shown.a, store.shown.b].filter((space) => space !== null);
        const mappings = spaces.flatMap(({ mappings }) => mappings);
        if (mappings.length === 0) return host.replaceChildren();
        const accesses = [...new Set(mappings.map(({ access }) => access))].sort();
        const sizes = Object.keys(LEAVES).filter((leaf) => mappings.some((mapping) => mapping.leaf === leaf));
        for (const access of accesses) parts.push(toggle(store, "access", access, `${permissionMark(access).glyph} ${access}`, `swatch-${permissionMark(access).name}`));
        for (const leaf of sizes) parts.push(toggle(store, "leaf", leaf, leaf, "leaf-size"));
        const findings = spaces.reduce((sum, space) => sum + space.findings.length, 0);
        if (findings > 0) {
            const { filter } = store;
            const flip = () => store.setFilter({ findings: !filter.findings });
            parts.push(h("button", { type: "button", class: "chip", "aria-pressed": String(filter.findings), "data-filter": "findings", "data-focus": "findings", onclick: flip }, `⚠ findings (${findings})`));
        }
        const text = filterText(store);
        if (text !== null) {
            parts.push(h("span", { class: "hint" }, text));
            parts.push(h("button", { type: "button", class: "link", "data-filter": "all", onclick: () => store.setFilter(everything()) }, "show all"));
        }
        replace(host, ...parts);
    };
    store.on("documents", update);
    store.on("filter", update);
    update();
}

/**
 * Returns the number of stretches that pass the filter, in words; null without a filter.
 * @param {Store} store
 */
export function filterText({ filter, shown }) {
    if (!isActive(filter)) return null;
    const spaces = [shown.a, shown.b].filter((space) => space !== null);
    const all = spaces.reduce((sum, { mappings }) => sum + mappings.length, 0);
    const left = spaces.reduce((sum, space) => sum + space.mappings.filter((mapping) => passes(filter, space, mapping)).length, 0);
    return `${left} of ${all} stretches of leaves`;
}

/**
 * @param {Store} store @param {"access" | "leaf"} kind @param {string} value @param {string} text
 * @param {string} name
 */
function toggle(store, kind, value, text, name) {
    const own = store.filter[kind];
    const flip = () => {
        const next = new Set(own);
        if (!next.delete(value)) next.add(value);
        store.setFilter({ [kind]: next });
    };
    return h("button", { type: "button", class: `chip ${name}`, "aria-pressed": String(own.has(value)), "aria-label": `${kind === "access" ? "permission" : "leaves of"} ${value}`, "data-filter": value, "data-focus": value, onclick: flip }, text);
}
