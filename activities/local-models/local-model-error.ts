/** Why a model cannot be fetched, converted or run. Its text goes on from the name of the model. */
export class LocalModelError extends Error {
  override readonly name = 'LocalModelError';
}
