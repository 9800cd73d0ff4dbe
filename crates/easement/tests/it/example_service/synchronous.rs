//! The synchronous flow: signed and unsigned, in one window and in two.

use std::io::{Read as _, Write as _};

use crate::person::Person;

const SIGNED: &str = "Signed by";

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_link_makes_a_site_that_dns_speaks_for() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.open(person.demo.example_service().unwrap()).await;
    person.inspect("home").await;
    person.wish("hello", "Back in five minutes.").await;
    person.inspect("offers").await;
    person.click("#website-same").await;
    person.sign_in().await;
    let question = [
        SIGNED,
        "statelesshosting.test",
        "Back in five minutes.",
        "localhost",
    ];
    person.reads(&question).await;
    person.inspect("consent-signed").await;
    person.there_is_nothing_at("hello");
    person.agree().await;

    person.reads_soon("Your site is live").await;
    person.inspect("live").await;
    person.click("#preview").await;
    person.reads(&["Back in five minutes."]).await;
    person.inspect("site").await;
    person.sees_the_site("hello", "Back in five minutes.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_link_makes_one_too_after_a_warning() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.wish("hello", "Nobody signed this").await;
    person.click("#website-unsigned-same").await;
    person.sign_in().await;
    let question = person
        .reads(&["Not signed", "Nobody can tell who made this link"])
        .await;
    assert!(!question.contains(SIGNED), "{question}");
    person.inspect("consent-unsigned").await;
    person.agree().await;
    person.reads_soon("Your site is live").await;
    person.sees_the_site("hello", "Nobody signed this").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_its_own_tells_the_first_one_and_closes() {
    let Some(person) = Person::start().await else {
        return;
    };
    for (host, link) in [
        ("one", "#website-popup"),
        ("two", "#website-unsigned-popup"),
    ] {
        person.wish(host, "In two windows").await;
        let first = person.page().window().await.unwrap();
        person.press(link).await;
        let second = person.second_window().await;
        person.page().switch_to_window(second).await.unwrap();
        person.reads_soon("Easement").await;
        if host == "one" {
            person.sign_in().await;
        }
        // The window may be gone before it is asked whether the page is.
        person.press("button[name=answer][value=agree]").await;
        person.page().switch_to_window(first).await.unwrap();
        person.reads_soon("Your site is live").await;
        while person.page().windows().await.unwrap().len() > 1 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        person.sees_the_site(host, "In two windows").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_cancels_comes_back_and_nothing_changes() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.wish("hello", "Never").await;
    person.click("#website-same").await;
    person.sign_in().await;
    person.decline().await;
    person.reads_soon("As you were").await;
    person
        .reads(&["You cancelled, and nothing was changed"])
        .await;
    person.inspect("cancelled").await;
    person.there_is_nothing_at("hello");

    // The same in a window of its own.
    person.wish("hello", "Never").await;
    let first = person.page().window().await.unwrap();
    person.press("#website-popup").await;
    let second = person.second_window().await;
    person.page().switch_to_window(second).await.unwrap();
    person.reads_soon("Never").await;
    person.press("button[name=answer][value=decline]").await;
    person.page().switch_to_window(first).await.unwrap();
    person.reads_soon("As you were").await;
    person.there_is_nothing_at("hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_way_is_shown_and_goes_when_the_owner_agrees() {
    let Some(person) = Person::start().await else {
        return;
    };
    assert_eq!(
        person.dig("blog.example.test", "CNAME"),
        ["blogs.oldhost.test."]
    );
    person.wish("blog", "A blog of one line").await;
    person.click("#website-same").await;
    person.sign_in().await;
    person
        .reads(&["blogs.oldhost.test", "A blog of one line"])
        .await;
    person.inspect("consent-conflict").await;
    assert_eq!(
        person.dig("blog.example.test", "CNAME"),
        ["blogs.oldhost.test."]
    );
    person.agree().await;
    person.reads_soon("Your site is live").await;
    assert_eq!(person.dig("blog.example.test", "CNAME"), [""; 0]);
    person.sees_the_site("blog", "A blog of one line").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_that_waits_goes_on_by_itself_when_dns_shows_the_site() {
    let Some(person) = Person::start().await else {
        return;
    };
    person.wish("hello", "At last").await;
    let link = person.link("website-same").await;
    let state = link.query_pairs().find(|(name, _)| name == "state");
    // The browser comes back before anything was agreed to.
    let mut back = person.service().join("return").unwrap();
    back.query_pairs_mut()
        .append_pair("state", &state.unwrap().1);
    person.open(back.as_str()).await;
    person.reads(&["Waiting for DNS"]).await;
    person.inspect("waiting").await;
    let first = person.page().window().await.unwrap();
    let second = person.page().new_tab().await.unwrap();
    person.page().switch_to_window(second).await.unwrap();
    person.open(link.as_str()).await;
    person.sign_in().await;
    person.agree().await;
    person
        .reads(&["You came back from this visit before"])
        .await;
    person.page().switch_to_window(first).await.unwrap();
    person.reads_soon("Your site is live").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_of_its_own_gets_no_handle_on_the_page_that_opened_it() {
    let Some(person) = Person::start().await else {
        return;
    };
    let page =
        "<title>Stranger</title><script>document.title = `opener: ${window.opener}`</script>";
    let stranger = serve(page);
    person.wish("hello", "Unharmed").await;
    // As if the settings of a domain had named it.
    let put = "document.getElementById('website-popup').href = arguments[0]";
    let arguments = vec![stranger.into()];
    person.page().execute(put, arguments).await.unwrap();
    person.press("#website-popup").await;
    let second = person.second_window().await;
    person.page().switch_to_window(second).await.unwrap();
    for _ in 0..600 {
        match person.page().title().await.unwrap().as_str() {
            "opener: null" => return,
            title => assert!(!title.starts_with("opener"), "{title}"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the page does not come");
}

/// Serves one page to everybody, without any header that says who may have a handle on it.
fn serve(page: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A browser opens connections that it does not use, and nobody waits for those.
            std::thread::spawn(move || answer(stream.unwrap(), page));
        }
    });
    format!("http://{address}/")
}

fn answer(mut stream: std::net::TcpStream, page: &str) {
    // What is asked for does not matter, nor whether somebody is still there.
    let _ = stream.read(&mut [0; 4096]);
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close";
    let length = page.len();
    let _ = write!(stream, "{head}\r\nContent-Length: {length}\r\n\r\n{page}");
}
