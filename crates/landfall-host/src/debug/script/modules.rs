//! The part of gdb's script that follows modules. Whenever the machine stops, gdb reads the
//! kernel's table of loaded modules and loads or removes symbols.
//!
//! The table (crate `landfall-modules`) has a magic number, a capacity, and slots of 14 words. A
//! slot has a sequence number, address and bytes of text, constants and data, and 56 bytes of name.
//! The table is read only where a hart is in supervisor mode with translation on.

use std::fmt;

use super::quoted;
use crate::debug::modules::Module;
use landfall_inspect::subject::Part;
use landfall_predict::units::Address;

/// `modules1`.
const MAGIC: u64 = 0x6d6f_6475_6c65_7331;
/// No kernel loads more; a damaged table may state any number.
const MOST: u64 = 1024;

/// The commands.
pub(super) struct Commands<'a> {
    pub(super) modules: &'a [Module],
    /// The link address of the kernel's table.
    pub(super) table: Address,
    /// The prefix of commands that shall not ask.
    pub(super) quietly: &'static str,
    pub(super) readable: Readable,
}

/// When the table can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readable {
    /// If the hart is in supervisor mode with translation on.
    Translated,
    /// Always: a core has memory at its virtual addresses.
    Always,
}

impl Readable {
    /// Returns the condition as an expression.
    const fn condition(self) -> &'static str {
        match self {
            Self::Translated => "$priv == 1 && $satp != 0",
            Self::Always => "1",
        }
    }
}

impl fmt::Display for Commands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, module) in self.modules.iter().enumerate() {
            self.one(f, index, module)?;
        }
        self.read(f)?;
        // The commands are written in C, whatever the language of the code at the stop.
        writeln!(f, "define hook-stop\n  with language c -- landfall-follow-modules\nend")
    }
}

/// The number of a part's address in a slot's words.
const fn word(part: Part) -> usize {
    match part {
        Part::Text => 1,
        Part::Constants => 3,
        Part::Data => 5,
    }
}

impl Commands<'_> {
    /// A command that loads or removes the symbols of a module, as `$landfall_found_N` states the
    /// address of its text.
    fn one(&self, f: &mut fmt::Formatter<'_>, index: usize, module: &Module) -> fmt::Result {
        let Self { quietly, .. } = self;
        let Module { name, elf, sections } = module;
        writeln!(f, "with language c -- set $landfall_loaded_{index} = (unsigned long) 0")?;
        writeln!(f, "define landfall-module-{index}")?;
        writeln!(f, "  if $landfall_loaded_{index} != $landfall_found_{index}")?;
        writeln!(f, "    if $landfall_loaded_{index} != 0")?;
        writeln!(f, "      {quietly} remove-symbol-file -a $landfall_loaded_{index}")?;
        writeln!(f, "      printf \"landfall: the module {name} is unloaded\\n\"\n    end")?;
        writeln!(f, "    set $landfall_loaded_{index} = $landfall_found_{index}")?;
        writeln!(f, "    if $landfall_loaded_{index} != 0")?;
        let mut words = String::new();
        for (number, (section, part, offset)) in sections.iter().enumerate() {
            let variable = format!("$landfall_section_{index}_{number}");
            writeln!(f, "      set {variable} = $landfall_part_{index}_{} + {offset:#x}", word(*part))?;
            words.extend([" -s ", section, " ", &variable]);
        }
        writeln!(f, "      {quietly} add-symbol-file {}{words}", quoted(elf))?;
        writeln!(
            f,
            "      printf \"landfall: the module {name} is loaded at %#lx\\n\", $landfall_loaded_{index}"
        )?;
        writeln!(f, "    end\n  end\nend")
    }

    /// The command that reads the table.
    fn read(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "define landfall-follow-modules\n  if {}", self.readable.condition())?;
        writeln!(f, "    set $landfall_table = (unsigned long *) ($landfall_offset + {})", self.table)?;
        writeln!(f, "    if $landfall_table[0] == {MAGIC:#x}")?;
        for index in 0..self.modules.len() {
            writeln!(f, "      set $landfall_found_{index} = (unsigned long) 0")?;
        }
        writeln!(f, "      set $landfall_slot = 0")?;
        writeln!(f, "      while $landfall_slot < $landfall_table[1] && $landfall_slot < {MOST}")?;
        writeln!(f, "        set $landfall_words = $landfall_table + 2 + 14 * $landfall_slot")?;
        writeln!(f, "        if $landfall_words[2] != 0 && $landfall_words[0] % 2 == 0")?;
        for (index, module) in self.modules.iter().enumerate() {
            let names = name_words(&module.name);
            let same: Vec<_> =
                (7..).zip(names).map(|(at, word)| format!("$landfall_words[{at}] == {word:#x}")).collect();
            writeln!(f, "          if {}", same.join(" && "))?;
            writeln!(f, "            set $landfall_found_{index} = $landfall_words[1]")?;
            for part in Part::ALL {
                let word = word(part);
                writeln!(f, "            set $landfall_part_{index}_{word} = $landfall_words[{word}]")?;
            }
            writeln!(f, "          end")?;
        }
        writeln!(f, "        end\n        set $landfall_slot = $landfall_slot + 1\n      end")?;
        for index in 0..self.modules.len() {
            writeln!(f, "      landfall-module-{index}")?;
        }
        writeln!(f, "    end\n  end\nend")
    }
}

/// Returns a name as the words of a slot.
fn name_words(name: &str) -> [u64; 7] {
    let mut bytes = [0; 56];
    for (place, byte) in bytes.iter_mut().zip(name.bytes().take(55)) {
        *place = byte;
    }
    let mut words = [0; 7];
    for (word, bytes) in words.iter_mut().zip(bytes.as_chunks().0) {
        *word = u64::from_le_bytes(*bytes);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_compared_word_by_word() {
        assert_eq!(name_words("greet"), [0x74_6565_7267, 0, 0, 0, 0, 0, 0]);
        assert_eq!(name_words(&"x".repeat(60))[6], 0x0078_7878_7878_7878);
    }
}
