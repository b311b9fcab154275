// Checks a .tlog-proof of the log with sigstore's verifier, which the authors of the log did not write.
//
//   node check.cjs PROOF VKEY
const crypto = require('node:crypto');
const fs = require('node:fs');
const { verifyCheckpoint } = require('@sigstore/verify/dist/tlog/checkpoint');
const { verifyMerkleInclusion } = require('@sigstore/verify/dist/tlog/merkle');

const [proof, vkey] = process.argv.slice(2);
const text = fs.readFileSync(proof, 'utf8');
const split = text.indexOf('\n\n');
const [, extra, index, ...hashes] = text.slice(0, split).split('\n');
const name = vkey.split('+')[0];
const raw = Buffer.from(vkey.slice(name.length + 10), 'base64');
// The 32 bytes of the key behind the head that says "Ed25519" in DER.
const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), raw.subarray(1)]);
const log = {
  logID: Buffer.from(vkey.slice(name.length + 1, name.length + 9), 'hex'),
  baseURL: `https://${name}`,
  publicKey: crypto.createPublicKey({ key: der, format: 'der', type: 'spki' }),
};
const entry = {
  canonicalizedBody: Buffer.from(extra.slice('extra '.length), 'base64'),
  inclusionProof: {
    logIndex: index.slice('index '.length),
    hashes: hashes.map((line) => Buffer.from(line, 'base64')),
    checkpoint: { envelope: text.slice(split + 2) },
  },
};
try {
  const head = verifyCheckpoint(entry, [log]);
  verifyMerkleInclusion(entry, head);
  console.log(`sigstore agrees: index ${entry.inclusionProof.logIndex} of ${head.logSize}.`);
} catch (error) {
  console.error(`REFUSED: ${error.message}`);
  process.exit(1);
}
