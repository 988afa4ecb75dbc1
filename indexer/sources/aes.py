"""AES (FIPS 197) in CBC mode for PDF documents that only their owner's password locks.

pypdf leaves it to large libraries written in C, which nothing else here needs. It opens what all
may read: it guards no secret, so its timing does not matter.
"""

from typing import Any

_BLOCK = 16


def _doubled(byte: int) -> int:
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


def _product(a: int, b: int) -> int:
    """Product in the field of 256 elements."""
    result = 0
    while b:
        if b & 1:
            result ^= a
        a, b = _doubled(a), b >> 1
    return result


def _substitution() -> bytes:
    """The S-box: inverses in the field, and their bits mixed."""
    box = bytearray(256)
    box[0] = 0x63
    power, inverse = 1, 1
    while True:
        power ^= _doubled(power)  # times three, which all elements are powers of
        inverse = _product(inverse, 0xF6)  # by three
        value = 0x63
        for turn in range(5):
            value ^= (inverse << turn | inverse >> (8 - turn)) & 0xFF
        box[power] = value
        if power == 1:
            return bytes(box)


class Aes:
    """A cipher of one key of 16 or 32 bytes. Data come in whole blocks of 16 bytes."""

    def __init__(self, key: bytes) -> None:
        self._box = _substitution()
        self._unbox = bytes(map(self._box.index, range(256)))
        # Where each byte of a block comes from when rows are shifted, and shifted back.
        self._shifted = [(n + 4 * (n % 4)) % _BLOCK for n in range(_BLOCK)]
        self._unshifted = [(n - 4 * (n % 4)) % _BLOCK for n in range(_BLOCK)]
        self._mix = [_multiples(each) for each in (2, 3, 1, 1)]
        self._unmix = [_multiples(each) for each in (14, 11, 13, 9)]
        self._keys = self._expanded(key)

    def decrypted(self, data: bytes, start: bytes) -> bytes:
        """``data`` without CBC, whose initialization vector is ``start``; padding stays."""
        done = bytearray()
        before = start
        for at in range(0, len(data), _BLOCK):
            block = data[at : at + _BLOCK]
            done += _xor(self._decrypted_block(block), before)
            before = block
        return bytes(done)

    def encrypted(self, data: bytes, start: bytes) -> bytes:
        """``data`` in CBC mode, without padding."""
        done = bytearray()
        before = start
        for at in range(0, len(data), _BLOCK):
            before = self._encrypted_block(_xor(data[at : at + _BLOCK], before))
            done += before
        return bytes(done)

    def _encrypted_block(self, block: bytes) -> bytes:
        state = _xor(block, self._keys[0])
        for key in self._keys[1:-1]:
            moved = state.translate(self._box)
            state = _xor(_mixed(bytes([moved[n] for n in self._shifted]), self._mix), key)
        moved = state.translate(self._box)
        return _xor(bytes([moved[n] for n in self._shifted]), self._keys[-1])

    def _decrypted_block(self, block: bytes) -> bytes:
        state = _xor(block, self._keys[-1])
        for key in self._keys[-2:0:-1]:
            moved = bytes([state[n] for n in self._unshifted]).translate(self._unbox)
            state = _mixed(_xor(moved, key), self._unmix)
        moved = bytes([state[n] for n in self._unshifted]).translate(self._unbox)
        return _xor(moved, self._keys[0])

    def _expanded(self, key: bytes) -> list[bytes]:
        """A key for each round."""
        words = [key[at : at + 4] for at in range(0, len(key), 4)]
        length, constant = len(words), 1
        for n in range(length, 4 * (length + 7)):
            word = words[-1]
            if n % length == 0:
                word = (word[1:] + word[:1]).translate(self._box)
                word = bytes((word[0] ^ constant, *word[1:]))
                constant = _doubled(constant)
            elif length > 6 and n % length == 4:
                word = word.translate(self._box)
            words.append(_xor(words[n - length], word))
        return [b"".join(words[at : at + 4]) for at in range(0, len(words), 4)]


def _multiples(factor: int) -> bytes:
    return bytes(_product(each, factor) for each in range(256))


def _xor(one: bytes, other: bytes) -> bytes:
    number = int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
    return number.to_bytes(len(one), "big")


def _mixed(state: bytes, tables: list[bytes]) -> bytes:
    """The four columns of a block, each times the polynomial whose multiples are ``tables``."""
    p, q, r, s = tables
    mixed: list[int] = []
    for at in (0, 4, 8, 12):
        a, b, c, d = state[at : at + 4]
        mixed += (
            p[a] ^ q[b] ^ r[c] ^ s[d],
            s[a] ^ p[b] ^ q[c] ^ r[d],
            r[a] ^ s[b] ^ p[c] ^ q[d],
            q[a] ^ r[b] ^ s[c] ^ p[d],
        )
    return bytes(mixed)


class StreamCipher:
    """Decrypts strings and streams of PDF, which begin with their initialization vector."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Aes(key)

    def decrypt(self, data: bytes, *, strict: bool = True) -> bytes:  # noqa: ARG002 - as pypdf calls
        """What ``data`` hold, whatever is damaged at their end."""
        start, rest = data[:_BLOCK], data[_BLOCK:]
        rest = rest[: len(rest) // _BLOCK * _BLOCK]
        if not rest:
            return b""
        plain = self._cipher.decrypted(rest, start)
        padding = plain[-1]
        return plain[:-padding] if 1 <= padding <= _BLOCK else plain


def teach_pypdf() -> None:
    """Lets pypdf read AES where none of the libraries is installed that it knows."""
    from pypdf import _encryption
    from pypdf._crypt_providers import crypt_provider

    if crypt_provider[0] != "local_crypt_fallback":
        return
    nothing = bytes(_BLOCK)
    module: Any = _encryption
    module.CryptAES = StreamCipher
    module.aes_cbc_decrypt = lambda key, start, data: Aes(key).decrypted(data, start)
    module.aes_cbc_encrypt = lambda key, start, data: Aes(key).encrypted(data, start)
    module.aes_ecb_decrypt = lambda key, data: Aes(key).decrypted(data, nothing)
