/** A certificate whose serial number is not in its shortest form is refused by whoever reads it. */
import { expect, test } from 'vitest';
import { serialOf } from '../../../../src/adapters/tekton/webhook/certificates/issue.ts';

test('whatever the bytes, the serial is positive, in the shortest form and as long as they are', () => {
  for (let first = 0; first < 256; first += 1) {
    for (const second of [0, 0x7f, 0x80, 0xff]) {
      const serial = serialOf(Uint8Array.of(first, second, 7));
      expect(serial).toMatch(/^[4-7][0-9a-f]{5}$/);
      expect(serial.slice(2)).toBe(Buffer.from([second, 7]).toString('hex'));
    }
  }
});
