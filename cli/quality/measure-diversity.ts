import { embedTexts } from '../../activities/local-models/embed-texts.ts';
import { DEFAULT_EMBEDDING_MODEL } from '../../pipeline/model-plan.ts';
import { meanNearestDistance, vendiScore } from '../../quality/embedding-diversity.ts';

export interface MeasuredDiversity {
  /** Texts of the sample. */
  texts: number;
  /** How many different texts there seem to be (Friedman and Dieng 2023). */
  vendi: number;
  /** Mean cosine distance of a text to the nearest other one. */
  nearest: number;
}

export interface DiversityReport {
  /** Of the embeddings. */
  model: string;
  all: MeasuredDiversity;
  accepted: MeasuredDiversity;
}

export interface MeasureDiversity {
  samples: { all: string[]; accepted: string[] };
  /** A folder, or the name of the packaged model, which is the default. */
  model: string | null;
  environment: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
}

/** How diverse samples of texts are. Texts that are in both are embedded once. */
export async function measureDiversity({ samples, model, environment, onProgress }: MeasureDiversity): Promise<DiversityReport> {
  const name = model ?? DEFAULT_EMBEDDING_MODEL;
  const texts = [...new Set([...samples.all, ...samples.accepted])].filter((text) => text !== '');
  const vectors = await embedTexts(texts, { model: name, environment, signal: new AbortController().signal, onProgress });
  const vectorOf = new Map(texts.map((text, index) => [text, vectors[index]!]));
  const measure = (list: string[]): MeasuredDiversity => {
    const found = list.flatMap((text) => vectorOf.get(text) ?? []);
    return { texts: found.length, vendi: vendiScore(found), nearest: meanNearestDistance(found) };
  };
  return { model: name, all: measure(samples.all), accepted: measure(samples.accepted) };
}
