/** What an installation may choose: the options of `penstock manifests`, checked. */

export type HoldBy = 'policy' | 'webhook' | 'none';

/** What becomes of new runs while they cannot be held: created unheld, or refused. */
export type OnFailure = 'open' | 'closed';

export interface ManifestOptions {
  readonly namespace: string;
  readonly hold: HoldBy;
  readonly onFailure: OnFailure;
  /** Users cannot start held runs, nor touch the label that says who held them. */
  readonly guard: boolean;
  /** The API server refuses starts that come too late or from one who no longer leads. */
  readonly fence: boolean;
  /** The namespace of the multi-platform controller, to read its `host-config`; null: not read. */
  readonly hostConfigNamespace: string | null;
  /** Read pods and their measured use. */
  readonly usage: boolean;
  /** Create runs: for the launches and test runs of policies, and for `penstock run create`. */
  readonly policies: boolean;
  /** The image of Penstock, to print what runs it; null: it runs elsewhere. */
  readonly image: string | null;
  /** The Secret with the address of the database that several share; null: one keeps its own in a volume. */
  readonly storeSecret: string | null;
  /** How many webhooks run, and how many that share a database. */
  readonly replicas: number;
}
