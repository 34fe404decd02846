// One request at a time. Of the requests that wait, only the newest is sent.

/**
 * Wrap an asynchronous function. While a call runs, only the newest further call waits; replaced calls resolve to
 * undefined.
 */
export function latestOnly(work) {
  let running = false;
  let waiting = null;

  async function run(call) {
    running = true;
    try {
      call.resolve(await work(...call.inputs));
    } catch (error) {
      call.reject(error);
    }
    running = false;
    if (waiting) {
      const next = waiting;
      waiting = null;
      run(next);
    }
  }

  return (...inputs) =>
    new Promise((resolve, reject) => {
      const call = { inputs, resolve, reject };
      if (!running) return run(call);
      waiting?.resolve(undefined);
      waiting = call;
    });
}
