//! The spelling is American, as in the documents of Rust and RISC-V.

use super::quoted;

/// British stems and their American forms; a word has a stem if it begins with it.
const STEMS: [(&str, &str); 40] = [
    ("analyse", "analyze"),
    ("armour", "armor"),
    ("artefact", "artifact"),
    ("behaviour", "behavior"),
    ("cancell", "cancel (canceled, but cancellation)"),
    ("catalogue", "catalog"),
    ("centre", "center"),
    ("colour", "color"),
    ("defence", "defense"),
    ("endeavour", "endeavor"),
    ("favour", "favor"),
    ("flavour", "flavor"),
    ("fulfil ", "fulfill"),
    ("fulfils", "fulfills"),
    ("grey", "gray"),
    ("harbour", "harbor"),
    ("honour", "honor"),
    ("humour", "humor"),
    ("judgement", "judgment"),
    ("labell", "label (labeled)"),
    ("labour", "labor"),
    ("learnt", "learned"),
    ("licence", "license"),
    ("litre", "liter"),
    ("manoeuvr", "maneuver"),
    ("metre", "meter"),
    ("modell", "model (modeled)"),
    ("mould", "mold"),
    ("neighbour", "neighbor"),
    ("offence", "offense"),
    ("paralyse", "paralyze"),
    ("plough", "plow"),
    ("practise", "practice"),
    ("programme ", "program"),
    ("rigour", "rigor"),
    ("rumour", "rumor"),
    ("sceptic", "skeptic"),
    ("signall", "signal (signaled)"),
    ("travell", "travel (traveled)"),
    ("vapour", "vapor"),
];

/// American words that begin with a British stem.
const AMERICAN: [&str; 4] = ["cancellation", "cancellations", "greyhound", "signally"];

/// Verbs whose British form ends with `ise` and whose American form ends with `ize`.
const VERBS: [&str; 38] = [
    "apolog",
    "author",
    "canonical",
    "capital",
    "categor",
    "character",
    "critic",
    "custom",
    "deserial",
    "emphas",
    "final",
    "formal",
    "general",
    "initial",
    "legal",
    "local",
    "maxim",
    "memor",
    "minim",
    "modern",
    "neutral",
    "normal",
    "optim",
    "organ",
    "parallel",
    "penal",
    "priorit",
    "random",
    "real",
    "recogn",
    "sanit",
    "serial",
    "special",
    "stabil",
    "standard",
    "summar",
    "synchron",
    "visual",
];

const SUFFIXES: [&str; 8] = ["ise", "ised", "ises", "iser", "isers", "ising", "isation", "isations"];

/// Returns the fault of a sentence with a British word.
#[must_use]
pub fn fault(sentence: &str) -> Option<String> {
    let words = sentence.split(|character: char| !character.is_alphabetic());
    let advice = words.map(str::to_lowercase).find_map(|word| Some((american(&word)?, word)));
    advice.map(|(american, word)| format!("\"{word}\" is British for {american}: {}", quoted(sentence)))
}

fn american(word: &str) -> Option<String> {
    if AMERICAN.contains(&word) {
        return None;
    }
    // A stem that ends with a space is the whole word.
    let padded = format!("{word} ");
    let stem = STEMS.iter().find(|(stem, _)| padded.starts_with(stem));
    if let Some((_, american)) = stem {
        return Some((*american).to_owned());
    }
    let bare = word.strip_prefix("re").filter(|bare| VERBS.iter().any(|verb| bare.starts_with(verb)));
    let bare = bare.or_else(|| word.strip_prefix("un")).unwrap_or(word);
    let verb =
        VERBS.iter().find(|verb| bare.strip_prefix(**verb).is_some_and(|end| SUFFIXES.contains(&end)))?;
    Some(word.replacen(&format!("{verb}is"), &format!("{verb}iz"), 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn british_words_are_found_with_their_american_form() {
        let cases = [
            ("randomisation", "randomization"),
            ("Initialise", "initialize"),
            ("unrecognised", "unrecognized"),
            ("reinitialises", "reinitializes"),
            ("neighbours", "neighbor"),
            ("licences", "license"),
            ("fulfils", "fulfills"),
            ("fulfil", "fulfill"),
        ];
        for (word, american) in cases {
            let fault = fault(&format!("It {word} it.")).unwrap_or_default();
            assert!(fault.contains(&format!("British for {american}")), "{word}: {fault}");
        }
    }

    #[test]
    fn american_words_are_permitted() {
        for word in [
            "randomize",
            "license",
            "fulfill",
            "promise",
            "precise",
            "cancellation",
            "programmer",
            "optimistic",
        ] {
            assert_eq!(fault(word), None, "{word}");
        }
    }
}
