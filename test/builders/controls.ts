/** Nothing is paused, nothing capped, nobody moved to the front. */
import type { StandingControls } from '../../src/app/admission/controls.ts';

export const noControls: StandingControls = { pauses: [], caps: [], fronts: [] };
