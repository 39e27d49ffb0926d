// Reads the statements of a registration back by @xapi/xapi, page by page, and prints their ids:
// node read-back.mjs ENDPOINT KEY SECRET REGISTRATION
import XAPI from '@xapi/xapi';

const [endpoint, username, password, registration] = process.argv.slice(2);
const xapi = new XAPI({ endpoint, auth: XAPI.toBasicAuth(username, password), version: '1.0.3' });

const ids = [];
let page = (await xapi.getStatements({ registration, limit: 7, ascending: true })).data;
for (;;) {
  ids.push(...page.statements.map((statement) => statement.id));
  if (!page.more) break;
  page = (await xapi.getMoreStatements({ more: page.more })).data;
}
console.log(JSON.stringify(ids));
