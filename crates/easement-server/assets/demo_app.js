// An app that nobody registered: it asks for a name, and sets an address there (NameDrop 0.4.0). It keeps what it gets in
// this browser alone.
"use strict";

const api = document.body.dataset.api;
const client = location.origin + location.pathname;
const kept = (name) => localStorage.getItem("namedrop_" + name);
const keep = (name, value) => localStorage.setItem("namedrop_" + name, value);
const forget = (name) => localStorage.removeItem("namedrop_" + name);
const element = (id) => document.getElementById(id);

// 32 characters that nobody guesses.
function secret() {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(octets, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

async function challengeOf(verifier) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const text = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

async function ask() {
  const [state, verifier] = [secret(), secret()];
  keep("state", state);
  keep("verifier", verifier);
  const query = new URLSearchParams({
    client_id: client,
    redirect_uri: client,
    scope: "namedrop-hosts namedrop-acme",
    state,
    response_type: "code",
    code_challenge: await challengeOf(verifier),
    code_challenge_method: "S256",
  });
  location.assign(`${api}/authorize?${query}`);
}

// What the browser came back with, when it did.
async function comeBack() {
  const query = new URLSearchParams(location.search);
  if (!query.has("code") && !query.has("error")) {
    return "";
  }
  history.replaceState(null, "", location.pathname);
  const isMine = query.get("state") === kept("state");
  const verifier = kept("verifier");
  forget("state");
  forget("verifier");
  if (!isMine) {
    return "This answer is to a question that this app did not ask.";
  }
  if (query.has("error")) {
    return `No name was given: ${query.get("error")}, ${query.get("error_description")}`;
  }
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    code: query.get("code"),
    client_id: client,
    redirect_uri: client,
    code_verifier: verifier,
  });
  const answer = await fetch(`${api}/token`, { method: "POST", body });
  const tokens = await answer.json();
  if (!answer.ok) {
    return `No token: ${answer.status} ${JSON.stringify(tokens)}`;
  }
  keep("token", tokens.access_token);
  keep("permissions", JSON.stringify(tokens.permissions));
  return "";
}

// A call as text/plain with the token in its body, which no browser asks the server about before.
async function call(what, records) {
  const request = JSON.stringify({ token: kept("token"), records });
  const answer = await fetch(`${api}/${what}`, { method: "POST", body: request });
  element("outcome").textContent = `${answer.status} ${await answer.text()}`;
}

function show(message) {
  const permissions = JSON.parse(kept("permissions") ?? "[]");
  const names = permissions.map(({ scope, host, domain }) => `${scope} at ${[host, domain].filter(Boolean).join(".")}`);
  element("given").textContent = names.join("\n") || "nothing";
  element("calls").hidden = names.length === 0;
  element("outcome").textContent = message;
}

element("ask").addEventListener("click", ask);
element("set").addEventListener("click", () => call("set-records", [{ type: "A", value: element("address").value, ttl: 60 }]));
element("prove").addEventListener("click", () =>
  call("set-records", [{ host: "_acme-challenge.{{host}}", type: "TXT", value: secret(), ttl: 60 }]));
element("get").addEventListener("click", () => call("get-records"));
element("delete").addEventListener("click", () => call("delete-records", [{ type: "A" }]));
comeBack().then(show);
