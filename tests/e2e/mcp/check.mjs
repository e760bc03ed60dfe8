// Runs checks one after another and prints the result of each. (node:test would end its root test, and with
// it the state shared by the checks, between two checks that are awaited in sequence.)

/** A check that takes longer has hung: even on a busy machine each takes seconds. */
const timeoutMs = 120_000;

let failed = 0;
let running = 'set-up';

function fail(error) {
    failed += 1;
    console.log(`not ok - ${running}\n${error?.stack ?? error}`);
}

// Errors that a client throws outside of an awaited promise, such as in onerror.
process.on('uncaughtException', (error) => {
    fail(error);
    // After a failed set-up finish() is never called.
    if (running === 'set-up') process.exit(1);
});

/** Runs `body` and records a failure; never throws. */
export async function check(sentence, body) {
    const before = failed;
    running = sentence;
    let alarm;
    const timeout = new Promise((_, reject) => {
        alarm = setTimeout(() => reject(new Error(`timed out after ${timeoutMs} ms`)), timeoutMs);
    });
    try {
        await Promise.race([body(), timeout]);
    } catch (error) {
        fail(error);
    }
    clearTimeout(alarm);
    if (failed === before) console.log(`ok - ${sentence}`);
    running = 'set-up';
}

/** Exits, which also closes every client that a failed check left connected. */
export function finish() {
    console.log(failed === 0 ? 'all checks passed' : `${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
}
