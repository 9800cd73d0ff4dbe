//! The macro that declares a section: its fields, their defaults and their explanation at once.

/// One setting, as the reference shows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// Its key in the section.
    pub(super) key: &'static str,
    /// What it means, a line each.
    pub(super) docs: &'static [&'static str],
    /// What to show when the default is that it is not set.
    pub(super) example: &'static str,
}

/// Declares the struct of a section, its `Default`, and the list of its settings.
///
/// A setting is `name: Type = default`, or `name: Option<Type> = None, like "example"`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        pub struct $name:ident {
            $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:expr $(, like $example:literal)?;)*
        }
    ) => {
        $(#[doc = $about])+
        #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $doc])+ pub $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $name {
            pub(super) const ABOUT: &[&str] = &[$($about),+];
            pub(super) const SETTINGS: &[Setting] = &[$(Setting {
                key: stringify!($field),
                docs: &[$($doc),+],
                example: concat!($($example)?),
            },)*];
        }
    };
}

pub(super) use section;
