//! Sentences with names in them.

use std::fmt::Write as _;

use domain_connect::is_hidden;

/// A sentence of plain words, names and emphasised words.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Words(Vec<Word>);

/// A part of a sentence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Word {
    /// The text, made [`visible`].
    pub text: String,
    kind: WordKind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum WordKind {
    Plain,
    Name,
    Strong,
}

impl Words {
    // Construct

    /// Begins with plain words.
    pub fn new(text: impl Into<String>) -> Self {
        Self::default().plain(text)
    }

    /// Goes on with plain words.
    #[must_use]
    pub fn plain(self, text: impl Into<String>) -> Self {
        self.with(&text.into(), WordKind::Plain)
    }

    /// Goes on with a name, address or value, which pages set in a mono face.
    #[must_use]
    pub fn name(self, text: impl AsRef<str>) -> Self {
        self.with(text.as_ref(), WordKind::Name)
    }

    /// Goes on with the name of a person, service or company.
    #[must_use]
    pub fn strong(self, text: impl AsRef<str>) -> Self {
        self.with(text.as_ref(), WordKind::Strong)
    }

    /// Goes on with a list of names; those beyond the third are counted only.
    #[must_use]
    pub fn names<T: AsRef<str>>(self, names: &[T]) -> Self {
        let names: Vec<Self> = names
            .iter()
            .map(|name| Self::default().name(name))
            .collect();
        self.list(&names)
    }

    /// Goes on with a list; what is beyond the third is counted only.
    #[must_use]
    pub fn list(mut self, items: &[Self]) -> Self {
        const SHOWN: usize = 3;
        let more = items.len().saturating_sub(SHOWN);
        let last = items.len().min(SHOWN).saturating_sub(1);
        for (at, item) in items.iter().take(SHOWN).enumerate() {
            self = match at {
                0 => self,
                _ if at == last && more == 0 => self.plain(" and "),
                _ => self.plain(", "),
            };
            self.0.extend_from_slice(&item.0);
        }
        match more {
            0 => self,
            _ => self.plain(format!(" and {more} more")),
        }
    }

    fn with(mut self, text: &str, kind: WordKind) -> Self {
        self.0.push(Word {
            text: visible(text),
            kind,
        });
        self
    }

    // Query

    /// The parts, in order.
    pub fn parts(&self) -> &[Word] {
        &self.0
    }

    /// The sentence without any emphasis.
    pub fn to_text(&self) -> String {
        self.0.iter().map(|word| word.text.as_str()).collect()
    }
}

impl Word {
    /// Whether this is a name, address or value.
    pub fn is_name(&self) -> bool {
        self.kind == WordKind::Name
    }

    /// Whether this is the name of a person, service or company.
    pub fn is_strong(&self) -> bool {
        self.kind == WordKind::Strong
    }
}

/// The text with characters that cannot be seen, or that turn the direction of what follows, written
/// out as `⟨U+202E⟩`: nobody can make a page say something else than it does.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_hidden(character) {
            let _ = write!(shown, "⟨U+{:04X}⟩", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    shown
}

/// A line of a file of others, as [`visible`], but for tabs: what is indented with them stays indented.
pub(super) fn visible_line(line: &str) -> String {
    let parts: Vec<String> = line.split('\t').map(visible).collect();
    parts.join("\t")
}

/// The text with its first letter as a capital, to begin a sentence.
pub fn with_capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_like_a_sentence() {
        for (names, read) in [
            (&["a"][..], "to a"),
            (&["a", "b"], "to a and b"),
            (&["a", "b", "c"], "to a, b and c"),
            (&["a", "b", "c", "d", "e"], "to a, b, c and 2 more"),
        ] {
            assert_eq!(Words::new("to ").names(names).to_text(), read);
        }
    }

    #[test]
    fn hidden_characters_are_written_out() {
        assert_eq!(visible("pay\u{202e}lap.com"), "pay⟨U+202E⟩lap.com");
        assert_eq!(visible("a\u{200b}b\nc"), "a⟨U+200B⟩b⟨U+000A⟩c");
        assert_eq!(visible("Bücher und 書籍"), "Bücher und 書籍");
        assert_eq!(visible_line("\ta\u{200b}\tb"), "\ta⟨U+200B⟩\tb");
    }
}
