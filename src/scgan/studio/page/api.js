// Requests to the studio's server. No other module sends requests.

const client = crypto.getRandomValues(new Uint32Array(2)).join("-");

/** Error that the server reported. */
export class ApiError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The server does not respond. */
export class Unreachable extends Error {}

/** The server requires a token. */
export class TokenRequired extends Error {}

// The token comes in the fragment, which browsers do not send. Remove it from the address bar at once.
const token = new URLSearchParams(location.hash.slice(1)).get("token");
if (token) {
  sessionStorage.setItem("token", token);
  history.replaceState(null, "", location.pathname);
}

export function setToken(token) {
  sessionStorage.setItem("token", token);
}

async function request(path, options = {}) {
  const headers = { ...options.headers, "Studio-Client": client };
  const token = sessionStorage.getItem("token");
  if (token) headers["Studio-Token"] = token; // a proxy may use Authorization for itself
  let response;
  try {
    response = await fetch(`api/${path}`, { ...options, headers });
  } catch (error) {
    throw options.signal?.aborted ? error : new Unreachable();
  }
  if (response.ok) return response;
  if (response.status === 401) throw new TokenRequired();
  const body = await response.json().catch(() => ({}));
  throw new ApiError(body.error ?? `The server responded with status ${response.status}.`, response.status);
}

const post = (path, body) =>
  request(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const getJson = async (path) => (await request(path)).json();
export const postJson = async (path, body) => (await post(path, body)).json();
export const postForBlob = async (path, body) => readBlob(await post(path, body));

/** Upload a file and parse the JSON response. `query` becomes the query string. */
export async function postFile(path, file, query = {}) {
  const options = { method: "POST", headers: { "Content-Type": "application/octet-stream" }, body: file };
  const search = new URLSearchParams(query);
  return (await request(search.size ? `${path}?${search}` : path, options)).json();
}

/** Send JSON and parse each line of the response as it arrives. */
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
      if (item.error) throw new ApiError(item.error, 422);
      yield item;
    }
  }
}

async function readBlob(response) {
  try {
    return await response.blob();
  } catch {
    throw new Unreachable();
  }
}
