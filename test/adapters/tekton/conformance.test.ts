import { engineConformance } from '../../conformance/engine.ts';
import { TektonWorld } from './tekton-world.ts';

engineConformance('tekton', () => TektonWorld.open());
