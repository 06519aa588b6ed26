/**
 * The address spaces of an audit's roots as harts have them. An audit lists mappings by tables that
 * several roots share at the earliest root alone.
 */

import { LEAVES, hex, overlaps } from "./address.js";
import * as read from "./read.js";
import { DocumentError } from "./read.js";
import { within } from "./virtual.js";

/** @typedef {import("../types.js").Mapping} Mapping */
/** @typedef {{ start: bigint, size: bigint, root: number }} Span */
/**
 * Regions and findings are in JSON.
 * @typedef {{ mappings: Mapping[], regions: any[], findings: any[] }} Root
 */

/**
 * Returns each root with its share of earlier ones.
 * @param {any[]} roots @param {any[]} findings
 * @returns {Root[]}
 */
export function wholeRoots(roots, findings) {
    /** @type {Root[]} */
    const whole = [];
    for (const [index, root] of roots.entries()) {
        const own = {
            mappings: read.mappings(root),
            regions: read.objects(root, "regions"),
            findings: findings.filter((finding) => (finding.root ?? 0) === index),
        };
        const spans = spansOf(root, index);
        whole.push(spans.length === 0 ? own : joined(own, spans, whole));
    }
    return whole;
}

/**
 * Reads the addresses that earlier roots list.
 * @param {any} root @param {number} index @returns {Span[]}
 */
function spansOf(root, index) {
    if (root.inherited === undefined || root.inherited === null) return [];
    const spans = read.objects(root, "inherited").map((span) => ({ start: read.address(span, "virtual"), size: read.size(span, "size"), root: span.root }));
    spans.sort((a, b) => (a.start < b.start ? -1 : 1));
    for (const [at, { start, root }] of spans.entries()) {
        const before = spans[at - 1];
        const isEarlier = Number.isInteger(root) && root >= 0 && root < index;
        if (!isEarlier) throw new DocumentError(`the addresses from ${hex(start)} on are those of no earlier root`);
        if (before !== undefined && before.start + before.size > start) throw overlap(start);
    }
    return spans;
}

/** @param {bigint} at */
function overlap(at) {
    return new DocumentError(`the addresses from ${hex(at)} on are those of two roots`);
}

/** @param {Root} own @param {Span[]} spans @param {Root[]} earlier @returns {Root} */
function joined(own, spans, earlier) {
    for (const { start, size } of spans) if (within(own.mappings, start, size).length > 0) throw overlap(start);
    const mappings = spans.flatMap(({ start, size, root }) => within(earlier[root].mappings, start, size).map((mapping) => clipped(mapping, start, size)));
    const regions = spans.flatMap((span) => earlier[span.root].regions.flatMap((region) => clippedRegion(region, span)));
    const findings = spans.flatMap(({ start, size, root }) => earlier[root].findings.filter((finding) => overlaps(read.address(finding, "virtual"), read.size(finding, "size"), start, size)));
    return {
        mappings: [...own.mappings, ...mappings].sort((a, b) => (a.virt < b.virt ? -1 : 1)),
        regions: [...own.regions.flatMap((region) => around(region, spans, own.mappings)), ...regions],
        findings: [...own.findings, ...findings],
    };
}

/** @param {Mapping} mapping @param {bigint} start @param {bigint} size @returns {Mapping} */
function clipped(mapping, start, size) {
    const virt = mapping.virt > start ? mapping.virt : start;
    const stop = least(mapping.virt + mapping.size, start + size);
    return { ...mapping, virt, phys: mapping.phys + (virt - mapping.virt), size: stop - virt };
}

/**
 * Returns the part of an earlier root's region that a span has.
 * @param {any} region @param {Span} span @returns {any[]}
 */
function clippedRegion(region, span) {
    const piece = cut(region, span.start, span.start + span.size);
    return piece === null ? [] : [{ ...piece, from: span.root }];
}

/**
 * Returns the parts of a root's own region beside inherited spans, from their first mapped address
 * to the last.
 * @param {any} region @param {Span[]} spans @param {Mapping[]} mappings @returns {any[]}
 */
function around(region, spans, mappings) {
    const start = read.address(region, "virtual");
    const size = read.size(region, "size");
    const inside = spans.filter((span) => overlaps(span.start, span.size, start, size));
    if (inside.length === 0) return [region];
    const edges = [start, ...inside.flatMap((span) => [span.start, span.start + span.size]), start + size];
    const pieces = [];
    for (let at = 0; at < edges.length; at += 2) {
        const own = edges[at] < edges[at + 1] ? within(mappings, edges[at], edges[at + 1] - edges[at]) : [];
        if (own.length === 0) continue;
        const last = own[own.length - 1];
        pieces.push(cut(region, own[0].virt, last.virt + last.size));
    }
    return pieces;
}

/**
 * Returns a region's JSON within the addresses, or null.
 * @param {any} region @param {bigint} from @param {bigint} to
 */
function cut(region, from, to) {
    const place = cutRange(region, from, to);
    if (place === null) return null;
    const parts = read.objects(region, "parts").map((part) => cutRange(part, from, to)).filter((part) => part !== null);
    const isIn = (/** @type {any} */ split) => overlaps(read.address(split, "virtual"), LEAVES[read.leaf(split, "leaf")], from, to - from);
    return { ...place, parts, splits: { ...region.splits, listed: read.objects(region.splits, "listed").filter(isIn) } };
}

/**
 * @param {any} of with a virtual address, a size, and perhaps a physical address
 * @param {bigint} from @param {bigint} to
 */
function cutRange(of, from, to) {
    const start = read.address(of, "virtual");
    const stop = start + read.size(of, "size");
    const first = start > from ? start : from;
    const last = least(stop, to);
    if (first >= last) return null;
    const phys = of.physical === undefined ? {} : { physical: hex(read.address(of, "physical") + (first - start)) };
    return { ...of, ...phys, virtual: hex(first), size: last - first };
}

/** @param {bigint} a @param {bigint} b */
function least(a, b) {
    return a < b ? a : b;
}
