//! Which zones a name can be in: the registrable domain, and what is delegated below it.

use easement_zone::Name;

/// The most names that are asked about for one name. What is deeper is not delegated in practice.
const MAX_APEXES: usize = 8;

/// The names that can be the apex of the zone that a name is in, the deepest first: from the name itself up to the
/// one that its owner registered. None for names that nobody can register.
///
/// ```
/// use easement_client::possible_apexes;
///
/// let apexes = |name: &str| -> Vec<String> {
///     let name = name.parse().unwrap();
///     possible_apexes(&name).iter().map(|apex| apex.to_text()).collect()
/// };
/// assert_eq!(apexes("www.shop.example.co.uk"), ["www.shop.example.co.uk", "shop.example.co.uk", "example.co.uk"]);
/// assert_eq!(apexes("co.uk"), Vec::<String>::new());
/// // Names that no list knows have one label above them.
/// assert_eq!(apexes("a.b.test"), ["a.b.test", "b.test"]);
/// ```
pub fn possible_apexes(name: &Name) -> Vec<Name> {
    let Some(registrable) = registrable_domain(name) else {
        return Vec::new();
    };
    let mut apexes = vec![name.clone()];
    while let Some(last) = apexes.last()
        && *last != registrable
        && let Some(parent) = last.parent()
    {
        apexes.push(parent);
    }
    let surplus = apexes.len().saturating_sub(MAX_APEXES);
    apexes.split_off(surplus)
}

/// The name that was registered, as the public suffix list has it: one label more than the suffix. A suffix that a
/// company owns, such as one below which it gives away names, is registered itself.
pub fn registrable_domain(name: &Name) -> Option<Name> {
    let text = name.to_lowercase().to_text();
    let suffix = psl::suffix(text.as_bytes())?;
    let suffix_labels = std::str::from_utf8(suffix.as_bytes())
        .ok()?
        .split('.')
        .count();
    let labels = name.label_count();
    let is_owned = suffix.is_known() && suffix.typ() == Some(psl::Type::Private);
    let wanted = match labels.checked_sub(suffix_labels)? {
        0 if is_owned => suffix_labels,
        0 => return None,
        _ => suffix_labels + 1,
    };
    ancestor(name, labels.checked_sub(wanted)?)
}

fn ancestor(name: &Name, levels: usize) -> Option<Name> {
    (0..levels).try_fold(name.clone(), |name, _| name.parent())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registrable(text: &str) -> Option<String> {
        registrable_domain(&text.parse().unwrap()).map(|name| name.to_text())
    }

    #[test]
    fn the_registrable_domain_is_that_of_the_list() {
        for (text, expected) in [
            ("example.com", Some("example.com")),
            ("WWW.Example.COM", Some("Example.COM")),
            ("a.b.example.co.uk", Some("example.co.uk")),
            ("com", None),
            ("co.uk", None),
            (".", None),
            // Unknown to the list.
            ("example.test", Some("example.test")),
            ("test", None),
            // Names that are given away below a private suffix.
            ("someone.github.io", Some("someone.github.io")),
            ("github.io", Some("github.io")),
            // International names.
            ("www.xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("www.食狮.公司.cn", Some("xn--85x722f.xn--55qx5d.cn")),
        ] {
            assert_eq!(registrable(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_name_of_many_labels_asks_about_few_names() {
        let name = format!("{}example.com", "a.".repeat(60)).parse().unwrap();
        let apexes = possible_apexes(&name);
        assert_eq!(apexes.len(), MAX_APEXES);
        assert_eq!(apexes.last().unwrap().to_text(), "example.com");
    }
}
