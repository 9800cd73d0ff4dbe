//! Text with variables (draft-05 section 9.1).

use std::fmt;

use crate::{IdError, VariableName};

/// Text in which variables are replaced by values, taken apart once when the template is read.
///
/// Because the text is taken apart before any value is known, a value that looks like a variable is
/// never looked at again (draft-05 section 9.2.2).
///
/// ```
/// use domain_connect::{Part, Pattern, PatternError, Variable};
///
/// let pattern = Pattern::parse("%id%.web.%domain%.")?;
/// assert_eq!(pattern.parts().len(), 4);
/// assert_eq!(pattern.parts()[1], Part::Text(".web.".to_owned()));
/// assert_eq!(pattern.variables().nth(1), Some(&Variable::Domain));
/// assert_eq!(pattern.as_text(), None);
///
/// assert!(Pattern::parse("@")?.is_at());
/// assert_eq!(Pattern::parse("www")?.as_text(), Some("www"));
/// assert!(Pattern::parse("%id%")?.is_one_variable());
/// assert!(matches!(Pattern::parse("100%"), Err(PatternError::NotClosed { .. })));
/// # Ok::<(), PatternError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Pattern {
    parts: Vec<Part>,
}

impl Pattern {
    /// Takes a text apart. A percent sign must begin or end a variable.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        Self::take_apart(text, Percents::Variables)
    }

    /// The same for a field of a record. In data and SPF rules a percent sign may stand for itself.
    ///
    /// ```
    /// use domain_connect::Pattern;
    ///
    /// let pattern = Pattern::parse_field("data", "100% of %name%")?;
    /// assert_eq!(pattern.variables().count(), 1);
    /// let pattern = Pattern::parse_field("spfRules", "exists:%{i}._spf.%name%.example")?;
    /// assert_eq!(pattern.variables().count(), 1);
    /// assert!(Pattern::parse_field("pointsTo", "100% of %name%").is_err());
    /// # Ok::<(), domain_connect::PatternError>(())
    /// ```
    pub fn parse_field(field: &str, text: &str) -> Result<Self, PatternError> {
        let percents = match field {
            "data" => Percents::Text,
            "spfRules" => Percents::Macros,
            _ => Percents::Variables,
        };
        Self::take_apart(text, percents)
    }

    fn take_apart(text: &str, percents: Percents) -> Result<Self, PatternError> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            literal.push_str(before);
            if let Some(length) = percents.literal(after) {
                let (taken, left) = after.split_at_checked(length).unwrap_or((after, ""));
                literal.push('%');
                literal.push_str(taken);
                rest = left;
                continue;
            }
            let (name, after) = after
                .split_once('%')
                .ok_or_else(|| PatternError::NotClosed {
                    text: text.to_owned(),
                })?;
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Variable(Variable::parse(name)?));
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Ok(Self { parts })
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The variables in order, with repetitions.
    pub fn variables(&self) -> impl Iterator<Item = &Variable> {
        self.parts.iter().filter_map(|part| match part {
            Part::Variable(variable) => Some(variable),
            Part::Text(_) => None,
        })
    }

    /// Whether the text is nothing but `@`, which in some fields stands for the host that the template
    /// is applied to (draft-05 section 9.1.2).
    pub fn is_at(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Text(text)] if text == "@")
    }

    /// The text, when it has no variables.
    pub fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the text is one variable and nothing else.
    pub fn is_one_variable(&self) -> bool {
        matches!(self.parts.as_slice(), [Part::Variable(_)])
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Variable(variable) => write!(f, "{variable}"),
        })
    }
}

/// What percent signs may stand for besides variables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Percents {
    /// Nothing else.
    Variables,
    /// Themselves, where no name of a variable can follow.
    Text,
    /// The same, and the escapes of SPF (RFC 7208 section 7.1), of which two could begin a variable.
    Macros,
}

impl Percents {
    /// How much text after a percent sign belongs to it, when it begins no variable.
    fn literal(self, after: &str) -> Option<usize> {
        let begins_name = |next: char| next.is_ascii_alphanumeric() || next == '-' || next == '_';
        match self {
            Self::Macros if after.starts_with(['%', '_', '-']) => Some(1),
            Self::Text | Self::Macros if !after.starts_with(begins_name) => Some(0),
            Self::Variables | Self::Text | Self::Macros => None,
        }
    }
}

/// A piece of a [`Pattern`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Part {
    /// Text that stays as it is.
    Text(String),
    /// Something that is replaced.
    Variable(Variable),
}

/// What a variable stands for.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Variable {
    /// `%host%`: the host that the template is applied to; empty at the apex.
    Host,
    /// `%domain%`: the apex of the zone, without a final dot.
    Domain,
    /// `%fqdn%`: host and apex together, without a final dot.
    Fqdn,
    /// A value that the request gives.
    Named(VariableName),
}

impl Variable {
    fn parse(name: &str) -> Result<Self, PatternError> {
        Ok(match name {
            "host" => Self::Host,
            "domain" => Self::Domain,
            "fqdn" => Self::Fqdn,
            _ => Self::Named(name.parse()?),
        })
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host => f.write_str("%host%"),
            Self::Domain => f.write_str("%domain%"),
            Self::Fqdn => f.write_str("%fqdn%"),
            Self::Named(name) => write!(f, "%{name}%"),
        }
    }
}

//------------ Number ----------------------------------------------------------------------------

/// A number, or one variable that gives it (draft-05 section 3, `dc-ttl-tmpl`, `dc-uint16-tmpl`).
///
/// ```
/// use domain_connect::{Number, Variable};
///
/// assert_eq!(Number::parse("600"), Ok(Number::Fixed(600)));
/// let variable = Number::parse("%ttl%")?;
/// assert_eq!(variable, Number::Variable(Variable::Named("ttl".parse()?)));
/// assert!(Number::parse("600s").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Number {
    /// The number itself.
    Fixed(u64),
    /// The variable that gives it.
    Variable(Variable),
}

impl Number {
    /// Reads digits, or one variable and nothing else.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        if let Some(number) = digits(text) {
            return Ok(Self::Fixed(number));
        }
        let pattern = Pattern::parse(text)?;
        match pattern.parts() {
            [Part::Variable(variable)] => Ok(Self::Variable(variable.clone())),
            _ => Err(PatternError::NotANumber {
                text: text.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(number) => number.fmt(f),
            Self::Variable(variable) => variable.fmt(f),
        }
    }
}

/// The number that these digits write; spaces around them are forgiven.
pub(crate) fn digits(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

//------------ PatternError ----------------------------------------------------------------------

/// Why a text with variables cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// A percent sign has no partner.
    #[error("`{text}` has a percent sign that no second one follows: write variables as %name%")]
    NotClosed {
        /// The text.
        text: String,
    },
    /// What stands between two percent signs is no name.
    #[error("{0}: write variables as %name%, with letters, digits, - and _")]
    Name(#[from] IdError),
    /// A number was expected.
    #[error("`{text}` is neither a number nor one variable that gives a number")]
    NotANumber {
        /// The text.
        text: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_shown_as_it_was_written() {
        for text in ["", "plain", "%a%", "a%b%c%d_e-f%", "%a%%b%", "%domain%."] {
            assert_eq!(Pattern::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn broken_variables_are_refused() {
        for text in ["%", "%a", "100%", "%%", "%a b%", "%a.b%"] {
            assert!(Pattern::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_percent_sign_in_data_may_stand_for_itself() {
        for (field, text, variables) in [
            ("data", "100% pure", 0),
            ("data", "100%", 0),
            ("data", "%", 0),
            ("data", "%%", 0),
            ("data", "%%a%", 1),
            ("data", "%a%%", 1),
            ("data", "% %a% %", 1),
            ("data", "%a%%b%", 2),
            ("data", "%ä%a%", 1),
            ("spfRules", "exists:%{i}._spf.example", 0),
            ("spfRules", "exists:%{ir}.%v%._spf.%{d2}", 1),
            ("spfRules", "a:%%a%_b%-c.example", 0),
            ("spfRules", "include:%a%%b%.example", 2),
            ("spfRules", "include:%a%", 1),
        ] {
            let pattern = Pattern::parse_field(field, text).unwrap();
            assert_eq!(pattern.variables().count(), variables, "{text}");
            assert_eq!(pattern.to_string(), text);
        }
        for (field, text) in [
            ("data", "%a"),
            ("data", "%a b%"),
            ("data", "%-"),
            ("spfRules", "include:%a"),
            ("spfRules", "include:%a.b%"),
            ("host", "100% pure"),
            ("pointsTo", "%{i}.example"),
            ("target", "%"),
        ] {
            assert!(Pattern::parse_field(field, text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_is_digits_or_one_variable() {
        assert_eq!(Number::parse("300"), Ok(Number::Fixed(300)));
        assert!(matches!(Number::parse("%ttl%"), Ok(Number::Variable(_))));
        for text in ["", "-1", "3.5", "%a%%b%", "1%a%", "%a%0", "1e3"] {
            assert!(Number::parse(text).is_err(), "{text}");
        }
    }
}
