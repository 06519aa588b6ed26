//! The facts of a tree that the landing needs, read in one walk that screens it.

use landfall_plan::harts::{Extensions, Hart, Mmu};
use landfall_plan::{Facts, Refusal};

use super::blocks::Blocks;
use super::cells::CellSizes;
use super::name::is_named;
use super::reader::{Read, Reader, TreeContents};
use super::token::Word;
use super::tree::Tree;
use super::walk::Walk;

impl Tree<'_> {
    /// Reads the tree in `bytes`, all of them, into `facts`, which know the image, the tree's place
    /// and the boot hart already. One walk validates the tree as [`Tree::new`] does, and reads it.
    ///
    /// # Errors
    /// Rules 6 and 7: the tree cannot be walked safely, or has values that make no sense, or more
    /// of something than can be kept. Then `facts` are [`Facts::UNKNOWN`].
    pub fn read(bytes: &[u8], facts: &mut Facts) -> Result<TreeContents, Refusal> {
        let contents = read(bytes, facts);
        if contents.is_err() {
            facts.forget();
        }
        contents
    }
}

fn read(bytes: &[u8], facts: &mut Facts) -> Read<TreeContents> {
    let blocks = Blocks::find(bytes)?;
    let mut reader = Reader::new(bytes, facts);
    reader.read_header(blocks.reservations());
    match bytemuck::try_cast_slice(blocks.structure) {
        Ok(words) => reader.read_nodes(&mut Walk::<u32>::new(&blocks, words))?,
        Err(_) => reader.read_nodes(&mut Walk::new(&blocks, blocks.structure))?,
    }
    reader.finish()
}

impl<'a> Reader<'a, '_> {
    /// Reads all nodes.
    // In one function, its two copies would spill each other's registers.
    #[inline(never)]
    fn read_nodes(&mut self, walk: &mut Walk<'a, impl Word>) -> Read {
        let mut cells = CellSizes::DEFAULT;
        if walk.child()?.is_some() {
            walk.properties(|name, value| cells.take(name, value))?;
            while let Some(node) = walk.child()? {
                if is_named(node, b"reserved-memory") {
                    self.read_reservations(walk)?;
                } else if is_named(node, b"cpus") {
                    self.read_harts(walk)?;
                } else if is_named(node, b"chosen") {
                    self.read_chosen(node, walk)?;
                } else {
                    self.read_memory(walk, cells)?;
                }
            }
        }
        walk.finish()?;
        // Only now is all memory known.
        self.apply_chosen(cells);
        self.facts.harts.push_boot_hart(Hart {
            id: self.facts.boot_hart,
            mmu: Mmu::Unstated,
            extensions: Extensions::NONE,
        });
        Ok(())
    }
}
