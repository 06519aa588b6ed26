/** Ranges of addresses, in which a search is short. */

/** @typedef {{ start: bigint, size: bigint }} Range */

export class Ranges {
    /**
     * The ranges in ascending order; those that overlap are one.
     * @type {{ start: bigint, stop: bigint }[]}
     */
    #all = [];

    /** @param {Range[]} ranges */
    constructor(ranges) {
        const sorted = [...ranges].sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
        for (const { start, size } of sorted) {
            const last = this.#all[this.#all.length - 1];
            const stop = start + size;
            if (last === undefined || start > last.stop) this.#all.push({ start, stop });
            else if (stop > last.stop) last.stop = stop;
        }
    }

    /**
     * Returns true if one of the ranges shares a byte with this one.
     * @param {bigint} start @param {bigint} size
     */
    overlap(start, size) {
        let low = 0;
        let high = this.#all.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (this.#all[middle].stop <= start) low = middle + 1;
            else high = middle;
        }
        return low < this.#all.length && this.#all[low].start < start + size;
    }
}
