//! Giving back what an owner gave.

use super::{NameDrop, NamesAccess};
use crate::RevokeError;
use crate::grant::revocation_of;

impl NameDrop {
    /// Gives access back (RFC 7009), at the place that the server's metadata name (RFC 8414), which must be where the
    /// tokens came from. Afterwards the tokens are worth nothing and can be thrown away; records stay as they are.
    /// Without a refresh token the access token alone ends: what the owner gave may go on where it was given.
    pub async fn revoke(&self, access: &NamesAccess) -> Result<(), RevokeError> {
        self.check(&access.api)?;
        let form = revocation_of(
            access.refresh_token.as_ref(),
            &access.access_token,
            &access.client_id,
        );
        self.client.give_back(&access.api, form).await
    }
}
