import type { QualityRuleSettings } from '../../pipeline/quality-rules.ts';
import { categoryOf } from '../category-of.ts';
import type { QualityRule } from '../rule.ts';

/**
 * Section 4.1, check 8, and the rules of 4.2: what the conversation contains, and which of the
 * seven categories it is of. `ambiguous` says that a model had better decide. Rejects nothing.
 */
export const dataCharacteristics: QualityRule<QualityRuleSettings['data_characteristics']> = (view) => {
  const { codeBlocks, inlineCode, formulas, mathSymbols, citations, tables, listItems, numberedItems, urls } = view.markUp;
  const { category, signals, isSure } = categoryOf(view);
  return {
    tags: {
      data_characteristics: {
        code_blocks: codeBlocks,
        inline_code: inlineCode,
        math_symbols: formulas + mathSymbols,
        citations,
        tables,
        list_items: listItems + numberedItems,
        urls,
        category,
        category_signals: signals,
        ambiguous: !isSure,
      },
    },
    reject: null,
  };
};
