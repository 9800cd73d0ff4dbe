//! What an answer is, in a word, so that whoever has it already is not sent it again.

use domain_connect::Checksum;
use http::HeaderMap;
use http::header::{HeaderValue, IF_NONE_MATCH};

/// A strong entity tag (RFC 9110 section 8.8.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct EntityTag(String);

impl EntityTag {
    /// The tag of what is made of a content with this checksum. What else is made of the same content
    /// is of another `kind`.
    pub(crate) fn new(kind: &str, checksum: Checksum) -> Self {
        Self(format!("\"{kind}-{checksum}\""))
    }

    /// Whether the client has this answer already (RFC 9110 section 13.1.2: the weak comparison).
    pub(crate) fn is_known(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.0)
    }

    pub(crate) fn header(&self) -> HeaderValue {
        HeaderValue::try_from(&self.0).unwrap_or(HeaderValue::from_static("\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_knows_the_answers_whose_tags_it_names() {
        let checksum = Checksum::of(b"content");
        let tag = EntityTag::new("text", checksum);
        assert_eq!(tag.header(), format!("\"text-{checksum}\""));
        for (named, is_known) in [
            (format!("\"text-{checksum}\""), true),
            (format!("W/\"text-{checksum}\""), true),
            (format!("\"other\" , \"text-{checksum}\""), true),
            ("*".to_owned(), true),
            (format!("\"version-{checksum}\""), false),
            (format!("\"text-{}\"", Checksum::of(b"other")), false),
            (format!("text-{checksum}"), false),
            (format!("w/\"text-{checksum}\""), false),
            (String::new(), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, named.parse().unwrap());
            assert_eq!(tag.is_known(&headers), is_known, "{named}");
        }
        assert!(!tag.is_known(&HeaderMap::new()));
    }
}
