//! Every page is rendered from sample data, checked, and compared with its snapshot in
//! `tests/pages/`. `BLESS_PAGES=1` writes the snapshots anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use askama::Template as _;

use super::samples::all_pages;
use super::{ApiReferencePage, assets};

fn snapshot_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/pages")
}

#[test]
fn pages_are_as_they_were_reviewed() {
    let folder = snapshot_folder();
    let pages: BTreeMap<String, String> = all_pages().into_iter().collect();
    if std::env::var_os("BLESS_PAGES").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, html) in &pages {
            fs::write(folder.join(format!("{name}.html")), html).unwrap();
        }
    }
    let on_disk: BTreeSet<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let expected: BTreeSet<String> = pages.keys().map(|name| format!("{name}.html")).collect();
    assert_eq!(
        on_disk, expected,
        "snapshots and pages: bless with BLESS_PAGES=1"
    );
    for (name, html) in &pages {
        let reviewed = fs::read_to_string(folder.join(format!("{name}.html"))).unwrap();
        assert!(
            *html == reviewed,
            "{name} differs from its snapshot: look at `BLESS_PAGES=1` and `git diff`"
        );
    }
}

#[test]
fn pages_are_well_formed() {
    let whole = ApiReferencePage::whole().render().unwrap();
    let whole = ("api-reference, all of it".to_owned(), whole);
    for (name, html) in all_pages().into_iter().chain([whole]) {
        let tags = check_tags(&html).unwrap_or_else(|problem| panic!("{name}: {problem}"));
        let count = |wanted: &str| tags.iter().filter(|tag| tag.name == wanted).count();
        assert_eq!(
            (count("main"), count("h1"), count("title")),
            (1, 1, 1),
            "{name}"
        );
        check_ids(&name, &tags);
        check_policy(&name, &tags);
        check_labels(&name, &tags);
    }
}

#[test]
fn hostile_values_stay_values() {
    let pages: BTreeMap<String, String> = all_pages().into_iter().collect();
    for page in [
        "consent-hostile",
        "grant-consent-hostile",
        "lint-hostile",
        "namedrop-zones-hostile",
        "playground-hostile",
        "webhooks-hostile",
    ] {
        let html = &pages[page];
        assert!(html.contains("&#60;script&#62;"), "the values are there");
        // What somebody pasted stands in its field as it is, in a box of its own.
        let (mut seen, mut rest) = (String::new(), html.as_str());
        while let Some((before, after)) = rest.split_once("<textarea") {
            seen.push_str(before);
            rest = after.split_once("</textarea>").unwrap().1;
        }
        seen.push_str(rest);
        for dangerous in ["<script", "<b>", "\u{202e}", "\" onload"] {
            assert!(!seen.contains(dangerous), "{page}: {dangerous:?}");
        }
        assert!(!html.contains("<script"), "{page}");
    }
}

/// Text reaches the contrast of WCAG 2.2 level AA on every ground that it stands on.
#[test]
fn colours_have_enough_contrast() {
    let colours = colours();
    let (_, listed) = assets::STYLE.split_once("/* contrast:").unwrap();
    let (listed, _) = listed.split_once("*/").unwrap();
    let mut checked = 0;
    for pair in listed.split_whitespace() {
        let (text, ground) = pair.split_once('/').unwrap();
        for (scheme, which) in [("light", 0), ("dark", 1)] {
            let ratio = contrast(colours[text][which], colours[ground][which]);
            assert!(ratio >= 4.5, "{text} on {ground}, {scheme}: {ratio:.2}");
            checked += 1;
        }
    }
    assert!(checked > 40, "the list is read");
}

//------------ Tags ------------------------------------------------------------------------------

/// A start tag.
struct Tag {
    name: String,
    attributes: BTreeMap<String, String>,
}

/// Reads the tags of a page as strictly as XML would: quoted attributes, each element closed where
/// it was opened. Elements that HTML leaves empty are known.
fn check_tags(html: &str) -> Result<Vec<Tag>, String> {
    const EMPTY: [&str; 7] = ["meta", "link", "img", "input", "br", "hr", "wbr"];
    let rest = html.strip_prefix("<!doctype html>").ok_or("no doctype")?;
    let (mut tags, mut open): (Vec<Tag>, Vec<String>) = (Vec::new(), Vec::new());
    let mut parts = rest.split('<');
    let _ = parts.next();
    for part in parts {
        let end = end_of_tag(part).ok_or_else(|| format!("`<` without `>` in {part:?}"))?;
        let inside = &part[..end];
        if let Some(name) = inside.strip_prefix('/') {
            match open.pop() {
                Some(opened) if opened == name => continue,
                opened => return Err(format!("</{name}> closes {opened:?}")),
            }
        }
        let tag = read_tag(inside)?;
        if !EMPTY.contains(&tag.name.as_str()) {
            open.push(tag.name.clone());
        }
        tags.push(tag);
    }
    if open.is_empty() {
        Ok(tags)
    } else {
        Err(format!("never closed: {open:?}"))
    }
}

fn end_of_tag(part: &str) -> Option<usize> {
    let mut is_quoted = false;
    part.find(|character| {
        is_quoted ^= character == '"';
        character == '>' && !is_quoted
    })
}

fn read_tag(inside: &str) -> Result<Tag, String> {
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    while !rest.trim().is_empty() {
        rest = rest.trim_start();
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let (key, after) = rest.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(quoted) => quoted.split_once('"').ok_or("a quote is not closed")?,
            None if after.starts_with('=') => return Err(format!("{key} is not quoted")),
            None => ("", after),
        };
        if attributes
            .insert(key.to_owned(), value.to_owned())
            .is_some()
        {
            return Err(format!("{key} stands twice in <{inside}>"));
        }
        rest = after;
    }
    Ok(Tag {
        name: name.to_owned(),
        attributes,
    })
}

/// Ids are there once, and everything that refers to one finds it.
fn check_ids(page: &str, tags: &[Tag]) {
    let mut ids = BTreeSet::new();
    for id in tags.iter().filter_map(|tag| tag.attributes.get("id")) {
        assert!(ids.insert(id.as_str()), "{page}: the id {id} stands twice");
    }
    for tag in tags {
        for key in ["for", "aria-labelledby", "aria-describedby"] {
            if let Some(id) = tag.attributes.get(key) {
                assert!(
                    ids.contains(id.as_str()),
                    "{page}: {key}={id} leads nowhere"
                );
            }
        }
        if let Some(id) = tag
            .attributes
            .get("href")
            .and_then(|href| href.strip_prefix('#'))
        {
            assert!(ids.contains(id), "{page}: #{id} leads nowhere");
        }
    }
}

/// Nothing that the content security policy would block, and nothing from another server.
fn check_policy(page: &str, tags: &[Tag]) {
    for tag in tags {
        let name = tag.name.as_str();
        assert!(
            !["style", "iframe", "object", "base"].contains(&name),
            "{page}: <{name}>"
        );
        if name == "script" {
            // The policy of other pages stops every script.
            assert!(["done", "declined"].contains(&page), "{page}");
            let source = tag.attributes.get("src").map(String::as_str);
            assert_eq!(source, Some(assets::CLOSE_SCRIPT_PATH), "{page}");
        }
        for (key, value) in &tag.attributes {
            assert!(
                key != "style" && !key.starts_with("on"),
                "{page}: {key} in <{name}>"
            );
            let is_loaded = key == "src" || (name == "link" && key == "href") || key == "action";
            assert!(
                !is_loaded || value.starts_with('/'),
                "{page}: {key}={value} is elsewhere"
            );
        }
    }
}

/// Every field that can be seen has a label.
fn check_labels(page: &str, tags: &[Tag]) {
    let labelled: BTreeSet<&String> = tags
        .iter()
        .filter(|tag| tag.name == "label")
        .filter_map(|tag| tag.attributes.get("for"))
        .collect();
    for tag in tags
        .iter()
        .filter(|tag| ["input", "select"].contains(&tag.name.as_str()))
    {
        let is_hidden = tag
            .attributes
            .get("type")
            .is_some_and(|kind| kind == "hidden");
        let has_label = tag
            .attributes
            .get("id")
            .is_some_and(|id| labelled.contains(id));
        assert!(
            is_hidden || has_label || tag.attributes.contains_key("aria-label"),
            "{page}: a field without a label: {:?}",
            tag.attributes
        );
    }
}

//------------ Colours ---------------------------------------------------------------------------

type Colour = [u8; 3];

/// The colours of the style sheet, each in light and dark.
fn colours() -> BTreeMap<String, [Colour; 2]> {
    assets::STYLE
        .lines()
        .filter_map(|line| {
            let (name, value) = line
                .trim()
                .strip_prefix("--")?
                .split_once(": light-dark(")?;
            let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
            Some((name.to_owned(), [colour(light), colour(dark)]))
        })
        .collect()
}

fn colour(text: &str) -> Colour {
    let number = u32::from_str_radix(text.trim_start_matches('#'), 16).unwrap();
    let [_, colour @ ..] = number.to_be_bytes();
    colour
}

/// The contrast ratio of WCAG 2.2.
fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(colour: Colour) -> f64 {
    let [red, green, blue] = colour.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}
