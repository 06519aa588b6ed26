/**
 * The kinds of regions: name, purpose, and the keys of the policy that choose their place and size.
 */

import { path } from "../model/node.js";

/** @type {Record<string, { name: string, why: string, policy: string[] }>} */
const ROLES = {
    "linear-map": {
        name: "linear map",
        why: "All RAM that may be mapped, at one offset, with the largest leaves that fit.",
        policy: ["linear-map", "ram", "alias", "kaslr"],
    },
    kernel: {
        name: "kernel",
        why: "The kernel's image. Text is R-X, constants are R--, data is RW-; nothing is both writable and executable.",
        policy: ["placement", "kernel", "physical", "kaslr"],
    },
    image: { name: "kernel image", why: "The kernel's text, constants and data.", policy: [] },
    near: {
        name: "near region",
        why: "Addresses for modules and generated code, within 2 GiB of the kernel's text. It is empty at main.",
        policy: ["near", "kaslr"],
    },
    dynamic: {
        name: "dynamic region",
        why: "Addresses for mappings that the kernel makes as it runs.",
        policy: ["dynamic", "kaslr"],
    },
    stacks: {
        name: "stacks",
        why: "One stack for each hart that lands, each with unmapped addresses below it that catch an overflow.",
        policy: ["stack", "harts", "tables", "kaslr"],
    },
    window: { name: "window", why: "Addresses that the policy keeps free.", policy: ["window"] },
    guard: { name: "guard", why: "Addresses beside a region that stay unmapped, so that an overrun faults.", policy: [] },
    unused: { name: "nothing", why: "No region was drawn here.", policy: [] },
    modules: { name: "modules", why: "Executable mappings outside of the image.", policy: [] },
    devices: { name: "devices", why: "Registers of devices: memory type IO, or memory that is no RAM.", policy: [] },
    identity: { name: "identity map", why: "Addresses that equal their physical ones, for the kernel alone.", policy: [] },
    user: { name: "user", why: "The lower half, for user mode.", policy: [] },
    fixmap: { name: "fixmap", why: "Fixed addresses for early mappings.", policy: [] },
    other: { name: "other", why: "A region that the layout names.", policy: [] },
    lower: { name: "lower half", why: "Addresses of user mode. The kernel's half is the upper one.", policy: [] },
    upper: { name: "upper half", why: "Addresses of the kernel.", policy: [] },
    hole: {
        name: "not canonical",
        why: "No page table reaches these addresses: the bits above the mode's must equal its highest one.",
        policy: [],
    },
};

/**
 * The rules by which an audit names regions that no layout names. The kernel may be any, so nothing
 * here states a design.
 *
 * @type {Record<string, string>}
 */
const FOUND = {
    "linear-map": "RAM at one offset: unless a layout names it, the offset with the most bytes that are not executable.",
    image: "The kernel's text, constants and data: unless a layout names it, the offset with the most executable bytes.",
    stacks: "Stacks of harts.",
    dynamic: "Mappings at offsets of their own, such as those that a kernel makes as it runs.",
    unused: "The tables map nothing here.",
};

/** Returns the name for people; a kind that is not known keeps its own. @param {string} role */
export function roleName(role) {
    return Object.hasOwn(ROLES, role) ? ROLES[role].name : role;
}

/**
 * Returns the keys of the policy that choose a node, those of its part first.
 * @param {import("../types.js").Node} node
 */
export function policyKeys(node) {
    const own = path(node);
    const part = own.find(({ kind }) => kind === "part")?.label ?? "";
    const first = part.startsWith("alias") ? ["alias", "physical"] : part.startsWith("the kernel's") ? ["placement", "physical"] : [];
    return [...new Set([...first, ...(roleOf(node.role, "plan")?.policy ?? [])])];
}

/**
 * Returns the purpose and the policy's keys.
 * @param {string} role @param {"plan" | "audit"} kind of the address space
 */
export function roleOf(role, kind) {
    if (!Object.hasOwn(ROLES, role)) return null;
    return kind === "audit" && Object.hasOwn(FOUND, role) ? { ...ROLES[role], why: FOUND[role] } : ROLES[role];
}
