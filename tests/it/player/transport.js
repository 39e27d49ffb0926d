// Runs in a page with the player's own transport, whose ways to the server are replaced: returns what each case has sent.

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
const open = (commit) => ({ ok: true, body: { sequence: commit.sequence, session: "open", applied: true } });

/** What was sent, the letters that are left, and how the server answers now. */
const wire = { sent: [], letters: [], answer: open, delay: 5 };

window.fetch = async (_, { body }) => {
  const commit = JSON.parse(body);
  wire.sent.push(commit);
  const { answer, delay } = wire;
  await wait(delay);
  const { ok, body: said } = answer(commit);
  return { ok, json: async () => said };
};
window.fetchLater = (_, { body, signal }) => wire.letters.push({ commit: JSON.parse(body), signal });

const cases = {
  /** A value goes back to what it was while two commits that differ are under way. */
  async aValueThatReturnsIsNotForgotten(transport) {
    wire.delay = 50;
    transport.set("x", "A");
    await wait(20);
    transport.set("x", "B");
    transport.part();
    transport.set("x", "A");
    await transport.flush();
    await wait(700);
    return [wire.sent.map(({ sequence, cmi }) => [sequence, cmi]), transport.saved];
  },
  async anotherQuestionFollowsTheFirst(transport) {
    transport.set("cmi.interactions.0.id", "q1");
    transport.set("cmi.interactions.0.result", "wrong");
    transport.set("cmi.interactions.0.id", "q2", true);
    await transport.flush();
    return [wire.sent.map(({ earlier, cmi }) => [earlier, cmi]), transport.saved];
  },
  async whatDoesNotFitGoesInSeveral(transport) {
    for (let index = 0; index < 30; index += 1) transport.set(`cmi.${index}`, "\u0001".repeat(10_000));
    transport.terminated = true;
    transport.change(0);
    await transport.flush();
    return [wire.sent.map(({ cmi, terminated }) => [Object.keys(cmi).length, terminated]), transport.saved];
  },
  /** Attention is reported once, in a commit or in a heartbeat, and again only if that did not arrive. */
  async attentionIsReportedOnce(transport) {
    wire.delay = 50;
    transport.attended = 7;
    transport.heartbeat();
    transport.set("x", "1");
    await wait(200);
    wire.answer = () => { throw new Error("no connection"); };
    transport.attended = 5;
    transport.set("x", "2");
    await wait(500);
    wire.answer = open;
    await wait(2_500);
    return [wire.sent.map(({ attended }) => attended), transport.saved];
  },
  /** A timer that ends while a commit is under way does not block those that follow. */
  async aTimerThatFindsACommitUnderWayIsNotTheLast(transport) {
    wire.delay = 100;
    transport.set("x", "1");
    await wait(20);
    transport.schedule(0);
    await wait(20);
    transport.set("x", "2");
    await wait(700);
    transport.set("x", "3");
    await wait(700);
    return [wire.sent.map(({ cmi }) => cmi.x), transport.saved];
  },
  /** No letter is left that says what the server has, or that a later one says otherwise. */
  async noLetterIsLeftOnceAllIsSaved(transport) {
    transport.set("x", "1");
    await wait(1);
    const [{ commit }] = wire.letters;
    await transport.flush();
    transport.set("x", "2");
    await transport.part();
    return [commit.cmi, wire.letters.filter(({ signal }) => !signal.aborted).length, transport.saved];
  },
  async anOvertakenCommitIsInTheOneThatOvertookIt(transport) {
    wire.delay = 50;
    wire.answer = (commit) => (commit.sequence === 1 ? { ok: false, body: { code: "commit-overtaken" } } : open(commit));
    transport.set("x", "1");
    await wait(20);
    transport.set("y", "2");
    transport.part();
    await wait(700);
    return [wire.sent.map(({ cmi }) => cmi), transport.saved];
  },
  async aPageThatGoesSaysItsLastOnce(transport) {
    transport.parting = true;
    transport.set("x", "1");
    transport.set("y", "2");
    transport.terminated = true;
    transport.change(0);
    await wait(100);
    return [wire.sent.map(({ cmi, terminated }) => [cmi, terminated]), transport.saved];
  },
};

export async function run(address) {
  const { Transport } = await import(address);
  const results = {};
  for (const [name, work] of Object.entries(cases)) {
    Object.assign(wire, { sent: [], letters: [], answer: open, delay: 5 });
    results[name] = await work(new Transport("key", () => {}));
  }
  return results;
}
