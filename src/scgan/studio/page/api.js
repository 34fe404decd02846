// Requests to the studio's server. Nothing else on this page talks to the network.

const client = crypto.getRandomValues(new Uint32Array(2)).join("-");

/** What the server said was wrong. */
export class Problem extends Error {
  constructor(sentence, status) {
    super(sentence);
    this.status = status;
  }
}

/** The server does not answer. */
export class Unreachable extends Error {}

/** The server asks for a token. */
export class TokenWanted extends Error {}

// The token stands behind the #, which browsers do not send; it leaves the address bar at once.
const given = new URLSearchParams(location.hash.slice(1)).get("token");
if (given) {
  sessionStorage.setItem("token", given);
  history.replaceState(null, "", location.pathname);
}

export function setToken(token) {
  sessionStorage.setItem("token", token);
}

async function request(path, options = {}) {
  const headers = { ...options.headers, "Studio-Client": client };
  const token = sessionStorage.getItem("token");
  if (token) headers.Authorization = `Bearer ${token}`;
  let response;
  try {
    response = await fetch(`api/${path}`, { ...options, headers });
  } catch (error) {
    throw options.signal?.aborted ? error : new Unreachable();
  }
  if (response.ok) return response;
  if (response.status === 401) throw new TokenWanted();
  const answer = await response.json().catch(() => ({}));
  throw new Problem(answer.error ?? `The server answered with status ${response.status}.`, response.status);
}

const post = (path, body) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const getJson = async (path) => (await request(path)).json();
export const postJson = async (path, body) => (await post(path, body)).json();
export const postForBlob = async (path, body) => whole(await post(path, body));

/** Send a file, get JSON. */
export async function postFile(path, file) {
  const options = { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file };
  return (await request(path, options)).json();
}

/** Send JSON, get one object for each line of the answer. */
export async function* postForLines(path, body, signal) {
  const headers = { "Content-Type": "application/json" };
  const response = await request(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  let rest = "";
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw signal.aborted ? error : new Unreachable();
    });
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const item = JSON.parse(line);
      if (item.error) throw new Problem(item.error, 422);
      yield item;
    }
  }
}

async function whole(response) {
  try {
    return await response.blob();
  } catch {
    throw new Unreachable();
  }
}
