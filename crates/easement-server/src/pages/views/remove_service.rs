//! Asking a person whether a connected service is to be removed.

use askama::Template;

use super::filters;
use super::plan::PlanView;
use super::shell::{HiddenField, Shell};
use super::show::{ShownName, ShownTime};

/// The page before a service is removed. Posts the hidden fields.
#[derive(Clone, Debug, Template)]
#[template(path = "remove_service.html")]
pub struct RemoveServicePage {
    /// What stands around it.
    pub shell: Shell,
    /// The zone.
    pub zone: ShownName,
    /// The address of the zone's page.
    pub zone_href: String,
    /// The full name of the host, when it is not the apex.
    pub host: Option<ShownName>,
    /// The service's names.
    pub title: String,
    /// When it was connected.
    pub connected: ShownTime,
    /// What would change.
    pub plan: PlanView,
    /// How this page came about.
    pub state: RemovalState,
    /// Where the form is posted.
    pub action: String,
    /// What the form carries: which plan was shown.
    pub hidden: Vec<HiddenField>,
}

/// How the page came about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RemovalState {
    /// The question is asked for the first time.
    First,
    /// The zone changed after the question was asked, and this is the plan for it now.
    ZoneChanged,
}

impl RemoveServicePage {
    fn is_changed(&self) -> bool {
        self.state == RemovalState::ZoneChanged
    }
}

#[cfg(test)]
impl RemoveServicePage {
    pub(crate) fn sample() -> Self {
        use super::samples::{site_removal, time_ago, zone};
        let zone = zone();
        Self {
            shell: Shell::sample().in_section(super::Section::Zones),
            zone: ShownName::new(zone.apex()),
            zone_href: super::paths::zone(zone.apex()),
            host: None,
            title: "Harbour Sites".to_owned(),
            connected: time_ago(86_400 * 21),
            plan: PlanView::new(&zone, &site_removal(&zone)),
            state: RemovalState::First,
            action: "/zones/example.test/services/3/remove".to_owned(),
            hidden: vec![HiddenField {
                name: "plan".to_owned(),
                value: "41-9f2c".to_owned(),
            }],
        }
    }
}
