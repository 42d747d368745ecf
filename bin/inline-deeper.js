// How deep V8's compiler may inline, for penstock and for its benchmarks alike. Admission is made of
// many small functions that call each other for every start and end; with V8's own budget the
// outer ones stop inlining half-way. Measured with the queue of `npm run bench -- admission`:
// twice the budget 4 % faster, three times 6 %, more brings nothing more.
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--max-inlined-bytecode-size-cumulative=3000');
