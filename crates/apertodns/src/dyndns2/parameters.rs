//! The parameters of a call, from a query string or a form.

use crate::Hostname;

/// Decoded parameters in their order. Names are compared without regard to case.
#[derive(Clone, Debug)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
}

impl Parameters {
    pub(crate) fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let pairs = pairs.into_iter();
        Self {
            pairs: pairs
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
        }
    }

    /// The values under a name, joined by commas; nothing when there is none.
    pub(crate) fn joined(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.all(name).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The first value under a name.
    pub(crate) fn first(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Whether a name has a value that means yes.
    pub(crate) fn is_yes(&self, name: &str) -> bool {
        let yes = ["yes", "on", "true", "1"];
        self.first(name).is_some_and(|value| {
            yes.iter()
                .any(|word| value.trim().eq_ignore_ascii_case(word))
        })
    }

    fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let has_name = move |pair: &&(String, String)| pair.0 == name;
        self.pairs
            .iter()
            .filter(has_name)
            .map(|(_, value)| value.as_str())
    }

    /// The value for one host: of `myipv4:home.example.com`.
    pub(crate) fn of_host(&self, name: &str, hostname: &Hostname) -> Option<String> {
        let values: Vec<&str> = self
            .hosts(name)
            .filter(|(host, _)| host == hostname)
            .map(|(_, value)| value)
            .collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// The hosts that have parameters of their own under a name, with their values.
    pub(crate) fn hosts<'a, 'n>(
        &'a self,
        name: &'n str,
    ) -> impl Iterator<Item = (Hostname, &'a str)> + use<'a, 'n> {
        self.pairs.iter().filter_map(move |(pair_name, value)| {
            let host = pair_name.strip_prefix(name)?.strip_prefix(':')?;
            Some((Hostname::from_form(host).ok()?, value.as_str()))
        })
    }
}
