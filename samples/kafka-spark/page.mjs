// Opens a page in a headless Chromium and waits until what it shows matches a regular expression: page.mjs BROWSER FOLDER URL PATTERN [SECONDS].
// Prints the expression's group and ends with 0 when it does; prints what the page shows and ends with 1 when it does not in time.
import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

const [browser, folder, url, pattern, seconds = "60"] = process.argv.slice(2);
const child = spawn(browser, ["--headless", "--no-sandbox", "--disable-gpu", `--user-data-dir=${folder}`, "--remote-debugging-port=0", url], { stdio: ["ignore", "ignore", "pipe"] });
const end = (code, said) => {
  console.log(said);
  child.once("exit", () => process.exit(code));
  child.kill("SIGKILL");
};
child.on("error", (error) => { console.log(`${browser}: ${error.message}`); process.exit(1); });
let shown = "no page";
setTimeout(() => end(1, `not within ${seconds} s; the page shows: ${shown.replace(/\s+/g, " ").slice(0, 2000)}`), seconds * 1000);

const port = await new Promise((found) => {
  let log = "";
  child.stderr.on("data", (data) => {
    log += data;
    const address = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(log);
    if (address) found(address[1]);
  });
});
let page;
while (!(page = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()).find((one) => one.type === "page"))) await pause(100);
const socket = new WebSocket(page.webSocketDebuggerUrl);
socket.onmessage = (message) => {
  shown = JSON.parse(message.data).result?.result?.value ?? shown;
  const match = new RegExp(pattern, "s").exec(shown);
  if (match) end(0, match[1]);
};
await new Promise((opened) => { socket.onopen = opened; });
for (let id = 1; ; id++) {
  socket.send(JSON.stringify({ id, method: "Runtime.evaluate", params: { expression: "document.body?.innerText ?? ''", returnByValue: true } }));
  await pause(200);
}
