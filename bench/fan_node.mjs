// The baseline of fan_out.py: Node's `ws`, without compression, one text for all. Where it lies: BENCH_NODE_MODULES.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(process.env.BENCH_NODE_MODULES + "/");
const { WebSocketServer } = require("ws");
const { port, size, gap_s } = JSON.parse(process.argv[2]);

const server = new WebSocketServer({ port, host: "127.0.0.1", perMessageDeflate: false });
const cpu = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const now = () => Number(process.hrtime.bigint()) / 1e9;
const sent = {};
let number = 0;

const push = () => {
  number += 1;
  sent[number] = now();
  const head = `{"t":"state","seq":${number},"html":"`;
  const text = head + "x".repeat(Math.max(0, size - head.length - 2)) + '"}';
  for (const client of server.clients) client.send(text);
};
let timer;
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "go") timer = setInterval(push, gap_s * 1000);
  else if (line === "cpu") console.log(JSON.stringify({ cpu_s: cpu(), rss_mb: process.memoryUsage.rss() / 2 ** 20, at: now(), overflows: 0 }));
  else { console.log(JSON.stringify({ sent, committed: {} })); process.exit(0); }
});
server.on("listening", () => console.log("ready"));
