"""AES, by the examples of FIPS 197 and SP 800-38A."""

import pytest

from indexer.sources.aes import Aes

ZERO = bytes(16)


@pytest.mark.parametrize(
    ("key", "start", "plain", "secret"),
    [
        (
            "000102030405060708090a0b0c0d0e0f",
            ZERO.hex(),
            "00112233445566778899aabbccddeeff",
            "69c4e0d86a7b0430d8cdb78070b4c55a",
        ),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            ZERO.hex(),
            "00112233445566778899aabbccddeeff",
            "8ea2b7ca516745bfeafc49904b496089",
        ),
        (
            "2b7e151628aed2a6abf7158809cf4f3c",
            "000102030405060708090a0b0c0d0e0f",
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2",
        ),
    ],
)
def test_examples_of_the_standards(key: str, start: str, plain: str, secret: str) -> None:
    cipher = Aes(bytes.fromhex(key))
    begin = bytes.fromhex(start)
    assert cipher.encrypted(bytes.fromhex(plain), begin).hex() == secret
    assert cipher.decrypted(bytes.fromhex(secret), begin).hex() == plain
