/** Entry point of the workflow bundle. Only what runs in Temporal's sandbox is exported here. */
export { batch } from './batch.ts';
export { limiter } from './limiter.ts';
export { merge } from './merge.ts';
export { pipeline, pipeline as quality } from './pipeline.ts';
export { range } from './range.ts';
export { record } from './record.ts';
export { scheduled } from './scheduled.ts';
export { subgraph } from './subgraph.ts';
