// One request at a time, and always the newest: what became stale while waiting is never sent.

/**
 * Wrap an asynchronous function so that while a call runs only the newest of the further calls waits.
 * A call that is overtaken gets undefined.
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
