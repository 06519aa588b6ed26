/** Documents: those that a command put into the page, and those that a person opens. */

import { auditSpaces } from "./audit.js";
import { readJson } from "./json.js";
import { planSpace } from "./plan.js";
import { DocumentError } from "./read.js";
import { checkedSymbols, give } from "./symbols.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../../engine.js").Document} Document */

/**
 * The spaces that were read to check a document, for the first who shows it.
 * @type {WeakMap<Document, Space[]>}
 */
const READ = new WeakMap();

/**
 * Returns the address spaces of a document; a refusal has none.
 * @param {Document} document
 * @returns {Space[]}
 */
export function spacesOf(document) {
    const before = READ.get(document);
    READ.delete(document);
    const spaces = before ?? readSpaces(document);
    for (const space of spaces) give(space, document.symbols);
    return spaces;
}

/** @param {Document} document @returns {Space[]} */
function readSpaces({ kind, json, title }) {
    if (kind === "audit") {
        const spaces = auditSpaces(json, title);
        // Mappings are checked. So regions alone can be wrong, and all below them is made when it
        // is needed.
        for (const { root } of spaces) root.children.forEach(({ children }) => children);
        return spaces;
    }
    const plan = planSpace(json, title);
    if (plan === null) return [];
    [plan.root, plan.physical].forEach(read);
    return [plan];
}

/**
 * Makes all nodes of a plan, so that a wrong one is found here.
 * @param {import("../types.js").Node} node
 */
function read(node) {
    if (!node.even) node.children.forEach(read);
}

/** The format of a page's documents that this page reads. */
const FORMAT = 1;
/** The most documents that a page shows. */
const MOST = 2;

/**
 * Reads a file that a person opens: a plan, an audit, or the documents of a page.
 * @param {string} text @param {string} name
 * @returns {Document[]}
 */
export function parseFile(text, name) {
    let json;
    try {
        json = readJson(text);
    } catch {
        throw new DocumentError(`${name} is neither JSON nor a device tree`);
    }
    if (Array.isArray(json?.documents)) return documentsOf(json, name);
    return [checked({ kind: kindOf(json, name), title: name, json, request: null, command: null }, name)];
}

/**
 * Returns the documents of a page or of a saved file.
 * @param {any} json @param {string} name
 * @returns {Document[]}
 */
export function documentsOf(json, name) {
    const { format, documents } = json;
    if (format !== FORMAT) throw new DocumentError(`${name} has format ${JSON.stringify(format) ?? "none"}; this page reads format ${FORMAT}`);
    if (documents.length > MOST) throw new DocumentError(`${name} has ${documents.length} documents; a page compares two`);
    return documents.map((/** @type {any} */ one) => checked(one, name));
}

/**
 * Returns the documents that can be shown, and the faults of the others.
 * @param {any} json @param {string} name
 * @returns {{ documents: Document[], faults: string[] }}
 */
export function soundDocuments({ format, documents }, name) {
    /** @type {Document[]} */
    const sound = [];
    /** @type {string[]} */
    const faults = [];
    for (const one of documents) {
        try {
            sound.push(...documentsOf({ format, documents: [one] }, name));
        } catch (error) {
            faults.push(error instanceof Error ? error.message : String(error));
        }
    }
    return { documents: sound.slice(-MOST), faults };
}

/** @param {any} json @param {string} name */
function kindOf(json, name) {
    if (json !== null && typeof json === "object") {
        if ("audit_format" in json) return "audit";
        if ("plan_version" in json || "outcome" in json || ("regions" in json && "mappings" in json)) return "plan";
    }
    throw new DocumentError(`${name} is neither a plan nor an audit; write one with --format json`);
}

/**
 * Adds the name of a document to the fault of a value in it.
 * @template T
 * @param {string} name @param {() => T} read
 */
function named(name, read) {
    try {
        return read();
    } catch (error) {
        throw error instanceof DocumentError ? new DocumentError(`${name}: ${error.message}`) : error;
    }
}

/**
 * Reads the document once, so that a wrong one is named at once.
 * @param {any} document @param {string} name @returns {Document}
 */
function checked(document, name) {
    const { kind, json, title } = document ?? {};
    if ((kind !== "plan" && kind !== "audit") || json === null || typeof json !== "object") throw new DocumentError(`a document of ${name} is neither a plan nor an audit`);
    const own = { ...document, title: typeof title === "string" ? title : name, request: requestOf(document.request), command: typeof document.command === "string" ? document.command : null, symbols: checkedSymbols(document.symbols) };
    const spaces = named(own.title, () => readSpaces(own));
    if (spaces.length === 0 && (kind === "audit" || !isRefused(json))) throw new DocumentError(`${own.title} has no layout, and states no refusal`);
    READ.set(own, spaces);
    return own;
}

/** Returns the request of a saved document, if it has the shape of one. @param {any} request */
function requestOf(request) {
    const isRequest = typeof request === "object" && request !== null && ["undefined", "object"].includes(typeof request.machine) && (request.policy === undefined || Array.isArray(request.policy));
    return isRequest ? request : null;
}

/**
 * Returns true if the kernel would refuse to land, or the request could not be planned.
 * @param {any} json
 */
function isRefused(json) {
    if (typeof json.error?.message === "string") return true;
    return typeof json.refusal?.rule === "string" && typeof json.refusal.message === "string";
}
