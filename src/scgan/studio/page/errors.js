// Errors of api.js.

/** Error of the studio: a sentence for the person. `status` is that of the server's response. */
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
