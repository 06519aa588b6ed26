/** Files in and out: documents, device trees, recorded facts, and the state of the page. */

import { parseFile } from "../model/documents.js";
import { readJson, writeJson } from "../model/json.js";
import { DocumentError } from "../model/read.js";
import { download } from "../dom.js";

/** @typedef {import("../../engine.js").Document} Document */
/** @typedef {import("../../engine.js").Request} Request */

/** A larger file is not supported. */
const MOST_BYTES = 256 << 20;
/** The first four bytes of a flattened device tree. */
const TREE = [0xd0, 0x0d, 0xfe, 0xed];

/**
 * Reads files that a person opened: one or two documents, or a machine to play with.
 * @param {File[]} files
 * @returns {Promise<{ documents: Document[], request: Request | null }>}
 */
export async function readFiles(files) {
    const documents = [];
    /** @type {Request | null} */
    let request = null;
    if (files.length > 2) throw new DocumentError(`${files.length} files were opened; a page compares two`);
    for (const file of files) {
        if (file.size > MOST_BYTES) throw new DocumentError(`${file.name} is larger than 256 MiB`);
        const bytes = new Uint8Array(await file.arrayBuffer());
        if (TREE.every((byte, index) => bytes[index] === byte)) {
            request = { machine: { kind: "board", tree: base64(bytes), file: file.name } };
            continue;
        }
        if (/\.dtb$/i.test(file.name)) throw new DocumentError(`${file.name} is no device tree: it does not begin with d00dfeed`);
        const text = new TextDecoder().decode(bytes);
        const facts = factsOf(text);
        if (facts !== null) request = { machine: { kind: "facts", facts, file: file.name } };
        else documents.push(...parseFile(text, file.name));
    }
    if (request !== null && files.length > 1) throw new DocumentError("a device tree or recorded facts are a machine of their own; open the file alone");
    if (documents.length > 2) throw new DocumentError(`the files have ${documents.length} documents; a page compares two`);
    return { documents, request };
}

/** Returns recorded facts, if the text is that. @param {string} text */
function factsOf(text) {
    try {
        const json = readJson(text);
        return json?.facts !== undefined && json.entropy !== undefined ? json : null;
    } catch {
        return null;
    }
}

/** @param {Uint8Array} bytes */
function base64(bytes) {
    let text = "";
    for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(text);
}

/** Saves documents as the page itself holds them. @param {Document[]} documents */
export function saveFile(documents) {
    download("landfall-explorer.json", writeJson({ format: 1, documents }));
}

/**
 * Takes files from the button and from a drop anywhere on the page.
 * @param {HTMLInputElement} input @param {(files: File[]) => void} take
 */
export function mountFiles(input, take) {
    input.addEventListener("change", () => {
        take([...(input.files ?? [])]);
        input.value = "";
    });
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
        event.preventDefault();
        take([...(event.dataTransfer?.files ?? [])]);
    });
}
