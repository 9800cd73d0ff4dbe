//! What to try, in the order in which a newcomer would.

use super::{Demo, NEIGHBOUR, OWNER, Wish};

pub(super) fn write(demo: &Demo, program: &str, partner_url: Option<&str>) -> String {
    let dns = demo.app.dns_addresses().first();
    let dig = dns.map_or_else(String::new, |address| {
        format!("dig @{} -p {}", address.ip(), address.port())
    });
    let (website, web) = (demo.website_url(), demo.app.public_url());
    let (password, other) = (demo.owner_password(), demo.neighbour_password());
    let changed = changed_link(demo);
    let partner = partner_url.map(partner_step).unwrap_or_default();
    format!(
        "\
Easement demo. Everything is on this machine; the data is in {folder}

1. See where the mail of example.test goes now:
     {dig} example.test MX +short
2. Open the page of some service providers, and choose Fernmail:
     {website}
3. Sign in to Easement as the owner of example.test:
     {OWNER}   password: {password}
4. Read what would change, and agree. You come back to the service provider. Now ask DNS again:
     {dig} example.test MX +short
     {dig} example.test TXT +short
5. See the records, the connected service (and remove it), and the history:
     {web}/zones/example.test
6. Somebody else's zone is out of reach; sign out, and sign in as its owner to see it:
     {web}/zones/neighbour.test
     {NEIGHBOUR}   password: {other}
7. The command line works while the demo runs:
     {program} zone show example.test --set store.data_dir={folder}
8. Try a template out on a sample zone, and let a link be explained that was changed after signing;
   this needs no account here:
     {web}/tools/playground?template=fernmail.test/business
     {web}/tools/signature?link={changed}
{partner}{app_step}. Give a name of example.test to an app that nobody registered; it sets an address there:
     {website}app
     {dig} notes.example.test A +short

`dig` is in Debian's package bind9-dnsutils.
Ctrl-C stops the demo. Starting it again goes on where it was; with --reset it starts over.
",
        folder = demo.folder.path().display(),
        app_step = if partner_url.is_some() { 10 } else { 9 },
    )
}

fn partner_step(url: &str) -> String {
    format!(
        "\
9. Be a customer of the example service, which finds this DNS provider as any other: a website at a name
   of example.test, by a link with a signature or without, or with permission that lasts:
     {url}?domain=example.test&host=hello
"
    )
}

/// A link whose domain was changed after it was signed, as a part of an address.
fn changed_link(demo: &Demo) -> String {
    let wish = Wish {
        provider: "fernmail.test",
        service: "business",
        domain: "example.test",
        parameters: &[("tenant", "t-2038")],
    };
    let link = demo.service_provider().link(&wish).unwrap_or_default();
    let changed = link.replace("domain=example.test", "domain=other.test");
    url::form_urlencoded::byte_serialize(changed.as_bytes()).collect()
}
