/** Texts in boxes: as much as fits, always within the part of the box that can be seen. */

import { hex, sizeText } from "../model/address.js";
import { permissionMark } from "../text/permissions.js";

/** @typedef {import("./boxes.js").Box} Box */
/**
 * @typedef {{ x: number, y: number, text: string, kind: "name" | "size" | "address" | "spine" }}
 *     Label
 */

const LINE = 15;
const PAD = 7;
/** A space at which no line ends. */
const FIXED = "\u00a0";
/** The fonts of `style.css`. */
const FONTS = { name: "600 13px system-ui, sans-serif", mono: "12px ui-monospace, Menlo, Consolas, monospace" };

/** @type {CanvasRenderingContext2D | null} */
let context = null;

/**
 * Returns the width of a text in pixels, and a little more, because fonts differ.
 * @param {string} text @param {keyof typeof FONTS} font
 */
function widthOf(text, font) {
    context ??= document.createElement("canvas").getContext("2d");
    if (context === null) return text.length * 8.5;
    context.font = FONTS[font];
    return context.measureText(text).width * 1.04 + 1;
}

/**
 * Returns the texts of a box: name and size on one line, or the name on as many as it needs.
 * @param {Box} box @param {number} height of the view @param {boolean} hasAddress
 * @returns {Label[]}
 */
export function labels(box, height, hasAddress) {
    const top = Math.max(box.top, 0);
    const bottom = Math.min(box.bottom, height);
    const room = box.width - 2 * PAD;
    const { node } = box;
    if (box.dense || box.width <= 10 || bottom - top < 13.5) return [];
    const { glyph } = permissionMark(node.access);
    // A glyph stays beside its name.
    const name = glyph === "" ? node.label : `${glyph}${FIXED}${node.label}`;
    const isNarrow = name.split(" ").some((word) => widthOf(word, "name") > room);
    if (isNarrow && widthOf(name, "name") <= bottom - top - 12) {
        // Read from bottom to top.
        return [{ x: box.x + box.width / 2 + 4, y: (top + bottom) / 2, text: name.replace(FIXED, " "), kind: "spine" }];
    }
    if (room < 24) return [];
    const most = Math.max(1, Math.floor((bottom - top - 4) / LINE));
    const first = most > 1 ? top + LINE : (top + bottom) / 2 + 4.5;
    const [left, right] = [box.x + PAD, box.x + box.width - PAD];
    const size = sizeText(node.size);
    const isShort = widthOf(name, "name") + widthOf(size, "mono") + 10 <= room;
    const names = isShort ? [name] : wrap(name, room, most);
    /** @type {Label[]} */
    const all = names.map((text, line) => ({ x: left, y: first + line * LINE, text, kind: /** @type {const} */ ("name") }));
    if (isShort) all.push({ x: right, y: first, text: size, kind: "size" });
    const more = [];
    const address = hex(node.start);
    if (!hasAddress && room >= widthOf(address, "mono")) more.push(address);
    if (node.access !== null && room >= 60) more.push(`${node.access}${node.leaf === null ? "" : ` by ${node.leaf}`}`);
    if (!isShort && room >= widthOf(size, "mono")) more.push(size);
    for (const [line, text] of more.slice(0, most - names.length).entries()) {
        all.push({ x: left, y: first + (names.length + line) * LINE, text: fit(text, room, "mono"), kind: "address" });
    }
    return all.filter(({ text }) => text !== "").map((label) => ({ ...label, text: label.text.replace(FIXED, " ") }));
}

/**
 * Divides a name into lines; the last one is cut if lines do not suffice.
 * @param {string} text @param {number} room @param {number} most
 */
function wrap(text, room, most) {
    const lines = [];
    let line = "";
    const words = text.split(" ");
    for (const [index, word] of words.entries()) {
        const longer = line === "" ? word : `${line} ${word}`;
        if (line === "" || widthOf(longer, "name") <= room) line = longer;
        else if (lines.length + 1 === most) return [...lines, fit([line, ...words.slice(index)].join(" "), room, "name")];
        else {
            lines.push(fit(line, room, "name"));
            line = word;
        }
    }
    return [...lines, fit(line, room, "name")];
}

/**
 * Shortens a text to a width.
 * @param {string} text @param {number} room @param {keyof typeof FONTS} font
 */
function fit(text, room, font) {
    if (widthOf(text, font) <= room) return text;
    for (let most = Math.floor(([...text].length * room) / widthOf(text, font)); most > 1; most -= 1) {
        const short = shorten(text, most);
        if (widthOf(short, font) <= room) return short;
    }
    return "";
}

/**
 * Shortens a text to a number of letters. A number at its end stays, because it
 * distinguishes one stack from another.
 * @param {string} text @param {number} most
 */
export function shorten(text, most) {
    const letters = [...text];
    if (letters.length <= most) return text;
    const tail = [.../\d*$/.exec(text)?.[0] ?? ""];
    const kept = most - 1 - tail.length;
    if (kept < 1) return tail.length > 0 && tail.length < most ? `…${tail.join("")}` : most < 2 ? "" : `${letters.slice(0, most - 1).join("")}…`;
    return `${letters.slice(0, kept).join("").trimEnd()}…${tail.join("")}`;
}
