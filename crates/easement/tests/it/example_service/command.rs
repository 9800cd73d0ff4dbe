//! `easement example-service` alone.

use crate::run::Folder;

#[test]
fn what_would_not_work_for_others_is_refused_at_the_start() {
    let folder = Folder::new();
    let start = ["example-service", "--listen", "127.0.0.1:0"];
    for (more, words) in [
        (
            &["--public-url", "https://hosting.example.net/"][..],
            &["127.0.0.1", "--site-address"][..],
        ),
        (
            &["--public-url", "http://hosting.example.net/"],
            &["write https"],
        ),
        (
            &["--public-url", "https://hosting.example.net/path"],
            &["nothing behind it"],
        ),
        (&["--listen", "0.0.0.0:0"], &["--public-url"]),
        (&["--key", "missing.pem"], &["missing.pem"]),
        (&["--dns-provider", "dns.example"], &["--dns-provider-api"]),
    ] {
        // It is given once.
        let arguments = match more.first() {
            Some(&"--listen") => [&start[..1], more].concat(),
            _ => [&start[..], more].concat(),
        };
        let ended = folder.run(&arguments);
        assert!(matches!(ended.code, Some(1..=4)), "{more:?}: {ended:?}");
        for words in words {
            assert!(ended.said.contains(words), "{words}: {ended:?}");
        }
    }
}
