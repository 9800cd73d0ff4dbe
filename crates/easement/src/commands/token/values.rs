//! How values are read.

use anyhow::anyhow;
use easement_core::{ApiTokenText, PublicTokenId};
use easement_zone::Ttl;

use crate::console::NotValid;

/// The longest text that is repeated when it is no id: a token that was cut off has a secret in it.
const MAX_REPEATED: usize = 16;

/// An id, or the token itself, whose id is meant then.
pub(super) fn parse_id(text: &str) -> anyhow::Result<PublicTokenId> {
    if let Ok(token) = text.parse::<ApiTokenText>() {
        return Ok(token.id);
    }
    text.parse().map_err(|_| {
        let what = if text.len() <= MAX_REPEATED {
            format!("`{text}`")
        } else {
            "this text".to_owned()
        };
        NotValid::mark(anyhow!(
            "{what} is not the id of an API token: use the twelve letters that `easement token list` shows"
        ))
    })
}

/// A TTL.
pub(super) fn parse_ttl(text: &str) -> Result<Ttl, String> {
    let seconds = text.parse().map_err(|_| "write seconds, like 300")?;
    Ttl::from_secs(seconds).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_itself_and_is_not_repeated() {
        let secret = "A".repeat(43);
        let id = parse_id(&format!("easement_live_abcdefghijkl{secret}")).unwrap();
        assert_eq!(id.as_str(), "abcdefghijkl");
        let cut_off = format!("easement_live_abcdefghijkl{}", "A".repeat(40));
        let refused = parse_id(&cut_off).unwrap_err().to_string();
        assert!(!refused.contains("AAA"), "{refused}");
        let refused = parse_id("nothing").unwrap_err().to_string();
        assert!(refused.contains("`nothing`"), "{refused}");
    }
}
