//! The files that pages refer to, as part of the program.

/// The address of the style sheet.
pub const STYLE_PATH: &str = "/assets/easement.css";
/// The style sheet (`text/css`).
pub const STYLE: &str = include_str!("../../../assets/easement.css");
/// The address of the mark, which is the icon too.
pub const MARK_PATH: &str = "/assets/easement.svg";
/// The mark (`image/svg+xml`).
pub const MARK: &str = include_str!("../../../assets/easement.svg");
/// The address of the script that closes a window at the end.
pub const CLOSE_SCRIPT_PATH: &str = "/assets/close.js";
/// The script itself.
pub const CLOSE_SCRIPT: &str = include_str!("../../../assets/close.js");
/// The address of the style sheet of the demo's service provider, on its own origin.
pub const DEMO_STYLE_PATH: &str = "/demo.css";
/// The style sheet of the demo's service provider (`text/css`).
pub const DEMO_STYLE: &str = include_str!("../../../assets/demo.css");
/// The address of the script of the app that the demo plays: somebody else's page, with what such pages do.
pub const DEMO_APP_SCRIPT_PATH: &str = "/app.js";
/// The script itself.
pub const DEMO_APP_SCRIPT: &str = include_str!("../../../assets/demo_app.js");
