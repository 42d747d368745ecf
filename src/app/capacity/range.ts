/** Between what bounds a number lies, both included. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** How far a number is from the nearer bound; 0 within. */
export function distance(units: number, { least, most }: Range): number {
  return Math.max(0, least - units, units - most);
}
