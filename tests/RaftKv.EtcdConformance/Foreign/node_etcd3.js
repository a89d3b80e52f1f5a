'use strict';
// The npm package etcd3 against a list of HOST:PORT, as its users call it. With a second argument, a file: when the
// script has written "kill HOST:PORT" into it, whoever started the script kills that node; "start" asks for it again.
// CA_FILE names certificates to trust; then it is over TLS. Ends with 77 where the package is not installed: npm ci in
// the folder node, and NODE_PATH names its node_modules.
const fs = require('fs');
const assert = require('assert');
let etcd3;
try {
  etcd3 = require('etcd3');
} catch (error) {
  console.log(`SKIPPED: ${error.message.split('\n')[0]}; npm ci in node, and set NODE_PATH`);
  process.exit(77);
}

const { Etcd3 } = etcd3;
const ca = process.env.CA_FILE;
const hosts = process.argv[2].split(',').map(host => `${ca ? 'https' : 'http'}://${host}`);
const options = ca ? { hosts, credentials: { rootCertificate: fs.readFileSync(ca) } } : { hosts };
const orders = process.argv[3];
const DEADLINE = 30_000;

const pause = ms => new Promise(done => setTimeout(done, ms));
const once = (emitter, name) => new Promise(done => emitter.once(name, done));
async function eventually(what, holds) {
  for (const end = Date.now() + DEADLINE; ;) {
    try {
      if (await holds()) return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    assert(Date.now() < end, `not in time: ${what}`);
    await pause(100);
  }
}

async function keys(client) {
  await client.delete().prefix('np/');
  await client.put('np/a').value('1');
  assert.strictEqual(await client.get('np/a').string(), '1');
  assert.strictEqual(await client.get('np/a').number(), 1);
  assert.strictEqual(await client.get('np/none'), null);
  assert(await client.get('np/a').exists());
  await client.put('np/b').value(Buffer.from([0, 255]));
  assert.deepStrictEqual(await client.get('np/b').buffer(), Buffer.from([0, 255]));
  assert.deepStrictEqual(await client.getAll().prefix('np/').keys(), ['np/a', 'np/b']);
  assert.deepStrictEqual(await client.getAll().prefix('np/').sort('Key', 'Descend').limit(1).strings(), { 'np/b': '\0\ufffd' });
  assert.strictEqual(await client.getAll().prefix('np/').count(), 2);
  assert.deepStrictEqual(await client.getAll().inRange({ start: 'np/a', end: 'np/b' }).numbers(), { 'np/a': 1 });
  assert.strictEqual(Number(await client.delete().prefix('np/').exec().then(answer => answer.deleted)), 2);
  const space = client.namespace('ns/');
  await space.put('x').value('inside');
  assert.strictEqual(await client.get('ns/x').string(), 'inside');
  assert.deepStrictEqual(await space.getAll().strings(), { x: 'inside' });
  const answer = await client.if('ns/x', 'Value', '==', 'inside').and('ns/x', 'Version', '>', 0)
    .then(client.put('ns/x').value('changed')).else(client.get('ns/x')).commit();
  assert(answer.succeeded);
  await space.delete().all();
}

async function leases(client) {
  const lease = client.lease(2);
  await lease.put('nl/a').value('kept');
  await pause(4000);
  assert.strictEqual(await client.get('nl/a').string(), 'kept', 'the client renews by itself');
  await lease.revoke();
  assert.strictEqual(await client.get('nl/a'), null);
}

async function watches(client) {
  const watcher = await client.watch().prefix('nw/').create();
  const heard = [];
  watcher.on('put', kv => heard.push(`${kv.key}=${kv.value}`)).on('delete', kv => heard.push(`-${kv.key}`));
  await client.put('nw/a').value('1');
  await client.put('nw/b').value('2');
  await client.delete().key('nw/a');
  await eventually('three events', () => heard.length === 3);
  assert.deepStrictEqual(heard, ['nw/a=1', 'nw/b=2', '-nw/a']);
  await watcher.cancel();
}

async function locks(client) {
  const held = client.lock('gate').ttl(3);
  await held.acquire();
  await assert.rejects(client.lock('gate').ttl(3).acquire(), etcd3.EtcdLockFailedError);
  await held.release();
  assert.strictEqual(await client.lock('gate').do(() => 'done'), 'done');
}

async function elections(client, other) {
  const first = client.election('chair', 3).campaign('one');
  await first.wait();
  assert.strictEqual(await client.election('chair').leader(), 'one');
  const observer = await client.election('chair').observe();
  const second = other.election('chair', 3).campaign('two');
  const elected = once(second, 'elected');
  await first.proclaim('uno');
  await eventually('the proclaimed value', () => observer.leader() === 'uno');
  await first.resign();
  await elected;
  await eventually('the next leader', () => observer.leader() === 'two');
  await observer.cancel();
  await second.resign();
}

async function stm(client) {
  await client.put('stm/n').value('0');
  const add = () => client.stm({ retries: 50 }).transact(async tx => tx.put('stm/n').value(Number(await tx.get('stm/n')) + 1));
  await Promise.all(Array.from({ length: 10 }, add));
  assert.strictEqual(await client.get('stm/n').number(), 10);
}

async function maintenance(client) {
  assert((await client.maintenance.status()).version);
  const text = await client.get('stm/n').exec();
  await client.kv.compact({ revision: text.header.revision, physical: true });
  await assert.rejects(client.get('stm/n').revision(1).exec(), etcd3.GRPCOutOfRangeError);
}

// What is under way when a node dies goes on.
async function failOver(client) {
  const lease = client.lease(5);
  await lease.put('nf/lease').value('kept');
  let lost = false;
  lease.on('lost', () => { lost = true; });
  const watcher = await client.watch().prefix('nf/n').create();
  const heard = [];
  watcher.on('put', kv => heard.push(Number(kv.value)));
  const election = client.election('nf', 5).campaign('me');
  await election.wait();

  fs.writeFileSync(orders, 'kill');
  for (let i = 1; i <= 40; i++) {
    if (i === 25) fs.writeFileSync(orders, 'start');
    await eventually(`put ${i}`, async () => { await client.put('nf/n').value(i); return true; });
    await pause(200);
  }
  await eventually('the last put', () => heard[heard.length - 1] === 40);
  const seen = heard.filter((n, i) => i === 0 || n !== heard[i - 1]);
  assert.deepStrictEqual(seen, Array.from({ length: 40 }, (_, i) => i + 1), 'each put, in order');
  await eventually('the lease', async () => await client.get('nf/lease').string() === 'kept');
  assert(!lost, 'the lease was given up');
  assert.strictEqual(await client.election('nf').leader(), 'me');
  await watcher.cancel();
  await lease.revoke();
}

async function main() {
  const client = new Etcd3(options);
  const other = new Etcd3(options);
  const steps = orders ? [keys, failOver, keys, leases, watches, locks, elections, stm] : [keys, leases, watches, locks, elections, stm, maintenance];
  for (const step of steps) {
    await step(client, other);
    console.log(`${step.name}: ok`);
  }
  client.close();
  other.close();
  console.log('PASSED');
}

main().then(() => process.exit(0), error => {
  console.error(error);
  process.exit(1);
});
