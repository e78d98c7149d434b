// One fetch for commands. A login in another tab changes the token: a refused POST that carries an idempotency key
// asks for the fresh token and is sent once more, so that Silence works even then. Without a key nothing is repeated.
const HEADER = "X-CSRFToken";

/** @returns {Record<string, string>} */
function inherited() {
  return JSON.parse(document.body.getAttribute("hx-headers:inherited") || "{}");
}

export const token = () => inherited()[HEADER] ?? "";

/** @returns {Promise<string>} the token of the login that is current now, remembered for htmx and forms alike */
async function renew() {
  const answer = await fetch(document.body.dataset.csrfPath, { credentials: "same-origin", headers: { Accept: "application/json" } });
  const fresh = answer.ok ? (await answer.json()).token : "";
  if (fresh) {
    document.body.setAttribute("hx-headers:inherited", JSON.stringify({ ...inherited(), [HEADER]: fresh }));
    for (const input of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) /** @type {HTMLInputElement} */ (input).value = fresh;
  }
  return fresh;
}

/** @param {BodyInit | null | undefined} body @param {Headers} headers */
const hasKey = (body, headers) =>
  headers.has("Idempotency-Key") || ((body instanceof FormData || body instanceof URLSearchParams) && Boolean(body.get("key")));

/** @param {string} url @param {RequestInit} [options] */
export async function send(url, options = {}) {
  const headers = new Headers(options.headers);
  if (!headers.has(HEADER)) headers.set(HEADER, token());
  const answer = await fetch(url, { credentials: "same-origin", ...options, headers });
  if (answer.status !== 403 || !hasKey(options.body, headers)) return answer;
  const isTokenRefusal = (await answer.clone().text()).includes("data-csrf-refused"); // templates/403_csrf.html
  if (!isTokenRefusal) return answer;
  const fresh = await renew();
  if (!fresh) return answer;
  headers.set(HEADER, fresh);
  if (options.body instanceof FormData || options.body instanceof URLSearchParams) options.body.delete("csrfmiddlewaretoken");
  return fetch(url, { credentials: "same-origin", ...options, headers });
}

document.addEventListener("htmx:config:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request.method !== "GET") ctx.fetch = send;
});
