//! What an account may do in a zone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What an account may do in one zone. Each role may do everything that the one before it may.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ZoneRole {
    /// Looks at records, services and history.
    Viewer,
    /// Changes records, and connects and removes services.
    Editor,
    /// Decides who else has a role.
    Owner,
}

impl ZoneRole {
    /// Whether the role allows the action.
    pub fn allows(self, action: ZoneAction) -> bool {
        self >= action.least_role()
    }

    /// The word for it, in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for ZoneRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for ZoneRole {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        [Self::Viewer, Self::Editor, Self::Owner]
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole {
                text: text.to_owned(),
            })
    }
}

/// A text that names no role.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a zone role: use owner, editor or viewer")]
pub struct UnknownRole {
    /// The text.
    pub text: String,
}

/// Something that is done in a zone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ZoneAction {
    /// Look at records, services and history.
    View,
    /// Change records, and connect and remove services.
    Change,
    /// Give and take roles.
    ManageRoles,
}

impl ZoneAction {
    fn least_role(self) -> ZoneRole {
        match self {
            Self::View => ZoneRole::Viewer,
            Self::Change => ZoneRole::Editor,
            Self::ManageRoles => ZoneRole::Owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_read_by_its_word_alone() {
        for role in [ZoneRole::Viewer, ZoneRole::Editor, ZoneRole::Owner] {
            assert_eq!(role.to_string().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
        }
        for wrong in ["", "Owner", "operator", "owner "] {
            assert!(wrong.parse::<ZoneRole>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn each_role_allows_what_it_should() {
        use ZoneAction::{Change, ManageRoles, View};
        for (role, allowed) in [
            (ZoneRole::Viewer, [true, false, false]),
            (ZoneRole::Editor, [true, true, false]),
            (ZoneRole::Owner, [true, true, true]),
        ] {
            assert_eq!(
                [View, Change, ManageRoles].map(|action| role.allows(action)),
                allowed
            );
        }
    }
}
