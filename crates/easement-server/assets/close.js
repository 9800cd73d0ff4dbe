// A page that opened this window waits for the end, and may not close it itself. A window that nobody opened stays.
if (window.opener !== null) {
  window.close();
}
