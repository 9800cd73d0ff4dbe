//! What every client is put through: it sets an address, finds it there the second time, and is refused with a
//! token that is not valid.

use crate::devices::lab::{Dns, Ended, Folder};

pub(super) const HOME: &str = "home.example.test";

/// A server, as a client sees it.
pub(super) struct Target<'a> {
    /// Where it is: host and port.
    pub(super) host: String,
    pub(super) dns: Dns,
    pub(super) folder: &'a Folder,
    /// A token for the addresses at [`HOME`].
    pub(super) token: &'a str,
}

/// A client.
pub(super) struct Client {
    /// Runs it once, with an address to set and a token.
    pub(super) run: fn(target: &Target<'_>, address: &str, token: &str) -> Ended,
    /// The addresses that it is to set, one after the other, in the order in which DNS has them at the end.
    pub(super) addresses: &'static [&'static str],
    /// What it says when it set an address.
    pub(super) says_set: &'static str,
    /// When the address was there already.
    pub(super) says_there: &'static str,
    /// When it was refused.
    pub(super) says_refused: &'static str,
}

impl Client {
    pub(super) fn try_out(&self, target: &Target<'_>) {
        let before = target.dns.addresses(HOME);
        assert!(
            !before
                .iter()
                .any(|one| self.addresses.contains(&one.as_str()))
        );
        for (count, address) in (1..).zip(self.addresses) {
            let ended = (self.run)(target, address, target.token).well();
            ended.assert_said(self.says_set);
            let found = target.dns.addresses(HOME);
            assert_eq!(found, self.addresses[..count], "{}", ended.said);
        }
        let serial = target.dns.serial("example.test");
        for address in self.addresses {
            let ended = (self.run)(target, address, target.token).well();
            ended.assert_said(self.says_there);
        }
        let wrong = not_valid(target.token);
        let ended = (self.run)(target, "9.9.9.99", &wrong);
        ended.assert_said(self.says_refused);
        assert_eq!(target.dns.addresses(HOME), self.addresses);
        assert_eq!(target.dns.serial("example.test"), serial, "nothing changed");
    }
}

/// The token with another secret.
fn not_valid(token: &str) -> String {
    let (kept, secret) = token.split_at(token.len() - 43);
    let last = if secret.ends_with('A') { 'B' } else { 'A' };
    format!("{kept}{}{last}", &secret[..42])
}
