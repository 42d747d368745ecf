#!/usr/bin/env node
// Downloads from and publishes to the depot: all that these pipelines need of the outside world.
//
//   depot.mjs get NAME FILE    download NAME into FILE
//   depot.mjs put FILE NAME    compress FILE and publish it as NAME
//
// Several orders may follow each other. DEPOT is the depot's address, or the path of a file that
// holds it and is read before every try: a depot that went away may come back somewhere else.
// RUN is the name of the run. Tries again for 20 seconds, then gives up with exit status 1.
import { readFileSync, writeFileSync, writeSync } from 'node:fs';

// Taken like this, not by `import`: an import would load all of HTTP's optional parts too,
// which trebles the processor time of a program as short as this one.
const { request } = process.getBuiltinModule('node:http');

const RETRY_EVERY_MS = 250;
const GIVE_UP_AFTER_MS = 20_000;
const SILENCE_MS = 10_000;
const giveUpAtMs = Date.now() + GIVE_UP_AFTER_MS;
const { DEPOT = '', RUN = 'by-hand' } = process.env;

const say = (line) => writeSync(1, `${line}\n`);

function depotAddress() {
  return DEPOT.startsWith('http://') ? DEPOT : readFileSync(DEPOT, 'utf8').trim();
}

function ask(method, name, body) {
  return new Promise((resolve, reject) => {
    const url = `${depotAddress()}/${encodeURIComponent(name)}?run=${encodeURIComponent(RUN)}`;
    const call = request(url, { method, timeout: SILENCE_MS, agent: false }, (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode < 300) return resolve(Buffer.concat(chunks));
        const error = new Error(`the depot answered ${answer.statusCode} to ${method} ${name}`);
        error.final = answer.statusCode < 500;
        reject(error);
      });
    });
    call.on('timeout', () => call.destroy(new Error('the depot fell silent')));
    call.on('error', reject);
    call.end(body);
  });
}

async function get(name, file) {
  const bytes = await ask('GET', name);
  writeFileSync(file, bytes);
  say(`downloaded ${name}: ${bytes.length} bytes`);
}

async function put(file, name) {
  const plain = readFileSync(file);
  const packed = process.getBuiltinModule('node:zlib').gzipSync(plain);
  await ask('PUT', name, packed);
  say(`published ${name}: ${plain.length} bytes, ${packed.length} compressed`);
}

async function untilDone(order, from, to) {
  for (;;) {
    try {
      return await order(from, to);
    } catch (error) {
      if (error.final || Date.now() + RETRY_EVERY_MS > giveUpAtMs) throw error;
      say(`trying again: ${error.message}`);
      await new Promise((resolve) => setTimeout(resolve, RETRY_EVERY_MS));
    }
  }
}

const orders = { get, put };
const words = process.argv.slice(2);
try {
  if (words.length === 0 || words.length % 3 !== 0) {
    throw new Error('usage: depot.mjs (get NAME FILE | put FILE NAME)...');
  }
  for (let at = 0; at < words.length; at += 3) {
    const order = orders[words[at]];
    if (order === undefined) throw new Error(`there is no order "${words[at]}", only get and put`);
    await untilDone(order, words[at + 1], words[at + 2]);
  }
} catch (error) {
  writeSync(2, `depot: ${error.message}\n`);
  process.exitCode = 1;
}
