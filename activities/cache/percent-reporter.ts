/** Says every tenth of the way of a download. */
export function percentReporter(what: string, onProgress: (line: string) => void): (received: number, total: number | null) => void {
  let told = 0;
  return (received, total) => {
    if (total === null) return;
    const tenths = Math.floor((received / total) * 10);
    if (tenths === told) return;
    told = tenths;
    onProgress(`Downloading ${what}: ${tenths * 10} % of ${Math.round(total / 1e6)} MB`);
  };
}
