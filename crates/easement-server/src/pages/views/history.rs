//! Past changes of a zone, each as one line and as a page of its own.

use easement_core::{Actor, ChangeSize, ChangeSource, CommitEntry, Timestamp};
use easement_zone::{Host, Name};

use super::paths;
use super::show::{ShownTime, service_title, visible_host};
use super::words::Words;

/// One commit of the history.
#[derive(Clone, Debug)]
pub struct CommitRow {
    /// When.
    pub at: ShownTime,
    /// What it was.
    pub what: Words,
    /// Who did it.
    pub who: String,
    /// Such as "2 added, 1 removed".
    pub size: String,
    /// The address of its page.
    pub href: String,
    /// The version it made.
    pub version: u64,
}

impl CommitRow {
    /// Shows a commit of the zone with this apex.
    pub fn new(apex: &Name, commit: &CommitEntry, now: Timestamp) -> Self {
        Self {
            at: ShownTime::new(commit.at, now),
            what: describe_source(&commit.source),
            who: who(commit),
            size: size(commit.size),
            href: paths::commit(apex, commit.version),
            version: commit.version.0,
        }
    }
}

/// What a change was.
pub(super) fn describe_source(source: &ChangeSource) -> Words {
    match source {
        ChangeSource::ZoneCreated => Words::new("The zone was made"),
        ChangeSource::ZoneImported => Words::new("The zone was filled from a zone file"),
        ChangeSource::ZoneRestored { version } => {
            Words::new("The zone was taken back to version ").plain(version.to_string())
        }
        ChangeSource::ServiceConnected { title, host, .. } => at_host(
            Words::default()
                .strong(service_title(title))
                .plain(" was connected"),
            " on ",
            host,
        ),
        ChangeSource::DynamicUpdate { token, protocol } => Words::new("The API token ")
            .strong(token.to_string())
            .plain(format!(" changed records through {protocol}")),
        ChangeSource::RecordCall { app } => Words::new("The app ")
            .strong(app.origin().ascii())
            .plain(" changed records through NameDrop"),
        ChangeSource::TextsLapsed => {
            Words::new("Texts were taken away a day after a device had set them")
        }
        ChangeSource::TempNameMade { .. } => {
            Words::new("An app asked for a name that stands for its address")
        }
        ChangeSource::TempNamesLapsed => {
            Words::new("Names of addresses were taken away, since their time was over")
        }
        ChangeSource::ServiceRemoved { title, host, .. } => at_host(
            Words::default()
                .strong(service_title(title))
                .plain(" was removed"),
            " from ",
            host,
        ),
    }
}

fn at_host(words: Words, preposition: &str, host: &Host) -> Words {
    if host.is_apex() {
        words
    } else {
        words.plain(preposition).name(visible_host(host))
    }
}

/// Who made a change, in words.
pub(super) fn who(commit: &CommitEntry) -> String {
    match (&commit.actor, &commit.actor_email) {
        (Actor::Account(_), Some(email)) => email.clone(),
        (Actor::Account(_), None) => "an account that is gone".to_owned(),
        (Actor::ApiToken(_), _) => "an API token".to_owned(),
        (Actor::Grant(_), _) => match (&commit.source, &commit.actor_client) {
            (ChangeSource::RecordCall { app }, _) => {
                format!("{}, an app with access", app.origin())
            }
            (_, Some(client)) => format!("{client}, a program with access"),
            (_, None) => "a program that had access".to_owned(),
        },
        (Actor::Console, _) => "the command line".to_owned(),
        (Actor::Rules, _) => "the rules of the configuration".to_owned(),
        (Actor::Server, _) => "this server".to_owned(),
    }
}

/// How many records came and went.
fn size(size: ChangeSize) -> String {
    match (size.added, size.removed) {
        (0, 0) if size.sets == 0 => "no record changed".to_owned(),
        (0, 0) => "only TTLs changed".to_owned(),
        (added, 0) => format!("{added} added"),
        (0, removed) => format!("{removed} removed"),
        (added, removed) => format!("{added} added, {removed} removed"),
    }
}

#[cfg(test)]
mod tests {
    use easement_zone::ChangeSet;

    use super::super::samples::{mail_change, site_removal, zone};
    use super::*;

    #[test]
    fn a_change_is_counted_by_record() {
        let zone = zone();
        let shown = |changes| size(ChangeSize::of(&changes));
        assert_eq!(shown(mail_change(&zone)), "6 added, 3 removed");
        assert_eq!(shown(site_removal(&zone)), "2 removed");
        assert_eq!(shown(ChangeSet::new()), "no record changed");
    }
}
