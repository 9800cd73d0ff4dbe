//! A network of its own for one test, because the program asks for its address at a name that it knows, and for names
//! on port 53. In it the server answers for one of the public resolvers, too.
//!
//! It is made in namespaces of a process of its own. Where that is not allowed, the test says so and is skipped.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::tools::is_installed;

/// Says that this process has such a network, and names a file that a test makes when it runs there.
const INSIDE: &str = "EASEMENT_TEST_NETWORK";
/// How the process ends when it may not make the network.
const NOT_ALLOWED: i32 = 77;

/// One of the resolvers that the program asks what DNS has.
pub(super) const RESOLVER: &str = "1.1.1.1:53";

const HOSTS: &str =
    "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 api.ipify.org\n::1 api6.ipify.org\n";
const RESOLV_CONF: &str = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n";

/// Whether this process has it.
pub(super) fn is_here() -> bool {
    let Some(file) = std::env::var_os(INSIDE) else {
        return false;
    };
    std::fs::write(file, "").unwrap();
    true
}

/// Runs a test of this program, by its whole name, where it is.
pub(super) fn run_in_it(test: &str) {
    if !["unshare", "ip", "mount"].into_iter().all(is_installed) {
        return;
    }
    let folder = TempDir::with_prefix("easement-network-").unwrap();
    for (file, text) in [("hosts", HOSTS), ("resolv.conf", RESOLV_CONF)] {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    let status = Command::new("unshare")
        .args(["--map-root-user", "--net", "--mount", "sh", "-c"])
        .arg(script(folder.path(), test))
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, folder.path().join("ran"))
        .status();
    match status.map(|status| status.code()) {
        Ok(Some(0)) => assert!(
            folder.path().join("ran").exists(),
            "there is no test {test}"
        ),
        // `unshare` itself ends with 1, and a test that fails with 101.
        Err(_) | Ok(Some(1 | NOT_ALLOWED)) => {
            eprintln!("SKIPPED: this user may not make a network of its own (that needs root)");
        }
        Ok(code) => panic!("it ended with {code:?}"),
    }
}

fn script(folder: &Path, test: &str) -> String {
    let folder = folder.display();
    let (resolver, _) = RESOLVER.split_once(':').unwrap();
    let steps = [
        "ip link set lo up".to_owned(),
        format!("ip address add {resolver}/32 dev lo"),
        format!("mount --bind {folder}/hosts /etc/hosts"),
        format!("mount --bind {folder}/resolv.conf /etc/resolv.conf"),
    ];
    let steps = steps.join(" && ");
    format!("{{ {steps}; }} || exit {NOT_ALLOWED}; exec \"$0\" --exact {test} --nocapture")
}
