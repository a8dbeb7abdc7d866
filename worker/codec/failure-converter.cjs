// Loaded by Temporal's SDK through its path; create-data-converter.ts puts the converter there.
exports.failureConverter = globalThis[Symbol.for('syngraph.failure-converter')];
