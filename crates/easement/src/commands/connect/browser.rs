//! Opening a link in the browser, without a shell.

use std::process::{Command, Stdio};

/// Opens a link with the first browser that can be started, and says whether there was one.
pub(super) fn open(link: &str) -> bool {
    let named = std::env::var("BROWSER").ok();
    candidates(named.as_deref(), link)
        .iter()
        .any(|words| start(words))
}

fn start(words: &[String]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.is_ok()
}

/// The programs to try, each with its arguments. `BROWSER` holds several with colons between them; `%s` is the link,
/// which else comes last.
fn candidates(named: Option<&str>, link: &str) -> Vec<Vec<String>> {
    let own = named.unwrap_or_default().split(':');
    let own = own.filter(|one| !one.trim().is_empty()).map(|one| {
        let mut words: Vec<String> = one.split_whitespace().map(str::to_owned).collect();
        if words.iter().any(|word| word.contains("%s")) {
            for word in &mut words {
                *word = word.replace("%s", link);
            }
        } else {
            words.push(link.to_owned());
        }
        words
    });
    let usual: &[&str] = if cfg!(windows) {
        &["rundll32", "url.dll,FileProtocolHandler"]
    } else if cfg!(target_os = "macos") {
        &["open"]
    } else {
        &["xdg-open"]
    };
    let usual = usual.iter().copied().chain([link]);
    own.chain([usual.map(str::to_owned).collect()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_person_named_comes_first_and_a_link_is_one_argument() {
        let link = "https://dns.example/?a=b;rm -rf&c=$(d)";
        let tried = candidates(Some("my-browser --new %s:other"), link);
        assert_eq!(tried[0], ["my-browser", "--new", link]);
        assert_eq!(tried[1], ["other", link]);
        assert_eq!(tried.len(), 3);
        assert_eq!(candidates(None, link).len(), 1);
    }
}
