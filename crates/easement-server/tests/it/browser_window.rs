//! Tests of the browser itself.

use std::path::Path;

use crate::browser::Browser;
use crate::tools;

#[tokio::test(flavor = "multi_thread")]
async fn shows_a_page_and_takes_pictures_of_it() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let page = "data:text/html,<meta name=viewport content=width=device-width>\
        <style>@media (prefers-color-scheme: dark) { body { background: black } }</style>\
        <title>Hello</title><h1>Hello</h1><div style='height: 3000px'>";
    browser.page().goto(page).await.unwrap();
    assert_eq!(browser.page().title().await.unwrap(), "Hello");

    let pictures = browser.take_pictures("smoke").await;

    let sizes: Vec<_> = pictures.iter().map(|path| png_size(path)).collect();
    let (widths, heights): (Vec<u32>, Vec<u32>) = sizes.into_iter().unzip();
    assert_eq!(widths, [390, 390, 1280, 1280]);
    assert!(heights.iter().all(|height| *height > 3000), "{heights:?}");
    let bytes = |index: usize| std::fs::read(&pictures[index]).unwrap();
    assert_ne!(bytes(0), bytes(1), "light and dark look the same");
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_what_some_people_cannot_use() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let good = "data:text/html,<html lang=en><title>Hello</title><main><h1>Hello</h1></main>";
    browser.page().goto(good).await.unwrap();
    assert_eq!(browser.accessibility_findings().await, [""; 0]);

    let bad = "data:text/html,<html lang=en><title>Hello</title><main><h1>Hello</h1><input>";
    browser.page().goto(bad).await.unwrap();
    let findings = browser.accessibility_findings().await.join("\n");
    if tools::axe().is_some() {
        assert!(findings.contains("label at input"), "{findings}");
    }
}

/// Width and height, from the header that every PNG file starts with.
fn png_size(path: &Path) -> (u32, u32) {
    let bytes = std::fs::read(path).unwrap();
    let number = |at| u32::from_be_bytes(*bytes[at..].first_chunk().unwrap());
    (number(16), number(20))
}
