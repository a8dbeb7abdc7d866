/** A fault of one request to a local model, such as a prompt that is too long. */
export class LocalRequestError extends Error {
  override readonly name = 'LocalRequestError';
}
