function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}

function padded(bytes: Uint8Array): DataView {
  const size = ((bytes.length + 8) >> 6) + 1;
  const view = new DataView(new ArrayBuffer(size * 64));
  bytes.forEach((byte, index) => view.setUint8(index, byte));
  view.setUint8(bytes.length, 0x80);
  view.setUint32(size * 64 - 8, Math.floor(bytes.length / 0x20000000));
  view.setUint32(size * 64 - 4, (bytes.length << 3) >>> 0);
  return view;
}

function mix(step: number, b: number, c: number, d: number): number {
  if (step < 20) {
    return ((b & c) | (~b & d)) + 0x5a827999;
  }
  if (step < 40) {
    return (b ^ c ^ d) + 0x6ed9eba1;
  }
  return step < 60
    ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
    : (b ^ c ^ d) + 0xca62c1d6;
}

/**
 * The SHA-1 of a text's UTF-8 bytes, in hexadecimal. The browser's own is missing where Lab is
 * served over plain HTTP by a name.
 */
export function sha1(text: string): string {
  const view = padded(new TextEncoder().encode(text));
  const sum = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let step = 0; step < 80; step++) {
      words[step] =
        step < 16
          ? view.getInt32(block + step * 4)
          : rotate(
              words[step - 3] ^
                words[step - 8] ^
                words[step - 14] ^
                words[step - 16],
              1
            );
    }
    let [a, b, c, d, e] = sum;
    for (let step = 0; step < 80; step++) {
      const next = (rotate(a, 5) + mix(step, b, c, d) + e + words[step]) | 0;
      [a, b, c, d, e] = [next, a, rotate(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((part, index) => {
      sum[index] = (sum[index] + part) | 0;
    });
  }
  return sum.map(part => (part >>> 0).toString(16).padStart(8, '0')).join('');
}

/** Whether a cell's text is another than the one that ran. */
export function isEdited(source: string, hash: string | null): boolean {
  return hash !== null && hash !== '' && sha1(source) !== hash;
}
