/** Where the store is, and where its password may come from. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configRig } from './config-rig.ts';

const rig = configRig();
const URL_TEXT = 'postgres://penstock@db.example:5432/penstock';

test('without an address it is a file in the data folder', async () => {
  expect((await rig.load()).store).toEqual({ kind: 'file' });
  await rig.write('store: { url: off, connections: 3 }\n');
  expect((await rig.load()).store).toEqual({ kind: 'file' });
});

test('the password comes from a file, a variable, or an address in a variable', async () => {
  await rig.write(`store: { url: "${URL_TEXT}", passwordFile: secrets/password }\n`);
  const found = { kind: 'postgres', url: URL_TEXT, connections: 8 };
  const passwordFile = join(rig.folder, 'secrets/password');
  expect((await rig.load()).store).toEqual({ ...found, password: null, passwordFile });
  const env = { PENSTOCK_STORE_PASSWORD: 'a:b/c@d' };
  expect((await rig.load({ env })).store).toEqual({ ...found, password: 'a:b/c@d', passwordFile });

  await rig.write('');
  const whole = { PENSTOCK_STORE_URL: 'postgres://penstock:a%3Ab%2Fc%40d@db.example:5432/penstock' };
  const store = { ...found, passwordFile: null, password: 'a:b/c@d' };
  expect((await rig.load({ env: whole })).store).toEqual(store);
  const both = { ...whole, PENSTOCK_STORE_PASSWORD: 'newer' };
  expect((await rig.load({ env: both })).store).toEqual({ ...store, password: 'newer' });
});

test('an address in a variable that is none is refused, and not repeated', async () => {
  for (const address of ['postgres://penstock:s3cret@', 'penstock:s3cret@db', 'https://me:s3cret@db/x']) {
    const { code, message, field } = await rig.refusal({ env: { PENSTOCK_STORE_URL: address } });
    expect([code, field]).toEqual(['config-invalid', 'store.url']);
    expect(message).toMatch(/^PENSTOCK_STORE_URL: store\.url has to be the address of a PostgreSQL database/);
    expect(message).not.toContain('s3cret');
  }
});
