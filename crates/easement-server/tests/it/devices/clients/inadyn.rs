//! inadyn 2.10, as Debian has it.

use super::flow::{Client, HOME, Target};
use crate::devices::lab::Lab;
use crate::devices::world::Token;
use crate::tools::is_installed;

const INADYN: Client = Client {
    run: |target, address, token| {
        let server = &target.host;
        let configuration = format!(
            "period = 60\nallow-ipv6 = true\ncustom easement {{\n    ssl = false\n    username = device\n    \
             password = \"{token}\"\n    checkip-command = \"echo {address}\"\n    ddns-server = {server}\n    \
             ddns-path = \"/nic/update?hostname=%h&myip=%i\"\n    hostname = {HOME}\n}}\n"
        );
        target.folder.write("inadyn.conf", &configuration);
        let cache = target.folder.path("inadyn-cache");
        // With what it keeps there it would not send the same address again. Fails when it is not there.
        let _ = std::fs::remove_dir_all(&cache);
        std::fs::create_dir(&cache).unwrap();
        let cache = format!("--cache-dir={}", cache.display());
        let arguments = [
            "-1",
            "-n",
            "--no-pidfile",
            "-l",
            "debug",
            "-f",
            "inadyn.conf",
            &cache,
        ];
        target.folder.run("inadyn", &arguments)
    },
    addresses: &["9.9.9.11", "2620:fe::11"],
    says_set: "good 9.9.9.11",
    says_there: "nochg 9.9.9.11,2620:fe::11",
    says_refused: "badauth",
};

#[tokio::test(flavor = "multi_thread")]
async fn inadyn_sets_addresses() {
    if !is_installed("inadyn") {
        return;
    }
    let lab = Lab::start(Token::for_names(&[HOME])).await;
    INADYN.try_out(&Target {
        host: lab.web().to_string(),
        dns: lab.dns(),
        folder: &lab.folder,
        token: &lab.token,
    });
    lab.assert_not_logged(&[&lab.token]);
}
