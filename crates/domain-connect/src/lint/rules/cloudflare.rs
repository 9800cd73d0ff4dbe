//! What Cloudflare does differently, as the public collection's linter knows it.

use crate::lint::Code;
use crate::lint::document::{Document, RecordView};
use crate::lint::report::Findings;

pub(super) fn check(document: &Document<'_>, records: &[RecordView<'_>], findings: &mut Findings) {
    let properties = [
        (
            Code::CfSyncBlock,
            "syncBlock",
            document.is_true("syncBlock"),
        ),
        (
            Code::CfServiceName,
            "sharedServiceName",
            document.is_true("sharedServiceName"),
        ),
        (
            Code::CfRedirect,
            "syncRedirectDomain",
            document.filled("syncRedirectDomain").is_some(),
        ),
        (
            Code::CfInstances,
            "multiInstance",
            document.is_true("multiInstance"),
        ),
        (
            Code::CfPhishing,
            "warnPhishing",
            document.is_true("warnPhishing"),
        ),
        (
            Code::CfHost,
            "hostRequired",
            document.is_true("hostRequired"),
        ),
        (
            Code::CfUnsigned,
            "syncPubKeyDomain",
            document.filled("syncPubKeyDomain").is_none(),
        ),
    ];
    for (code, property, applies) in properties {
        if applies {
            findings.add(code, document.place(property), code.title().to_owned());
        }
    }
    for record in records {
        check_record(record, findings);
    }
}

fn check_record(record: &RecordView<'_>, findings: &mut Findings) {
    let rtype = record.rtype();
    let fields = [
        (
            Code::CfFlattening,
            "host",
            rtype == "CNAME" && record.is_at_apex(),
        ),
        (
            Code::CfConflict,
            "txtConflictMatchingMode",
            record.text("txtConflictMatchingMode").is_some(),
        ),
        (Code::CfApexAlias, "type", rtype == "APEXCNAME"),
        (Code::CfZeroTtl, "ttl", record.scalar("ttl") == Some("0")),
        (
            Code::CfEssential,
            "essential",
            record.text("essential").is_some(),
        ),
    ];
    for (code, field, applies) in fields {
        if applies {
            findings.add(code, record.place(field), code.title().to_owned());
        }
    }
}
