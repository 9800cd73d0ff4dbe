//! The words of the master-file format (RFC 1035 section 5.1), with their positions.
//!
//! Zone files and the text of a single record are split by the same code. It knows white space,
//! quotes, escapes, comments and parentheses, and nothing of what the words mean.

use std::ops::Range;

/// Whether `;` begins a comment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Comments {
    /// What follows is left out, up to the end of the line.
    Skip,
    /// It is an error: in the text of one record it is more likely a forgotten quote.
    Refuse,
}

/// Splits text into entries, which are lines unless parentheses join them.
#[derive(Clone, Debug)]
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    comments: Comments,
}

/// One entry with at least one word.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'a> {
    /// Whether white space comes before the first word, which then is not an owner.
    pub(crate) is_indented: bool,
    /// The words.
    pub(crate) words: Vec<Word<'a>>,
    /// Where each parenthesis is opened and closed.
    pub(crate) parentheses: Vec<(usize, usize)>,
    /// The octets of its lines, with the last line end.
    pub(crate) span: Range<usize>,
}

/// The words of an entry, and where its parentheses are opened and closed.
struct ReadWords<'a> {
    words: Vec<Word<'a>>,
    parentheses: Vec<(usize, usize)>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str, comments: Comments) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Self { text, at, comments }
    }

    /// The next entry that has words. After an error, the scanner goes on at the next line.
    pub(crate) fn next_entry(&mut self) -> Option<Result<Entry<'a>, SyntaxErrorAt>> {
        while let Some(first) = self.peek() {
            let is_indented = first == b' ' || first == b'\t';
            let start = self.at;
            match self.read_words() {
                Ok(read) if read.words.is_empty() => {}
                Ok(read) => {
                    return Some(Ok(Entry {
                        is_indented,
                        words: read.words,
                        parentheses: read.parentheses,
                        span: start..self.at,
                    }));
                }
                Err(error) => {
                    self.skip_line();
                    return Some(Err(error));
                }
            }
        }
        None
    }

    fn read_words(&mut self) -> Result<ReadWords<'a>, SyntaxErrorAt> {
        let (mut words, mut parentheses) = (Vec::new(), Vec::new());
        let mut opened = Vec::new();
        while let Some(octet) = self.peek() {
            match octet {
                b'\n' => {
                    self.at += 1;
                    if opened.is_empty() {
                        break;
                    }
                }
                b' ' | b'\t' | b'\r' => self.at += 1,
                b';' if self.comments == Comments::Skip => self.skip_comment(),
                b';' => return Err(SyntaxError::Comment.at(self.at)),
                b'(' => {
                    opened.push(self.at);
                    self.at += 1;
                }
                b')' => {
                    let start = opened.pop();
                    let start =
                        start.ok_or_else(|| SyntaxError::UnopenedParenthesis.at(self.at))?;
                    parentheses.push((start, self.at));
                    self.at += 1;
                }
                b'"' => words.push(self.read_quoted()?),
                _ => words.push(self.read_plain()?),
            }
        }
        match opened.pop() {
            Some(at) => Err(SyntaxError::UnclosedParenthesis.at(at)),
            None => Ok(ReadWords { words, parentheses }),
        }
    }

    fn read_quoted(&mut self) -> Result<Word<'a>, SyntaxErrorAt> {
        let start = self.at;
        self.skip_quoted()?;
        Ok(Word {
            raw: self.text.get(start + 1..self.at - 1).unwrap_or_default(),
            is_quoted: true,
            at: start,
        })
    }

    /// Reads a word that is not in quotes. A quote ends it, and begins a word of its own, as BIND and NSD
    /// read it too.
    fn read_plain(&mut self) -> Result<Word<'a>, SyntaxErrorAt> {
        let start = self.at;
        while let Some(octet) = self.peek() {
            match octet {
                b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b')' | b'"' => break,
                b'\\' => self.skip_escape()?,
                _ => self.at += 1,
            }
        }
        Ok(Word {
            raw: self.text.get(start..self.at).unwrap_or_default(),
            is_quoted: false,
            at: start,
        })
    }

    fn skip_quoted(&mut self) -> Result<(), SyntaxErrorAt> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                None | Some(b'\n') => return Err(SyntaxError::UnclosedQuote.at(start)),
                Some(b'"') => break,
                Some(b'\\') => self.skip_escape()?,
                Some(_) => self.at += 1,
            }
        }
        self.at += 1;
        Ok(())
    }

    fn skip_escape(&mut self) -> Result<(), SyntaxErrorAt> {
        let start = self.at;
        self.at += 1;
        match self.peek() {
            None | Some(b'\n' | b'\r') => Err(SyntaxError::BadEscape.at(start)),
            Some(_) => {
                self.at += 1;
                Ok(())
            }
        }
    }

    fn skip_comment(&mut self) {
        while self.peek().is_some_and(|octet| octet != b'\n') {
            self.at += 1;
        }
    }

    fn skip_line(&mut self) {
        self.skip_comment();
        self.at += 1;
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

//------------ Word ------------------------------------------------------------------------------

/// A word: what stands between white space, or between quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    /// The text with its escapes, without the quotes around it.
    pub(crate) raw: &'a str,
    /// Whether quotes stand around it.
    pub(crate) is_quoted: bool,
    /// The offset of its first octet in the text.
    pub(crate) at: usize,
}

impl Word<'_> {
    /// What the word stands for. Characters beyond ASCII are their UTF-8 octets.
    pub(crate) fn octets(&self) -> Result<Vec<u8>, SyntaxError> {
        unescape(self.raw.as_bytes())
    }

    /// The octets of the word with its quotes.
    pub(crate) fn span(&self) -> Range<usize> {
        let quotes = if self.is_quoted { 2 } else { 0 };
        self.at..self.at + self.raw.len() + quotes
    }

    /// The text as it is shown in a message.
    pub(crate) fn excerpt(&self) -> String {
        crate::record::excerpt(self.raw)
    }

    /// Whether this is the mark of generic data (RFC 3597 section 5).
    pub(crate) fn is_generic_mark(&self) -> bool {
        !self.is_quoted && self.raw == "\\#"
    }
}

/// Replaces escapes by the octets that they stand for.
pub(crate) fn unescape(raw: &[u8]) -> Result<Vec<u8>, SyntaxError> {
    let mut octets = Vec::with_capacity(raw.len());
    let mut rest = raw;
    loop {
        match rest {
            [] => return Ok(octets),
            [b'\\', a @ b'0'..=b'9', tail @ ..] => {
                let [b @ b'0'..=b'9', c @ b'0'..=b'9', tail @ ..] = tail else {
                    return Err(SyntaxError::BadEscape);
                };
                let value = [a, b, c]
                    .iter()
                    .fold(0, |value, digit| value * 10 + u32::from(**digit - b'0'));
                octets.push(u8::try_from(value).map_err(|_| SyntaxError::BadEscape)?);
                rest = tail;
            }
            [b'\\', octet, tail @ ..] if octet.is_ascii() => {
                octets.push(*octet);
                rest = tail;
            }
            [b'\\', ..] => return Err(SyntaxError::BadEscape),
            [octet, tail @ ..] => {
                octets.push(*octet);
                rest = tail;
            }
        }
    }
}

/// The octets in quotes, with escapes for everything that is not printable ASCII.
pub(crate) fn quote(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() + 2);
    text.push('"');
    for octet in octets {
        match octet {
            b'"' | b'\\' => {
                text.push('\\');
                text.push(char::from(*octet));
            }
            0x20..=0x7e => text.push(char::from(*octet)),
            _ => {
                let digits = [100, 10, 1].map(|unit| char::from(b'0' + octet / unit % 10));
                text.push('\\');
                text.extend(digits);
            }
        }
    }
    text.push('"');
    text
}

//------------ SyntaxError -----------------------------------------------------------------------

/// Why text cannot be split into words.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SyntaxError {
    /// A quote is not closed on its line.
    #[error("the quoted text does not end on its line: close it with `\"`")]
    UnclosedQuote,
    /// A parenthesis is not closed.
    #[error("the parenthesis is never closed: add `)` where the record ends")]
    UnclosedParenthesis,
    /// A parenthesis is closed that was not opened.
    #[error("`)` closes nothing: remove it, or add `(` before it")]
    UnopenedParenthesis,
    /// A backslash is not followed by a character or three digits up to 255.
    #[error("a backslash must be followed by an ASCII character or by three digits up to 255")]
    BadEscape,
    /// A comment where there is no place for one.
    #[error("`;` begins a comment: put text that holds it in quotes")]
    Comment,
}

impl SyntaxError {
    fn at(self, at: usize) -> SyntaxErrorAt {
        SyntaxErrorAt { problem: self, at }
    }
}

/// A [`SyntaxError`] and the offset at which it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SyntaxErrorAt {
    pub(crate) problem: SyntaxError,
    pub(crate) at: usize,
}
