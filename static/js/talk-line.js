// A worker: the microphone's socket. Sound comes here from the audio thread and leaves at once, however busy the page is; and the
// page may be hidden or slow without the server believing that it is gone.
const ALIVE_EVERY = 400; // ms; the server gives a page up after 1.5 s

/** @type {WebSocket | null} */
let socket = null;
let sent = 0; // bytes of this press
let press = ""; // its key, "" while nobody speaks
let why = "released";

/** @param {object} frame */
function up(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** @param {{path: string, ticket: string, language: string}} way */
function connect(way) {
  const url = new URL(way.path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  socket = new WebSocket(url);
  socket.addEventListener("open", () => up({ op: "hello", ticket: way.ticket, language: way.language }));
  socket.addEventListener("message", (event) => postMessage({ told: JSON.parse(event.data) }));
  socket.addEventListener("close", (event) => {
    postMessage({ closed: event.code });
    close();
  });
  setInterval(() => up({ op: "alive" }), ALIVE_EVERY);
}

/** @param {MessagePort} port frames of sound, and the end of a press behind the last of them */
function listen(port) {
  port.onmessage = ({ data }) => {
    if ((data.end ?? data.press) !== press) return; // of a press that the next one ended already
    if (data.end) {
      end();
      postMessage({ sent });
    } else if (socket?.readyState === WebSocket.OPEN) {
      socket.send(data.frame);
      sent += data.frame.byteLength;
    }
  };
}

function end() {
  if (press) up({ op: "close", why });
  press = "";
}

addEventListener("message", ({ data }) => {
  if (data.connect) connect(data.connect);
  if (data.sound) listen(data.sound);
  if (data.open) {
    end(); // the next press may be here before the last sound of the one before it
    [sent, press, why] = [0, data.open.key, "released"];
    up({ op: "open", ...data.open });
  }
  if (data.why) why = data.why;
  if (data.disarm) up({ op: "disarm" });
});
