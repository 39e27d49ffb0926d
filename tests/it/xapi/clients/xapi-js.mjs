// A round trip by @xapi/xapi: node xapi-js.mjs ENDPOINT KEY SECRET
import assert from 'node:assert/strict';
import XAPI from '@xapi/xapi';

const [endpoint, username, password] = process.argv.slice(2);
const xapi = new XAPI({ endpoint, auth: XAPI.toBasicAuth(username, password), version: '1.0.3' });

const agent = { objectType: 'Agent', mbox: 'mailto:learner@example.com' };
const activity = { objectType: 'Activity', id: 'https://example.com/activities/1', definition: { name: { en: 'One' } } };
const statement = (verb) => ({ actor: agent, verb: { id: `https://example.com/verbs/${verb}` }, object: activity });

const about = await xapi.getAbout();
assert.deepEqual(about.data.version, ['1.0.3', '2.0.0']);

const one = (await xapi.sendStatement({ statement: statement('began') })).data[0];
const more = (await xapi.sendStatements({ statements: ['read', 'answered', 'finished'].map(statement) })).data;
assert.equal(more.length, 3);

const back = (await xapi.getStatement({ statementId: one })).data;
assert.equal(back.verb.id, 'https://example.com/verbs/began');
assert.ok(back.stored && back.authority);

const seen = [];
let page = (await xapi.getStatements({ agent, limit: 3, ascending: true })).data;
for (;;) {
  seen.push(...page.statements.map((found) => found.id));
  if (!page.more) break;
  page = (await xapi.getMoreStatements({ more: page.more })).data;
}
assert.deepEqual(seen, [one, ...more]);

await xapi.voidStatement({ actor: agent, statementId: more[0] });
assert.equal((await xapi.getVoidedStatement({ voidedStatementId: more[0] })).data.id, more[0]);
await assert.rejects(xapi.getStatement({ statementId: more[0] }), (error) => error.response.status === 404);

const where = { agent, activityId: activity.id, stateId: 'bookmark' };
await xapi.setState({ ...where, state: { page: 7 } });
assert.deepEqual((await xapi.getState(where)).data, { page: 7 });
assert.deepEqual((await xapi.getStates({ agent, activityId: activity.id })).data, ['bookmark']);
await xapi.deleteState(where);

const profile = { activityId: activity.id, profileId: 'notes' };
await xapi.createActivityProfile({ ...profile, profile: { a: 1 } });
const held = await xapi.getActivityProfile(profile);
await xapi.setActivityProfile({ ...profile, profile: { a: 2 }, etag: held.headers.etag, matchHeader: 'If-Match' });
assert.deepEqual((await xapi.getActivityProfile(profile)).data, { a: 2 });

assert.equal((await xapi.getActivity({ activityId: activity.id })).data.definition.name.en, 'One');
assert.equal((await xapi.getAgent({ agent })).data.mbox[0], agent.mbox);
