// Reads statements that were sent over several lines back with their attachments, by @xapi/xapi:
// node attachments.mjs ENDPOINT KEY SECRET
import assert from 'node:assert/strict';
import XAPI from '@xapi/xapi';

const [endpoint, username, password] = process.argv.slice(2);
const xapi = new XAPI({ endpoint, auth: XAPI.toBasicAuth(username, password), version: '1.0.3' });

const statement = {
  actor: { objectType: 'Agent', mbox: 'mailto:learner@example.com' },
  verb: { id: 'https://example.com/verbs/did' },
  object: { objectType: 'Activity', id: 'https://example.com/activities/1' },
};
const sent = await fetch(`${endpoint}statements`, {
  method: 'POST',
  headers: {
    'Authorization': XAPI.toBasicAuth(username, password),
    'Content-Type': 'application/json',
    'X-Experience-API-Version': '1.0.3',
  },
  body: JSON.stringify(statement, null, 2),
});
const [statementId] = await sent.json();

const [one] = (await xapi.getStatement({ statementId, attachments: true })).data;
assert.equal(one.verb.id, statement.verb.id);
const [page] = (await xapi.getStatements({ attachments: true })).data;
assert.deepEqual(page.statements.map((found) => found.id), [statementId]);
