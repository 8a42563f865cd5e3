import { X509Certificate } from 'node:crypto';

const BLOCK =
  /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----[A-Za-z0-9+/=\s]+?-----END (?:X509 |TRUSTED )?CERTIFICATE-----/g;

/**
 * Returns the certificates of a PEM text (RFC 7468) or a DER file, each in DER. Skips what is not a valid certificate.
 */
export function certificatesIn(bytes: Buffer): readonly Buffer[] {
  const blocks: readonly (string | Buffer)[] = bytes.toString('latin1').match(BLOCK) ?? [bytes];
  return blocks.flatMap((block) => derOf(block) ?? []);
}

function derOf(block: string | Buffer): Buffer | undefined {
  try {
    return new X509Certificate(block).raw;
  } catch {
    return undefined;
  }
}

/** Writes certificates as a PEM text. */
export function pemOf(certificates: readonly Buffer[]): string {
  return certificates.map(pemBlock).join('');
}

function pemBlock(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
