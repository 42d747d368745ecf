import { engineConformance } from '../../conformance/engine.ts';
import { LocalWorld } from './local-world.ts';

engineConformance('local', () => LocalWorld.open());
