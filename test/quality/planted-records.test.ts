import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QualityPool } from '../../activities/quality/quality-pool.ts';
import { isRuleFault } from '../../activities/quality/quality-protocol.ts';
import { readStateConversation } from '../../activities/quality/read-state-conversation.ts';
import { QUALITY_RULE_DEFAULTS, type BenchmarkPlan } from '../../pipeline/quality-rules.ts';
import { ContaminationIndexBuilder } from '../../quality/contamination-index.ts';
import { viewMessages } from '../../quality/view-messages.ts';
import { wordsOf } from '../../quality/words.ts';
import { DEFECTS, EXAM, plantRecords } from './planted-records.ts';

const EXAM_FILE: BenchmarkPlan = { name: 'exam', source: { type: 'disk', path: 'exam.jsonl', format: 'jsonl', encoding: 'utf-8', transformations: [], onBadRecord: 'stop' } };

describe('2,000 records with planted defects', () => {
  it('lose at least 95 % of each defect to the rule meant for it, and at most 2 % of the clean ones', async () => {
    const records = await plantRecords(2_000);
    // Counting tokens rejects nothing here, and takes half of the time.
    const { conversation_pretokenization: _, ...judging } = QUALITY_RULE_DEFAULTS;
    const rules = { ...judging, pii: { ...QUALITY_RULE_DEFAULTS.pii, reject: true }, toxicity: { max: 0.9 }, contamination: { ...QUALITY_RULE_DEFAULTS.contamination, benchmarks: [EXAM_FILE] } };
    const index = new ContaminationIndexBuilder({ size: rules.contamination.words, leastWords: rules.contamination.minWords });
    for (const text of EXAM) index.add(EXAM_FILE.name, wordsOf(text));
    const outcomes = await new QualityPool().assess(records.map(({ row }) => viewMessages(readStateConversation(row, null).conversation)), { rules, tellLanguage: false, contamination: index.finish(), chat: null });
    const assessments = outcomes.flatMap((outcome) => (isRuleFault(outcome) ? [] : [outcome]));
    assert.equal(assessments.length, records.length);
    const shareOf = (defect: string, isCaught: (rejecting: string[]) => boolean): number => {
      const own = records.flatMap((record, index) => (record.defect === defect ? [assessments[index]!.rejections.map(({ rule }) => rule)] : []));
      assert.ok(own.length >= 50, defect);
      return own.filter(isCaught).length / own.length;
    };
    for (const [defect, rule] of Object.entries(DEFECTS)) assert.ok(shareOf(defect, (rejecting) => rejecting.includes(rule)) >= 0.95, defect);
    assert.ok(shareOf('clean', (rejecting) => rejecting.length > 0) <= 0.02);
  });
});
