//! The field that binds a form to the plan that was shown with it.

use domain_connect::Plan;

use super::views::HiddenField;
use crate::http::Fields;

const FIELD: &str = "plan";

/// What the form carries.
pub(crate) fn hidden(plan: &Plan) -> HiddenField {
    HiddenField {
        name: FIELD.to_owned(),
        value: plan.digest().to_string(),
    }
}

/// Whether this plan is the one that was shown.
pub(crate) fn is_the_shown(plan: &Plan, form: &Fields) -> bool {
    form.text(FIELD) == plan.digest().to_string()
}
