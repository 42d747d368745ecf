/**
 * The keys of Tekton v1, level by level: those this engine reads (or, like images and
 * descriptions, may leave aside because a run means the same without), and those it
 * would have to honour and cannot.
 */
import type { Shape } from './field.ts';

export const FILE: Shape = { allowed: ['apiVersion', 'kind', 'metadata', 'spec'], unsupported: ['status'] };

export const METADATA: Shape = {
  allowed: ['name', 'generateName', 'namespace', 'labels', 'annotations'],
  unsupported: [],
};

export const PIPELINE_SPEC: Shape = {
  allowed: ['displayName', 'description', 'params', 'tasks', 'finally'],
  unsupported: ['workspaces', 'results'],
};

export const PIPELINE_RUN_SPEC: Shape = {
  allowed: ['pipelineSpec', 'params', 'timeouts', 'status'],
  unsupported: ['pipelineRef', 'workspaces', 'taskRunTemplate', 'taskRunSpecs', 'managedBy'],
};

export const TIMEOUTS: Shape = { allowed: ['pipeline', 'tasks', 'finally'], unsupported: [] };

export const PARAM_DECLARATION: Shape = {
  allowed: ['name', 'type', 'description', 'default'],
  unsupported: ['enum', 'properties'],
};

export const PARAM: Shape = { allowed: ['name', 'value'], unsupported: [] };

export const TASK: Shape = {
  allowed: [
    'name',
    'displayName',
    'description',
    'taskSpec',
    'runAfter',
    'params',
    'retries',
    'timeout',
    'onError',
  ],
  unsupported: ['taskRef', 'pipelineRef', 'pipelineSpec', 'when', 'matrix', 'workspaces'],
};

export const TASK_SPEC: Shape = {
  allowed: ['displayName', 'description', 'metadata', 'params', 'results', 'steps'],
  unsupported: ['apiVersion', 'kind', 'spec', 'workspaces', 'sidecars', 'volumes', 'stepTemplate'],
};

export const RESULT: Shape = {
  allowed: ['name', 'type', 'description'],
  unsupported: ['properties', 'value'],
};

export const STEP: Shape = {
  allowed: [
    'name',
    'displayName',
    'image',
    'imagePullPolicy',
    'script',
    'command',
    'args',
    'env',
    'workingDir',
    'timeout',
    'onError',
  ],
  unsupported: [
    'computeResources',
    'envFrom',
    'params',
    'ref',
    'results',
    'securityContext',
    'stderrConfig',
    'stdoutConfig',
    'volumeDevices',
    'volumeMounts',
    'when',
    'workspaces',
  ],
};

export const ENV: Shape = { allowed: ['name', 'value'], unsupported: ['valueFrom'] };
