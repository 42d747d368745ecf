/**
 * Reads a policy file of either format, or several of Penstock's documents in one file.
 *
 * Always true: nothing is thrown for what stands in the text; every mistake is a problem with
 * its place; how much is read, and how many problems are listed, is bounded.
 */
import { isMapping } from '../schema-parts.ts';
import { readYaml, type YamlDocument, type YamlMistake } from '../yaml/read-yaml.ts';
import { readGitlabFile } from './gitlab-reader.ts';
import { readPenstockPolicy } from './penstock-reader.ts';
import {
  inFileOrder,
  type PolicyDocument,
  type PolicyProblem,
  type PolicyReport,
  type ReadPolicy,
} from './report.ts';

/** Of one file; a file may have a mebibyte. */
const POLICIES_MAX = 2_000;
const PROBLEMS_MAX = 200;
/** As in a text. */
const DEPTH_MAX = 100;

/** `nowMs` is for warnings about what is near: a window that opens soon, the next change of clocks. */
export function readPolicies(text: string, nowMs: number): PolicyReport {
  const own = readYaml(text);
  if (own.documents.some(({ value }) => isOwn(value))) {
    return ordered(ownDocuments(own.documents, nowMs), own.mistakes.map(yamlError));
  }
  // GitLab's reader understands the same text differently.
  const { documents, mistakes } = readYaml(text, 'psych');
  const read = mistakes.map((mistake) => (mistake.isRepeatedKey ? repeatedKey(mistake) : yamlError(mistake)));
  const [document, ...others] = documents;
  const ignored = others.map(secondDocument);
  if (document === undefined) {
    const nothing = read.length === 0 ? [problem('policy-invalid', null, 'the file is empty.')] : [];
    return ordered({ policies: [], problems: [] }, [...read, ...nothing]);
  }
  return ordered(readGitlabFile({ value: document.value, places: document }, nowMs), [...read, ...ignored]);
}

/** One document that came as data, without a text: its problems have no place. */
export function readPolicyDocument(value: unknown, nowMs: number): PolicyReport {
  if (isDeeperThan(value, DEPTH_MAX)) {
    const message = `the document is nested deeper than ${DEPTH_MAX} levels.`;
    return { policies: [], problems: [problem('policy-invalid', null, message)] };
  }
  const document: PolicyDocument = { value, places: null };
  const report = isOwn(value) ? readPenstockPolicy(document, nowMs) : readGitlabFile(document, nowMs);
  return ordered(report, []);
}

function isDeeperThan(value: unknown, most: number): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; depth <= most; depth += 1) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}

/** Whether it means to be a document of Penstock's, right or wrong. */
function isOwn(value: unknown): boolean {
  return isMapping(value) && (Object.hasOwn(value, 'kind') || Object.hasOwn(value, 'apiVersion'));
}

function ownDocuments(documents: readonly YamlDocument[], nowMs: number): PolicyReport {
  const policies = new Map<string, ReadPolicy>();
  const problems: PolicyProblem[] = [];
  for (const document of documents.slice(0, POLICIES_MAX)) {
    const report = readPenstockPolicy({ value: document.value, places: document }, nowMs);
    problems.push(...report.problems);
    for (const read of report.policies) {
      const { name } = read.policy;
      if (policies.has(name)) {
        const message = `metadata.name is ${JSON.stringify(name)}, as in a document before; it must be a name no other policy has.`;
        const place = document.keyPlace(['metadata', 'name']);
        problems.push({ ...problem('policy-invalid', place, message), field: 'metadata.name' });
      } else policies.set(name, read);
    }
  }
  if (documents.length > POLICIES_MAX) {
    const message = `the file has ${documents.length} documents; it must have at most ${POLICIES_MAX}.`;
    problems.push(problem('policy-invalid', documents[POLICIES_MAX]?.keyPlace([]) ?? null, message));
  }
  return { policies: [...policies.values()], problems };
}

function yamlError({ place, message }: YamlMistake): PolicyProblem {
  return problem('yaml-invalid', place, place === null ? `the file ${message}.` : `${message}.`);
}

function repeatedKey({ place, message }: YamlMistake): PolicyProblem {
  return { ...problem('key-twice', place, `${message}; GitLab takes the last.`), severity: 'warning' };
}

function secondDocument(document: YamlDocument): PolicyProblem {
  const message = 'a second document begins here, which GitLab does not read.';
  return { ...problem('key-without-effect', document.keyPlace([]), message), severity: 'warning' };
}

function problem(code: PolicyProblem['code'], place: PolicyProblem['place'], message: string): PolicyProblem {
  return { severity: 'error', code, place, field: '', message };
}

function ordered(report: PolicyReport, others: readonly PolicyProblem[]): PolicyReport {
  const problems = inFileOrder([...others, ...report.problems]);
  const errors = problems.filter(({ severity }) => severity === 'error');
  const isRefused = errors.some(({ code }) => code === 'yaml-invalid');
  const shown = problems.length <= PROBLEMS_MAX ? problems : mostSevere(problems, errors);
  return { policies: isRefused ? [] : report.policies, problems: shown };
}

function mostSevere(
  problems: readonly PolicyProblem[],
  errors: readonly PolicyProblem[],
): readonly PolicyProblem[] {
  const kept = new Set([...errors, ...problems].slice(0, PROBLEMS_MAX));
  const message = `there are ${problems.length - kept.size} more problems; mend these first.`;
  const rest: PolicyProblem = {
    ...problem('policy-invalid', null, message),
    severity: errors.length > 0 ? 'error' : 'warning',
  };
  return [...problems.filter((one) => kept.has(one)), rest];
}
