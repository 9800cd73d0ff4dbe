//! Opening a link in the browser, without a shell.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::time::sleep;

/// How long a program is watched: one that finds no browser, as without a display, ends at once with an error.
const WATCHED: Duration = Duration::from_millis(1500);
const STEP: Duration = Duration::from_millis(50);

/// Opens a link with the first browser that can be started, and says whether there was one.
pub(super) async fn open(link: &str) -> bool {
    let named = std::env::var("BROWSER").ok();
    open_first(&candidates(named.as_deref(), link)).await
}

async fn open_first(candidates: &[Vec<String>]) -> bool {
    for words in candidates {
        if let Some(started) = start(words)
            && goes_on(started).await
        {
            return true;
        }
    }
    false
}

fn start(words: &[String]) -> Option<Child> {
    let (program, arguments) = words.split_first()?;
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    started.ok()
}

/// Whether a program still runs after a while, or has ended well by then.
async fn goes_on(mut started: Child) -> bool {
    let mut watched = Duration::ZERO;
    while watched < WATCHED {
        match started.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => sleep(STEP).await,
            Err(_) => return false,
        }
        watched += STEP;
    }
    true
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

    #[cfg(unix)]
    #[tokio::test]
    async fn a_program_that_fails_at_once_is_no_browser() {
        let program = |name: &str| vec![name.to_owned()];
        assert!(open_first(&[program("/nowhere"), program("true")]).await);
        assert!(!open_first(&[program("false"), program("/nowhere")]).await);
        assert!(!open_first(&[Vec::new()]).await);
        let waits = vec!["sleep".to_owned(), "2".to_owned()];
        assert!(open_first(&[waits]).await);
    }
}
