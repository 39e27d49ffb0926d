// A round trip by tincanjs: node tincan.cjs ENDPOINT KEY SECRET
const assert = require('node:assert/strict');
const TinCan = require('tincanjs');

const [endpoint, username, password] = process.argv.slice(2);
const lrs = new TinCan.LRS({ endpoint, username, password, version: '1.0.1', allowFail: false });

const statement = (verb) => new TinCan.Statement({
  actor: { mbox: 'mailto:learner@example.com' },
  verb: { id: `https://example.com/verbs/${verb}` },
  target: { id: 'https://example.com/activities/1', definition: { name: { en: 'One' } } },
  result: { score: { scaled: 0.95 }, duration: 'PT1M30S' },
});

// Each call of the library as a promise of its result.
const call = (method, ...args) => new Promise((resolve, reject) => {
  const last = typeof args.at(-1) === 'object' && args.length > 0 && !(args.at(-1) instanceof TinCan.Statement) && !Array.isArray(args.at(-1));
  const options = last ? args.pop() : {};
  options.callback = (error, result) => (error === null ? resolve(result) : reject(new Error(`${method}: ${error} ${result?.responseText}`)));
  lrs[method](...args, options);
});

(async () => {
  const sent = statement('began');
  await call('saveStatement', sent);
  await call('saveStatements', ['read', 'finished'].map(statement));
  const back = await call('retrieveStatement', sent.id);
  assert.equal(back.verb.id, 'https://example.com/verbs/began');
  assert.equal(back.result.score.scaled, 0.95);

  const found = await call('queryStatements', { params: { verb: new TinCan.Verb({ id: 'https://example.com/verbs/read' }) } });
  assert.equal(found.statements.length, 1);
  let page = await call('queryStatements', { params: { limit: 2 } });
  assert.equal(page.statements.length, 2);
  page = await call('moreStatements', { url: page.more });
  assert.equal(page.statements.length, 1);

  const agent = new TinCan.Agent({ mbox: 'mailto:learner@example.com' });
  const activity = new TinCan.Activity({ id: 'https://example.com/activities/1' });
  await call('saveState', 'bookmark', JSON.stringify({ page: 7 }), { agent, activity, contentType: 'application/json' });
  const state = await call('retrieveState', 'bookmark', { agent, activity });
  assert.deepEqual(state.contents, { page: 7 });
})().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
