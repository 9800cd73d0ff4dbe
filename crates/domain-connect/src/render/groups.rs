//! Which records of a template take part (draft-05 section 10.3).

use std::collections::BTreeSet;

use crate::{GroupId, Template, TemplateRecord};

/// Those of the groups that are asked for that the template has. That it lacks some of them is no reason
/// to refuse, as long as it has one: the service provider's own template may be newer.
pub(crate) fn known_groups(
    template: &Template,
    asked: &BTreeSet<GroupId>,
) -> Result<BTreeSet<GroupId>, UnknownGroup> {
    let known = template.groups();
    let both: BTreeSet<GroupId> = asked
        .iter()
        .filter(|group| known.contains(group))
        .cloned()
        .collect();
    match asked.first() {
        Some(group) if both.is_empty() => Err(UnknownGroup {
            group: group.clone(),
            known: known.into_iter().cloned().collect(),
        }),
        Some(_) | None => Ok(both),
    }
}

/// The records that take part, with their places in the template: all of them when no group is asked
/// for, otherwise those without a group and those of the groups that are asked for.
pub(crate) fn active_records<'a>(
    template: &'a Template,
    groups: &BTreeSet<GroupId>,
) -> Vec<(usize, &'a TemplateRecord)> {
    let is_active = |record: &TemplateRecord| match &record.group {
        Some(group) => groups.is_empty() || groups.contains(group),
        None => true,
    };
    template
        .records()
        .iter()
        .enumerate()
        .filter(|(_, record)| is_active(record))
        .collect()
}

/// A group that the template does not have.
///
/// ```
/// use domain_connect::UnknownGroup;
///
/// let error = UnknownGroup { group: "Web".parse()?, known: vec!["mail".parse()?, "web".parse()?] };
/// assert_eq!(error.to_string(), "the template has no group `Web`; it has mail, web");
/// # Ok::<(), domain_connect::IdError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the template has no group `{group}`; it has {}",
    if known.is_empty() { "none".to_owned() } else {
        known.iter().map(GroupId::as_str).collect::<Vec<_>>().join(", ")
    }
)]
pub struct UnknownGroup {
    /// The group.
    pub group: GroupId,
    /// The groups that the template has.
    pub known: Vec<GroupId>,
}
