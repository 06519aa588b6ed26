/**
 * JSON with integers of 64 bits. `JSON.parse` rounds those above 2^53, such as the sizes of what
 * sv57 leaves unused; here they are `BigInt`, and are written as they were read.
 */

/**
 * Begins the text of an integer between the two passes. Its escape is in no document of a command.
 */
const MARK = "\0integer:";
const WRITTEN = /"\\u0000integer:(\d+)"/g;

/** Reads JSON. @param {string} text @returns {any} */
export function readJson(text) {
    if (!/\d{16}/.test(text)) return JSON.parse(text);
    return JSON.parse(marked(text), (_, value) => (typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value));
}

/** Writes JSON, or nothing for what JSON has not. @param {any} value @returns {string} */
export function writeJson(value) {
    const text = JSON.stringify(value, (_, one) => (typeof one === "bigint" ? MARK + one : one));
    return text?.replace(WRITTEN, "$1");
}

/** Makes marked strings of the integers that a double does not hold. @param {string} text */
function marked(text) {
    const mark = (/** @type {string} */ outside) => outside.replace(/[-+.\w]+/g, (word) => (isLarge(word) ? `"\\u0000integer:${word}"` : word));
    let result = "";
    for (let at = 0; at < text.length; ) {
        const quote = text.indexOf('"', at);
        if (quote === -1) return result + mark(text.slice(at));
        const stop = endOfString(text, quote);
        result += mark(text.slice(at, quote)) + text.slice(quote, stop);
        at = stop;
    }
    return result;
}

/** @param {string} word */
function isLarge(word) {
    return /^[1-9]\d{15,19}$/.test(word) && !Number.isSafeInteger(Number(word));
}

/** Returns the index after a string. @param {string} text @param {number} quote */
function endOfString(text, quote) {
    for (let at = quote + 1; ; at += 1) {
        at = text.indexOf('"', at);
        if (at === -1) return text.length;
        let escapes = 0;
        while (text[at - 1 - escapes] === "\\") escapes += 1;
        if (escapes % 2 === 0) return at + 1;
    }
}
