//! Words of strangers in our own sentences.

/// The most characters of a text that stand in a sentence.
const MOST: usize = 200;

/// A text of a record or a template in a sentence: with nothing in it that a reader cannot see, and no
/// longer than what a reader would read.
pub(crate) fn plain(text: &str) -> String {
    let mut shown = String::new();
    for character in text.chars().take(MOST) {
        match character {
            '\'' | '"' | '\\' => shown.push(character),
            _ => shown.extend(character.escape_debug()),
        }
    }
    if text.chars().nth(MOST).is_some() {
        shown.push('\u{2026}');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out_and_long_texts_end() {
        for (text, expected) in [
            (r#"it's "a\b""#, r#"it's "a\b""#),
            ("a\nb\u{202e}c\0", r"a\nb\u{202e}c\0"),
            ("b\u{fc}cher", "b\u{fc}cher"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain(&"x".repeat(MOST)), "x".repeat(MOST));
        let cut = format!("{}\u{2026}", "x".repeat(MOST));
        assert_eq!(plain(&"x".repeat(MOST + 1)), cut);
    }
}
