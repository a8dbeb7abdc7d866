import type { Diagnostic } from '../diagnostics.ts';
import { readVariableName } from '../environment-variable.ts';
import { LOOSE_PARAMETERS } from '../schema/model-schema.ts';
import type { YamlPath } from '../yaml-source.ts';
import type { ModelSettings } from './compile-model-plan.ts';

export type SettingsReport = Pick<Diagnostic, 'code' | 'message' | 'hint'> & {
  severity?: Diagnostic['severity'];
  path: YamlPath;
  target?: { part: 'key' };
};

const SECRET_KEYS = {
  auth_token: ['A key', 'SYGRA_<MODEL>_TOKEN'],
  aws_access_key_id: ['An access key', 'SYGRA_<MODEL>_AWS_ACCESS_KEY_ID'],
  aws_secret_access_key: ['An access key', 'SYGRA_<MODEL>_AWS_SECRET_ACCESS_KEY'],
  aws_session_token: ['A session token', 'SYGRA_<MODEL>_AWS_SESSION_TOKEN'],
  vertex_credentials: ['Credentials', 'SYGRA_<MODEL>_VERTEX_CREDENTIALS'],
} as const;

const COMPLETIONS_TYPES = ['openai', 'azure_openai', 'azure', 'vllm', 'tgi', 'ollama'];

/** Secrets that stand in the file, whose texts are never repeated; parameters in the wrong place; settings that do not go together. */
export function checkModelSettings(settings: ModelSettings, report: (report: SettingsReport) => void): void {
  checkSecrets(settings, report);
  for (const key of LOOSE_PARAMETERS) {
    if (settings[key] === undefined || settings[key] === null) continue;
    const hint = `Write parameters: {${key}: …}.`;
    report({ code: 'DEPRECATED_KEY', severity: 'warning', path: [key], target: { part: 'key' }, message: `"${key}" belongs under parameters`, hint });
  }
}

/** Looks at the settings of models.yaml and the node together; `given` are those that stand in the file at hand. */
export function checkTogether(settings: ModelSettings, given: ModelSettings, report: (report: SettingsReport) => void): void {
  const { model_type: type = 'openai' } = settings;
  if (given.completions_api === true && !COMPLETIONS_TYPES.includes(type)) {
    report({ code: 'WRONG_VALUE', path: ['completions_api'], message: `Models of type ${type} have no completions API`, hint: `It is there for ${COMPLETIONS_TYPES.join(', ')}.` });
  }
  if (type === 'http' && (settings.json_payload == null || typeof settings.json_payload === 'boolean') && settings.payload_key == null) {
    const hint = 'Give the body of the request, with {messages} or {prompt} in it, and response_path, where its answer has the text.';
    report({ code: 'MISSING_KEY', path: [], message: '"json_payload" is missing: nothing says what a custom endpoint is sent', hint });
  }
  if (type === 'http' && settings.response_path == null && settings.response_key == null) {
    const hint = 'Say where the answer has its text, e.g. response_path: choices[0].message.content.';
    report({ code: 'MISSING_KEY', path: [], message: '"response_path" is missing', hint });
  }
  if (given.otherwise != null && (type !== 'local' || given.otherwise.model_type === 'local')) {
    report({ code: 'WRONG_VALUE', path: ['otherwise'], message: '"otherwise" names a model with an endpoint, which takes the place of one of type local', hint: 'Write model_type: local, and another model_type under otherwise.' });
  }
  if (settings.mode === 'batch' && (type !== 'openai' || settings.completions_api === true || (settings.output_type ?? 'text') !== 'text')) {
    report({ code: 'WRONG_VALUE', path: given.mode == null ? [] : ['mode'], message: '"mode: batch" is for chat completions of models of type openai that answer with text', hint: 'Leave mode out: each request is then a call of its own.' });
  }
  if (type === 'triton' && given.payload_key != null && given.payload_key !== 'default' && settings.json_payload == null) {
    const hint = 'Put that entry of payload_cfg.json under json_payload, with {messages} and {parameters} in it, and its response_key under response_key.';
    report({ code: 'WRONG_VALUE', path: ['payload_key'], message: 'Only the payload "default" is built in', hint });
  }
}

function checkSecrets(settings: ModelSettings, report: (report: SettingsReport) => void): void {
  for (const [key, [what, variable]] of Object.entries(SECRET_KEYS)) {
    const given = settings[key as keyof typeof SECRET_KEYS];
    if (given === null || given === undefined || readVariableName(given) !== null) continue;
    report({
      code: 'SECRET_IN_FILE',
      path: [key],
      message: `${what} must not stand in a file`,
      hint: `Put it into the environment and write ${key}: $NAME, or leave the key out and set ${variable}. If this one is real, revoke it.`,
    });
  }
  for (const key of ['headers', 'extra_headers'] as const) {
    for (const [header, value] of Object.entries(settings[key] ?? {})) {
      if (!/authorization|api[-_]?key|token|cookie|secret/i.test(header) || readVariableName(value) !== null) continue;
      report({
        code: 'SECRET_IN_FILE',
        path: [key, header],
        message: `The header ${header} must not stand in a file`,
        hint: `Put it into the environment and write ${header}: $NAME, or set SYGRA_<MODEL>_TOKEN, which is sent as the key.`,
      });
    }
  }
  const urls = [settings.url ?? []].flat();
  if (urls.some((url) => /\/\/[^/?#\s]*@/.test(url))) {
    report({
      code: 'SECRET_IN_FILE',
      path: ['url'],
      message: 'A url must not hold a user name or password',
      hint: 'Set SYGRA_<MODEL>_TOKEN in the environment instead.',
    });
  }
}
