/** Names a run in every activity input; the rest is in the run's folder of the store. */
export interface RunReference {
  pipeline: string;
  run: string;
  planHash: string;
}
