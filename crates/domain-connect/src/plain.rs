//! Words of strangers in our own sentences.

/// The most characters of a text that stand in a sentence.
const MOST: usize = 200;

/// A text of a record or a template in a sentence: with nothing in it that a reader cannot see, and no
/// longer than what a reader would read.
pub(crate) fn plain(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(MOST) else {
        return escape_hidden(text);
    };
    let begin = text.get(..end).unwrap_or_default();
    format!("{}\u{2026}", escape_hidden(begin))
}

/// Text of strangers with everything written out that [`is_hidden`]: it does nothing to a terminal, and
/// stays in one line.
///
/// ```
/// use domain_connect::escape_hidden;
///
/// assert_eq!(escape_hidden("\u{1b}[2J \u{202e}\n"), r"\u{1b}[2J \u{202e}\n");
/// ```
pub fn escape_hidden(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\0' | '\t' | '\n' | '\r' => shown.extend(character.escape_debug()),
            hidden if is_hidden(hidden) => shown.extend(hidden.escape_unicode()),
            seen => shown.push(seen),
        }
    }
    shown
}

/// Whether a character cannot be seen, turns the direction of what follows, or is obeyed by a terminal.
///
/// ```
/// use domain_connect::is_hidden;
///
/// assert!(is_hidden('\u{200b}') && is_hidden('\n'));
/// assert!(!is_hidden('\u{fc}'));
/// ```
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_written_out_and_long_texts_end() {
        for (text, expected) in [
            (r#"it's "a\b""#, r#"it's "a\b""#),
            ("a\nb\u{202e}c\0", r"a\nb\u{202e}c\0"),
            ("\u{1b}]0;x\u{7}\u{9b}2J", r"\u{1b}]0;x\u{7}\u{9b}2J"),
            ("\u{2066}\u{200b}\r", r"\u{2066}\u{200b}\r"),
            ("b\u{fc}cher e\u{301}", "b\u{fc}cher e\u{301}"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(plain(&"x".repeat(MOST)), "x".repeat(MOST));
        let cut = format!("{}\u{2026}", "x".repeat(MOST));
        assert_eq!(plain(&"x".repeat(MOST + 1)), cut);
    }
}
