/** Texts in boxes: as much as fits, always within the part of the box that can be seen. */

import { hex, sizeText } from "../model/address.js";
import { permissionMark } from "../text/permissions.js";

/** @typedef {import("./boxes.js").Box} Box */
/** @typedef {{ x: number, y: number, text: string, kind: "name" | "size" | "address" | "spine" }} Label */

const LINE = 15;
const PAD = 7;
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
 * Returns the texts of a box.
 * @param {Box} box @param {number} height of the view @param {boolean} hasAddress
 * @returns {Label[]}
 */
export function labels(box, height, hasAddress) {
    const top = Math.max(box.top, 0);
    const bottom = Math.min(box.bottom, height);
    const room = box.width - 2 * PAD;
    const { node } = box;
    if (!box.dense && box.width > 10 && box.width < 20 && bottom - top > 50) {
        // Read from bottom to top. A part of a word would say nothing.
        const fits = widthOf(node.label, "name") <= bottom - top - 12;
        return fits ? [{ x: box.x + box.width / 2 + 4, y: (top + bottom) / 2, text: node.label, kind: "spine" }] : [];
    }
    if (box.dense || bottom - top < 13.5 || room < 24) return [];
    const { glyph } = permissionMark(node.access);
    const name = glyph === "" ? node.label : `${glyph} ${node.label}`;
    const size = sizeText(node.size);
    const isRoomy = bottom - top >= 2 * LINE + 4;
    const first = isRoomy ? top + LINE : (top + bottom) / 2 + 4.5;
    const x = box.x + PAD;
    /** @type {Label[]} */
    const all = [];
    const sizeRoom = widthOf(size, "mono") + 10;
    const fitsSize = room >= widthOf(cut(name, 12), "name") + sizeRoom;
    all.push({ x, y: first, text: fit(name, room - (fitsSize ? sizeRoom : 0), "name"), kind: "name" });
    if (fitsSize) all.push({ x: box.x + box.width - PAD, y: first, text: size, kind: "size" });
    if (!isRoomy) return all.filter(({ text }) => text !== "");
    const address = hex(node.start);
    if (!hasAddress && room >= widthOf(address, "mono")) all.push({ x, y: first + LINE, text: address, kind: "address" });
    else if (node.access !== null && room >= 60) {
        const text = `${node.access}${node.leaf === null ? "" : ` by ${node.leaf}`}`;
        all.push({ x, y: first + LINE, text: fit(text, room, "mono"), kind: "address" });
    }
    return all.filter(({ text }) => text !== "");
}

/** Cuts a text to a width. @param {string} text @param {number} room @param {keyof typeof FONTS} font */
function fit(text, room, font) {
    const width = widthOf(text, font);
    return width <= room ? text : cut(text, ([...text].length * room) / width - 1);
}

/** Cuts a text to a number of letters. @param {string} text @param {number} most */
function cut(text, most) {
    const letters = [...text];
    const count = Math.floor(most);
    if (letters.length <= count) return text;
    return count < 2 ? "" : letters.slice(0, count - 1).join("") + "…";
}
