// One check after another, each told by its sentence. (node:test ends its root, and with it what
// scripts share, between two checks that are awaited one by one.)

/** A check that takes longer has hung: on the busiest machine each takes seconds. */
const patienceMs = 120_000;

let failed = 0;
let running = 'the set-up';

function fail(error) {
    failed += 1;
    console.log(`not ok - ${running}\n${error?.stack ?? error}`);
}

// Also what a client throws outside of any promise of ours, as its onerror does.
process.on('uncaughtException', (error) => {
    fail(error);
    // After a failed set-up nothing will call finish().
    if (running === 'the set-up') process.exit(1);
});

/** Runs `body`; the next check runs whatever becomes of it. */
export async function check(sentence, body) {
    const before = failed;
    running = sentence;
    let alarm;
    const late = new Promise((_, reject) => {
        alarm = setTimeout(() => reject(new Error(`no end after ${patienceMs} ms`)), patienceMs);
    });
    try {
        await Promise.race([body(), late]);
    } catch (error) {
        fail(error);
    }
    clearTimeout(alarm);
    if (failed === before) console.log(`ok - ${sentence}`);
    running = 'the set-up';
}

/** Ends the script, and with it every client that a failed check left connected. */
export function finish() {
    console.log(failed === 0 ? 'all is well' : `${failed} failed`);
    process.exit(failed === 0 ? 0 : 1);
}
