//! One template at one host: what it may write there, and what is in its way today.

use domain_connect::foresight::{Foreseen, GrantedRecord};
use domain_connect::vetting::{Care, TemplateValue, statements};
use domain_connect::{Plan, Row, RowChange, RowReason, Template, Warning};
use easement_zone::{Host, Name, Zone};

use super::super::plan::{EndingGroup, EndingService, PlanView};
use super::super::show::ShownName;
use super::super::words::Words;
use super::agreed::takes_words;

/// One template at one host.
#[derive(Clone, Debug)]
pub struct GrantPlace {
    /// The service's name.
    pub service: String,
    /// Where.
    pub name: ShownName,
    /// The records that it may write.
    pub records: Vec<GrantedRow>,
    /// The records that are there today and would go.
    pub in_the_way: Vec<InTheWay>,
    /// Connected services that would end.
    pub ending: Vec<EndingService>,
    /// Groups of the service itself that would end.
    pub ending_groups: Vec<EndingGroup>,
    /// What deserves a second look.
    pub warnings: Vec<Words>,
    /// Whether what is in the way cannot be told yet.
    pub is_open: bool,
}

/// A record that may be written.
#[derive(Clone, Debug)]
pub struct GrantedRow {
    /// Its name.
    pub name: ShownName,
    /// Its type.
    pub rtype: String,
    /// What it says, as far as that is fixed.
    pub value: Words,
    /// Which other texts go for it.
    pub takes: Option<String>,
}

/// A record that would go.
#[derive(Clone, Debug)]
pub struct InTheWay {
    /// Its name.
    pub name: ShownName,
    /// Its type.
    pub rtype: String,
    /// What it says.
    pub value: String,
    /// Whether it is of an earlier application of the same template.
    pub is_own: bool,
}

impl GrantPlace {
    /// What may be written, without a look at the zone.
    pub fn of(
        apex: &Name,
        host: &Host,
        template: &Template,
        provider: &str,
        granted: &[GrantedRecord],
    ) -> Self {
        let name = host.below(apex);
        Self {
            service: template.service_name().to_string(),
            name: ShownName::new(name.as_ref().unwrap_or(apex)),
            records: granted
                .iter()
                .map(|record| GrantedRow::of(record, apex, provider))
                .collect(),
            in_the_way: Vec::new(),
            ending: Vec::new(),
            ending_groups: Vec::new(),
            warnings: dangers(template),
            is_open: false,
        }
    }

    /// The same, with what would happen in the zone as it is.
    #[must_use]
    pub fn with(mut self, zone: &Zone, foreseen: &Foreseen) -> Self {
        self.is_open = foreseen.plans.is_empty();
        if !self.is_open {
            // What a plan says of the same dangers names the very records.
            self.warnings.clear();
        }
        for planned in &foreseen.plans {
            self.add(zone, &planned.plan);
        }
        self
    }

    fn add(&mut self, zone: &Zone, plan: &Plan) {
        for row in plan.rows.iter().filter(|row| is_in_the_way(row)) {
            let found = InTheWay {
                name: ShownName::within(&row.owner, zone.apex()),
                rtype: row.rtype.to_string(),
                value: row
                    .before
                    .as_ref()
                    .map_or(String::new(), |text| text.data.clone()),
                is_own: row.reason == RowReason::Replaced,
            };
            let is_known = |one: &InTheWay| {
                (&one.name, &one.rtype, &one.value) == (&found.name, &found.rtype, &found.value)
            };
            // What is set again at the same place does not go.
            let is_set_again = found.is_own
                && self
                    .records
                    .iter()
                    .any(|record| (&record.name, &record.rtype) == (&found.name, &found.rtype));
            if !is_set_again && !self.in_the_way.iter().any(is_known) {
                self.in_the_way.push(found);
            }
        }
        let view = PlanView::of(zone, plan);
        for ending in view.ending {
            if !self.ending.iter().any(|one| one.title == ending.title) {
                self.ending.push(ending);
            }
        }
        for ending in view.ending_groups {
            if !self
                .ending_groups
                .iter()
                .any(|one| one.group == ending.group)
            {
                self.ending_groups.push(ending);
            }
        }
        // The service provider is known by its registration, whatever a link says.
        let warnings = plan
            .warnings
            .iter()
            .filter(|one| **one != Warning::Unsigned);
        for warning in warnings.map(|warning| Words::new(warning.to_string())) {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}

/// Whether a record that is there would have to go for the template: since it is in the way, or since it belongs to an
/// earlier application of the same template, which may have been for other names.
fn is_in_the_way(row: &Row) -> bool {
    let goes = match row.change {
        RowChange::Removed | RowChange::Changed => true,
        RowChange::Added | RowChange::TtlChanged | RowChange::Shared | RowChange::Kept => false,
    };
    goes && matches!(
        row.reason,
        RowReason::Conflict { .. }
            | RowReason::ServiceEnds { .. }
            | RowReason::GroupEnds { .. }
            | RowReason::Replaced
    )
}

/// What the records of a template do that can take over a domain, its mail or its certificates. How requests of the
/// synchronous flow are signed does not matter here.
fn dangers(template: &Template) -> Vec<Words> {
    statements(template)
        .iter()
        .filter(|statement| statement.care() == Care::Dangerous && !statement.records.is_empty())
        .map(|statement| Words::new(statement.to_string()))
        .collect()
}

impl GrantedRow {
    fn of(record: &GrantedRecord, apex: &Name, provider: &str) -> Self {
        Self {
            name: ShownName::within(&record.owner, apex),
            rtype: record.rtype.clone(),
            value: value_words(&record.values, provider),
            takes: takes_words(&record.takes),
        }
    }
}

fn value_words(values: &[TemplateValue], provider: &str) -> Words {
    if values.iter().all(TemplateValue::is_open) {
        return chosen_words(Words::default(), provider);
    }
    let text: Vec<String> = values.iter().map(ToString::to_string).collect();
    let words = Words::default().name(text.join(" "));
    if values.iter().any(TemplateValue::is_chosen) {
        chosen_words(words.plain(", where the parts between % are "), provider)
    } else {
        words
    }
}

/// "chosen by Example each time"
pub(super) fn chosen_words(words: Words, provider: &str) -> Words {
    words
        .plain("chosen by ")
        .strong(provider)
        .plain(" each time")
}
