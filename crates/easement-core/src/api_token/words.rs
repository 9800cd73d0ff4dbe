//! What a token may do, in plain words.

use super::{NameLimit, NameReach, Operation, SecretInUrl, TokenLimits, TtlRange, WebhookRight};

impl TokenLimits {
    /// What a token with these limits may do, one sentence for each limit; what is not limited is not said.
    ///
    /// ```
    /// use easement_core::{Operation, TokenLimits};
    /// use easement_zone::RecordType;
    ///
    /// let limits = TokenLimits::new(
    ///     vec!["home.example.test".parse()?],
    ///     vec![RecordType::A, RecordType::AAAA],
    ///     [Operation::Create, Operation::Update].into_iter().collect(),
    /// );
    /// assert_eq!(
    ///     limits.sentences(),
    ///     ["It may update and create A and AAAA records of home.example.test."]
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sentences(&self) -> Vec<String> {
        let operations: Vec<&str> = self.operations.iter().map(Operation::as_str).collect();
        let types: Vec<String> = self.types.iter().map(ToString::to_string).collect();
        let names: Vec<String> = self.names.iter().map(NameLimit::words).collect();
        let mut sentences = vec![format!(
            "It may {} {} records of {}.",
            listed(&operations, "and"),
            listed(&types, "and"),
            listed(&names, "and"),
        )];
        let values: Vec<String> = self.values.iter().map(|one| format!("`{one}`")).collect();
        if !values.is_empty() {
            sentences.push(format!(
                "It may set only values within {}.",
                listed(&values, "or")
            ));
        }
        if self.ttl != TtlRange::default() {
            sentences.push(format!("It may set a TTL of {} seconds.", self.ttl));
        }
        if let Some(most) = self.max_records {
            sentences.push(format!("There may be at most {most} records at its names."));
        }
        sentences.extend(self.conditions());
        sentences
    }

    fn conditions(&self) -> Vec<String> {
        let mut sentences = Vec::new();
        let networks: Vec<String> = self.networks.iter().map(ToString::to_string).collect();
        if !networks.is_empty() {
            sentences.push(format!(
                "It may be used only from {}.",
                listed(&networks, "or")
            ));
        }
        if let Some(at) = self.expires_at {
            sentences.push(format!("It ends at {at}."));
        }
        if let Some(seconds) = self.idle_seconds {
            sentences.push(format!(
                "It ends when it was not used for {}.",
                span(seconds)
            ));
        }
        if let Some(seconds) = self.unused_seconds {
            sentences.push(format!(
                "It ends when it was never used in its first {}.",
                span(seconds)
            ));
        }
        if let Some(rate) = self.rate {
            let (times, seconds) = (rate.times, u64::from(rate.seconds));
            sentences.push(format!(
                "It may be used {times} times in {}.",
                span(seconds)
            ));
        }
        if self.in_url == SecretInUrl::Allowed {
            sentences.push(
                "It may stand in a URL, where proxies and browsers write it down.".to_owned(),
            );
        }
        if self.webhooks == WebhookRight::Manage {
            sentences.push(
                "It may manage the webhooks of its account, which are told of all zones of the account."
                    .to_owned(),
            );
        }
        sentences
    }
}

impl NameLimit {
    fn words(&self) -> String {
        let name = self.name().to_text();
        match self.reach() {
            NameReach::Exact => name,
            NameReach::Below => format!("{name} and names below it without an underscore"),
            NameReach::BelowWithUnderscores => format!("{name} and all names below it"),
        }
    }
}

fn listed<T: AsRef<str>>(items: &[T], word: &str) -> String {
    let Some((last, others)) = items.split_last() else {
        return String::new();
    };
    let last = last.as_ref();
    if others.is_empty() {
        return last.to_owned();
    }
    let others: Vec<&str> = others.iter().map(AsRef::as_ref).collect();
    format!("{} {word} {last}", others.join(", "))
}

/// A span of time in its largest unit that fits without a rest.
fn span(seconds: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    for (unit, word) in UNITS {
        if seconds >= unit && seconds.is_multiple_of(unit) {
            return match seconds / unit {
                1 => format!("1 {word}"),
                count => format!("{count} {word}s"),
            };
        }
    }
    "0 seconds".to_owned()
}
