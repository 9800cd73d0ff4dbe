//! What `cargo tree --prefix depth` prints, as values.

/// A package in a dependency tree, with the way that leads to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Package {
    /// From the root to the package itself, so never empty.
    way: Vec<String>,
}

impl Package {
    /// Its name.
    pub fn name(&self) -> &str {
        self.way.last().map_or("", String::as_str)
    }

    /// The package that uses it; none for a root.
    pub fn user(&self) -> Option<&str> {
        self.way.iter().rev().nth(1).map(String::as_str)
    }

    /// The packages from the root to this one, joined by arrows.
    pub fn way(&self) -> String {
        self.way.join(" -> ")
    }
}

/// Reads the output of `cargo tree --prefix depth --no-dedupe`. Every line is a depth, directly
/// followed by a package: `2libc v0.2.177`. Other lines, such as the empty ones between trees, are
/// not packages.
pub fn paths(output: &str) -> Vec<Package> {
    let mut way = Vec::new();
    let mut packages = Vec::new();
    for line in output.lines() {
        let Some((depth, name)) = depth_and_name(line) else {
            continue;
        };
        way.truncate(depth);
        way.push(name.to_owned());
        packages.push(Package { way: way.clone() });
    }
    packages
}

fn depth_and_name(line: &str) -> Option<(usize, &str)> {
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    let (depth, rest) = line.split_at(digits);
    Some((depth.parse().ok()?, rest.split_whitespace().next()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_each_package_is_known() {
        let output = "0a v0.1.0 (/a)\n1b v1.0.0\n2c v2.0.0 (proc-macro)\n1d v1.1.1\n\n0e v0.1.0\n";
        let ways: Vec<_> = paths(output).iter().map(Package::way).collect();
        assert_eq!(ways, ["a", "a -> b", "a -> b -> c", "a -> d", "e"]);
    }

    #[test]
    fn a_package_knows_its_user() {
        let packages = paths("0a v0.1.0\n1b v1.0.0\n");
        assert_eq!(packages[0].user(), None);
        assert_eq!(packages[1].user(), Some("a"));
    }
}
