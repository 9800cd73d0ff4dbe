"""Calls the library domain-connect: a line of JSON with a call comes in, a line with what came of it goes out."""

import base64
import json
import sys
import warnings

warnings.simplefilter("ignore")
import domainconnect

PROVIDER = "domainconnect.org"
BACK = "https://dynamicdns.domainconnect.org/ddnscode"

library = domainconnect.DomainConnect()
# The library takes a name server, and no port.
library._resolver.port = int(sys.argv[2])
library._resolver.nameservers = [sys.argv[1]]
context = None


def discover(domain):
    config = library.get_domain_config(domain)
    names = ("domain_root", "host", "urlSyncUX", "urlAsyncUX", "urlAPI", "providerName", "uxSize")
    return {name: getattr(config, name) for name in names}


def supported(domain, provider, services):
    library.check_template_supported(library.get_domain_config(domain), provider, services)


def to_pem(der):
    return f"-----BEGIN PRIVATE KEY-----\n{base64.b64encode(der).decode()}\n-----END PRIVATE KEY-----\n"


def sign(key, **request):
    octets = open(key, "rb").read()
    pem = octets.decode() if octets.startswith(b"-----") else to_pem(octets)
    return library.get_domain_connect_template_sync_url(sign=True, private_key=pem, **request)


def ask(domain, services, in_path, params):
    global context
    context = library.get_domain_connect_template_async_context(
        domain, PROVIDER, services, BACK, params, state="s 1", service_id_in_path=in_path
    )
    return context.asyncConsentUrl


def token(code=None, secret="inconceivable", passed=0):
    """Exchanges a code; or, when so many seconds have passed, the refresh token."""
    if code is not None:
        context.code = code
    if context.iat is not None:
        context.iat -= passed
    before = context.access_token
    credentials = domainconnect.DomainConnectAsyncCredentials(PROVIDER, secret, context.config.urlAPI)
    library.get_async_token(context, credentials)
    return context.access_token != before


def apply(params, groups=None, host=None, force=False, service="dynamicdns-v2"):
    library.apply_domain_connect_template_async(
        context, host=host, service_id=service, params=params, force=force, group_ids=groups
    )


CALLS = {call.__name__: call for call in (discover, supported, sign, ask, token, apply)}

for line in sys.stdin:
    name, arguments = json.loads(line)
    try:
        result = {"ok": CALLS[name](**arguments)}
    except domainconnect.DomainConnectException as error:
        result = {"error": type(error).__name__, "message": str(error)}
    print(json.dumps(result), flush=True)
