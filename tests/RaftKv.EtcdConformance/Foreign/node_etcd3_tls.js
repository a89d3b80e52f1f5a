'use strict';
// The npm package etcd3 with a name and a password over TLS: HOST:PORT, the file of the root, USER and PASSWORD.
const fs = require('fs');
const assert = require('assert');
const { Etcd3 } = require('etcd3');

const [host, root, username, password] = process.argv.slice(2);
const clientOf = secret => new Etcd3({
  hosts: `https://${host}`, credentials: { rootCertificate: fs.readFileSync(root) }, auth: { username, password: secret },
});

async function run() {
  const client = clientOf(password);
  await client.put('app/node').value('one');
  assert.strictEqual(await client.get('app/node').string(), 'one');
  await assert.rejects(client.put('other/node').value('no').exec(), /permission denied/);
  await assert.rejects(client.get('other/node').string(), /permission denied/);
  assert.strictEqual(Number((await client.delete().key('app/node').exec()).deleted), 1);
  client.close();
  const wrong = clientOf(password + '!');
  await assert.rejects(wrong.get('app/node').string(), /authentication failed|invalid user ID or password/);
  wrong.close();
}

run().then(() => console.log('PASSED'), error => {
  console.error(error);
  process.exit(1);
});
