/** The form of the playground: a machine and changes of the kernel's policy. */

import { visible } from "../text/visible.js";
import { h } from "../dom.js";

/** @typedef {import("../../engine.js").Request} Request */
/** @typedef {import("../../engine.js").Catalog} Catalog */
/**
 * @typedef {{ read: () => Request, write: (request: Request) => void, mark: (fields: string[]) =>
 *     void, keys: () => string[], focus: () => void }} Form
 */

/** Powers of two of the slider: 32 MiB to 1 TiB. */
const LEAST = 25;
const MOST = 40;

/** Fields of a request that the list of machines chooses. @type {Record<string, string>} */
const ELEMENTS = { machine: "machine", "machine.name": "machine", "machine.tree": "machine", "machine.facts": "machine" };

/** Returns a power of two as `--memory` takes it. @param {number} power */
export function memoryText(power) {
    const units = ["", "K", "M", "G", "T"];
    return `${2 ** (power % 10)}${units[Math.floor(power / 10)]}`;
}

/**
 * Returns the power of two of the slider for a size as `--memory` takes it. Another size has the
 * next lower one, and other text has null.
 * @param {string} text
 */
export function powerOf(text) {
    const [, digits, unit] = /^\s*(\d{1,15}|0x[0-9a-f]{1,12})\s*([KMGT]?)\s*$/i.exec(text) ?? [];
    if (digits === undefined) return null;
    const bytes = Number(digits) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit.toUpperCase());
    return bytes < 1 ? null : Math.min(MOST, Math.max(LEAST, Math.floor(Math.log2(bytes))));
}

/**
 * Makes the form. `changed` is called at each change of a value.
 * @param {HTMLElement} host @param {Catalog} catalog @param {Request} first
 * @param {HTMLElement} result the place of the answer, above the long list of the policy
 * @param {() => void} changed
 * @returns {Form}
 */
export function playForm(host, catalog, first, result, changed) {
    /** Values without a field stay as they came: a tree, facts, a kernel. @type {Request} */
    let base = first;
    const input = (/** @type {string} */ id, /** @type {Record<string, any>} */ more = {}) => h("input", { id: `play-${id}`, name: id, autocomplete: "off", spellcheck: "false", ...more });
    const machine = h("select", { id: "play-machine", name: "machine" }, h("option", { value: "virt" }, "QEMU virt"));
    for (const board of catalog.boards) machine.append(h("option", { value: `board:${board.name}` }, board.title));
    const own = h("option", { value: "own" }, "");
    const memory = input("memory", { list: "play-memories" });
    const slider = input("slider", { type: "range", min: LEAST, max: MOST, step: 1, "aria-label": "Memory, as a power of two" });
    const harts = input("harts", { type: "number", min: 1, max: catalog.virt.max_harts });
    const mode = h("select", { id: "play-mode", name: "mode" }, h("option", { value: "" }, "the best"));
    for (const name of catalog.modes) mode.append(h("option", { value: name }, name));
    const seed = input("seed", { placeholder: "16 hex digits, or off" });
    const draw = h("button", { type: "button", id: "play-draw", "aria-label": "Draw a seed", title: "Draw a seed" }, "Draw");
    const append = input("append", { placeholder: "kernel command line" });
    const at = input("at", { placeholder: "image's address" });
    const rows = {
        machine: row("Machine", machine),
        memory: row("Memory", memory, slider),
        harts: row("Harts", harts),
        mode: row("Mode", mode),
        seed: row("Seed", seed, draw),
        append: row("Append", append),
        at: row("Image at", at),
    };
    const policy = new Map(catalog.policy.map((key) => [key.name, policyField(key)]));
    const changes = h("details", { class: "policy-fields", "aria-label": "Policy", open: matchMedia("(min-width: 1100px)").matches }, h("summary", {}, "Policy"));
    for (const { name, takes } of catalog.policy) {
        const field = /** @type {HTMLElement} */ (policy.get(name));
        const help = h("span", { class: "hint help", id: `play-help-${name}` }, `takes ${takes}`);
        field.setAttribute("aria-describedby", help.id);
        changes.append(row(name, field, help));
    }
    const more = h("details", {}, h("summary", {}, "More"), rows.append, rows.at);
    host.replaceChildren(rows.machine, rows.memory, rows.harts, rows.mode, rows.seed, result, changes, more);

    const kind = () => machine.value.split(":")[0];
    const shape = () => {
        const isFacts = kind() === "own" && base.machine?.kind === "facts";
        rows.harts.hidden = kind() !== "virt";
        slider.hidden = kind() !== "virt";
        for (const one of [rows.memory, rows.mode, rows.seed, rows.append, rows.at]) one.hidden = isFacts;
        const board = catalog.boards.find(({ name }) => machine.value === `board:${name}`);
        memory.placeholder = board === undefined ? "1G" : board.suggested_memory.join(",") || "as in the tree";
    };
    const optional = (/** @type {any} */ object, /** @type {string} */ key, /** @type {string | number} */ value) => {
        if (value !== "") object[key] = value;
    };
    const read = () => {
        /** @type {any} */
        let result;
        if (kind() === "own" && base.machine?.kind === "facts") result = base.machine;
        else if (kind() === "virt") {
            result = { kind: "virt" };
            optional(result, "memory", memory.value.trim());
            if (harts.validity.badInput) result.harts = "?";
            else optional(result, "harts", /^\d{1,10}$/.test(harts.value) ? Number(harts.value) : harts.value);
        } else {
            const name = machine.value.slice("board:".length);
            const isSame = base.machine?.kind === "board" && (kind() === "own" || base.machine.name === name);
            result = isSame ? { ...base.machine } : { kind: "board", name };
            for (const key of ["memory", "mode", "seed", "append", "at"]) delete result[key];
            const ranges = memory.value.split(",").map((text) => text.trim()).filter((text) => text !== "");
            if (ranges.length > 0) result.memory = ranges;
        }
        if (result.kind !== "facts") {
            for (const [key, field] of Object.entries({ mode, seed, append, at })) optional(result, key, field.value.trim());
        }
        const keys = [...policy].filter(([, field]) => field.value.trim() !== "").map(([name, field]) => `${name}=${field.value.trim()}`);
        return { ...(base.kernel === undefined ? {} : { kernel: base.kernel }), machine: result, policy: keys };
    };
    const write = (/** @type {Request} */ request) => {
        base = request;
        /** @type {any} */
        const from = request.machine ?? { kind: "virt" };
        own.remove();
        const isOwn = from.kind === "facts" || (from.kind === "board" && from.tree !== undefined);
        if (isOwn) {
            own.textContent = visible(from.file ?? (from.kind === "facts" ? "recorded facts" : "a device tree"));
            machine.append(own);
        }
        machine.value = isOwn ? "own" : from.kind === "board" ? `board:${from.name}` : "virt";
        memory.value = Array.isArray(from.memory) ? from.memory.join(",") : (from.memory ?? "");
        harts.value = String(from.harts ?? 1);
        for (const [key, field] of Object.entries({ mode, seed, append, at })) field.value = from[key] ?? "";
        for (const field of policy.values()) field.value = "";
        for (const change of request.policy ?? []) {
            const equals = change.indexOf("=");
            const field = policy.get(change.slice(0, equals));
            if (field !== undefined) field.value = change.slice(equals + 1);
        }
        slide();
        shape();
    };
    const slide = () => {
        const power = powerOf(memory.value);
        if (power !== null) slider.value = String(power);
        slider.setAttribute("aria-valuetext", memory.value.trim());
    };
    machine.addEventListener("change", () => {
        memory.value = kind() === "virt" ? "1G" : "";
        if (kind() === "virt" && seed.value === "") seed.value = "0123456789abcdef";
        const board = catalog.boards.find(({ name }) => machine.value === `board:${name}`);
        if (board !== undefined && board.memory === 0) memory.value = board.suggested_memory.join(",");
        shape();
    });
    slider.addEventListener("input", () => {
        memory.value = memoryText(Number(slider.value));
        slide();
    });
    memory.addEventListener("input", slide);
    draw.addEventListener("click", () => {
        const bytes = crypto.getRandomValues(new Uint8Array(8));
        seed.value = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        changed();
    });
    host.addEventListener("input", changed);
    host.addEventListener("change", changed);
    const mark = (/** @type {string[]} */ fields) => {
        for (const one of host.querySelectorAll("[aria-invalid]")) ["aria-invalid", "aria-errormessage"].forEach((name) => one.removeAttribute(name));
        for (const field of fields) {
            const own = field.startsWith("policy.") ? policy.get(field.slice("policy.".length)) : host.querySelector(`#play-${ELEMENTS[field] ?? field.replace(/^machine\./, "")}`);
            own?.setAttribute("aria-invalid", "true");
            own?.setAttribute("aria-errormessage", "verdict");
        }
    };
    const keys = () => [...policy].filter(([, field]) => field.value.trim() !== "").map(([name]) => name);
    write(first);
    return { read, write, mark, keys, focus: () => machine.focus() };
}

/** @param {Catalog["policy"][number]} key */
function policyField({ name, takes, choices, value }) {
    // A number without a limit is the largest of 64 bits.
    const shown = value === null || value === String(2n ** 64n - 1n) ? "" : value;
    const more = { id: `play-policy-${name}`, name, title: takes };
    if (choices === null) return h("input", { ...more, placeholder: shown === "" ? takes : `(${shown})`, autocomplete: "off", spellcheck: "false" });
    const select = h("select", more, h("option", { value: "" }, `(${shown || "the kernel's own"})`));
    for (const choice of choices) select.append(h("option", { value: choice }, choice));
    return select;
}

/** @param {string} name @param {...HTMLElement} fields */
function row(name, ...fields) {
    return h("div", { class: "row" }, h("label", { for: fields[0].id }, name), h("span", { class: "fields" }, ...fields));
}
