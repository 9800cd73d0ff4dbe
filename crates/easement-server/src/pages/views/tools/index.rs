//! All tools.

use askama::Template;

use crate::pages::views::{Shell, paths};

/// What there is.
#[derive(Clone, Debug, Template)]
#[template(path = "tools.html")]
pub struct ToolsPage {
    /// What stands around it.
    pub shell: Shell,
}

#[cfg(test)]
impl ToolsPage {
    pub(crate) fn sample() -> Self {
        use crate::pages::views::Section;
        Self {
            shell: Shell {
                has_tools: true,
                ..Shell::sample().in_section(Section::Tools)
            },
        }
    }

    pub(crate) fn sample_visitor() -> Self {
        Self {
            shell: Shell {
                person: None,
                ..Self::sample().shell
            },
        }
    }
}
