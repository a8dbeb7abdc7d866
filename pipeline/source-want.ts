/** A source as the YAML has it, enough to find and open it. */
export type SourceWant =
  | { type: 'disk'; filePath: string; format: string | null; encoding: string }
  | {
      type: 'hf';
      repoId: string;
      configName: string | null;
      splits: string[];
      tokenVariable: string | null;
      shard?: { regex: string | null; index: number[] | null };
    }
  /** Nothing of it is looked at before the run: validating must not need an instance. */
  | { type: 'servicenow'; fields: string[] | null };
