//! What the samples of the pages are made of, and all pages with sample data.

mod history;

use askama::Template;
use easement_core::Timestamp;
use easement_zone::{
    ChangeSet, Name, RecordData, RecordSet, RecordType, Serial, Soa, Ttl, Zone, ZoneBuilder,
};

pub(crate) use self::history::{
    commit_entries, commit_of_app, commits, fernmail_plan, other_group_plan, service_entries,
    services,
};

use super::*;

/// A template with a mistake, and something that can be mended.
const UNTIDY: &str = r#"{"providerId": "p.example", "providerName": "P", "serviceId": "s",
    "serviceName": "S", "version": 1, "syncBlock": true, "records": [
    {"type": "A", "host": "@", "pointsTo": "2001:db8::1", "ttl": "600"}]}"#;

/// Every page with sample data, by the name of its snapshot.
pub(crate) fn all_pages() -> Vec<(String, String)> {
    let mut pages: Vec<(&str, String)> = vec![
        ("account", render(&AccountPage::sample())),
        ("account-problem", render(&AccountPage::sample_problem())),
        ("api-reference", render(&ApiReferencePage::sample())),
        ("choose-password", render(&ChoosePasswordPage::sample())),
        (
            "choose-password-problem",
            render(&ChoosePasswordPage::sample_problem()),
        ),
        ("commit", render(&CommitPage::sample())),
        ("delete-account", render(&DeleteAccountPage::sample())),
        ("hosts", render(&HostsPage::sample())),
        ("host", render(&HostPage::sample())),
        ("consent", render(&ConsentPage::sample())),
        (
            "consent-connected",
            render(&ConsentPage::sample_connected()),
        ),
        ("consent-hostile", render(&ConsentPage::sample_hostile())),
        (
            "consent-other-group",
            render(&ConsentPage::sample_other_group()),
        ),
        ("consent-unsigned", render(&ConsentPage::sample_unsigned())),
        ("declined", render(&DeclinedPage::sample())),
        ("demo", render(&DemoPage::sample())),
        ("demo-connected", render(&DemoPage::sample_connected())),
        ("demo-refused", render(&DemoPage::sample_refused())),
        ("done", render(&DonePage::sample())),
        ("remove-service", render(&RemoveServicePage::sample())),
        ("sign-in", render(&SignInPage::sample())),
        ("sign-in-failed", render(&SignInPage::sample_failed())),
        ("sign-in-throttled", render(&SignInPage::sample_throttled())),
        ("submission", render(&SubmissionPage::sample())),
        ("submit-template", render(&SubmitTemplatePage::sample())),
        (
            "submit-template-problem",
            render(&SubmitTemplatePage::sample_problem()),
        ),
        ("template-review", render(&TemplateReviewPage::sample())),
        (
            "template-review-first",
            render(&TemplateReviewPage::sample_first()),
        ),
        (
            "template-review-problem",
            render(&TemplateReviewPage::sample_problem()),
        ),
        ("templates", render(&TemplatesPage::sample())),
        ("zone", render(&ZonePage::sample())),
        (
            "zone-nothing-found",
            render(&ZonePage::sample_nothing_found()),
        ),
        ("zones", render(&ZonesPage::sample())),
        ("zones-empty", render(&ZonesPage::sample_empty())),
    ];
    pages.extend(
        [
            people_pages(),
            tool_pages(),
            client_pages(),
            grant_pages(),
            namedrop_pages(),
        ]
        .concat(),
    );
    pages.extend(token_pages());
    pages.extend(webhook_pages());
    pages.extend(
        ErrorPage::samples()
            .into_iter()
            .map(|(name, page)| (name, render(&page))),
    );
    pages
        .into_iter()
        .map(|(name, html)| (name.to_owned(), html))
        .collect()
}

/// Roles, and the end of an account.
fn people_pages() -> Vec<(&'static str, String)> {
    vec![
        ("people", render(&PeoplePage::sample())),
        ("people-problem", render(&PeoplePage::sample_problem())),
        ("person", render(&PersonPage::sample())),
        ("person-problem", render(&PersonPage::sample_problem())),
        (
            "person-last-owner",
            render(&PersonPage::sample_last_owner()),
        ),
        (
            "delete-account-last-operator",
            render(&DeleteAccountPage::sample_last_operator()),
        ),
        (
            "delete-account-one-zone",
            render(&DeleteAccountPage::sample_one_zone()),
        ),
    ]
}

/// The tools for everybody.
fn tool_pages() -> Vec<(&'static str, String)> {
    vec![
        ("lint", render(&LintPage::sample())),
        ("lint-code", render(&LintCodePage::sample())),
        ("lint-codes", render(&LintCodesPage::sample())),
        ("lint-findings", render(&LintPage::sample_findings(UNTIDY))),
        (
            "lint-hostile",
            render(&LintPage::sample_findings(
                "<script>\u{202e}\u{0}</textarea>",
            )),
        ),
        ("playground", render(&PlaygroundPage::sample())),
        (
            "playground-hostile",
            render(&PlaygroundPage::sample_hostile()),
        ),
        ("signature", render(&SignaturePage::sample())),
        ("signature-failed", render(&SignaturePage::sample_failed())),
        ("tools", render(&ToolsPage::sample())),
        ("tools-visitor", render(&ToolsPage::sample_visitor())),
    ]
}

/// The pages about clients of OAuth.
fn client_pages() -> Vec<(&'static str, String)> {
    vec![
        ("client", render(&ClientPage::sample())),
        ("client-delete", render(&DeleteClientPage::sample())),
        ("client-disabled", render(&ClientPage::sample_disabled())),
        ("clients", render(&ClientsPage::sample())),
        ("clients-problem", render(&ClientsPage::sample_problem())),
    ]
}

/// The pages about the standing rights of service providers.
fn grant_pages() -> Vec<(&'static str, String)> {
    vec![
        ("grant", render(&GrantPage::sample())),
        ("grant-consent", render(&GrantConsentPage::sample())),
        (
            "grant-consent-hostile",
            render(&GrantConsentPage::sample_hostile()),
        ),
        ("grant-ended", render(&GrantPage::sample_ended())),
        ("grant-of-app", render(&GrantPage::sample_of_app())),
        ("grant-revoke", render(&RevokeGrantPage::sample())),
        ("grants", render(&GrantsPage::sample())),
        ("grants-empty", render(&GrantsPage::sample_empty())),
    ]
}

/// The pages by which an app gets a name.
fn namedrop_pages() -> Vec<(&'static str, String)> {
    vec![
        ("namedrop-host", render(&NameDropHostPage::sample())),
        (
            "namedrop-host-problem",
            render(&NameDropHostPage::sample_problem()),
        ),
        ("namedrop-question", render(&NameDropQuestionPage::sample())),
        (
            "namedrop-question-led-to",
            render(&NameDropQuestionPage::sample_led_to()),
        ),
        (
            "namedrop-question-whole",
            render(&NameDropQuestionPage::sample_whole()),
        ),
        ("namedrop-zones", render(&NameDropZonesPage::sample())),
        (
            "namedrop-zones-cut",
            render(&NameDropZonesPage::sample_cut()),
        ),
        (
            "namedrop-zones-hostile",
            render(&NameDropZonesPage::sample_hostile()),
        ),
    ]
}

/// The pages about API tokens.
fn token_pages() -> Vec<(&'static str, String)> {
    vec![
        ("token", render(&TokenPage::sample())),
        ("token-ended", render(&TokenPage::sample_ended())),
        ("token-made", render(&TokenMadePage::sample())),
        ("token-new", render(&NewTokenPage::sample())),
        (
            "token-new-narrower",
            render(&NewTokenPage::sample_narrower()),
        ),
        ("token-new-problem", render(&NewTokenPage::sample_problem())),
        ("token-refused", render(&TokenPage::sample_refused())),
        ("token-revoke", render(&RevokeTokenPage::sample())),
        ("token-rotated", render(&TokenMadePage::sample_rotated())),
        ("tokens", render(&TokensPage::sample())),
        ("tokens-empty", render(&TokensPage::sample_empty())),
    ]
}

/// The pages about webhooks.
fn webhook_pages() -> Vec<(&'static str, String)> {
    vec![
        ("webhook", render(&WebhookPage::sample())),
        ("webhook-delivery", render(&DeliveryPage::sample())),
        ("webhook-new", render(&WebhookPage::sample_new())),
        ("webhook-off", render(&WebhookPage::sample_off())),
        ("webhooks", render(&WebhooksPage::sample())),
        ("webhooks-empty", render(&WebhooksPage::sample_empty())),
        ("webhooks-hostile", render(&WebhooksPage::sample_problem())),
    ]
}

fn render(page: &impl Template) -> String {
    page.render().unwrap()
}

//------------ Zones and changes -----------------------------------------------------------------

pub(crate) fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// A moment before the one that all samples are seen at.
pub(crate) fn time_ago(seconds: i64) -> ShownTime {
    ShownTime::new(moment_ago(seconds), moment_ago(0))
}

/// A moment before the one that all samples are seen at, as a value.
pub(crate) fn moment_ago(seconds: i64) -> Timestamp {
    Timestamp::from_micros((1_795_301_748 - seconds) * 1_000_000)
}

fn set(owner: &str, data: Vec<RecordData>) -> RecordSet {
    RecordSet::new(name(owner), Ttl::HOUR, data).unwrap()
}

fn txt(text: &str) -> RecordData {
    RecordData::txt(text.as_bytes()).unwrap()
}

fn zone_of(sets: Vec<RecordSet>) -> Zone {
    let apex = name("example.test");
    let server = name("ns1.dns.example.net");
    let soa = Soa::new(
        server.clone(),
        name("hostmaster.example.test"),
        Serial::new(2_026_112_101),
    );
    let mut builder = ZoneBuilder::new(apex.clone());
    let ns = RecordData::name(RecordType::NS, &server);
    builder
        .insert(RecordSet::single(apex.clone(), Ttl::HOUR, soa.to_data()))
        .unwrap();
    builder
        .insert(RecordSet::single(apex, Ttl::HOUR, ns))
        .unwrap();
    for set in sets {
        builder.insert(set).unwrap();
    }
    builder.finish().unwrap()
}

/// A zone with a web site, mail and a few more.
pub(crate) fn zone() -> Zone {
    zone_of(vec![
        set("example.test", vec![RecordData::a([192, 0, 2, 10].into())]),
        set(
            "example.test",
            vec![RecordData::aaaa("2001:db8::10".parse().unwrap())],
        ),
        set(
            "www.example.test",
            vec![RecordData::a([192, 0, 2, 10].into())],
        ),
        set(
            "example.test",
            vec![
                RecordData::mx(10, &name("mx1.oldhost.example")),
                RecordData::mx(20, &name("mx2.oldhost.example")),
            ],
        ),
        set(
            "example.test",
            vec![
                txt("v=spf1 include:news.example ~all"),
                txt("harbour-verification=71a0c2"),
            ],
        ),
        set(
            "_dmarc.example.test",
            vec![txt("v=DMARC1; p=none; rua=mailto:post@example.test")],
        ),
        set(
            "news._domainkey.example.test",
            vec![RecordData::name(
                RecordType::CNAME,
                &name("key.news.example"),
            )],
        ),
        set(
            "_sip._tls.example.test",
            vec![RecordData::srv(10, 60, 5061, &name("sip.example.test"))],
        ),
        set(
            "sip.example.test",
            vec![RecordData::a([192, 0, 2, 44].into())],
        ),
        set(
            "xn--bcher-kva.example.test",
            vec![RecordData::name(
                RecordType::CNAME,
                &name("shop.example.test"),
            )],
        ),
        set(
            "shop.example.test",
            vec![RecordData::a([198, 51, 100, 7].into())],
        ),
        set(
            "long._domainkey.example.test",
            vec![txt(&format!(
                "v=DKIM1; k=rsa; p={}",
                "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A".repeat(9)
            ))],
        ),
    ])
}

pub(crate) fn large_zone(hosts: usize) -> Zone {
    zone_of(
        (0..hosts)
            .map(|number| {
                set(
                    &format!("host{number}.example.test"),
                    vec![RecordData::a([192, 0, 2, 1].into())],
                )
            })
            .collect(),
    )
}

fn changes(zone: &Zone, after: Vec<RecordSet>) -> ChangeSet {
    let mut changes = ChangeSet::new();
    for set in after {
        changes.record(zone.get(set.owner(), set.rtype()), Some(set));
    }
    changes
}

/// Another mail provider: replaces MX, joins the sender policy, adds a key.
pub(crate) fn mail_change(zone: &Zone) -> ChangeSet {
    changes(
        zone,
        vec![
            set(
                "example.test",
                vec![
                    RecordData::mx(10, &name("in1.fernmail.example")),
                    RecordData::mx(20, &name("in2.fernmail.example")),
                ],
            ),
            set(
                "example.test",
                vec![
                    txt("v=spf1 include:news.example include:spf.fernmail.example ~all"),
                    txt("harbour-verification=71a0c2"),
                    txt("fernmail-domain-verification=c0ffee"),
                ],
            ),
            set(
                "fm1._domainkey.example.test",
                vec![RecordData::name(
                    RecordType::CNAME,
                    &name("fm1.example.test.dkim.fernmail.example"),
                )],
            ),
            set(
                "autoconfig.example.test",
                vec![RecordData::name(
                    RecordType::CNAME,
                    &name("autoconfig.fernmail.example"),
                )],
            ),
        ],
    )
}

/// A web site goes.
pub(crate) fn site_removal(zone: &Zone) -> ChangeSet {
    let mut changes = ChangeSet::new();
    for (owner, rtype) in [
        ("example.test", RecordType::A),
        ("www.example.test", RecordType::A),
    ] {
        changes.record(zone.get(&name(owner), rtype), None);
    }
    changes
}

/// Someone gets a right to certificates.
pub(crate) fn certificate_change() -> ChangeSet {
    let owner = "_acme-challenge.shop.example.test";
    let target = name("d41d8cd9-8f00.auth.quayside.example");
    let mut changes = ChangeSet::new();
    changes.record(
        None,
        Some(set(
            owner,
            vec![RecordData::name(RecordType::CNAME, &target)],
        )),
    );
    changes
}

/// Values that try to be more than values.
pub(crate) fn hostile_change() -> ChangeSet {
    let mut changes = ChangeSet::new();
    let values = vec![
        txt("\"><script>alert(1)</script>"),
        txt("\u{202e}evil\u{202c} <b>bold</b> & 'quotes'"),
        txt(&"A".repeat(900)),
    ];
    changes.record(None, Some(set("\\<script\\>.example.test", values)));
    changes
}
