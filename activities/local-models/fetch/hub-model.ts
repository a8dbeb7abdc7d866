import { basename, dirname, join } from 'node:path';
import { TEMPLATE_FILE } from '../../models/completions/tokenizer-facts.ts';
import { LocalModelError } from '../local-model-error.ts';
import { MODEL_FILES } from '../model-files.ts';
import { listRepository, type HubListing, type ListedFile } from './hub-listing.ts';
import type { FetchOptions, ModelSource } from './model-source.ts';

/** Of the files of one repository, the first kind that there is: nothing is won by more than eight bits. */
const PREFERRED = ['Q8_0', 'Q6_K', 'Q5_1', 'Q5_0', 'Q4_K_M', 'Q4_K_S', 'Q4_1', 'Q4_0', 'F16', 'BF16', 'F32'];

/** Graphs that score or classify whole texts, as repositories name them. */
const GRAPHS = ['model.onnx', 'onnx/model.onnx', 'onnx/decoder_model.onnx', 'decoder_model.onnx'];

const TOKENIZER_FILES: string[] = [MODEL_FILES.tokenizer, MODEL_FILES.tokenizerConfig, TEMPLATE_FILE];

/** `owner/name`, with the kind of file after a colon where it matters. */
export const HUB_NAME = /^([\w.-]+\/[\w.-]+)(?::([\w.-]+))?$/;

/** A GGUF file of a repository on the Hub at the commit of its first use, or its ONNX graph and tokenizer. */
export function hubModel(name: string, options: FetchOptions): ModelSource {
  const [, repository = '', kind] = HUB_NAME.exec(name) ?? [];
  return {
    title: name,
    key: `hub-${repository.replace('/', '--')}${kind === undefined ? '' : `-${kind}`}`.toLowerCase(),
    async fetch(folder) {
      const listing = await listRepository(repository, options);
      const { commit, files } = listing;
      const graph = GRAPHS.map((path) => files.find((file) => file.name === path)).find((file) => file !== undefined);
      if (graph !== undefined && kind === undefined && !files.some(({ name: path }) => path.endsWith('.gguf'))) {
        await fetchGraph(listing, { graph, folder: join(folder, 'model') });
        return { conversion: null, origin: { repository, commit, file: graph.name, ...(graph.sha256 === null ? {} : { sha256: graph.sha256 }) } };
      }
      const file = choose(repository, files, kind);
      const source = join(folder, 'model.gguf');
      await listing.download(file, source);
      return { conversion: { kind: 'gguf', source }, origin: { repository, commit, file: file.name, sha256: file.sha256 ?? '' } };
    },
  };
}

/** The tokenizer of a repository on the Hub, and its chat template. */
export function hubTokenizer(repository: string, options: FetchOptions): ModelSource {
  return {
    title: `the tokenizer of ${repository}`,
    key: `hub-tokenizer-${repository.replace('/', '--')}`.toLowerCase(),
    async fetch(folder) {
      const listing = await listRepository(repository, options);
      await fetchTokenizer(listing, join(folder, 'model'));
      return { conversion: null, origin: { repository, commit: listing.commit } };
    },
  };
}

/** The graph, the weights beside it, and all that it takes to read texts for it. */
async function fetchGraph(listing: HubListing, { graph, folder }: { graph: ListedFile; folder: string }): Promise<void> {
  const { files } = listing;
  await listing.download(graph, join(folder, MODEL_FILES.scoring));
  const weights = files.filter(({ name }) => dirname(name) === dirname(graph.name) && basename(name).startsWith(basename(graph.name)) && name !== graph.name);
  for (const file of weights) await listing.download(file, join(folder, basename(file.name)));
  const config = files.find(({ name }) => name === MODEL_FILES.config);
  if (config === undefined) throw new LocalModelError(`the repository has no ${MODEL_FILES.config}`);
  await listing.download(config, join(folder, MODEL_FILES.config));
  await fetchTokenizer(listing, folder);
}

async function fetchTokenizer({ files, download }: HubListing, folder: string): Promise<void> {
  if (!files.some(({ name }) => name === MODEL_FILES.tokenizer)) throw new LocalModelError(`the repository has no ${MODEL_FILES.tokenizer}`);
  for (const file of files.filter(({ name }) => TOKENIZER_FILES.includes(name))) await download(file, join(folder, file.name));
}

function choose(repository: string, files: ListedFile[], kind: string | undefined): ListedFile {
  const whole = files.filter(({ name, sha256 }) => sha256 !== null && name.endsWith('.gguf') && !/-\d{5}-of-\d{5}\.gguf$/.test(name));
  for (const wanted of kind === undefined ? PREFERRED : [kind]) {
    const found = whole.find(({ name }) => name.toUpperCase().includes(wanted.toUpperCase()));
    if (found !== undefined) return found;
  }
  const has = whole.length === 0 ? 'no GGUF file in one piece, and no ONNX graph; name a repository with one, most are called …-GGUF' : whole.map(({ name }) => name).join(', ');
  throw new LocalModelError(`${repository} has ${has}`);
}
