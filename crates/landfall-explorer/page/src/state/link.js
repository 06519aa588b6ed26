/**
 * The state of a playground in the link's hash:
 * `#machine=virt&memory=4G&policy=physical=pack&select=0x80200000`. `embed` is for a frame in a
 * document.
 */

/** @typedef {import("../../engine.js").Request} Request */
/**
 * @typedef {{ request: Request | null, other: Request | null, select: string | null, isEmbedded:
 *     boolean }} State
 */

const LISTS = new Set(["reserve", "no_map"]);
/** The seed of a page that states none. */
const SEED = "0123456789abcdef";
const TEXTS = ["mode", "seed", "append", "at", "tree_at", "initrd", "memory_types"];

/**
 * Returns the default: a virt machine with a seed, so that a link gives the same plan to everyone.
 * @returns {Request}
 */
export function defaultRequest() {
    return { machine: { kind: "virt", memory: "4G", harts: 2, mode: "sv48", seed: SEED }, policy: [] };
}

/** @param {string} hash @returns {State} */
export function parseLink(hash) {
    const parameters = new URLSearchParams(hash.replace(/^#/, ""));
    return { request: readRequest(parameters, ""), other: readRequest(parameters, "b-"), select: parameters.get("select"), isEmbedded: parameters.has("embed") };
}

/** @param {URLSearchParams} parameters @param {string} prefix @returns {Request | null} */
function readRequest(parameters, prefix) {
    const get = (/** @type {string} */ key) => parameters.get(prefix + key);
    const name = get("machine");
    if (name === null) return null;
    const isVirt = name === "virt";
    /** @type {any} */
    const machine = isVirt ? { kind: "virt" } : { kind: "board", name };
    for (const key of TEXTS) {
        const value = get(key);
        if (value !== null && value !== "") machine[key] = value;
    }
    // A link without a seed is one that a person wrote; an empty seed is that of an empty field.
    if (isVirt && get("seed") === null) machine.seed = SEED;
    const memory = get("memory");
    if (memory !== null) machine.memory = isVirt ? memory : memory.split(",");
    const harts = get("harts");
    if (isVirt && harts !== null) machine.harts = count(harts);
    const hart = get("boot_hart");
    if (!isVirt && hart !== null) machine.boot_hart = count(hart);
    for (const key of LISTS) {
        const all = parameters.getAll(prefix + key);
        if (all.length > 0) machine[key] = all;
    }
    return { machine, policy: parameters.getAll(`${prefix}policy`) };
}

/** Returns a number, or the text of anything else, which is then refused. @param {string} text */
function count(text) {
    return /^\d{1,10}$/.test(text) ? Number(text) : text;
}

/**
 * Returns the hash of a state, or null if a link cannot hold it. A device tree, recorded facts or
 * another kernel are in a file alone.
 * @param {Omit<State, "isEmbedded">} state
 */
export function linkOf({ request, other, select }) {
    const parameters = new URLSearchParams();
    for (const [own, prefix] of /** @type {const} */ ([
        [request, ""],
        [other, "b-"],
    ])) {
        if (own === null) continue;
        if (!writeRequest(parameters, own, prefix)) return null;
    }
    if (select !== null) parameters.set("select", select);
    return "#" + parameters.toString().replaceAll("%3D", "=").replaceAll("%3A", ":").replaceAll("%40", "@").replaceAll("%2C", ",");
}

/** @param {URLSearchParams} parameters @param {Request} request @param {string} prefix */
function writeRequest(parameters, { kernel, machine, policy }, prefix) {
    /** @type {any} */
    const own = machine ?? { kind: "virt" };
    if (kernel !== undefined || own.kind === "facts" || own.tree !== undefined) return false;
    parameters.set(`${prefix}machine`, own.kind === "virt" ? "virt" : own.name);
    for (const key of [...TEXTS, "harts", "boot_hart"]) {
        if (own[key] !== undefined && own[key] !== null && own[key] !== "") parameters.set(prefix + key, String(own[key]));
    }
    if (own.kind === "virt" && !own.seed) parameters.set(`${prefix}seed`, "");
    const memory = Array.isArray(own.memory) ? own.memory.join(",") : own.memory;
    if (memory) parameters.set(`${prefix}memory`, memory);
    for (const key of LISTS) for (const value of own[key] ?? []) parameters.append(prefix + key, value);
    for (const value of policy ?? []) parameters.append(`${prefix}policy`, value);
    return true;
}
