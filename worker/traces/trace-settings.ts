import { SyngraphError } from '../../pipeline/errors.ts';

/** What OpenTelemetry's environment variables ask for. */
export interface TraceSettings {
  protocol: 'http/protobuf' | 'http/json';
  sampler: (typeof SAMPLERS)[number];
  /** Share of traces that the ratio samplers keep, 0 to 1. */
  ratio: number;
}

const PROTOCOLS = ['http/protobuf', 'http/json'] as const;
const SAMPLERS = ['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio', 'always_on', 'always_off', 'traceidratio'] as const;

/**
 * Traces are wanted where OTEL_TRACES_EXPORTER says `otlp`, or where it says nothing and an endpoint is named.
 * Empty variables count as unset, as OpenTelemetry's specification of environment variables has it.
 * @returns null where no traces are wanted
 * @throws SyngraphError USAGE for a value that Syngraph does not know
 */
export function traceSettings(environment: NodeJS.ProcessEnv): TraceSettings | null {
  const valueOf = (...names: string[]): string | undefined => names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== '');
  if (valueOf('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return null;
  const hasEndpoint = valueOf('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT') !== undefined;
  const exporter = oneOf('OTEL_TRACES_EXPORTER', valueOf('OTEL_TRACES_EXPORTER') ?? (hasEndpoint ? 'otlp' : 'none'), ['otlp', 'none']);
  if (exporter === 'none') return null;
  const ratio = Number(valueOf('OTEL_TRACES_SAMPLER_ARG') ?? '1');
  if (!(ratio >= 0 && ratio <= 1)) throw unknownValue('OTEL_TRACES_SAMPLER_ARG', ['a number from 0 to 1']);
  return {
    protocol: oneOf('OTEL_EXPORTER_OTLP_PROTOCOL', valueOf('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf', PROTOCOLS),
    sampler: oneOf('OTEL_TRACES_SAMPLER', valueOf('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on', SAMPLERS),
    ratio,
  };
}

function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  return allowed.find((each) => each === value) ?? (() => { throw unknownValue(name, allowed); })();
}

function unknownValue(name: string, allowed: readonly string[]): SyngraphError {
  return new SyngraphError({ code: 'USAGE', message: `${name} has a value that is not supported`, nextStep: `Give it one of: ${allowed.join(', ')}. OTEL_TRACES_EXPORTER=none turns traces off.` });
}
