/** Contents of the images and sounds that rows refer to. */
export interface MediaSource {
  /** Bytes; null where there is no such content. */
  size(name: string): Promise<number | null>;
  read(name: string): Promise<Uint8Array | null>;
}
