//! Everything that somebody who decides about a template wants to know.

use domain_connect::lint::{LintOptions, Severity, lint};
use domain_connect::vetting::{Care, Names, Verdict, Widening, confusables, statements, widenings};
use domain_connect::{ProviderId, ServiceId, Template};
use easement_core::{
    Actor, TemplateDecision, TemplateEntry, TemplateStatus, TemplateUse, Timestamp,
};
use easement_store::{StoreError, TemplateChoice};
use serde::{Deserialize, Serialize};

use super::Registry;
use crate::admin::TemplateLine;

/// How many uses are named.
const MAX_USES: u32 = 50;

/// What is known about one text of a template.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct TemplateReview {
    /// The text in short.
    pub line: TemplateLine,
    /// What it does, in plain words.
    pub statements: Vec<StatementLine>,
    /// What the linter finds.
    pub findings: Vec<FindingLine>,
    /// What it may do that the approved text may not; nothing when no other text is approved.
    pub widenings: Option<Vec<String>>,
    /// Names that it could be taken for.
    pub confusables: Vec<String>,
    /// Whether control of its key domain was proven.
    pub control: Option<ControlLine>,
    /// How to reach whoever handed it in.
    pub submitted_by: Vec<String>,
    /// Why the rules leave it to a person.
    pub left_to_people: Vec<String>,
    /// What was decided about this template, the newest first.
    pub decisions: Vec<DecisionLine>,
    /// In how many places it is applied.
    pub uses: u64,
    /// Some of those places.
    pub used_in: Vec<TemplateUse>,
    /// Its text.
    pub json: String,
    /// The text that is approved, when it is another one.
    pub approved_json: Option<String>,
}

/// One thing that a template does.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct StatementLine {
    /// usual, unusual or dangerous.
    pub care: String,
    /// The sentence.
    pub text: String,
    /// The records that do it, counted from one.
    pub records: Vec<usize>,
}

/// One finding of the linter.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct FindingLine {
    /// Its code.
    pub code: String,
    /// info, warning or error.
    pub severity: String,
    /// The line, counted from one.
    pub line: usize,
    /// The column, counted from one.
    pub column: usize,
    /// What was found.
    pub message: String,
}

/// Whether control of a key domain was proven.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ControlLine {
    /// Where the proof is published.
    pub name: String,
    /// The text of the record.
    pub text: String,
    /// Whether it was seen, and not too long ago.
    pub is_proven: bool,
    /// When it was seen.
    pub proven_at: Option<Timestamp>,
}

/// One decision.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct DecisionLine {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: String,
    /// What the text became.
    pub status: TemplateStatus,
    /// Why.
    pub reason: String,
    /// Whether it was about this very text.
    pub is_this_text: bool,
}

impl Registry {
    /// Gathers everything about a text.
    pub(crate) async fn review(&self, entry: &TemplateEntry) -> Result<TemplateReview, StoreError> {
        let (provider, service) = (&entry.provider, &entry.service);
        let template = Template::from_json(&entry.json).ok();
        let template = template.map(|(template, _notes)| template);
        let approved = self
            .store
            .find_template(provider, service, TemplateChoice::Approved)
            .await?
            .filter(|approved| approved.id != entry.id);
        let approved_template = approved
            .as_ref()
            .and_then(|approved| Template::from_json(&approved.json).ok());
        let submissions = self.store.submissions_of(entry.id).await?;
        let decisions = self.store.template_decisions(provider, service).await?;
        let mut review = TemplateReview {
            line: line(entry),
            statements: Vec::new(),
            findings: findings(&entry.json),
            widenings: None,
            confusables: Vec::new(),
            control: None,
            submitted_by: submissions
                .iter()
                .map(|one| one.contact.to_string())
                .collect(),
            left_to_people: Vec::new(),
            decisions: decisions
                .iter()
                .map(|one| decision_line(one, entry))
                .collect(),
            uses: self.store.count_template_uses(provider, service).await?,
            used_in: self
                .store
                .template_uses(provider, service, MAX_USES)
                .await?,
            json: entry.json.clone(),
            approved_json: approved.map(|approved| approved.json),
        };
        if let Some(template) = &template {
            let before = approved_template
                .as_ref()
                .map(|(template, _notes)| template);
            self.judge(template, before, &mut review).await?;
        }
        Ok(review)
    }

    async fn judge(
        &self,
        template: &Template,
        approved: Option<&Template>,
        review: &mut TemplateReview,
    ) -> Result<(), StoreError> {
        review.statements = statements(template)
            .iter()
            .map(|statement| StatementLine {
                care: care_word(statement.care()).to_owned(),
                text: statement.to_string(),
                records: statement.records.clone(),
            })
            .collect();
        review.widenings = approved.map(|approved| {
            let found = widenings(approved, template);
            found
                .iter()
                .map(|widening| in_full(widening, template))
                .collect()
        });
        let known = self.known_names().await?;
        let found = confusables(&Names::of(template), &known);
        review.confusables = found.iter().map(ToString::to_string).collect();
        review.control = self.control_line(template).await?;
        if let Verdict::Review { because } = self.verdict(template, &known).await? {
            review.left_to_people = because.iter().map(ToString::to_string).collect();
        }
        Ok(())
    }

    /// The names of everything that is offered.
    pub(super) async fn known_names(&self) -> Result<Vec<Names>, StoreError> {
        let entries = self.store.templates().await?;
        let offered = entries
            .iter()
            .filter(|entry| entry.status == TemplateStatus::Approved);
        Ok(offered
            .filter_map(|entry| Template::from_json(&entry.json).ok())
            .map(|(template, _notes)| Names::of(&template))
            .collect())
    }

    /// The newest text of a template.
    pub(crate) async fn newest(
        &self,
        provider: &ProviderId,
        service: &ServiceId,
    ) -> Result<Option<TemplateEntry>, StoreError> {
        let newest = TemplateChoice::Newest;
        self.store.find_template(provider, service, newest).await
    }
}

/// A widening, and what the record does.
fn in_full(widening: &Widening, template: &Template) -> String {
    let statements = widening.statements(template);
    let mut text = widening.to_string();
    for statement in statements {
        text.push(' ');
        text.push_str(&statement.to_string());
    }
    text
}

fn care_word(care: Care) -> &'static str {
    match care {
        Care::Usual => "usual",
        Care::Unusual => "unusual",
        Care::Dangerous => "dangerous",
    }
}

pub(super) fn findings(json: &str) -> Vec<FindingLine> {
    let report = lint(json, &LintOptions::default());
    let mut findings = report.findings;
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let lines = findings.into_iter().map(|finding| FindingLine {
        code: finding.code.to_string(),
        severity: finding.severity.to_string(),
        line: finding.place.line,
        column: finding.place.column,
        message: finding.message,
    });
    lines.collect()
}

/// How many errors the linter finds.
pub(super) fn lint_errors(template: &Template) -> usize {
    lint(template.json(), &LintOptions::default()).count(Severity::Error)
}

fn decision_line(decision: &TemplateDecision, entry: &TemplateEntry) -> DecisionLine {
    let who = match (decision.actor, &decision.actor_email) {
        (Actor::Account(_), Some(email)) => email.to_string(),
        (Actor::Account(_), None) => "an account that is gone".to_owned(),
        (Actor::ApiToken(_), _) => "an API token".to_owned(),
        (Actor::Grant(_), _) => "a program with access".to_owned(),
        (Actor::Console, _) => "the command line".to_owned(),
        (Actor::Rules, _) => "the rules of the configuration".to_owned(),
        (Actor::Server, _) => "this server".to_owned(),
    };
    DecisionLine {
        at: decision.at,
        who,
        status: decision.status,
        reason: decision.reason.clone(),
        is_this_text: decision.template == entry.id,
    }
}

/// A text in short.
pub(crate) fn line(entry: &TemplateEntry) -> TemplateLine {
    match Template::from_json(&entry.json) {
        Ok((template, _notes)) => TemplateLine::of(&template, entry.status, entry.imported_at),
        Err(_) => TemplateLine {
            provider: entry.provider.to_string(),
            service: entry.service.to_string(),
            title: String::new(),
            version: entry.version,
            checksum: entry.checksum.clone(),
            status: entry.status,
            signed_by: None,
            imported_at: entry.imported_at,
            unsupported: Vec::new(),
        },
    }
}

/// A template that may do more than the approved one, for pages.
#[cfg(test)]
pub(crate) fn sample_review() -> TemplateReview {
    let json = r#"{"providerId": "harbour.example", "providerName": "Harbour", "serviceId": "site",
        "serviceName": "Sites", "version": 5, "syncPubKeyDomain": "harbour.example", "records": [
        {"type": "A", "host": "@", "pointsTo": "%ip%", "ttl": 600},
        {"type": "CNAME", "host": "_acme-challenge", "pointsTo": "c.harbour.example", "ttl": 600},
        {"type": "REDIR301", "host": "www", "target": "https://harbour.example/", "groupId": "www"},
        {"type": "A", "host": "shop", "pointsTo": "192.0.2.9", "ttl": 600, "groupId": "shop"}]}"#;
    let approved = json.replace("%ip%", "192.0.2.9");
    let read = |text: &str| Template::from_json(text).unwrap().0;
    let (template, before) = (read(json), read(&approved));
    let all = statements(&template);
    let statements = all.iter().map(|statement| StatementLine {
        care: care_word(statement.care()).to_owned(),
        text: statement.to_string(),
        records: statement.records.clone(),
    });
    let wider = widenings(&before, &template);
    TemplateReview {
        line: TemplateLine::of(&template, TemplateStatus::Pending, Timestamp::from_micros(0)),
        statements: statements.collect(),
        findings: findings(json),
        widenings: Some(wider.iter().map(|one| in_full(one, &template)).collect()),
        confusables: vec![
            "The service provider's name \"Harbour\" could be taken for \"Harb0ur\", of other.example."
                .to_owned(),
        ],
        control: Some(ControlLine {
            name: "_easement-proof.harbour.example".to_owned(),
            text: "easement-proof=nWbGJZgAdd1EXAMPLE".to_owned(),
            is_proven: false,
            proven_at: None,
        }),
        submitted_by: vec!["dev@harbour.example".to_owned()],
        left_to_people: vec!["no rule of the configuration approves templates".to_owned()],
        decisions: Vec::new(),
        uses: 1,
        used_in: vec![TemplateUse {
            apex: "example.test".parse().unwrap(),
            host: "www".to_owned(),
        }],
        json: json.to_owned(),
        approved_json: Some(approved),
    }
}
