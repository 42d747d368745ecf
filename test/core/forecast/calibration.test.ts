/** How good forecasts were: coverage, loss and bias by horizon, and when that is no chance any more. */
import { expect, test } from 'vitest';
import { calibration, type SettledForecast } from '../../../src/core/forecast/calibration.ts';

/** Said: in 100 s, between 80 and 120 s. */
function came(atS: number, horizonS = 100): SettledForecast {
  const said = { p10: horizonS - 20, p50: horizonS, p90: horizonS + 20 };
  const ms = ({ p10, p50, p90 }: typeof said) => ({ p10: p10 * 1_000, p50: p50 * 1_000, p90: p90 * 1_000 });
  return { madeAtMs: 0, saidAtMs: ms(said), cameAtMs: atS * 1_000 };
}

test('counts what came within the range, how far off it was, and to which side', () => {
  expect(calibration([came(70), came(90), came(120), came(130)])).toEqual([
    {
      fromHorizonMs: 0,
      forecasts: 4,
      coverageP90: 0.75,
      coverage80: 0.5,
      biasMs: 5_000,
      // At P10, P50 and P90, in seconds: 9+15+5, 1+5+3, 4+10+0, 5+15+9.
      pinball: expect.closeTo((29 + 9 + 14 + 29) / 3 / 4 / 100, 9),
      drifts: false,
    },
  ]);
});

test('by how far ahead the forecast looked', () => {
  const rows = calibration([came(100), came(700, 700), came(90_000, 90_000), came(95_000, 95_000)]);
  expect(rows.map(({ fromHorizonMs, forecasts }) => [fromHorizonMs, forecasts])).toEqual([
    [0, 1],
    [600_000, 1],
    [86_400_000, 2],
  ]);
  expect(calibration([])).toEqual([]);
});

test('drifts where P90 holds too seldom or always, and only with enough of them', () => {
  const of = (inside: number, outside: number): boolean | undefined =>
    calibration(
      [...Array<number>(inside).fill(100), ...Array<number>(outside).fill(200)].map((s) => came(s)),
    )[0]?.drifts;
  expect(of(450, 50)).toBe(false);
  expect(of(300, 200)).toBe(true);
  expect(of(6, 34)).toBe(false);
  expect(of(20, 35)).toBe(true);
  expect(of(2_000, 0)).toBe(true);
});
