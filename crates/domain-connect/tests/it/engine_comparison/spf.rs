//! Comparing the SPF records of a name.

use std::collections::{BTreeMap, BTreeSet};

use domain_connect::{AllTerm, Qualifier, SpfRecord, Term, TermKey};

use super::class::Class;

/// How the SPF records of a name differ; nothing when they differ in a way that has no class.
pub(super) fn classes(theirs: &[String], ours: &[String]) -> Option<BTreeSet<Class>> {
    let [ours] = ours else { return None };
    let ours = SpfRecord::parse(ours).ok()?;
    let theirs: Vec<SpfRecord> = theirs
        .iter()
        .map(|text| SpfRecord::parse(text).ok())
        .collect::<Option<_>>()?;
    let terms = || theirs.iter().flat_map(|record| &record.terms);
    let softest = theirs.iter().map(|record| softened(record.all)).min()?;
    if softest_terms(terms()) != softest_terms(&ours.terms) || ours.all != AllTerm::Present(softest)
    {
        return None;
    }
    let [theirs] = theirs.as_slice() else {
        return Some(BTreeSet::from([Class::SpfSeveral]));
    };
    let differences = [
        (Class::SpfRepeated, theirs.terms.len() > ours.terms.len()),
        (Class::SpfOrder, order(&theirs.terms) != order(&ours.terms)),
        (Class::SpfAll, theirs.all != ours.all),
    ];
    let found = differences.into_iter().filter(|(_, differs)| *differs);
    Some(found.map(|(class, _)| class).collect())
}

/// Each term with the least strict of its qualifiers.
fn softest_terms<'a>(
    terms: impl IntoIterator<Item = &'a Term>,
) -> BTreeMap<TermKey, Option<Qualifier>> {
    let mut softest = BTreeMap::new();
    for term in terms {
        let known = softest.entry(term.key()).or_insert(term.qualifier);
        *known = term.qualifier.min(*known);
    }
    softest
}

/// The terms in their order, each once.
fn order(terms: &[Term]) -> Vec<TermKey> {
    let mut order = Vec::new();
    for key in terms.iter().map(Term::key) {
        if !order.contains(&key) {
            order.push(key);
        }
    }
    order
}

/// The closing term that merging leaves (draft-05 section 9.4).
fn softened(all: AllTerm) -> Qualifier {
    match all {
        AllTerm::Present(qualifier) => qualifier.min(Qualifier::SoftFail),
        AllTerm::Absent => Qualifier::SoftFail,
    }
}
