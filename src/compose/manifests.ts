/** The manifests for the command line, which knows no adapter. Nothing else is loaded with them. */
export { manifests } from '../adapters/tekton/manifests/manifests.ts';
