//! What the service is to the system.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What it is called, by programs and by people.
pub(super) const NAME: &str = "easement-ddns";
pub(super) const SHOWN_NAME: &str = "Easement dynamic DNS";
pub(super) const DESCRIPTION: &str = "Keeps the addresses of this machine up to date in DNS.";
/// The account with the fewest rights that speaks to the network.
pub(super) const ACCOUNT: &str = r"NT AUTHORITY\LocalService";

/// Who may do what in its folder: the system and administrators everything, the service reads and writes. By their
/// numbers, since each language has its own names for them.
const SYSTEM: &str = "*S-1-5-18:(OI)(CI)F";
const ADMINISTRATORS: &str = "*S-1-5-32-544";
const SERVICE: &str = "*S-1-5-19:(OI)(CI)M";

/// After how long it is started again when it failed, the first times and from then on; and when it counts anew.
pub(super) const RESTARTS: [Duration; 3] = [
    Duration::from_secs(30),
    Duration::from_secs(30),
    Duration::from_mins(5),
];
pub(super) const COUNTS_ANEW: Duration = Duration::from_hours(24);

/// With what the system starts the program.
pub(super) fn arguments(config: &Path) -> Vec<OsString> {
    let mut words: Vec<OsString> = ["ddns", "--config"].map(OsString::from).into();
    words.push(config.into());
    words.extend(["service", "run"].map(OsString::from));
    words
}

/// The calls of `icacls` after which nobody else can read the folder. Administrators own it and what is in it; it has its
/// own rights, and not those of the folder above; and what is in it has those of the folder. No link is followed.
pub(super) fn protection(folder: &Path, inside: &[PathBuf]) -> Vec<Vec<OsString>> {
    let words = |path: &Path, words: &[&str]| {
        let words = words.iter().map(OsString::from);
        let path = [path.as_os_str().to_owned()];
        path.into_iter().chain(words).collect()
    };
    let owner = ["/setowner", ADMINISTRATORS, "/T", "/L", "/Q"];
    let administrators = format!("{ADMINISTRATORS}:(OI)(CI)F");
    let rights = [
        "/inheritance:r",
        "/grant:r",
        SYSTEM,
        &administrators,
        SERVICE,
        "/Q",
    ];
    let mut calls = vec![words(folder, &owner), words(folder, &rights)];
    let inherit = ["/reset", "/T", "/L", "/Q"];
    calls.extend(inside.iter().map(|path| words(path, &inherit)));
    calls
}

/// What the system asks of the service.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Asked {
    /// To end: a person stops it, or the machine is shut down.
    Stop,
    /// To read its configuration again.
    Reload,
    /// How it is, which the system knows.
    Nothing,
}

/// What a control of the system asks, by its number (`winsvc.h`); none that is not known here.
pub(super) fn asked(control: u32) -> Option<Asked> {
    match control {
        1 | 5 => Some(Asked::Stop),
        4 => Some(Asked::Nothing),
        6 => Some(Asked::Reload),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_starts_it_with_the_configuration_of_the_machine() {
        let words = arguments(Path::new(r"C:\ProgramData\easement\ddns.toml"));
        let expected = [
            "ddns",
            "--config",
            r"C:\ProgramData\easement\ddns.toml",
            "service",
            "run",
        ];
        assert_eq!(words, expected);
    }

    #[test]
    fn only_the_system_administrators_and_the_service_are_let_into_its_folder() {
        let calls = protection(Path::new("folder"), &["folder/ddns.toml".into()]);
        let [owner, rights, inside] = calls.as_slice() else {
            panic!("{calls:?}");
        };
        assert_eq!(owner[..3], ["folder", "/setowner", "*S-1-5-32-544"]);
        // What the folder above grants counts no more, and each is granted this alone.
        assert_eq!(rights[..3], ["folder", "/inheritance:r", "/grant:r"]);
        let granted = [
            "*S-1-5-18:(OI)(CI)F",
            "*S-1-5-32-544:(OI)(CI)F",
            "*S-1-5-19:(OI)(CI)M",
        ];
        assert_eq!(rights[3..6], granted);
        assert_eq!(inside[..2], ["folder/ddns.toml", "/reset"]);
    }

    #[test]
    fn it_ends_with_the_machine_and_reads_again_when_it_is_told() {
        for (control, expected) in [
            (1, Some(Asked::Stop)),
            (5, Some(Asked::Stop)),
            (6, Some(Asked::Reload)),
            (4, Some(Asked::Nothing)),
            (2, None),
            (200, None),
        ] {
            assert_eq!(asked(control), expected, "{control}");
        }
    }
}
