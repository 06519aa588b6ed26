/** Documents: those that a command put into the page, and those that a person opens. */

import { auditSpaces } from "./audit.js";
import { readJson } from "./json.js";
import { planSpace } from "./plan.js";
import { DocumentError } from "./read.js";

/** @typedef {import("../types.js").Space} Space */
/** @typedef {import("../../engine.js").Document} Document */

/**
 * Returns the address spaces of a document; a refusal has none.
 * @param {Document} document
 * @returns {Space[]}
 */
export function spacesOf(document) {
    const { kind, json, title } = document;
    const plan = kind === "audit" ? null : planSpace(json, title);
    const spaces = kind === "audit" ? auditSpaces(json, title) : plan === null ? [] : [plan];
    for (const { root, physical } of spaces) [root, physical].forEach(read);
    return spaces;
}

/** Makes all nodes that stand in the document, so that a wrong one is found here. @param {import("../types.js").Node} node */
function read(node) {
    if (!node.even) node.children.forEach(read);
}

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
        throw new DocumentError(`${name} is not JSON`);
    }
    if (json?.format === 1 && Array.isArray(json.documents)) return json.documents.map(checked);
    return [checked({ kind: kindOf(json, name), title: name, json, request: null, command: null })];
}

/** @param {any} json @param {string} name */
function kindOf(json, name) {
    if (json !== null && typeof json === "object") {
        if ("audit_format" in json) return "audit";
        if ("plan_version" in json || ("regions" in json && "mappings" in json)) return "plan";
    }
    throw new DocumentError(`${name} is neither a plan nor an audit; write one with --format json`);
}

/** Reads the document once, so that a wrong one is named at once. @param {any} document @returns {Document} */
function checked(document) {
    if (document?.kind !== "plan" && document?.kind !== "audit") throw new DocumentError("a document is neither a plan nor an audit");
    spacesOf(document);
    return document;
}
