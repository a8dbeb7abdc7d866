import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SyngraphError } from '../../../pipeline/errors.ts';
import { traceSettings } from '../../../worker/traces/trace-settings.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };
const USUAL = { protocol: 'http/protobuf', sampler: 'parentbased_always_on', ratio: 1 };

describe('traceSettings', () => {
  for (const [title, environment, expected] of [
    ['is off without variables', {}, null],
    ['is off where variables are empty', { OTEL_EXPORTER_OTLP_ENDPOINT: '', OTEL_TRACES_EXPORTER: '' }, null],
    ['is on with an endpoint', ENDPOINT, USUAL],
    ['is on with an endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:4318/v1/traces' }, USUAL],
    ['is on with an exporter', { OTEL_TRACES_EXPORTER: 'otlp' }, USUAL],
    ['is off where the exporter is none', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, null],
    ['is off where the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }, null],
    ['lets the protocol of traces win', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json' }, { ...USUAL, protocol: 'http/json' }],
    ['takes a sampler', { ...ENDPOINT, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.1' }, { ...USUAL, sampler: 'parentbased_traceidratio', ratio: 0.1 }],
  ] as const) {
    it(title, () => assert.deepEqual(traceSettings(environment), expected));
  }

  for (const [name, value] of [
    ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_TRACES_SAMPLER', 'jaeger_remote'],
    ['OTEL_TRACES_SAMPLER_ARG', '3'],
  ] as const) {
    it(`refuses ${name}=${value}, and names what is allowed`, () => {
      assert.throws(() => traceSettings({ ...ENDPOINT, [name]: value }), (error) => error instanceof SyngraphError && error.code === 'USAGE' && error.message.includes(name) && error.nextStep !== undefined);
    });
  }
});
