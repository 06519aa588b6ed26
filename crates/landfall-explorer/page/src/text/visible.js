/** Text of a document or of a link, as a person sees all of it. */

/**
 * Control and format characters, such as those that reverse the text after them, and line
 * separators.
 */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** They lay a text out, and are kept. */
const LAYOUT = "\n\t\r";

/**
 * Returns the text with each hidden character as an escape, such as `\u{202e}`.
 * @param {string} text
 */
export function visible(text) {
    return text.replace(HIDDEN, (one) => (LAYOUT.includes(one) ? one : `\\u{${one.codePointAt(0)?.toString(16)}}`));
}
