//! A pure crate reaches no runtime, socket, database, HTTP framework, clock or random source through
//! its dependencies.

use std::fmt;

use crate::Package;

/// What no pure crate may have anywhere in its tree. A name that ends in `*` stands for all that begin
/// like it.
const FORBIDDEN: &[(&str, &str)] = &[
    ("actix*", "an HTTP framework"),
    ("async-std", "a runtime"),
    ("axum*", "an HTTP framework"),
    ("chrono", "a clock"),
    ("diesel*", "a database"),
    ("fastrand", "a random source"),
    ("getrandom", "a random source"),
    ("h2", "an HTTP framework"),
    ("hyper*", "an HTTP framework"),
    ("jiff", "a clock"),
    ("libsqlite3-sys", "a database"),
    ("mio", "sockets"),
    ("nix", "sockets and files"),
    ("postgres*", "a database"),
    ("quinn*", "sockets"),
    ("rand", "a random source"),
    ("rand_*", "a random source"),
    ("reqwest*", "an HTTP client"),
    ("rusqlite", "a database"),
    ("rustix", "sockets and files"),
    ("smol", "a runtime"),
    ("socket2", "sockets"),
    ("sqlx*", "a database"),
    ("tempfile", "files"),
    ("time", "a clock"),
    ("tokio*", "a runtime"),
    ("tower*", "an HTTP framework"),
    ("ureq", "an HTTP client"),
    ("uuid", "a random source"),
];

/// Something forbidden that a pure crate may reach after all, through one user only.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Exception {
    /// The crate that uses it.
    pub user: &'static str,
    /// What it uses.
    pub used: &'static str,
    /// Why that does no harm.
    pub reason: &'static str,
}

/// All exceptions. One that is not needed any more fails the test.
pub const EXCEPTIONS: &[Exception] = &[Exception {
    user: "easement-core",
    used: "jiff",
    reason: "writes a given time as a date; sources that ask for the time are found by their text",
}];

/// A forbidden package in the tree of a pure crate.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Impurity {
    /// From the pure crate to the package.
    pub way: String,
    /// What the package is.
    pub what: &'static str,
}

impl fmt::Display for Impurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { way, what } = self;
        write!(
            f,
            "{way} brings {what} into a pure crate: take a value as a parameter instead"
        )
    }
}

/// What is forbidden in the whole tree of a pure crate.
pub fn check_purity(packages: &[Package]) -> Vec<Impurity> {
    packages
        .iter()
        .filter(|package| {
            !EXCEPTIONS
                .iter()
                .any(|exception| allows(exception, package))
        })
        .filter_map(|package| {
            let what = forbidden(package.name())?;
            let way = package.way();
            Some(Impurity { way, what })
        })
        .collect()
}

/// The exceptions that none of these trees needs.
pub fn unused_exceptions(packages: &[Package]) -> Vec<Exception> {
    EXCEPTIONS
        .iter()
        .filter(|exception| !packages.iter().any(|package| allows(exception, package)))
        .copied()
        .collect()
}

fn allows(exception: &Exception, package: &Package) -> bool {
    package.user() == Some(exception.user) && package.name() == exception.used
}

fn forbidden(name: &str) -> Option<&'static str> {
    let matches = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    };
    FORBIDDEN
        .iter()
        .find(|(pattern, _)| matches(pattern))
        .map(|(_, what)| *what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn a_runtime_deep_in_the_tree_is_found_with_the_way_to_it() {
        let tree = "0easement-zone v0.1.0\n1domain v0.12.3\n2bytes v1.0.0\n2tokio v1.0.0\n";
        let impurity = Impurity {
            way: "easement-zone -> domain -> tokio".to_owned(),
            what: "a runtime",
        };
        assert_eq!(check_purity(&paths(tree)), [impurity]);
    }

    #[test]
    fn families_of_crates_are_found_and_similar_names_are_not() {
        let names = [
            "hyper-util",
            "sqlx-core",
            "rand_core",
            "timeless",
            "random",
            "h2o",
        ];
        let found: Vec<_> = names
            .iter()
            .filter(|name| forbidden(name).is_some())
            .collect();
        assert_eq!(found, [&"hyper-util", &"sqlx-core", &"rand_core"]);
    }

    #[test]
    fn an_exception_holds_for_its_user_only() {
        let [exception, ..] = EXCEPTIONS else {
            return;
        };
        let through = |user| format!("0{user} v0.1.0\n1{} v1.0.0\n", exception.used);
        assert_eq!(check_purity(&paths(&through(exception.user))), []);
        assert_eq!(check_purity(&paths(&through("other"))).len(), 1);
    }

    #[test]
    fn an_exception_that_nothing_needs_is_found() {
        assert_eq!(
            unused_exceptions(&paths("0easement-zone v0.1.0\n")),
            EXCEPTIONS
        );
    }
}
