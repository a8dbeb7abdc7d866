import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { barChart, figures, histogram, html, htmlPage, htmlTable } from '../../../../cli/render/html/page.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>\u202e\u0000&amp;`;

describe('a page of HTML', () => {
  it('asks for nothing from elsewhere and runs no script', () => {
    const page = htmlPage({ title: 'Quality', subtitle: 'of a file', sections: [{ title: 'One', body: html`<p>Text</p>` }] });
    assert.match(page, /^<!doctype html>/);
    assert.match(page, /default-src 'none'/);
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|https?:|url\(|@import/);
  });

  it('shows what data says, whatever it says, and never obeys it', () => {
    const hostile = [
      htmlTable([{ title: HOSTILE }], [[HOSTILE]]),
      figures([{ label: HOSTILE, value: HOSTILE, note: HOSTILE }]),
      barChart({ title: HOSTILE, bars: [{ label: HOSTILE, value: 3, note: HOSTILE }] }),
      histogram({ title: HOSTILE, note: HOSTILE, bins: [{ from: 0, to: 1, count: 2 }], thresholds: [{ value: 0.5, label: HOSTILE }], format: () => HOSTILE }),
    ];
    const page = htmlPage({ title: HOSTILE, subtitle: HOSTILE, sections: [{ title: HOSTILE, body: hostile }] });
    assert.doesNotMatch(page, /<script|<img|\u202e/);
    assert.ok(!page.includes('\u0000'));
    assert.match(page, /&lt;script&gt;alert\(1\)/);
    assert.match(page, /&amp;amp;/);
  });

  it('keeps any text within its element and its attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { html: made } = html`<p title="${text}">${text}</p>`;
        assert.equal(made.match(/[<>]/g)?.length, 4);
        assert.equal(made.match(/"/g)?.length, 2);
      }),
    );
  });
});

describe('a histogram', () => {
  it('gives each bin its room, on a scale of factors too, and draws nothing outside', () => {
    const bins = [1, 10, 100].map((from) => ({ from, to: from * 10, count: 5, part: 2 }));
    const { html: drawn } = histogram({ title: 'Perplexity', bins, scale: 'log', thresholds: [{ value: 1e9, label: 'at most 1000' }] });
    const widths = [...drawn.matchAll(/class="second" x="[\d.]+" y="[\d.]+" width="([\d.]+)"/g)].map((match) => Number(match[1]));
    assert.deepEqual(new Set(widths).size, 1);
    for (const [, x] of drawn.matchAll(/ x1?="([\d.-]+)"/g)) assert.ok(Number(x) >= 0 && Number(x) <= 640, x);
  });

  it('draws a set without values, and bars that are all zero', () => {
    assert.doesNotMatch(histogram({ title: 'Nothing', bins: [] }).html, /NaN|Infinity/);
    assert.doesNotMatch(barChart({ title: 'Nothing', bars: [{ label: 'a', value: 0 }] }).html, /NaN|Infinity/);
  });
});
