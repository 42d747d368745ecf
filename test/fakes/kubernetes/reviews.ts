/** Who is who and who may what in a fake cluster, as its API server answers reviews. */
export interface FakeUser {
  readonly name: string;
  readonly token: string;
  /** Rights as `verb resource.group namespace`; `*` stands for every namespace and for the cluster. */
  readonly rights: readonly string[];
}

type Spec = Readonly<Record<string, unknown>>;
interface Attributes {
  readonly namespace?: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
}

/** Address -> the status of a review of this spec. */
export function reviewsBy(users: () => readonly FakeUser[]): ReadonlyMap<string, (spec: Spec) => object> {
  const tokenReview = ({ token }: Spec): object => {
    const user = users().find((one) => one.token === token);
    if (user === undefined) return { authenticated: false, error: 'invalid bearer token' };
    return {
      authenticated: true,
      user: { username: user.name, uid: `uid-${user.name}`, groups: ['people'] },
    };
  };
  const accessReview = ({ user, resourceAttributes }: Spec): object => {
    const { namespace = '', verb, group, resource } = resourceAttributes as Attributes;
    const what = `${verb} ${resource}.${group}`;
    const rights = users().find((one) => one.name === user)?.rights ?? [];
    return {
      allowed: rights.includes(`${what} *`) || (namespace !== '' && rights.includes(`${what} ${namespace}`)),
    };
  };
  return new Map([
    ['/apis/authentication.k8s.io/v1/tokenreviews', tokenReview],
    ['/apis/authorization.k8s.io/v1/subjectaccessreviews', accessReview],
  ]);
}
