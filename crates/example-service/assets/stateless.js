// Opens the DNS provider in a window of its own, and lets that window tell this one when it is done. The two share
// no handle: our opener policy cuts it. Without this script, the links lead where they say.
"use strict";

const channel = "BroadcastChannel" in window ? new BroadcastChannel("stateless-hosting") : null;
const { journey, done, next } = document.body.dataset;

for (const link of document.querySelectorAll("a[data-popup]")) {
  link.addEventListener("click", (event) => {
    const [width, height] = link.dataset.popup.split("x").map(Number);
    const opened = window.open(link.href, "_blank", `popup,width=${width},height=${height}`);
    if (opened) event.preventDefault();
  });
}

if (channel && journey) {
  channel.addEventListener("message", ({ data }) => {
    const isOurs = data && data.journey === journey && typeof data.next === "string";
    if (!isOurs || !data.next.startsWith("/outcome?")) return;
    channel.postMessage({ journey, heard: true });
    window.location.assign(data.next);
  });
}

if (channel && done && next) {
  channel.addEventListener("message", ({ data }) => {
    if (data && data.journey === done && data.heard) window.close();
  });
  channel.postMessage({ journey: done, next });
}

// Looks again for people who wait, and changes only what is new: where they read, and what has the focus, stays.
const again = document.querySelector("a[data-again]");
const sighting = document.getElementById("sighting");

async function lookAgain() {
  try {
    const answer = await fetch(window.location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const news = page.getElementById("sighting");
    if (!answer.ok) throw new Error(answer.status);
    if (!news) return window.location.reload();
    if (news.innerHTML !== sighting.innerHTML) sighting.replaceChildren(...news.childNodes);
  } catch {
    // The next look may come through.
  }
  window.setTimeout(lookAgain, 3000);
}

if (again && sighting) window.setTimeout(lookAgain, 3000);
