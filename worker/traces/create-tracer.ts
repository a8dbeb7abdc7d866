import { diag, type Tracer } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider, type Sampler, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '@temporalio/common';
import { packageVersion } from '../../activities/package-version.ts';
import { chosenIds, type ChosenIds } from './chosen-ids.ts';
import type { TraceSettings } from './trace-settings.ts';

/** Spans that wait for the collector; more are dropped, and counted in the log. About 1 kB each. */
const QUEUE_SPANS = 16_384;
const EXPORT_SPANS = 1_024;
const EXPORT_MILLISECONDS = 1_000;
/** A collector that does not answer must not keep a command from its end. */
const CLOSE_MILLISECONDS = 5_000;

export interface OpenTracer {
  tracer: Tracer;
  ids: ChosenIds;
  /** Hands over what is left; gives up after 5 s. */
  close(): Promise<void>;
}

/** A tracer that hands spans to the collector that the environment names, in the background. Nothing global is set but where OpenTelemetry's own warnings go. */
export function createTracer(settings: TraceSettings, logger: Logger): OpenTracer {
  // Drops of a full queue are told here; failures of the collector by the exporter below.
  diag.setLogger({ warn: (message) => void logger.warn(`traces: ${message}`), error: ignore, info: ignore, debug: ignore, verbose: ignore }, { suppressOverrideMessage: true });
  const ids = chosenIds();
  const exporter = toldFailures(createExporter(settings), logger);
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': 'syngraph', 'service.version': packageVersion() })).merge(detectResources({ detectors: [envDetector] })),
    sampler: samplerOf(settings),
    idGenerator: ids.generator,
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE_SPANS, maxExportBatchSize: EXPORT_SPANS, scheduledDelayMillis: EXPORT_MILLISECONDS })],
  });
  return {
    tracer: provider.getTracer('syngraph', packageVersion()),
    ids,
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const givenUp = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          logger.warn(`traces: the collector has not taken the last spans within ${CLOSE_MILLISECONDS / 1000} s; they are lost`);
          resolve();
        }, CLOSE_MILLISECONDS);
      });
      const shutdown = provider.shutdown().catch((error: unknown) => void logger.warn(`traces: ${error instanceof Error ? error.message : String(error)}`));
      await Promise.race([shutdown, givenUp]);
      clearTimeout(timer);
    },
  };
}

function createExporter({ protocol }: TraceSettings): SpanExporter {
  return protocol === 'http/json' ? new JsonExporter() : new ProtobufExporter();
}

/** OpenTelemetry keeps failures to itself. The first is a warning, the rest are for the log's file; bodies and headers are in neither. */
function toldFailures(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isTold = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) {
          const message = `traces: the collector did not take ${spans.length} spans: ${result.error.message}`;
          if (isTold) logger.info(message);
          else logger.warn(message);
          isTold = true;
        }
        done(result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

function samplerOf({ sampler, ratio }: TraceSettings): Sampler {
  const root = sampler.endsWith('traceidratio') ? new TraceIdRatioBasedSampler(ratio) : sampler.endsWith('always_off') ? new AlwaysOffSampler() : new AlwaysOnSampler();
  return sampler.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root;
}

function ignore(): void {
  return;
}
