/** The page's own types. `engine.d.ts` has those of the documents and of the engine. */

export type Access = string; // "R-X"
export type LeafName = "4K" | "64K" | "2M" | "1G" | "512G" | "256T";

/** Leaves of one size that follow each other in both kinds of addresses. */
export interface Mapping {
    virt: bigint;
    phys: bigint;
    size: bigint;
    access: Access;
    /** The letters of UGAD that are set; empty if the document does not state them. */
    flags: string;
    /** The memory type; "default" if the document does not state it. */
    memory: string;
    leaf: LeafName;
}

/** A larger leaf that is not there, with its obstacles. */
export interface Split {
    virt: bigint;
    size: bigint;
    leaf: LeafName;
    causes: string[];
}

export interface Finding {
    code: string;
    virt: bigint;
    size: bigint;
    phys: bigint | null;
    found: string;
    entry: string | null;
}

/** A stretch of virtual or physical addresses, as a node of a tree. */
export interface Node {
    /** Unique within its tree, and the same in another document for a thing of the same role. */
    key: string;
    kind: "space" | "half" | "hole" | "region" | "part" | "gap" | "stretch" | "group" | "table" | "leaf" | "extent" | "piece";
    /** The region's kind, such as "linear-map"; that of the region above for the rest. */
    role: string;
    label: string;
    start: bigint;
    size: bigint;
    access: Access | null;
    leaf: LeafName | null;
    phys: bigint | null;
    /** The reason why nothing is mapped, if the document states one. */
    unmapped: string | null;
    /** The number of children of a group, which are not made before it is opened. */
    count: number | null;
    parent: Node | null;
    /** From the lowest address to the highest. Made when they are first needed. */
    readonly children: Node[];
    /**
     * True if children divide the node in proportion to their sizes, so that no layout is needed.
     */
    even: boolean;
}

/** A child that is made when it is needed. */
export interface Entry {
    start: bigint;
    size: bigint;
    make: () => Node;
}

/** One address space. */
export interface Space {
    kind: "plan" | "audit";
    title: string;
    mode: string;
    bits: number;
    root: Node;
    physical: Node;
    mappings: Mapping[];
    splits: Split[];
    findings: Finding[];
    /** The JSON that it was read from. */
    json: any;
}
