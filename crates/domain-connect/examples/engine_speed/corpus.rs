//! The jobs of the public templates, and carrying them out.

use std::collections::BTreeSet;
use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use domain_connect::lint::{LintOptions, lint};
use domain_connect::{
    ApexAliases, Application, AppliedService, Authenticity, Capabilities, Plan, PlanError, Policy,
    Template, Variables, WebRedirects, plan_application,
};
use easement_zone::{Host, Ttl, Zone};

use crate::values;

/// A template to apply.
pub(crate) struct Job {
    pub(crate) text: String,
    pub(crate) template: Template,
    pub(crate) host: Host,
    pub(crate) variables: Variables,
}

/// What is measured on its own.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    /// From the text to a template that can be applied.
    Read,
    /// From the text to a template and what is to be said about it.
    Check,
    /// From the template and a zone to the zone after it.
    Apply,
    /// From the text and a zone to the zone after it.
    All,
}

impl Stage {
    pub(crate) const ALL: [Self; 4] = [Self::Read, Self::Check, Self::Apply, Self::All];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Check => "check",
            Self::Apply => "apply",
            Self::All => "all",
        }
    }
}

/// Where jobs are carried out.
pub(crate) struct World {
    pub(crate) zone: Zone,
    pub(crate) services: Vec<AppliedService>,
    policy: Policy,
    options: LintOptions,
}

/// Each template of a folder, at the apex and at a host, with values that suit.
pub(crate) fn jobs(folder: &Path) -> Result<Vec<Job>, Box<dyn Error>> {
    let mut jobs = Vec::new();
    let mut paths = std::fs::read_dir(folder)
        .map_err(|error| format!("{}: {error}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    for path in paths {
        let text = std::fs::read_to_string(&path)?;
        for host in ["@", "app"] {
            jobs.push(Job::new(&text, host)?);
        }
    }
    Ok(jobs)
}

impl Job {
    pub(crate) fn new(text: &str, host: &str) -> Result<Self, Box<dyn Error>> {
        let (template, _notes) = Template::from_json(text)?;
        Ok(Self {
            text: text.to_owned(),
            variables: values::variables(&template),
            template,
            host: host.parse()?,
        })
    }
}

impl World {
    pub(crate) fn new(zone: Zone) -> Self {
        Self {
            zone,
            services: Vec::new(),
            policy: Policy {
                capabilities: Capabilities {
                    apex_alias: ApexAliases::Supported,
                    redirects: WebRedirects::Supported {
                        addresses: vec![std::net::Ipv4Addr::new(192, 0, 2, 80).into()],
                        ttl: Ttl::HOUR,
                    },
                },
                ..Policy::default()
            },
            options: LintOptions::default(),
        }
    }

    /// The places of the jobs that can be carried out.
    pub(crate) fn possible(&self, jobs: &[Job]) -> Vec<usize> {
        let places = jobs.iter().enumerate();
        places
            .filter(|(_, job)| self.plan(job, &job.template).is_ok())
            .map(|(place, _)| place)
            .collect()
    }

    /// The seconds that a stage of all jobs takes, so many times.
    pub(crate) fn run(&self, jobs: &[&Job], stage: Stage, times: u32) -> f64 {
        let began = Instant::now();
        for _ in 0..times {
            for job in jobs {
                self.carry_out(job, stage);
            }
        }
        began.elapsed().as_secs_f64()
    }

    fn carry_out(&self, job: &Job, stage: Stage) {
        let check = || lint(&job.text, &self.options);
        match stage {
            Stage::Read => drop(black_box(Template::from_json(&job.text))),
            Stage::Check => drop(black_box(check())),
            Stage::Apply => self.apply(job, &job.template),
            Stage::All => {
                if let Some(template) = check().template {
                    self.apply(job, &template);
                }
            }
        }
    }

    fn apply(&self, job: &Job, template: &Template) {
        let after = self
            .plan(job, template)
            .map(|plan| self.zone.apply(&plan.changes));
        drop(black_box(after));
    }

    pub(crate) fn plan(&self, job: &Job, template: &Template) -> Result<Plan, PlanError> {
        plan_application(&Application {
            zone: &self.zone,
            services: &self.services,
            special: &[],
            template,
            host: &job.host,
            groups: &BTreeSet::new(),
            instance: None,
            variables: &job.variables,
            authenticity: Authenticity::Signed,
            policy: &self.policy,
        })
    }
}
